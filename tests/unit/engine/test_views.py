"""States that plug-ins and users read: made when they are looked at, and gone when the run moves on."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from strategy_orchestrator import (
    BacktestState,
    ConflictResolver,
    OrchestratorState,
    Position,
    Rebalancer,
    StrategyAllocation,
    StrategyOrchestrator,
)
from strategy_orchestrator.engine.views import LazyMapping
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import Direction
from tests.unit.engine.portfolios import Says, make_panel, orchestrate, run

PANEL = make_panel("10|20", "11|20", "12|22", "12|22")
# The first buys 45 of A at 11 and 25 of B at 20 with slots of 500, the second sells 12 of B short with slots of 250.
STRATEGIES = ("E...", "E..."), ("....", "S...")


class Looks(ConflictResolver, Rebalancer):
    """Look at the state when asked, as resolver at bar 0 and as rebalancer at bar 2; change nothing."""

    def __init__(self, look: Callable[[OrchestratorState], object]) -> None:
        self.look = look
        self.seen: list[Any] = []

    def resolve(self, symbol: str, signals: Any, state: OrchestratorState) -> Any:
        """Look and let all survive."""
        del symbol
        self.seen.append(self.look(state))
        return signals

    def schedule(self, panel: Panel) -> Any:
        """Ask at the third bar."""
        return [bar == 2 for bar in range(panel.n_bars)]

    def propose(self, state: OrchestratorState) -> Mapping[str, Decimal]:
        """Look and go on as it is."""
        self.seen.append(self.look(state))
        total = state.aggregate_state.equity
        return {name: state.strategy_states[name].equity / total for name in state.weights}


def seen(look: Callable[[OrchestratorState], object]) -> list[Any]:
    """Return what was seen at bar 0 and at bar 2."""
    looks = Looks(look)
    strategies = [(Says(*texts), weight) for texts, weight in zip(STRATEGIES, ("0.5", "0.25"), strict=True)]
    run(strategies, PANEL, 2000, conflict_resolution_mode=looks, rebalancer=looks, commission_per_trade=1)
    return looks.seen


def test_where_and_when() -> None:
    """Bar, moment, weights and reserve."""
    weights = {"Says_0": Decimal("0.5"), "Says_1": Decimal("0.25")}
    assert seen(lambda state: (state.current_bar, state.timestamp, dict(state.weights), state.reserve)) == [
        (bar, PANEL.timestamps[bar], weights, Decimal(500)) for bar in (0, 2)
    ]


def test_the_ledger_of_a_sleeve() -> None:
    """Cash, equity and capital at the close; positions as they are held."""
    before, after = seen(lambda state: copied(state.strategy_states["Says_0"]))
    moment = PANEL.timestamps
    assert before == BacktestState(moment[0], Decimal(1000), Decimal(1000), Decimal(1000), Decimal(0), {})
    # Bought at bar 1: 45 x 11 + 1 = 496; 24 x 20 + 1 = 481. Marked at 12 and 22: 23 + 540 + 528.
    assert after == BacktestState(
        moment[2],
        cash=Decimal(23),
        equity=Decimal(1091),
        allocated_capital=Decimal(1000),
        used_capital=Decimal(977),
        positions={
            "A": Position("A", "Says_0", Direction.LONG, Decimal(45), Decimal(11), moment[1], Decimal(496)),
            "B": Position("B", "Says_0", Direction.LONG, Decimal(24), Decimal(20), moment[1], Decimal(481)),
        },
    )
    assert after.available_capital == Decimal(23)


def copied(state: BacktestState) -> BacktestState:
    """Return a state with its positions as a dict."""
    return replace(state, positions=dict(state.positions))


def test_a_short_position_is_shown_as_one() -> None:
    """Its quantity is positive, its direction is short, its cost is what is held back."""
    _, position = seen(lambda state: state.strategy_states["Says_1"].positions.get("B"))
    moment = PANEL.timestamps[1]
    assert position == Position("B", "Says_1", Direction.SHORT, Decimal(12), Decimal(20), moment, Decimal(241))
    assert position.pnl_at(Decimal(22)) == -24


def test_the_whole_is_the_sum_and_the_reserve() -> None:
    """Of all sleeves, positions by strategy and symbol."""
    before, after = seen(lambda state: copied(state.aggregate_state))
    assert (before.cash, before.equity, before.allocated_capital) == (Decimal(2000),) * 3
    # Short: 12 x 20 - 1 = 239 more cash; equity 500 + 239 - 264 = 475. Whole: 1091 + 475 + 500.
    assert (after.cash, after.equity) == (Decimal(23 + 739 + 500), Decimal(2066))
    assert (after.allocated_capital, after.used_capital) == (Decimal(2000), Decimal(977 + 241))
    assert list(after.positions) == ["Says_0/A", "Says_0/B", "Says_1/B"]
    assert after.positions["Says_1/B"].shares == Decimal(12)


def test_allocations_are_those_of_the_sleeves() -> None:
    """What each may use and uses."""
    _, after = seen(lambda state: {name: str(item) for name, item in state.allocations.items()})
    assert after == {
        "Says_0": str(StrategyAllocation("Says_0", Decimal("1000.000000"), Decimal("977.000000"))),
        "Says_1": str(StrategyAllocation("Says_1", Decimal("500.000000"), Decimal("241.000000"))),
    }


def test_what_was_not_read_in_time_cannot_be_read_later() -> None:
    """A state that was kept does not show a later bar: it refuses."""
    early, _ = seen(lambda state: state)
    for late in (early.allocations, early.strategy_states, early.aggregate_state.positions):
        with pytest.raises(RuntimeError, match="was not read while it was there: read it when you are asked"):
            list(late)
        assert repr(late) == "<a state that is past>"
    assert (early.current_bar, early.aggregate_state.equity, early.reserve) == (0, Decimal(2000), Decimal(500))
    assert early == copy.copy(early)


def test_a_state_is_a_plain_one_when_it_is_copied() -> None:
    """With everything in it, which then stays."""

    def plain(state: OrchestratorState) -> OrchestratorState:
        kept = replace(state, strategy_states=dict(state.strategy_states), allocations=dict(state.allocations))
        assert kept == copy.copy(kept)
        assert repr(kept) == repr(copy.copy(kept))
        return copy.copy(kept)

    early, late = seen(plain)
    assert type(early) is type(late) is OrchestratorState
    assert (early.reserve, early.strategy_states["Says_0"].cash) == (Decimal(500), Decimal(1000))
    assert early.pending_signals[0].strategy_id == "Says_0"


def test_what_was_read_in_time_stays() -> None:
    """Values that were made are kept; keys without their values are not."""
    early, _ = seen(lambda state: (state, state.strategy_states["Says_0"].equity, list(state.allocations)))
    state = early[0]
    assert state.strategy_states["Says_0"].equity == Decimal(1000)
    assert list(state.allocations) == ["Says_0", "Says_1"]
    with pytest.raises(RuntimeError, match="was not read"):
        _ = state.strategy_states["Says_1"]
    with pytest.raises(RuntimeError, match="was not read"):
        _ = state.allocations["Says_0"]


def test_a_mapping_makes_a_value_once() -> None:
    """Keys and values are made when they are asked for, and no more than once."""
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    mapping = LazyMapping(lambda: ["a", "b"], make)
    assert made == []
    assert (len(mapping), "a" in mapping, mapping["b"], mapping["b"]) == (2, True, "B", "B")
    assert made == ["a", "b"]
    assert repr(mapping) == "{'a': 'A', 'b': 'B'}"
    with pytest.raises(KeyError):
        _ = mapping["c"]


def finished(*texts: str, **options: Any) -> StrategyOrchestrator:
    """Run a portfolio that holds to the end."""
    portfolio = orchestrate([(Says(text), "0.5") for text in texts], close_at_end=False, **options)
    portfolio.run(make_panel("10", "10", "12"), 1000)
    return portfolio


def test_after_a_run_the_last_state_can_be_read() -> None:
    """Of the whole and of every sleeve, at the last bar."""
    portfolio = finished("E..", "...")
    state = portfolio.aggregate_state
    assert state is not None
    assert (state.timestamp, state.equity) == (make_panel("10", "10", "12").timestamps[2], Decimal(1100))
    assert state.positions["Says_0/A"].shares == Decimal(50)
    assert portfolio.allocations["Says_0"].used_capital == Decimal(500)
    assert portfolio.allocations["Says_1"].available_capital == Decimal(500)


def test_a_sleeve_that_owes_has_no_capital_to_speak_of() -> None:
    """A short that cost more than there was leaves no allocation; its debt is in its equity."""
    portfolio = orchestrate([(Says("S.C.."), "0.5"), (Says("....."), "0.5")])
    result = portfolio.run(make_panel("10", "10", "10", "25", "25"), 1000)
    assert result.strategy_results["Says_0"].final_equity == Decimal(-250)
    assert list(portfolio.allocations) == ["Says_1"]


def test_symbols_and_ids_may_have_a_slash() -> None:
    """The longest id that leaves the name of a symbol is the owner."""
    strategies = [Says("E.", ".."), Says("..", "E.")]
    portfolio = orchestrate(strategies, labels=["a", "a_0/b"], close_at_end=False)
    portfolio.run(make_panel("10|10", "10|10", symbols=["b_0/x", "x/y"]), 1000)
    state = portfolio.aggregate_state
    assert state is not None
    assert [(key, position.strategy_id, position.symbol) for key, position in state.positions.items()] == [
        ("a_0/b_0/x", "a_0", "b_0/x"),
        ("a_0/b_0/x/y", "a_0/b_0", "x/y"),
    ]
