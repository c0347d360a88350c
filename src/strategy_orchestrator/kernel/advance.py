"""The bar loop, in the order that is the contract; it pauses where it needs Python and goes on from there.

With fills at the next open a bar is: fills of what waits, protective exits, mark, decisions, rebalance, record. With
fills at the close the fills come after the rebalance. What a step does lies in the module that is named like it.
"""

from __future__ import annotations

from strategy_orchestrator.kernel.checked import round_down
from strategy_orchestrator.kernel.closing import close_all, end_if_ruined, expire, mark_all, record, remember_closes
from strategy_orchestrator.kernel.compiled import compiled
from strategy_orchestrator.kernel.deciding import ask, place_block, place_orders, quarantine, resolve
from strategy_orchestrator.kernel.filling import fill_entries, fill_exits, set_targets
from strategy_orchestrator.kernel.layout import (
    BLOCK_CELLS,
    NEVER,
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
    STAGE_RUIN,
    STAGE_SALES,
    STAGE_SIGNALS,
    STAGE_TARGETS,
    STAGE_TRANSFER,
    Books,
    Intents,
    Market,
    Record,
    State,
)
from strategy_orchestrator.kernel.protecting import protect
from strategy_orchestrator.kernel.rebalancing import decide_rebalance, sell_for_rebalance, transfer
from strategy_orchestrator.kernel.status import Status

_RUNNING = int(Status.RUNNING)
_DONE = int(Status.DONE)
_BUFFER_FULL = int(Status.BUFFER_FULL)
_ASK_STRATEGIES = int(Status.ASK_STRATEGIES)

# Stages of which it shows at a bar whether there is anything to do.
_ALWAYS = (
    1 << STAGE_EXITS | 1 << STAGE_ENTRIES | 1 << STAGE_MARK | 1 << STAGE_RUIN | 1 << STAGE_SIGNALS
    | 1 << STAGE_CONFLICTS | 1 << STAGE_ORDERS | 1 << STAGE_EXPIRE | 1 << STAGE_CLOSE | 1 << STAGE_RECORD
)  # fmt: skip


@compiled
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
    books, run = state.books, state.books.run[0]
    at_close = run["fills_at_close"] == 1
    # A step begins only if the buffers hold what it writes at most.
    n_decisions = books.decisions.shape[0] - run["room"]
    n_trades = books.trades.shape[0] - run["n_symbols"]
    stages, has_limits = _stages_of(books), _has_limits(books)
    while run["bar"] < until:
        stage, bar = run["stage"], run["bar"]
        references = market.close if at_close else market.open
        for step in range(run["cursor"], _length_of(run, has_limits, stage)):
            status = _RUNNING
            if run["n_decisions"] > n_decisions or run["n_trades"] > n_trades:
                status = _BUFFER_FULL
            elif stage == STAGE_TARGETS:
                status = set_targets(books, references, bar, books.busy[0, step])
            elif stage == STAGE_EXITS:
                status = fill_exits(books, market, references, bar, books.busy[0, step])
            elif stage == STAGE_SALES:
                status = sell_for_rebalance(books, market, references, bar, step)
            elif stage == STAGE_TRANSFER:
                status = transfer(books, bar)
            elif stage == STAGE_ENTRIES:
                status = fill_entries(books, market, references, bar, books.busy[0, step])
            elif stage == STAGE_PROTECT:
                status = protect(books, market, bar, step)
            elif stage == STAGE_MARK:
                remember_closes(books, market.close, bar)
                status = mark_all(books)
            elif stage == STAGE_RUIN:
                end_if_ruined(books, bar, step)
            elif stage == STAGE_ASK:
                if run["is_answered"] == 0:
                    status = _ASK_STRATEGIES
                run["is_answered"] = 0
            elif stage == STAGE_QUARANTINE:
                quarantine(books, bar, step)
            elif stage == STAGE_SIGNALS:
                status = ask(books, market.close, intents, bar, step)
            elif stage == STAGE_CONFLICTS:
                status = resolve(books, bar, books.contested[0, step])
            elif stage == STAGE_ORDERS and has_limits:
                place_orders(books, bar, step)
            elif stage == STAGE_ORDERS:
                place_block(books, bar, step)
            elif stage == STAGE_REBALANCE:
                status = decide_rebalance(books, market.scheduled, bar)
            elif stage == STAGE_EXPIRE:
                expire(books, bar, step)
            elif stage == STAGE_CLOSE:
                status = close_all(books, market, bar, step)
            else:
                status = record(books, state.curves, bar)
            if status != _RUNNING:
                run["cursor"] = step
                return status
        run["cursor"] = 0
        if stage == STAGE_RECORD:
            run["bar"] = bar + 1
        run["stage"] = _stage_after(stage, stages, at_close)
    return _DONE


