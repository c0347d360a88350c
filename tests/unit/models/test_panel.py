"""What a panel checks, keeps and refuses."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.errors import DataError
from strategy_orchestrator.models.bars import HistoricalDataBar
from strategy_orchestrator.models.panel import DataWarning, Panel, is_read_only

SORT = "Sort the bars and drop doubles"
FIELDS = ("open", "high", "low", "close")
START = datetime(2024, 1, 2, tzinfo=UTC)
GAP = np.nan


def stamps(n_bars: int) -> list[datetime]:
    """Return closing times, one a day."""
    return [START + timedelta(days=bar) for bar in range(n_bars)]


def make(closes: Any, symbols: tuple[str, ...] = ("A", "B"), **changes: Any) -> Panel:
    """Make a panel of bars without range, with some arrays changed."""
    prices = np.array(closes, np.float64)
    arrays: dict[str, Any] = {**dict.fromkeys(FIELDS, prices), **changes}
    return Panel.from_arrays(arrays.pop("timestamps", stamps(len(prices))), symbols, **arrays)


def bar(symbol: str = "A", day: int = 0, price: str = "1.1", **changes: Any) -> HistoricalDataBar:
    """Return a bar without range."""
    return HistoricalDataBar(symbol, START + timedelta(days=day), *[Decimal(price)] * 4, **changes)


def refusal(call: Any) -> list[str]:
    """Return what is said, one line each, when something is refused."""
    with pytest.raises(DataError) as caught:
        call()
    return [str(fault) for fault in caught.value.faults]


def test_symbols_are_sorted_with_their_columns() -> None:
    """No order of input matters."""
    panel = make([[1.0, 2.0]], ("B", "A"))
    assert (panel.symbols, panel.close.tolist()) == (("A", "B"), [[2.0, 1.0]])
    assert (panel.n_bars, panel.n_symbols, panel.timestamps) == (1, 2, (START,))


def test_a_cell_without_prices_is_no_bar() -> None:
    """And its volume is not known."""
    panel = make([[1.0, GAP]], volume=np.array([[5.0, GAP]]))
    assert panel.traded.tolist() == [[True, False]]
    assert panel.units.close.tolist() == [[1_000_000, 0]]


def test_a_volume_may_be_unknown() -> None:
    """With or without gaps beside it."""
    assert np.isnan(make([[1.0, 2.0]]).volume).all()
    assert make([[1.0, GAP]], volume=np.array([[GAP, GAP]])).traded.tolist() == [[True, False]]


def test_narrow_floats_stand_for_their_shortest_text() -> None:
    """1.1 in 32 bits stays 1.1."""
    narrow = np.array([[1.1, 2.2]], np.float32)
    assert make([[1.1, 2.2]], **dict.fromkeys(FIELDS, narrow)).close.tolist() == [[1.1, 2.2]]


ONE = np.ones((2, 2))


def spoiled(value: float) -> np.ndarray[Any, Any]:
    """Return ones with another value at bar 1 of A."""
    array = ONE.copy()
    array[1, 0] = value
    return array


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"open": spoiled(GAP)}, ["'A', 2024-01-03, open: nan is missing though the bar has other prices."]),
        ({"high": spoiled(np.inf)}, ["'A', 2024-01-03, high: inf is not finite."]),
        ({"low": spoiled(0)}, ["'A', 2024-01-03, low: 0.0 is not a price; prices are greater than 0."]),
        ({"high": spoiled(0.5)}, ["'A', 2024-01-03, high: 0.5 is below another price of the bar.",
                                  "'A', 2024-01-03, low: 1.0 is above another price of the bar."]),
        ({"volume": spoiled(-1)}, ["'A', 2024-01-03, volume: -1.0 is negative or not finite."]),
        ({"volume": ONE, **dict.fromkeys(FIELDS, spoiled(GAP))},
         ["'A', 2024-01-03, volume: 1.0 is there though the bar has no prices."]),
        ({"volume": -ONE, **dict.fromkeys(FIELDS, spoiled(GAP))},
         [*[f"'{name}', 2024-01-0{day}, volume: -1.0 is negative or not finite."
            for day, name in ((2, "A"), (2, "B"), (3, "A"), (3, "B"))],
          "'A', 2024-01-03, volume: -1.0 is there though the bar has no prices."]),
        ({"volume": np.where(np.isnan(spoiled(GAP)), GAP, np.inf), **dict.fromkeys(FIELDS, spoiled(GAP))},
         [f"'{name}', 2024-01-0{day}, volume: inf is negative or not finite."
          for day, name in ((2, "A"), (2, "B"), (3, "B"))]),
        ({"timestamps": [START, START]},
         ["timestamps[1]: 2024-01-02 does not come after 2024-01-02. Sort the bars and drop doubles."]),
        ({"open": np.ones((2, 3))}, ["open: the shape is (2, 3); expected (2, 2), that is (T, S)."]),
        ({"open": np.array([["x", "y"]] * 2)}, ["open: the array holds <U1; expected numbers."]),
        ({"open": np.array([["x", "y"]] * 2, object)}, ["open: the array holds object; expected numbers."]),
    ],
)  # fmt: skip
def test_arrays_that_break_a_rule_are_refused(changes: dict[str, Any], lines: list[str]) -> None:
    """By symbol, day and field."""
    assert refusal(lambda: make(ONE, **changes)) == lines


@pytest.mark.parametrize(
    ("symbols", "line"),
    [
        (("A", ""), "symbols[1]: '' is no name."),
        (("A", 5), "symbols[1]: 5 is no name."),
        (("A", "A"), "symbols[1]: 'A' is there twice."),
    ],
)
def test_symbols_are_distinct_names(symbols: Any, line: str) -> None:
    """Text that is not empty."""
    assert refusal(lambda: make(ONE, symbols)) == [line]


def test_an_empty_panel_is_refused() -> None:
    """There is nothing to trade."""
    (line,) = refusal(lambda: make(np.ones((0, 2))))
    assert line == "panel: there are 0 bars of 2 symbols; expected at least one of each."


def test_many_faults_are_counted() -> None:
    """The first twenty are told."""
    lines = refusal(lambda: make(-np.ones((10, 2))))
    assert (len(lines), lines[-1]) == (21, "and 60 more faults of these kinds.")


def test_prices_that_no_ledger_counts_are_refused_when_they_are_counted() -> None:
    """Too small or too large."""
    small, large = make([[1.0, 1e-7]]), make([[1.0, 1e13]])
    assert refusal(lambda: small.units) == [
        "'B', 2024-01-02, open: 1e-07 is less than half a quantum, 0.000001. Scale the prices of this symbol."
    ]
    assert refusal(lambda: large.units) == [
        "'B', 2024-01-02, open: 10000000000000.0 does not fit 64 bits. Scale the prices of this symbol."
    ]


def test_nobody_can_write_to_a_panel() -> None:
    """Nor to a copy, or one that came from another process."""
    panel = Panel.from_bars({"A": [bar(price="9007199254.740993")]})
    travelled = pickle.loads(pickle.dumps(panel))  # noqa: S301  # our own bytes
    for other in (panel, copy.deepcopy(panel), travelled, panel.select("A"), panel.until(1)):
        assert is_read_only(other)
        assert other.units.close.item() == 9_007_199_254_740_993
        with pytest.raises(ValueError, match="WRITEABLE"):
            other.close.flags.writeable = True


def warned() -> Panel:
    """Return a panel with something odd about each symbol."""
    panel = make([[1.0, 2.0], [1.0, 2.0]])
    first, second = panel.timestamps_ns.tolist()
    panel.__dict__["warnings"] = (DataWarning("A", first, "odd"), DataWarning("B", second, "odder"))
    return panel


def test_a_shorter_panel_knows_nothing_later() -> None:
    """Neither bars nor warnings."""
    panel = warned().until(1)
    assert (panel.n_bars, [str(item) for item in panel.warnings]) == (1, ["A, 2024-01-02: odd"])
    assert (warned().until(0).n_bars, warned().until(0).warnings) == (0, ())


def test_some_symbols_can_be_chosen() -> None:
    """With their warnings, on the same axis."""
    panel = warned().select(["B", "B"])
    assert (panel.symbols, panel.n_bars, [item.symbol for item in panel.warnings]) == (("B",), 2, ["B"])
    assert refusal(lambda: warned().select(["B", "C"])) == ["symbols: 'C' not in the data; there are A, B."]
    assert refusal(lambda: warned().select([])) == ["symbols: an empty list not in the data; there are A, B."]


def test_lists_of_bars_are_aligned() -> None:
    """Decimals kept, flags only when all bars have them."""
    adjusted = {"split_adjusted": True, "dividend_adjusted": True}
    panel = Panel.from_bars(
        {"B": [bar("B", 1, **adjusted)], "A": [bar(day=0, **adjusted), bar(day=2, price="0.000001", **adjusted)]}
    )
    assert panel.units.open.tolist() == [[1_100_000, 0], [0, 1_100_000], [1, 0]]
    assert panel.is_split_adjusted
    assert panel.is_dividend_adjusted
    assert not Panel.from_bars({"A": [bar(), bar(day=1, **adjusted)]}).is_split_adjusted


@pytest.mark.parametrize(
    ("bars", "lines"),
    [
        ({}, ["historical_data: there is no symbol; give at least one list of bars."]),
        ({"A": []}, ["bars of 'A': the list is empty. Leave the symbol out or give it bars."]),
        ({"A": ["x"]}, ["bars of 'A', bar 0: a str is no HistoricalDataBar."]),
        ({"A": [bar("B")]}, ["bars of 'A', bar 0: its symbol is 'B'."]),
        (
            {"A": [bar(), bar()]},
            [f"bars of 'A', bar 1: 2024-01-02 00:00:00+00:00 is the same time as the bar before. {SORT}."],
        ),
        (
            {"A": [bar(day=1), bar()]},
            [f"bars of 'A', bar 1: 2024-01-02 00:00:00+00:00 is earlier than the bar before. {SORT}."],
        ),
        (
            {"A": [bar(price="1e-9")]},
            [
                (
                    "bar of 'A' at 2024-01-02 00:00:00+00:00, open: 1E-9 lies outside what a ledger counts, "
                    "0.000001 to 9223372036854."
                )
            ],
        ),
    ],
)
def test_lists_without_bars_in_order_are_refused(bars: Any, lines: list[str]) -> None:
    """By symbol and place."""
    assert refusal(lambda: Panel.from_bars(bars)) == lines
