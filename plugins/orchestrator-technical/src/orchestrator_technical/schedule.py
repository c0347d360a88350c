"""When target weights are renewed: at the first bar of a new week, month or quarter, UTC.

That a bar is the last one of its month is known only when the next one has come; that it is the first is known at once.
"""

from __future__ import annotations

import numpy as np

from orchestrator_technical.bars import each_symbol
from orchestrator_technical.parameters import Rebalance
from strategy_orchestrator import Panel
from strategy_orchestrator.arrays import BoolArray, FloatArray, IntArray

_MONTHS_PER_QUARTER = 3
_DAYS_PER_WEEK = 7
_THURSDAY = 3
"""Weekday of 1970-01-01, Monday being 0."""


def period_of(times_ns: IntArray, rebalance: Rebalance) -> IntArray:
    """Return the number of the week, month or quarter of each time.

    Returns
    -------
    ndarray
        int64, same shape.

    Examples
    --------
    >>> times = np.array(["2021-01-03", "2021-01-04", "2021-04-01"], "datetime64[ns]").astype(np.int64)
    >>> [np.diff(period_of(times, unit)).tolist() for unit in ("week", "month", "quarter")]
    [[1, 12], [0, 3], [0, 1]]
    """
    times = times_ns.astype("datetime64[ns]")
    if rebalance == "week":
        return (times.astype("datetime64[D]").astype(np.int64) + _THURSDAY) // _DAYS_PER_WEEK
    months = times.astype("datetime64[M]").astype(np.int64)
    return months if rebalance == "month" else months // _MONTHS_PER_QUARTER


def begins_period(times_ns: IntArray, rebalance: Rebalance) -> BoolArray:
    """Tell which bars are the first of their week, month or quarter; not the very first bar, which may be late."""
    begins = np.zeros(times_ns.shape, np.bool_)
    begins[1:] = np.diff(period_of(times_ns, rebalance)) != 0
    return begins


def on_change(targets: FloatArray, panel: Panel) -> FloatArray:
    """Ask for a target at the first bar of its symbol at which it differs from the one before.

    Parameters
    ----------
    targets : ndarray
        float64, shape (T, S), no NaN; nothing is held before the first bar.

    Returns
    -------
    ndarray
        float64, shape (T, S); NaN where nothing changes and where a symbol has no bar.
    """
    asked = np.full(targets.shape, np.nan)
    for bars in each_symbol(panel):
        wanted = targets[bars.rows, bars.column]
        changed = np.diff(wanted, prepend=0.0) != 0
        asked[bars.rows[changed], bars.column] = wanted[changed]
    return asked
