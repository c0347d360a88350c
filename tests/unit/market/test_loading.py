"""From files, frames and lists to a panel, and all that is wrong on the way."""

from __future__ import annotations

from collections import UserDict
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from strategy_orchestrator.errors import ConfigError
from strategy_orchestrator.market import load_panel, panel_of
from strategy_orchestrator.models.bars import HistoricalDataBar
from strategy_orchestrator.models.panel import Panel
from tests.unit.market.builders import GOOD, HEADER, faults_of, long_frame, one_frame, units_of, write_csv

OHLC = "date,open,high,low,close"
CORRECT = "Correct the row, or leave the symbol out."
HIGH = f"A bar's high must be at least its open and close. {CORRECT}"
LOW = f"A bar's low must be at most its open and close. {CORRECT}"
NO_VOLUME = "no volume; volumes are finite and not negative. Correct the row, or leave the cell empty."
ISO = "2020-01-02 or 2020-01-02T15:30:00Z"
GIVE_ONE = "give at least one, with its bars. Write for instance {'AAPL': bars}."


@pytest.mark.parametrize(
    ("row", "lines"),
    [
        ("2024-01-04,AAPL,abc,2,1,1,1", ["'open': 'abc' for 'AAPL' is not a number. " + CORRECT]),
        ("2024-01-04,AAPL,NaN,2,1,1,1", ["'open': 'NaN' for 'AAPL' is not a number. " + CORRECT]),
        (
            '2024-01-04,AAPL,"1,5",2,1,1,1',
            [
                (
                    "'open': '1,5' for 'AAPL' is not a number. "
                    "Write the decimals after a point, and nothing between thousands: 1234.56."
                )
            ],
        ),
        ("2024-01-04,AAPL,1,inf,1,1,1", ["'high': inf for 'AAPL' is not finite. " + CORRECT]),
        ("2024-01-04,AAPL,1,1e400,1,1,1", ["'high': 1e400 for 'AAPL' is not finite. " + CORRECT]),
        (
            "2024-01-04,AAPL,1,1,0,1,1",
            ["'low': 0 for 'AAPL' is not a price; prices are greater than 0. " + CORRECT],
        ),
        (
            "2024-01-04,AAPL,1,1,-0.5,1,1",
            ["'low': -0.5 for 'AAPL' is not a price; prices are greater than 0. " + CORRECT],
        ),
        (
            "2024-01-04,AAPL,1,1,0.0000005,1,1",
            [
                "'low': 0.0000005 for 'AAPL' is less than half a quantum, 0.000001, and would be counted as 0. "
                + CORRECT
            ],
        ),
        (
            "2024-01-04,AAPL,1,9223372036854,1,1,1",
            ["'high': 9223372036854 for 'AAPL' is more than a ledger counts, 9223372036854. " + CORRECT],
        ),
        (
            "2024-01-04,AAPL,100,100.90,99,101.25,1",
            [f"'high': 100.90 for 'AAPL' is below the close, 101.25. {HIGH}"],
        ),
        (
            "2024-01-04,AAPL,100,102,100.5,101.25,1",
            [f"'low': 100.5 for 'AAPL' is above the open, 100. {LOW}"],
        ),
        ("2024-01-04,AAPL,1,2,1,,1", ["'close': there is no price for 'AAPL'. Write the price, or leave the row out."]),
        (
            "2024-01-04,AAPL,1,2,1,1,-5",
            [f"'volume': -5 for 'AAPL' is {NO_VOLUME}"],
        ),
        ("2024-01-04,AAPL,1,2,1,1,many", ["'volume': 'many' for 'AAPL' is not a number. " + CORRECT]),
        ("2024-01-04,,1,2,1,1,1", ["'symbol': the symbol is empty. Name it, or leave the row out."]),
        (
            "2024-01-03,AAPL,1,2,1,1,1",
            [
                (
                    "'date': 2024-01-03 for 'AAPL' is the same time as p.csv, line 4. "
                    "Sort the rows by time, and keep one row a bar."
                )
            ],
        ),
        (
            "2024-01-01,AAPL,1,2,1,1,1",
            [
                (
                    "'date': 2024-01-01 for 'AAPL' is earlier than the bar before it, at p.csv, line 4. "
                    "Sort the rows by time, and keep one row a bar."
                )
            ],
        ),
        (
            "when,,x,2,3,,-1",
            [
                f"'date': 'when' is no time in ISO form; write for instance {ISO}. Correct the row.",
                "'symbol': the symbol is empty. Name it, or leave the row out.",
                "'open': 'x' for a row without symbol is not a number. " + CORRECT,
                "'close': there is no price for a row without symbol. Write the price, or leave the row out.",
                f"'high': 2 for a row without symbol is below the low, 3. {HIGH}",
                f"'volume': -1 for a row without symbol is {NO_VOLUME}",
            ],
        ),
    ],
)
def test_a_fault_is_told_by_line_column_and_value(row: str, lines: list[str], tmp_path: Path) -> None:
    """Every rule that a row breaks takes a line of its own, the value as it is written."""
    path = write_csv(tmp_path, *GOOD, row, name="p.csv")
    assert faults_of(lambda: load_panel(path), tmp_path) == [f"p.csv, line 5, column {line}" for line in lines]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """A file that cannot be read at all does not hide the faults of others."""
    write_csv(tmp_path, "2024-01-02,0,1,1,1", header=OHLC, name="A.csv")
    write_csv(tmp_path, header="nothing", name="B.csv")
    write_csv(tmp_path, "2024-01-02,1,1,1,x", "2024-01-02,1,1,1,1", header=OHLC, name="C.csv")
    places = [line.split(": ")[0] for line in faults_of(lambda: load_panel(tmp_path), tmp_path)]
    assert places == [
        *["B.csv"] * 2,
        "A.csv, line 2, column 'open'",
        "A.csv, line 2, column 'low'",
        "C.csv, line 2, column 'close'",
        "C.csv, line 3, column 'date'",
    ]


