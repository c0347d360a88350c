"""Shares by skfolio against numbers worked by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from orchestrator_allocation.estimators import (
    Estimate,
    hierarchical_risk_parity,
    inverse_volatility,
    is_moving,
    minimum_variance,
    risk_parity,
)

ESTIMATES: dict[str, Estimate] = {
    "inverse-volatility": inverse_volatility,
    "risk-parity": risk_parity,
    "minimum-variance": minimum_variance,
    "hierarchical-risk-parity": hierarchical_risk_parity,
}
every_estimate = pytest.mark.parametrize("estimate", ESTIMATES.values(), ids=ESTIMATES)
# Three columns of +-1, of mean 0, and uncorrelated.
PATTERNS = np.array([[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]], np.float64).T


def returns_of(*volatilities: float) -> np.ndarray:
    """Make uncorrelated returns whose standard deviations are as these numbers."""
    return np.tile(PATTERNS[:, : len(volatilities)] * volatilities, (6, 1))


@pytest.mark.parametrize(
    ("estimate", "shares"),
    [
        # 1/1 : 1/2 : 1/4
        (inverse_volatility, [4 / 7, 2 / 7, 1 / 7]),
        # Without correlation a sleeve contributes w²σ².
        (risk_parity, [4 / 7, 2 / 7, 1 / 7]),
        # Without correlation 1/1 : 1/4 : 1/16.
        (minimum_variance, [16 / 21, 4 / 21, 1 / 21]),
    ],
)
def test_uncorrelated_sleeves(estimate: Estimate, shares: list[float]) -> None:
    """Standard deviations of 1, 2 and 4 per cent; what a solver finds is rounded to thousandths of an equal share."""
    assert estimate(returns_of(0.01, 0.02, 0.04), "sample") == pytest.approx(shares, abs=2e-4)


def test_a_tree_of_two_leaves() -> None:
    """Hierarchical risk parity splits two sleeves by inverse variance."""
    assert hierarchical_risk_parity(returns_of(0.01, 0.02), "sample") == pytest.approx([0.8, 0.2])


def test_a_tree_of_two_branches() -> None:
    """Two twins share what a sleeve of equal variance apart from them would get."""
    left, right = returns_of(0.01, 0.01).T
    shares = hierarchical_risk_parity(np.stack([left, left, right, right], axis=1), "sample")
    assert shares == pytest.approx([0.25] * 4)


def test_risk_parity_of_two_correlated_sleeves_is_inverse_volatility() -> None:
    """With two sleeves the correlation cancels out."""
    one, other = returns_of(0.01, 0.01).T
    returns = np.stack([one, 1.5 * one + 2.0 * other], axis=1)
    assert risk_parity(returns, "sample") == pytest.approx([2.5 / 3.5, 1 / 3.5], abs=3e-4)


def test_risk_parity_gives_all_the_same_contribution() -> None:
    """Contributions are w × (Σw)."""
    returns = np.random.default_rng(3).normal(0.0, [0.01, 0.02, 0.005, 0.03], (250, 4))
    returns[:, 1] += returns[:, 0]
    shares = risk_parity(returns, "sample")
    contributions = shares * (np.cov(returns.T) @ shares)
    assert contributions / contributions.sum() == pytest.approx([0.25] * 4, abs=1e-3)


def test_minimum_variance_sells_nothing_short() -> None:
    """Of a sleeve and its double alone the sleeve has the least variance."""
    one = returns_of(0.01)
    assert minimum_variance(np.hstack([one, 2.0 * one]), "sample") == pytest.approx([1.0, 0.0])


def test_shrinking_brings_the_shares_nearer_to_equal_ones() -> None:
    """Ledoit and Wolf's covariance leans towards equal variances."""
    returns = np.random.default_rng(5).normal(0.0, [0.01, 0.02], (30, 2))
    sample, shrunk = (risk_parity(returns, covariance)[0] for covariance in ("sample", "ledoit-wolf"))
    assert 0.5 < shrunk < sample


@every_estimate
def test_the_unit_of_the_returns_does_not_matter(estimate: Estimate) -> None:
    """Tiny variances are no harder than large ones."""
    returns = np.random.default_rng(7).normal(0.0, [0.01, 0.02, 0.03], (60, 3))
    assert estimate(returns / 1000.0, "sample") == pytest.approx(estimate(returns, "sample"), abs=1e-9)


@every_estimate
@pytest.mark.parametrize(
    "returns",
    [
        pytest.param(np.repeat(returns_of(0.01), 2, axis=1), id="twins"),
        pytest.param(returns_of(0.01) * [1.0, -1.0], id="opposites"),
        pytest.param(returns_of(0.01), id="alone"),
        pytest.param(np.random.default_rng(1).normal(0.0, 0.01, (4, 9)), id="fewer returns than sleeves"),
        pytest.param(np.random.default_rng(2).normal(0.0, [0.3, 2e-6], (60, 2)), id="a storm and a calm"),
    ],
)
def test_singular_covariances_are_no_obstacle(estimate: Estimate, returns: np.ndarray) -> None:
    """There is an answer, without a warning, and the same one each time."""
    first, second = estimate(returns, "sample"), estimate(returns, "sample")
    assert np.array_equal(first, second)
    assert first.min() >= 0.0
    assert first.sum() == pytest.approx(1.0)


@every_estimate
@settings(max_examples=15)
@given(st.integers(1, 5), st.integers(2, 40), st.integers(0, 2**32 - 1), st.sampled_from(["sample", "ledoit-wolf"]))
def test_shares_are_shares(estimate: Estimate, n_sleeves: int, n_bars: int, seed: int, covariance: str) -> None:
    """Not negative and of sum one, for volatilities from a hundred-thousandth to a tenth."""
    generator = np.random.default_rng(seed)
    volatilities = 10.0 ** generator.uniform(-5, -1, n_sleeves)
    returns = generator.normal(0.0, volatilities, (n_bars, n_sleeves))
    with warnings.catch_warnings():
        # A solver may say that it stopped short of its tolerance.
        warnings.simplefilter("ignore")
        shares = estimate(returns, covariance)  # type: ignore[arg-type]
    assert shares.min() >= 0.0
    assert shares.sum() == pytest.approx(1.0)


def test_what_moves() -> None:
    """Flat, all but flat and undefined returns have no risk to measure."""
    wave = np.array([1.0, -1.0, 1.0, -1.0])
    returns = np.stack([0.01 * wave, np.zeros(4), np.full(4, 0.02), 1e-7 * wave, 0.01 * wave], axis=1)
    returns[2, 4] = np.nan
    assert is_moving(returns).tolist() == [True, False, False, False, False]
