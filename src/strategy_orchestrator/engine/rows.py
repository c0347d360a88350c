"""Rows that the loop writes, decisions or trades: the buffer that it writes into, and what was taken out of it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.kernel.layout import Records
from strategy_orchestrator.memory import scratch

# Less is copied out of the buffer, which goes on being written to; more is handed over with it. What of a large buffer
# was never written to takes no memory.
_MANY_BYTES: Final = 1 << 22
# The last rows are handed over unless their buffer is more than so many times as large.
_MOST_UNUSED: Final = 4
# A strategy may say the same at every bar, of which nothing comes: what is reserved then need not be there.
_MOST_RESERVED_BYTES: Final = 1 << 28


class Rows:
    """Rows of one kind, in their order.

    Parameters
    ----------
    buffer : ndarray
        Records of int64 words.

    Attributes
    ----------
    buffer : ndarray
        What the loop is to write into; `reserve` and `take` may put another in its place.
    """

    def __init__(self, buffer: Records) -> None:
        self.buffer = buffer
        self._parts: list[NDArray[Any]] = []
        self._n_told = 0

    def reserve(self, n_rows: int) -> None:
        """Let an empty buffer hold so many rows, or as many as 256 MiB hold."""
        n_rows = min(n_rows, _MOST_RESERVED_BYTES // self.buffer.itemsize)
        if len(self.buffer) < n_rows:
            self.buffer = scratch((n_rows,), self.buffer.dtype)

    def take(self, count: int, *, is_last: bool = False) -> NDArray[Any]:
        """Take the first rows out of the buffer and return them.

        Parameters
        ----------
        is_last : bool
            Whether nothing is written to the buffer any more: what fills much of it is handed over with it.
        """
        rows = self.buffer[:count]
        are_few = rows.nbytes * _MOST_UNUSED < self.buffer.nbytes if is_last else rows.nbytes < _MANY_BYTES
        if are_few:
            # numpy copies records field by field; as words they are copied in a fifth of the time.
            rows = rows.view(np.int64).copy().view(rows.dtype)
        elif not is_last:
            self.buffer = scratch(self.buffer.shape, self.buffer.dtype)
        self._parts.append(rows)
        return rows

    def all(self) -> NDArray[Any]:
        """Return all rows that were taken out."""
        # The whole takes the place of its parts: asked for again, it costs nothing.
        if len(self._parts) != 1:
            self._parts = [_joined(self._parts, self.buffer.dtype)]
        return self._parts[0]

    def fresh(self) -> NDArray[Any]:
        """Return the rows that were taken out since this was last asked for, or since the beginning."""
        fresh, n_told = [], self._n_told
        for rows in self._parts:
            fresh.append(rows[n_told:])
            n_told = max(0, n_told - len(rows))
        self._n_told = sum(map(len, self._parts))
        return _joined(fresh, self.buffer.dtype)

    def restore(self, rows: NDArray[Any]) -> None:
        """Begin with rows of another run."""
        self._parts = [rows]


def _joined(parts: list[NDArray[Any]], dtype: np.dtype[Any]) -> NDArray[Any]:
    if len(parts) == 1:
        return parts[0]
    words = [np.zeros(0, np.int64), *(part.view(np.int64) for part in parts)]
    return np.concatenate(words).view(dtype)
