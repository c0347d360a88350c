"""The two kinds of fill, and the lists of what is open and ordered; when and why a fill happens is others' matter."""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.checked import (
    OVERFLOW,
    add,
    fits,
    move,
    multiply_divide,
    multiply_price,
    nearest_even,
    round_down,
    shift,
    take_fraction,
    value_at,
)
from strategy_orchestrator.kernel.compiled import compiled
from strategy_orchestrator.kernel.layout import (
    NO_ORDER,
    TO_REVERSE,
    Books,
    Market,
    Record,
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
_FILL_OUTSIDE_BAR = int(Status.FILL_OUTSIDE_BAR)
_LEFT_BEFORE_ENTERED = int(Status.LEFT_BEFORE_ENTERED)


@compiled
def note(
    books: Books, bar: int, kind: int, reason: int, strategy: int, symbol: int, direction: int, quantity: int,
    price: int, amount: int, commission: int,
) -> None:  # fmt: skip
    """Write one row of the record."""
    run = books.run[0]
    row = books.decisions[run["n_decisions"]]
    row["bar"] = bar
    row["strategy"] = strategy
    row["symbol"] = symbol
    row["kind"] = kind
    row["reason"] = reason
    row["direction"] = direction
    row["padding"] = 0
    row["quantity"] = quantity
    row["price"] = price
    row["amount"] = amount
    row["commission"] = commission
    run["n_decisions"] += 1


@compiled
def blame(run: Record, status: int, strategy: int, symbol: int) -> int:
    """Keep the first thing that is wrong and return it; the stage that sees it stops the loop."""
    if run["fault"] == 0:
        run["fault"], run["at_strategy"], run["at_symbol"] = status, strategy, symbol
    return run["fault"]


@compiled
def blame_us(run: Record, status: int, strategy: int, symbol: int, found: int, expected: int) -> None:
    """Keep a promise of ours that is broken, with both sides of it."""
    if run["fault"] == 0:
        run["at_price"], run["at_amount"] = found, expected
        blame(run, status, strategy, symbol)


@compiled
def _check_fill(books: Books, market: Market, bar: int, strategy: int, symbol: int, price: int) -> None:
    # A real check, at every fill of every run: the price before slippage is one of the bar.
    run, local = books.run[0], bar - books.run[0]["first_bar"]
    low, high = market.low[local, symbol], market.high[local, symbol]
    if low == 0:
        low, high = books.closes[symbol], books.closes[symbol]
    if price < low or price > high:
        blame_us(run, _FILL_OUTSIDE_BAR, strategy, symbol, price, low if price < low else high)


@compiled
def total_of(run: Record, left: int, right: int, strategy: int, symbol: int) -> int:
    """Add two amounts of any sign, or blame the cell for a sum that does not fit."""
    total = add(left, right)
    if total == OVERFLOW:
        blame(run, _OVERFLOW, strategy, symbol)
        return 0
    return total


@compiled
def commission_of(terms: Record, quantity: int, notional: int) -> int:
    """Return the commission of one fill: three parts, rounded half to even once; `OVERFLOW` if it does not fit."""
    total, rest = terms["per_trade"], 0
    if terms["per_share"] == 0 and terms["rate_top"] > 0 and fits(notional, terms["rate_top"]):
        whole, rest = multiply_divide(notional, terms["rate_top"], terms["rate_bottom"])
        total = add(total, whole)
        return total if total == OVERFLOW else nearest_even(total, rest, terms["rate_bottom"])
    if terms["per_share"] > 0:
        whole, part = multiply_price(quantity, terms["per_share"])
        total, rest = add(total, whole), part * SCALE
    if terms["per_notional"] > 0:
        whole, part = take_fraction(notional, terms["per_notional"])
        total, rest = add(total, whole), rest + part
    if rest == 0:
        return total
    carried = round_down(rest, FRACTION_SCALE)
    total = add(total, carried)
    if total == OVERFLOW:
        return OVERFLOW
    return nearest_even(total, rest - carried * FRACTION_SCALE, FRACTION_SCALE)


@compiled
def insert(symbols: IntArray, strategy: int, count: int, symbol: int) -> int:
    """Put a symbol into a rising list of a strategy, in which it is not; return the new length."""
    place = _place_of(symbols, strategy, count, symbol)
    # Loops that do nothing but move are moved as one block.
    for other in range(count, place, -1):
        symbols[strategy, other] = symbols[strategy, other - 1]
    symbols[strategy, place] = symbol
    return count + 1


@compiled
def list_open(books: Books, strategy: int) -> int:
    """Bring the list of open positions of a strategy up to date, and return its length.

    It is made when it is looked at, for most strategies hold and trade without anybody looking. What is left meanwhile
    stays in it, so that a walk along the list can close what it comes by.
    """
    rule, count = books.strategies[strategy], 0
    if rule["is_listed"] == 0:
        for symbol in range(books.run[0]["n_symbols"]):
            if books.held[strategy, symbol] != 0:
                books.open_symbols[strategy, count] = symbol
                count += 1
        rule["is_listed"] = 1
    return books.sleeves[strategy]["n_open"]


@compiled
def remove(symbols: IntArray, strategy: int, count: int, symbol: int) -> int:
    """Take a symbol out of a rising list of a strategy, in which it is; return the new length."""
    for place in range(_place_of(symbols, strategy, count, symbol), count - 1):
        symbols[strategy, place] = symbols[strategy, place + 1]
    return count - 1


@compiled
def _place_of(symbols: IntArray, strategy: int, count: int, symbol: int) -> int:
    # The first place in a rising list that does not come before a symbol; lists are mostly filled in their order.
    if count == 0 or symbols[strategy, count - 1] < symbol:
        return count
    # Halved without a branch, for there is no guessing which half it is: it lies at `first` or behind, within `left`.
    first, left = 0, count
    while left > 1:
        half = left >> 1
        first += half * (symbols[strategy, first + half - 1] < symbol)
        left -= half
    return first


@compiled
def give_order(books: Books, strategy: int, symbol: int, order: int) -> None:
    """Give a cell an order, in place of one that waits."""
    run, cell, rule = books.run[0], books.cells[strategy, symbol], books.strategies[strategy]
    if cell["order"] == NO_ORDER:
        if rule["is_busy"] == 0:
            run["n_busy"], rule["is_busy"] = insert(books.busy, 0, run["n_busy"], strategy), 1
        rule["n_orders"] = insert(books.order_symbols, strategy, rule["n_orders"], symbol)
    cell["order"] = order


@compiled
def order_side(cell: Record) -> int:
    """Return the direction in which an order trades; 0 where that is known at its fill only."""
    return cell["order_direction"] if cell["order"] <= TO_REVERSE else 0


@compiled
def drop_order(books: Books, bar: int, strategy: int, symbol: int, reason: int) -> None:
    """Take back an order that waits, and record why."""
    cell, rule = books.cells[strategy, symbol], books.strategies[strategy]
    note(books, bar, _DROPPED, reason, strategy, symbol, order_side(cell), 0, 0, 0, 0)
    cell["order"] = NO_ORDER
    rule["n_orders"] = remove(books.order_symbols, strategy, rule["n_orders"], symbol)


@compiled
def forget_idle(books: Books) -> None:
    """Take the strategies that have no orders any more out of the list of those with orders."""
    run, kept = books.run[0], 0
    for place in range(run["n_busy"]):
        strategy = books.busy[0, place]
        rule = books.strategies[strategy]
        if rule["n_orders"] > 0:
            books.busy[0, kept] = strategy
            kept += 1
        else:
            rule["is_busy"] = 0
    run["n_busy"] = kept


@compiled
def _set_levels(run: Record, rule: Record, cell: Record, strategy: int, symbol: int) -> None:
    # What follows from the average entry price; a short's target at or below zero is never reached.
    average, side = cell["average"], cell["side"]
    stop, target = 0, 0
    if rule["stop_loss"] > 0:
        stop = shift(average, -side, rule["stop_loss"])
    if rule["take_profit"] > 0:
        target = shift(average, side, rule["take_profit"])
    if stop == OVERFLOW or target == OVERFLOW:
        blame(run, _OVERFLOW, strategy, symbol)
    cell["stop_level"], cell["target_level"] = stop, max(target, 0)


@compiled
def follow_best(books: Books, strategy: int, symbol: int, price: int) -> None:
    """Remember the best price of a position, and the level that trails it."""
    cell, steps = books.cells[strategy, symbol], books.strategies[strategy]["trailing_stop"]
    side, best = cell["side"], cell["best"]
    if steps > 0 and (best == 0 or side * (price - best) > 0):
        cell["best"], cell["trailing_level"] = price, shift(price, -side, steps)
        if cell["trailing_level"] == OVERFLOW:
            blame(books.run[0], _OVERFLOW, strategy, symbol)


@compiled
def enter(
    books: Books, market: Market, bar: int, strategy: int, symbol: int, direction: int, quantity: int, price: int,
    reference: int,
) -> None:  # fmt: skip
    """Open a position or add to it at a fill price; the sleeve can pay for it.

    Parameters
    ----------
    reference : int
        Price before slippage.
    """
    run, cell, sleeve = books.run[0], books.cells[strategy, symbol], books.sleeves[strategy]
    _check_fill(books, market, bar, strategy, symbol, reference)
    notional = value_at(quantity, price)
    commission = commission_of(books.symbols[symbol], quantity, notional)
    slippage = abs(notional - value_at(quantity, reference))
    flow = -direction * notional - commission
    sleeve["cash"] = total_of(run, sleeve["cash"], flow, strategy, symbol)
    run["paid_away"] = total_of(run, run["paid_away"], -flow, strategy, symbol)
    sleeve["used"] = total_of(run, sleeve["used"], notional + commission, strategy, symbol)
    sleeve["is_stale"] = 1
    if direction < 0:
        sleeve["shorted"] = total_of(run, sleeve["shorted"], notional, strategy, symbol)
    if cell["quantity"] == 0:
        sleeve["n_open"] += 1
        books.strategies[strategy]["is_listed"] = 0
        cell["side"], cell["average"], cell["entry_bar"] = direction, price, bar
        follow_best(books, strategy, symbol, price)
    else:
        cell["average"] = _average(cell, books.symbols[symbol]["lot"], quantity, price)
    cell["quantity"] = total_of(run, cell["quantity"], quantity, strategy, symbol)
    _hold(books, strategy, symbol, direction)
    cell["notional"] = total_of(run, cell["notional"], notional, strategy, symbol)
    cell["commission"] += commission
    cell["slippage"] += slippage
    _set_levels(run, books.strategies[strategy], cell, strategy, symbol)
    note(books, bar, _ENTRY, _STRATEGY_SIGNAL, strategy, symbol, direction, quantity, price, notional, commission)


@compiled
def _hold(books: Books, strategy: int, symbol: int, side: int) -> None:
    run, held = books.run[0], books.cells[strategy, symbol]["quantity"]
    if run["whole_lots"] == 1:
        held = round_down(held, SCALE)
    books.held[strategy, symbol] = side * held
    run["most_held"] = max(run["most_held"], held)


@compiled
def _average(cell: Record, lot: int, added: int, price: int) -> int:
    # Counted in lots, which keeps the product small.
    average, added_lots = cell["average"], round_down(added, lot)
    lots = added_lots + round_down(cell["quantity"], lot)
    whole, rest = multiply_divide(abs(price - average), added_lots, lots)
    return move(average, 1 if price >= average else -1, whole, rest, lots)


@compiled
def leave(
    books: Books, market: Market, bar: int, strategy: int, symbol: int, quantity: int, reference: int, steps: int,
    reason: int,
) -> None:  # fmt: skip
    """Reduce a position or close it, book the profit, and sweep it if that is the policy.

    Parameters
    ----------
    reference : int
        Price before slippage.
    steps : int
        Slippage, steps of 10⁻¹².
    """
    run, cell, sleeve = books.run[0], books.cells[strategy, symbol], books.sleeves[strategy]
    side = cell["side"]
    _check_fill(books, market, bar, strategy, symbol, reference)
    if bar < cell["entry_bar"]:
        blame_us(run, _LEFT_BEFORE_ENTERED, strategy, symbol, 0, 0)
    price = shift(reference, -side, steps)
    notional = value_at(quantity, max(price, 0))
    commission = commission_of(books.symbols[symbol], quantity, max(notional, 0))
    if price <= 0 or notional == OVERFLOW or commission == OVERFLOW:
        blame(run, _PRICE_BELOW_QUANTUM if price == 0 else _OVERFLOW, strategy, symbol)
        return
    # What rounding leaves of a partial exit stays with the position.
    freed, freed_commission, slippage = cell["notional"] + cell["commission"], cell["commission"], cell["slippage"]
    if quantity < cell["quantity"]:
        lot = books.symbols[symbol]["lot"]
        lots, held = round_down(quantity, lot), round_down(cell["quantity"], lot)
        freed, _ = multiply_divide(freed, lots, held)
        freed_commission, _ = multiply_divide(freed_commission, lots, held)
        slippage, _ = multiply_divide(slippage, lots, held)
    freed_notional = freed - freed_commission
    flow = side * notional - commission
    pnl = side * (notional - freed_notional) - freed_commission - commission
    sleeve["cash"] = total_of(run, sleeve["cash"], flow, strategy, symbol)
    run["paid_away"] = total_of(run, run["paid_away"], -flow, strategy, symbol)
    sleeve["allocated"] = total_of(run, sleeve["allocated"], pnl, strategy, symbol)
    sleeve["used"] -= freed
    sleeve["is_stale"] = 1
    if freed + pnl < 0:
        books.strategies[strategy]["may_owe"] = 1
    if side < 0:
        sleeve["shorted"] -= freed_notional
    cell["slippage"] -= slippage
    slippage += abs(notional - value_at(quantity, reference))
    note(books, bar, _EXIT, reason, strategy, symbol, -side, quantity, price, notional, commission)
    _note_trade(
        books, bar, strategy, symbol, quantity, price, notional, commission, freed_notional, freed_commission,
        slippage, pnl, reason,
    )  # fmt: skip
    cell["quantity"] -= quantity
    _hold(books, strategy, symbol, side)
    cell["notional"] -= freed_notional
    cell["commission"] -= freed_commission
    if cell["quantity"] == 0:
        cell["side"], cell["best"], cell["trailing_level"] = 0, 0, 0
        sleeve["n_open"] -= 1
        books.strategies[strategy]["is_listed"] = 0
    if run["sweeps"] == 1:
        _sweep(books, bar, strategy)


@compiled
def _note_trade(
    books: Books, bar: int, strategy: int, symbol: int, quantity: int, price: int, notional: int, commission: int,
    entry_notional: int, entry_commission: int, slippage: int, pnl: int, reason: int,
) -> None:  # fmt: skip
    run, cell = books.run[0], books.cells[strategy, symbol]
    row = books.trades[run["n_trades"]]
    row["strategy"] = strategy
    row["symbol"] = symbol
    row["entry_bar"] = cell["entry_bar"]
    row["exit_bar"] = bar
    row["quantity"] = quantity
    row["entry_price"] = cell["average"]
    row["exit_price"] = price
    row["entry_notional"] = entry_notional
    row["exit_notional"] = notional
    row["entry_commission"] = entry_commission
    row["exit_commission"] = commission
    row["slippage"] = slippage
    row["pnl"] = pnl
    row["direction"] = cell["side"]
    row["reason"] = reason
    row["padding"], row["padding_"] = 0, 0
    run["n_trades"] += 1


@compiled
def _sweep(books: Books, bar: int, strategy: int) -> None:
    run, sleeve = books.run[0], books.sleeves[strategy]
    gain = sleeve["allocated"] - books.strategies[strategy]["contributed"]
    if gain > 0:
        sleeve["allocated"] -= gain
        sleeve["cash"] -= gain
        run["reserve"] = total_of(run, run["reserve"], gain, strategy, -1)
        note(books, bar, _SWEEP, _NONE, strategy, -1, 0, 0, 0, gain, 0)
