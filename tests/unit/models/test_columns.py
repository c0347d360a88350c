"""Which column says what."""

from __future__ import annotations

import pytest

from strategy_orchestrator.models.columns import PRICES, field_of, find_layout, find_wide, pairs_of_levels

OHLC = ("open", "high", "low", "close")


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (("timestamp", "Date", "DATETIME", "time", "Timestamp ", "date_time", "ts"), "time"),
        (("symbol", "Ticker", "SYMBOL", "instrument", "asset", "sym"), "symbol"),
        (("open", "Open", "OPEN", "open_price", "Open Price"), "open"),
        (("close", "Close", "close-price"), "close"),
        (("volume", "Volume", "VOL", "vol."), "volume"),
        (("Adj Close", "adj_close", "AdjClose", "adjusted_close", "Adj. Close", "close_adj"), "adj_close"),
        (("vwap", "", "o", "closed", "opening"), None),
    ],
)
def test_words_are_read_in_any_usual_spelling(names: tuple[str, ...], field: str | None) -> None:
    """Case, blanks, points and lines do not matter."""
    assert {field_of(name) for name in names} == {field}


@pytest.mark.parametrize(
    ("columns", "time", "symbol"),
    [
        (("date", *OHLC), "date", None),
        (("Close", "Low", "High", "Open", "Ticker", "Date"), "Date", "Ticker"),
        (("t", "o", "h", "l", "c", "v"), "t", None),
        (("", "Open", "High", "Low", "Close", "vwap"), "", None),
        (("Unnamed: 0", *OHLC), "Unnamed: 0", None),
        (("index", *OHLC), "index", None),
        (("date", *OHLC, "Name"), "date", "Name"),
        (("date", *OHLC, "symbol", "name", "c", "AAPL_close"), "date", "symbol"),
    ],
)
def test_long_tables_and_those_of_one_symbol_are_known(columns: tuple[str, ...], time: str, symbol: str | None) -> None:
    """By their columns, in any order; letters count where there is no word."""
    layout, faults = find_layout(columns)
    assert faults == []
    assert layout is not None
    assert (layout.time, layout.symbol, layout.is_wide) == (time, symbol, False)
    assert set(layout.groups[None]) >= set(PRICES)


@pytest.mark.parametrize(
    "columns",
    [
        [f"{symbol}{sign}{field}" for symbol in ("AAPL", "BRK.B") for field in (*OHLC, "volume")]
        for sign in ("_", " ", ".", "-", "/", ":", "|", " - ")
    ]
    + [[f"{field}_{symbol}" for symbol in ("AAPL", "BRK.B") for field in ("Open", "HIGH", "low", "Close", "Vol")]],
)
def test_wide_tables_are_known_by_symbol_and_field(columns: list[str]) -> None:
    """Each column is called after both, one order in the whole table."""
    layout, faults = find_layout(["Date", *columns])
    assert faults == []
    assert layout is not None
    assert layout.is_wide
    symbols = {str(name).rstrip() for name in layout.groups}
    assert symbols == {"AAPL", "BRK.B"}
    assert all(set(group) == {*OHLC, "volume"} for group in layout.groups.values())


def test_the_longest_field_is_taken() -> None:
    """AAPL_adj_close is the adjusted close of AAPL, in both orders."""
    names = [*OHLC, "adj_close"]
    for columns in ([f"A_{name}" for name in names], [f"{name}_A" for name in names]):
        layout, _ = find_layout(["date", *columns])
        assert layout is not None
        assert layout.groups == {"A": dict(zip(names, columns, strict=True))}


@pytest.mark.parametrize(
    "columns",
    [
        ("AAPL",),
        ("AAPL", "MSFT", "LOW"),
        ("A", "C", "O", "AAPL", "V"),
        ("O", "H", "L", "C", "AAPL", "MSFT", "IBM", "GE", "F"),
        ("EURUSD=X", "^GSPC", "BRK.B"),
    ],
)
def test_a_wide_table_of_closes_is_known(columns: tuple[str, ...]) -> None:
    """Each column is a symbol, though some be words or letters; open, high and low are the close."""
    layout, faults = find_layout(("Date", *columns))
    assert faults == []
    assert layout is not None
    assert layout.groups == {name: dict.fromkeys(OHLC, name) for name in columns}


