"""Files that somebody broke, by accident or with intent: a corpus of good ones, and what is done to them."""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import polars as pl
from hypothesis import strategies as st

from strategy_orchestrator.store import save_run
from strategy_orchestrator.store.folder import FileSeal
from strategy_orchestrator.store.seal import SEAL_FILE, SEALED_FILES, seal_bytes
from tests.unit.store.builders import HOSTILE, make_result

ODD_CELLS: Final = (
    "",
    " ",
    "-",
    "0",
    "-1",
    "1e999",
    "-1e999",
    "nan",
    "inf",
    "1e-7",
    "0.0000001",
    "9223372036854775807",
    "1" * 400,
    "0x10",
    "1_000",
    "1,5",
    "1.2.3",
    "١٢",
    "½",
    "2024-02-30",
    "2024-13-01",
    "9999-12-31",
    "0001-01-01",
    "1677-09-21",
    "2262-04-12",
    "2024-01-02T25:00:00",
    "2024-01-02T10:00:00+99:00",
    "2024-01-02 10:00:00 Europe/Nowhere",
    "1704153600",
    "true",
    "None",
    '"',
    '""',
    "'",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\ufeff",
    "\u202e",
    "\u2028",
    "\x1b[31m",
    "\x7f",
    "a" * 5000,
    *HOSTILE[:-1],
)
"""What a cell of a table may hold that no honest file holds."""
PIECES: Final = (
    b"",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r",
    b",",
    b",,,,,,,,",
    b";",
    b'"',
    b'""',
    b"'''",
    b'"""',
    b"[",
    b"]",
    b"[[",
    b"{",
    b"}",
    b"=",
    b"#",
    b".",
    b"\\u0000",
    b"\\",
    b"\xed\xa0\x80",
    b"PAR1",
    b"\x1f\x8b",
    b"[" * 300,
    b"1e99999999",
    b"-0",
    b"0" * 300,
    b"9" * 400,
    b"date",
    b"close",
    b"symbol",
    b"run",
    b"strategy",
    b"null",
    b"true",
    b"NaN",
    b"Infinity",
    *(cell.encode() for cell in ODD_CELLS[:40]),
)
"""What is put into the bytes of a file."""

Edit = tuple[str, float, int, int]

edits: st.SearchStrategy[list[Edit]] = st.lists(
    st.tuples(
        st.sampled_from(("put", "write", "drop", "flip", "twice", "cut", "swap")),
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 255),
        st.integers(0, len(PIECES) - 1),
    ),
    min_size=1,
    max_size=6,
)
"""What is done to the bytes of a file, one thing after another: what, where, how much, and with which piece."""


def edited(content: bytes, changes: Sequence[Edit]) -> bytes:
    """Return the bytes after some edits."""
    for what, where, much, piece in changes:
        at = int(where * len(content))
        match what:
            case "put":
                content = content[:at] + PIECES[piece] + content[at:]
            case "write":
                content = content[:at] + PIECES[piece] + content[at + len(PIECES[piece]) :]
            case "drop":
                content = content[:at] + content[at + 1 + much :]
            case "flip":
                content = content[:at] + bytes([much]) + content[at + 1 :]
            case "twice":
                content = content[:at] + content[at : at + 1 + much] * 2 + content[at + 1 + much :]
            case "cut":
                content = content[:at] if much < 128 else content[at:]
            case _:
                content = content[at:] + content[:at]
    return content


def rows_of(n_bars: int, symbol: str = "") -> list[str]:
    """Return daily bars as lines."""
    first = f"{symbol}," if symbol else ""
    return [
        f"{first}2024-01-{day:02d},{day + 10},{day + 12}.5,{day + 9},{day + 11},1000" for day in range(1, n_bars + 1)
    ]


