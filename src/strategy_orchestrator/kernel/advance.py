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

# What at least one strategy has: levels that protect, a limit of holding, a quarantine to come, target weights.
_HAS_LEVELS = 1
_HAS_LIMITS = 2
_HAS_CONDEMNED = 4
_HAS_WEIGHTS = 8


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
    rules = _rules_of(books)
    while run["bar"] < until:
        stage, bar = run["stage"], run["bar"]
        references = market.close if at_close else market.open
        for step in range(run["cursor"], _length_of(run, rules, stage)):
            status = _RUNNING
            if run["n_decisions"] > n_decisions or run["n_trades"] > n_trades:
                status = _BUFFER_FULL
            elif stage == STAGE_TARGETS:
                status = set_targets(books, references, bar, books.busy[0, step])
            elif stage == STAGE_EXITS:
                status = fill_exits(books, references, market.slippage, bar, books.busy[0, step])
            elif stage == STAGE_SALES:
                status = sell_for_rebalance(books, references, market.slippage, bar, step)
            elif stage == STAGE_TRANSFER:
                status = transfer(books, bar)
            elif stage == STAGE_ENTRIES:
                strategy = books.busy[0, step]
                status = fill_entries(books, references, market.slippage, market.sizer, bar, strategy)
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
            elif stage == STAGE_ORDERS and rules & _HAS_LIMITS == 0:
                place_block(books, bar, step)
            elif stage == STAGE_ORDERS:
                place_orders(books, bar, step)
            elif stage == STAGE_REBALANCE:
                status = decide_rebalance(books, market.scheduled, bar)
            elif stage == STAGE_EXPIRE:
                expire(books, bar, step)
            elif stage == STAGE_CLOSE:
                status = close_all(books, market.slippage, bar, step)
            else:
                status = record(books, state.curves, bar)
            if status != _RUNNING:
                run["cursor"] = step
                return status
        run["cursor"] = 0
        if stage == STAGE_RECORD:
            run["bar"], run["stage"] = bar + 1, STAGE_PROTECT if at_close else STAGE_TARGETS
        elif at_close and stage == STAGE_REBALANCE:
            run["stage"] = STAGE_TARGETS
        elif at_close and stage == STAGE_ENTRIES:
            run["stage"] = STAGE_EXPIRE
        else:
            run["stage"] = stage + 1
    return _DONE


@compiled
def _rules_of(books: Books) -> int:
    # What at least one strategy has: bits of the rules above. Only an answer of Python changes them.
    rules = 0
    for strategy in range(books.run[0]["n_strategies"]):
        rule = books.strategies[strategy]
        if rule["stop_loss"] > 0 or rule["take_profit"] > 0 or rule["trailing_stop"] > 0:
            rules |= _HAS_LEVELS
        if rule["max_holding"] > 0:
            rules |= _HAS_LIMITS
        if rule["is_condemned"] == 1:
            rules |= _HAS_CONDEMNED
        if rule["weights_place"] >= 0:
            rules |= _HAS_WEIGHTS
    return rules


@compiled
def _length_of(run: Record, rules: int, stage: int) -> int:
    # The steps of a stage are strategies, symbols or blocks of cells, or it has one or none. Most stages of most bars
    # have nothing to do, and with many strategies or bars their steps would take longer than all the others.
    is_last = run["bar"] == run["n_bars"] - 1
    if stage == STAGE_TARGETS:
        return run["n_busy"] if rules & _HAS_WEIGHTS != 0 else 0
    if stage == STAGE_EXITS or stage == STAGE_ENTRIES:
        return run["n_busy"]
    if stage == STAGE_PROTECT:
        return run["n_strategies"] if rules & _HAS_LEVELS != 0 else 0
    if stage == STAGE_QUARANTINE:
        return run["n_strategies"] if rules & _HAS_CONDEMNED != 0 else 0
    if stage == STAGE_RUIN:
        return run["n_strategies"] * run["ruins"]
    if stage == STAGE_SIGNALS:
        return _blocks_of(run["n_strategies"] * run["n_symbols"])
    if stage == STAGE_CONFLICTS:
        return run["n_contested"]
    if stage == STAGE_ORDERS:
        return run["n_strategies"] if rules & _HAS_LIMITS != 0 else _blocks_of(run["n_signals"])
    if stage == STAGE_TRANSFER:
        return run["is_pending"]
    if stage == STAGE_SALES:
        return run["n_strategies"] * run["is_pending"]
    if stage == STAGE_ASK:
        return run["asks"]
    if stage == STAGE_MARK or stage == STAGE_REBALANCE or stage == STAGE_RECORD:
        return 1
    if stage == STAGE_EXPIRE:
        return run["n_strategies"] + 1 if is_last else 0
    return run["n_strategies"] * run["closes_at_end"] if is_last else 0


@compiled
def _blocks_of(n_cells: int) -> int:
    return round_down(n_cells + BLOCK_CELLS - 1, BLOCK_CELLS)