def test_the_first_twenty_faults_are_told_and_the_others_counted(tmp_path: Path) -> None:
    """In the order of the rows, whatever the rules."""
    rows = [f"2024-01-{day:02},1,{'x' if day % 2 else '0.5'},0.5,1" for day in range(1, 31)]
    lines = faults_of(lambda: load_panel(write_csv(tmp_path, *rows, header=OHLC, name="A.csv")), tmp_path)
    assert [line.split(",")[1] for line in lines[:20]] == [f" line {line}" for line in range(2, 22)]
    assert lines[20:] == ["and 10 more faults of these kinds."]


def test_several_files_are_one_table(tmp_path: Path) -> None:
    """A symbol may go on in the next file; a file without symbols is named after its symbol."""
    write_csv(tmp_path, *GOOD[:2], name="2024-01-02.csv")
    write_csv(tmp_path, GOOD[2], name="2024-01-03.csv")
    write_csv(tmp_path, "2024-01-02,1,1,1,1", header=OHLC, name="BRK.B.csv")
    panel = load_panel(tmp_path)
    assert panel.symbols == ("AAPL", "BRK.B", "MSFT")
    assert panel.traded.tolist() == [[True, True, True], [True, False, False]]


def test_rows_in_the_wrong_order_are_found_across_files(tmp_path: Path) -> None:
    """The order of the files counts, and both are named."""
    write_csv(tmp_path, GOOD[2], name="a.csv")
    write_csv(tmp_path, GOOD[0], name="b.csv")
    (line,) = faults_of(lambda: load_panel(tmp_path), tmp_path)
    assert line.startswith(
        "b.csv, line 2, column 'date': 2024-01-02 for 'AAPL' is earlier than the bar before it, at a.csv, line 2."
    )


def test_only_wanted_symbols_are_loaded(tmp_path: Path) -> None:
    """What is wrong with others does not matter."""
    path = write_csv(tmp_path, *GOOD, "2024-01-03,BAD,x,,,,", name="p.csv")
    panel = load_panel(path, symbols=["AAPL", "AAPL"])
    assert (panel.symbols, panel.n_bars) == (("AAPL",), 2)
    assert load_panel(path, symbols="MSFT").n_bars == 1


@pytest.mark.parametrize(
    ("symbols", "line"),
    [
        (["APPL"], "symbols: 'APPL' is not in the data; there are 'AAPL', 'MSFT'. Did you mean 'AAPL'?"),
        (["AAPL", "ZZ"], "symbols: 'ZZ' is not in the data; there are 'AAPL', 'MSFT'."),
        ([], "symbols: the list is empty. Name at least one symbol, or leave symbols out."),
        ("", "symbols: '' is no name of a symbol. Name at least one symbol, or leave symbols out."),
        ([5], "symbols: 5 is no name of a symbol. Name at least one symbol, or leave symbols out."),
    ],
)
def test_symbols_that_are_not_there_are_refused(symbols: Any, line: str, tmp_path: Path) -> None:
    """With the nearest name."""
    path = write_csv(tmp_path, *GOOD)
    assert faults_of(lambda: load_panel(path, symbols=symbols)) == [line]


def test_a_long_list_of_symbols_is_cut(tmp_path: Path) -> None:
    """The line stays one that can be read."""
    path = write_csv(tmp_path, *(f"2024-01-02,S{place:02},1,1,1,1,1" for place in range(14)))
    (line,) = faults_of(lambda: load_panel(path, symbols="x"))
    assert line.endswith("'S10', 'S11' and 2 more.")


