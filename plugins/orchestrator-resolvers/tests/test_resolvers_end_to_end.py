"""The resolvers at work in a run on real prices."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from orchestrator_resolvers import (
    ExitsFirstResolver,
    HighestConvictionResolver,
    PriorityResolver,
    WeightedAverageResolver,
    plugin,
)
from orchestrator_starter import DemoPrices, MomentumSignals, RSISignals
from strategy_orchestrator import (
    OrchestratorConfig,
    OrchestratorError,
    OrchestratorResult,
    SignalStrategy,
    StrategyOrchestrator,
    create_plugin_manager,
)

WEIGHTS = (("MomentumSignals_0", "0.4"), ("MomentumSignals_1", "0.3"), ("RSISignals_0", "0.3"))
RESOLVERS = [
    "majority",
    ExitsFirstResolver(entries="net"),
    HighestConvictionResolver(tie="net"),
    PriorityResolver({"RSI*": 1}),
    WeightedAverageResolver(Decimal("0.3")),
]


def run(mode: Any, *, is_reversed: bool = False) -> OrchestratorResult:
    """Run three strategies over three years."""
    makers: dict[str, Callable[[], SignalStrategy]] = {
        "MomentumSignals_0": lambda: MomentumSignals(10, 50),
        "MomentumSignals_1": lambda: MomentumSignals(5, 20),
        "RSISignals_0": lambda: RSISignals(14, 45.0, 55.0),
    }
    pairs = [(makers[name](), Decimal(weight)) for name, weight in WEIGHTS]
    labels = ["slow", "fast", "RSISignals"]
    if is_reversed:
        pairs, labels = pairs[::-1], labels[::-1]
    orchestrator = StrategyOrchestrator(
        strategies=pairs,
        labels=labels,
        config=OrchestratorConfig(conflict_resolution_mode=mode),
        manager=create_plugin_manager([plugin], autoload=False),
    )
    return orchestrator.run(DemoPrices().load().until(756), initial_capital=Decimal(100_000))


def equities(result: OrchestratorResult) -> dict[str, Decimal]:
    """Return what each strategy ended with."""
    return {name: item.final_equity for name, item in result.strategy_results.items()}


@pytest.mark.parametrize("mode", RESOLVERS, ids=lambda each: each if isinstance(each, str) else type(each).__name__)
def test_the_order_of_the_strategies_makes_no_difference(mode: Any) -> None:
    """Conflicts there are, and each strategy ends with the same equity, to the unit."""
    result = run(mode)
    assert result.conflicts_detected > 10
    assert equities(run(mode, is_reversed=True)) == equities(result)


def test_a_margin_of_zero_is_the_built_in_net_signal() -> None:
    """The same ledgers, to the byte."""
    own, built_in = run(WeightedAverageResolver(Decimal(0))), run("NET_SIGNAL")
    assert equities(own) == equities(built_in)
    assert own.record.trades.tobytes() == built_in.record.trades.tobytes()


def test_the_strategy_with_priority_never_loses_a_conflict() -> None:
    """None of its signals is dropped."""
    result = run(PriorityResolver({"RSI*": 1}))
    activity = {name: item.activity.n_dropped_by_conflict for name, item in result.strategy_results.items()}
    assert activity["RSISignals_0"] == 0
    assert activity["slow_0"] + activity["fast_0"] > 0


def test_a_misspelt_priority_ends_the_run_with_the_nearest_name() -> None:
    """It is not passed over."""
    with pytest.raises(OrchestratorError, match=r"'RSISignal_0' matches no strategy; .* Did you mean 'RSISignals_0'\?"):
        run(PriorityResolver({"RSISignal_0": 1}))
