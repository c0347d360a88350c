"""Statistics over a symbol's own bars: right, blind to gaps and to the future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, strategies as st

from orchestrator_execution.own_bars import known_before, moving_deviation, moving_mean, own_bars
from strategy_orchestrator import Panel

GAP = np.nan
START = datetime(2024, 1, 1, tzinfo=UTC)


def panel_of(closes: list[list[float]]) -> Panel:
    """Make daily bars of one price each."""
    prices = np.array(closes)
    times = [START + timedelta(days=day) for day in range(len(prices))]
    names = [f"S{column}" for column in range(prices.shape[1])]
    return Panel.from_arrays(times, names, open=prices, high=prices, low=prices, close=prices)


PANEL = panel_of([[1, GAP], [2, 10], [GAP, GAP], [3, 11], [4, GAP]])


def test_own_bars_leave_gaps_out() -> None:
    """Four bars of the one, two of the other and nothing more."""
    own = own_bars(PANEL.close, PANEL)
    assert np.array_equal(own, np.array([[1, 10], [2, 11], [3, GAP], [4, GAP]]), equal_nan=True)


def test_the_last_bar_before_each_row_is_known() -> None:
    """A bar is known from the row after it on; a gap changes nothing."""
    known = known_before(own_bars(PANEL.close, PANEL), PANEL, -1.0)
    assert known.tolist() == [[-1, -1], [1, -1], [2, 10], [2, 10], [3, 11]]


def test_what_is_not_known_is_filled() -> None:
    """NaN never comes out."""
    values = np.array([[GAP, 1.5], [2.5, GAP], [GAP, GAP], [GAP, GAP]])
    assert known_before(values, PANEL, 0.5).tolist() == [[0.5, 0.5], [0.5, 0.5], [2.5, 1.5], [2.5, 1.5], [0.5, 0.5]]


def test_moving_statistics_by_hand() -> None:
    """Of 1, 3, 8 the mean is 4 and the deviation the root of 13."""
    values = np.array([[1.0], [3.0], [8.0], [4.0]])
    assert moving_mean(values, 3) == pytest.approx(np.array([[GAP], [GAP], [4.0], [5.0]]), nan_ok=True)
    deviations = moving_deviation(values, 3)
    assert deviations == pytest.approx(np.array([[GAP], [GAP], [13.0**0.5], [7.0**0.5]]), nan_ok=True)


@pytest.mark.parametrize("n_rows", [0, 1, 2])
def test_fewer_rows_than_the_lookback_tell_nothing(n_rows: int) -> None:
    """All is NaN, whatever the shape."""
    values = np.ones((n_rows, 2))
    assert np.isnan(moving_mean(values, 3)).all()
    assert np.isnan(moving_deviation(values, 3)).all()


def test_what_does_not_vary_has_no_deviation() -> None:
    """Exactly zero, not a rounding error."""
    assert moving_deviation(np.full((9, 1), 0.1), 4)[3:].tolist() == [[0.0]] * 6


@given(st.integers(1, 40), st.integers(1, 4), st.integers(2, 12), st.integers(0, 2**32 - 1), st.data())
def test_rows_do_not_know_how_many_follow(
    n_rows: int, n_columns: int, lookback: int, seed: int, data: st.DataObject
) -> None:
    """Cut short, the same values to the last bit; and they are what numpy says."""
    values = np.random.default_rng(seed).normal(0.0, 1.0, (n_rows, n_columns))
    n_kept = data.draw(st.integers(0, n_rows))
    for moving, plain in ((moving_mean, np.mean), (moving_deviation, lambda part, axis: np.std(part, axis, ddof=1))):
        whole = moving(values, lookback)
        assert np.array_equal(moving(values[:n_kept], lookback), whole[:n_kept], equal_nan=True)
        for row in range(lookback - 1, n_rows):
            assert whole[row] == pytest.approx(plain(values[row - lookback + 1 : row + 1], axis=0))
