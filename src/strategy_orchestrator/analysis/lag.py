"""What the run would have earned with one more bar between decision and fill.

Every fill is thought to have happened one bar later, at the same point of the bar: at the open of the symbol's next
bar, or at its close with `fill_at="close"`; protective exits too, for the position has to stay whole. The same
quantities trade and the costs stay as they were paid. A position of k bought at price p is then worth less by
k × (p' − p), p' being the price one bar later and both prices before slippage. This is charged as the market makes it:
k × (close − p) in the bar of the fill and k × (p' − close) in the symbol's next bar. What the last bar fills is never
bought at all, and the closings at the end of the data stay, for they are no reaction to anything.

The charge is linear in the fills: no array over bars, strategies and symbols is needed, and the returns keep the
equity of the run as their base, because the quantities do. A strategy that earns because it reacts within the bar, by
skill or by seeing ahead, loses these earnings here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final, TypeVar

import numpy as np

from strategy_orchestrator.analysis.fill_prices import fill_prices_of
from strategy_orchestrator.analysis.fills import Fills
from strategy_orchestrator.analysis.numbers import order_by_place
from strategy_orchestrator.analysis.returns import ValuationDays
from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.memory import scratch
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import FillPrices, Reason, RunRecord
from strategy_orchestrator.money import SCALE
from strategy_orchestrator.threads import each_in_threads

Columns = TypeVar("Columns", Fills, FillPrices)

# What a part of the fills needs on the way stays in the processor's cache.
_FILLS_AT_ONCE: Final = 65_536
_BYTES_OF_FILL: Final = 100
_PROTECTIVE: Final = (Reason.STOP_LOSS, Reason.TAKE_PROFIT, Reason.TRAILING_STOP)


@dataclass(frozen=True, eq=False)
class LagCharges:
    """What one more bar of lag costs, by strategy and valuation day.

    Attributes
    ----------
    strategies, days : ndarray
        int64, shape (M,): places of strategies and of valuation days, in any order.
    units : ndarray
        float64, shape (M,), quanta; negative where the lag would have earned more.
    n_strategies, n_days : int
        Number of strategies and of valuation days, N and D.
    """

    strategies: IntArray
    days: IntArray
    units: FloatArray
    n_strategies: int
    n_days: int

    def of_sleeves(self, places: slice) -> FloatArray:
        """Return the charges of some sleeves: float64, shape (n, D), quanta."""
        n_sleeves = places.stop - places.start
        strategies, days, units = self.strategies, self.days, self.units
        if n_sleeves < self.n_strategies:
            strategies, days, units = self._by_strategy
            mine = slice(*np.searchsorted(strategies, [places.start, places.stop]).tolist())
            strategies, days, units = strategies[mine], days[mine], units[mine]
        cells = (strategies - places.start) * self.n_days + days
        return _sums(cells, units, n_sleeves * self.n_days).reshape(n_sleeves, self.n_days)

    @cached_property
    def _by_strategy(self) -> tuple[IntArray, IntArray, FloatArray]:
        order = order_by_place(self.strategies, self.n_strategies)
        return self.strategies[order], self.days[order], self.units[order]

    def of_whole(self) -> FloatArray:
        """Return the charges of all sleeves together: float64, shape (1, D), quanta."""
        return _sums(self.days, self.units, self.n_days)[None, :]


def lag_charges(record: RunRecord, fills: Fills, config: OrchestratorConfig, valuation: ValuationDays) -> LagCharges:
    """Return what one more bar of lag would have cost, as the module says."""
    prices, n_fills = fill_prices_of(record, fills, config), len(fills.bar)
    # What is charged in the bar of the fill, and what in the next one.
    days, units = scratch((2, n_fills), np.int64), scratch((2, n_fills), np.float64)

    def charge(part: slice) -> None:
        some, around = _cut(fills, part), _cut(prices, part)
        close = around.close / SCALE
        has_next = around.next_bar < record.n_bars
        later = np.where(has_next, around.later / SCALE, close)
        # At the end of the data a symbol may have no bar, and so no close.
        is_order = some.reason != Reason.END_OF_DATA
        quantity = some.quantity * some.direction
        units[0, part] = np.where(is_order, quantity * (close - _references(record, some, around.market / SCALE)), 0)
        units[1, part] = np.where(is_order, quantity * (later - close), 0)
        days[0, part] = valuation.of_bars(some.bar)
        days[1, part] = valuation.of_bars(np.where(has_next, around.next_bar, some.bar))

    parts = [slice(first, first + _FILLS_AT_ONCE) for first in range(0, n_fills, _FILLS_AT_ONCE)]
    each_in_threads(charge, parts, n_fills * _BYTES_OF_FILL)
    strategies = np.concatenate([fills.strategy, fills.strategy])
    return LagCharges(strategies, days.ravel(), units.ravel(), len(record.strategy_ids), valuation.n_days)


def _cut(columns: Columns, part: slice) -> Columns:
    return type(columns)(*(getattr(columns, each.name)[part] for each in fields(columns)))


def _references(record: RunRecord, fills: Fills, market: FloatArray) -> FloatArray:
    # The price before slippage. A protective exit fills at its level, of which only the fill price is known; its
    # slippage is the part of the trade's that falls to the exit by notional, as it does at one rate for both sides.
    protective = np.flatnonzero((fills.reason >= min(_PROTECTIVE)) & (fills.reason <= max(_PROTECTIVE)))
    booked = fills.trade[protective]
    entered, left, slippage = (
        record.trades[name][booked].astype(np.float64) for name in ("entry_notional", "exit_notional", "slippage")
    )
    # Of an entry and an exit that are worth nothing neither has slipped.
    share = np.divide(left, left + entered, out=np.zeros_like(left), where=left + entered > 0)
    lost = np.where(fills.reason[protective] == Reason.TAKE_PROFIT, 0, slippage * share)
    per_unit = lost / fills.quantity[protective]
    references = market.copy()
    references[protective] = fills.price[protective] / SCALE - fills.direction[protective] * per_unit
    return references


def _sums(cells: IntArray, units: FloatArray, n_cells: int) -> FloatArray:
    return np.bincount(cells, units, n_cells).astype(np.float64, copy=False)
