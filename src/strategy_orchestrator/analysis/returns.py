"""Equity on valuation days, and the returns between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from strategy_orchestrator.arrays import FloatArray, IntArray, row_sums, write_across
from strategy_orchestrator.clock import days_of
from strategy_orchestrator.memory import scratch
from strategy_orchestrator.models.records import DecisionKind, RunRecord

# As many cells of the record are worked on at once as fit a processor's cache.
_BLOCK_CELLS: Final = 262_144


@dataclass(frozen=True, slots=True, eq=False)
class ValuationDays:
    """The days on which a run is valued.

    Attributes
    ----------
    days : ndarray
        int64, shape (D,): UTC day numbers that have a completed bar.
    bars : ndarray
        int64, shape (D,): the last completed bar of each.
    """

    days: IntArray
    bars: IntArray

    @property
    def n_days(self) -> int:
        """Number of valuation days, D."""
        return len(self.days)

    @property
    def span(self) -> int:
        """Calendar days from the first to the last."""
        return int(self.days[-1] - self.days[0]) if len(self.days) else 0

    @property
    def is_every_bar(self) -> bool:
        """Whether there is one bar a day."""
        return not self.n_days or int(self.bars[-1]) == self.n_days - 1

    def of_bars(self, bars: IntArray) -> IntArray:
        """Return the place of the valuation day that each completed bar belongs to; int64."""
        return bars if self.is_every_bar else np.searchsorted(self.bars, bars)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Equity of some sleeves, or of the whole, one row each.

    Rows are contiguous and worked on one by one, so that a sleeve's measures are the same to the last bit whichever
    sleeves stand beside it.

    Attributes
    ----------
    places : slice
        Which strategies; empty for the whole.
    equity : ndarray
        float64, shape (n, bars + 1), quanta: starting capital, then equity at every completed bar.
    gross : ndarray
        float64, shape (n, bars), quanta.
    daily : ndarray
        float64, shape (n, D + 1), quanta: starting capital, then equity on each valuation day.
    growth : ndarray
        float64, shape (n, D + 1), quanta: what the starting capital grew to, had no money been moved into the sleeve or
        out of it by rebalances and sweeps; `daily` where none was.
    total_return : ndarray
        float64, shape (n,): last of `growth` over starting capital less 1; NaN without bars.
    """

    places: slice
    equity: FloatArray
    gross: FloatArray
    daily: FloatArray
    growth: FloatArray
    total_return: FloatArray


class _Moved(NamedTuple):
    """Money moved into sleeves (positive) and out of them: one element a movement; bars, places, quanta."""

    bars: IntArray
    strategies: IntArray
    units: IntArray


def valuation_days(record: RunRecord) -> ValuationDays:
    """Return the UTC days that have a completed bar, and the last such bar of each."""
    days = days_of(record.panel.timestamps_ns[: record.n_bars])
    is_last = np.ones(len(days), np.bool_)
    is_last[:-1] = days[1:] != days[:-1]
    bars = np.flatnonzero(is_last)
    return ValuationDays(days[bars], bars)


class SleeveCurves:
    """Make the curves of the sleeves of a run, some at a time.

    Attributes
    ----------
    blocks : list of slice
        Places of the sleeves that are made at a time, all of them in their order.
    """

    def __init__(self, record: RunRecord, valuation: ValuationDays) -> None:
        n_strategies = len(record.strategy_ids)
        step = max(1, _BLOCK_CELLS // max(1, record.n_bars))
        self.blocks = [slice(first, min(first + step, n_strategies)) for first in range(0, n_strategies, step)]
        self._record, self._valuation, self._moved = record, valuation, _moved(record)

    def of(self, places: slice) -> Curves:
        """Return the curves of some sleeves."""
        record, valuation = self._record, self._valuation
        units = record.equity[: record.n_bars, places], record.gross[: record.n_bars, places]
        curves = _curves(places, units, record.initial_allocations[places], valuation)
        return _without_moved(curves, self._moved, valuation)


def sleeve_curves(record: RunRecord, valuation: ValuationDays) -> Iterator[Curves]:
    """Return the curves of all sleeves, some at a time."""
    curves = SleeveCurves(record, valuation)
    return map(curves.of, curves.blocks)


def aggregate_curve(record: RunRecord, valuation: ValuationDays) -> Curves:
    """Return the curve of the whole, reserve included."""
    equity, gross = record.aggregate[: record.n_bars, None], row_sums(record.gross[: record.n_bars])[:, None]
    return _curves(slice(0, 0), (equity, gross), np.array([record.initial_capital], np.int64), valuation)


def daily_returns(daily: FloatArray) -> FloatArray:
    """Return the simple return of each valuation day, the first from the starting capital.

    From an equity of zero or less no return follows; such returns are NaN.

    Parameters
    ----------
    daily : ndarray
        float64, shape (n, D + 1): starting capital, then equity on each valuation day.

    Returns
    -------
    ndarray
        float64, shape (n, D).
    """
    before = daily[:, :-1]
    if daily.min(initial=np.inf) <= 0:
        before = np.where(np.logical_and.accumulate(before > 0, axis=1), before, np.nan)
    returns = daily[:, 1:] / before
    returns -= 1
    return returns


def _curves(places: slice, units: tuple[IntArray, IntArray], start: IntArray, valuation: ValuationDays) -> Curves:
    n_bars = len(units[0])
    equity, gross = scratch((len(start), n_bars + 1), np.float64), scratch((len(start), n_bars), np.float64)
    equity[:, 0] = start
    for item, rows in zip(units, (equity[:, 1:], gross), strict=True):
        write_across(item, rows)
    daily = equity if valuation.is_every_bar else equity.take(np.concatenate([[0], valuation.bars + 1]), axis=1)
    total_return = np.full(len(start), np.nan)
    if valuation.n_days:
        # The difference is taken of integers, so that nothing cancels.
        np.divide(units[0][-1] - start, start, out=total_return, where=start > 0)
    return Curves(places, equity, gross, daily, daily, total_return)


def _moved(record: RunRecord) -> _Moved:
    is_moved = (record.kinds == DecisionKind.TRANSFER) | (record.kinds == DecisionKind.SWEEP)
    rows = record.decisions[is_moved]
    rows = rows[(rows["strategy"] >= 0) & (rows["bar"] < record.n_bars)]
    signs = np.where(rows["kind"] == DecisionKind.SWEEP, -1, 1)
    return _Moved(rows["bar"].astype(np.int64), rows["strategy"].astype(np.int64), rows["amount"] * signs)


def _without_moved(curves: Curves, moved: _Moved, valuation: ValuationDays) -> Curves:
    # The return of a bar is what was earned in it over the equity before it. Money that is moved in a bar counts from
    # its close on.
    mine = (moved.strategies >= curves.places.start) & (moved.strategies < curves.places.stop)
    rows, places = np.unique(moved.strategies[mine] - curves.places.start, return_inverse=True)
    if not len(rows):
        return curves
    before, equity = curves.equity[rows, :-1], curves.equity[rows, 1:]
    start = before[:, :1]
    flows = np.zeros_like(equity)
    np.add.at(flows, (places, moved.bars[mine]), moved.units[mine])
    factors = np.divide(equity - flows, before, out=np.ones_like(equity), where=before > 0)
    grown = start * np.cumprod(factors, axis=1)
    growth, total_return = curves.daily.copy(), curves.total_return.copy()
    growth[rows, 1:] = grown[:, valuation.bars]
    total_return[rows] = grown[:, -1] / start[:, 0] - 1
    return replace(curves, growth=growth, total_return=total_return)
