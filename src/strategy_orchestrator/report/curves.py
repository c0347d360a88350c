"""What the charts draw: curves on valuation days, with as many points as an eye can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from strategy_orchestrator.analysis.returns import ValuationDays, aggregate_curve, sleeve_curves, valuation_days
from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.money import SCALE

MOST_DRAWN: Final = 12
"""So many sleeves are drawn; tables have more of them."""
_MOST_POINTS: Final = 1500
_FEW_SAMPLES: Final = 3
_MOST_SAMPLES: Final = 16
_MONTHS_A_YEAR: Final = 12
_EPOCH_YEAR: Final = 1970


@dataclass(frozen=True, slots=True, eq=False)
class DailyCurves:
    """The curves of the whole and of the first sleeves, one value a valuation day.

    Attributes
    ----------
    valuation : ValuationDays
        The days.
    names : tuple of str
        Of the n sleeves that are drawn.
    equity, drawdown, weight : ndarray
        float64, shape (n, D): money; fraction below the peak, not above 0, starting capital included and transfers left
        out; share of the whole, NaN where that is zero or less.
    whole, whole_drawdown, reserve_weight : ndarray
        float64, shape (D,): the same of the whole, and of the reserve.
    left_out : str
        How many sleeves are not drawn, in words; empty for none.
    days : list of str
        The days as `YYYY-MM-DD`.
    drawn, samples : ndarray
        int64, places of the days that are drawn, and of those that stand in tables.
    """

    valuation: ValuationDays
    names: tuple[str, ...]
    equity: FloatArray
    drawdown: FloatArray
    weight: FloatArray
    whole: FloatArray
    whole_drawdown: FloatArray
    reserve_weight: FloatArray
    left_out: str
    days: list[str]
    drawn: IntArray
    samples: IntArray


def daily_curves(result: OrchestratorResult) -> DailyCurves:
    """Return the curves of a result."""
    record = result.record
    valuation = valuation_days(record)
    n_drawn = min(len(record.strategy_ids), MOST_DRAWN)
    whole = aggregate_curve(record, valuation).daily[0]
    equity, drawdown = np.empty((n_drawn, valuation.n_days)), np.empty((n_drawn, valuation.n_days))
    for curves in sleeve_curves(record, valuation):
        places = slice(curves.places.start, min(curves.places.stop, n_drawn))
        n_here = places.stop - places.start
        if n_here <= 0:
            break
        equity[places] = curves.daily[:n_here, 1:] / SCALE
        drawdown[places] = _below_peak(curves.growth[:n_here])
    base = np.where(whole[1:] > 0, whole[1:], np.nan)
    return DailyCurves(
        valuation=valuation,
        names=record.strategy_ids[:n_drawn],
        equity=equity,
        drawdown=drawdown,
        weight=equity * SCALE / base,
        whole=whole[1:] / SCALE,
        whole_drawdown=_below_peak(whole[None, :])[0],
        reserve_weight=record.reserve[valuation.bars] / base,
        left_out=left_out(record.strategy_ids),
        days=np.datetime_as_string(valuation.days.astype("datetime64[D]")).tolist(),
        drawn=thinned(whole[1:]),
        samples=sampled(valuation.days),
    )


def _below_peak(growth: FloatArray) -> FloatArray:
    # A sleeve that owes is below its peak by more than all of it.
    found: FloatArray = (growth / np.maximum.accumulate(growth, axis=1) - 1)[:, 1:]
    return found


def thinned(curve: FloatArray) -> IntArray:
    """Return the places of a curve that make its shape: of each stretch the lowest, the highest and the last.

    Parameters
    ----------
    curve : ndarray
        float64, shape (D,).

    Returns
    -------
    ndarray
        int64, ascending; all of them when they are few.
    """
    n_days = len(curve)
    if n_days <= _MOST_POINTS:
        return np.arange(n_days)
    ends = np.linspace(0, n_days, _MOST_POINTS // 3 + 1).astype(np.int64)
    kept: list[int] = [0]
    for begin, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        stretch = curve[begin:end]
        kept += [begin + int(stretch.argmin()), begin + int(stretch.argmax()), end - 1]
    return np.unique(np.array(kept, np.int64))


def sampled(days: IntArray) -> IntArray:
    """Return the places of the days for a table: the last of each year, or of each month when there are few years.

    Parameters
    ----------
    days : ndarray
        int64, UTC day numbers, ascending.
    """
    for unit in ("Y", "M"):
        periods = days.astype("datetime64[D]").astype(f"datetime64[{unit}]").astype(np.int64)
        ends = np.flatnonzero(np.append(periods[1:] != periods[:-1], True))  # the last one ends too
        if len(ends) >= _FEW_SAMPLES:
            return ends
    return np.unique(np.linspace(0, len(days) - 1, min(len(days), _MOST_SAMPLES)).astype(np.int64))


def monthly_returns(result: OrchestratorResult) -> list[tuple[int, list[float], float]]:
    """Return year, the returns of its twelve months, and its own; NaN where there is none.

    Months and years are those of UTC dates; the first begins with the starting capital.
    """
    valuation = valuation_days(result.record)
    curve = aggregate_curve(result.record, valuation).daily[0]
    months = valuation.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    by_month = dict(_period_returns(curve, months))
    by_year = _period_returns(curve, months // _MONTHS_A_YEAR)
    return [
        (
            year + _EPOCH_YEAR,
            [by_month.get(year * _MONTHS_A_YEAR + month, np.nan) for month in range(_MONTHS_A_YEAR)],
            value,
        )
        for year, value in by_year
    ]


def _period_returns(curve: FloatArray, periods: IntArray) -> list[tuple[int, float]]:
    ends = np.flatnonzero(np.append(periods[1:] != periods[:-1], True))  # the last one ends too
    levels = curve[np.append(0, ends + 1)]
    # From an equity of zero or less no return follows.
    before = np.where(levels[:-1] > 0, levels[:-1], np.nan)
    return list(zip(periods[ends].tolist(), (levels[1:] / before - 1).tolist(), strict=True))


def left_out(names: Sequence[str], most: int = MOST_DRAWN) -> str:
    """Say how many strategies a chart or a table does not show; empty when it shows all."""
    more = len(names) - most
    return f"The first {most} strategies are shown; {more:,} more are not." if more > 0 else ""
