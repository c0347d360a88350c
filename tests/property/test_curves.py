"""Sums over equity curves: the same however they are run, and those of another way to find them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from strategy_orchestrator.kernel import sums_of_curves
from strategy_orchestrator.kernel.curves import SUMS, Rows, measure

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 40))


@st.composite
def rows(draw: st.DrawFn, least: int = 1, most: int = 10**9) -> Rows:
    """Return curves of whole quanta with one bar a day, zeros for what is found."""
    n_curves, n_days = draw(SHAPES)
    levels = draw(arrays(np.int64, (n_curves, n_days + 1), elements=st.integers(least, most))).astype(np.float64)
    gross = draw(arrays(np.int64, (n_curves, n_days), elements=st.integers(0, 10**9))).astype(np.float64)
    charges = draw(arrays(np.int64, (n_curves, n_days), elements=st.integers(-1000, 1000))).astype(np.float64)
    return Rows(levels, gross, levels, levels, charges, np.array([0.0001]), np.zeros(n_curves, SUMS))


def found(curves: Rows) -> Any:
    """Return the sums as runs find them."""
    *given, risk_free, _ = curves
    return sums_of_curves(*given, float(risk_free[0]))


@given(rows(least=-5))
def test_code_finds_what_plain_functions_find(curves: Rows) -> None:
    """To the last bit, ruined ones too."""
    with np.errstate(all="ignore"):
        measure(curves, len(curves.daily))
    assert found(curves).tobytes() == curves.sums.tobytes()


@given(rows(least=-1, most=9))
def test_a_return_from_nothing_or_less_is_ruin(curves: Rows) -> None:
    """The first starts from the capital; none starts from the last value."""
    is_ruined = (curves.growth[:, :-1] <= 0).any(axis=1)
    assert (found(curves)["is_ruined"] == is_ruined).all()


@given(rows())
def test_sums_are_those_of_numpy(curves: Rows) -> None:
    """Each by its definition, over whole arrays."""
    sums, levels = found(curves), curves.growth
    returns = levels[:, 1:] / levels[:, :-1] - 1
    for name, of in (("", returns), ("lagged_", returns - curves.charges / levels[:, :-1])):
        mean, scale = of.mean(axis=1), np.abs(of).max(axis=1)
        assert sums[f"{name}mean"] == pytest.approx(mean, rel=1e-9, abs=1e-12 * scale.max())
        squares = ((of - mean[:, None]) ** 2).sum(axis=1)
        assert sums[f"{name}squares"] == pytest.approx(squares, rel=1e-9, abs=1e-12 * scale.max() ** 2)
    assert sums["shortfall"] == pytest.approx((np.minimum(returns - 0.0001, 0) ** 2).sum(axis=1))
    assert sums["exposure"] == pytest.approx((curves.gross / levels[:, 1:]).sum(axis=1))
    assert sums["equity"] == pytest.approx(levels[:, 1:].sum(axis=1))
    assert sums["n_exposed"].tolist() == [curves.gross.shape[1]] * len(levels)


@given(rows())
def test_the_deepest_drawdown_is_the_earliest_of_equals(curves: Rows) -> None:
    """From the last day at its peak to the first that is as high, or the last of all."""
    sums = found(curves)
    for row, curve in enumerate(curves.growth):
        remaining = curve / np.maximum.accumulate(curve)
        trough = int(remaining.argmin())
        assert sums["remaining"][row] == remaining[trough]
        if remaining[trough] == 1:
            assert (sums["peak"][row], sums["end"][row], sums["is_open"][row]) == (0, 0, 0)
            continue
        peak = curve[: trough + 1].max()
        regained = np.flatnonzero(curve[trough:] >= peak)
        assert sums["peak"][row] == np.flatnonzero(curve[:trough] == peak)[-1]
        assert sums["is_open"][row] == (not len(regained))
        assert sums["end"][row] == (trough + regained[0] if len(regained) else len(curve) - 1)


def test_a_charge_on_nothing_is_left_out() -> None:
    """Where all money was moved away before, a return with lag is that without."""
    equity, growth = np.array([[100.0, 0, 0]]), np.array([[100.0, 110, 110]])
    sums = sums_of_curves(equity, np.zeros((1, 2)), equity, growth, np.array([[0.0, 5]]), 0.0)
    assert sums["lagged_mean"] == sums["mean"] == pytest.approx([0.05])
    assert sums["lagged_squares"] == sums["squares"]
