"""The orders of a strategy at the bar of their fill: target weights made quantities, exits, entries."""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.books import blame, enter, leave, note
from strategy_orchestrator.kernel.checked import OVERFLOW, add, round_down, shift, take_weight, value_at
from strategy_orchestrator.kernel.compiling import compiled
from strategy_orchestrator.kernel.layout import (
    ALLOCATED,
    ANSWER,
    AT_AMOUNT,
    AT_PRICE,
    AT_STRATEGY,
    AT_SYMBOL,
    CASH,
    FAULT,
    FIRST_BAR,
    IS_ANSWERED,
    LAST_CLOSE,
    LOT,
    N_BLOCKS,
    N_OPEN,
    N_ORDERS,
    N_SYMBOLS,
    NO_ORDER,
    OPEN_SYMBOL,
    ORDER,
    ORDER_DIRECTION,
    ORDER_SYMBOL,
    ORDER_WEIGHT,
    QUANTITY,
    SIDE,
    SIZES,
    TO_END_HOLDING,
    TO_END_RUIN,
    TO_ENTER,
    TO_REVERSE,
    TO_WEIGHT,
    USED,
    WANTED,
    Books,
    cell_at,
    strategy_at,
    symbol_at,
)
from strategy_orchestrator.kernel.sizing import affordable, largest_entry, target_quantity
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import DecisionKind, Reason

_BLOCKED = int(DecisionKind.BLOCKED)
_CUT = int(DecisionKind.CUT)
_STRATEGY_SIGNAL = int(Reason.STRATEGY_SIGNAL)
_MAX_HOLDING = int(Reason.MAX_HOLDING)
_RUIN = int(Reason.RUIN)
_QUARANTINE = int(Reason.QUARANTINE)
_CAPITAL = int(Reason.CAPITAL)
_NO_CASH = int(Reason.NO_CASH)
_BELOW_LOT = int(Reason.BELOW_LOT)
_RUNNING = int(Status.RUNNING)
_ASK_SIZE = int(Status.ASK_SIZE)
_OVERFLOW = int(Status.OVERFLOW)
_PRICE_BELOW_QUANTUM = int(Status.PRICE_BELOW_QUANTUM)


@compiled
def slippage_at(slippage: IntArray, local: int, symbol: int) -> int:
    """Return the slippage of a bar of the chunk and a symbol, steps of 10⁻¹²."""
    rows, columns = slippage.shape
    return slippage[local if rows > 1 else 0, symbol if columns > 1 else 0]


@compiled
def value_at_fill(memory: IntArray, references: IntArray, local: int, strategy: int, place: int) -> int:
    """Return the market value of an open position at the price of fills, or at the last known close."""
    symbol = memory[cell_at(memory, strategy, place) + OPEN_SYMBOL]
    price = references[local, symbol]
    if price == 0:
        price = memory[symbol_at(memory, symbol) + LAST_CLOSE]
    value = value_at(memory[cell_at(memory, strategy, symbol) + QUANTITY], price)
    if value == OVERFLOW:
        blame(memory, _OVERFLOW, strategy, symbol)
        return 0
    return value


@compiled
def set_targets(memory: IntArray, references: IntArray, bar: int, strategy: int) -> int:
    """Turn the target weights of a strategy that can fill into quantities, before anything of this bar fills."""
    local, sleeve = bar - memory[FIRST_BAR], strategy_at(strategy)
    equity, is_known = 0, False
    for place in range(memory[sleeve + N_ORDERS]):
        symbol = memory[cell_at(memory, strategy, place) + ORDER_SYMBOL]
        cell, price = cell_at(memory, strategy, symbol), references[local, symbol]
        if memory[cell + ORDER] != TO_WEIGHT or price == 0:
            continue
        if not is_known:
            equity, is_known = _equity_at_fill(memory, references, local, strategy), True
        lot = memory[symbol_at(memory, symbol) + LOT]
        memory[cell + WANTED] = target_quantity(memory[cell + ORDER_WEIGHT], equity, price, lot)
        if memory[cell + WANTED] == OVERFLOW:
            return blame(memory, _OVERFLOW, strategy, symbol)
    return memory[FAULT]


@compiled
def _equity_at_fill(memory: IntArray, references: IntArray, local: int, strategy: int) -> int:
    sleeve = strategy_at(strategy)
    equity = memory[sleeve + CASH]
    for place in range(memory[sleeve + N_OPEN]):
        side = memory[cell_at(memory, strategy, memory[cell_at(memory, strategy, place) + OPEN_SYMBOL]) + SIDE]
        equity = add(equity, side * value_at_fill(memory, references, local, strategy, place))
    if equity == OVERFLOW:
        blame(memory, _OVERFLOW, strategy, -1)
    return equity


@compiled
def fill_exits(books: Books, references: IntArray, slippage: IntArray, bar: int, strategy: int) -> int:
    """Close and reduce what a strategy has orders for; an order that has nothing left to open is done."""
    memory = books.memory
    local, sleeve = bar - memory[FIRST_BAR], strategy_at(strategy)
    for place in range(memory[sleeve + N_ORDERS]):
        symbol = memory[cell_at(memory, strategy, place) + ORDER_SYMBOL]
        cell, price = cell_at(memory, strategy, symbol), references[local, symbol]
        order, held = memory[cell + ORDER], memory[cell + QUANTITY]
        if price == 0 or order == TO_ENTER:
            continue
        quantity, is_done = held, order != TO_REVERSE
        if order == TO_WEIGHT:
            wanted = memory[cell + WANTED]
            stays = wanted * memory[cell + SIDE] > 0
            quantity = max(held - abs(wanted), 0) if stays else held
            is_done = abs(wanted) == held - quantity and (stays or wanted == 0)
        if quantity > 0:
            steps = slippage_at(slippage, local, symbol)
            leave(books, bar, strategy, symbol, quantity, price, steps, _reason_of(order))
        if is_done:
            memory[cell + ORDER] = NO_ORDER
    _forget_done(memory, strategy)
    return memory[FAULT]


