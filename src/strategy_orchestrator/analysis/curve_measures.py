"""The measures of equity curves; conventions in docs/reference/metrics.md.

Formulas work on many curves at once, one row each, and never on more than one row: a sleeve's measures do not depend
on its neighbors. An undefined measure is NaN with a reason, never infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from strategy_orchestrator.analysis.columns import Column, column
from strategy_orchestrator.analysis.numbers import is_negligible
from strategy_orchestrator.analysis.periods import DAYS_PER_YEAR, LEAST_DAYS
from strategy_orchestrator.analysis.returns import Curves, ValuationDays
from strategy_orchestrator.arrays import AnyArray, BoolArray, FloatArray, IntArray

SumsOfCurves: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, float], AnyArray]
"""Passes over curves; `kernel.sums_of_curves` is one, and says what it is given and returns."""

LEAST_RETURNS: Final = 2
"""Returns below which there is no spread."""

# A quantum of a capital of a thousand: falls no deeper than this are rounding of the ledger.
_ROUNDING_DEPTH: Final = 1e-9

_NO_BAR: Final = "no bar was completed"
_NO_CAPITAL: Final = "the starting capital is zero"
_RUINED: Final = "the equity fell to zero or below, and no return follows from there"
_ONE_RETURN: Final = "there are fewer than two returns"
_EVEN: Final = "the returns never change"
_NO_SHORTFALL: Final = "no return was below the risk-free rate"
_SHORT: Final = "the run covers less than one year; see total_return"
_NO_CAGR: Final = "cagr is undefined"
_NO_DRAWDOWN: Final = "there was no drawdown"
_NO_EQUITY: Final = "the equity was never above zero"
_NO_MEAN_EQUITY: Final = "the mean equity is not above zero"

CURVE_MEASURES: Final = (
    "total_return",
    "annualized_return",
    "cagr",
    "volatility",
    "sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
    "max_drawdown",
    "exposure",
    "turnover",
    "sharpe_ratio_lagged",
    "sharpe_standard_error",
)
"""Names of the columns that `curve_measures` returns."""


@dataclass(frozen=True, slots=True)
class Annualization:
    """How returns become figures per year.

    Attributes
    ----------
    periods : float
        Valuation days per year, P.
    risk_free : float
        Risk-free return per valuation day, (1 + annual)^(1/P) − 1.
    """

    periods: float
    risk_free: float

    @classmethod
    def of(cls, periods: Decimal, risk_free_rate: Decimal) -> Annualization:
        """Convert an annual, effective rate."""
        per_period = math.expm1(math.log1p(float(risk_free_rate)) / float(periods))
        return cls(float(periods), per_period)


@dataclass(frozen=True, slots=True, eq=False)
class Drawdowns:
    """The deepest drawdown of each curve.

    Attributes
    ----------
    depths : ndarray
        float64, shape (n,), in [0, 1].
    durations : list of int
        Calendar days from its peak to its recovery, or to the last day while it is open.
    is_open : list of bool
        Whether the peak was not reached again.
    """

    depths: FloatArray
    durations: list[int]
    is_open: list[bool]


class _Moments(NamedTuple):
    """Mean, sample standard deviation and Sharpe ratio of returns, per valuation day."""

    mean: FloatArray
    spread: FloatArray
    scale: FloatArray
    sharpe: FloatArray
    is_even: BoolArray


def curve_measures(
    curves: Curves,
    traded: FloatArray,
    charges: FloatArray,
    valuation: ValuationDays,
    yearly: Annualization,
    sums_of: SumsOfCurves,
) -> tuple[dict[str, Column], Drawdowns]:
    """Measure equity curves.

    Parameters
    ----------
    traded : ndarray
        float64, shape (n,), quanta: what was bought and sold.
    charges : ndarray
        float64, shape (n, D), quanta: what one more bar of lag costs on each day.
    sums_of : callable
        Passes over the curves.

    Returns
    -------
    dict
        The columns named in `CURVE_MEASURES`.
    Drawdowns
        The deepest drawdown of each.
    """
    n_curves = len(curves.daily)
    if not valuation.n_days:
        nothing = column(np.full(n_curves, np.nan), (np.ones(n_curves, np.bool_), _NO_BAR))
        blank = Drawdowns(np.zeros(n_curves), [0] * n_curves, [False] * n_curves)
        return dict.fromkeys(CURVE_MEASURES, nothing), blank
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        sums = sums_of(curves.equity, curves.gross, curves.daily, curves.growth, charges, yearly.risk_free)
        drawdowns = _deepest_drawdowns(sums, valuation.days)
        columns = {
            **_growth(curves, valuation, drawdowns.depths),
            **_ratios(sums, valuation.n_days, yearly),
            "exposure": _exposure(sums),
            "turnover": _turnover(sums, traded, valuation.n_days, yearly),
        }
    return columns, drawdowns


def _growth(curves: Curves, valuation: ValuationDays, depths: FloatArray) -> dict[str, Column]:
    empty = (curves.daily[:, 0] <= 0, _NO_CAPITAL)
    total = column(curves.total_return, empty)
    end = np.maximum(1 + curves.total_return, 0)
    is_short = np.full(len(end), valuation.span < LEAST_DAYS)
    growth = end ** (DAYS_PER_YEAR / max(valuation.span, 1)) - 1
    cagr = column(growth, empty, (is_short, _SHORT))
    no_cagr = (cagr.codes > 0, _NO_CAGR)
    no_drawdown = (depths <= _ROUNDING_DEPTH, _NO_DRAWDOWN)
    return {
        "total_return": total,
        "cagr": cagr,
        "calmar_ratio": column(growth / depths, no_cagr, no_drawdown),
        "max_drawdown": column(depths, empty),
    }


def _ratios(sums: AnyArray, n_returns: int, yearly: Annualization) -> dict[str, Column]:
    # Sharpe (1994), The Sharpe Ratio, J. Portfolio Management 21(1); Sortino and van der Meer (1991), Downside Risk,
    # J. Portfolio Management 17(4), with the risk-free return as the least acceptable one and all returns counted.
    root = math.sqrt(yearly.periods)
    ruined = (sums["is_ruined"] != 0, _RUINED)
    few = (np.full(len(sums), n_returns < LEAST_RETURNS), _ONE_RETURN)
    whole = _moments(sums["mean"], sums["squares"], n_returns, yearly)
    lagged = _moments(sums["lagged_mean"], sums["lagged_squares"], n_returns, yearly)
    even = (whole.is_even, _EVEN)
    shortfall = np.sqrt(sums["shortfall"] / n_returns)
    no_shortfall = (is_negligible(shortfall, whole.scale), _NO_SHORTFALL)
    # Lo (2002), The Statistics of Sharpe Ratios, Financial Analysts Journal 58(4), for independent returns; like the
    # ratio itself scaled to a year.
    error = np.sqrt((1 + whole.sharpe**2 / 2) / n_returns)
    return {
        "annualized_return": column(whole.mean * yearly.periods, ruined),
        "volatility": column(whole.spread * root, ruined, few),
        "sharpe_ratio": column(whole.sharpe * root, ruined, few, even),
        "sortino_ratio": column((whole.mean - yearly.risk_free) / shortfall * root, ruined, few, no_shortfall),
        "sharpe_ratio_lagged": column(lagged.sharpe * root, ruined, few, (lagged.is_even, _EVEN)),
        "sharpe_standard_error": column(error * root, ruined, few, even),
    }


def _moments(mean: FloatArray, squares: FloatArray, n_returns: int, yearly: Annualization) -> _Moments:
    spread = np.sqrt(squares / max(n_returns - 1, 1))
    scale = np.maximum(np.abs(mean), abs(yearly.risk_free))
    return _Moments(mean, spread, scale, (mean - yearly.risk_free) / spread, is_negligible(spread, scale))


def _exposure(sums: AnyArray) -> Column:
    n_bars = sums["n_exposed"]
    return column(sums["exposure"] / np.maximum(n_bars, 1), (n_bars == 0, _NO_EQUITY))


def _turnover(sums: AnyArray, traded: FloatArray, n_days: int, yearly: Annualization) -> Column:
    mean = sums["equity"] / n_days
    return column(traded / mean / (n_days / yearly.periods), (mean <= 0, _NO_MEAN_EQUITY))


def _deepest_drawdowns(sums: AnyArray, days: IntArray) -> Drawdowns:
    # The peak is the last day at the high before the fall. The starting capital counts as a high of the first day,
    # before which nothing can have been held.
    dates = np.concatenate([days[:1], days])
    depths = np.clip(1 - sums["remaining"], 0, 1)
    return Drawdowns(depths, (dates[sums["end"]] - dates[sums["peak"]]).tolist(), (sums["is_open"] != 0).tolist())
