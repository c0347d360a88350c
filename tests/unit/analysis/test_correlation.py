"""Correlation of the strategies' daily returns."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from strategy_orchestrator.analysis import correlation_of
from tests.unit.analysis.builders import make_panel, make_record


def test_every_pair_has_pearsons_coefficient_in_the_order_of_the_list() -> None:
    """The values are those of numpy's own routine."""
    returns = np.random.default_rng(2).normal(0, 0.01, (250, 4))
    returns[:, 3] += returns[:, 0]
    equity = 1e6 * np.cumprod(1 + returns, axis=0)
    found = correlation_of(make_record(equity, start=np.full(4, 1e6)))
    expected = np.corrcoef(
        np.diff(equity, axis=0, prepend=1e6) / np.vstack([np.full(4, 1e6), equity[:-1]]), rowvar=False
    )
    names = [(pair.first, pair.second) for pair in found.pairs]
    assert names == [(f"Strategy_{one}", f"Strategy_{two}") for one in range(4) for two in range(one + 1, 4)]
    values = [float(pair.value) for pair in found.pairs]
    assert values == pytest.approx(expected[np.triu_indices(4, 1)].tolist(), abs=1e-9)
    assert all(pair.n_days == 250 and not pair.is_weak for pair in found.pairs)
    assert found.between("Strategy_3", "Strategy_0") == found.pairs[2].value


def test_one_strategy_has_no_pair() -> None:
    """There is nothing to compare."""
    assert correlation_of(make_record([100, 101, 102])).pairs == ()


def test_equal_and_opposite_curves_are_exactly_one() -> None:
    """Rounding leaves no value outside of [-1, 1]."""
    returns = np.random.default_rng(2).normal(0, 0.01, 29)
    equity = 1e6 * np.cumprod(1 + np.stack([returns, returns, -returns], axis=1), axis=0)
    pairs = correlation_of(make_record(equity, start=np.full(3, 1e6))).pairs
    assert [pair.value for pair in pairs] == [1, -1, -1]
    assert all(pair.is_weak and pair.n_days == 29 for pair in pairs)


def test_a_curve_that_never_moves_correlates_with_nothing() -> None:
    """Even growth has no spread either."""
    days = np.arange(1, 60)
    wild = 1e6 * np.cumprod(1 + np.random.default_rng(2).normal(0, 0.01, 59))
    equity = np.stack([np.full(59, 1e6), 1e6 * 1.001**days, wild, wild[::-1]], axis=1)
    pairs = correlation_of(make_record(equity, start=np.full(4, 1e6))).pairs
    assert [pair.value.is_nan() for pair in pairs] == [True, True, True, True, True, False]


def test_the_days_of_a_ruined_sleeve_end_with_its_ruin() -> None:
    """A pair is compared over the days on which both have a return."""
    equity = 1e6 * np.cumprod(1 + np.random.default_rng(4).normal(0, 0.01, (50, 3)), axis=0)
    equity[9:, 1] = -5
    found = correlation_of(make_record(equity, start=np.full(3, 1e6)))
    assert [(pair.n_days, pair.is_weak) for pair in found.pairs] == [(10, True), (50, False), (10, True)]
    before = np.vstack([np.full(3, 1e6), equity[:-1]])
    returns = (equity - before) / before
    assert float(found.pairs[0].value) == pytest.approx(np.corrcoef(returns[:10, 0], returns[:10, 1])[0, 1], abs=1e-9)
    assert float(found.pairs[1].value) == pytest.approx(np.corrcoef(returns[:, 0], returns[:, 2])[0, 1], abs=1e-9)


@pytest.mark.parametrize("n_bars", [0, 1])
def test_fewer_than_two_days_have_no_correlation(n_bars: int) -> None:
    """Pairs are there, undefined and weak."""
    (pair,) = correlation_of(make_record([[100, 100], [110, 120]], n_bars=n_bars)).pairs
    assert pair.value.is_nan()
    assert (pair.n_days, pair.is_weak) == (n_bars, True)


def test_intraday_bars_are_compared_by_day() -> None:
    """Only the last bar of a day counts."""
    panel = make_panel(np.full((4, 1), 10.0), days=[0.2, 0.4, 1.2, 1.4])
    equity = [[100, 9], [110, 110], [5, 7], [121, 110]]
    (pair,) = correlation_of(make_record(equity, start=[100, 100], panel=panel)).pairs
    assert pair.n_days == 2
    assert pair.value.is_nan()
    (moving,) = correlation_of(make_record([*equity[:3], [130, 110]], start=[100, 100], panel=panel)).pairs
    assert moving.value == Decimal(1) * -1 or moving.value == 1
