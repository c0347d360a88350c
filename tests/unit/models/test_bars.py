"""Bars and the history of them."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from strategy_orchestrator import DataError, HistoricalDataBar
from strategy_orchestrator.models.bars import BarHistory, PanelBar
from strategy_orchestrator.models.panel import Panel

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
NUMBERS: dict[str, Any] = {"open": "10", "high": "12", "low": "9", "close": "11", "volume": "100"}


def bar(symbol: Any = "A", timestamp: Any = NOON, **numbers: Any) -> HistoricalDataBar:
    """Make a bar, changed."""
    return HistoricalDataBar(symbol, timestamp, **NUMBERS | numbers)


@pytest.mark.parametrize("number", ["10.1", 10.1, Decimal("10.1")])
def test_prices_are_exact_whatever_they_come_as(number: Any) -> None:
    """Text, floats by their shortest text, decimals."""
    assert bar(open=number).open == Decimal("10.1")


def test_a_volume_may_be_unknown() -> None:
    """NaN of any kind says so; without one it is 0."""
    assert bar(volume=float("nan")).volume.is_nan()
    assert HistoricalDataBar("A", NOON, Decimal(1), Decimal(1), Decimal(1), Decimal(1)).volume == 0


def test_flags_say_what_was_adjusted() -> None:
    """Neither unless it is said."""
    plain, adjusted = bar(), bar(split_adjusted=True, dividend_adjusted=True)
    assert (plain.split_adjusted, plain.dividend_adjusted) == (False, False)
    assert (adjusted.split_adjusted, adjusted.dividend_adjusted) == (True, True)


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a price of zero": ({"low": 0}, ["low: 0 is not a price"]),
    "a negative price": ({"open": -1}, ["open: -1 is not a price", "low: 9 is above -1, another price of the bar"]),
    "a high below the close": ({"high": 10.5}, ["high: 10.5 is below 11, another price of the bar"]),
    "a low above the open": ({"low": 10.5}, ["low: 10.5 is above 10, another price of the bar"]),
    "a low above the high": ({"low": 13}, ["high: 12 is below 13", "low: 13 is above 10"]),
    "a negative volume": ({"volume": -1}, ["volume: -1 is negative"]),
    "NaN": ({"close": float("nan")}, ["close: nan is not finite"]),
    "text": ({"close": "eleven", "open": None}, ["open: None is not a number", "close: 'eleven' is not a number"]),
    "no symbol": ({"symbol": ""}, ["the symbol is empty or no text"]),
    "no text as symbol": ({"symbol": 7}, ["the symbol is empty or no text"]),
    "no time": ({"timestamp": "2024-01-02"}, ["the timestamp is no datetime"]),
    "no time zone": ({"timestamp": datetime(2024, 1, 2)}, ["the timestamp has no time zone"]),  # noqa: DTZ001
}


@pytest.mark.parametrize(("changes", "problems"), WRONG.values(), ids=WRONG)
def test_a_bar_that_breaks_a_rule_is_not_made(changes: dict[str, Any], problems: list[str]) -> None:
    """With one fault for each rule."""
    with pytest.raises(DataError) as caught:
        bar(**changes)
    assert len(caught.value.faults) == len(problems)
    assert all(problem in str(fault) for problem, fault in zip(problems, caught.value.faults, strict=True))


def test_bars_are_equal_by_what_they_say() -> None:
    """Symbol, moment, prices and volume, whatever holds them; flags do not count."""
    panel = Panel.from_bars({"A": [bar()]})
    twin = PanelBar(panel.units, 0, 0)
    assert bar() == bar(split_adjusted=True) == twin
    assert len({bar(), bar(timestamp=NOON.astimezone(timezone(timedelta(hours=5)))), twin}) == 1
    assert bar(volume=float("nan")) == bar(volume=Decimal("NaN"))
    assert bar() != bar(close="11.000001")
    assert bar() != (NOON, 10, 12, 9, 11)


def test_a_bar_of_a_panel_shows_and_travels_as_a_bar() -> None:
    """It becomes an ordinary one on its way to another process."""
    twin = PanelBar(Panel.from_bars({"A": [bar(split_adjusted=True)]}).units, 0, 0)
    assert (
        repr(twin)
        == "HistoricalDataBar(A, 2024-01-02 12:00:00+00:00, 10.000000, 12.000000, 9.000000, 11.000000, 100.0)"
    )
    for sent in (pickle.loads(pickle.dumps(twin)), copy.deepcopy(twin)):  # noqa: S301  # our own bytes
        assert type(sent) is HistoricalDataBar
        assert sent == twin
        assert (sent.split_adjusted, sent.dividend_adjusted) == (True, False)


def test_a_bar_cannot_be_changed() -> None:
    """Neither kind of it."""
    twin = PanelBar(Panel.from_bars({"A": [bar()]}).units, 0, 0)
    for each in (bar(), twin):
        with pytest.raises(AttributeError):
            each.close = Decimal(1)  # type: ignore[misc]


def test_a_history_is_a_list_that_cannot_be_changed() -> None:
    """Also `pop` with a place refuses; a copy is a plain list."""
    history = BarHistory([bar(), bar(close="11.5")])
    with pytest.raises(TypeError, match="the bar history is read-only: copy it first, for instance with list"):
        history.pop(0)
    assert history[-1].close == Decimal("11.5")
    assert type(history[:]) is list
    assert type(copy.copy(history)) is list
    assert type(pickle.loads(pickle.dumps(history))) is list  # noqa: S301  # our own bytes
