"""Tables read from files: CSV as text, so that every decimal is kept, and Parquet as it is."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import narwhals as nw
import narwhals.exceptions
import numpy as np
import polars as pl

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.errors import DataError, Fault, shortened
from strategy_orchestrator.market.files import CSV_ENDINGS, ending
from strategy_orchestrator.models.frames import FrameTable, with_scale
from strategy_orchestrator.models.rows import Cells, Moments
from strategy_orchestrator.models.times import datetime64_ns, is_outside

_PARQUET: Final = b"PAR1"
_LEAST_PARQUET: Final = 12
_HEADER_BYTES: Final = 1 << 20
_SEPARATORS: Final = (";", "\t", "|")
_DAY: Final = "(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME: Final = f"{_DAY}[T ][0-9]{{2}}:[0-5][0-9]:[0-5][0-9](?:[.][0-9]{{1,9}})?"
# Forms that polars reads fast, with whether they have a zone. The patterns keep out what it would read as another time.
_FORMS: Final = (
    (f"^{_DAY}$", "%Y-%m-%d", False),
    (f"^{_TIME}$", "%Y-%m-%dT%H:%M:%S%.f", False),
    (f"^{_TIME}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})$", "%Y-%m-%dT%H:%M:%S%.f%z", True),
)
# A file of some kilobytes can unpack to what no memory holds; prices never pack so well.
_LEAST_UNPACKED: Final = 1 << 28
_TIMES_PACKED: Final = 500
_CELL_BYTES: Final = 8
_READING_ERRORS: Final = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    nw.exceptions.NarwhalsError,
    csv.Error,
    MemoryError,
    OSError,
)


class FileTable(FrameTable):
    """Read a file column by column.

    Parameters
    ----------
    frame : DataFrame
        What it holds.
    name : str
        The file as it is called in messages.
    """

    def __init__(self, frame: pl.DataFrame, name: str) -> None:
        super().__init__(nw.from_native(frame), name)
        self.native = frame

    def place(self, row: int) -> str:
        """Name a row of the file, from 1."""
        return f"{self.name}, row {row + 1}"

    def cells_of_text(self, series: nw.Series[Any]) -> Cells:
        """Read text and decimals, floats being the nearest and texts what is written."""
        texts = _stripped(series.to_native())
        floats = texts.cast(pl.Float64, strict=False)
        return Cells(floats.to_numpy(), texts.is_null().to_numpy(), texts)

    def moments_of_text(self, series: nw.Series[Any]) -> Moments:
        """Read text of one common form fast, and any other one by one."""
        texts = series.to_native()
        moments = _uniform(texts) if texts.dtype == pl.String and len(texts) and not texts.has_nulls() else None
        return moments or super().moments_of_text(series)

    def symbols(self, column: str) -> tuple[tuple[str, ...], IntArray]:
        """Read a column of symbols; numbers stand for their text."""
        texts = self.native[column].cast(pl.String)
        names = [name for name in texts.unique(maintain_order=True).to_list() if name is not None and name.strip()]
        if not names:
            return (), np.full(len(texts), -1, np.int64)
        codes = texts.replace_strict(names, range(len(names)), default=-1, return_dtype=pl.Int64)
        return tuple(names), codes.to_numpy()


class CsvTable(FileTable):
    """Read a file of CSV column by column.

    Parameters
    ----------
    frame : DataFrame
        What it holds, all of it text.
    name : str
        The file as it is called in messages.
    content : bytes
        The file, to count lines in.
    """

    def __init__(self, frame: pl.DataFrame, name: str, content: bytes) -> None:
        super().__init__(frame, name)
        self._content = content

    def place(self, row: int) -> str:
        """Name a line of the file, from 1, the header included."""
        return f"{self.name}, line {self._lines[row]}"

    def rows(self) -> IntArray:
        """Return the rows that hold anything; blank lines are none."""
        filled = self.native.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
        return np.flatnonzero(filled.to_numpy())

    @cached_property
    def _lines(self) -> IntArray:
        # A record takes one line, and one more for each line end inside its cells.
        first = _header_line(self._content) + 1
        n_more = pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0))
        more = self.native.select(n_more).to_series().to_numpy().astype(np.int64)
        return first + np.arange(len(more)) + np.cumsum(more) - more


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn whatever polars and the file system raise while something is read into one line.

    Raises
    ------
    DataError
        In place of it.
    """
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError(Fault(name, "the file is no complete gzip file", "Compress it again")) from None
    except _READING_ERRORS as error:
        raise DataError(Fault(name, f"it cannot be read: {_first_line(error)}")) from None


def open_table(path: Path) -> FileTable:
    """Open a file; the caller makes it `readable`.

    Raises
    ------
    DataError
        If it is not what its name says.
    """
    return _open_csv(path) if ending(path) in CSV_ENDINGS else _open_parquet(path)


