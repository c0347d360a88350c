"""The arrays that the loop reads and writes, field by field.

What changes is kept in arrays of records, int64 fields, money, prices and quantities in quanta: a function that takes
a few of them is compiled in a tenth of the time that it takes with an array for each field, and what belongs together
lies together. N strategies, S symbols, T bars of the chunk.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.arrays import AnyArray, IntArray

Records: TypeAlias = NDArray[Any]
"""An array of records."""
Record: TypeAlias = Any
"""One of them: fields are read and written by name, in the array."""

RUN: Final = np.dtype(
    [
        # what is decided once
        ("n_strategies", np.int64),
        ("n_symbols", np.int64),
        ("n_bars", np.int64),  # of the whole run
        ("capital", np.int64),
        ("fills_at_close", np.int64),
        ("sweeps", np.int64),
        ("closes_at_end", np.int64),
        ("resolution", np.int64),  # one of the resolutions below
        ("rebalances", np.int64),  # one of the rebalancings below
        ("threshold", np.int64),  # steps of 10⁻¹⁸; -1 for none
        ("asks", np.int64),  # whether to pause at every close
        # where the run stands
        ("first_bar", np.int64),  # of the chunk
        ("bar", np.int64),
        ("stage", np.int64),
        ("cursor", np.int64),  # where in the stage to go on
        ("signal_cursor", np.int64),  # the first signal whose strategy has not been given its orders
        ("is_answered", np.int64),  # whether what the loop paused for has been answered
        # what it has counted
        ("reserve", np.int64),
        ("paid_away", np.int64),  # to the market, net
        ("n_decisions", np.int64),  # in the buffer
        ("n_trades", np.int64),  # in the buffer
        ("n_conflicts", np.int64),
        ("n_blocks", np.int64),
        ("n_signals", np.int64),  # of this bar
        ("n_contested", np.int64),  # symbols that some want to buy and some to sell at this bar
        ("n_busy", np.int64),  # strategies in the list of those with orders
        ("ruins", np.int64),  # whether a sleeve was found to be worth nothing
        # what bounds every market value: no sum of them overflows while their product fits
        ("whole_lots", np.int64),  # whether every lot is of whole units, so that no value is rounded
        ("most_held", np.int64),  # of one position so far, as in `Books.held`
        ("highest_close", np.int64),  # so far
        # what a rebalance that was decided moves
        ("is_pending", np.int64),
        ("reserve_excess", np.int64),
        ("reserve_lack", np.int64),
        ("reserve_change", np.int64),  # of a transfer, and the remainder of its part
        ("reserve_remainder", np.int64),
        # what it paused for, or what is wrong
        ("fault", np.int64),  # a status
        ("at_strategy", np.int64),
        ("at_symbol", np.int64),
        ("at_price", np.int64),  # price of the entry to size, or what was found
        ("at_amount", np.int64),  # budget of the entry to size, or what was expected
        ("answer", np.int64),  # quantity that a strategy wants
        # how many decisions one step of a stage writes at most
        ("room", np.int64),
    ]
)
"""One record: what is true of the whole run."""
SLEEVE: Final = np.dtype(
    [
        ("cash", np.int64),
        ("used", np.int64),
        ("allocated", np.int64),
        ("shorted", np.int64),  # entry notional of open shorts
        ("equity", np.int64),  # at the last mark
        ("gross", np.int64),
        ("n_open", np.int64),
        ("is_stale", np.int64),  # traded since the last mark
    ]
)
"""One record a strategy: what every bar looks at, 64 bytes, as much as a processor reads at once."""
STRATEGY: Final = np.dtype(
    [
        # its rules
        ("weight", np.int64),  # configured, steps of 10⁻¹⁸
        ("votes", np.int64),  # in NET_SIGNAL
        ("warmup", np.int64),
        ("stop_loss", np.int64),  # steps of 10⁻¹²; 0 for none, as the next three
        ("take_profit", np.int64),
        ("trailing_stop", np.int64),
        ("max_holding", np.int64),
        ("weights_place", np.int64),  # in `Intents.weights`; -1 for a strategy of signals
        ("sizes", np.int64),  # whether it sizes its entries itself
        ("proposal", np.int64),  # weight that a rebalancer proposes, steps of 10⁻¹⁸
        # its sleeve, as far as only some bars look at it
        ("contributed", np.int64),
        ("standing", np.int64),  # bits of the standings below
        ("may_owe", np.int64),  # an exit brought back less than nothing
        ("is_condemned", np.int64),  # to be quarantined at this bar
        ("is_listed", np.int64),  # its list of open positions is up to date
        ("n_orders", np.int64),
        ("is_busy", np.int64),  # in the list of those with orders
        ("excess", np.int64),
        ("lack", np.int64),
        ("change", np.int64),  # of a transfer, and the remainder of its part
        ("remainder", np.int64),
    ]
)
"""One record a strategy."""
SYMBOL: Final = np.dtype(
    [
        # its terms
        ("lot", np.int64),
        ("per_trade", np.int64),
        ("per_share", np.int64),
        ("per_notional", np.int64),  # steps of 10⁻¹²
        ("rate_top", np.int64),  # the same in lowest terms
        ("rate_bottom", np.int64),
        # the signals of a bar on it
        ("signal_bar", np.int64),
        ("first_rival", np.int64),
        ("last_rival", np.int64),
        ("sides", np.int64),  # bits of those below that have a signal
    ]
)
"""One record a symbol."""
CELL: Final = np.dtype(
    [
        # its position
        ("side", np.int64),  # 1 long, -1 short, 0 flat
        ("quantity", np.int64),  # not negative
        ("average", np.int64),
        ("notional", np.int64),  # paid, without commission
        ("commission", np.int64),
        ("slippage", np.int64),
        ("entry_bar", np.int64),
        ("best", np.int64),
        ("stop_level", np.int64),  # 0 for none, as the next two
        ("target_level", np.int64),
        ("trailing_level", np.int64),
        # its order
        ("order", np.int64),  # one of the orders below
        ("order_direction", np.int64),
        ("order_weight", np.int64),
        ("wanted", np.int64),  # signed quantity of a target weight at its fill
    ]
)
"""One record a strategy and symbol."""
SIGNAL: Final = np.dtype(
    [
        ("strategy", np.int64),
        ("symbol", np.int64),
        ("order", np.int64),
        ("direction", np.int64),
        ("weight", np.int64),
        ("is_alive", np.int64),
        ("next_rival", np.int64),  # place of the next signal on the same symbol, -1 for none
    ]
)
"""One record a signal of this bar, in the order of strategies, then symbols."""

# Resolutions.
FIRST_WINS: Final = 0
NET_SIGNAL: Final = 1
CANCEL_BOTH: Final = 2
ASK_RESOLVER: Final = 3
# Rebalancings.
NEVER: Final = 0
TO_WEIGHTS: Final = 1
ASK_REBALANCER: Final = 2
# Standings; a sleeve can be both of the latter.
ACTIVE: Final = 0
RUINED: Final = 1
QUARANTINED: Final = 2
# Orders.
NO_ORDER: Final = 0
TO_ENTER: Final = 1
TO_EXIT: Final = 2
TO_REVERSE: Final = 3
TO_WEIGHT: Final = 4
TO_END_HOLDING: Final = 5
TO_END_RUIN: Final = 6
TO_END_QUARANTINE: Final = 7
# Stages of a bar with fills at the next open, in their order; with fills at the close a bar begins with PROTECT.
STAGE_TARGETS: Final = 0
STAGE_EXITS: Final = 1
STAGE_SALES: Final = 2
STAGE_TRANSFER: Final = 3
STAGE_ENTRIES: Final = 4
STAGE_PROTECT: Final = 5
STAGE_MARK: Final = 6
STAGE_RUIN: Final = 7
STAGE_ASK: Final = 8
STAGE_QUARANTINE: Final = 9
STAGE_SIGNALS: Final = 10
STAGE_CONFLICTS: Final = 11
STAGE_ORDERS: Final = 12
STAGE_REBALANCE: Final = 13
STAGE_EXPIRE: Final = 14
STAGE_CLOSE: Final = 15
STAGE_RECORD: Final = 16
# Sides of the signals on a symbol, as bits.
BUYING: Final = 1
SELLING: Final = 2
# Bits of `Intents.codes`.
ENTRY_BIT: Final = 1
EXIT_BIT: Final = 2
SHORT_ENTRY_BIT: Final = 4
SHORT_EXIT_BIT: Final = 8
WEIGHT_BIT: Final = 16  # there is a target weight

WORD_CELLS: Final = 8
"""Cells of `Intents.codes` in one of `Intents.words`."""
BLOCK_CELLS: Final = 512
"""Cells whose signals are read in one step."""

NO_WEIGHT: Final = -(2**63)
"""In `Intents.weights`: leave the position as it is."""


class Market(NamedTuple):
    """Prices of a chunk of T bars, and what varies with them; the loop only reads it.

    Attributes
    ----------
    open, high, low, close : ndarray
        int64, shape (T, S); 0 where a symbol has no bar.
    slippage : ndarray
        int64, shape (T or 1, S or 1), steps of 10⁻¹².
    sizer : ndarray
        int64, shape (T, S), steps of 10⁻¹⁸ of the allocated capital; shape (0, 0) for equal slots.
    scheduled : ndarray
        bool, shape (T,): bars at which the rebalancer proposes; shape (0,) for none.
    """

    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    slippage: IntArray
    sizer: IntArray
    scheduled: AnyArray


class Intents(NamedTuple):
    """What the strategies want in a chunk of T bars.

    Attributes
    ----------
    codes : ndarray
        int8, shape (T, N × S and zeros up to a whole word): bits of entries, exits and weights; a bar that is asked for
        is written when the loop pauses.
    words : ndarray
        int64, shape (T, number): the same bytes, eight at a time, the first in the lowest bits; most are zero.
    weights : ndarray
        int64, shape (T, number of strategies of weights, S), steps of 10⁻¹⁸ or `NO_WEIGHT`.
    """

    codes: AnyArray
    words: IntArray
    weights: IntArray


class Books(NamedTuple):
    """What has been booked and decided.

    Attributes
    ----------
    run : ndarray
        RUN, shape (1,).
    sleeves : ndarray
        SLEEVE, shape (N,).
    strategies : ndarray
        STRATEGY, shape (N,).
    symbols : ndarray
        SYMBOL, shape (S,).
    cells : ndarray
        CELL, shape (N, S).
    closes : ndarray
        int64, shape (S,), quanta: the last known closes, 0 before the first bar.
    held : ndarray
        int64, shape (N, S): quantities of the cells with the signs of their sides, in units where all lots are whole,
        else in quanta. They and the closes are all that a mark reads.
    open_symbols : ndarray
        int64, shape (N, S): symbols with a position, rising; the first `n_open` hold, once `books.list_open` is called.
    order_symbols : ndarray
        int64, shape (N, S): symbols with an order, rising; the first `n_orders` hold.
    contested : ndarray
        int64, shape (1, S): symbols that are bought and sold at this bar, rising; the first `n_contested` hold.
    busy : ndarray
        int64, shape (1, N): strategies with orders, and some that had some at this bar, rising; the first `n_busy`
        hold.
    spoken : ndarray
        int64, shape (1, number): words of a block of intents in which there is something; looked at in one step only.
    signals : ndarray
        SIGNAL, shape (N × S,); the first `n_signals` hold.
    decisions, trades : ndarray
        Buffers of DECISION and TRADE; the first `n_decisions` and `n_trades` hold.
    """

    run: Records
    sleeves: Records
    strategies: Records
    symbols: Records
    cells: Records
    closes: IntArray
    held: IntArray
    open_symbols: IntArray
    order_symbols: IntArray
    contested: IntArray
    busy: IntArray
    spoken: IntArray
    signals: Records
    decisions: Records
    trades: Records


class Curves(NamedTuple):
    """What is written down at the end of each bar of a chunk.

    Attributes
    ----------
    equity, gross : ndarray
        int64, shape (T, N).
    reserve : ndarray
        int64, shape (T,).
    """

    equity: IntArray
    gross: IntArray
    reserve: IntArray


class State(NamedTuple):
    """All that changes."""

    books: Books
    curves: Curves
