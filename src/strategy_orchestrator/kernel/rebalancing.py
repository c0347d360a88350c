"""Money moved between sleeves: when, how much, and the sales and transfers that follow."""

from __future__ import annotations

from strategy_orchestrator.arrays import AnyArray, IntArray
from strategy_orchestrator.kernel.books import blame, leave, list_open, note, total_of
from strategy_orchestrator.kernel.checked import OVERFLOW, add, multiply_divide, round_down, take_weight, weigh
from strategy_orchestrator.kernel.compiled import compiled
from strategy_orchestrator.kernel.filling import slippage_at, value_at_fill
from strategy_orchestrator.kernel.layout import (
    ACTIVE,
    ASK_REBALANCER,
    NEVER,
    Books,
    Market,
)
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import DecisionKind, Reason
from strategy_orchestrator.money import WEIGHT_SCALE

_KIND_REBALANCE = int(DecisionKind.REBALANCE)
_KIND_TRANSFER = int(DecisionKind.TRANSFER)
_NONE = int(Reason.NONE)
_REBALANCE = int(Reason.REBALANCE)
_RUNNING = int(Status.RUNNING)
_ASK = int(Status.ASK_REBALANCER)
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def decide_rebalance(books: Books, scheduled: AnyArray, bar: int) -> int:
    """Decide at the close whether sleeves must return to their weights, and fix the amounts."""
    run = books.run[0]
    if run["rebalances"] == NEVER or run["is_pending"] == 1:
        return _RUNNING
    total, n_members = run["reserve"], 0
    for strategy in range(run["n_strategies"]):
        if books.strategies[strategy]["standing"] == ACTIVE:
            n_members += 1
            total = add(total, books.sleeves[strategy]["equity"])
    if total == OVERFLOW:
        return blame(run, _OVERFLOW, -1, -1)
    if n_members == 0 or total <= 0:
        return _RUNNING
    is_asked = run["rebalances"] == ASK_REBALANCER
    if run["is_answered"] == 0:
        is_due = run["threshold"] >= 0 and _has_drifted(books, total)
        if is_asked and scheduled.shape[0] > 0 and scheduled[bar - run["first_bar"]]:
            is_due = True
        if not is_due:
            return _RUNNING
        if is_asked:
            return _ASK
    run["is_answered"] = 0
    note(books, bar, _KIND_REBALANCE, _NONE, -1, -1, 0, 0, 0, total, 0)
    _fix_amounts(books, total, is_asked)
    return _RUNNING


@compiled
def _has_drifted(books: Books, total: int) -> bool:
    run = books.run[0]
    limit, limit_rest = take_weight(total, run["threshold"])
    reserve_weight = WEIGHT_SCALE
    for strategy in range(run["n_strategies"]):
        rule = books.strategies[strategy]
        if rule["standing"] == ACTIVE:
            reserve_weight -= rule["weight"]
            if _is_beyond(books.sleeves[strategy]["equity"], rule["weight"], total, limit, limit_rest):
                return True
    return _is_beyond(run["reserve"], reserve_weight, total, limit, limit_rest)


@compiled
def _is_beyond(amount: int, weight: int, total: int, limit: int, limit_rest: int) -> bool:
    # |amount - weight × total| > limit, all with their remainders in steps of 10⁻¹⁸, so that a tie is a tie.
    target, rest = take_weight(total, weight)
    apart = amount - target
    if apart > 0:
        over, over_rest = apart - limit, -rest - limit_rest
    else:
        over, over_rest = -apart - limit, rest - limit_rest
    if over >= 2 or over <= -2:
        return over > 0
    return over * WEIGHT_SCALE + over_rest > 0


@compiled
def _fix_amounts(books: Books, total: int, is_asked: bool) -> None:
    run, left = books.run[0], total
    run["is_pending"] = 1
    for strategy in range(run["n_strategies"]):
        rule = books.strategies[strategy]
        rule["excess"], rule["lack"] = 0, 0
        if rule["standing"] == ACTIVE:
            weight, equity = rule["proposal"] if is_asked else rule["weight"], books.sleeves[strategy]["equity"]
            target = weigh(total, weight)
            left -= target
            rule["excess"], rule["lack"] = max(equity - target, 0), max(target - equity, 0)
    run["reserve_excess"] = max(run["reserve"] - left, 0)
    run["reserve_lack"] = max(left - run["reserve"], 0)


