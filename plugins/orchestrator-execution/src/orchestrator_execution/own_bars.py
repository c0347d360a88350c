"""Statistics over a symbol's own bars, and what is known of them before each bar of the panel.

Arrays of shape (K, S) hold the k-th bar of each symbol in row k, whenever it was; NaN where a symbol has fewer. Row k
of a result depends on rows up to k only, to the last bit, however many follow.
"""

from __future__ import annotations

import numpy as np

from strategy_orchestrator import Panel
from strategy_orchestrator.arrays import FloatArray, IntArray


def own_bars(prices: FloatArray, panel: Panel) -> FloatArray:
    """Return the prices of each symbol without the gaps.

    Parameters
    ----------
    prices : ndarray
        float64, shape (T, S), a field of the panel.

    Returns
    -------
    ndarray
        float64, shape (K, S); K is the largest number of bars that a symbol has.
    """
    bars, columns = np.nonzero(panel.traded)
    places = (np.cumsum(panel.traded, axis=0) - 1)[bars, columns]
    own = np.full((int(places.max(initial=-1)) + 1, panel.n_symbols), np.nan)
    own[places, columns] = prices[bars, columns]
    return own


def moving_mean(values: FloatArray, lookback: int) -> FloatArray:
    """Return the mean of the last `lookback` rows, NaN for the first `lookback - 1`; shape (K, S)."""
    return _moving_sum(values, lookback) / lookback


def moving_deviation(values: FloatArray, lookback: int) -> FloatArray:
    """Return the sample standard deviation of the last `lookback` rows, NaN for the first `lookback - 1`; shape (K, S).

    Each lookback has its own mean, subtracted before squaring, so that values that do not vary give 0.
    """
    means = moving_mean(values, lookback)
    squares = np.full(values.shape, np.nan)
    n_rows = len(values) - lookback + 1
    if n_rows > 0:
        squares[lookback - 1 :] = 0.0
        for lag in range(lookback):
            squares[lookback - 1 :] += (values[lag : lag + n_rows] - means[lookback - 1 :]) ** 2
    return np.asarray(np.sqrt(squares / (lookback - 1)))


def _moving_sum(values: FloatArray, lookback: int) -> FloatArray:
    # Added row by row: numpy's own sums add in an order that depends on the shape, and no row may know how many follow.
    sums = np.full(values.shape, np.nan)
    n_rows = len(values) - lookback + 1
    if n_rows > 0:
        sums[lookback - 1 :] = 0.0
        for lag in range(lookback):
            sums[lookback - 1 :] += values[lag : lag + n_rows]
    return sums


def known_before(values: FloatArray, panel: Panel, otherwise: float) -> FloatArray:
    """Return for every bar of the panel what was known of each symbol at the close of its last bar before.

    Parameters
    ----------
    values : ndarray
        float64, shape (K, S), NaN where nothing is known.
    otherwise : float
        Where nothing is known.

    Returns
    -------
    ndarray
        float64, shape (T, S); row t depends on bars before t only.
    """
    n_before: IntArray = np.cumsum(panel.traded, axis=0) - panel.traded
    found = np.take_along_axis(values, np.maximum(n_before - 1, 0), axis=0)
    return np.where((n_before > 0) & ~np.isnan(found), found, otherwise)
