"""Where everything stands that the loop reads and writes.

Nearly all of it lies in one array, the memory: int64, one axis, quanta where it is money, price or quantity. A function
that takes one array instead of thirty is compiled in a tenth of the time, a pause costs a microsecond, and a snapshot
is one copy. The memory holds, one after another: the fields of the run, then rows of equal width for the N strategies,
the S symbols, the N × S cells (a strategy in a symbol) and the N × S signals that one bar can bring. `strategy_at` and
its like give the place at which a row begins: `memory[strategy_at(2) + CASH]`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.arrays import AnyArray, IntArray
from strategy_orchestrator.kernel.compiling import compiled
from strategy_orchestrator.models.records import DECISION, TRADE

# Fields of the run: what is decided once.
N_STRATEGIES: Final = 0
N_SYMBOLS: Final = 1
N_BARS: Final = 2  # of the whole run
CAPITAL: Final = 3
FILLS_AT_CLOSE: Final = 4
SWEEPS: Final = 5
CLOSES_AT_END: Final = 6
RESOLUTION: Final = 7  # one of the resolutions below
REBALANCES: Final = 8  # one of the rebalancings below
THRESHOLD: Final = 9  # steps of 10⁻¹⁸; -1 for none
ASKS: Final = 10  # whether to pause at every close
# ... where the rows begin.
SYMBOLS_BEGIN: Final = 11
CELLS_BEGIN: Final = 12
SIGNALS_BEGIN: Final = 13
# ... where the run stands.
FIRST_BAR: Final = 14  # of the chunk
BAR: Final = 15
STAGE: Final = 16
CURSOR: Final = 17  # where in the stage to go on
SIGNAL_CURSOR: Final = 18
IS_ANSWERED: Final = 19  # whether what the loop paused for has been answered
# ... what it has counted.
RESERVE: Final = 20
PAID_AWAY: Final = 21  # to the market, net
N_DECISIONS: Final = 22  # in the buffer
N_TRADES: Final = 23  # in the buffer
N_CONFLICTS: Final = 24
N_BLOCKS: Final = 25
N_SIGNALS: Final = 26  # of this bar
# ... what a rebalance that was decided moves.
IS_PENDING: Final = 27
RESERVE_EXCESS: Final = 28
RESERVE_LACK: Final = 29
RESERVE_CHANGE: Final = 30  # of a transfer, and the remainder of its part
RESERVE_REMAINDER: Final = 31
# ... what it paused for, or what is wrong.
FAULT: Final = 32  # a status
AT_STRATEGY: Final = 33
AT_SYMBOL: Final = 34
AT_PRICE: Final = 35  # price of the entry to size, or what was found
AT_AMOUNT: Final = 36  # budget of the entry to size, or what was expected
ANSWER: Final = 37  # quantity that a strategy wants
# ... how many decisions one strategy in one stage, or one conflict, writes at most.
ROOM: Final = 38
RUN_WIDTH: Final = 39

# Fields of a strategy: its rules.
WEIGHT: Final = 0  # configured, steps of 10⁻¹⁸
VOTES: Final = 1  # in NET_SIGNAL
WARMUP: Final = 2
STOP_LOSS: Final = 3  # steps of 10⁻¹²; 0 for none, as the next three
TAKE_PROFIT: Final = 4
TRAILING_STOP: Final = 5
MAX_HOLDING: Final = 6
WEIGHTS_PLACE: Final = 7  # in `Intents.weights`; -1 for a strategy of signals
SIZES: Final = 8  # whether it sizes its entries itself
PROPOSAL: Final = 9  # weight that a rebalancer proposes, steps of 10⁻¹⁸
# ... and its sleeve.
CASH: Final = 10
USED: Final = 11
ALLOCATED: Final = 12
CONTRIBUTED: Final = 13
EQUITY: Final = 14  # at the last mark
GROSS: Final = 15
SHORTED: Final = 16  # entry notional of open shorts
STANDING: Final = 17  # bits of the standings below
MAY_OWE: Final = 18  # an exit brought back less than nothing
IS_CONDEMNED: Final = 19  # to be quarantined at this bar
IS_STALE: Final = 20  # traded since the last mark
N_OPEN: Final = 21
N_ORDERS: Final = 22
EXCESS: Final = 23
LACK: Final = 24
CHANGE: Final = 25  # of a transfer, and the remainder of its part
REMAINDER: Final = 26
STRATEGY_WIDTH: Final = 27

# Fields of a symbol: its terms.
LOT: Final = 0
PER_TRADE: Final = 1
PER_SHARE: Final = 2
PER_NOTIONAL: Final = 3  # steps of 10⁻¹²
# ... its last known close, and the signals of this bar on it.
LAST_CLOSE: Final = 4  # 0 before the first bar
FIRST_RIVAL: Final = 5
LAST_RIVAL: Final = 6
N_BUYERS: Final = 7
N_SELLERS: Final = 8
SYMBOL_WIDTH: Final = 9

# Fields of a cell: its position.
SIDE: Final = 0  # 1 long, -1 short, 0 flat
QUANTITY: Final = 1  # not negative
AVERAGE: Final = 2
NOTIONAL: Final = 3  # paid, without commission
COMMISSION: Final = 4
SLIPPAGE: Final = 5
ENTRY_BAR: Final = 6
BEST: Final = 7
STOP_LEVEL: Final = 8  # 0 for none, as the next two
TARGET_LEVEL: Final = 9
TRAILING_LEVEL: Final = 10
# ... its order.
ORDER: Final = 11  # one of the orders below
ORDER_DIRECTION: Final = 12
ORDER_WEIGHT: Final = 13
WANTED: Final = 14  # signed quantity of a target weight at its fill
# ... and, of its place rather than of it: the symbols of the strategy that are open, and that have an order, rising.
OPEN_SYMBOL: Final = 15  # `N_OPEN` places hold
ORDER_SYMBOL: Final = 16  # `N_ORDERS` places hold
CELL_WIDTH: Final = 17

# Fields of a signal, in the order of strategies, then symbols.
SIGNAL_STRATEGY: Final = 0
SIGNAL_SYMBOL: Final = 1
SIGNAL_ORDER: Final = 2
SIGNAL_DIRECTION: Final = 3
SIGNAL_WEIGHT: Final = 4
IS_ALIVE: Final = 5
NEXT_RIVAL: Final = 6  # place of the next signal on the same symbol, -1 for none
SIGNAL_WIDTH: Final = 7

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
STAGE_ASK: Final = 7
STAGE_QUARANTINE: Final = 8
STAGE_SIGNALS: Final = 9
STAGE_CONFLICTS: Final = 10
STAGE_ORDERS: Final = 11
STAGE_REBALANCE: Final = 12
STAGE_EXPIRE: Final = 13
STAGE_CLOSE: Final = 14
STAGE_RECORD: Final = 15
# Bits of `Intents.codes`.
ENTRY_BIT: Final = 1
EXIT_BIT: Final = 2
SHORT_ENTRY_BIT: Final = 4
SHORT_EXIT_BIT: Final = 8

NO_WEIGHT: Final = -(2**63)
"""In `Intents.weights`: leave the position as it is."""

_LEAST_ROWS: Final = 16_384


@compiled
def strategy_at(strategy: int) -> int:
    """Return where the fields of a strategy begin."""
    return RUN_WIDTH + strategy * STRATEGY_WIDTH


@compiled
def symbol_at(memory: IntArray, symbol: int) -> int:
    """Return where the fields of a symbol begin."""
    return memory[SYMBOLS_BEGIN] + symbol * SYMBOL_WIDTH


@compiled
def cell_at(memory: IntArray, strategy: int, symbol: int) -> int:
    """Return where the fields of a cell begin."""
    return memory[CELLS_BEGIN] + (strategy * memory[N_SYMBOLS] + symbol) * CELL_WIDTH


@compiled
def signal_at(memory: IntArray, place: int) -> int:
    """Return where the fields of a signal begin."""
    return memory[SIGNALS_BEGIN] + place * SIGNAL_WIDTH


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
        int8, shape (T, N, S): bits of entries and exits; a bar that is asked for is written when the loop pauses.
    weights : ndarray
        int64, shape (T, number of strategies of weights, S), steps of 10⁻¹⁸ or `NO_WEIGHT`.
    """

    codes: AnyArray
    weights: IntArray


