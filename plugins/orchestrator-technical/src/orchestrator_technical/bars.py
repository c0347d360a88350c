"""A symbol's own bars, one after another, and the way back to the time axis of the panel.

Gaps are left out, not filled: twenty bars of a symbol are the last twenty on which it traded, whenever that was.
Symbols without gaps can be looked at several at a time, which takes a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from strategy_orchestrator import Panel
from strategy_orchestrator.arrays import FloatArray, IntArray, write_across
from strategy_orchestrator.memory import scratch

# Of one array of a block, so that what a strategy makes of it stays in the processor's cache.
_BLOCK_CELLS: Final = 80_000
_LEAST_COLUMNS: Final = 16


@dataclass(frozen=True, eq=False)
class OwnBars:
    """The K bars of one symbol, K at least 1; or of a block of B symbols that have the same ones.

    Attributes
    ----------
    panel : Panel
        All symbols.
    column : int or slice
        Which of them.
    rows : ndarray
        int64, shape (K,): where the bars are on the panel's time axis.
    neighbours : Neighbours or None
        Of a block: what it is read of, together with others.
    """

    panel: Panel
    column: int | slice
    rows: IntArray
    neighbours: Neighbours | None = None

    @cached_property
    def place(self) -> IntArray | slice:
        """The rows, or all of them as a slice, which is read and written several times faster."""
        return slice(None) if len(self.rows) == self.panel.n_bars else self.rows

    @cached_property
    def times_ns(self) -> IntArray:
        """Closing times: int64, shape (K,), nanoseconds since 1970 UTC."""
        return self.panel.timestamps_ns[self.rows]

    @cached_property
    def high(self) -> FloatArray:
        """Highs: float64, shape (K,), or (B, K) of a block."""
        return self._field("high")

    @cached_property
    def low(self) -> FloatArray:
        """Lows: float64, shape (K,), or (B, K) of a block."""
        return self._field("low")

    @cached_property
    def close(self) -> FloatArray:
        """Closes: float64, shape (K,), or (B, K) of a block."""
        return self._field("close")

    def _field(self, name: str) -> FloatArray:
        if self.neighbours is not None and isinstance(self.column, slice):
            return self.neighbours.rows(name, self.column)
        own: FloatArray = np.ascontiguousarray(getattr(self.panel, name)[self.place, self.column].T)
        return own


class Neighbours:
    """Some columns of a panel as rows, each field when it is asked for.

    A row of the panel comes from memory in pieces of eight numbers, whatever is wanted of it.

    Parameters
    ----------
    panel : Panel
        Without gaps in these columns.
    columns : slice
        Which.
    """

    def __init__(self, panel: Panel, columns: slice) -> None:
        self._panel, self._columns = panel, columns
        self._fields: dict[str, FloatArray] = {}

    def rows(self, name: str, columns: slice) -> FloatArray:
        """Return "high", "low" or "close" of some of the columns: float64, shape (B, T)."""
        if name not in self._fields:
            values = getattr(self._panel, name)[:, self._columns]
            self._fields[name] = scratch(values.shape[::-1], np.float64)
            write_across(values, self._fields[name])
        first = self._columns.start
        return self._fields[name][columns.start - first : columns.stop - first]


def each_symbol(panel: Panel) -> Iterator[OwnBars]:
    """Yield the bars of each symbol that has any, in the order of the columns."""
    return _each_of(panel, range(panel.n_symbols))


def each_block(panel: Panel) -> Iterator[OwnBars]:
    """Yield the bars of all symbols that have any: in blocks, as long as they have no gaps, else one by one."""
    is_whole = np.ones(panel.n_symbols, np.bool_) if panel.traded.all() else panel.traded.all(axis=0)
    width, rows = max(1, _BLOCK_CELLS // max(1, panel.n_bars)), np.arange(panel.n_bars)
    ends = np.flatnonzero(np.diff(is_whole, prepend=False, append=False))
    for first, last in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        for some in _slices(first, last, max(width, _LEAST_COLUMNS)):
            neighbours = Neighbours(panel, some)
            for block in _slices(some.start, some.stop, width):
                yield OwnBars(panel, block, rows, neighbours)
    yield from _each_of(panel, np.flatnonzero(~is_whole).tolist())


def _slices(first: int, last: int, width: int) -> Iterator[slice]:
    for begin in range(first, last, width):
        yield slice(begin, min(begin + width, last))


def _each_of(panel: Panel, columns: Iterable[int]) -> Iterator[OwnBars]:
    for column in columns:
        rows = np.flatnonzero(panel.traded[:, column])
        if len(rows):
            yield OwnBars(panel, column, rows)


def before(values: FloatArray, n_bars: int = 1) -> FloatArray:
    """Return at each bar, along the last axis, the value of `n_bars` bars before, NaN where there is none.

    Examples
    --------
    >>> before(np.array([1.0, 2.0, 3.0])).tolist()
    [nan, 1.0, 2.0]
    """
    lagged = np.empty(values.shape)
    lagged[..., :n_bars] = np.nan
    lagged[..., n_bars:] = values[..., : max(values.shape[-1] - n_bars, 0)]
    return lagged