def test_closes_by_symbol_and_field_are_enough() -> None:
    """Volumes may come with them."""
    layout, faults = find_layout(["date", "A_close", "A_volume", "B_close"])
    assert faults == []
    assert layout is not None
    assert layout.groups["A"] == {**dict.fromkeys(OHLC, "A_close"), "volume": "A_volume"}


MISSING = "there is no column"
NO_TIME = f"{MISSING} of times, such as 'date' or 'timestamp'"
RENAME = "Rename the column, or add it"


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        ([], [f"{NO_TIME}; there are no columns. {RENAME}."] + [
            f"{MISSING} '{name}'; there are no columns. {RENAME}." for name in OHLC
        ]),
        (["date", "opne", "high", "low", "close"], [
            (f"{MISSING} 'open'; the columns are 'date', 'opne', 'high', 'low', 'close'. "
            f"{RENAME}; did you mean 'opne'?")
        ]),
        (["dat", *OHLC], [
            (f"{NO_TIME}; the columns are 'dat', 'open', 'high', 'low', 'close'. "
            f"{RENAME}; did you mean 'dat'?")
        ]),
        (["date", "close"], [
            f"{MISSING} '{name}'; the columns are 'date', 'close'. {RENAME}." for name in OHLC[:3]
        ]),
        (["date", "symbol", "price"], [
            f"{MISSING} '{name}'; the columns are 'date', 'symbol', 'price'. {RENAME}."
            for name in OHLC
        ]),
        (["date", "time", *OHLC], ["columns 'date' and 'time' both name the time. Keep or rename one."]),
        (["date", *OHLC, "Open"], ["columns 'open' and 'Open' both name the open. Keep or rename one."]),
        (["date", "Adj Close", "adj_close", *OHLC], [
            "columns 'Adj Close' and 'adj_close' both name the adjusted close. Keep or rename one."
        ]),
        (["date", *(f"A_{name}" for name in OHLC), "B_open", "B_close"], [
            "there is no column for the high of 'B'. Add it.",
            "there is no column for the low of 'B'. Add it.",
        ]),
        (["date", *(f"A_{name}" for name in OHLC), "A.open"], [
            "columns 'A_open' and 'A.open' both hold the open of 'A'. Keep one."
        ]),
        (["AAPL", "MSFT"], [
            f"{NO_TIME}; the columns are 'AAPL', 'MSFT'. {RENAME}."
        ]),
        (["when", *(f"x{place}" for place in range(14)), *OHLC], [
            f"{NO_TIME}; the columns are 'when', "
            + ", ".join(f"'x{place}'" for place in range(11)) + f" and 7 more. {RENAME}."
        ]),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_with_the_nearest_name(columns: list[str], lines: list[str]) -> None:
    """All at once."""
    layout, faults = find_layout(columns)
    assert layout is None
    assert [str(fault) for fault in faults] == lines


def test_both_orders_of_levels_are_known() -> None:
    """(field, symbol) and (symbol, field); columns of something else are left out."""
    labels = [("Close", "AAPL"), ("Adj Close", "AAPL"), ("Dividends", "AAPL"), ("Date", "")]
    names = ["a", "b", "c", "d"]
    expected = [("AAPL", "close", "a"), ("AAPL", "adj_close", "b")]
    assert pairs_of_levels(labels, names) == expected
    assert pairs_of_levels([(second, first) for first, second in labels], names) == expected


def test_levels_without_fields_are_refused() -> None:
    """Nothing says what the numbers are."""
    layout, faults = find_wide(["date", "x"], [])
    assert layout is None
    assert [str(fault) for fault in faults] == [
        (
            "no column is called after a symbol and a field, such as ('AAPL', 'close') or ('close', 'AAPL'). "
            "Rename the columns."
        )
    ]