def check_parquet(path: Path) -> None:
    """Refuse a file that is no Parquet.

    Raises
    ------
    DataError
        In one line.
    """
    # polars panics, loudly, at some of what does not begin and end so.
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = file.read(len(_PARQUET))
        file.seek(max(0, size - len(_PARQUET)))
        end = file.read()
    if begin != _PARQUET or end != _PARQUET or size < _LEAST_PARQUET:
        problem = "the file is empty" if not size else "the file is no complete Parquet file"
        raise DataError(Fault(str(path), problem, "Write it again"))


def _open_parquet(path: Path) -> FileTable:
    check_parquet(path)
    table = pl.scan_parquet(path, hive_partitioning=False, glob=False)
    n_cells = table.select(pl.len()).collect().item() * len(table.collect_schema())
    _refuse_swollen(path, n_cells * _CELL_BYTES)
    return FileTable(pl.read_parquet(path, hive_partitioning=False, glob=False), str(path))


def _most_unpacked(path: Path) -> int:
    return max(_LEAST_UNPACKED, _TIMES_PACKED * path.stat().st_size)


def _refuse_swollen(path: Path, n_bytes: int) -> None:
    most = _most_unpacked(path)
    if n_bytes > most:
        problem = f"the file has {path.stat().st_size:,} bytes and unpacks to more than {most:,}, which prices do not"
        raise DataError(Fault(str(path), problem, "Unpack it and look at what is in it"))


def _unpacked(path: Path) -> bytes:
    with gzip.open(path) as file:
        content = file.read(_most_unpacked(path) + 1)
    _refuse_swollen(path, len(content))
    return content


def _open_csv(path: Path) -> FileTable:
    content = _unpacked(path) if ending(path).endswith(".gz") else path.read_bytes()
    name = str(path)
    header = _checked_header(content, name)
    try:
        frame = pl.read_csv(content, infer_schema=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(_csv_faults(content, name, len(header), _first_line(error))) from None
    frame.columns = header
    return CsvTable(frame, name, content)


def _checked_header(content: bytes, name: str) -> list[str]:
    if not content[:_HEADER_BYTES].strip(b"\xef\xbb\xbf \t\r\n"):
        raise DataError(Fault(name, "the file is empty", "Write a line of column names, then a line a bar"))
    if b"\0" in content:
        place = f"{name}, line {content[: content.index(0)].count(10) + 1}"
        raise DataError(Fault(place, "there is a zero byte, so the file is no text in UTF-8", "Save it as UTF-8"))
    if b"\n" not in content and b"\r" in content:
        raise DataError(Fault(name, "the lines end with a carriage return alone", "Save it with line feeds"))
    header = next(record for _, record in _records(content[:_HEADER_BYTES]) if record)
    separator = next((sign for sign in _SEPARATORS if sign in header[0]), None)
    if len(header) == 1 and separator is not None:
        problem = f"the columns are separated by {separator!r}; expected commas, and points before decimals"
        raise DataError(Fault(name, problem, "Save it so", header[0]))
    twins = sorted({column for column in header if header.count(column) > 1})
    if twins:
        listed = ", ".join(repr(column) for column in twins)
        raise DataError(Fault(name, f"more than one column is called {listed}", "Keep or rename one", twins))
    return header


def _records(content: bytes) -> Iterator[tuple[int, list[str]]]:
    # The records of CSV with the line on which each ends; blank lines are records of no cells.
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", errors="replace", newline="")
    reader = csv.reader(text)
    for record in reader:
        yield reader.line_num, record


def _header_line(content: bytes) -> int:
    return next(line for line, record in _records(content) if record)


def _csv_faults(content: bytes, name: str, n_columns: int, problem: str) -> list[Fault]:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"the byte 0x{content[error.start]:02x} is no UTF-8"
        return [Fault(f"{name}, line {line}", found, "Save the file as UTF-8")]
    faults = [
        Fault(f"{name}, line {line}", f"there are {len(record)} cells; the header names {n_columns} columns")
        for line, record in _records(content)
        if len(record) > n_columns
    ]
    return shortened(faults) or [Fault(name, f"the file cannot be read as CSV: {problem}")]


def _first_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)


def _stripped(series: pl.Series) -> pl.Series:
    texts = series.cast(pl.String).str.strip_chars()
    return texts.set(texts == "", None) if (texts == "").any() else texts


def _uniform(texts: pl.Series) -> Moments | None:
    forms = (form for form in _FORMS if texts.head(1).str.contains(form[0]).all() and texts.str.contains(form[0]).all())
    pattern, form, is_aware = next(forms, ("", "", False))
    if not pattern:
        return None
    plain = texts.str.replace(" ", "T", literal=True)
    parsed = plain.str.replace("Z", "+00:00", literal=True).str.to_datetime(form, strict=False, time_unit="ns")
    if parsed.has_nulls():
        return None
    times = parsed.to_numpy()
    return None if is_outside(times).any() else with_scale(Moments(datetime64_ns(times), is_aware=is_aware))
