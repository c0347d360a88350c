"""Time as the package keeps it: int64 nanoseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import IntArray

NS_PER_SECOND: Final = 1_000_000_000
NS_PER_DAY: Final = 86_400 * NS_PER_SECOND

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NS_PER_MICROSECOND: Final = 1000


def to_ns(moment: datetime) -> int:
    """Return an aware datetime as nanoseconds since 1970, UTC, exactly.

    Examples
    --------
    >>> to_ns(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000000
    """
    return (moment - _EPOCH) // timedelta(microseconds=1) * _NS_PER_MICROSECOND


def to_datetime(ns: int) -> datetime:
    """Return nanoseconds since 1970 as an aware datetime in UTC; less than a microsecond is cut."""
    return _EPOCH + timedelta(microseconds=int(ns) // _NS_PER_MICROSECOND)


def to_text(ns: int) -> str:
    """Write a moment as ISO 8601; midnight is written as the day alone.

    Examples
    --------
    >>> to_text(86_400_000_000_000), to_text(1_000_000_000)
    ('1970-01-02', '1970-01-01T00:00:01Z')
    """
    if ns % NS_PER_DAY == 0:
        return to_datetime(ns).date().isoformat()
    return to_datetime(ns).isoformat().replace("+00:00", "Z")


def days_of(timestamps_ns: IntArray) -> IntArray:
    """Return the UTC day number of each moment.

    Returns
    -------
    ndarray
        int64, days since 1970, same shape.
    """
    return np.floor_divide(timestamps_ns, NS_PER_DAY)