@cache
def csv_seeds() -> tuple[tuple[str, bytes], ...]:
    """Return good files of CSV with their endings."""
    one = "\n".join(["date,open,high,low,close,volume", *rows_of(12)])
    long = "\n".join(["symbol,date,open,high,low,close,volume", *rows_of(6, "AAPL"), *rows_of(6, "=cmd()")])
    adjusted = "\n".join(["Date,Open,High,Low,Close,Adj Close", *(row.replace("1000", "7.5") for row in rows_of(9))])
    quoted = one.replace(",", '","').replace("\n", '"\n"')
    texts = [one, long, adjusted, f'"{quoted}"', one.replace("\n", "\r\n"), one.replace("2024-01-", "01/")]
    files = [(".csv", text.encode()) for text in texts]
    return (*files, (".csv", b"\xef\xbb\xbf" + texts[0].encode()), (".csv.gz", gzip.compress(texts[1].encode())))


def frame_of(cells: dict[str, Sequence[Any]]) -> bytes:
    """Write a frame as Parquet."""
    buffer = BytesIO()
    pl.DataFrame(cells, strict=False).write_parquet(buffer)
    return buffer.getvalue()


@cache
def parquet_seeds() -> tuple[bytes, ...]:
    """Return good files of Parquet."""
    table = pl.read_csv(csv_seeds()[1][1], try_parse_dates=True)
    wide = table.drop("symbol").head(6)
    return tuple(
        frame_of({column: frame[column].to_list() for column in frame.columns})
        for frame in (table, wide, table.with_columns(pl.col("close").cast(pl.Decimal(18, 6))))
    )


COLUMNS: Final = (
    "date",
    "symbol",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "adj_close",
    "timestamp",
    "x",
    *HOSTILE[:3],
)
odd_values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(ODD_CELLS),
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(width=64),
    st.datetimes(),
    st.dates(),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    st.binary(max_size=4),
    st.lists(st.integers(0, 9), max_size=2),
)


@st.composite
def odd_frames(draw: st.DrawFn) -> bytes:
    """Draw a Parquet file of columns that are called as in a table of prices and hold whatever."""
    names = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=7, unique=True))
    height = draw(st.integers(0, 5))
    cells = {}
    for name in names:
        kind = draw(st.sampled_from(("prices", "days", "odd")))
        if kind == "odd":
            value = draw(odd_values)
            cells[name] = [draw(st.sampled_from((value, None))) for _ in range(height)]
        else:
            cells[name] = [10.5 if kind == "prices" else f"2024-01-{day + 1:02d}" for day in range(height)]
    return frame_of(cells)


@st.composite
def odd_tables(draw: st.DrawFn) -> bytes:
    """Draw a file of CSV in which some cells are odd."""
    lines = [line.split(",") for line in csv_seeds()[draw(st.integers(0, 2))][1].decode().split("\n")]
    for _ in range(draw(st.integers(1, 4))):
        line = draw(st.sampled_from(lines))
        line[draw(st.integers(0, len(line) - 1))] = draw(st.sampled_from(ODD_CELLS))
    return "\n".join(",".join(line) for line in lines).encode()


RUN_FILE: Final = b"""
[run]
initial_capital = "100000"
conflict_resolution_mode = "FIRST_WINS"
commission_pct = 0.001
lot_size = { AAPL = "0.1" }
metrics = []
rebalancer = "THRESHOLD"
[data]
source = "csv"
path = ["prices/*.csv", "more.csv"]
symbols = ["AAPL"]
[plugins]
only = ["orchestrator-starter"]
[resolver]
params = { order = ["a", "b"] }
[[strategy]]
use = "momentum"
weight = "0.4"
label = "<script>"
params = { fast = 10, slow = 50, deep = { deeper = [1, 2.5, 2024-01-01, 10:00:00] } }
[strategy.protective_exits]
stop_loss = 0.05
max_holding_bars = 10
[[strategy]]
use = "orchestrator-starter:rsi"
weight = 0.35
warmup_bars = 5
"""

