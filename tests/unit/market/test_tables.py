"""How files are read, and what is said about those that cannot be."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from strategy_orchestrator.errors import DataError
from strategy_orchestrator.market import load_panel, tables
from tests.unit.market.builders import GOOD, HEADER, csv_text, faults_of, long_frame, write_csv

COLUMNS = "the columns are 'day', 'opne', 'high', 'low'. Rename the column, or add it"
OHLC = "date,open,high,low,close"


def test_prices_keep_their_decimals(tmp_path: Path) -> None:
    """A price written 100.10 is 100100000 quanta."""
    path = write_csv(tmp_path, "2024-01-02,100.10,100.100001,0.000001,100.1", header=OHLC, name="A.csv")
    units = load_panel(path).units
    assert (units.open.item(), units.high.item(), units.low.item()) == (100_100_000, 100_100_001, 1)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1.0000005", 1_000_000),
        ("1.0000015", 1_000_002),
        ("1.00000050000000000000000000000000001", 1_000_001),
        ("1.0000014999999999999999999999999999999", 1_000_001),
        ("1.00000150000000000000000", 1_000_002),
        ("9007199254.740993", 9_007_199_254_740_993),
        ("9223372036853.123457", 9_223_372_036_853_123_457),
        ("1e-6", 1),
        ("0.00000050000000000001", 1),
        (" 1.5 ", 1_500_000),
        ("+2.50", 2_500_000),
        ("1E2", 100_000_000),
    ],
)
def test_more_decimals_are_rounded_half_to_even_from_what_is_written(text: str, units: int, tmp_path: Path) -> None:
    """Neither the float between text and count, nor the number of digits, changes the count."""
    path = write_csv(tmp_path, f"2024-01-02,{text},{text},{text},{text}", header=OHLC, name="A.csv")
    panel = load_panel(path)
    assert panel.units.close.item() == units
    assert panel.close.item() == float(text)


def test_decimals_of_parquet_are_kept(tmp_path: Path) -> None:
    """Decimal and text columns say more than floats do."""
    prices = [Decimal("9007199254.740993")]
    texts = ["9007199254.740993"]
    frame = pl.DataFrame({"ts": ["2024-01-02"], "o": prices, "h": texts, "l": prices, "c": texts})
    frame.write_parquet(tmp_path / "A.parquet")
    panel = load_panel(tmp_path / "A.parquet")
    assert panel.units.open.item() == panel.units.high.item() == 9_007_199_254_740_993


def test_narrow_floats_of_parquet_stand_for_their_shortest_text(tmp_path: Path) -> None:
    """100.9 in 32 bits stays 100.9."""
    frame = long_frame().with_columns(pl.lit(10.5).cast(pl.Float32).alias("high"), pl.lit(9.9).alias("low"))
    frame.filter(pl.col("symbol") == "AAPL").with_columns(pl.col("close").cast(pl.Float32)).write_parquet(
        tmp_path / "p.parquet"
    )
    assert load_panel(tmp_path / "p.parquet").units.close[0].item() == 10_200_000


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: "\n\n" + text,
        lambda text: text + "\n\n",
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text + ",,,,,,\n",
        lambda text: text.removesuffix("\n"),
        lambda text: text.replace("AAPL", '"AAPL"').replace("10.10", '"10.10"'),
        lambda text: text.replace("\n", ",x\n").replace("volume,x", "volume,note", 1),
    ],
)
def test_the_dress_of_a_csv_file_does_not_matter(change: Callable[[str], str], tmp_path: Path) -> None:
    """Line ends, marks, blank lines, quotes and further columns change nothing."""
    path = tmp_path / "p.csv"
    path.write_bytes(change(csv_text(*GOOD)).encode())
    panel = load_panel(path)
    assert panel.symbols == ("AAPL", "MSFT")
    assert panel.units.close.tolist() == [[10_200_000, 20_500_000], [10_300_000, 0]]


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    """`.csv.gz` is CSV."""
    path = tmp_path / "AAPL.csv.gz"
    path.write_bytes(gzip.compress(csv_text("2024-01-02,1,1,1,1", header=OHLC).encode()))
    assert load_panel(path).symbols == ("AAPL",)


def test_an_index_without_a_name_is_the_time(tmp_path: Path) -> None:
    """What pandas writes for an index has no name."""
    path = write_csv(tmp_path, "2024-01-02,1,1,1,1", header=",Open,High,Low,Close", name="A.csv")
    assert [str(moment) for moment in load_panel(path).timestamps] == ["2024-01-02 00:00:00+00:00"]


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("2024-01-02", 0),
        ("20240102", 0),
        ("2024-01-02 15:30:00", 55_800_000_000_000),
        ("2024-01-02T15:30", 55_800_000_000_000),
        ("2024-01-02T15:30:00.5", 55_800_500_000_000),
        ("2024-01-02T15:30:00.123456789", 55_800_123_456_789),
        ("2024-01-02T15:30:00Z", 55_800_000_000_000),
        ("2024-01-02 10:30:00-05:00", 55_800_000_000_000),
        ("2024-01-02T10:30:00.000000001-0500", 55_800_000_000_001),
        ("20240102T153000Z", 55_800_000_000_000),
        (" 2024-01-02", 0),
    ],
)
def test_times_in_iso_form_are_read(text: str, nanoseconds: int, tmp_path: Path) -> None:
    """Days, times with and without zone, to the nanosecond."""
    path = write_csv(tmp_path, f"{text},1,1,1,1", header=OHLC, name="A.csv")
    assert load_panel(path).timestamps_ns.item() == 1_704_153_600_000_000_000 + nanoseconds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is no time"),
        ("02/01/2024", "'02/01/2024' is no time in ISO form; write for instance 2020-01-02 or 2020-01-02T15:30:00Z"),
        ("2024-02-30", "'2024-02-30' is no time of the calendar"),
        ("2024-01-02T10:00:60", "'2024-01-02T10:00:60' is no time of the calendar"),
        ("20241302", "20241302 is a number, not a time"),
        ("1704153600", "1704153600 is a number, not a time; it looks like seconds since 1970, 2024-01-02"),
        ("1704153600000", "1704153600000 is a number, not a time; it looks like milliseconds since 1970, 2024-01-02"),
        ("1704153600.5", "1704153600 is a number, not a time; it looks like seconds since 1970, 2024-01-02"),
        (
            "1704153600000000",
            "1704153600000000 is a number, not a time; it looks like microseconds since 1970, 2024-01-02",
        ),
        ("9" * 99, f"'{'9' * 60}...' is no time in ISO form; write for instance 2020-01-02 or 2020-01-02T15:30:00Z"),
        ("1800-01-01", "'1800-01-01' does not lie within 1900 to 2199"),
        ("9999-01-01T00:00:00.1", "'9999-01-01T00:00:00.1' does not lie within 1900 to 2199"),
        ("1899-12-31T23:59:59Z", "'1899-12-31T23:59:59Z' does not lie within 1900 to 2199"),
        ("2199-12-31T23:59:59-12:00", "'2199-12-31T23:59:59-12:00' does not lie within 1900 to 2199"),
    ],
)
def test_what_is_no_time_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    """Nothing is guessed; numbers are told with the unit that they are likely in."""
    path = write_csv(tmp_path, f"{text},1,1,1,1", header=OHLC, name="A.csv")
    assert faults_of(lambda: load_panel(path), tmp_path) == [
        f"A.csv, line 2, column 'date': {problem}. Correct the row."
    ]


def test_times_with_and_without_zone_are_not_mixed(tmp_path: Path) -> None:
    """In one file the odd ones are told, between files the files."""
    lines = ("2024-01-02T00:00:00Z,1,1,1,1", "2024-01-03,1,1,1,1", "2024-01-04T00:00:00Z,1,1,1,1")
    mixed = write_csv(tmp_path, *lines, header=OHLC, name="A.csv")
    assert faults_of(lambda: load_panel(mixed), tmp_path) == [
        "A.csv, line 3, column 'date': 2024-01-03 has no time zone, A.csv, line 2 has one. Correct the row."
    ]
    write_csv(tmp_path, lines[0], header=OHLC, name="A.csv")
    write_csv(tmp_path, lines[1], header=OHLC, name="B.csv")
    assert faults_of(lambda: load_panel(tmp_path), tmp_path) == [
        (
            "A.csv, line 2: its time has a zone, that of B.csv, line 2 has none. "
            "Give all times a zone, or none, which means UTC."
        )
    ]


def test_seconds_read_as_milliseconds_are_refused(tmp_path: Path) -> None:
    """Times in the first weeks of 1970 are told with what they look like."""
    lines = [f"1970-01-20T17:2{minute}:00,1,1,1,1" for minute in (3, 4)]
    path = write_csv(tmp_path, *lines, header=OHLC, name="A.csv")
    (line,) = faults_of(lambda: load_panel(path), tmp_path)
    assert "1970-01-20T17:23:00+00:00 and all other times lie at the beginning of 1970" in line
    assert "a unit 1,000 times too small, 2024-01-02T" in line


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", ": the file is empty. Write a line of column names, then a line a bar."),
        (b"\xef\xbb\xbf\r\n\n", ": the file is empty. Write a line of column names, then a line a bar."),
        (OHLC.encode(), ": there are no rows. Add a row for each bar."),
        (OHLC.encode() + b"\n\n,,,,\n", ": there are no rows. Add a row for each bar."),
        (
            OHLC.encode() + b"\n2024-01-02,1,\x00,1,1\n",
            ", line 2: there is a zero byte, so the file is no text in UTF-8. Save it as UTF-8.",
        ),
        (
            OHLC.encode() + b"\n2024-01-02,1,1,1,1\n2024-01-03,\xff,1,1,1\n",
            ", line 3: the byte 0xff is no UTF-8. Save the file as UTF-8.",
        ),
        (
            OHLC.encode() + b"\r2024-01-02,1,1,1,1\r",
            ": the lines end with a carriage return alone. Save it with line feeds.",
        ),
        (
            b"date;open;high;low;close\n2024-01-02;1,5;1,5;1,5;1,5\n",
            ": the columns are separated by ';'; expected commas, and points before decimals. Save it so.",
        ),
        (
            b"date\topen\thigh\tlow\tclose\n",
            ": the columns are separated by '\\t'; expected commas, and points before decimals. Save it so.",
        ),
        (b"date,open,open,low,close\n", ": more than one column is called 'open'. Keep or rename one."),
        (
            OHLC.encode() + b"\n2024-01-02,1,1,1,1\n2024-01-03,1,1,1,1,1\n2024-01-04,1,1,1,1,1,1\n",
            [
                ", line 3: there are 6 cells; the header names 5 columns.",
                ", line 4: there are 7 cells; the header names 5 columns.",
            ],
        ),
        (
            b"day,opne,high,low\n2024-01-02,1,1,1\n",
            [
                f": there is no column of times, such as 'date' or 'timestamp'; {COLUMNS}.",
                f": there is no column 'open'; {COLUMNS}; did you mean 'opne'?",
                f": there is no column 'close'; {COLUMNS}.",
            ],
        ),
    ],
)
def test_a_file_of_the_wrong_form_is_told_in_words(content: bytes, problem: str | list[str], tmp_path: Path) -> None:
    """Whatever is wrong with the file as a whole takes one line for each fault."""
    path = tmp_path / "A.csv"
    path.write_bytes(content)
    expected = [problem] if isinstance(problem, str) else problem
    assert faults_of(lambda: load_panel(path), tmp_path) == [f"A.csv{line}" for line in expected]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("A.csv", OHLC.encode() + b'\n2024-01-02,"1,1,1,1\n2024-01-03,1,1,1,1\n'),
        ("A.csv", b'"' + b"x" * 200_000 + b'",open\n1,2\n'),
        ("A.csv", OHLC.encode() + b'\n"' + b"x" * 200_000 + b'",1,1,1,1,1,1\n'),
        ("A.csv.gz", csv_text(*GOOD).encode()),
        ("A.csv.gz", gzip.compress(csv_text(*GOOD).encode(), mtime=0)[:-12]),
        ("A.csv.gz", gzip.compress(csv_text(*GOOD).encode(), mtime=0)[:20] + b"\xff" * 40),
        ("A.parquet", b""),
        ("A.parquet", b"PAR1"),
        ("A.parquet", b"PAR1" + b"\xff" * 500),
        ("A.parquet", b"date,open\n"),
        ("A.parquet", b"PAR1" + b"\xff" * 500 + b"PAR1"),
    ],
)
def test_a_broken_file_takes_one_line(name: str, content: bytes, tmp_path: Path) -> None:
    """Files that are cut, or no files of their kind at all, are named and not opened further."""
    path = tmp_path / name
    path.write_bytes(content)
    (line,) = faults_of(lambda: load_panel(path), tmp_path)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line


def test_columns_of_other_types_are_no_prices(tmp_path: Path) -> None:
    """Lists in Parquet are refused by column."""
    pl.DataFrame(
        {"date": ["2024-01-02"], **{name: [[1.0]] for name in ("open", "high", "low", "close")}}
    ).write_parquet(tmp_path / "A.parquet")
    lines = faults_of(lambda: load_panel(tmp_path / "A.parquet"), tmp_path)
    assert all(line.startswith("A.parquet") for line in lines)


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    """Blank lines, and lines inside of quotes, count."""
    text = f'\n{HEADER},note\n{GOOD[0]},"two\nlines"\n\n2024-01-03,AAPL,x,1,1,1,1,\n'
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    assert faults_of(lambda: load_panel(path), tmp_path) == [
        "p.csv, line 6, column 'open': 'x' for 'AAPL' is not a number. Correct the row, or leave the symbol out."
    ]


def test_a_file_without_any_symbol_is_told_by_line(tmp_path: Path) -> None:
    """The column is there, and empty."""
    path = write_csv(tmp_path, "2024-01-02,,1,1,1,1,1", "2024-01-03, ,1,1,1,1,1")
    assert [line.split(": ")[0] for line in faults_of(lambda: load_panel(path), tmp_path)] == [
        "prices.csv, line 2, column 'symbol'",
        "prices.csv, line 3, column 'symbol'",
    ]


def test_rows_of_parquet_are_counted_from_1(tmp_path: Path) -> None:
    """The first row is row 1."""
    long_frame().with_columns(pl.col("close") * -1).head(1).write_parquet(tmp_path / "p.parquet")
    first, _ = faults_of(lambda: load_panel(tmp_path / "p.parquet"), tmp_path)
    assert first == (
        "p.parquet, row 1, column 'close': -10.2 for 'AAPL' is not a price; prices are greater than 0. "
        "Correct the row, or leave the symbol out."
    )


@pytest.mark.parametrize("name", ["A.csv.gz", "A.parquet"])
def test_a_file_that_swells_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some kilobytes can hold more than any memory; a real table of prices is far from it."""
    days = [f"{1900 + day // 336}-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}" for day in range(3000)]
    frame = pl.DataFrame({"date": days, **dict.fromkeys(("open", "high", "low", "close"), 1.0)})
    path = tmp_path / name
    path.write_bytes(gzip.compress(frame.write_csv().encode())) if name.endswith("gz") else frame.write_parquet(path)
    assert load_panel(path).n_bars == 3000
    monkeypatch.setattr(tables, "_LEAST_UNPACKED", 1000)
    monkeypatch.setattr(tables, "_TIMES_PACKED", 1)
    words = rf"{name}: the file has [\d,]+ bytes and unpacks to more than [\d,]+, which prices do not"
    with pytest.raises(DataError, match=words):
        load_panel(path)
