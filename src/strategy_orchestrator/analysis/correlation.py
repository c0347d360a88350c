"""How alike the strategies' daily returns are."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from strategy_orchestrator.analysis.curve_measures import LEAST_RETURNS
from strategy_orchestrator.analysis.numbers import NAN, from_float, is_negligible
from strategy_orchestrator.analysis.returns import daily_returns, sleeve_curves, valuation_days
from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.results import CorrelatedPair, Correlation, Decoded, Deferred

_LEAST_DAYS: Final = 30
_DECIMALS: Final = 12


def correlation_of(record: RunRecord) -> Correlation:
    """Correlate the daily returns of every pair of strategies over their common days, when a pair is looked at.

    Pearson's coefficient, rounded to 12 decimals. The days of a sleeve end with its ruin, for no return follows from an
    equity of zero or less. A pair of which one never moves, or with fewer than two common days, is NaN. A thousand
    strategies make half a million pairs, which would take longer than the run.
    """
    ids = record.strategy_ids
    table = Deferred(lambda: _table_of(record))
    # Pairs are told row by row: where those of each strategy with the ones after it begin.
    lengths = np.arange(len(ids) - 1, -1, -1)
    starts = np.cumsum(lengths) - lengths

    def pair_at(place: int) -> CorrelatedPair:
        values, n_days = table.value
        first = int(np.searchsorted(starts, place, side="right")) - 1
        other = first + 1 + place - int(starts[first])
        common = min(int(n_days[first]), int(n_days[other]))
        return _pair(ids[first], ids[other], float(values[first, other]), common)

    return Correlation(Decoded(int(lengths.sum()), pair_at))


def _table_of(record: RunRecord) -> tuple[FloatArray, IntArray]:
    valuation = valuation_days(record)
    returns = np.empty((len(record.strategy_ids), valuation.n_days))
    for curves in sleeve_curves(record, valuation):
        returns[curves.places] = daily_returns(curves.growth)
    n_days = np.isfinite(returns).sum(axis=1)
    return _pearson_by_days(returns, n_days), n_days


def _pair(first: str, second: str, value: float, n_days: int) -> CorrelatedPair:
    exact = NAN if math.isnan(value) else from_float(value)
    return CorrelatedPair(first, second, exact, n_days, is_weak=n_days < _LEAST_DAYS)


def _pearson_by_days(returns: FloatArray, n_days: IntArray) -> FloatArray:
    # One matrix for each number of common days, which are all days unless a sleeve was ruined.
    values = np.full((len(returns), len(returns)), np.nan)
    for length in np.unique(n_days).tolist():
        rows = np.flatnonzero(n_days >= length)
        matrix = _pearson(returns[rows, :length])
        shorter = n_days[rows] == length
        wanted = shorter[:, None] | shorter[None, :]
        values[np.ix_(rows, rows)] = np.where(wanted, matrix, values[np.ix_(rows, rows)])
    return values


def _pearson(returns: FloatArray) -> FloatArray:
    if returns.shape[1] < LEAST_RETURNS:
        return np.full((len(returns), len(returns)), np.nan)
    mean = returns.mean(axis=1)
    apart = returns - mean[:, None]
    length = np.sqrt(np.einsum("ij,ij->i", apart, apart))
    is_still = is_negligible(length / np.sqrt(returns.shape[1] - 1), mean)
    apart /= np.where(is_still, np.nan, length)[:, None]
    matrix: FloatArray = np.clip(np.round(apart @ apart.T, _DECIMALS), -1, 1)
    return matrix
