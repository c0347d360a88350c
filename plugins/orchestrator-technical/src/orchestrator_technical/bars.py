"""A symbol's own bars, one after another, and the way back to the time axis of the panel.

Gaps are left out, not filled: twenty bars of a symbol are the last twenty on which it traded, whenever that was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from strategy_orchestrator import Panel
from strategy_orchestrator.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class OwnBars:
    """The K bars of one symbol, K at least 1.

    Attributes
    ----------
    panel : Panel
        All symbols.
    column : int
        Which of them.
    rows : ndarray
        int64, shape (K,): where the bars are on the panel's time axis.
    """

    panel: Panel
    column: int
    rows: IntArray

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
        """Highs: float64, shape (K,)."""
        return self._field(self.panel.high)

    @cached_property
    def low(self) -> FloatArray:
        """Lows: float64, shape (K,)."""
        return self._field(self.panel.low)

    @cached_property
    def close(self) -> FloatArray:
        """Closes: float64, shape (K,)."""
        return self._field(self.panel.close)

    def _field(self, values: FloatArray) -> FloatArray:
        own: FloatArray = np.ascontiguousarray(values[self.place, self.column])
        return own


def each_symbol(panel: Panel) -> Iterator[OwnBars]:
    """Yield the bars of each symbol that has any, in the order of the columns."""
    for column in range(panel.n_symbols):
        rows = np.flatnonzero(panel.traded[:, column])
        if len(rows):
            yield OwnBars(panel, column, rows)


def before(values: FloatArray, n_bars: int = 1) -> FloatArray:
    """Return at each bar the value of `n_bars` bars before, NaN where there is none.

    Examples
    --------
    >>> before(np.array([1.0, 2.0, 3.0])).tolist()
    [nan, 1.0, 2.0]
    """
    lagged = np.full(values.shape, np.nan)
    lagged[n_bars:] = values[: max(len(values) - n_bars, 0)]
    return lagged
