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

from dataclasses import dataclass
from typing import Final

import numpy as np

from strategy_orchestrator.analysis.fill_prices import fill_prices_of
from strategy_orchestrator.analysis.fills import Fills
from strategy_orchestrator.analysis.numbers import order_by_place
from strategy_orchestrator.analysis.returns import ValuationDays
from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import Reason, RunRecord
from strategy_orchestrator.money import SCALE

_PROTECTIVE: Final = (Reason.STOP_LOSS, Reason.TAKE_PROFIT, Reason.TRAILING_STOP)


@dataclass(frozen=True, slots=True, eq=False)
class LagCharges:
    """What one more bar of lag costs, by strategy and valuation day.

    Attributes
    ----------
    strategies, days : ndarray
        int64, shape (M,): places of strategies, rising, and of valuation days in any order.
    units : ndarray
        float64, shape (M,), quanta; negative where the lag would have earned more.
    whole : ndarray
        float64, shape (D,), quanta: of all strategies together.
    """

    strategies: IntArray
    days: IntArray
    units: FloatArray
    whole: FloatArray

    def of_sleeves(self, places: slice) -> FloatArray:
        """Return the charges of some sleeves: float64, shape (n, D), quanta."""
        mine = slice(*np.searchsorted(self.strategies, [places.start, places.stop]).tolist())
        n_sleeves, n_days = places.stop - places.start, len(self.whole)
        cells = (self.strategies[mine] - places.start) * n_days + self.days[mine]
        return _sums(cells, self.units[mine], n_sleeves * n_days).reshape(n_sleeves, n_days)

    def of_whole(self) -> FloatArray:
        """Return the charges of all sleeves together: float64, shape (1, D), quanta."""
        return self.whole[None, :]


def lag_charges(record: RunRecord, fills: Fills, config: OrchestratorConfig, valuation: ValuationDays) -> LagCharges:
    """Return what one more bar of lag would have cost, as the module says."""
    bars, prices = fills.bar, fill_prices_of(record, fills, config)
    close = prices.close / SCALE
    has_next = prices.next_bar < record.n_bars
    later_bars = np.where(has_next, prices.next_bar, bars)
    later = np.where(has_next, prices.later / SCALE, close)
    # At the end of the data a symbol may have no bar, and so no close.
    is_order = fills.reason != Reason.END_OF_DATA
    quantity = fills.quantity * fills.direction
    at_fill = np.where(is_order, quantity * (close - _references(record, fills, prices.market / SCALE)), 0)
    at_next = np.where(is_order, quantity * (later - close), 0)
    days = valuation.of_bars(np.concatenate([bars, later_bars]))
    strategies, units = np.concatenate([fills.strategy, fills.strategy]), np.concatenate([at_fill, at_next])
    whole = _sums(days, units, valuation.n_days)
    order = order_by_place(strategies, len(record.strategy_ids))
    return LagCharges(strategies[order], days[order], units[order], whole)


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
