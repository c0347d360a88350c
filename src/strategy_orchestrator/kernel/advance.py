"""The bar loop, in the order that is the contract; it pauses where it needs Python and goes on from there.

With fills at the next open a bar is: fills of what waits, protective exits, mark, decisions, rebalance, record. With
fills at the close the fills come after the rebalance. What a step does lies in the module that is named like it.
"""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.closing import close_all, end_if_ruined, expire, mark, record, remember_closes
from strategy_orchestrator.kernel.compiling import compiled, compiled_and_kept
from strategy_orchestrator.kernel.deciding import ask, place_orders, quarantine, resolve
from strategy_orchestrator.kernel.filling import fill_entries, fill_exits, set_targets
from strategy_orchestrator.kernel.layout import (
    ASKS,
    BAR,
    CLOSES_AT_END,
    CURSOR,
    FILLS_AT_CLOSE,
    IS_ANSWERED,
    IS_PENDING,
    N_BARS,
    N_DECISIONS,
    N_SIGNALS,
    N_STRATEGIES,
    N_SYMBOLS,
    N_TRADES,
    ROOM,
    SIGNAL_CURSOR,
    STAGE,
    STAGE_ASK,
    STAGE_CLOSE,
    STAGE_CONFLICTS,
    STAGE_ENTRIES,
    STAGE_EXITS,
    STAGE_EXPIRE,
    STAGE_MARK,
    STAGE_ORDERS,
    STAGE_PROTECT,
    STAGE_QUARANTINE,
    STAGE_REBALANCE,
    STAGE_RECORD,
    STAGE_SALES,
    STAGE_SIGNALS,
    STAGE_TARGETS,
    STAGE_TRANSFER,
    Intents,
    Market,
    State,
)
from strategy_orchestrator.kernel.protecting import protect
from strategy_orchestrator.kernel.rebalancing import decide_rebalance, sell_for_rebalance, transfer
from strategy_orchestrator.kernel.status import Status

_RUNNING = int(Status.RUNNING)
_DONE = int(Status.DONE)
_BUFFER_FULL = int(Status.BUFFER_FULL)
_ASK_STRATEGIES = int(Status.ASK_STRATEGIES)


@compiled_and_kept
def advance(state: State, market: Market, intents: Intents, until: int) -> int:
    """Run bars until one is reached, or until something must be asked or told.

    Parameters
    ----------
    until : int
        Bar of the run, not of the chunk; it is not run itself.

    Returns
    -------
    int
        A `Status`. After anything but a fault the loop goes on when it is called again with the same arrays, once the
        question is answered: `IS_ANSWERED` set, and the answer where the status says.
    """
    books, memory = state.books, state.books.memory
    at_close = memory[FILLS_AT_CLOSE] == 1
    # A step begins only if the buffers hold what it writes at most.
    n_decisions = books.decisions.shape[0] - memory[ROOM]
    n_trades = books.trades.shape[0] - memory[N_SYMBOLS]
    while memory[BAR] < until:
        stage, bar = memory[STAGE], memory[BAR]
        references = market.close if at_close else market.open
        for step in range(memory[CURSOR], _length_of(memory, stage)):
            status = _RUNNING
            if memory[N_DECISIONS] > n_decisions or memory[N_TRADES] > n_trades:
                status = _BUFFER_FULL
            elif stage == STAGE_TARGETS:
                status = set_targets(memory, references, bar, step)
            elif stage == STAGE_EXITS:
                status = fill_exits(books, references, market.slippage, bar, step)
            elif stage == STAGE_SALES:
                status = sell_for_rebalance(books, references, market.slippage, bar, step)
            elif stage == STAGE_TRANSFER:
                status = transfer(books, bar)
            elif stage == STAGE_ENTRIES:
                status = fill_entries(books, references, market.slippage, market.sizer, bar, step)
            elif stage == STAGE_PROTECT:
                status = protect(books, market, bar, step)
            elif stage == STAGE_MARK:
                if step == 0:
                    remember_closes(memory, market.close, bar)
                status = mark(memory, step)
                if status == _RUNNING:
                    end_if_ruined(books, bar, step)
            elif stage == STAGE_ASK:
                if memory[IS_ANSWERED] == 0:
                    status = _ASK_STRATEGIES
                memory[IS_ANSWERED] = 0
            elif stage == STAGE_QUARANTINE:
                quarantine(books, bar, step)
            elif stage == STAGE_SIGNALS:
                status = ask(books, market.close, intents, bar, step)
            elif stage == STAGE_CONFLICTS:
                status = resolve(books, bar, step)
            elif stage == STAGE_ORDERS:
                place_orders(books, bar, step)
            elif stage == STAGE_REBALANCE:
                status = decide_rebalance(books, market.scheduled, bar)
            elif stage == STAGE_EXPIRE:
                expire(books, bar, step)
            elif stage == STAGE_CLOSE:
                status = close_all(books, market.slippage, bar, step)
            else:
                memory[N_SIGNALS], memory[SIGNAL_CURSOR] = 0, 0
                status = record(memory, state.curves, bar)
            if status != _RUNNING:
                memory[CURSOR] = step
                return status
        memory[CURSOR] = 0
        if stage == STAGE_RECORD:
            memory[BAR], memory[STAGE] = bar + 1, STAGE_PROTECT if at_close else STAGE_TARGETS
        elif at_close and stage == STAGE_REBALANCE:
            memory[STAGE] = STAGE_TARGETS
        elif at_close and stage == STAGE_ENTRIES:
            memory[STAGE] = STAGE_EXPIRE
        else:
            memory[STAGE] = stage + 1
    return _DONE


@compiled
def _length_of(memory: IntArray, stage: int) -> int:
    # The steps of a stage are its strategies, or its symbols, or it has one or none.
    is_last = memory[BAR] == memory[N_BARS] - 1
    if stage == STAGE_CONFLICTS:
        return memory[N_SYMBOLS] if memory[N_SIGNALS] > 0 else 0
    if stage == STAGE_TRANSFER:
        return memory[IS_PENDING]
    if stage == STAGE_SALES:
        return memory[N_STRATEGIES] * memory[IS_PENDING]
    if stage == STAGE_ASK:
        return memory[ASKS]
    if stage == STAGE_REBALANCE or stage == STAGE_RECORD:
        return 1
    if stage == STAGE_EXPIRE:
        return memory[N_STRATEGIES] + 1 if is_last else 0
    if stage == STAGE_CLOSE:
        return memory[N_STRATEGIES] * memory[CLOSES_AT_END] if is_last else 0
    return memory[N_STRATEGIES]
