"""The cells of a panel that have a bar, found by a look at every value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from strategy_orchestrator.arrays import BoolArray, FloatArray


def find_traded(arrays: Mapping[str, FloatArray]) -> BoolArray | None:
    """Look at every value of a panel at once; the order of the fields and their shapes are trusted.

    Parameters
    ----------
    arrays : mapping of ndarray
        open, high, low, close and volume: float64, shape (T, S).

    Returns
    -------
    ndarray or None
        bool, shape (T, S): whether the symbol has a bar; None when a value breaks a rule.
    """
    low, high = arrays["low"], arrays["high"]
    # NaN fails every comparison, so a cell that passes has four finite prices.
    traded = low > 0
    for lower, upper in (
        (low, arrays["open"]),
        (low, arrays["close"]),
        (arrays["open"], high),
        (arrays["close"], high),
    ):
        traded &= lower <= upper
    traded &= high < np.inf
    volume = arrays["volume"]
    if traded.all():
        fine = (volume >= 0) & (volume < np.inf)
        return traded if fine.all() or (fine | np.isnan(volume)).all() else None
    gaps = ~traded
    if not all(np.isnan(array[gaps]).all() for array in arrays.values()):
        return None
    with_bar = volume[traded]
    return traded if not ((with_bar < 0) | (with_bar == np.inf)).any() else None
