"""The indicators, all of them TA-Lib's, and comparisons that are not decided by its rounding.

Arrays are float64 of shape (K,), one symbol's bars without gaps, or (B, K), those of several. Results have the same
shape and are NaN until there are bars enough. A value depends on the bars of its symbol up to its own only.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import BoolArray, FloatArray

RESOLUTION: Final = 1e-9
"""Differences below this part of what is compared are rounding: TA-Lib updates its sums from bar to bar."""

_PIECE: Final = 16_384


def is_above(left: FloatArray, right: FloatArray | float, scale: FloatArray | float) -> BoolArray:
    """Tell where `left` is greater than `right` by more than rounding.

    A price that never moves is then neither above nor below its average.

    Parameters
    ----------
    scale : ndarray or float
        Size of the numbers that went into the two, for instance the price.

    Returns
    -------
    ndarray
        bool, of the shape of the two; False where a value is NaN.

    Examples
    --------
    >>> is_above(np.array([100.0 + 1e-12, 101.0, np.nan]), 100.0, 100.0).tolist()
    [False, True, False]
    """
    above = np.empty(np.shape(left), np.bool_)
    for place, apart, least in _differences(left, right, scale):
        np.greater(apart, least, out=above.reshape(-1)[place])
    return above


def above_and_below(
    left: FloatArray, right: FloatArray | float, scale: FloatArray | float
) -> tuple[BoolArray, BoolArray]:
    """Tell where `left` is greater than `right`, and where it is less, by more than rounding: `is_above` both ways.

    Examples
    --------
    >>> above_and_below(np.array([100.0, 101.0, 99.0]), 100.0, 100.0)[1].tolist()
    [False, False, True]
    """
    above, below = np.empty((2, *np.shape(left)), np.bool_)
    for place, apart, least in _differences(left, right, scale):
        np.greater(apart, least, out=above.reshape(-1)[place])
        np.less(apart, np.negative(least, out=least), out=below.reshape(-1)[place])
    return above, below


def _differences(
    left: FloatArray, right: FloatArray | float, scale: FloatArray | float
) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
    # A piece at a time, of all rows as one, so that what lies between stays in the processor's cache. Yields where it
    # is, the differences, and what they have to exceed.
    one, other, size = (np.ascontiguousarray(each).reshape(-1) for each in (left, right, scale))
    buffers = np.empty((2, min(_PIECE, len(one))))
    for first in range(0, len(one), _PIECE):
        place = slice(first, first + _PIECE)
        apart, least = buffers[:, : len(one[place])]
        np.subtract(one[place], other if len(other) == 1 else other[place], out=apart)
        np.abs(size if len(size) == 1 else size[place], out=least)
        np.multiply(least, RESOLUTION, out=least)
        yield place, apart, least


def simple_average(values: FloatArray, period: int) -> FloatArray:
    """Return the mean of the last `period` values."""
    return _one("SMA", values, period)


def exponential_average(values: FloatArray, period: int) -> FloatArray:
    """Return the exponential average with weight 2 ÷ (period + 1), begun with the mean of the first `period` values."""
    return _one("EMA", values, period)


def deviation(values: FloatArray, period: int) -> FloatArray:
    """Return the standard deviation, ddof 0, of the last `period` values."""
    return _one("STDDEV", values, period)


def highest(values: FloatArray, period: int) -> FloatArray:
    """Return the greatest of the last `period` values."""
    return _one("MAX", values, period)


def lowest(values: FloatArray, period: int) -> FloatArray:
    """Return the least of the last `period` values."""
    return _one("MIN", values, period)


def relative_strength(close: FloatArray, period: int) -> FloatArray:
    """Return Wilder's relative strength index, 0 to 100; 0 as long as the price has not moved."""
    return _one("RSI", close, period)


def true_range_average(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Return Wilder's average true range."""
    return _one("ATR", high, low, close, period)


def directional_movement(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return Wilder's average directional index and his indicators of rising and of falling, each 0 to 100."""
    names = ("ADX", "PLUS_DI", "MINUS_DI")
    index, rising, falling = (_one(name, high, low, close, period) for name in names)
    return index, rising, falling


def parabolic_stop(high: FloatArray, low: FloatArray, acceleration: float, maximum: float) -> FloatArray:
    """Return Wilder's parabolic stop and reverse price."""
    return _one("SAR", high, low, acceleration, maximum)


def convergence(close: FloatArray, fast: int, slow: int, signal: int) -> tuple[FloatArray, FloatArray]:
    """Return the difference of two exponential averages and the exponential average of that difference."""
    line, average, _ = _many("MACD", close, fast, slow, signal)
    return line, average


def stochastic(bars: tuple[FloatArray, FloatArray, FloatArray], *periods: int) -> tuple[FloatArray, FloatArray]:
    """Return %K and %D, 0 to 100, smoothed by simple averages.

    Parameters
    ----------
    bars : tuple of ndarray
        High, low and close.
    periods : int
        Of the raw %K, its smoothing, and %D.
    """
    raw, slow_k, slow_d = periods
    k, d = _many("STOCH", *bars, raw, slow_k, 0, slow_d, 0)
    return k, d


def channel_index(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Return Lambert's commodity channel index."""
    return _one("CCI", high, low, close, period)


def aroon(high: FloatArray, low: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Return how new the highest high and the lowest low of `period` bars are, each 100 for this bar to 0."""
    down, up = _many("AROON", high, low, period)
    return up, down


def _one(name: str, *arguments: FloatArray | float) -> FloatArray:
    values: FloatArray = _call(name, *arguments)
    return values


def _many(name: str, *arguments: FloatArray | float) -> tuple[FloatArray, ...]:
    values: tuple[FloatArray, ...] = tuple(_call(name, *arguments))
    return values


def _call(name: str, *arguments: FloatArray | float) -> Any:
    # TA-Lib loads pandas where it is installed, half a second for runs that use none of these strategies.
    import talib  # noqa: PLC0415

    # What TA-Lib wraps around a function looks for series of other libraries.
    function = inspect.unwrap(getattr(talib, name))
    if not isinstance(arguments[0], np.ndarray) or arguments[0].ndim == 1:
        return function(*arguments)
    arrays = [argument for argument in arguments if isinstance(argument, np.ndarray)]
    options = arguments[len(arrays) :]
    rows = [function(*row, *options) for row in zip(*arrays, strict=True)]
    if isinstance(rows[0], np.ndarray):
        return _stacked(rows)
    return [_stacked(column) for column in zip(*rows, strict=True)]


def _stacked(rows: Sequence[FloatArray]) -> FloatArray:
    # A row of many bars is a block by itself, and need not be copied.
    return rows[0][None] if len(rows) == 1 else np.stack(rows)
