"""Times of every kind as nanoseconds, and what is no time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from strategy_orchestrator.clock import NS_PER_DAY, to_ns
from strategy_orchestrator.errors import DataError
from strategy_orchestrator.models.times import END_NS, FIRST_NS, read_moment, scale_problem, times_ns

DAY = datetime(2024, 1, 2, tzinfo=UTC)
DAY_NS = 1_704_153_600_000_000_000


@pytest.mark.parametrize(
    "times",
    [
        [DAY],
        [DAY.astimezone(timezone(timedelta(hours=-5)))],
        [pd.Timestamp(DAY)],
        np.array(["2024-01-02"], "datetime64[D]"),
        np.array(["2024-01-02"], "datetime64[ns]"),
        np.array([DAY_NS]),
        np.array([DAY_NS], np.uint64),
    ],
)
def test_closing_times_are_read_from_what_says_them_exactly(times: Any) -> None:
    """Aware datetimes, datetime64 in UTC, and integers that are nanoseconds."""
    assert times_ns(times).tolist() == [DAY_NS]


@pytest.mark.parametrize(
    ("times", "line"),
    [
        (
            [DAY.replace(tzinfo=None)],
            "timestamps[0]: 2024-01-02 00:00:00 has no time zone. Give it one, for instance tzinfo=UTC.",
        ),
        ([date(2024, 1, 2)], "timestamps[0]: datetime.date(2024, 1, 2) is no datetime."),
        ([DAY, pd.NaT], "timestamps[1]: NaT is no datetime."),
        (
            [datetime(1899, 1, 1, tzinfo=UTC)],
            "timestamps[0]: 1899-01-01 00:00:00+00:00 does not lie within 1900 to 2199.",
        ),
        (np.array(["NaT"], "datetime64[ns]"), "timestamps[0]: NaT is no time."),
        (
            np.array(["2200-01-01"], "datetime64[s]"),
            "timestamps[0]: 2200-01-01T00:00:00 does not lie within 1900 to 2199.",
        ),
        (
            np.array([10**19], np.uint64),
            "timestamps[0]: 10000000000000000000 does not lie within 1900 to 2199 when read as nanoseconds since 1970.",
        ),
        (
            np.array([1_704_153_600, 1_704_240_000]),
            (
                "timestamps[0]: 1970-01-01T00:00:01.704153+00:00 and all other times lie at the beginning of 1970; "
                "they look like numbers read in a unit 1,000,000,000 times too small, 2024-01-02 being meant. "
                "Give nanoseconds since 1970."
            ),
        ),
    ],
)
def test_what_is_no_closing_time_is_refused(times: Any, line: str) -> None:
    """By its place."""
    with pytest.raises(DataError) as caught:
        times_ns(times)
    assert str(caught.value) == line


@pytest.mark.parametrize("factor", [10**3, 10**6, 10**9])
def test_times_that_only_make_sense_in_another_unit_are_doubted(factor: int) -> None:
    """All of them, and none at midnight throughout."""
    read = np.array([DAY_NS, DAY_NS + NS_PER_DAY]) // factor
    assert f"{factor:,} times too small, 2024-01-02 being meant" in scale_problem(read)
    assert scale_problem(np.append(read, DAY_NS)) == ""


@pytest.mark.parametrize("times", [[], [0, NS_PER_DAY], [1, 2], [DAY_NS]])
def test_times_that_make_sense_are_not_doubted(times: list[int]) -> None:
    """Days in January 1970 may be meant."""
    assert scale_problem(np.array(times, np.int64)) == ""


@pytest.mark.parametrize(
    ("value", "ns", "is_aware"),
    [
        (date(2024, 1, 2), DAY_NS, False),
        (DAY.replace(tzinfo=None), DAY_NS, False),
        (DAY, DAY_NS, True),
        (pd.Timestamp("2024-01-02 00:00:00.000000001"), DAY_NS + 1, False),
        (20240102, DAY_NS, False),
        (np.int64(20240102), DAY_NS, False),
        ("2024-01-02T00:00:00.000000001+00:00", DAY_NS + 1, True),
        ("2024-01-02 01:00+01", DAY_NS, True),
    ],
)
def test_a_moment_is_read_as_people_write_it(value: object, ns: int, *, is_aware: bool) -> None:
    """With whether it has a zone."""
    assert read_moment(value) == (ns, is_aware)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (True, "True is no time"),
        (None, "None is no time"),
        (1.7041536e9, "1704153600 is a number, not a time; it looks like seconds since 1970, 2024-01-02"),
        (float("inf"), "inf is no time"),
        (DAY_NS, f"{DAY_NS} is a number, not a time; it looks like nanoseconds since 1970, 2024-01-02"),
        (45_000, "45000 is a number, not a time"),
        ("noon", "'noon' is no time in ISO form; write for instance 2020-01-02 or 2020-01-02T15:30:00Z"),
    ],
)
def test_what_is_no_moment_is_refused(value: object, problem: str) -> None:
    """In one clause."""
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        read_moment(value)


@given(st.integers(FIRST_NS, END_NS - 1), st.sampled_from([None, 0, 60, -330]))
def test_text_of_any_moment_is_read_back(ns: int, zone: int | None) -> None:
    """To the nanosecond, in any zone."""
    local_ns = ns + (zone or 0) * 60 * 10**9
    text = str(np.datetime64(local_ns, "ns"))
    if zone is not None:
        text += f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}:{abs(zone) % 60:02}"
    assert read_moment(text) == (ns, zone is not None)


@given(st.datetimes(DAY.replace(year=1900, tzinfo=None), DAY.replace(year=2199, tzinfo=None), timezones=st.just(UTC)))
def test_datetimes_and_their_text_agree(moment: datetime) -> None:
    """ISO form says all."""
    assert read_moment(moment) == read_moment(moment.isoformat()) == (to_ns(moment), True)