def test_an_unknown_adjustment_is_refused(tmp_path: Path) -> None:
    """With the nearest name, before any file is read."""
    with pytest.raises(ConfigError, match=r"adjust: no adjustment is called 'adjclose'; known: 'adj_close'\. Did you"):
        load_panel(tmp_path, adjust="adjclose")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "x" * 300, "\u202eLPAA", "=1+1", "a b", "'", "\U0001f4c8", "NaN", "null"]
)
def test_any_text_is_a_symbol(name: str, tmp_path: Path) -> None:
    """Symbols are names and nothing else."""
    row = f'2024-01-02,"{name}",1,1,1,1,1'
    assert load_panel(write_csv(tmp_path, row)).symbols == (name,)
    assert panel_of({name: one_frame()}).symbols == (name,)
    (line,) = faults_of(lambda: load_panel(write_csv(tmp_path, row.replace(",1,1,1,1,", ",1,1,1,x,"))))
    assert "\n" not in line
    assert "\u202e" not in line


def test_a_panel_hardly_filled_is_refused(tmp_path: Path) -> None:
    """A column of times taken for symbols must not take all memory."""
    n_rows = 10_001
    pl.DataFrame(
        {
            "ts": pd.date_range("2024-01-01", periods=n_rows, freq="min"),
            "symbol": [f"S{place}" for place in range(n_rows)],
            **{name: np.ones(n_rows) for name in ("open", "high", "low", "close")},
        }
    ).write_parquet(tmp_path / "p.parquet")
    (line,) = faults_of(lambda: load_panel(tmp_path / "p.parquet"))
    assert line == (
        "panel: 10001 bars of 10001 symbols at 10001 times need 100020001 cells, nearly all of them empty. "
        "Make sure that the columns of times and symbols are what they say."
    )


def bars_of(symbol: str, n_bars: int = 2) -> list[HistoricalDataBar]:
    """Return some bars."""
    price = Decimal("10.1")
    days = [datetime(2024, 1, 2 + day, tzinfo=UTC) for day in range(n_bars)]
    return [HistoricalDataBar(symbol, day, price, price, price, price, Decimal(1)) for day in days]


@pytest.mark.parametrize("form", range(12))
def test_every_form_gives_the_same_panel(form: int, tmp_path: Path) -> None:
    """Whatever holds the prices, the panel is the same to the unit."""
    frame = long_frame()
    frame.write_parquet(tmp_path / "p.parquet")
    parts = {str(name[0]): part.drop("symbol") for name, part in frame.group_by("symbol")}
    data: Any = [
        write_csv(tmp_path, *GOOD),
        str(tmp_path / "*.parquet"),
        frame,
        frame.lazy(),
        frame.to_pandas(),
        frame.to_arrow(),
        parts,
        {name: part.to_pandas() for name, part in parts.items()},
        {name: part.to_arrow() for name, part in parts.items()},
        UserDict({"AAPL": parts["AAPL"].to_pandas().set_index("date"), "MSFT": parts["MSFT"].lazy()}),
        {name: frame.filter(pl.col("symbol") == name) for name in parts},
        load_panel(write_csv(tmp_path, *GOOD)),
    ][form]
    panel, expected = panel_of(data), Panel.from_frame(frame)
    assert (panel.symbols, panel.timestamps) == (expected.symbols, expected.timestamps)
    assert units_of(panel) == units_of(expected)
    assert np.array_equal(panel.volume, expected.volume, equal_nan=True)


def test_a_panel_is_returned_as_it_is() -> None:
    """Nothing is read again."""
    panel = Panel.from_frame(long_frame())
    assert panel_of(panel) is panel


def test_lists_of_bars_keep_their_decimals() -> None:
    """And may be tuples."""
    panel = panel_of({"A": bars_of("A"), "B": tuple(bars_of("B", 1))})
    assert panel.units.close.tolist() == [[10_100_000, 10_100_000], [10_100_000, 0]]