SNIPPETS: Final = (
    *ODD_CELLS[:24],
    '"text"',
    "[]",
    "[[1]]",
    "{}",
    "{ a = 1 }",
    "[{ a = 1 }, 2]",
    "2024-01-01",
    "10:00:00",
    "1979-05-27T00:32:00Z",
    "nan",
    "-inf",
    "0x1F",
    "1e400",
    "true",
    "'../../x'",
    '"\\u202e"',
    '"a\\u0000b"',
    '"=cmd()"',
    f'"{"y" * 300}"',
    "-0.0",
)
"""Values to write in the place of others in a run file."""


@st.composite
def odd_run_files(draw: st.DrawFn) -> bytes:
    """Draw a run file in which some values, or whole lines, are odd."""
    lines = RUN_FILE.decode().split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(1, len(lines) - 2))
        key, mark, _ = lines[at].partition(" = ")
        odd = draw(st.sampled_from(SNIPPETS))
        if mark and draw(st.booleans()):
            lines[at] = f"{key}{mark}{odd}"
        else:
            lines[at] = draw(
                st.sampled_from(("", f"{key}.x = {odd}", f'"{odd[:5]}" = 1', f"[{key}]", f"[[{key}]]", lines[-3]))
            )
    return "\n".join(lines).encode()


@cache
def run_seed() -> dict[str, bytes]:
    """Return the files of a good run folder."""
    with tempfile.TemporaryDirectory() as place:
        folder = save_run(Path(place) / "run", make_result(), {"run_id": "1"})
        return {path.name: path.read_bytes() for path in folder.iterdir()}


def sealed_again(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files with a seal that vouches for them."""
    seals = {name: FileSeal(hashlib.sha256(files[name]).hexdigest(), len(files[name])) for name in SEALED_FILES}
    return {**files, SEAL_FILE: seal_bytes(seals)}


ODD_JSON: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    2**70,
    0.5,
    "",
    "x",
    "1e999",
    "NaN",
    [],
    [None],
    [[]],
    {},
    {"a": None},
    "../../x",
    "9" * 400,
    ["A_0", "A_0"],
    [1],
    "2024-99-99",
    "-0",
    "\x00",
    "\u202e",
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all values in what JSON holds."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            found.extend(places_in(item, (*path, key)))
    return found


@cache
def json_places(name: str) -> list[tuple[Any, ...]]:
    """Return the paths to all values in a file of JSON of the good run folder."""
    return places_in(json.loads(run_seed()[name]))


def with_value(content: bytes, path: Sequence[Any], value: Any) -> bytes:
    """Return JSON in which one value is another one."""
    document = json.loads(content)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(document).encode()


@dataclass(frozen=True)
class OddFolder:
    """What is done to a good run folder; a recipe, for the files themselves are long."""

    name: str
    changes: tuple[Edit, ...] = ()
    path: tuple[Any, ...] = ()
    value: Any = None
    is_gone: bool = False
    is_sealed_again: bool = False

    @property
    def files(self) -> dict[str, bytes]:
        """The files that come of it."""
        files = dict(run_seed())
        if self.is_gone:
            del files[self.name]
        elif self.path:
            files[self.name] = with_value(files[self.name], self.path, self.value)
        else:
            files[self.name] = edited(files[self.name], self.changes)
        can_be_sealed = self.name != SEAL_FILE and not self.is_gone
        return sealed_again(files) if self.is_sealed_again and can_be_sealed else files


@st.composite
def odd_folders(draw: st.DrawFn) -> OddFolder:
    """Draw a run folder in which something is odd; its seal may vouch for it all the same."""
    name, again = draw(st.sampled_from(sorted(run_seed()))), draw(st.booleans())
    match draw(st.sampled_from(("bytes", "json", "json", "gone"))):
        case "bytes":
            return OddFolder(name, changes=tuple(draw(edits)), is_sealed_again=again)
        case "gone":
            return OddFolder(name, is_gone=True)
    name = draw(st.sampled_from(("run.json", "run.json", SEAL_FILE)))
    path, value = draw(st.sampled_from(json_places(name))), draw(st.sampled_from(ODD_JSON))
    return OddFolder(name, path=path, value=value, is_sealed_again=again)
