"""The close of a bar: marking to market, ruin, the end of the data, the record, and what must always hold."""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.books import blame, drop_order, give_order, leave, note, order_side
from strategy_orchestrator.kernel.checked import OVERFLOW, add, value_at
from strategy_orchestrator.kernel.compiling import compiled
from strategy_orchestrator.kernel.filling import slippage_at
from strategy_orchestrator.kernel.layout import (
    ALLOCATED,
    AT_AMOUNT,
    AT_PRICE,
    CAPITAL,
    CASH,
    EQUITY,
    FAULT,
    FIRST_BAR,
    GROSS,
    IS_PENDING,
    IS_STALE,
    LAST_CLOSE,
    MAY_OWE,
    N_OPEN,
    N_ORDERS,
    N_STRATEGIES,
    N_SYMBOLS,
    NO_ORDER,
    OPEN_SYMBOL,
    ORDER,
    ORDER_SYMBOL,
    PAID_AWAY,
    QUANTITY,
    RESERVE,
    RUINED,
    SHORTED,
    SIDE,
    STANDING,
    TO_END_RUIN,
    USED,
    Books,
    Curves,
    cell_at,
    strategy_at,
    symbol_at,
)
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import DecisionKind, Reason

_EXPIRED = int(DecisionKind.EXPIRED)
_RUIN = int(DecisionKind.RUIN)
_NONE = int(Reason.NONE)
_OF_RUIN = int(Reason.RUIN)
_END_OF_DATA = int(Reason.END_OF_DATA)
_RUNNING = int(Status.RUNNING)
_OVERFLOW = int(Status.OVERFLOW)
_MONEY_NOT_CONSERVED = int(Status.MONEY_NOT_CONSERVED)
_OVERSPENT = int(Status.OVERSPENT)
_CASH_APART = int(Status.CASH_APART)
_RESERVE_NEGATIVE = int(Status.RESERVE_NEGATIVE)


@compiled
def remember_closes(memory: IntArray, closes: IntArray, bar: int) -> None:
    """Take the closes of a bar as the last known ones."""
    local = bar - memory[FIRST_BAR]
    for symbol in range(memory[N_SYMBOLS]):
        if closes[local, symbol] > 0:
            memory[symbol_at(memory, symbol) + LAST_CLOSE] = closes[local, symbol]


@compiled
def mark(memory: IntArray, strategy: int) -> int:
    """Value a sleeve at the last known closes."""
    sleeve = strategy_at(strategy)
    equity, gross = memory[sleeve + CASH], 0
    for place in range(memory[sleeve + N_OPEN]):
        symbol = memory[cell_at(memory, strategy, place) + OPEN_SYMBOL]
        cell = cell_at(memory, strategy, symbol)
        value = value_at(memory[cell + QUANTITY], memory[symbol_at(memory, symbol) + LAST_CLOSE])
        if value == OVERFLOW:
            return blame(memory, _OVERFLOW, strategy, symbol)
        gross, equity = add(gross, value), add(equity, memory[cell + SIDE] * value)
    if gross == OVERFLOW or equity == OVERFLOW:
        return blame(memory, _OVERFLOW, strategy, -1)
    memory[sleeve + EQUITY], memory[sleeve + GROSS], memory[sleeve + IS_STALE] = equity, gross, 0
    return _RUNNING


@compiled
def end_if_ruined(books: Books, bar: int, strategy: int) -> None:
    """End the trading of a sleeve that is worth nothing."""
    memory, sleeve = books.memory, strategy_at(strategy)
    if memory[sleeve + EQUITY] <= 0 and memory[sleeve + STANDING] & RUINED == 0:
        memory[sleeve + STANDING] |= RUINED
        silence(books, bar, strategy, _RUIN, _OF_RUIN, TO_END_RUIN)