@compiled
def _stage_after(stage: int, stages: int, at_close: bool) -> int:
    following = stage
    while True:
        if following == STAGE_RECORD:
            following = STAGE_PROTECT if at_close else STAGE_TARGETS
        elif at_close and following == STAGE_REBALANCE:
            following = STAGE_TARGETS
        elif at_close and following == STAGE_ENTRIES:
            following = STAGE_EXPIRE
        else:
            following += 1
        if (stages >> following) & 1 == 1:
            return following


@compiled
def _stages_of(books: Books) -> int:
    # A bit for each stage that has something to do at some bar of this run, or until Python is asked again: without
    # them most of the time of many short bars went into stages that nobody needs.
    run, stages = books.run[0], _ALWAYS
    if run["asks"] == 1:
        stages |= 1 << STAGE_ASK
    if run["rebalances"] != NEVER:
        stages |= 1 << STAGE_SALES | 1 << STAGE_TRANSFER | 1 << STAGE_REBALANCE
    for strategy in range(run["n_strategies"]):
        rule = books.strategies[strategy]
        if rule["weights_place"] >= 0:
            stages |= 1 << STAGE_TARGETS
        if rule["stop_loss"] > 0 or rule["take_profit"] > 0 or rule["trailing_stop"] > 0:
            stages |= 1 << STAGE_PROTECT
        if rule["is_condemned"] == 1:
            stages |= 1 << STAGE_QUARANTINE
    return stages


@compiled
def _has_limits(books: Books) -> bool:
    for strategy in range(books.run[0]["n_strategies"]):
        if books.strategies[strategy]["max_holding"] > 0:
            return True
    return False


@compiled
def _length_of(run: Record, has_limits: bool, stage: int) -> int:
    # The steps of a stage are strategies, symbols or blocks of cells, or it has one or none.
    is_last = run["bar"] == run["n_bars"] - 1
    if stage == STAGE_TARGETS or stage == STAGE_EXITS or stage == STAGE_ENTRIES:
        return run["n_busy"]
    if stage == STAGE_PROTECT or stage == STAGE_QUARANTINE:
        return run["n_strategies"]
    if stage == STAGE_RUIN:
        return run["n_strategies"] * run["ruins"]
    if stage == STAGE_SIGNALS:
        return _blocks_of(run["n_strategies"] * run["n_symbols"])
    if stage == STAGE_CONFLICTS:
        return run["n_contested"]
    if stage == STAGE_ORDERS:
        return run["n_strategies"] if has_limits else _blocks_of(run["n_signals"])
    if stage == STAGE_TRANSFER:
        return run["is_pending"]
    if stage == STAGE_SALES:
        return run["n_strategies"] * run["is_pending"]
    if stage == STAGE_EXPIRE:
        return run["n_strategies"] + 1 if is_last else 0
    if stage == STAGE_CLOSE:
        return run["n_strategies"] * run["closes_at_end"] if is_last else 0
    return 1


@compiled
def _blocks_of(n_cells: int) -> int:
    return round_down(n_cells + BLOCK_CELLS - 1, BLOCK_CELLS)
