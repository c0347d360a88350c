"""How results show themselves, and what they make when they are looked at."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strategy_orchestrator.models.results import CorrelatedPair, Correlation, Decoded, Deferred
from tests.unit.store.builders import IDS, make_result


def test_a_result_shows_itself_in_a_line() -> None:
    """Whoever types its name at a prompt sees what came of the capital, not a screen full of arrays."""
    shown = "<OrchestratorResult: 2 strategies, 2 symbols, 5 bars, 10,000.00 to 10,017.00, 1 trade>"
    assert repr(make_result()) == shown


def test_the_result_of_a_strategy_shows_itself_in_a_line() -> None:
    """It has the id, the capital at start and end, and the number of trades."""
    of_strategy = make_result().strategy_results[IDS[0]]
    money = f"{of_strategy.initial_capital:,.2f} to {of_strategy.final_equity:,.2f}"
    assert repr(of_strategy).startswith(f"<BacktestResult of {IDS[0]}: {money}, {len(of_strategy.trades)} trade")


def test_items_are_made_when_they_are_looked_at() -> None:
    """A sequence of a million trades costs nothing until one is read."""
    made: list[int] = []

    def make(place: int) -> str:
        made.append(place)
        return f"item {place}"

    items = Decoded(1_000_000, make)
    assert (len(items), made) == (1_000_000, [])
    assert (items[0], items[-1], items[2:4]) == ("item 0", "item 999999", ["item 2", "item 3"])
    assert made == [0, 999_999, 2, 3]
    assert repr(items) == "<1000000 items: 'item 0', 'item 1', ...>"


@pytest.mark.parametrize("place", [3, -4, 10**9])
def test_a_place_beyond_the_items_is_an_error(place: int) -> None:
    """As in a list."""
    with pytest.raises(IndexError, match=f"there are 3 items; {place} is none of them"):
        _ = Decoded(3, str)[place]


def test_items_compare_as_a_list_does() -> None:
    """With any sequence, item by item."""
    items = Decoded(2, str)
    assert items == ["0", "1"] == list(items)
    assert items != ["0"]
    assert items != ["0", "2"]
    assert items != 7
    assert repr(items) == "<2 items: '0', '1'>"
    with pytest.raises(TypeError):
        hash(items)


def test_a_deferred_value_is_computed_once() -> None:
    """When it is first read."""
    computed: list[str] = []

    def compute() -> int:
        computed.append("once")
        return len(computed)

    deferred = Deferred(compute)
    assert computed == []
    assert (deferred.value, deferred.value) == (1, 1)


def test_a_pair_that_never_moves_is_neither_diversifying_nor_redundant() -> None:
    """A correlation that is not defined is in no class; the limits themselves are in none either."""
    values = ("NaN", "0.3", "0.8", "0.29", "0.81")
    pairs = tuple(CorrelatedPair("a", value, Decimal(value), 40, is_weak=False) for value in values)
    correlation = Correlation(pairs)
    assert [pair.second for pair in correlation.diversifying] == ["0.29"]
    assert [pair.second for pair in correlation.redundant] == ["0.81"]
