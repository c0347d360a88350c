"""The record of a run: every decision, trade and equity, as typed arrays.

These are the arrays that the kernel fills, the store writes and the measures read. Money, prices and quantities are
int64 quanta.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.arrays import IntArray, row_sums
from strategy_orchestrator.models.streams import Prices


class DecisionKind(IntEnum):
    """What a decision row tells; docs/reference/decisions.md has the meaning of its fields by kind."""

    SIGNAL = 1
    CONTRADICTION = 2
    CONFLICT = 3
    DROPPED = 4
    EXIT = 5
    ENTRY = 6
    CUT = 7
    BLOCKED = 8
    SWEEP = 9
    RUIN = 10
    QUARANTINE = 11
    REBALANCE = 12
    TRANSFER = 13
    EXPIRED = 14


class Reason(IntEnum):
    """Why; which of them go with which kind is said in docs/reference/decisions.md."""

    NONE = 0
    # of an exit, and of an entry (STRATEGY_SIGNAL)
    STRATEGY_SIGNAL = 1
    STOP_LOSS = 2
    TAKE_PROFIT = 3
    TRAILING_STOP = 4
    MAX_HOLDING = 5
    REBALANCE = 6
    END_OF_DATA = 7
    RUIN = 8
    QUARANTINE = 9
    # of an order that was dropped, besides MAX_HOLDING, RUIN and QUARANTINE
    CONFLICT = 10
    PROTECTIVE_EXIT = 11
    # of an entry that was cut or blocked
    CAPITAL = 12
    NO_CASH = 13
    BELOW_LOT = 14
    # of a signal
    ENTER = 15
    EXIT = 16
    REVERSE = 17
    WEIGHT = 18


DECISION: Final = np.dtype(
    [
        ("bar", np.int32),
        ("strategy", np.int32),  # index in the list; -1 none, or the reserve in a transfer
        ("symbol", np.int32),  # index in the panel; -1 none
        ("kind", np.int8),  # DecisionKind
        ("reason", np.int8),  # Reason
        ("direction", np.int8),  # 1 buys, -1 sells
        ("padding", np.int8),
        ("quantity", np.int64),
        ("price", np.int64),
        ("amount", np.int64),
        ("commission", np.int64),
    ]
)
TRADE: Final = np.dtype(
    [
        ("strategy", np.int32),
        ("symbol", np.int32),
        ("entry_bar", np.int32),
        ("exit_bar", np.int32),
        ("quantity", np.int64),
        ("entry_price", np.int64),
        ("exit_price", np.int64),
        ("entry_notional", np.int64),
        ("exit_notional", np.int64),
        ("entry_commission", np.int64),
        ("exit_commission", np.int64),
        ("slippage", np.int64),  # of both sides
        ("pnl", np.int64),
        ("direction", np.int8),  # side of the position
        ("reason", np.int8),  # Reason
        ("padding", np.int16),
        ("padding_", np.int32),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What fills cost, and in what steps quantities are held.

    Attributes
    ----------
    lot, per_trade, per_share : ndarray
        int64, shape (S,), quanta.
    per_notional : ndarray
        int64, shape (S,), steps of 10⁻¹².
    slippage : ndarray
        int64, shape (T or 1, S or 1), steps of 10⁻¹² of the price.
    """

    lot: IntArray
    per_trade: IntArray
    per_share: IntArray
    per_notional: IntArray
    slippage: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class FillPrices:
    """The market around every fill of a run, in the order of its decisions; every array int64, shape (F,).

    Attributes
    ----------
    market : ndarray
        The price, before slippage, at the point of the bar at which orders fill, its open or its close; quanta.
    close : ndarray
        The close of the bar, quanta.
    next_bar : ndarray
        The next bar of the symbol; the number of all bars when there is none.
    later : ndarray
        The price there, at the same point of the bar, quanta; 0 when there is none.
    """

    market: IntArray
    close: IntArray
    next_bar: IntArray
    later: IntArray


@dataclass(frozen=True, eq=False)
class RunRecord:
    """All that one run decided and booked.

    Attributes
    ----------
    panel : Panel or PanelStream
        The prices, or where they were read from.
    strategy_ids : tuple of str
        N ids in the order of the list.
    weights : tuple of str
        N configured weights, exact decimals as text.
    initial_capital : int
        Quanta.
    initial_allocations : ndarray
        int64, shape (N,), quanta.
    equity : ndarray
        int64, shape (T, N), quanta: cash plus market value of each sleeve at each bar.
    gross : ndarray
        int64, shape (T, N), quanta: market value of all positions of each sleeve, shorts counted positive.
    reserve : ndarray
        int64, shape (T,), quanta.
    trades : ndarray
        TRADE, in the order of their exits.
    decisions : ndarray
        DECISION, in the order in which they happened.
    sleeves : ndarray
        Ledgers at the end: structured, shape (N,), with int64 fields cash, used, allocated, contributed.
    n_conflicts, n_blocks : int
        Conflicts, and entries blocked.
    n_bars : int
        Bars that were completed: T, or fewer in a run that failed.
    terms : Terms or None
        What fills cost; None in records that were not made by a run, and where slippage of a stream varies by bar.
    fill_prices : FillPrices or None
        The market around the fills, of a run whose prices are not in memory.
    kinds : ndarray
        int8, the kinds of the decisions side by side: most questions begin with them.
    """

    panel: Prices
    strategy_ids: tuple[str, ...]
    weights: tuple[str, ...]
    initial_capital: int
    initial_allocations: IntArray
    equity: IntArray
    gross: IntArray
    reserve: IntArray
    trades: NDArray[Any]
    decisions: NDArray[Any]
    sleeves: NDArray[Any]
    n_conflicts: int
    n_blocks: int
    n_bars: int
    notes: Mapping[str, str] = field(default_factory=dict)
    terms: Terms | None = None
    fill_prices: FillPrices | None = None
    kinds: NDArray[np.int8] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", np.ascontiguousarray(self.decisions["kind"]))

    @cached_property
    def aggregate(self) -> IntArray:
        """Equity of the whole: int64, shape (T,), quanta."""
        return row_sums(self.equity) + self.reserve
