"""The two kinds of fill, and the lists of what is open and ordered; when and why a fill happens is others' matter."""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.checked import (
    OVERFLOW,
    add,
    move,
    multiply_divide,
    multiply_price,
    round_down,
    shift,
    take_fraction,
    value_at,
)
from strategy_orchestrator.kernel.compiling import compiled
from strategy_orchestrator.kernel.layout import (
    ALLOCATED,
    AT_STRATEGY,
    AT_SYMBOL,
    AVERAGE,
    BEST,
    CASH,
    COMMISSION,
    CONTRIBUTED,
    ENTRY_BAR,
    FAULT,
    IS_STALE,
    LOT,
    MAY_OWE,
    N_DECISIONS,
    N_OPEN,
    N_ORDERS,
    N_TRADES,
    NO_ORDER,
    NOTIONAL,
    OPEN_SYMBOL,
    ORDER,
    ORDER_DIRECTION,
    ORDER_SYMBOL,
    PAID_AWAY,
    PER_NOTIONAL,
    PER_SHARE,
    PER_TRADE,
    QUANTITY,
    RESERVE,
    SHORTED,
    SIDE,
    SLIPPAGE,
    STOP_LEVEL,
    STOP_LOSS,
    SWEEPS,
    TAKE_PROFIT,
    TARGET_LEVEL,
    TO_REVERSE,
    TRAILING_LEVEL,
    TRAILING_STOP,
    USED,
    Books,
    cell_at,
    strategy_at,
    symbol_at,
)
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import DecisionKind, Reason
from strategy_orchestrator.money import FRACTION_SCALE, SCALE

_DROPPED = int(DecisionKind.DROPPED)
_ENTRY = int(DecisionKind.ENTRY)
_EXIT = int(DecisionKind.EXIT)
_SWEEP = int(DecisionKind.SWEEP)
_NONE = int(Reason.NONE)
_STRATEGY_SIGNAL = int(Reason.STRATEGY_SIGNAL)
_OVERFLOW = int(Status.OVERFLOW)
_PRICE_BELOW_QUANTUM = int(Status.PRICE_BELOW_QUANTUM)


@compiled
def note(
    books: Books, bar: int, kind: int, reason: int, strategy: int, symbol: int, direction: int, quantity: int,
    price: int, amount: int, commission: int,
) -> None:  # fmt: skip
    """Write one row of the record."""
    row = books.decisions[books.memory[N_DECISIONS]]
    row["bar"] = bar
    row["strategy"] = strategy
    row["symbol"] = symbol
    row["kind"] = kind
    row["reason"] = reason
    row["direction"] = direction
    row["quantity"] = quantity
    row["price"] = price
    row["amount"] = amount
    row["commission"] = commission
    books.memory[N_DECISIONS] += 1


@compiled
def blame(memory: IntArray, status: int, strategy: int, symbol: int) -> int:
    """Keep the first thing that is wrong and return it; the stage that sees it stops the loop."""
    if memory[FAULT] == 0:
        memory[FAULT], memory[AT_STRATEGY], memory[AT_SYMBOL] = status, strategy, symbol
    return memory[FAULT]


@compiled
def grow(memory: IntArray, place: int, amount: int, strategy: int, symbol: int) -> None:
    """Add an amount of any sign to a field, or blame the cell for a sum that does not fit."""
    total = add(memory[place], amount)
    if total == OVERFLOW:
        blame(memory, _OVERFLOW, strategy, symbol)
    else:
        memory[place] = total


@compiled
def commission_of(memory: IntArray, symbol: int, quantity: int, notional: int) -> int:
    """Return the commission of one fill: three parts, rounded half to even once; `OVERFLOW` if it does not fit."""
    terms = symbol_at(memory, symbol)
    per_share, per_notional = memory[terms + PER_SHARE], memory[terms + PER_NOTIONAL]
    total, rest = memory[terms + PER_TRADE], 0
    if per_share > 0:
        whole, part = multiply_price(quantity, per_share)
        total, rest = add(total, whole), part * SCALE
    if per_notional > 0:
        whole, part = take_fraction(notional, per_notional)
        total, rest = add(total, whole), rest + part
    if rest == 0:
        return total
    carried = round_down(rest, FRACTION_SCALE)
    return move(0, 1, add(total, carried), rest - carried * FRACTION_SCALE, FRACTION_SCALE)


@compiled
def insert(memory: IntArray, strategy: int, symbol: int, column: int, counter: int) -> None:
    """Put a symbol into a rising list of a strategy, in which it is not."""
    begin, count = cell_at(memory, strategy, 0) + column, strategy_at(strategy) + counter
    width = cell_at(memory, strategy, 1) + column - begin
    place = begin + memory[count] * width
    # From the end, for lists are mostly filled in their order.
    while place > begin and memory[place - width] > symbol:
        memory[place] = memory[place - width]
        place -= width
    memory[place] = symbol
    memory[count] += 1


