"""Sums over equity curves, one pass a curve: what measures are made of.

Money is not moved here, and floats are floats. Rows are worked on one by one and in the order of time, so that what is
found of a curve is the same to the last bit whichever others stand beside it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.kernel.compiled import compiled
from strategy_orchestrator.kernel.layout import Record, Records

SUMS: Final = np.dtype(
    [
        # of the returns, and of the returns with one more bar of lag
        ("mean", np.float64),
        ("squares", np.float64),  # of what is apart from the mean
        ("lagged_mean", np.float64),
        ("lagged_squares", np.float64),
        ("shortfall", np.float64),  # squares of what is below the risk-free return
        ("is_ruined", np.int64),  # whether a return starts from nothing or less
        # of the deepest drawdown, the earliest of equals
        ("remaining", np.float64),  # of its peak
        ("peak", np.int64),  # columns of `daily`: the last at the peak, and the first at it again or the last of all
        ("end", np.int64),
        ("is_open", np.int64),
        # of the bars at which there is equity
        ("exposure", np.float64),  # shares of the equity that are held
        ("n_exposed", np.int64),
        ("equity", np.float64),  # of the valuation days
    ]
)
"""What is found of one curve; sums but for what says otherwise."""


class Rows(NamedTuple):
    """Some curves, one row each, and what is found of them.

    Attributes
    ----------
    equity : ndarray
        float64, shape (n, T + 1), quanta: before the first and at every completed bar.
    gross : ndarray
        float64, shape (n, T), quanta: market value of what is held.
    daily, growth : ndarray
        float64, shape (n, D + 1), quanta: before the first and on each valuation day, D at least 1; with money that was
        moved into the sleeve and out of it, and without.
    charges : ndarray
        float64, shape (n, D), quanta: what one more bar of lag costs on each day.
    risk_free : ndarray
        float64, shape (1,): return a valuation day.
    sums : ndarray
        `SUMS`, shape (n,), zeros.
    """

    equity: FloatArray
    gross: FloatArray
    daily: FloatArray
    growth: FloatArray
    charges: FloatArray
    risk_free: FloatArray
    sums: Records


@compiled
def _returns(rows: Rows, row: int, found: Record) -> None:
    daily, growth, charges = rows.daily[row], rows.growth[row], rows.charges[row]
    risk_free = rows.risk_free[0]
    n_days = len(charges)
    if growth[0] <= 0:
        found["is_ruined"] = 1
        return
    # Squares are of what is apart from the first return, whose own distance from the mean is among them: taking the
    # mean off afterwards loses no more digits than the number of returns has.
    first = growth[1] / growth[0] - 1
    first_lagged = first - charges[0] / daily[0]
    apart, squares, lagged_apart, lagged_squares, shortfall = 0.0, 0.0, 0.0, 0.0, 0.0
    for day in range(n_days):
        if growth[day] <= 0:
            found["is_ruined"] = 1
            return
        earned = growth[day + 1] / growth[day] - 1
        lagged = earned
        # Where all money was moved away there is nothing that a charge could be a part of.
        if charges[day] != 0 and daily[day] > 0:
            lagged -= charges[day] / daily[day]
        below = min(earned - risk_free, 0.0)
        shortfall += below * below
        earned -= first
        apart += earned
        squares += earned * earned
        lagged -= first_lagged
        lagged_apart += lagged
        lagged_squares += lagged * lagged
    found["mean"] = first + apart / n_days
    found["squares"] = max(squares - apart * (apart / n_days), 0.0)
    found["lagged_mean"] = first_lagged + lagged_apart / n_days
    found["lagged_squares"] = max(lagged_squares - lagged_apart * (lagged_apart / n_days), 0.0)
    found["shortfall"] = shortfall


@compiled
def _drawdown(rows: Rows, row: int, found: Record) -> None:
    growth = rows.growth[row]
    high, at_high, lowest = growth[0], 0, 1.0
    peak, end, is_open = 0, 0, 0
    for day in range(len(growth)):
        value = growth[day]
        if value >= high:
            high, at_high = value, day
            if is_open:
                end, is_open = day, 0
        elif high > 0 and value / high < lowest:
            lowest = value / high
            peak, is_open = at_high, 1
    found["remaining"], found["peak"], found["is_open"] = lowest, peak, is_open
    found["end"] = len(growth) - 1 if is_open else end


@compiled
def _exposure(rows: Rows, row: int, found: Record) -> None:
    equity, gross, daily = rows.equity[row], rows.gross[row], rows.daily[row]
    shares, n_exposed = 0.0, 0
    for bar in range(len(gross)):
        # A share of an equity that is zero or less means nothing; such bars are left out.
        if equity[bar + 1] > 0:
            n_exposed += 1
            if gross[bar] != 0:
                shares += gross[bar] / equity[bar + 1]
    owned = 0.0
    for day in range(1, len(daily)):
        owned += daily[day]
    found["exposure"], found["n_exposed"], found["equity"] = shares, n_exposed, owned


@compiled
def measure(rows: Rows, n_rows: int) -> int:
    """Find the sums of some curves; returns 0."""
    for row in range(n_rows):
        found = rows.sums[row]
        _returns(rows, row, found)
        _drawdown(rows, row, found)
        _exposure(rows, row, found)
    return 0
