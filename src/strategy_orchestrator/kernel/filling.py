"""The orders of a strategy at the bar of their fill: target weights made quantities, exits, entries."""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.books import blame, enter, leave, list_open, note
from strategy_orchestrator.kernel.checked import OVERFLOW, add, round_down, shift, take_weight, value_at
from strategy_orchestrator.kernel.compiled import compiled, prefetch
from strategy_orchestrator.kernel.layout import (
    NO_ORDER,
    TO_END_HOLDING,
    TO_END_RUIN,
    TO_ENTER,
    TO_REVERSE,
    TO_WEIGHT,
    Books,
    Market,
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
def value_at_fill(books: Books, references: IntArray, local: int, strategy: int, symbol: int) -> int:
    """Return the market value of an open position at the price of fills, or at the last known close."""
    price = references[local, symbol]
    if price == 0:
        price = books.closes[symbol]
    value = value_at(books.cells[strategy, symbol]["quantity"], price)
    if value == OVERFLOW:
        blame(books.run[0], _OVERFLOW, strategy, symbol)
        return 0
    return value


@compiled
def set_targets(books: Books, references: IntArray, bar: int, strategy: int) -> int:
    """Turn the target weights of a strategy that can fill into quantities, before anything of this bar fills."""
    run = books.run[0]
    local = bar - run["first_bar"]
    equity, is_known = 0, False
    for place in range(books.strategies[strategy]["n_orders"]):
        symbol = books.order_symbols[strategy, place]
        cell, price = books.cells[strategy, symbol], references[local, symbol]
        if cell["order"] != TO_WEIGHT or price == 0:
            continue
        if not is_known:
            equity, is_known = _equity_at_fill(books, references, local, strategy), True
        lot = books.symbols[symbol]["lot"]
        cell["wanted"] = target_quantity(cell["order_weight"], equity, price, lot)
        if cell["wanted"] == OVERFLOW:
            return blame(run, _OVERFLOW, strategy, symbol)
    return run["fault"]


@compiled
def _equity_at_fill(books: Books, references: IntArray, local: int, strategy: int) -> int:
    sleeve = books.sleeves[strategy]
    equity = sleeve["cash"]
    for place in range(list_open(books, strategy)):
        symbol = books.open_symbols[strategy, place]
        side = books.cells[strategy, symbol]["side"]
        equity = add(equity, side * value_at_fill(books, references, local, strategy, symbol))
    if equity == OVERFLOW:
        blame(books.run[0], _OVERFLOW, strategy, -1)
    return equity


@compiled
def _fetch_bars(books: Books, market: Market, references: IntArray, local: int, strategy: int) -> None:
    # The prices of a few among many symbols come from afar: all at once they take hardly longer than one.
    for place in range(books.strategies[strategy]["n_orders"]):
        symbol = books.order_symbols[strategy, place]
        prefetch(references, local, symbol)
        prefetch(market.low, local, symbol)
        prefetch(market.high, local, symbol)


@compiled
def fill_exits(books: Books, market: Market, references: IntArray, bar: int, strategy: int) -> int:
    """Close and reduce what a strategy has orders for; an order that has nothing left to open is done."""
    run = books.run[0]
    local = bar - run["first_bar"]
    _fetch_bars(books, market, references, local, strategy)
    for place in range(books.strategies[strategy]["n_orders"]):
        symbol = books.order_symbols[strategy, place]
        cell, price = books.cells[strategy, symbol], references[local, symbol]
        order, held = cell["order"], cell["quantity"]
        if price == 0 or order == TO_ENTER:
            continue
        quantity, is_done = held, order != TO_REVERSE
        if order == TO_WEIGHT:
            wanted = cell["wanted"]
            stays = wanted * cell["side"] > 0
            quantity = max(held - abs(wanted), 0) if stays else held
            is_done = abs(wanted) == held - quantity and (stays or wanted == 0)
        if quantity > 0:
            steps = slippage_at(market.slippage, local, symbol)
            leave(books, market, bar, strategy, symbol, quantity, price, steps, _reason_of(order))
        if is_done:
            cell["order"] = NO_ORDER
    _forget_done(books, strategy)
    return run["fault"]


@compiled
def _reason_of(order: int) -> int:
    if order < TO_END_HOLDING:
        return _STRATEGY_SIGNAL
    if order == TO_END_HOLDING:
        return _MAX_HOLDING
    return _RUIN if order == TO_END_RUIN else _QUARANTINE


@compiled
def _forget_done(books: Books, strategy: int) -> None:
    rule, kept = books.strategies[strategy], 0
    for place in range(rule["n_orders"]):
        symbol = books.order_symbols[strategy, place]
        if books.cells[strategy, symbol]["order"] != NO_ORDER:
            books.order_symbols[strategy, kept] = symbol
            kept += 1
    rule["n_orders"] = kept


@compiled
def fill_entries(books: Books, market: Market, references: IntArray, bar: int, strategy: int) -> int:
    """Open and add what a strategy has orders for, each within its budget; pauses where the strategy sizes itself."""
    run = books.run[0]
    local = bar - run["first_bar"]
    for place in range(books.strategies[strategy]["n_orders"]):
        symbol = books.order_symbols[strategy, place]
        cell, reference = books.cells[strategy, symbol], references[local, symbol]
        order = cell["order"]
        # An order that filled before a pause is still in the list.
        if reference == 0 or order == NO_ORDER:
            continue
        direction = cell["order_direction"]
        if order == TO_WEIGHT:
            direction = 1 if cell["wanted"] > 0 else -1
        price = shift(reference, direction, slippage_at(market.slippage, local, symbol))
        if price <= 0:
            return blame(run, _PRICE_BELOW_QUANTUM if price == 0 else _OVERFLOW, strategy, symbol)
        slot = 0
        if order != TO_WEIGHT:
            slot = _slot_of(books, market.sizer, local, strategy, symbol)
        if _enter(books, market, bar, strategy, symbol, direction, price, reference, slot) == _ASK_SIZE:
            return _ASK_SIZE
        if run["fault"] != 0:
            return run["fault"]
        cell["order"] = NO_ORDER
    _forget_done(books, strategy)
    return _RUNNING


@compiled
def _slot_of(books: Books, sizer: IntArray, local: int, strategy: int, symbol: int) -> int:
    # A sleeve that owes more than it was given offers nothing.
    run = books.run[0]
    allocated = max(books.sleeves[strategy]["allocated"], 0)
    if sizer.shape[0] == 0:
        return round_down(allocated, run["n_symbols"])
    slot, _ = take_weight(allocated, sizer[local, symbol])
    return slot


@compiled
def _enter(
    books: Books, market: Market, bar: int, strategy: int, symbol: int, direction: int, price: int, reference: int,
    slot: int,
) -> int:  # fmt: skip
    # Three kinds of entry: as much as the slot pays for, what a target weight lacks, what the strategy itself says.
    run = books.run[0]
    cell, sleeve, terms = books.cells[strategy, symbol], books.sleeves[strategy], books.symbols[symbol]
    available = sleeve["allocated"] - sleeve["used"]
    is_target = cell["order"] == TO_WEIGHT
    budget = available if is_target else min(slot, available)
    wanted = abs(cell["wanted"]) - cell["quantity"] if is_target else 0
    is_sized = is_target
    if books.strategies[strategy]["sizes"] == 1 and not is_target and budget > 0:
        if run["is_answered"] == 0:
            run["at_strategy"], run["at_symbol"] = strategy, symbol
            run["at_price"], run["at_amount"] = price, budget
            return _ASK_SIZE
        run["is_answered"] = 0
        wanted, is_sized = round_down(run["answer"], terms["lot"]) * terms["lot"], True
    quantity = 0
    if available > 0 and is_sized:
        quantity = affordable(terms, price, wanted, budget)
    elif available > 0:
        quantity = largest_entry(terms, price, budget)
    if quantity == OVERFLOW:
        blame(run, _OVERFLOW, strategy, symbol)
    elif quantity == 0:
        reason = _NO_CASH if available <= 0 else _CAPITAL
        if available > 0 and wanted == 0 and (is_sized or budget == slot):
            reason = _BELOW_LOT
        run["n_blocks"] += 1
        note(books, bar, _BLOCKED, reason, strategy, symbol, direction, wanted, price, max(budget, 0), 0)
    else:
        enter(books, market, bar, strategy, symbol, direction, quantity, price, reference)
        if quantity < wanted or (not is_sized and budget < slot):
            note(books, bar, _CUT, _CAPITAL, strategy, symbol, direction, quantity, price, budget, 0)
    return _RUNNING
