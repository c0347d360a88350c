"""When rebalancers propose: at the first bar of a period, known without the bars to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from orchestrator_allocation.parameters import Period
from orchestrator_allocation.schedules import period_beginnings
from strategy_orchestrator.clock import to_ns

# 2024-12-27 was a Friday.
DAYS = ("2024-12-27", "2024-12-30", "2024-12-31", "2025-01-02", "2025-01-03", "2025-01-06", "2025-02-03", "2025-04-01")
TABLE: dict[Period, list[int]] = {
    "daily": [1, 2, 3, 4, 5, 6, 7],
    "weekly": [1, 5, 6, 7],
    "monthly": [3, 6, 7],
    "quarterly": [3, 7],
    "yearly": [3],
}
MOMENTS = st.lists(
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  # the zone is added below
    min_size=1,
    max_size=40,
    unique=True,
)


def times_of(days: tuple[str, ...]) -> np.ndarray:
    """Return the midnights of days as nanoseconds."""
    return np.array(days, "datetime64[ns]").astype(np.int64)


@pytest.mark.parametrize(("period", "bars"), TABLE.items(), ids=TABLE)
def test_the_first_bar_of_each_new_period(period: Period, bars: list[int]) -> None:
    """Neither the first bar of the data nor the last of a period counts."""
    assert np.flatnonzero(period_beginnings(times_of(DAYS), period)).tolist() == bars


def test_bars_of_one_day_share_its_period() -> None:
    """Only the first bar after midnight, UTC, begins a day."""
    hours = [datetime(2024, 1, 1, 20, tzinfo=UTC) + timedelta(hours=2 * step) for step in range(6)]
    times = np.array([to_ns(moment) for moment in hours])
    assert np.flatnonzero(period_beginnings(times, "daily")).tolist() == [2]


def test_days_before_1970_fall_into_the_right_week() -> None:
    """Negative day numbers round to the Monday before, not after."""
    times = times_of(("1969-12-28", "1969-12-29", "1970-01-04", "1970-01-05"))
    assert period_beginnings(times, "weekly").tolist() == [False, True, False, True]


@given(MOMENTS, st.sampled_from(list(TABLE)))
def test_periods_are_those_of_the_calendar(moments: list[datetime], period: Period) -> None:
    """Python's own calendar says the same."""
    moments = sorted(moment.replace(tzinfo=UTC) for moment in moments)
    number: Callable[[datetime], object] = {
        "daily": datetime.toordinal,
        "weekly": lambda moment: moment.isocalendar()[:2],
        "monthly": lambda moment: (moment.year, moment.month),
        "quarterly": lambda moment: (moment.year, (moment.month - 1) // 3),
        "yearly": lambda moment: moment.year,
    }[period]
    expected = [False, *(now != before for before, now in pairwise(map(number, moments)))]
    assert period_beginnings(np.array([to_ns(moment) for moment in moments]), period).tolist() == expected


@given(MOMENTS, st.sampled_from(list(TABLE)), st.data())
def test_a_bar_is_judged_without_the_bars_after_it(
    moments: list[datetime], period: Period, data: st.DataObject
) -> None:
    """A history cut short gives the same rows."""
    times = np.array(sorted(to_ns(moment.replace(tzinfo=UTC)) for moment in moments))
    n_bars = data.draw(st.integers(0, len(times)))
    assert np.array_equal(period_beginnings(times[:n_bars], period), period_beginnings(times, period)[:n_bars])
