"""Parquet read in chunks is Parquet read whole, and what is wrong is told with its row."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from strategy_orchestrator import ConfigError, DataError, Panel
from strategy_orchestrator.market import load_panel, open_panel, timed
from tests.unit.market.builders import faults_of, long_frame

FIELDS = ("timestamps_ns", "open", "high", "low", "close", "volume", "traded")


def walk(n_bars: int = 30, gaps: float = 0.3) -> pl.DataFrame:
    """Return a long frame of three symbols with gaps, in the order of time."""
    rng = np.random.default_rng(1)
    close = np.round(50 * np.exp(np.cumsum(rng.normal(0, 0.02, (n_bars, 3)), axis=0)), 2).ravel()
    times = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 12, 31), "1d", eager=True).head(n_bars)
    frame = pl.DataFrame(
        {
            "timestamp": times.repeat_by(3).explode(),
            "symbol": ["C", "A", "B"] * n_bars,
            "open": close,
            "high": close + 1,
            "low": close - 1,
            "close": close + 0.25,
            "volume": rng.integers(1, 9, 3 * n_bars),
        }
    )
    return frame.filter(pl.Series(rng.random(3 * n_bars) >= gaps))


def write(path: Path, frame: pl.DataFrame, rows: int = 7) -> Path:
    """Write a file of small row groups."""
    frame.write_parquet(path, row_group_size=rows)
    return path


def joined(path: object, **options: Any) -> tuple[int, dict[str, Any]]:
    """Return the number of chunks of a stream and all of them as one, by field."""
    parts = [chunk.own for chunk in open_panel(path, **options).chunks()]  # type: ignore[arg-type]
    columns = [columns_of(part) for part in parts]
    return len(parts), {name: [row for each in columns for row in each[name]] for name in columns[0]}


def columns_of(panel: Panel) -> dict[str, Any]:
    """Return all that a panel holds, as text, by field."""
    arrays = {name: getattr(panel, name) for name in FIELDS}
    arrays |= {f"{name} units": getattr(panel.units, name) for name in FIELDS[1:5]}
    return {name: [repr(row) for row in array.tolist()] for name, array in arrays.items()}


def same(found: tuple[int, dict[str, Any]], panel: Panel) -> bool:
    """Tell whether joined chunks are a panel."""
    return found[1] == columns_of(panel)


@pytest.mark.parametrize("chunk_bars", [1, 4, 100])
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_a_long_file(tmp_path: Path, chunk_bars: int, gaps: float) -> None:
    """Whatever its row groups and gaps are."""
    path = write(tmp_path / "prices.parquet", walk(gaps=gaps))
    found = joined(path, chunk_bars=chunk_bars)
    assert same(found, load_panel(path))
    assert found[0] == -(-30 // chunk_bars)


def by_symbol(folder: Path, frame: pl.DataFrame) -> Path:
    """Write one file a symbol."""
    for (name,), part in frame.partition_by("symbol", as_dict=True, include_key=False).items():
        write(folder / f"{name}.parquet", part)
    return folder


@pytest.mark.parametrize("chunk_bars", [1, 4, 100])
def test_one_file_a_symbol(tmp_path: Path, chunk_bars: int) -> None:
    """The time axis is the union; a file with gaps is read as far as the chunk goes."""
    folder = by_symbol(tmp_path, walk())
    assert same(joined(folder, chunk_bars=chunk_bars), load_panel(folder))


def test_one_long_file_a_part_of_the_time(tmp_path: Path) -> None:
    """A chunk may reach over the end of a file."""
    frame = walk()
    for place, part in enumerate((frame.head(20), frame.slice(20, 30), frame.slice(50))):
        write(tmp_path / f"{place}.parquet", part)
    assert same(joined(tmp_path, chunk_bars=4), load_panel(tmp_path))


@pytest.mark.parametrize("layout", ["long", "by symbol"])
def test_some_symbols(tmp_path: Path, layout: str) -> None:
    """The time axis is theirs alone."""
    frame = walk(gaps=0.6)
    path: Path = write(tmp_path / "p.parquet", frame) if layout == "long" else by_symbol(tmp_path, frame)
    assert same(joined(path, chunk_bars=3, symbols=["A"]), load_panel(path, symbols=["A"]))


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.with_columns(pl.col("timestamp").dt.to_string("%Y-%m-%d")),
        lambda frame: frame.with_columns(pl.col("timestamp").dt.replace_time_zone("America/New_York")),
        lambda frame: frame.with_columns(pl.col("timestamp").cast(pl.Date)),
        lambda frame: frame.with_columns(pl.col("open", "high", "low", "close").cast(pl.Decimal(12, 4))),
        lambda frame: frame.with_columns(pl.col("open", "high", "low", "close").cast(pl.Float32)),
        lambda frame: frame.with_columns(pl.when(pl.col("volume") > 5).then(pl.col("volume")).alias("volume")),
        lambda frame: frame.with_columns(pl.col("symbol").cast(pl.Categorical)),
        lambda frame: frame.drop("volume"),
    ],
    ids=["text", "zone", "date", "decimal", "float32", "null-volume", "categorical", "no-volume"],
)
def test_columns_of_other_types(tmp_path: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """What cannot be taken at once is read as a file that is loaded whole."""
    path = write(tmp_path / "p.parquet", change(walk()))
    assert same(joined(path, chunk_bars=4), load_panel(path))


def test_adjusted_prices(tmp_path: Path) -> None:
    """Every row is adjusted by itself, so chunks make no difference."""
    path = write(tmp_path / "p.parquet", walk().with_columns(adj_close=pl.col("close") * 0.3))
    stream = open_panel(path, chunk_bars=4, adjust="adj_close")
    assert stream.is_split_adjusted
    assert same(joined(path, chunk_bars=4, adjust="adj_close"), load_panel(path, adjust="adj_close"))


def test_a_chunk_holds_a_million_cells(tmp_path: Path) -> None:
    """Unless somebody says how many bars it has."""
    assert joined(write(tmp_path / "p.parquet", walk()))[0] == 1


def told(path: object, **options: Any) -> list[str]:
    """Return what is said about files that are refused, when they are opened or read."""

    def read() -> Any:
        return list(open_panel(path, **{"chunk_bars": 1, **options}).chunks())  # type: ignore[arg-type]

    return faults_of(read, Path(str(path)).parent)


def test_rows_out_of_order_are_refused(tmp_path: Path) -> None:
    """With both times, the row, and what to do."""
    frame = long_frame()
    path = write(tmp_path / "p.parquet", pl.concat([frame, frame.head(1)]))
    problem = "2024-01-02 comes after 2024-01-03; what is streamed is in the order of time"
    remedy = "Sort the file by time, or load it whole, without streaming"
    assert told(path) == [f"p.parquet, row 4, column 'date': {problem}. {remedy}."]


def test_rows_are_in_order_over_the_border_of_two_readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last time of the rows before is remembered."""
    monkeypatch.setattr(timed, "_ROWS_AT_ONCE", 2)
    frame = long_frame()
    assert same(joined(write(tmp_path / "good.parquet", frame)), load_panel(tmp_path / "good.parquet"))
    path = write(tmp_path / "p.parquet", pl.concat([frame.tail(1), frame.tail(1), frame.head(1)]))
    assert [line.split(";")[0] for line in told(path)] == [
        "p.parquet, row 3, column 'date': 2024-01-02 comes after 2024-01-03"
    ]


