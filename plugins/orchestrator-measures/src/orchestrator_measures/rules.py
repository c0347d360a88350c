"""The arithmetic of the measures; what they are taken of is `metrics`' concern.

All return NaN where they are not defined, never an infinity.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from strategy_orchestrator.arrays import FloatArray

_NO_DEVIATION: Final = 1e-12
_MOST_TRADES: Final = 100


def bar_returns(equity: FloatArray) -> FloatArray:
    """Return the simple return of each bar over the bar before.

    Parameters
    ----------
    equity : ndarray
        float64, shape (T,), money.

    Returns
    -------
    ndarray
        float64, shape (T - 1,); empty when an equity but the last is zero or less, from which no return follows.
    """
    before = equity[:-1]
    if (before <= 0.0).any():
        return np.zeros(0)
    return np.asarray(equity[1:] / before - 1.0)


def drawdowns(equity: FloatArray) -> FloatArray:
    """Return how far each bar is below the highest equity so far, as a fraction of it.

    Returns
    -------
    ndarray
        float64, shape (T,); empty when the first equity is zero or less.
    """
    if not len(equity) or equity[0] <= 0.0:
        return np.zeros(0)
    return np.asarray(1.0 - equity / np.maximum.accumulate(equity))


def ulcer_index(depths: FloatArray) -> float:
    """Return the root of the mean squared drawdown.

    P. G. Martin and B. B. McCann, The Investor's Guide to Fidelity Funds, 1989; a fraction where they have per cent.
    """
    return float(np.sqrt(np.mean(depths**2))) if len(depths) else np.nan


def pain_index(depths: FloatArray) -> float:
    """Return the mean drawdown, a fraction.

    T. Becker, The Zephyr Pain Index and Pain Ratio, Zephyr Associates, 2006.
    """
    return float(np.mean(depths)) if len(depths) else np.nan


def recovery_factor(equity: FloatArray) -> float:
    """Return the profit over the deepest fall in money from a high; undefined without a fall."""
    if not len(equity):
        return np.nan
    fall = float(np.max(np.maximum.accumulate(equity) - equity))
    return _ratio(float(equity[-1] - equity[0]), fall)


def omega(returns: FloatArray, threshold: float) -> float:
    """Return the sum of what returns are above a threshold over the sum of what others are below it.

    C. Keating and W. F. Shadwick, A universal performance measure, J. of Performance Measurement 6(3), 2002.
    """
    above = float(np.sum(np.maximum(returns - threshold, 0.0)))
    return _ratio(above, float(np.sum(np.maximum(threshold - returns, 0.0))))


def gain_to_pain(returns: FloatArray) -> float:
    """Return the sum of all returns over that of the losses.

    J. D. Schwager, Hedge Fund Market Wizards, 2012, appendix A; of bars where he takes months.
    """
    return _ratio(float(np.sum(returns)), float(np.sum(np.maximum(-returns, 0.0))))


def tail_ratio(returns: FloatArray, tail: float) -> float:
    """Return the size of the upper quantile over that of the lower, interpolated linearly.

    As in empyrical (Quantopian), there with tails of 5 %.
    """
    if not len(returns):
        return np.nan
    lower, upper = np.abs(np.quantile(returns, [tail, 1.0 - tail])).tolist()
    return _ratio(upper, lower)


def expected_shortfall(returns: FloatArray, tail: float) -> float:
    """Return the mean loss in the worst share of the bars, positive for a loss; the last one counts in part.

    C. Acerbi and D. Tasche, On the coherence of expected shortfall, J. of Banking and Finance 26(7), 2002.
    """
    if not len(returns):
        return np.nan
    worst = np.sort(returns)
    n_worst = tail * len(returns)
    n_whole = int(n_worst)
    total = float(np.sum(worst[:n_whole])) + (n_worst - n_whole) * float(worst[n_whole])
    return -total / n_worst


def payoff_ratio(profits: FloatArray) -> float:
    """Return the mean profit of the winning trades over the mean loss of the losing ones."""
    wins, losses = profits[profits > 0.0], profits[profits < 0.0]
    if not len(wins) or not len(losses):
        return np.nan
    return _ratio(float(np.mean(wins)), -float(np.mean(losses)))


def system_quality_number(trade_returns: FloatArray) -> float:
    """Return mean ÷ sample deviation × √n of the returns of the trades, n counting 100 at most.

    V. K. Tharp, Definitive Guide to Position Sizing, 2008, with returns on what was paid where he has multiples of the
    initial risk.
    """
    if len(trade_returns) < 2:  # noqa: PLR2004  # a deviation needs two
        return np.nan
    mean, deviation = float(np.mean(trade_returns)), float(np.std(trade_returns, ddof=1))
    if deviation <= _NO_DEVIATION * abs(mean):
        return np.nan
    return mean / deviation * float(np.sqrt(min(len(trade_returns), _MOST_TRADES)))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else np.nan
