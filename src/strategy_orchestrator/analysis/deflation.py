"""How much a Sharpe ratio is worth that was picked as the best of many.

Ratios here are per valuation day, not per year. Sources: D. H. Bailey and M. López de Prado, The Sharpe Ratio Efficient
Frontier, Journal of Risk 15(2), 2012, for the probabilistic ratio, and The Deflated Sharpe Ratio: Correcting for
Selection Bias, Backtest Overfitting, and Non-Normality, Journal of Portfolio Management 40(5), 2014, for the deflated
one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist, variance
from typing import Final

import numpy as np

from strategy_orchestrator.analysis.curve_measures import LEAST_RETURNS, Annualization
from strategy_orchestrator.analysis.numbers import is_negligible
from strategy_orchestrator.analysis.returns import aggregate_curve, daily_returns, valuation_days
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import RunRecord

LEAST_TRIALS: Final = 2
"""Trials below which nothing was picked."""

_NORMAL: Final = NormalDist()
_EULER_MASCHERONI: Final = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class DailySharpe:
    """Hold the Sharpe ratio of the whole per valuation day, and what its error depends on.

    Attributes
    ----------
    ratio : float
        Mean over sample standard deviation of the returns above the risk-free rate.
    n_returns : int
        How many returns there are.
    skewness, kurtosis : float
        Third and fourth standardized moments of the returns; 0 and 3 for normal ones.
    """

    ratio: float
    n_returns: int
    skewness: float
    kurtosis: float


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """Say how likely the best of many runs has skill.

    Attributes
    ----------
    n_trials : int
        Runs whose Sharpe ratio is defined; each counts as independent of the others, which is on the safe side.
    expected_best : float
        The ratio per valuation day that the best of as many runs without skill would be expected to show.
    probability : float
        That the true ratio of the best is above the expected one: the deflated Sharpe ratio.
    probability_alone : float
        That it is above zero, had the best been the only run: the probabilistic Sharpe ratio.
    """

    n_trials: int
    expected_best: float
    probability: float
    probability_alone: float


def daily_sharpe(record: RunRecord, config: OrchestratorConfig, periods: Decimal) -> DailySharpe | None:
    """Measure the whole of a run; None where its Sharpe ratio is not defined.

    Parameters
    ----------
    periods : Decimal
        Valuation days per year, as `periods_per_year` returns them.
    """
    returns = daily_returns(aggregate_curve(record, valuation_days(record)).growth)[0]
    risk_free = Annualization.of(periods, config.risk_free_rate).risk_free
    if len(returns) < LEAST_RETURNS or math.isnan(returns[-1]):
        return None
    mean = returns.mean()
    apart = returns - mean
    spread = np.atleast_1d(np.sqrt((apart**2).sum() / (len(returns) - 1)))
    if is_negligible(spread, np.atleast_1d(max(abs(mean), abs(risk_free))))[0]:
        return None
    standard = apart / np.sqrt((apart**2).mean())
    ratio = (mean - risk_free) / spread[0]
    return DailySharpe(float(ratio), len(returns), float((standard**3).mean()), float((standard**4).mean()))


def deflated_sharpe(best: DailySharpe, ratios: Sequence[float]) -> DeflatedSharpe | None:
    """Deflate the best of many ratios.

    Parameters
    ----------
    best : DailySharpe
        Of the run that was picked.
    ratios : sequence of float
        Of all runs, the best among them, per valuation day.

    Returns
    -------
    DeflatedSharpe or None
        None with fewer than two ratios, or where the moments allow no standard error.
    """
    if len(ratios) < LEAST_TRIALS:
        return None
    expected = expected_best(len(ratios), variance(ratios))
    deflated, alone = (probability_above(best, benchmark) for benchmark in (expected, 0.0))
    return None if deflated is None or alone is None else DeflatedSharpe(len(ratios), expected, deflated, alone)


def expected_best(n_trials: int, spread: float) -> float:
    """Return the expected largest of independent normal ratios with mean 0 (2014, equation 1).

    Parameters
    ----------
    n_trials : int
        At least 2.
    spread : float
        Variance of the ratios.

    Examples
    --------
    The example of the paper: 100 trials with a variance of 1/2 a year of 250 days.

    >>> f"{expected_best(100, 0.5 / 250):.4f}"
    '0.1132'
    """
    usual, tail = (_NORMAL.inv_cdf(1 - 1 / (n_trials * share)) for share in (1.0, math.e))
    return math.sqrt(spread) * ((1 - _EULER_MASCHERONI) * usual + _EULER_MASCHERONI * tail)


def probability_above(measured: DailySharpe, benchmark: float) -> float | None:
    """Return the probability that the true ratio is above a benchmark (2012, equation 11); None where undefined.

    Examples
    --------
    The example of the paper of 2014: a ratio of 2.5 a year over 1,250 days, deflated for 100 trials.

    >>> picked = DailySharpe(2.5 / 250**0.5, 1250, skewness=-3.0, kurtosis=10.0)
    >>> f"{probability_above(picked, expected_best(100, 0.5 / 250)):.4f}"
    '0.9004'
    """
    ratio = measured.ratio
    error = 1 - measured.skewness * ratio + (measured.kurtosis - 1) / 4 * ratio**2
    if error <= 0:
        return None
    return _NORMAL.cdf((ratio - benchmark) * math.sqrt(measured.n_returns - 1) / math.sqrt(error))
