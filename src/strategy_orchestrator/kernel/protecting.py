"""Protective exits: what happens between a bar's low and high to positions that carry levels."""

from __future__ import annotations

from strategy_orchestrator.kernel.books import drop_order, follow_best, leave, list_open
from strategy_orchestrator.kernel.compiled import compiled
from strategy_orchestrator.kernel.filling import slippage_at
from strategy_orchestrator.kernel.layout import (
    NO_ORDER,
    Books,
    Market,
    Record,
)
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import Reason

_STOP_LOSS = int(Reason.STOP_LOSS)
_TAKE_PROFIT = int(Reason.TAKE_PROFIT)
_TRAILING_STOP = int(Reason.TRAILING_STOP)
_PROTECTIVE_EXIT = int(Reason.PROTECTIVE_EXIT)
_RUNNING = int(Status.RUNNING)


@compiled
def protect(books: Books, market: Market, bar: int, strategy: int) -> int:
    """Leave the positions of a strategy whose levels this bar reaches; follow the best price of the others."""
    run = books.run[0]
    rule, local = books.strategies[strategy], bar - run["first_bar"]
    if rule["stop_loss"] == 0 and rule["take_profit"] == 0 and rule["trailing_stop"] == 0:
        return _RUNNING
    for place in range(list_open(books, strategy)):
        symbol = books.open_symbols[strategy, place]
        cell, opening = books.cells[strategy, symbol], market.open[local, symbol]
        low, high = market.low[local, symbol], market.high[local, symbol]
        if run["fault"] != 0:
            break
        if opening == 0:
            continue
        reference, reason = _exit_level(cell, opening, low, high)
        if reason == 0:
            if cell["best"] > 0:
                follow_best(books, strategy, symbol, high if cell["side"] > 0 else low)
            continue
        steps = 0 if reason == _TAKE_PROFIT else slippage_at(market.slippage, local, symbol)
        leave(books, market, bar, strategy, symbol, cell["quantity"], reference, steps, reason)
        if cell["order"] != NO_ORDER:
            drop_order(books, bar, strategy, symbol, _PROTECTIVE_EXIT)
    return run["fault"]


@compiled
def _exit_level(cell: Record, opening: int, low: int, high: int) -> tuple[int, int]:
    # The price at which this bar ends a position, and why; (0, 0) when it does not. The stop is looked at before the
    # target, and a level that the open has passed fills at the open.
    side, target = cell["side"], cell["target_level"]
    stop, stop_reason = cell["stop_level"], _STOP_LOSS
    trailing = cell["trailing_level"]
    # The nearer of the two stops; equal, it is the fixed one.
    if trailing > 0 and (stop == 0 or side * (trailing - stop) > 0):
        stop, stop_reason = trailing, _TRAILING_STOP
    if stop > 0 and side * (opening - stop) <= 0:
        return opening, stop_reason
    if target > 0 and side * (opening - target) >= 0:
        return opening, _TAKE_PROFIT
    worst, best = (low, high) if side > 0 else (high, low)
    if stop > 0 and side * (worst - stop) <= 0:
        return stop, stop_reason
    if target > 0 and side * (best - target) >= 0:
        return target, _TAKE_PROFIT
    return 0, 0