@compiled
def silence(books: Books, bar: int, strategy: int, kind: int, reason: int, order: int) -> None:
    """Drop the orders of a strategy and have every position closed by an order of the given kind."""
    memory, sleeve = books.memory, strategy_at(strategy)
    note(books, bar, kind, _NONE, strategy, -1, 0, 0, 0, memory[sleeve + EQUITY], 0)
    while memory[sleeve + N_ORDERS] > 0:
        drop_order(books, bar, strategy, memory[cell_at(memory, strategy, 0) + ORDER_SYMBOL], reason)
    for place in range(memory[sleeve + N_OPEN]):
        give_order(memory, strategy, memory[cell_at(memory, strategy, place) + OPEN_SYMBOL], order)


@compiled
def expire(books: Books, bar: int, strategy: int) -> None:
    """Record the orders of a strategy that can no longer fill; the place after the last is the rebalance."""
    memory, sleeve = books.memory, strategy_at(strategy)
    if strategy == memory[N_STRATEGIES]:
        if memory[IS_PENDING] == 1:
            memory[IS_PENDING] = 0
            note(books, bar, _EXPIRED, _NONE, -1, -1, 0, 0, 0, 0, 0)
        return
    for place in range(memory[sleeve + N_ORDERS]):
        symbol = memory[cell_at(memory, strategy, place) + ORDER_SYMBOL]
        cell = cell_at(memory, strategy, symbol)
        note(books, bar, _EXPIRED, _NONE, strategy, symbol, order_side(memory, cell), 0, 0, 0, 0)
        memory[cell + ORDER] = NO_ORDER
    memory[sleeve + N_ORDERS] = 0


@compiled
def close_all(books: Books, slippage: IntArray, bar: int, strategy: int) -> int:
    """Close what a strategy holds at the last known closes."""
    memory = books.memory
    while memory[strategy_at(strategy) + N_OPEN] > 0 and memory[FAULT] == 0:
        symbol = memory[cell_at(memory, strategy, 0) + OPEN_SYMBOL]
        steps = slippage_at(slippage, bar - memory[FIRST_BAR], symbol)
        quantity = memory[cell_at(memory, strategy, symbol) + QUANTITY]
        price = memory[symbol_at(memory, symbol) + LAST_CLOSE]
        leave(books, bar, strategy, symbol, quantity, price, steps, _END_OF_DATA)
    return memory[FAULT]


@compiled
def record(memory: IntArray, curves: Curves, bar: int) -> int:
    """Write down equity and market value of every sleeve, and the reserve; check the books."""
    local = bar - memory[FIRST_BAR]
    for strategy in range(memory[N_STRATEGIES]):
        sleeve = strategy_at(strategy)
        if memory[sleeve + IS_STALE] == 1:
            mark(memory, strategy)
        curves.equity[local, strategy] = memory[sleeve + EQUITY]
        curves.gross[local, strategy] = memory[sleeve + GROSS]
    curves.reserve[local] = memory[RESERVE]
    return _check_books(memory)


@compiled
def _check_books(memory: IntArray) -> int:
    # Real checks, at every bar of every run: whoever breaks a promise is blamed with both sides.
    if memory[RESERVE] < 0:
        return _broken(memory, _RESERVE_NEGATIVE, -1, memory[RESERVE], 0)
    total = add(memory[RESERVE], memory[PAID_AWAY])
    for strategy in range(memory[N_STRATEGIES]):
        sleeve = strategy_at(strategy)
        cash, available = memory[sleeve + CASH], memory[sleeve + ALLOCATED] - memory[sleeve + USED]
        total = add(total, cash)
        if available < 0 and memory[sleeve + MAY_OWE] == 0:
            return _broken(memory, _OVERSPENT, strategy, memory[sleeve + USED], memory[sleeve + ALLOCATED])
        # A short's proceeds lie in cash and as much again is held back for it; without shorts, available is cash.
        expected = available + 2 * memory[sleeve + SHORTED]
        if cash != expected:
            return _broken(memory, _CASH_APART, strategy, cash, expected)
    if total != memory[CAPITAL] and memory[FAULT] == 0:
        return _broken(memory, _MONEY_NOT_CONSERVED, -1, total, memory[CAPITAL])
    return memory[FAULT]


@compiled
def _broken(memory: IntArray, status: int, strategy: int, found: int, expected: int) -> int:
    memory[AT_PRICE], memory[AT_AMOUNT] = found, expected
    return blame(memory, status, strategy, -1)
