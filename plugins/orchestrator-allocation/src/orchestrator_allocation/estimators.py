"""How the sleeves' returns become shares, by skfolio; the one place that loads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np

from orchestrator_allocation.parameters import Covariance
from strategy_orchestrator.arrays import BoolArray, FloatArray

Estimate: TypeAlias = Callable[[FloatArray, Covariance], FloatArray]
"""From returns, float64 of shape (L, M), each column moving, to shares, float64 of shape (M,), summing to 1."""

LEAST_MOVE: Final = 1e-6
"""A standard deviation of less than a millionth a bar is no move."""

_DIGITS: Final = 3


def is_moving(returns: FloatArray) -> BoolArray:
    """Tell which sleeves have returns whose risk can be measured.

    Parameters
    ----------
    returns : ndarray
        float64, shape (L, N), at least two rows.

    Returns
    -------
    ndarray
        bool, shape (N,): finite, of a standard deviation of at least `LEAST_MOVE`.
    """
    finite = np.isfinite(returns).all(axis=0)
    deviations = np.where(finite, returns, 0.0).std(axis=0, ddof=1)
    return np.asarray(deviations >= LEAST_MOVE)


def inverse_volatility(returns: FloatArray, covariance: Covariance) -> FloatArray:
    """Return shares in inverse proportion to the standard deviations."""
    return _fitted(_skfolio().InverseVolatility(prior_estimator=_prior(covariance)), returns)


def risk_parity(returns: FloatArray, covariance: Covariance) -> FloatArray:
    """Return shares whose contributions to the variance of the whole are equal.

    S. Maillard, T. Roncalli, J. Teïletche, The properties of equally weighted risk contribution portfolios, J. of
    Portfolio Management 36(4), 2010.
    """
    return _solved(_skfolio().RiskBudgeting(prior_estimator=_prior(covariance)), returns)


def minimum_variance(returns: FloatArray, covariance: Covariance) -> FloatArray:
    """Return the shares, none below 0, of the least variance of the whole.

    H. Markowitz, Portfolio selection, J. Finance 7(1), 1952.
    """
    return _solved(_skfolio().MeanRisk(prior_estimator=_prior(covariance)), returns)


def hierarchical_risk_parity(returns: FloatArray, covariance: Covariance) -> FloatArray:
    """Return the shares that splitting by variance down the tree of correlations gives.

    M. López de Prado, Building diversified portfolios that outperform out of sample, J. of Portfolio Management 42(4),
    2016, but with Ward's linkage, skfolio's default, where the paper has single linkage.
    """
    return _fitted(_skfolio().HierarchicalRiskParity(prior_estimator=_prior(covariance)), returns)


def _solved(estimator: Any, returns: FloatArray) -> FloatArray:
    # A solver stops some millionths short, at other ones for other last digits of the returns. Thousandths of an equal
    # share keep that out of the ledgers.
    shares = _fitted(estimator, returns)
    rounded = np.round(np.maximum(shares, 0.0) * len(shares), _DIGITS)
    return np.asarray(rounded / rounded.sum())


def _fitted(estimator: Any, returns: FloatArray) -> FloatArray:
    # Tolerances of solvers are absolute and a day's variance is tiny. No share depends on the unit of the returns, so
    # they are measured in the geometric mean of their volatilities.
    unit = np.exp(np.log(returns.std(axis=0, ddof=1)).mean())
    return np.asarray(estimator.fit(returns / unit).weights_, np.float64)


def _prior(covariance: Covariance) -> Any:
    from skfolio import moments, prior  # noqa: PLC0415

    kinds = {"sample": moments.EmpiricalCovariance, "ledoit-wolf": moments.LedoitWolf}
    # Two sleeves that move as one make the matrix singular, which nothing here minds.
    return prior.EmpiricalPrior(covariance_estimator=kinds[covariance](nearest=False))


def _skfolio() -> Any:
    # Seconds to load, so that only those wait who rebalance.
    from skfolio import optimization  # noqa: PLC0415

    return optimization
