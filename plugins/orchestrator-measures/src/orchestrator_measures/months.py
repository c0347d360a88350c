"""The returns of the months of a run, of the whole and of its sleeves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.clock import days_of
from strategy_orchestrator.models.records import DecisionKind, RunRecord

_MONTHS_A_YEAR: Final = 12
_EPOCH_YEAR: Final = 1970


@dataclass(frozen=True, slots=True)
class YearReturns:
    """The returns of one calendar year.

    Attributes
    ----------
    months : tuple of float
        Twelve fractions; NaN where the run has no bar, or no return follows.
    whole : float
        Of the months together.
    """

    year: int
    months: tuple[float, ...]
    whole: float


def growth_of_whole(record: RunRecord) -> FloatArray:
    """Return equity over that of the bar before, the first over the initial capital.

    Returns
    -------
    ndarray
        float64, shape (n_bars,); NaN where the equity before is zero or less.
    """
    equity = record.aggregate[: record.n_bars].astype(np.float64)
    return _growth(equity, np.zeros(len(equity)), float(record.initial_capital))


def growth_of_sleeve(record: RunRecord, strategy: int) -> FloatArray:
    """Return equity, less what was transferred to the sleeve in the bar, over that of the bar before.

    Returns
    -------
    ndarray
        float64, shape (n_bars,); NaN where the equity before is zero or less.
    """
    equity = record.equity[: record.n_bars, strategy].astype(np.float64)
    return _growth(equity, _received(record, strategy), float(record.initial_allocations[strategy]))


def _received(record: RunRecord, strategy: int) -> FloatArray:
    # Money that came without being earned: transfers, and sweeps, which go to the reserve.
    rows = record.decisions[record.decisions["strategy"] == strategy]
    signs = np.select([rows["kind"] == DecisionKind.TRANSFER, rows["kind"] == DecisionKind.SWEEP], [1.0, -1.0], 0.0)
    return np.bincount(rows["bar"], signs * rows["amount"], record.n_bars).astype(np.float64)


def _growth(equity: FloatArray, received: FloatArray, start: float) -> FloatArray:
    before = np.concatenate([[start], equity[:-1]])
    growth = np.full(len(equity), np.nan)
    np.divide(equity - received, before, out=growth, where=before > 0.0)
    return growth


def yearly_table(timestamps_ns: IntArray, growth: FloatArray) -> list[YearReturns]:
    """Chain the growth of the bars to returns of months and years, by UTC dates.

    Parameters
    ----------
    timestamps_ns : ndarray
        int64, shape (n,), closes of the bars.
    growth : ndarray
        float64, shape (n,).
    """
    months = days_of(timestamps_ns).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    numbers, begins = np.unique(months, return_index=True)
    by_month = dict(zip(numbers.tolist(), np.multiply.reduceat(growth, begins).tolist(), strict=True))
    years = sorted({month // _MONTHS_A_YEAR for month in by_month})
    return [_year(year, by_month) for year in years]


def _year(year: int, by_month: dict[int, float]) -> YearReturns:
    first = year * _MONTHS_A_YEAR
    grown = [by_month.get(first + place, np.nan) for place in range(_MONTHS_A_YEAR)]
    present = [by_month[first + place] for place in range(_MONTHS_A_YEAR) if first + place in by_month]
    return YearReturns(year + _EPOCH_YEAR, tuple(each - 1.0 for each in grown), float(np.prod(present)) - 1.0)