@compiled
def remove(memory: IntArray, strategy: int, symbol: int, column: int, counter: int) -> None:
    """Take a symbol out of a rising list of a strategy, in which it is."""
    begin, count = cell_at(memory, strategy, 0) + column, strategy_at(strategy) + counter
    width = cell_at(memory, strategy, 1) + column - begin
    memory[count] -= 1
    place = begin + memory[count] * width
    carried = memory[place]
    while carried != symbol:
        place -= width
        carried, memory[place] = memory[place], carried


@compiled
def give_order(memory: IntArray, strategy: int, symbol: int, order: int) -> None:
    """Give a cell an order, in place of one that waits."""
    cell = cell_at(memory, strategy, symbol)
    if memory[cell + ORDER] == NO_ORDER:
        insert(memory, strategy, symbol, ORDER_SYMBOL, N_ORDERS)
    memory[cell + ORDER] = order


@compiled
def order_side(memory: IntArray, cell: int) -> int:
    """Return the direction in which an order trades; 0 where that is known at its fill only."""
    return memory[cell + ORDER_DIRECTION] if memory[cell + ORDER] <= TO_REVERSE else 0


@compiled
def drop_order(books: Books, bar: int, strategy: int, symbol: int, reason: int) -> None:
    """Take back an order that waits, and record why."""
    memory = books.memory
    cell = cell_at(memory, strategy, symbol)
    note(books, bar, _DROPPED, reason, strategy, symbol, order_side(memory, cell), 0, 0, 0, 0)
    memory[cell + ORDER] = NO_ORDER
    remove(memory, strategy, symbol, ORDER_SYMBOL, N_ORDERS)


@compiled
def _set_levels(memory: IntArray, strategy: int, symbol: int) -> None:
    # What follows from the average entry price; a short's target at or below zero is never reached.
    cell, rule = cell_at(memory, strategy, symbol), strategy_at(strategy)
    average, side = memory[cell + AVERAGE], memory[cell + SIDE]
    stop, target = 0, 0
    if memory[rule + STOP_LOSS] > 0:
        stop = shift(average, -side, memory[rule + STOP_LOSS])
    if memory[rule + TAKE_PROFIT] > 0:
        target = shift(average, side, memory[rule + TAKE_PROFIT])
    if stop == OVERFLOW or target == OVERFLOW:
        blame(memory, _OVERFLOW, strategy, symbol)
    memory[cell + STOP_LEVEL], memory[cell + TARGET_LEVEL] = stop, max(target, 0)


@compiled
def follow_best(memory: IntArray, strategy: int, symbol: int, price: int) -> None:
    """Remember the best price of a position, and the level that trails it."""
    cell, steps = cell_at(memory, strategy, symbol), memory[strategy_at(strategy) + TRAILING_STOP]
    side, best = memory[cell + SIDE], memory[cell + BEST]
    if steps > 0 and (best == 0 or side * (price - best) > 0):
        memory[cell + BEST] = price
        memory[cell + TRAILING_LEVEL] = shift(price, -side, steps)
        if memory[cell + TRAILING_LEVEL] == OVERFLOW:
            blame(memory, _OVERFLOW, strategy, symbol)


@compiled
def enter(
    books: Books, bar: int, strategy: int, symbol: int, direction: int, quantity: int, price: int, reference: int
) -> None:
    """Open a position or add to it at a fill price; the sleeve can pay for it.

    Parameters
    ----------
    reference : int
        Price before slippage.
    """
    memory = books.memory
    cell, sleeve = cell_at(memory, strategy, symbol), strategy_at(strategy)
    notional = value_at(quantity, price)
    commission = commission_of(memory, symbol, quantity, notional)
    slippage = abs(notional - value_at(quantity, reference))
    flow = -direction * notional - commission
    grow(memory, sleeve + CASH, flow, strategy, symbol)
    grow(memory, PAID_AWAY, -flow, strategy, symbol)
    grow(memory, sleeve + USED, notional + commission, strategy, symbol)
    memory[sleeve + IS_STALE] = 1
    if direction < 0:
        grow(memory, sleeve + SHORTED, notional, strategy, symbol)
    if memory[cell + QUANTITY] == 0:
        insert(memory, strategy, symbol, OPEN_SYMBOL, N_OPEN)
        memory[cell + SIDE], memory[cell + AVERAGE], memory[cell + ENTRY_BAR] = direction, price, bar
        follow_best(memory, strategy, symbol, price)
    else:
        memory[cell + AVERAGE] = _average(memory, cell, symbol, quantity, price)
    grow(memory, cell + QUANTITY, quantity, strategy, symbol)
    grow(memory, cell + NOTIONAL, notional, strategy, symbol)
    memory[cell + COMMISSION] += commission
    memory[cell + SLIPPAGE] += slippage
    _set_levels(memory, strategy, symbol)
    note(books, bar, _ENTRY, _STRATEGY_SIGNAL, strategy, symbol, direction, quantity, price, notional, commission)