@compiled
def sell_for_rebalance(books: Books, market: Market, references: IntArray, bar: int, strategy: int) -> int:
    """Let an overweight sleeve sell of every position, pro rata, what its free cash does not cover."""
    run = books.run[0]
    local, sleeve, excess = bar - run["first_bar"], books.sleeves[strategy], books.strategies[strategy]["excess"]
    shortfall = excess - max(sleeve["allocated"] - sleeve["used"], 0)
    if excess == 0 or shortfall <= 0:
        return _RUNNING
    gross = 0
    n_open = list_open(books, strategy)
    for place in range(n_open):
        gross = add(gross, value_at_fill(books, references, local, strategy, books.open_symbols[strategy, place]))
    if gross == OVERFLOW:
        return blame(run, _OVERFLOW, strategy, -1)
    for place in range(n_open):
        if gross == 0 or run["fault"] != 0:
            break
        symbol = books.open_symbols[strategy, place]
        price, quantity = references[local, symbol], books.cells[strategy, symbol]["quantity"]
        lot = books.symbols[symbol]["lot"]
        held = round_down(quantity, lot)
        # In lots: the floor of a floor is the floor of the whole.
        lots, _ = multiply_divide(held, shortfall, gross)
        if lots == OVERFLOW or lots > held:
            lots = held
        if price > 0 and lots > 0:
            steps = slippage_at(market.slippage, local, symbol)
            leave(books, market, bar, strategy, symbol, lots * lot, price, steps, _REBALANCE)
    return run["fault"]


@compiled
def transfer(books: Books, bar: int) -> int:
    """Move what the overweight can give to the underweight, in proportion to what each lacks."""
    run = books.run[0]
    given, lacking = min(run["reserve_excess"], run["reserve"]), run["reserve_lack"]
    run["reserve_change"] = -given
    for strategy in range(run["n_strategies"]):
        sleeve, rule = books.sleeves[strategy], books.strategies[strategy]
        gift = min(rule["excess"], max(sleeve["allocated"] - sleeve["used"], 0))
        rule["change"] = -gift
        given, lacking = add(given, gift), add(lacking, rule["lack"])
    run["is_pending"] = 0
    if given == OVERFLOW or lacking == OVERFLOW:
        return blame(run, _OVERFLOW, -1, -1)
    if given == 0 or lacking == 0:
        return _RUNNING
    _share(books, given, lacking)
    for strategy in range(run["n_strategies"]):
        sleeve, rule = books.sleeves[strategy], books.strategies[strategy]
        change = rule["change"]
        if change != 0:
            sleeve["cash"] = total_of(run, sleeve["cash"], change, strategy, -1)
            sleeve["allocated"] = total_of(run, sleeve["allocated"], change, strategy, -1)
            rule["contributed"] = total_of(run, rule["contributed"], change, strategy, -1)
            sleeve["is_stale"] = 1
            note(books, bar, _KIND_TRANSFER, _NONE, strategy, -1, 0, 0, 0, change, 0)
    if run["reserve_change"] != 0:
        run["reserve"] += run["reserve_change"]
        note(books, bar, _KIND_TRANSFER, _NONE, -1, -1, 0, 0, 0, run["reserve_change"], 0)
    return run["fault"]


@compiled
def _share(books: Books, given: int, lacking: int) -> None:
    # Exactly: what the floors leave goes to the largest remainders, one unit each, the first of equals.
    run, left = books.run[0], given
    run["reserve_remainder"] = -1
    if run["reserve_lack"] > 0:
        part, rest = multiply_divide(given, run["reserve_lack"], lacking)
        run["reserve_change"], run["reserve_remainder"] = part, rest
        left -= part
    for strategy in range(run["n_strategies"]):
        rule = books.strategies[strategy]
        rule["remainder"] = -1
        if rule["lack"] > 0:
            part, rest = multiply_divide(given, rule["lack"], lacking)
            rule["change"], rule["remainder"] = part, rest
            left -= part
    for _ in range(left):
        first, most = -1, run["reserve_remainder"]
        for strategy in range(run["n_strategies"] - 1, -1, -1):
            if books.strategies[strategy]["remainder"] >= most:
                first, most = strategy, books.strategies[strategy]["remainder"]
        if first < 0:
            run["reserve_change"] += 1
            run["reserve_remainder"] = -1
        else:
            books.strategies[first]["change"] += 1
            books.strategies[first]["remainder"] = -1