@compiled
def _reason_of(order: int) -> int:
    if order < TO_END_HOLDING:
        return _STRATEGY_SIGNAL
    if order == TO_END_HOLDING:
        return _MAX_HOLDING
    return _RUIN if order == TO_END_RUIN else _QUARANTINE


@compiled
def _forget_done(memory: IntArray, strategy: int) -> None:
    count, kept = strategy_at(strategy) + N_ORDERS, 0
    for place in range(memory[count]):
        symbol = memory[cell_at(memory, strategy, place) + ORDER_SYMBOL]
        if memory[cell_at(memory, strategy, symbol) + ORDER] != NO_ORDER:
            memory[cell_at(memory, strategy, kept) + ORDER_SYMBOL] = symbol
            kept += 1
    memory[count] = kept


@compiled
def fill_entries(
    books: Books, references: IntArray, slippage: IntArray, sizer: IntArray, bar: int, strategy: int
) -> int:
    """Open and add what a strategy has orders for, each within its budget; pauses where the strategy sizes itself."""
    memory = books.memory
    local = bar - memory[FIRST_BAR]
    for place in range(memory[strategy_at(strategy) + N_ORDERS]):
        symbol = memory[cell_at(memory, strategy, place) + ORDER_SYMBOL]
        cell, reference = cell_at(memory, strategy, symbol), references[local, symbol]
        order = memory[cell + ORDER]
        # An order that filled before a pause is still in the list.
        if reference == 0 or order == NO_ORDER:
            continue
        direction = memory[cell + ORDER_DIRECTION]
        if order == TO_WEIGHT:
            direction = 1 if memory[cell + WANTED] > 0 else -1
        price = shift(reference, direction, slippage_at(slippage, local, symbol))
        if price <= 0:
            return blame(memory, _PRICE_BELOW_QUANTUM if price == 0 else _OVERFLOW, strategy, symbol)
        slot = 0
        if order != TO_WEIGHT:
            slot = _slot_of(memory, sizer, local, strategy, symbol)
        if _enter(books, bar, strategy, symbol, direction, price, reference, slot) == _ASK_SIZE:
            return _ASK_SIZE
        if memory[FAULT] != 0:
            return memory[FAULT]
        memory[cell + ORDER] = NO_ORDER
    _forget_done(memory, strategy)
    return _RUNNING


@compiled
def _slot_of(memory: IntArray, sizer: IntArray, local: int, strategy: int, symbol: int) -> int:
    # A sleeve that owes more than it was given offers nothing.
    allocated = max(memory[strategy_at(strategy) + ALLOCATED], 0)
    if sizer.shape[0] == 0:
        return round_down(allocated, memory[N_SYMBOLS])
    slot, _ = take_weight(allocated, sizer[local, symbol])
    return slot


@compiled
def _enter(
    books: Books, bar: int, strategy: int, symbol: int, direction: int, price: int, reference: int, slot: int
) -> int:
    # Three kinds of entry: as much as the slot pays for, what a target weight lacks, what the strategy itself says.
    memory = books.memory
    cell, sleeve = cell_at(memory, strategy, symbol), strategy_at(strategy)
    available = memory[sleeve + ALLOCATED] - memory[sleeve + USED]
    is_target = memory[cell + ORDER] == TO_WEIGHT
    budget = available if is_target else min(slot, available)
    wanted = abs(memory[cell + WANTED]) - memory[cell + QUANTITY] if is_target else 0
    is_sized = is_target
    if memory[sleeve + SIZES] == 1 and not is_target and budget > 0:
        if memory[IS_ANSWERED] == 0:
            memory[AT_STRATEGY], memory[AT_SYMBOL], memory[AT_PRICE], memory[AT_AMOUNT] = (
                strategy,
                symbol,
                price,
                budget,
            )
            return _ASK_SIZE
        memory[IS_ANSWERED] = 0
        lot, is_sized = memory[symbol_at(memory, symbol) + LOT], True
        wanted = round_down(memory[ANSWER], lot) * lot
    quantity = 0
    if available > 0:
        quantity = (
            affordable(memory, symbol, price, wanted, budget)
            if is_sized
            else largest_entry(memory, symbol, price, budget)
        )
    if quantity == OVERFLOW:
        blame(memory, _OVERFLOW, strategy, symbol)
    elif quantity == 0:
        reason = _NO_CASH if available <= 0 else _CAPITAL
        if available > 0 and budget == slot and wanted == 0:
            reason = _BELOW_LOT
        memory[N_BLOCKS] += 1
        note(books, bar, _BLOCKED, reason, strategy, symbol, direction, wanted, price, max(budget, 0), 0)
    else:
        enter(books, bar, strategy, symbol, direction, quantity, price, reference)
        if quantity < wanted or (not is_sized and budget < slot):
            note(books, bar, _CUT, _CAPITAL, strategy, symbol, direction, quantity, price, budget, 0)
    return _RUNNING
