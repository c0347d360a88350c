"""The rebalancers at work in a run on real prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from orchestrator_allocation import plugin
from orchestrator_allocation.schedules import period_beginnings
from orchestrator_starter import BuyAndHoldSignals, DemoPrices, MomentumSignals, RSISignals
from strategy_orchestrator import OrchestratorConfig, OrchestratorResult, StrategyOrchestrator, create_plugin_manager
from strategy_orchestrator.models.records import DecisionKind

NAMES = [spec.name for spec in plugin.orchestrator_rebalancers()]
WEIGHTS = {"BuyAndHoldSignals_0": "0.3", "MomentumSignals_0": "0.3", "RSISignals_0": "0.3"}
MAKERS: dict[str, Any] = {
    "BuyAndHoldSignals_0": BuyAndHoldSignals,
    "MomentumSignals_0": MomentumSignals,
    "RSISignals_0": RSISignals,
}


def run(rebalancer: Any, names: list[str]) -> OrchestratorResult:
    """Run three strategies, in some order, over three years."""
    config = OrchestratorConfig(rebalancer=rebalancer, conflict_resolution_mode="CANCEL_BOTH")
    strategies = [(MAKERS[name](), Decimal(WEIGHTS[name])) for name in names]
    manager = create_plugin_manager([plugin], autoload=False)
    orchestrator = StrategyOrchestrator(strategies=strategies, config=config, manager=manager)
    return orchestrator.run(DemoPrices().load().until(756), initial_capital=Decimal(100_000))


@pytest.mark.parametrize("name", NAMES)
def test_money_moves_at_the_first_bar_of_each_month(name: str) -> None:
    """Decisions fall on the scheduled bars, and transfers sum to zero."""
    result = run(name, list(MAKERS))
    rows = result.record.decisions
    decided = rows["bar"][rows["kind"] == DecisionKind.REBALANCE]
    scheduled = np.flatnonzero(period_beginnings(result.record.panel.timestamps_ns, "monthly"))
    assert len(decided) > 30
    assert set(decided.tolist()) <= set(scheduled.tolist())
    assert rows["amount"][rows["kind"] == DecisionKind.TRANSFER].sum() == 0
    assert result.rebalancing.transferred > 0


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_strategies_makes_no_difference(name: str) -> None:
    """Each ends with the same equity, to the unit."""
    first, second = (run(name, names) for names in (list(MAKERS), list(MAKERS)[::-1]))
    assert {each: item.final_equity for each, item in first.strategy_results.items()} == {
        each: item.final_equity for each, item in second.strategy_results.items()
    }


def test_estimated_weights_are_not_the_configured_ones() -> None:
    """A year in, the calmest strategy has the largest share."""
    shares = {}
    for name in ("calendar", "inverse-volatility"):
        record = run(name, list(MAKERS)).record
        shares[name] = record.equity[-1] / record.aggregate[-1]
    assert np.abs(shares["calendar"] - shares["inverse-volatility"]).max() > 0.05
