"""Prices and signals that every side of a benchmark is given: made of a seed, kept as arrays in a folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SEED: Final = 20_260_101
DAY_NS: Final = 86_400 * 10**9
MINUTE_NS: Final = 60 * 10**9
_WAY: Final = 0.5
_CACHED_CELLS: Final = 50_000
_LONG_ROW: Final = 256
CASH_PER_CELL: Final = 100_000
"""Capital for each strategy and symbol."""
COMMISSION: Final = 0.001
SLIPPAGE: Final = 0.0005
BUSY_COMMISSION: Final = 0.0001
BUSY_SLIPPAGE: Final = 0.0001
"""What who trades at every bar pays, lest costs eat the capital that is to be traded.

With prices in cents fill prices have at most six decimals, so that exact and float money agree.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a work is.

    Attributes
    ----------
    n_strategies, n_symbols, n_bars : int
        N, S and T.
    step_ns : int
        Time from bar to bar.
    """

    n_strategies: int
    n_symbols: int
    n_bars: int
    step_ns: int = DAY_NS

    def __str__(self) -> str:
        """Return it as the tables write it."""
        return f"{self.n_strategies:,} × {self.n_symbols:,} × {self.n_bars:,}"

    def as_dict(self) -> dict[str, int]:
        """Return what JSON can hold."""
        return asdict(self)


def prices(n_bars: int, n_symbols: int, seed: int = SEED) -> dict[str, Array]:
    """Return open, high, low and close of random walks in cents: float64, shape (T, S)."""
    random = np.random.default_rng(seed)
    # One per cent a bar over ten years of days; less where there are more bars, so that prices stay prices.
    steps = random.normal(0, _WAY / np.sqrt(n_bars), (n_bars, n_symbols))
    close = np.round(100 * np.exp(np.cumsum(steps, axis=0)), 2)
    close = np.maximum(close, 1.0)
    open_ = np.maximum(np.round(close * (1 + random.normal(0, 0.002, close.shape)), 2), 1.0)
    high = np.round(np.maximum(open_, close) * 1.004, 2)
    low = np.round(np.minimum(open_, close) * 0.996, 2)
    return {"open": open_, "high": high, "low": low, "close": close}


def times(n_bars: int, step_ns: int = DAY_NS) -> Array:
    """Return closing times: int64, shape (T,), nanoseconds."""
    return 946_684_800 * 10**9 + np.arange(n_bars, dtype=np.int64) * step_ns


def symbols(n_symbols: int) -> list[str]:
    """Return names in the order of the columns."""
    return [f"S{place:05d}" for place in range(n_symbols)]


def periods(n_strategies: int) -> list[tuple[int, int]]:
    """Return fast and slow moving averages, each pair once: 5 to 44 bars over 50 bars and more."""
    return [(5 + place % 40, 50 + 2 * (place // 40) + place % 40) for place in range(n_strategies)]


def crosses(close: Array, fast: int, slow: int) -> tuple[Array, Array]:
    """Return the bars at which the fast average comes to be above the slow one, and at which it ceases to be.

    Parameters
    ----------
    close : ndarray
        int64, shape (T, S): whole numbers, so that sums are exact.
    """
    n_bars, n_symbols = close.shape
    entries, exits = np.zeros(close.shape, np.bool_), np.zeros(close.shape, np.bool_)
    # Some bars at a time, which stay in the processor's cache from one step to the next.
    height = min(n_bars, max(_CACHED_CELLS // n_symbols, 4 * slow))
    sums = np.zeros((height + slow + 1, n_symbols), np.int64)
    room, marks = np.empty((2, height + 1, n_symbols), np.int64), np.empty((height + 1, n_symbols), np.bool_)
    for first in range(slow, n_bars, height):
        end = min(first + height, n_bars)
        n_rows = end - first + 1
        lead, behind, above = room[0, :n_rows], room[1, :n_rows], marks[:n_rows]
        part = sums[: n_rows + slow]
        _add_up(close[first - slow : end], part)
        newest = part[slow:]
        np.subtract(newest, part[slow - fast : -fast], out=lead)
        np.subtract(newest, part[:-slow], out=behind)
        lead *= slow
        behind *= fast
        np.greater(lead, behind, out=above)
        np.greater(above[1:], above[:-1], out=entries[first:end])
        np.less(above[1:], above[:-1], out=exits[first:end])
    return entries, exits


def _add_up(rows: Array, sums: Array) -> None:
    # Down the columns numpy adds one number at a time; whole rows it adds several times faster, if they are long.
    if rows.shape[1] < _LONG_ROW:
        np.cumsum(rows, axis=0, out=sums[1:])
        return
    for row, before, after in zip(rows, sums, sums[1:], strict=False):
        np.add(row, before, out=after)


def flips(n_bars: int, n_symbols: int) -> tuple[Array, Array]:
    """Return signals that enter every symbol at one bar and leave it at the next."""
    entries, exits = np.zeros((n_bars, n_symbols), np.bool_), np.zeros((n_bars, n_symbols), np.bool_)
    entries[:-1:2], exits[1:-1:2] = True, True
    return entries, exits


def write(folder: Path, size: Size, **arrays: Array) -> None:
    """Keep prices, times and further arrays for the processes that do the work."""
    for name, array in {**prices(size.n_bars, size.n_symbols), **arrays}.items():
        np.save(folder / f"{name}.npy", array)


def read(folder: Path, *names: str) -> tuple[Array, ...]:
    """Return arrays that were kept."""
    return tuple(np.load(folder / f"{name}.npy") for name in names)