@compiled
def _average(memory: IntArray, cell: int, symbol: int, added: int, price: int) -> int:
    # Counted in lots, which keeps the product small.
    lot, average = memory[symbol_at(memory, symbol) + LOT], memory[cell + AVERAGE]
    added_lots = round_down(added, lot)
    lots = added_lots + round_down(memory[cell + QUANTITY], lot)
    whole, rest = multiply_divide(abs(price - average), added_lots, lots)
    return move(average, 1 if price >= average else -1, whole, rest, lots)


@compiled
def leave(
    books: Books, bar: int, strategy: int, symbol: int, quantity: int, reference: int, steps: int, reason: int
) -> None:
    """Reduce a position or close it, book the profit, and sweep it if that is the policy.

    Parameters
    ----------
    reference : int
        Price before slippage.
    steps : int
        Slippage, steps of 10⁻¹².
    """
    memory = books.memory
    cell, sleeve = cell_at(memory, strategy, symbol), strategy_at(strategy)
    side = memory[cell + SIDE]
    price = shift(reference, -side, steps)
    notional = value_at(quantity, max(price, 0))
    commission = commission_of(memory, symbol, quantity, max(notional, 0))
    if price <= 0 or notional == OVERFLOW or commission == OVERFLOW:
        blame(memory, _PRICE_BELOW_QUANTUM if price == 0 else _OVERFLOW, strategy, symbol)
        return
    # What rounding leaves of a partial exit stays with the position.
    freed = memory[cell + NOTIONAL] + memory[cell + COMMISSION]
    freed_commission, slippage = memory[cell + COMMISSION], memory[cell + SLIPPAGE]
    if quantity < memory[cell + QUANTITY]:
        lot = memory[symbol_at(memory, symbol) + LOT]
        lots, held = round_down(quantity, lot), round_down(memory[cell + QUANTITY], lot)
        freed, _ = multiply_divide(freed, lots, held)
        freed_commission, _ = multiply_divide(freed_commission, lots, held)
        slippage, _ = multiply_divide(slippage, lots, held)
    freed_notional = freed - freed_commission
    flow = side * notional - commission
    pnl = side * (notional - freed_notional) - freed_commission - commission
    grow(memory, sleeve + CASH, flow, strategy, symbol)
    grow(memory, PAID_AWAY, -flow, strategy, symbol)
    grow(memory, sleeve + ALLOCATED, pnl, strategy, symbol)
    memory[sleeve + USED] -= freed
    memory[sleeve + IS_STALE] = 1
    if freed + pnl < 0:
        memory[sleeve + MAY_OWE] = 1
    if side < 0:
        memory[sleeve + SHORTED] -= freed_notional
    memory[cell + SLIPPAGE] -= slippage
    slippage += abs(notional - value_at(quantity, reference))
    note(books, bar, _EXIT, reason, strategy, symbol, -side, quantity, price, notional, commission)
    _note_trade(
        books, bar, strategy, symbol, quantity, price, notional, commission, freed_notional, freed_commission,
        slippage, pnl, reason,
    )  # fmt: skip
    memory[cell + QUANTITY] -= quantity
    memory[cell + NOTIONAL] -= freed_notional
    memory[cell + COMMISSION] -= freed_commission
    if memory[cell + QUANTITY] == 0:
        memory[cell + SIDE], memory[cell + BEST], memory[cell + TRAILING_LEVEL] = 0, 0, 0
        remove(memory, strategy, symbol, OPEN_SYMBOL, N_OPEN)
    if memory[SWEEPS] == 1:
        _sweep(books, bar, strategy)


@compiled
def _note_trade(
    books: Books, bar: int, strategy: int, symbol: int, quantity: int, price: int, notional: int, commission: int,
    entry_notional: int, entry_commission: int, slippage: int, pnl: int, reason: int,
) -> None:  # fmt: skip
    memory = books.memory
    cell = cell_at(memory, strategy, symbol)
    row = books.trades[memory[N_TRADES]]
    row["strategy"] = strategy
    row["symbol"] = symbol
    row["entry_bar"] = memory[cell + ENTRY_BAR]
    row["exit_bar"] = bar
    row["quantity"] = quantity
    row["entry_price"] = memory[cell + AVERAGE]
    row["exit_price"] = price
    row["entry_notional"] = entry_notional
    row["exit_notional"] = notional
    row["entry_commission"] = entry_commission
    row["exit_commission"] = commission
    row["slippage"] = slippage
    row["pnl"] = pnl
    row["direction"] = memory[cell + SIDE]
    row["reason"] = reason
    memory[N_TRADES] += 1


@compiled
def _sweep(books: Books, bar: int, strategy: int) -> None:
    memory, sleeve = books.memory, strategy_at(strategy)
    gain = memory[sleeve + ALLOCATED] - memory[sleeve + CONTRIBUTED]
    if gain > 0:
        memory[sleeve + ALLOCATED] -= gain
        memory[sleeve + CASH] -= gain
        grow(memory, RESERVE, gain, strategy, -1)
        note(books, bar, _SWEEP, _NONE, strategy, -1, 0, 0, 0, gain, 0)