def test_wrong_rows_are_told_by_their_row_in_the_file(tmp_path: Path) -> None:
    """In whatever chunk they are; those of later chunks are found when their turn comes."""
    frame = walk(6, gaps=0.0)
    high = pl.col("high") - pl.when(pl.int_range(pl.len()) == 7).then(0.9).otherwise(0.0)
    path = write(tmp_path / "p.parquet", frame.with_columns(high))
    found = told(path)
    assert len(found) == 1
    assert found[0].startswith("p.parquet, row 8, column 'high': ")


def test_a_bar_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """In one file or in two."""
    frame = long_frame().filter(pl.col("symbol") == "AAPL")
    write(tmp_path / "a.parquet", frame)
    write(tmp_path / "b.parquet", frame.tail(1))
    assert told(tmp_path)[0].split(": ", 1)[1].startswith("2024-01-03 for 'AAPL' is the same time as")


def test_a_row_without_symbol_is_refused(tmp_path: Path) -> None:
    """Also where only some symbols are wanted."""
    symbol = pl.when(pl.int_range(pl.len()) != 1).then(pl.col("symbol")).alias("symbol")
    path = write(tmp_path / "p.parquet", long_frame().with_columns(symbol))
    expected = ["p.parquet, row 2, column 'symbol': the symbol is empty. Name it, or leave the row out."]
    assert told(path) == told(path, symbols=["AAPL"]) == expected


def test_a_time_that_is_missing_is_refused_at_once(tmp_path: Path) -> None:
    """When the file is opened."""
    date = pl.when(pl.int_range(pl.len()) != 1).then(pl.col("date")).alias("date")
    path = write(tmp_path / "p.parquet", long_frame().with_columns(date))
    assert told(path) == ["p.parquet, row 2, column 'date': there is no time. Correct the row."]


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        (long_frame().head(0), "p.parquet: there are no rows. Add a row for each bar."),
        (
            pl.DataFrame({"date": ["2024-01-02"], "AAPL": [1.0], "MSFT": [2.0]}),
            "p.parquet: the table is wide; a long one is streamed, or one file a symbol. Load it whole.",
        ),
    ],
)
def test_files_that_cannot_be_streamed(tmp_path: Path, frame: pl.DataFrame, problem: str) -> None:
    """One line says why."""
    assert told(write(tmp_path / "p.parquet", frame)) == [problem]


def test_only_parquet_is_streamed(tmp_path: Path) -> None:
    """And only if it is Parquet inside."""
    (tmp_path / "a.csv").write_text("date,close\n")
    (tmp_path / "b.parquet").write_text("nothing of the kind")
    assert told([tmp_path / "a.csv", tmp_path / "b.parquet"]) == [
        f"{tmp_path}/a.csv: only Parquet is streamed. Convert it, or load it whole.",
        f"{tmp_path}/b.parquet: the file is no complete Parquet file. Write it again.",
    ]


def test_an_unknown_symbol_is_refused(tmp_path: Path) -> None:
    """With the nearest that there is."""
    path = write(tmp_path / "p.parquet", long_frame())
    assert told(path, symbols=["AAPl"]) == [
        "symbols: 'AAPl' is not in the data; there are 'AAPL', 'MSFT'. Did you mean 'AAPL'?"
    ]


def test_options_are_checked(tmp_path: Path) -> None:
    """As those of `load_panel` are."""
    with pytest.raises(ConfigError, match="adjust"):
        open_panel(tmp_path, adjust="close")
    with pytest.raises(ConfigError, match="chunk_bars"):
        open_panel(write(tmp_path / "p.parquet", long_frame()), chunk_bars=0)


def test_a_file_that_changes_is_noticed(tmp_path: Path) -> None:
    """Between two readings, too."""
    path = write(tmp_path / "p.parquet", long_frame())
    stream = open_panel(path, chunk_bars=1)
    assert len(list(stream.chunks())) == 2
    os.utime(path, ns=(1, 1))
    with pytest.raises(DataError, match=r"p\.parquet: the file has changed since it was opened\. Open it again\."):
        list(stream.chunks())
