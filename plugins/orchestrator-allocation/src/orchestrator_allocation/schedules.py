"""When to rebalance: the bars with which a new day, week, month, quarter or year begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from orchestrator_allocation.parameters import Period
from strategy_orchestrator.arrays import BoolArray, IntArray
from strategy_orchestrator.clock import days_of

_DAYS_A_WEEK: Final = 7
_MONTHS_A_QUARTER: Final = 3
# Day 0, 1970-01-01, was a Thursday.
_FROM_MONDAY: Final = 3


def _weeks(days: IntArray) -> IntArray:
    return np.floor_divide(days + _FROM_MONDAY, _DAYS_A_WEEK)


def _months(days: IntArray) -> IntArray:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _quarters(days: IntArray) -> IntArray:
    return np.floor_divide(_months(days), _MONTHS_A_QUARTER)


def _years(days: IntArray) -> IntArray:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)


_PERIODS: Final[Mapping[Period, Callable[[IntArray], IntArray]]] = {
    "daily": lambda days: days,
    "weekly": _weeks,
    "monthly": _months,
    "quarterly": _quarters,
    "yearly": _years,
}


def period_beginnings(timestamps_ns: IntArray, period: Period) -> BoolArray:
    """Tell which bars are the first of a period that is not that of the bar before.

    That a bar was the last of its period is known only when the next one comes, so the first is the earliest at which
    one can act without knowing the sessions to come. Bar 0 begins the run, not a period.

    Parameters
    ----------
    timestamps_ns : ndarray
        int64, shape (T,), nanoseconds since 1970 UTC, rising; the closes of the bars.
    period : {"daily", "weekly", "monthly", "quarterly", "yearly"}
        Counted by UTC dates; weeks begin on Monday.

    Returns
    -------
    ndarray
        bool, shape (T,); row t depends on bars t - 1 and t only.

    Examples
    --------
    >>> days = np.array(["2024-01-30", "2024-01-31", "2024-02-02"], "datetime64[ns]").astype(np.int64)
    >>> period_beginnings(days, "monthly").tolist()
    [False, False, True]
    """
    numbers = _PERIODS[period](days_of(timestamps_ns))
    begins = np.zeros(len(numbers), np.bool_)
    begins[1:] = numbers[1:] != numbers[:-1]
    return begins
