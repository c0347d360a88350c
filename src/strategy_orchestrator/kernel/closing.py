"""The close of a bar: marking to market, ruin, the end of the data, the record, and what must always hold."""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.books import (
    blame,
    blame_us,
    drop_order,
    forget_idle,
    give_order,
    leave,
    list_open,
    note,
    order_side,
)
from strategy_orchestrator.kernel.checked import OVERFLOW, add, fits, value_at
from strategy_orchestrator.kernel.compiled import compiled
from strategy_orchestrator.kernel.filling import slippage_at
from strategy_orchestrator.kernel.layout import (
    NO_ORDER,
    RUINED,
    TO_END_RUIN,
    Books,
    Curves,
    Market,
    Record,
)
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import DecisionKind, Reason
from strategy_orchestrator.money import SCALE

_EXPIRED = int(DecisionKind.EXPIRED)
_RUIN = int(DecisionKind.RUIN)
_NONE = int(Reason.NONE)
_OF_RUIN = int(Reason.RUIN)
_END_OF_DATA = int(Reason.END_OF_DATA)
_OVERFLOW = int(Status.OVERFLOW)
_MONEY_NOT_CONSERVED = int(Status.MONEY_NOT_CONSERVED)
_OVERSPENT = int(Status.OVERSPENT)
_CASH_APART = int(Status.CASH_APART)
_RESERVE_NEGATIVE = int(Status.RESERVE_NEGATIVE)

# The list of open positions is followed where it is shorter than this part of all symbols.
_SPARSE = 16


@compiled
def remember_closes(books: Books, closes: IntArray, bar: int) -> None:
    """Take the closes of a bar as the last known ones."""
    run = books.run[0]
    local, highest = bar - run["first_bar"], run["highest_close"]
    for symbol in range(run["n_symbols"]):
        close = closes[local, symbol]
        books.closes[symbol] = close if close > 0 else books.closes[symbol]
        highest = max(highest, close)
    run["highest_close"] = highest


@compiled
def mark_all(books: Books) -> int:
    """Value every sleeve at the last known closes; the ruin of one is the matter of another stage."""
    run = books.run[0]
    is_safe = _no_sum_overflows(run)
    for strategy in range(run["n_strategies"]):
        _mark(books, strategy, is_safe)
        if books.sleeves[strategy]["equity"] <= 0:
            run["ruins"] = 1
    return run["fault"]


@compiled
def _no_sum_overflows(run: Record) -> bool:
    # Of whole units: the most that all positions of a sleeve can come to fits twice.
    most, price = run["most_held"], run["highest_close"]
    return run["whole_lots"] == 1 and fits(most, price) and fits(most * price, 2 * run["n_symbols"])


@compiled
def _mark(books: Books, strategy: int, is_safe: bool) -> None:
    sleeve = books.sleeves[strategy]
    if sleeve["n_open"] == 0:
        sleeve["equity"], sleeve["gross"], sleeve["is_stale"] = sleeve["cash"], 0, 0
    elif is_safe:
        _mark_at_once(books, strategy)
    else:
        _mark_carefully(books, strategy)


@compiled
def _mark_at_once(books: Books, strategy: int) -> None:
    run, sleeve = books.run[0], books.sleeves[strategy]
    gross, net = 0, 0
    if sleeve["n_open"] * _SPARSE < run["n_symbols"]:
        for place in range(list_open(books, strategy)):
            symbol = books.open_symbols[strategy, place]
            value = books.held[strategy, symbol] * books.closes[symbol]
            gross, net = gross + abs(value), net + value
    else:
        # What is not held adds nothing, and without a list in between several are valued at once.
        for symbol in range(run["n_symbols"]):
            value = books.held[strategy, symbol] * books.closes[symbol]
            gross, net = gross + abs(value), net + value
    equity = add(sleeve["cash"], net)
    if equity == OVERFLOW:
        blame(run, _OVERFLOW, strategy, -1)
        return
    sleeve["equity"], sleeve["gross"], sleeve["is_stale"] = equity, gross, 0


@compiled
def _mark_carefully(books: Books, strategy: int) -> None:
    run, sleeve = books.run[0], books.sleeves[strategy]
    step = SCALE if run["whole_lots"] == 1 else 1
    equity, gross = sleeve["cash"], 0
    for place in range(list_open(books, strategy)):
        symbol = books.open_symbols[strategy, place]
        held = books.held[strategy, symbol]
        value = value_at(abs(held) * step, books.closes[symbol])
        if value == OVERFLOW:
            blame(run, _OVERFLOW, strategy, symbol)
            return
        gross, equity = add(gross, value), add(equity, value if held > 0 else -value)
    if gross == OVERFLOW or equity == OVERFLOW:
        blame(run, _OVERFLOW, strategy, -1)
        return
    sleeve["equity"], sleeve["gross"], sleeve["is_stale"] = equity, gross, 0


