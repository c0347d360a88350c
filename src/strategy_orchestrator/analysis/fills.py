"""The fills of a run, read from its decisions, and what each lost in price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.analysis.numbers import half_even
from strategy_orchestrator.arrays import AnyArray, BoolArray, IntArray
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import DecisionKind, RunRecord
from strategy_orchestrator.money import SCALE
from strategy_orchestrator.threads import each_in_threads

_WORD: Final = 8
_COLUMNS: Final = ("bar", "strategy", "symbol", "direction", "reason", "quantity", "price", "amount", "commission")
_DTYPES: Final[dict[str, type[np.generic]]] = {"reason": np.int8}


@dataclass(frozen=True, slots=True, eq=False)
class Fills:
    """The fills of the completed bars, in the order in which they happened; every array has the shape (F,).

    Attributes
    ----------
    bar, strategy, symbol : ndarray
        int64, places in the record.
    direction : ndarray
        int64: 1 bought, -1 sold.
    reason : ndarray
        int8, `Reason`.
    quantity, price, amount, commission : ndarray
        int64, quanta; the amount is the notional.
    trade : ndarray
        int64: place of the trade that an exit made; -1 for entries.
    """

    bar: IntArray
    strategy: IntArray
    symbol: IntArray
    direction: IntArray
    reason: AnyArray
    quantity: IntArray
    price: IntArray
    amount: IntArray
    commission: IntArray
    trade: IntArray


def fills_of(record: RunRecord) -> Fills:
    """Return the fills of the completed bars, exits with their trades."""
    is_exit = record.kinds == DecisionKind.EXIT
    is_fill = is_exit | (record.kinds == DecisionKind.ENTRY)
    if record.n_bars < record.panel.n_bars:
        is_fill &= record.decisions["bar"] < record.n_bars
    places = np.flatnonzero(is_fill)
    rows, is_exit = rows_at(record.decisions, places), is_exit[places]
    columns = each_in_threads(lambda name: rows[name].astype(_DTYPES.get(name, np.int64)), _COLUMNS, rows.nbytes)
    # Every exit makes one trade, in the same order.
    trade = np.where(is_exit, np.cumsum(is_exit) - 1, -1)
    return Fills(**dict(zip(_COLUMNS, columns, strict=True)), trade=trade)


def rows_at(table: NDArray[Any], places: IntArray) -> NDArray[Any]:
    """Return some rows of a table of records.

    numpy copies records field by field; as rows of words they are copied several times faster.
    """
    if not table.flags.c_contiguous or table.dtype.itemsize % _WORD:
        return table[places]
    words = table.view(np.int64).reshape(len(table), table.dtype.itemsize // _WORD)
    return words.take(places, axis=0).view(table.dtype)[:, 0]


def slippage_of(record: RunRecord, fills: Fills, config: OrchestratorConfig, wanted: BoolArray) -> dict[int, int]:
    """Return what some fills lost in price, exactly as the kernel booked it.

    An entry fills against the open of its bar (the close with `fill_at="close"`), so its slippage is |notional −
    quantity × that price|. A trade's slippage is that of its exit and the part of the entries' that the exit released
    pro rata to quantity, rounded down; the entries being known, the exit's is what remains.

    Parameters
    ----------
    wanted : ndarray
        bool, shape (F,): the fills to look at. Others of the same positions are followed as far as needed.

    Returns
    -------
    dict
        Quanta by place in `fills`.
    """
    references = _references(record, fills, config)
    cells = fills.strategy * record.panel.n_symbols + fills.symbol
    places = np.flatnonzero(np.isin(cells, cells[wanted]))
    columns = (cells, fills.trade, fills.quantity, fills.amount, references)
    held: dict[int, tuple[int, int]] = {}
    slippage = {}
    rows = zip(places.tolist(), *(column[places].tolist() for column in columns), strict=True)
    for place, cell, trade, filled, amount, reference in rows:
        quantity, lost = held.get(cell, (0, 0))
        if trade < 0:
            slippage[place] = abs(amount - half_even(filled * reference, SCALE))
            held[cell] = quantity + filled, lost + slippage[place]
        else:
            released = lost * filled // quantity
            slippage[place] = int(record.trades["slippage"][trade]) - released
            held[cell] = quantity - filled, lost - released
    return {place: slippage[place] for place in np.flatnonzero(wanted).tolist()}


def _references(record: RunRecord, fills: Fills, config: OrchestratorConfig) -> IntArray:
    # Of a panel, no more than is needed: gathering what else is around the fills takes several times as long.
    if record.fill_prices is not None:
        return record.fill_prices.market
    assert isinstance(record.panel, Panel)  # noqa: S101  # the fill prices of a stream are gathered on the way
    units = record.panel.units.open if config.fill_at == "next_open" else record.panel.units.close
    market: IntArray = units[fills.bar, fills.symbol]
    return market
