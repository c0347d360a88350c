"""Closing times of bars, as nanoseconds since 1970 in UTC, from whatever says them; what is no time is not guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray, BoolArray, IntArray
from strategy_orchestrator.clock import NS_PER_DAY, NS_PER_SECOND, to_datetime, to_ns, to_text
from strategy_orchestrator.errors import DataError, Fault, shortened

FIRST_NS: Final = -25_567 * NS_PER_DAY
"""1900-01-01: no bar is earlier."""
END_NS: Final = 84_006 * NS_PER_DAY
"""2200-01-01: every bar is earlier."""

_OUTSIDE: Final = "does not lie within 1900 to 2199"
_UNITS_NS: Final = {"seconds": NS_PER_SECOND, "milliseconds": 1_000_000, "microseconds": 1000, "nanoseconds": 1}
_LIKELY_FROM_NS: Final = 3_652 * NS_PER_DAY
"""1980-01-01: from here on a number since 1970 is recognized by the unit in which it is likely."""
_LIKELY_END_NS: Final = 47_482 * NS_PER_DAY
"""2100-01-01: up to here."""
_ISO: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d|\d{8})"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?|\d{4}(?:\d\d)?)(?:[.,](?P<fraction>\d{1,9}))?"
    r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"[+-]?(\d{1,20})(?:\.\d*)?", re.ASCII)
_DAY_DIGITS: Final = 8
_MOST_SHOWN: Final = 60


def times_ns(timestamps: Sequence[datetime] | AnyArray) -> IntArray:
    """Return closing times as int64 nanoseconds since 1970, UTC.

    Raises
    ------
    DataError
        If a time is naive, missing, or of a type that is no time; if integers make sense only in another unit.
    """
    if isinstance(timestamps, np.ndarray) and timestamps.dtype.kind == "M":
        return datetime64_ns(timestamps)
    if isinstance(timestamps, np.ndarray) and timestamps.dtype.kind in "iu":
        times = timestamps.astype(np.int64)
        outside = (times < FIRST_NS) | (times >= END_NS)
        _refuse_first(timestamps, outside, f"{_OUTSIDE} when read as nanoseconds since 1970")
        doubt = scale_problem(times) if len(times) > 1 else ""
        if doubt:
            raise DataError(Fault("timestamps[0]", doubt, "Give nanoseconds since 1970", timestamps[0]))
        return times
    faults = []
    for bar, moment in enumerate(timestamps):
        if not isinstance(moment, datetime) or moment != moment:  # noqa: PLR0124  # NaT is a datetime to pandas
            faults.append(Fault(f"timestamps[{bar}]", f"{moment!r} is no datetime", value=moment))
        elif moment.utcoffset() is None:
            faults.append(
                Fault(f"timestamps[{bar}]", f"{moment} has no time zone", "Give it one, for instance tzinfo=UTC")
            )
        elif not FIRST_NS <= to_ns(moment) < END_NS:
            faults.append(Fault(f"timestamps[{bar}]", f"{moment} {_OUTSIDE}", value=moment))
    if faults:
        raise DataError(shortened(faults))
    return np.array([to_ns(moment) for moment in timestamps], np.int64)


def datetime64_ns(timestamps: AnyArray) -> IntArray:
    """Return an array of datetime64, in UTC, as int64 nanoseconds since 1970.

    Raises
    ------
    DataError
        If a time is missing or lies outside 1900 to 2199.
    """
    _refuse_first(timestamps, np.isnat(timestamps), "is no time")
    _refuse_first(timestamps, is_outside(timestamps), _OUTSIDE)
    return timestamps.astype("datetime64[ns]").astype(np.int64)


def is_outside(timestamps: AnyArray) -> BoolArray:
    """Tell which elements of an array of datetime64 lie outside 1900 to 2199, NaT among them."""
    # Whole days: nanoseconds overflow silently outside 1677 to 2262.
    days = timestamps.astype("datetime64[D]").astype(np.int64)
    return (days < FIRST_NS // NS_PER_DAY) | (days >= END_NS // NS_PER_DAY)


def _refuse_first(timestamps: AnyArray, broken: BoolArray, problem: str) -> None:
    if broken.any():
        bar = int(np.flatnonzero(broken)[0])
        raise DataError(Fault(f"timestamps[{bar}]", f"{timestamps[bar]} {problem}", value=timestamps[bar]))


def scale_problem(times: IntArray) -> str:
    """Say why times look like numbers read in a unit that is too small, or return "".

    Seconds read as milliseconds lie in the first weeks of 1970, at odd hours. So do no prices that anybody has; times
    are doubted only if all of them lie there and all make sense in a larger unit.

    Parameters
    ----------
    times : ndarray
        int64, shape (n,), nanoseconds since 1970, UTC.
    """
    if not len(times) or not (times % NS_PER_DAY).any():
        return ""
    first, last = int(times.min()), int(times.max())
    for factor in (10**9, 10**6, 10**3):
        if _is_likely(first * factor) and _is_likely(last * factor):
            meant = to_text(first * factor)
            return (
                f"{to_datetime(first).isoformat()} and all other times lie at the beginning of 1970; they look like "
                f"numbers read in a unit {factor:,} times too small, {meant} being meant"
            )
    return ""


def number_problem(number: int) -> str:
    """Say in which unit an integer makes sense as a time."""
    for unit, ns in _UNITS_NS.items():
        if _is_likely(number * ns):
            return f"{number} is a number, not a time; it looks like {unit} since 1970, {to_text(number * ns)}"
    return f"{number} is a number, not a time"


def _is_likely(ns: int) -> bool:
    return _LIKELY_FROM_NS <= ns < _LIKELY_END_NS


def read_moment(value: object) -> tuple[int, bool]:
    """Read one time as people write it.

    Parameters
    ----------
    value : str, date, datetime or int
        Text in ISO form (`2020-01-02`, `2020-01-02T15:30:00Z`, `20200102`), or an integer that is a day (20200102).

    Returns
    -------
    tuple
        Nanoseconds since 1970, UTC, and whether the time has a zone; without one it is taken as UTC.

    Raises
    ------
    ValueError
        With what is wrong, one clause.
    """
    if isinstance(value, str):
        return _read_text(value.strip())
    if isinstance(value, datetime):
        return _checked(value, 0, str(value))
    if isinstance(value, date):
        return _checked(datetime(value.year, value.month, value.day), 0, str(value))  # noqa: DTZ001  # UTC is put below
    if isinstance(value, np.integer | int) and not isinstance(value, bool):
        return _read_text(str(int(value)))
    if isinstance(value, float) and math.isfinite(value):
        raise ValueError(number_problem(int(value)))
    raise ValueError(f"{value!r} is no time")


def _read_text(text: str) -> tuple[int, bool]:
    shown = repr(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}...")
    number = _NUMBER.fullmatch(text)
    if number and len(text) != _DAY_DIGITS:
        raise ValueError(number_problem(int(number[1])))
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"{shown} is no time in ISO form; write for instance 2020-01-02 or 2020-01-02T15:30:00Z")
    parts = (match["day"], "T" if match["time"] else "", match["time"] or "", match["zone"] or "")
    try:
        moment = datetime.fromisoformat("".join(parts))
    except ValueError:
        problem = number_problem(int(text)) if number else f"{shown} is no time of the calendar"
        raise ValueError(problem) from None
    return _checked(moment, int((match["fraction"] or "").ljust(9, "0")), shown)


def _checked(moment: datetime, extra_ns: int, shown: str) -> tuple[int, bool]:
    is_aware = moment.utcoffset() is not None
    ns = to_ns(moment if is_aware else moment.replace(tzinfo=UTC)) + extra_ns + getattr(moment, "nanosecond", 0)
    if not FIRST_NS <= ns < END_NS:
        raise ValueError(f"{shown} {_OUTSIDE}")
    return ns, is_aware