@compiled
def end_if_ruined(books: Books, bar: int, strategy: int) -> None:
    """End the trading of a sleeve that is worth nothing."""
    rule = books.strategies[strategy]
    if books.sleeves[strategy]["equity"] <= 0 and rule["standing"] & RUINED == 0:
        rule["standing"] |= RUINED
        silence(books, bar, strategy, _RUIN, _OF_RUIN, TO_END_RUIN)


@compiled
def silence(books: Books, bar: int, strategy: int, kind: int, reason: int, order: int) -> None:
    """Drop the orders of a strategy and have every position closed by an order of the given kind."""
    rule = books.strategies[strategy]
    note(books, bar, kind, _NONE, strategy, -1, 0, 0, 0, books.sleeves[strategy]["equity"], 0)
    while rule["n_orders"] > 0:
        drop_order(books, bar, strategy, books.order_symbols[strategy, 0], reason)
    for place in range(list_open(books, strategy)):
        give_order(books, strategy, books.open_symbols[strategy, place], order)


@compiled
def expire(books: Books, bar: int, strategy: int) -> None:
    """Record the orders of a strategy that can no longer fill; the place after the last is the rebalance."""
    run = books.run[0]
    if strategy == run["n_strategies"]:
        if run["is_pending"] == 1:
            run["is_pending"] = 0
            note(books, bar, _EXPIRED, _NONE, -1, -1, 0, 0, 0, 0, 0)
        return
    rule = books.strategies[strategy]
    for place in range(rule["n_orders"]):
        symbol = books.order_symbols[strategy, place]
        cell = books.cells[strategy, symbol]
        note(books, bar, _EXPIRED, _NONE, strategy, symbol, order_side(cell), 0, 0, 0, 0)
        cell["order"] = NO_ORDER
    rule["n_orders"] = 0


@compiled
def close_all(books: Books, market: Market, bar: int, strategy: int) -> int:
    """Close what a strategy holds at the last known closes."""
    run = books.run[0]
    for place in range(list_open(books, strategy)):
        symbol = books.open_symbols[strategy, place]
        steps = slippage_at(market.slippage, bar - run["first_bar"], symbol)
        quantity = books.cells[strategy, symbol]["quantity"]
        price = books.closes[symbol]
        leave(books, market, bar, strategy, symbol, quantity, price, steps, _END_OF_DATA)
        if run["fault"] != 0:
            break
    return run["fault"]


@compiled
def record(books: Books, curves: Curves, bar: int) -> int:
    """Write down equity and market value of every sleeve, and the reserve; check the books, and forget the signals."""
    run = books.run[0]
    run["n_signals"], run["signal_cursor"], run["n_contested"], run["ruins"] = 0, 0, 0, 0
    forget_idle(books)
    local, equity, gross = bar - run["first_bar"], run["reserve"], 0
    money, is_safe = add(run["reserve"], run["paid_away"]), _no_sum_overflows(run)
    for strategy in range(run["n_strategies"]):
        sleeve = books.sleeves[strategy]
        if sleeve["is_stale"] == 1:
            _mark(books, strategy, is_safe)
        its_equity, its_gross = sleeve["equity"], sleeve["gross"]
        curves.equity[local, strategy], curves.gross[local, strategy] = its_equity, its_gross
        equity, gross = add(equity, its_equity), add(gross, its_gross)
        money = add(money, sleeve["cash"])
        _check_sleeve(books, strategy)
    curves.reserve[local] = run["reserve"]
    # The sums of the whole are made later, without a look at what they come to.
    if equity == OVERFLOW or gross == OVERFLOW:
        blame(run, _OVERFLOW, -1, -1)
    if run["reserve"] < 0:
        blame_us(run, _RESERVE_NEGATIVE, -1, -1, run["reserve"], 0)
    if money != run["capital"]:
        blame_us(run, _MONEY_NOT_CONSERVED, -1, -1, money, run["capital"])
    return run["fault"]


@compiled
def _check_sleeve(books: Books, strategy: int) -> None:
    # Real checks, at every bar of every run: whoever breaks a promise is blamed with both sides.
    run, sleeve = books.run[0], books.sleeves[strategy]
    available = sleeve["allocated"] - sleeve["used"]
    if available < 0 and books.strategies[strategy]["may_owe"] == 0:
        blame_us(run, _OVERSPENT, strategy, -1, sleeve["used"], sleeve["allocated"])
    # A short's proceeds lie in cash and as much again is held back for it; without shorts, available is cash.
    expected = available + 2 * sleeve["shorted"]
    if sleeve["cash"] != expected:
        blame_us(run, _CASH_APART, strategy, -1, sleeve["cash"], expected)
