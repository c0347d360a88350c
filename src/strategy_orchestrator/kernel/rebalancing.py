"""Money moved between sleeves: when, how much, and the sales and transfers that follow."""

from __future__ import annotations

from strategy_orchestrator.arrays import AnyArray, IntArray
from strategy_orchestrator.kernel.books import blame, grow, leave, note
from strategy_orchestrator.kernel.checked import OVERFLOW, add, multiply_divide, round_down, take_weight, weigh
from strategy_orchestrator.kernel.compiling import compiled
from strategy_orchestrator.kernel.filling import slippage_at, value_at_fill
from strategy_orchestrator.kernel.layout import (
    ACTIVE,
    ALLOCATED,
    ASK_REBALANCER,
    CASH,
    CHANGE,
    CONTRIBUTED,
    EQUITY,
    EXCESS,
    FAULT,
    FIRST_BAR,
    IS_ANSWERED,
    IS_PENDING,
    IS_STALE,
    LACK,
    LOT,
    N_OPEN,
    N_STRATEGIES,
    NEVER,
    OPEN_SYMBOL,
    PROPOSAL,
    QUANTITY,
    REBALANCES,
    REMAINDER,
    RESERVE,
    RESERVE_CHANGE,
    RESERVE_EXCESS,
    RESERVE_LACK,
    RESERVE_REMAINDER,
    STANDING,
    THRESHOLD,
    USED,
    WEIGHT,
    Books,
    cell_at,
    strategy_at,
    symbol_at,
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
    memory = books.memory
    if memory[REBALANCES] == NEVER or memory[IS_PENDING] == 1:
        return _RUNNING
    total, n_members = memory[RESERVE], 0
    for strategy in range(memory[N_STRATEGIES]):
        if memory[strategy_at(strategy) + STANDING] == ACTIVE:
            n_members += 1
            total = add(total, memory[strategy_at(strategy) + EQUITY])
    if total == OVERFLOW:
        return blame(memory, _OVERFLOW, -1, -1)
    if n_members == 0 or total <= 0:
        return _RUNNING
    is_asked = memory[REBALANCES] == ASK_REBALANCER
    if memory[IS_ANSWERED] == 0:
        is_due = memory[THRESHOLD] >= 0 and _has_drifted(memory, total)
        if is_asked and scheduled.shape[0] > 0 and scheduled[bar - memory[FIRST_BAR]]:
            is_due = True
        if not is_due:
            return _RUNNING
        if is_asked:
            return _ASK
    memory[IS_ANSWERED] = 0
    note(books, bar, _KIND_REBALANCE, _NONE, -1, -1, 0, 0, 0, total, 0)
    _fix_amounts(memory, total, PROPOSAL if is_asked else WEIGHT)
    return _RUNNING


@compiled
def _has_drifted(memory: IntArray, total: int) -> bool:
    limit, limit_rest = take_weight(total, memory[THRESHOLD])
    reserve_weight = WEIGHT_SCALE
    for strategy in range(memory[N_STRATEGIES]):
        sleeve = strategy_at(strategy)
        if memory[sleeve + STANDING] == ACTIVE:
            reserve_weight -= memory[sleeve + WEIGHT]
            if _is_beyond(memory[sleeve + EQUITY], memory[sleeve + WEIGHT], total, limit, limit_rest):
                return True
    return _is_beyond(memory[RESERVE], reserve_weight, total, limit, limit_rest)


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
def _fix_amounts(memory: IntArray, total: int, column: int) -> None:
    left = total
    memory[IS_PENDING] = 1
    for strategy in range(memory[N_STRATEGIES]):
        sleeve = strategy_at(strategy)
        memory[sleeve + EXCESS], memory[sleeve + LACK] = 0, 0
        if memory[sleeve + STANDING] == ACTIVE:
            target, equity = weigh(total, memory[sleeve + column]), memory[sleeve + EQUITY]
            left -= target
            memory[sleeve + EXCESS], memory[sleeve + LACK] = max(equity - target, 0), max(target - equity, 0)
    memory[RESERVE_EXCESS] = max(memory[RESERVE] - left, 0)
    memory[RESERVE_LACK] = max(left - memory[RESERVE], 0)


@compiled
def sell_for_rebalance(books: Books, references: IntArray, slippage: IntArray, bar: int, strategy: int) -> int:
    """Let an overweight sleeve sell of every position, pro rata, what its free cash does not cover."""
    memory = books.memory
    local, sleeve = bar - memory[FIRST_BAR], strategy_at(strategy)
    shortfall = memory[sleeve + EXCESS] - max(memory[sleeve + ALLOCATED] - memory[sleeve + USED], 0)
    if memory[sleeve + EXCESS] == 0 or shortfall <= 0:
        return _RUNNING
    gross = 0
    for place in range(memory[sleeve + N_OPEN]):
        gross = add(gross, value_at_fill(memory, references, local, strategy, place))
    if gross == OVERFLOW:
        return blame(memory, _OVERFLOW, strategy, -1)
    place = 0
    while place < memory[sleeve + N_OPEN] and gross > 0 and memory[FAULT] == 0:
        symbol = memory[cell_at(memory, strategy, place) + OPEN_SYMBOL]
        price, quantity = references[local, symbol], memory[cell_at(memory, strategy, symbol) + QUANTITY]
        lot = memory[symbol_at(memory, symbol) + LOT]
        held = round_down(quantity, lot)
        # In lots: the floor of a floor is the floor of the whole.
        lots, _ = multiply_divide(held, shortfall, gross)
        if lots == OVERFLOW or lots > held:
            lots = held
        if price > 0 and lots > 0:
            leave(books, bar, strategy, symbol, lots * lot, price, slippage_at(slippage, local, symbol), _REBALANCE)
        if price == 0 or lots < held:
            place += 1
    return memory[FAULT]


@compiled
def transfer(books: Books, bar: int) -> int:
    """Move what the overweight can give to the underweight, in proportion to what each lacks."""
    memory = books.memory
    given, lacking = min(memory[RESERVE_EXCESS], memory[RESERVE]), memory[RESERVE_LACK]
    memory[RESERVE_CHANGE] = -given
    for strategy in range(memory[N_STRATEGIES]):
        sleeve = strategy_at(strategy)
        gift = min(memory[sleeve + EXCESS], max(memory[sleeve + ALLOCATED] - memory[sleeve + USED], 0))
        memory[sleeve + CHANGE] = -gift
        given, lacking = add(given, gift), add(lacking, memory[sleeve + LACK])
    memory[IS_PENDING] = 0
    if given == OVERFLOW or lacking == OVERFLOW:
        return blame(memory, _OVERFLOW, -1, -1)
    if given == 0 or lacking == 0:
        return _RUNNING
    _share(memory, given, lacking)
    for strategy in range(memory[N_STRATEGIES]):
        sleeve = strategy_at(strategy)
        change = memory[sleeve + CHANGE]
        if change != 0:
            for column in (CASH, ALLOCATED, CONTRIBUTED):
                grow(memory, sleeve + column, change, strategy, -1)
            memory[sleeve + IS_STALE] = 1
            note(books, bar, _KIND_TRANSFER, _NONE, strategy, -1, 0, 0, 0, change, 0)
    if memory[RESERVE_CHANGE] != 0:
        memory[RESERVE] += memory[RESERVE_CHANGE]
        note(books, bar, _KIND_TRANSFER, _NONE, -1, -1, 0, 0, 0, memory[RESERVE_CHANGE], 0)
    return memory[FAULT]


@compiled
def _share(memory: IntArray, given: int, lacking: int) -> None:
    # Exactly: what the floors leave goes to the largest remainders, one unit each, the first of equals.
    left, n_strategies = given, memory[N_STRATEGIES]
    memory[RESERVE_REMAINDER] = -1
    if memory[RESERVE_LACK] > 0:
        part, rest = multiply_divide(given, memory[RESERVE_LACK], lacking)
        memory[RESERVE_CHANGE], memory[RESERVE_REMAINDER] = part, rest
        left -= part
    for strategy in range(n_strategies):
        sleeve = strategy_at(strategy)
        memory[sleeve + REMAINDER] = -1
        if memory[sleeve + LACK] > 0:
            part, rest = multiply_divide(given, memory[sleeve + LACK], lacking)
            memory[sleeve + CHANGE], memory[sleeve + REMAINDER] = part, rest
            left -= part
    for _ in range(left):
        change, remainder = RESERVE_CHANGE, RESERVE_REMAINDER
        for strategy in range(n_strategies - 1, -1, -1):
            sleeve = strategy_at(strategy)
            if memory[sleeve + REMAINDER] >= memory[remainder]:
                change, remainder = sleeve + CHANGE, sleeve + REMAINDER
        memory[change] += 1
        memory[remainder] = -1