class Books(NamedTuple):
    """What a fill writes to.

    Attributes
    ----------
    memory : ndarray
        As the module says.
    decisions, trades : ndarray
        Buffers of `DECISION` and `TRADE`; the first `N_DECISIONS` and `N_TRADES` hold.
    """

    memory: IntArray
    decisions: NDArray[Any]
    trades: NDArray[Any]


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


class Rows(NamedTuple):
    """The rows of a memory as tables that share it: int64, one row each."""

    run: IntArray
    strategies: IntArray
    symbols: IntArray
    cells: IntArray
    signals: IntArray


def new_memory(n_strategies: int, n_symbols: int) -> IntArray:
    """Return an empty memory that knows its sizes."""
    begins = [RUN_WIDTH]
    widths = (STRATEGY_WIDTH, SYMBOL_WIDTH, CELL_WIDTH, SIGNAL_WIDTH)
    numbers = (n_strategies, n_symbols, n_strategies * n_symbols, n_strategies * n_symbols)
    for width, number in zip(widths, numbers, strict=True):
        begins.append(begins[-1] + width * number)
    memory = np.zeros(begins[-1], np.int64)
    memory[N_STRATEGIES], memory[N_SYMBOLS] = n_strategies, n_symbols
    memory[ROOM] = 3 * n_symbols + n_strategies + 4
    memory[SYMBOLS_BEGIN], memory[CELLS_BEGIN], memory[SIGNALS_BEGIN] = begins[1:4]
    return memory


def rows_of(memory: IntArray) -> Rows:
    """Return the rows of a memory: (RUN_WIDTH,), (N, ...), (S, ...), (N, S, ...) and (N × S, ...)."""
    n_strategies, n_symbols = int(memory[N_STRATEGIES]), int(memory[N_SYMBOLS])
    symbols, cells, signals = (int(memory[place]) for place in (SYMBOLS_BEGIN, CELLS_BEGIN, SIGNALS_BEGIN))
    return Rows(
        memory[:RUN_WIDTH],
        memory[RUN_WIDTH:symbols].reshape(n_strategies, STRATEGY_WIDTH),
        memory[symbols:cells].reshape(n_symbols, SYMBOL_WIDTH),
        memory[cells:signals].reshape(n_strategies, n_symbols, CELL_WIDTH),
        memory[signals:].reshape(n_strategies * n_symbols, SIGNAL_WIDTH),
    )


def new_books(memory: IntArray) -> Books:
    """Return a memory with buffers large enough for it."""
    n_decisions, n_trades = (max(_LEAST_ROWS, 2 * int(memory[place])) for place in (ROOM, N_SYMBOLS))
    return Books(memory, np.zeros(n_decisions, DECISION), np.zeros(n_trades, TRADE))


def new_curves(n_bars: int, n_strategies: int) -> Curves:
    """Return empty curves for a chunk."""
    shape = n_bars, n_strategies
    return Curves(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(n_bars, np.int64))