PART = "expected a list of HistoricalDataBar, or a frame of pandas, polars or pyarrow"
WHOLE = f"{PART}, by symbol: {{'AAPL': bars}}; or one frame, a Panel, or a path"


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (None, [f"historical_data: NoneType is no type that prices come in; {WHOLE}."]),
        (bars_of("A"), [f"historical_data: list is no type that prices come in; {WHOLE}."]),
        (pd.Series([1.0]), [f"historical_data: Series is no type that prices come in; {WHOLE}."]),
        (np.ones((3, 4)), [f"historical_data: ndarray is no type that prices come in; {WHOLE}."]),
        ({}, [f"historical_data: there is no symbol; {GIVE_ONE}"]),
        ({"": []}, ["historical_data: '' is no name of a symbol."]),
        ({1: [], "A": []}, ["historical_data: 1 is no name of a symbol."]),
        ({"A": None, "B": 5}, [
            f"historical_data['A']: NoneType is no type that prices come in; {PART}.",
            f"historical_data['B']: int is no type that prices come in; {PART}.",
        ]),
        ({"A": bars_of("A"), "B": one_frame()}, [
            "historical_data['B']: others are lists of bars, this is of type DataFrame. Give all symbols in one form."
        ]),
        ({"A": []}, ["bars of 'A': the list is empty. Leave the symbol out or give it bars."]),
        ({"A": [1]}, ["bars of 'A', bar 0: a int is no HistoricalDataBar."]),
        ({"A": one_frame().head(0), "B": one_frame().drop("low")}, [
            "historical_data['A']: there are no rows. Add a row for each bar.",
            ("historical_data['B']: there is no column 'low'; "
            "the columns are 'date', 'open', 'high', 'close', 'volume'. Rename the column, or add it."),
        ]),
        ({"A": one_frame().with_columns(low=pl.lit(11.0)).head(1)}, [
            ("historical_data['A'], row 0, column 'high': 10.5 for 'A' is below the low, 11.0. "
            "A bar's high must be at least its open and close. Correct the row, or leave the symbol out."),
            ("historical_data['A'], row 0, column 'low': 11.0 for 'A' is above the open, 10.1. "
            "A bar's low must be at most its open and close. Correct the row, or leave the symbol out."),
        ]),
        ({"MSFT": long_frame()}, [
            ("historical_data['MSFT']: the frame holds 'AAPL'; expected only 'MSFT'. "
            "Give each symbol its own frame, or all in one.")
        ]),
        (one_frame(), [
            ("historical_data: there is no column 'symbol', and no name of the symbol was given. "
            "Add the column, or give the frame by its symbol: {'AAPL': frame}.")
        ]),
    ],
)  # fmt: skip
def test_what_holds_no_prices_is_refused(data: Any, lines: list[str]) -> None:
    """One line each, with what is expected."""
    assert faults_of(lambda: panel_of(data)) == lines


def test_a_lazy_frame_that_cannot_be_collected_takes_one_line(tmp_path: Path) -> None:
    """What polars raises comes as a fault."""
    lazy = pl.scan_csv(write_csv(tmp_path, *GOOD)).with_columns(pl.col("date").str.to_date("%d"))
    (line,) = faults_of(lambda: panel_of(lazy))
    assert line.startswith("historical_data: it cannot be read: ")


def test_frames_with_and_without_zones_are_not_mixed() -> None:
    """Which of them is right cannot be known."""
    aware = one_frame().with_columns(pl.col("date").cast(pl.Datetime("us", "America/New_York")))
    (line,) = faults_of(lambda: panel_of({"A": one_frame(), "B": aware}))
    assert line == (
        "historical_data['B'], row 0: its time has a zone, that of historical_data['A'], row 0 has none. "
        "Give all times a zone, or none, which means UTC."
    )


def test_what_is_odd_is_told_with_the_panel(tmp_path: Path) -> None:
    """Files and frames are looked over alike, and bars unless they are said to be adjusted."""
    path = write_csv(tmp_path, *(f"2024-01-{day:02},5,5,5,5" for day in range(1, 21)), header=OHLC, name="A.csv")
    told = ["A, 2024-01-01: the price is 5.0 in all 20 bars"]
    assert [str(item) for item in load_panel(path).warnings] == told
    assert [str(item) for item in panel_of({"A": pl.read_csv(path)}).warnings] == told
    days = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 21)]
    bars = [HistoricalDataBar("A", day, *[Decimal(5)] * 4) for day in days]
    assert [str(item) for item in panel_of({"A": bars}).warnings] == told
    assert panel_of({"A": [replace(bar, split_adjusted=True) for bar in bars]}).warnings == ()


def test_ragged_symbols_have_gaps() -> None:
    """A symbol without a bar at a time has NaN there."""
    panel = panel_of(pa.Table.from_pandas(long_frame().to_pandas()))
    assert np.isnan(panel.close[1, 1])
    assert np.isnan(panel.volume[1, 1])
    assert panel.traded.tolist() == [[True, True], [True, False]]


def test_header_is_used(tmp_path: Path) -> None:
    """Names of columns are read in any usual case."""
    path = write_csv(tmp_path, *GOOD, header=HEADER.upper().replace("SYMBOL", "Ticker").replace("DATE", "Datetime"))
    assert load_panel(path).symbols == ("AAPL", "MSFT")
