"""Files of Parquet whose rows are in the order of time, looked at once and then read a few rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.clock import to_text
from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.market.files import stem
from strategy_orchestrator.market.filling import is_plain, plain_times
from strategy_orchestrator.market.tables import FileTable, check_parquet, readable
from strategy_orchestrator.models.columns import Layout, find_layout
from strategy_orchestrator.models.rows import Block, read_blocks

_ROWS_AT_ONCE: Final = 1_000_000
_SORT: Final = "Sort the file by time, or load it whole, without streaming"


class SliceTable(FileTable):
    """Some rows of a file.

    Parameters
    ----------
    frame : DataFrame
        The rows.
    name : str
        The file as it is called in messages.
    first : int
        Row of the file with which they begin.
    """

    def __init__(self, frame: pl.DataFrame, name: str, first: int) -> None:
        super().__init__(frame, name)
        self._first = first

    def place(self, row: int) -> str:
        """Name a row of the file, from 1."""
        return super().place(row + self._first)


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Some rows of a file, from its row `first` on, with the time of each in nanoseconds."""

    file: TimedFile
    frame: pl.DataFrame
    first: int
    times: IntArray

    def blocks(self) -> list[Block]:
        """Read the rows as those of a table that may have faults."""
        table = SliceTable(self.frame, str(self.file.path), self.first)
        return read_blocks(table, self.file.layout, stem(self.file.path))


@dataclass(frozen=True, slots=True, eq=False)
class TimedFile:
    """A file whose rows are in the order of time.

    Attributes
    ----------
    path : Path
        Where it is.
    layout : Layout
        In which columns its bars are: it is long, or of one symbol.
    n_rows : int
        Of the file.
    symbols : tuple of str
        Those that it holds.
    starts : ndarray
        int64: of a long file, the row at which each of its times begins. Of a file of one symbol it is empty, for it
        would be as long as a column of prices.
    times : ndarray
        int64: the times that begin there, nanoseconds.
    is_plain : bool
        Whether its rows can be taken at once.
    stamp : tuple of int
        Size of the file and time of its last change.
    """

    path: Path
    layout: Layout
    n_rows: int
    symbols: tuple[str, ...]
    starts: IntArray
    times: IntArray
    is_plain: bool
    stamp: tuple[int, int]

    def read(self, first: int, end_ns: int, most_bars: int) -> Slice | None:
        """Read the rows from one on to before a time.

        Parameters
        ----------
        most_bars : int
            How many times there can be.

        Raises
        ------
        DataError
            If the file cannot be read, or is not what it was.
        """
        end = min(first + most_bars, self.n_rows)
        if self.layout.symbol is not None:
            place = int(np.searchsorted(self.times, end_ns))
            end = int(self.starts[place]) if place < len(self.starts) else self.n_rows
        if end <= first:
            return None
        with readable(str(self.path)):
            if _stamp_of(self.path) != self.stamp:
                raise DataError(Fault(str(self.path), "the file has changed since it was opened", "Open it again"))
            frame = _rows(self.path, _columns(self.layout), first, end - first)
            times = self._times_of(frame, first)
        if self.layout.symbol is None:
            n_rows = int(np.searchsorted(times, end_ns))
            frame, times = frame.head(n_rows), times[:n_rows]
        return Slice(self, frame, first, times) if len(times) else None

    def _times_of(self, frame: pl.DataFrame, first: int) -> IntArray:
        if self.is_plain:
            return plain_times(frame[self.layout.time])
        return SliceTable(frame, str(self.path), first).moments(self.layout.time).ns


