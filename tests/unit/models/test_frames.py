"""Frames of three libraries, in all their forms, as panels."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from strategy_orchestrator.errors import DataError
from strategy_orchestrator.models.panel import Panel

OHLC = ["open", "high", "low", "close"]
DAYS = [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)]


def long(*, ragged: bool = True) -> pd.DataFrame:
    """Return two symbols, the second of which lacks the second day."""
    rows = [
        (day, symbol, base + place, base + place + 2, base + place - 1, base + place + 1, 100.0 * base)
        for place, day in enumerate(DAYS)
        for symbol, base in (("B", 20.5), ("A", 10.25))
        if not (ragged and symbol == "B" and place == 1)
    ]
    return pd.DataFrame(rows, columns=["date", "symbol", *OHLC, "volume"])


def wide() -> pd.DataFrame:
    """Return the same with (field, symbol) as columns and times in the index."""
    frame = long().assign(date=lambda given: pd.to_datetime(given["date"]))
    return frame.set_index(["date", "symbol"]).unstack()  # noqa: PD010  # the other way sorts the fields


def flat(first: int) -> pd.DataFrame:
    """Return the same with one level of columns, symbol first or field first."""
    frame = wide()
    frame.columns = ["_".join(str(part) for part in (label if first else label[::-1])) for label in frame.columns]
    return frame


def one(symbol: str = "A") -> pd.DataFrame:
    """Return one symbol without its name."""
    frame = long()
    return frame[frame["symbol"] == symbol].drop(columns="symbol").reset_index(drop=True)


def same(panel: Panel, expected: Panel) -> bool:
    """Tell whether two panels say the same, to the unit."""
    arrays = all(
        np.array_equal(getattr(panel, name), getattr(expected, name), equal_nan=True) for name in (*OHLC, "volume")
    )
    units = all(np.array_equal(getattr(panel.units, name), getattr(expected.units, name)) for name in OHLC)
    axes = panel.symbols == expected.symbols and panel.timestamps == expected.timestamps
    return arrays and units and axes and np.array_equal(panel.traded, expected.traded)


def expected() -> Panel:
    """Return the panel of `long`, made of arrays."""
    gap = np.nan
    base = np.array([[10.25, 20.5], [11.25, gap], [12.25, 22.5]])
    stamps = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in DAYS]
    volume = np.array([[1025, 2050], [1025, gap], [1025, 2050.0]])
    return Panel.from_arrays(stamps, ["A", "B"], open=base, high=base + 2, low=base - 1, close=base + 1, volume=volume)


def with_times(make: Any) -> pd.DataFrame:
    """Return `long` with its dates in another form."""
    frame = long()
    return frame.assign(date=make(pd.to_datetime(frame["date"])))


def as_given(times: Any) -> Any:
    """Leave times as they are."""
    return times


def as_text(times: Any) -> Any:
    """Write days."""
    return times.dt.strftime("%Y-%m-%d")


def in_tokyo(times: Any) -> Any:
    """Say the same in another zone."""
    return times.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")


FORMS: dict[str, Any] = {
    "pandas": long,
    "polars": lambda: pl.from_pandas(long()),
    "lazy": lambda: pl.from_pandas(long()).lazy(),
    "pyarrow": lambda: pa.Table.from_pandas(long()),
    "pandas on arrow": lambda: long().convert_dtypes(dtype_backend="pyarrow"),
    "pandas nullable": lambda: long().convert_dtypes(),
    "other case and order": lambda: long()[["volume", *OHLC, "symbol", "date"]].rename(columns=str.upper),
    "datetimes": lambda: with_times(as_given),
    "aware": lambda: with_times(in_tokyo),
    "aware polars": lambda: pl.from_pandas(with_times(in_tokyo)),
    "aware pyarrow": lambda: pa.Table.from_pandas(with_times(in_tokyo)),
    "text": lambda: with_times(as_text),
    "integers that are days": lambda: with_times(lambda times: times.dt.strftime("%Y%m%d").astype(int)),
    "aware objects": lambda: with_times(lambda times: times.dt.tz_localize("UTC").astype(object)),
    "categories": lambda: long().astype({"symbol": "category"}),
    "text prices": lambda: long().astype(dict.fromkeys(OHLC, str)),
    "decimals": lambda: long().assign(**{name: [Decimal(str(price)) for price in long()[name]] for name in OHLC}),
    "decimals of polars": lambda: pl.from_pandas(long()).with_columns(pl.col(OHLC).cast(pl.Decimal(18, 4))),
    "decimals of pyarrow": lambda: pl.from_pandas(long()).with_columns(pl.col(OHLC).cast(pl.Decimal(18, 4))).to_arrow(),
    "grouped by symbol": lambda: long().sort_values(["symbol", "date"]),
    "times in the index": lambda: long().set_index("date"),
    "times in an index without name": lambda: with_times(as_given).set_index("date").rename_axis(None),
    "times in an index with another name": lambda: with_times(as_given).set_index("date").rename_axis("bar"),
    "text in an index without name": lambda: with_times(as_text).set_index("date").rename_axis(None),
    "both in the index": lambda: long().set_index(["date", "symbol"]),
    "both in the index, no names": lambda: with_times(as_given).set_index(["symbol", "date"]).rename_axis([None, None]),
    "rows with labels": lambda: long().set_index(pd.Index([7, 7, 9, 1, 2])),
    "index beside a column": lambda: long().set_index("date", drop=False),
    "wide": wide,
    "wide, symbols first": lambda: wide().swaplevel(axis=1).sort_index(axis=1),
    "wide, times in a column": lambda: wide().reset_index(),
    "flat": lambda: flat(0),
    "flat, fields first": lambda: flat(1),
    "flat polars": lambda: pl.from_pandas(flat(0).reset_index()),
    "flat pyarrow": lambda: pa.Table.from_pandas(flat(0)),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_panel(form: str) -> None:
    """To the unit, gaps included."""
    assert same(Panel.from_frame(FORMS[form]()), expected())


@pytest.mark.parametrize(
    "make", [lambda frame: frame, pl.from_pandas, pa.Table.from_pandas, lambda frame: frame.set_index("date")]
)
def test_a_frame_of_one_symbol_needs_its_name(make: Any) -> None:
    """Given beside it."""
    panel = Panel.from_frame(make(one()), symbol="A")
    assert (panel.symbols, panel.close[:, 0].tolist()) == (("A",), [11.25, 12.25, 13.25])


def test_wide_closes_are_bars_without_range() -> None:
    """Open, high and low are the close; volumes are not known."""
    panel = Panel.from_frame(wide()["close"])
    assert panel.symbols == ("A", "B")
    assert np.array_equal(panel.open, expected().close, equal_nan=True)
    assert np.array_equal(panel.high, panel.low, equal_nan=True)
    assert np.isnan(panel.volume).all()


def test_names_that_are_no_text_are_read_as_text() -> None:
    """Symbols may be numbers."""
    assert Panel.from_frame(wide()["close"].set_axis([600519, 7203], axis=1)).symbols == ("600519", "7203")
    assert Panel.from_frame(long().assign(symbol=600519).head(1)).symbols == ("600519",)


def test_narrow_floats_stand_for_their_shortest_text() -> None:
    """10.1 in 32 bits is 10.1."""
    frame = pl.DataFrame({"date": DAYS[:1], **{name: [10.1] for name in OHLC}}).with_columns(
        pl.col(OHLC).cast(pl.Float32)
    )
    assert Panel.from_frame(frame, symbol="A").close.item() == 10.1


def test_integers_are_prices_too() -> None:
    """And booleans are not."""
    frame = pl.DataFrame({"date": DAYS[:1], **{name: [10] for name in OHLC}})
    assert Panel.from_frame(frame, symbol="A").units.close.item() == 10_000_000
    with pytest.raises(DataError, match="'True' for 'A' is not a number"):
        Panel.from_frame(frame.with_columns(open=pl.lit(value=True)), symbol="A")


def test_volumes_that_are_not_known_may_be_anything_that_says_so() -> None:
    """None, NaN and NA are nothing."""
    for unknown in (None, float("nan"), pd.NA):
        frame = one().assign(volume=pd.Series([unknown, 5, "7"], dtype=object))
        assert Panel.from_frame(frame, symbol="A").volume[1:, 0].tolist() == [5.0, 7.0]


def test_columns_in_any_order_are_the_same_panel() -> None:
    """Names say what they are."""
    frame = long()
    assert same(Panel.from_frame(frame[frame.columns[::-1]]), expected())


CORRECT = "Correct the row, or leave the symbol out."
NUMBERS = pl.from_pandas(one())


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        (
            NUMBERS["open"],
            "frame: an object of type Series is no frame; expected a frame of pandas or polars, or a table of pyarrow.",
        ),
        (
            [1, 2],
            "frame: an object of type list is no frame; expected a frame of pandas or polars, or a table of pyarrow.",
        ),
        (NUMBERS.head(0), "frame: there are no rows. Add a row for each bar."),
        (one().rename(columns={"volume": "open"}), "frame: more than one column is called 'open'. Keep or rename one."),
        (pa.table([[1], [2]], names=["x", "x"]), "frame: more than one column is called 'x'. Keep or rename one."),
        (
            wide().set_axis(pd.MultiIndex.from_tuples([(*label, "x") for label in wide().columns]), axis=1),
            (
                "frame: the columns have 3 levels; expected one, or two for fields and symbols. "
                "Drop the others with droplevel."
            ),
        ),
        (
            wide().reset_index(drop=True),
            (
                "frame: there is no column of times, such as 'date' or 'timestamp'; the columns are 'open A', "
                "'open B', 'high A', 'high B', 'low A', 'low B', 'close A', 'close B', 'volume A', 'volume B'. "
                "Rename the column, or add it."
            ),
        ),
        (
            NUMBERS.with_columns(date=pl.Series([DAYS[0], None, DAYS[2]])),
            "frame, row 1, column 'date': there is no time. Correct the row.",
        ),
        (
            NUMBERS.with_columns(date=pl.Series([DAYS[0], date(2500, 1, 1), DAYS[2]])),
            "frame, row 1, column 'date': 2500-01-01 does not lie within 1900 to 2199. Correct the row.",
        ),
        (
            one().assign(date=[DAYS[0], None, float("nan")]),
            (
                "frame, row 1, column 'date': there is no time. Correct the row.\n"
                "frame, row 2, column 'date': there is no time. Correct the row."
            ),
        ),
        (
            one().assign(date=pd.Series([DAYS[0], datetime(2024, 1, 3, tzinfo=UTC), "2024-01-04"], dtype=object)),
            (
                "frame, row 1, column 'date': 2024-01-03 00:00:00+00:00 has a time zone, frame, row 0 has none. "
                "Correct the row."
            ),
        ),
        (
            NUMBERS.with_columns(date=pl.Series([1.5, 2.5, 3.5])).head(1),
            "frame, row 0, column 'date': 1 is a number, not a time. Correct the row.",
        ),
        (
            NUMBERS.with_columns(open=pl.Series([11.0, None, float("nan")])),
            (
                "frame, row 1, column 'open': there is no price for 'A'. Write the price, or leave the row out.\n"
                "frame, row 2, column 'open': there is no price for 'A'. Write the price, or leave the row out."
            ),
        ),
        (
            one().assign(open=pd.Series(["10.5", "1_1", "١"], dtype=object)),
            (
                f"frame, row 1, column 'open': '1_1' for 'A' is not a number. {CORRECT}\n"
                f"frame, row 2, column 'open': '١' for 'A' is not a number. {CORRECT}"
            ),
        ),
        (
            one().assign(volume=[1.0, -1.0, np.inf]),
            (
                "frame, row 1, column 'volume': -1.0 for 'A' is no volume; volumes are finite and not negative. "
                "Correct the row, or leave the cell empty.\n"
                "frame, row 2, column 'volume': inf for 'A' is no volume; volumes are finite and not negative. "
                "Correct the row, or leave the cell empty."
            ),
        ),
        (
            NUMBERS.reverse().head(2),
            (
                "frame, row 1, column 'date': 2024-01-03 for 'A' is earlier than the bar before it, at frame, row 0. "
                "Sort the rows by time, and keep one row a bar."
            ),
        ),
    ],
)
def test_a_frame_without_bars_is_refused_in_words(frame: Any, line: str) -> None:
    """By row, counted from 0 as the libraries do, and by column."""
    with pytest.raises(DataError) as caught:
        Panel.from_frame(frame, symbol="A")
    assert str(caught.value) == line


def test_faults_of_rows_of_a_wide_frame_are_told_once() -> None:
    """Not once a symbol."""
    frame = wide().reset_index().iloc[[0, 2, 1]]
    frame.iloc[0, 0] = pd.NaT
    with pytest.raises(DataError) as caught:
        Panel.from_frame(frame)
    assert str(caught.value) == (
        "frame, row 0, column 'date': there is no time. Correct the row.\n"
        "frame, row 2, column 'date': 2024-01-03 for 'A' is earlier than the bar before it, at frame, row 1. "
        "Sort the rows by time, and keep one row a bar."
    )


def test_a_cell_that_is_missing_in_a_wide_frame_is_told_by_its_column() -> None:
    """A symbol has all four prices at a time, or none."""
    frame = flat(0)
    frame.loc["2024-01-03", ["A_volume", "A_high"]] = np.nan
    with pytest.raises(DataError) as caught:
        Panel.from_frame(frame)
    assert str(caught.value) == (
        "frame, row 1, column 'A_high': there is no price for 'A'. Write the price, or leave the row out."
    )


@pytest.mark.parametrize("symbol", ["", 5])
def test_the_name_of_a_symbol_is_text(symbol: Any) -> None:
    """And not empty."""
    with pytest.raises(DataError, match=rf"frame: {symbol!r} is no name of a symbol\. Give it as text\."):
        Panel.from_frame(one(), symbol=symbol)


def test_polars_frames_need_neither_pandas_nor_pyarrow() -> None:
    """What is not installed is not asked for."""
    code = (
        "import sys; sys.modules['pandas'] = sys.modules['pyarrow'] = None\n"
        "import polars as pl; from strategy_orchestrator import Panel\n"
        "from strategy_orchestrator.market import panel_of\n"
        f"frame = pl.DataFrame({{'date': ['2024-01-02'], **dict.fromkeys({OHLC}, [1.5])}})\n"
        "print(Panel.from_frame(frame, symbol='A').n_bars, panel_of({'A': frame.lazy()}).n_bars)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]


def test_lists_are_neither_times_nor_names() -> None:
    """A column of lists is told row by row, as any other that is not what it ought to be."""
    frame = pl.DataFrame({"date": [[1], [2]], "symbol": [["A"], None], **{name: [1.0, 1.0] for name in OHLC}})
    with pytest.raises(DataError) as caught:
        Panel.from_frame(frame)
    assert str(caught.value.faults[0]).startswith("frame, row 0, column 'date': [1] is no time")
