"""Who survives a conflict, case by case and in any order of the strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from orchestrator_resolvers import (
    ExitsFirstResolver,
    HighestConvictionResolver,
    MajorityResolver,
    PriorityResolver,
    WeightedAverageResolver,
)
from strategy_orchestrator import (
    BacktestState,
    ConfigError,
    ConflictResolver,
    Direction,
    OrchestratorState,
    Position,
    Signal,
    SignalKind,
)

NOW = datetime(2024, 1, 2, tzinfo=UTC)
ZERO = Decimal(0)
BUY, SELL = Direction.LONG, Direction.SHORT
ENTER, EXIT, REVERSE, WEIGHT = SignalKind.ENTER, SignalKind.EXIT, SignalKind.REVERSE, SignalKind.WEIGHT


def says(name: str, direction: Direction, weight: str = "0.2", kind: SignalKind = ENTER) -> Signal:
    """Make a signal on the symbol of these tests."""
    return Signal(name, "X", direction, kind, Decimal(weight), NOW)


def state_of(names: Sequence[str], held: Mapping[str, Direction] | None = None) -> OrchestratorState:
    """Make a state in which some strategies hold the symbol."""
    sides = {} if held is None else held

    def sleeve(name: str) -> BacktestState:
        of_it = (
            {"X": Position("X", name, sides[name], Decimal(1), Decimal(10), NOW, Decimal(10))} if name in sides else {}
        )
        return BacktestState(NOW, ZERO, ZERO, ZERO, ZERO, of_it)

    return OrchestratorState(
        current_bar=0,
        timestamp=NOW,
        weights={},
        allocations={},
        strategy_states={name: sleeve(name) for name in names},
        aggregate_state=BacktestState(NOW, ZERO, ZERO, ZERO, ZERO, {}),
        reserve=ZERO,
    )


def survivors(
    resolver: ConflictResolver, signals: Sequence[Signal], held: Mapping[str, Direction] | None = None
) -> list[str]:
    """Return the ids that survive."""
    state = state_of([signal.strategy_id for signal in signals], held)
    return [signal.strategy_id for signal in resolver.resolve("X", signals, state)]


MAJORITY = {
    "two against one": ([says("A", BUY), says("B", SELL, "0.9"), says("C", BUY)], ["A", "C"]),
    "two against three": (
        [says("A", BUY), says("B", SELL), says("C", SELL), says("D", BUY), says("E", SELL)],
        ["B", "C", "E"],
    ),
    "a tie": ([says("A", BUY, "0.9"), says("B", SELL)], []),
}
AVERAGE = {
    # (0.5 - 0.3) ÷ 0.8 = 0.25
    "clear enough": ("0.24", [says("A", BUY, "0.5"), says("B", SELL, "0.3")], ["A"]),
    "just not": ("0.25", [says("A", BUY, "0.5"), says("B", SELL, "0.3")], []),
    "sellers weigh more": ("0.2", [says("A", BUY, "0.1"), says("B", SELL, "0.3"), says("C", SELL, "0.1")], ["B", "C"]),
    "no margin": ("0", [says("A", BUY, "0.300000000000000001"), says("B", SELL, "0.3")], ["A"]),
    "nothing left": ("0", [says("A", BUY, "0.3"), says("B", SELL, "0.3")], []),
}
CONVICTION = {
    "the largest weight": ("cancel", [says("A", BUY, "0.3"), says("B", SELL, "0.2"), says("C", SELL, "0.2")], ["A"]),
    "with those who agree": ("cancel", [says("A", BUY, "0.1"), says("B", SELL), says("C", BUY, "0.4")], ["A", "C"]),
    "two that agree": ("cancel", [says("A", BUY, "0.4"), says("B", SELL), says("C", BUY, "0.4")], ["A", "C"]),
    "a tie": ("cancel", [says("A", BUY), says("B", SELL), says("C", BUY, "0.1")], []),
    "a tie, by the net": ("net", [says("A", BUY), says("B", SELL), says("C", BUY, "0.1")], ["A", "C"]),
    "a tie, nothing net": ("net", [says("A", BUY), says("B", SELL)], []),
    "a tie, buyers": ("buy", [says("A", SELL), says("B", BUY)], ["B"]),
    "a tie, sellers": ("sell", [says("A", SELL), says("B", BUY)], ["A"]),
}
PRIORITY = {
    "by id": ({"B": 1}, "cancel", [says("A", BUY), says("B", SELL)], ["B"]),
    "by pattern": (
        {"R_*": 2, "A": 1},
        "cancel",
        [says("A", BUY), says("R_0", SELL), says("R_1", SELL)],
        ["R_0", "R_1"],
    ),
    "the highest that matches": ({"*": 1, "A": 5, "?": 3}, "cancel", [says("A", BUY), says("B", SELL)], ["A"]),
    "below the default": ({"A": -1}, "cancel", [says("A", BUY), says("B", SELL)], ["B"]),
    "with those who agree": ({"B": 1}, "cancel", [says("A", SELL), says("B", SELL), says("C", BUY)], ["A", "B"]),
    "a tie": ({"*": 1}, "cancel", [says("A", BUY), says("B", SELL)], []),
    "a tie, by the net": ({"?": 1}, "net", [says("A", BUY), says("B", SELL), says("C", SELL)], ["B", "C"]),
    "case matters": ({"a*": -1, "A*": 1}, "cancel", [says("ab", BUY), says("Ab", SELL)], ["Ab"]),
}
EXITS = {
    "an entry against an exit": ({}, "buy", [says("A", BUY), says("B", SELL, kind=EXIT)], ["B"]),
    "an entry with an exit": ({}, "cancel", [says("A", SELL), says("B", SELL, kind=EXIT), says("C", BUY)], ["A", "B"]),
    "exits on both sides": (
        {},
        "cancel",
        [says("A", BUY, kind=EXIT), says("B", SELL, kind=EXIT), says("C", BUY), says("D", SELL)],
        ["A", "B"],
    ),
    "a reversal is an entry": (
        {"A": SELL},
        "cancel",
        [says("A", BUY, kind=REVERSE), says("B", SELL, kind=EXIT)],
        ["B"],
    ),
    "a weight that reduces": ({"A": BUY}, "cancel", [says("A", SELL, kind=WEIGHT), says("B", BUY)], ["A"]),
    "a weight that adds": ({"A": BUY}, "sell", [says("A", BUY, kind=WEIGHT), says("B", SELL)], ["B"]),
    "a weight from nothing": ({}, "cancel", [says("A", SELL, kind=WEIGHT), says("B", BUY, kind=EXIT)], ["B"]),
    "entries only": ({}, "cancel", [says("A", BUY), says("B", SELL)], []),
    "entries only, by the net": ({}, "net", [says("A", BUY, "0.3"), says("B", SELL)], ["A"]),
}


@pytest.mark.parametrize(("signals", "expected"), MAJORITY.values(), ids=MAJORITY)
def test_majority(signals: list[Signal], expected: list[str]) -> None:
    """Heads are counted, not weights."""
    assert survivors(MajorityResolver(), signals) == expected


@pytest.mark.parametrize(("margin", "signals", "expected"), AVERAGE.values(), ids=AVERAGE)
def test_weighted_average(margin: str, signals: list[Signal], expected: list[str]) -> None:
    """The average direction must be further from zero than the margin, to the last digit."""
    assert survivors(WeightedAverageResolver(Decimal(margin)), signals) == expected


@pytest.mark.parametrize(("tie", "signals", "expected"), CONVICTION.values(), ids=CONVICTION)
def test_highest_conviction(tie: Any, signals: list[Signal], expected: list[str]) -> None:
    """The largest weight decides; a tie is settled by its rule."""
    assert survivors(HighestConvictionResolver(tie), signals) == expected


@pytest.mark.parametrize(("table", "tie", "signals", "expected"), PRIORITY.values(), ids=PRIORITY)
def test_priority(table: dict[str, int], tie: Any, signals: list[Signal], expected: list[str]) -> None:
    """The highest priority decides; a tie is settled by its rule."""
    assert survivors(PriorityResolver(table, tie=tie), signals) == expected


@pytest.mark.parametrize(("held", "entries", "signals", "expected"), EXITS.values(), ids=EXITS)
def test_exits_first(held: Any, entries: Any, signals: list[Signal], expected: list[str]) -> None:
    """Exits survive, and what trades the way they all do."""
    assert survivors(ExitsFirstResolver(entries), signals, held) == expected


def test_a_priority_for_nobody_is_refused_with_the_nearest_id() -> None:
    """A misspelt pattern would otherwise change nothing in silence; all of them are named."""
    resolver = PriorityResolver({"Momentun_0": 1, "Value*": 2, "Rsi*": 3})
    with pytest.raises(ConfigError) as caught:
        survivors(resolver, [says("Momentum_0", BUY), says("Rsi_0", SELL)])
    words = "PriorityResolver.priorities: {} matches no strategy; there are 'Momentum_0', 'Rsi_0'.{}"
    assert str(caught.value).splitlines() == [
        words.format("'Momentun_0'", " Did you mean 'Momentum_0'?"),
        words.format("'Value*'", ""),
    ]


def test_priorities_are_looked_up_once_for_the_strategies_of_a_run() -> None:
    """A resolver serves one run after another."""
    resolver = PriorityResolver({"A*": 1})
    assert survivors(resolver, [says("A_0", BUY), says("B_0", SELL)]) == ["A_0"]
    assert survivors(resolver, [says("C_0", BUY), says("A_1", SELL)]) == ["A_1"]
    assert survivors(resolver, [says("C_0", BUY), says("A_1", SELL)]) == ["A_1"]


BAD_OPTIONS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no table": (PriorityResolver, {"priorities": {}}, r"PriorityResolver\.priorities: {} was found"),
    "half a priority": (PriorityResolver, {"priorities": {"A": 0.5}}, r"priorities\.A: 0\.5 was found; .* integer"),
    "a huge priority": (PriorityResolver, {"priorities": {"A": 10**7}}, "less than or equal to 1000000"),
    "an empty pattern": (PriorityResolver, {"priorities": {"": 1}}, "at least 1 character"),
    "a tie of no kind": (HighestConvictionResolver, {"tie": "nett"}, "Did you mean 'net'"),
    "entries of no kind": (ExitsFirstResolver, {"entries": "none"}, "known: 'buy', 'cancel', 'net', 'sell'"),
    "a margin of one": (WeightedAverageResolver, {"margin": 1}, "less than 1"),
    "no margin": (WeightedAverageResolver, {"margin": "much"}, "'much' is not a number"),
}


@pytest.mark.parametrize(("resolver", "options", "words"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_options_out_of_bounds_are_refused(resolver: Any, options: dict[str, Any], words: str) -> None:
    """The error says what was found and what is allowed."""
    with pytest.raises(ConfigError, match=words):
        resolver(**options)


SIGNALS = st.lists(
    st.tuples(
        st.sampled_from([BUY, SELL]),
        st.sampled_from(list(SignalKind)),
        st.decimals(Decimal("0.000001"), Decimal(1), allow_nan=False, places=6),
        st.sampled_from([None, BUY, SELL]),
    ),
    min_size=2,
    max_size=8,
)
RESOLVERS = st.one_of(
    st.builds(MajorityResolver),
    st.builds(WeightedAverageResolver, st.decimals(0, Decimal("0.99"), allow_nan=False, places=2)),
    st.builds(HighestConvictionResolver, st.sampled_from(["cancel", "net", "buy", "sell"])),
    st.builds(ExitsFirstResolver, st.sampled_from(["cancel", "net", "buy", "sell"])),
    st.builds(
        PriorityResolver,
        st.dictionaries(st.sampled_from(["*", "S_[0-3]", "?_0", "S*"]), st.integers(-2, 2), min_size=1),
        tie=st.sampled_from(["cancel", "net", "buy", "sell"]),
    ),
)


@given(RESOLVERS, SIGNALS, st.data())
def test_the_order_of_the_strategies_shows_nowhere(
    resolver: ConflictResolver, drawn: list[Any], data: st.DataObject
) -> None:
    """Survivors are a subset, each once, and the same ones for every order."""
    signals = [
        says(f"S_{place}", direction, str(weight), kind) for place, (direction, kind, weight, _) in enumerate(drawn)
    ]
    held = {f"S_{place}": side for place, (_, _, _, side) in enumerate(drawn) if side is not None}
    names = survivors(resolver, signals, held)
    assert len(set(names)) == len(names) <= len(signals)
    shuffled = data.draw(st.permutations(signals))
    assert sorted(survivors(resolver, shuffled, held)) == sorted(names)


@given(SIGNALS)
def test_an_average_without_margin_is_the_net_signal(drawn: list[Any]) -> None:
    """The sign of Σ direction × weight wins, and zero drops all."""
    signals = [says(f"S_{place}", direction, str(weight)) for place, (direction, _, weight, _) in enumerate(drawn)]
    net = sum(int(signal.direction) * signal.weight for signal in signals)
    expected = [signal.strategy_id for signal in signals if net * int(signal.direction) > 0]
    assert survivors(WeightedAverageResolver(Decimal(0)), signals) == expected
