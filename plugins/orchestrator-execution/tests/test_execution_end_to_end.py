"""The sizer and the cost model at work in a run on real prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from orchestrator_execution import HalfSpreadCosts, VolatilitySizer, plugin
from orchestrator_starter import DemoPrices, MomentumSignals
from strategy_orchestrator import (
    OrchestratorConfig,
    OrchestratorResult,
    Panel,
    StrategyOrchestrator,
    create_plugin_manager,
)
from strategy_orchestrator.money import SCALE


def run(**options: Any) -> OrchestratorResult:
    """Run one strategy over three years."""
    orchestrator = StrategyOrchestrator(
        strategies=[(MomentumSignals(), Decimal(1))],
        config=OrchestratorConfig(**options),
        manager=create_plugin_manager([plugin], autoload=False),
    )
    return orchestrator.run(prices(), initial_capital=Decimal(100_000))


def prices() -> Panel:
    """Return the first three years of the demo."""
    return DemoPrices().load().until(756)


def test_entries_pay_at_most_what_the_volatility_allows() -> None:
    """Of the first entry, when the sleeve is whole, to the share."""
    result = run(sizer="volatility")
    panel = prices()
    shares = VolatilitySizer().fractions(panel)
    first = result.record.trades[np.argmin(result.record.trades["entry_bar"])]
    paid = first["entry_notional"] / SCALE
    allowed = 100_000 * shares[first["entry_bar"], first["symbol"]]
    assert 0.98 * allowed < paid <= allowed


def test_fills_slip_by_half_the_spread() -> None:
    """Slippage of each trade is that of its two bars, but for rounding to quanta."""
    model = HalfSpreadCosts(least=0.002)
    result = run(cost_model=model)
    rates = model.costs(prices()).slippage_pct
    opens = prices().open
    assert len(result.record.trades) > 10
    for trade in result.record.trades[result.record.trades["reason"] == 1]:
        column, shares = trade["symbol"], trade["quantity"] / SCALE
        expected = shares * sum(
            opens[bar, column] * rates[bar, column] for bar in (trade["entry_bar"], trade["exit_bar"])
        )
        assert abs(trade["slippage"] / SCALE - expected) < 1e-6 * (2 + 2 * shares)


def test_costs_leave_less() -> None:
    """By name, too."""
    assert run(cost_model="half-spread").aggregate_metrics.total_return < run().aggregate_metrics.total_return