def open_timed(path: Path, wanted: Sequence[str] | None) -> tuple[TimedFile, IntArray]:
    """Look at times and symbols of a file, not at its prices.

    Parameters
    ----------
    wanted : sequence of str or None
        The symbols whose times count; all for None.

    Returns
    -------
    TimedFile
        The file.
    ndarray
        int64: the distinct times of the wanted symbols, rising.

    Raises
    ------
    DataError
        If it cannot be read, lacks columns, or its rows are not in the order of time.
    """
    name = str(path)
    with readable(name):
        check_parquet(path)
        stamp = _stamp_of(path)
        scan = pl.scan_parquet(path, hive_partitioning=False, glob=False)
        schema = scan.collect_schema()
        layout, faults = find_layout(schema.names())
        if layout is not None and layout.is_wide:
            faults.append(Fault("", "the table is wide; a long one is streamed, or one file a symbol", "Load it whole"))
        n_rows = scan.select(pl.len()).collect().item()
        if not n_rows:
            faults.append(Fault("", "there are no rows", "Add a row for each bar"))
        if layout is None or faults:
            raise DataError([replace(fault, where=name) for fault in faults])
        index = _Index(layout, stem(path), wanted)
        for first in range(0, n_rows, _ROWS_AT_ONCE):
            index.take(SliceTable(_rows(path, _keys(layout), first, _ROWS_AT_ONCE), name, first), first)
    plain = is_plain(schema, layout) and not index.lacks_symbols
    file = TimedFile(path, layout, n_rows, tuple(index.symbols), *index.beginnings(), is_plain=plain, stamp=stamp)
    return file, index.times()


def _rows(path: Path, columns: Sequence[str], first: int, n_rows: int) -> pl.DataFrame:
    # No more row groups are read than hold these rows.
    scan = pl.scan_parquet(path, hive_partitioning=False, glob=False)
    return scan.select(columns).slice(first, n_rows).collect()


def _stamp_of(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _keys(layout: Layout) -> list[str]:
    return [layout.time] if layout.symbol is None else [layout.time, layout.symbol]


def _columns(layout: Layout) -> list[str]:
    return list(dict.fromkeys([*_keys(layout), *layout.groups[None].values()]))


class _Index:
    # What is known of the times of a file while it is looked through from its first row to its last.

    def __init__(self, layout: Layout, symbol: str, wanted: Sequence[str] | None) -> None:
        self._layout = layout
        self._wanted = None if wanted is None else set(wanted)
        self.symbols: dict[str, None] = {} if layout.symbol is not None else {symbol: None}
        self.lacks_symbols = False
        self._last: IntArray = np.zeros(0, np.int64)
        self._beginnings: list[tuple[IntArray, IntArray]] = []
        self._times: list[IntArray] = []

    def take(self, table: SliceTable, first: int) -> None:
        moments = table.moments(self._layout.time)
        steps = np.diff(moments.ns, prepend=self._last)
        late = np.flatnonzero(steps < 0).tolist()
        faults = [self._fault(table, row, problem, "Correct the row") for row, problem in moments.problems.items()]
        if late and not faults:
            # With the time before, if there is one, steps are one behind rows.
            row = late[0] + 1 - len(self._last)
            before = to_text(int(moments.ns[row - 1] if row else self._last[0]))
            problem = f"{to_text(int(moments.ns[row]))} comes after {before}; what is streamed is in the order of time"
            faults = [self._fault(table, row, problem, _SORT)]
        if faults:
            raise DataError(faults)
        begins = np.flatnonzero(steps) + 1 - len(self._last)
        if not len(self._last):
            begins = np.concatenate([[0], begins])
        self._last = moments.ns[-1:]
        self._take(table, moments.ns, begins, first)

    def _take(self, table: SliceTable, ns: IntArray, begins: IntArray, first: int) -> None:
        column = self._layout.symbol
        if column is None:
            self._times.append(ns[begins] if self._wanted is None or self._wanted & set(self.symbols) else ns[:0])
            return
        self._beginnings.append((begins + first, ns[begins]))
        if self._wanted is None:
            names = table.native[column].cast(pl.String).unique().to_list()
            named = [name for name in names if name is not None and name.strip()]
            self.lacks_symbols |= len(named) < len(names)
            self.symbols.update(dict.fromkeys(named))
            self._times.append(ns[begins])
            return
        found, codes = table.symbols(column)
        self.lacks_symbols |= bool((codes < 0).any())
        self.symbols.update(dict.fromkeys(found))
        # Rows without a symbol are told of when their turn comes.
        self._times.append(np.unique(ns[np.array([*(name in self._wanted for name in found), True])[codes]]))

    def _fault(self, table: SliceTable, row: int, problem: str, remedy: str) -> Fault:
        return Fault(f"{table.place(row)}, column {self._layout.time!r}", problem, remedy)

    def beginnings(self) -> tuple[IntArray, IntArray]:
        # Rows at which times begin, and these times.
        nothing = self._last[:0]
        parts = self._beginnings or [(nothing, nothing)]
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([times for _, times in parts])

    def times(self) -> IntArray:
        return np.unique(np.concatenate(self._times))
