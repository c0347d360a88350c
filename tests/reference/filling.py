"""The fills of a bar: target weights made quantities, exits, sales and transfers of a rebalance, entries."""

from __future__ import annotations

from tests.reference.arithmetic import (
    commission_of,
    floor_to_lots,
    largest_entry,
    money,
    price_of_fill,
    sign,
    slippage_of,
    split,
)
from tests.reference.book import Book, Cell, PendingRebalance, enter, leave
from tests.reference.deciding import target_quantity
from tests.reference.world import Decision

RESERVE = -1
REASON_OF_EXIT = {
    "exit": "strategy_signal",
    "reverse": "strategy_signal",
    "max_holding": "max_holding",
    "ruin": "ruin",
    "quarantine": "quarantine",
}


def fillable(book: Book, bar: int) -> list[tuple[Cell, int]]:
    """Return the cells whose order can fill at this bar, in order, with their reference prices."""
    prices = [(cell, book.reference(bar, cell[1])) for cell in sorted(book.orders)]
    return [(cell, price) for cell, price in prices if price is not None]


def set_targets(book: Book, bar: int) -> dict[Cell, int]:
    """Return the signed quantity that each target weight asks for, before anything of this bar fills."""
    targets: dict[Cell, int] = {}
    for cell, price in fillable(book, bar):
        if book.orders[cell].kind == "weight":
            held = book.cells_of(cell[0])
            value = sum(money(book.held(each), book.known_price(bar, each[1])) for each in held)
            equity = book.sleeves[cell[0]].cash + value
            targets[cell] = target_quantity(book, cell, book.orders[cell].weight, equity, price)
    return targets


def fill_exits(book: Book, bar: int, targets: dict[Cell, int]) -> None:
    """Close and reduce; an order that has nothing left to open is done."""
    for cell, price in fillable(book, bar):
        kind = book.orders[cell].kind
        if kind == "weight":
            reduce_to_target(book, bar, cell, targets[cell])
        elif kind in REASON_OF_EXIT:
            leave(book, bar, cell, book.positions[cell].quantity, price, REASON_OF_EXIT[kind])
            if kind != "reverse":
                del book.orders[cell]


def reduce_to_target(book: Book, bar: int, cell: Cell, target: int) -> None:
    """Sell or cover what a target weight has too much of."""
    held, price = book.held(cell), book.reference(bar, cell[1])
    assert price is not None
    if held != 0 and sign(target) != sign(held):
        leave(book, bar, cell, abs(held), price, "strategy_signal")
        held = 0
    elif abs(target) < abs(held):
        leave(book, bar, cell, abs(held) - abs(target), price, "strategy_signal")
        held = target
    if held == target:
        del book.orders[cell]


def sell_for_rebalance(book: Book, bar: int, pending: PendingRebalance) -> None:
    """Let overweight sleeves sell of every position, pro rata, what their free cash does not cover."""
    for strategy in sorted(pending.excess):
        if strategy == RESERVE:
            continue
        shortfall = pending.excess[strategy] - max(book.sleeves[strategy].available, 0)
        cells = book.cells_of(strategy)
        gross = sum(money(book.positions[cell].quantity, book.known_price(bar, cell[1])) for cell in cells)
        if shortfall <= 0 or gross == 0:
            continue
        for cell in cells:
            price = book.reference(bar, cell[1])
            if price is None:
                continue
            held = book.positions[cell].quantity
            quantity = min(floor_to_lots(held * shortfall // gross, book.world.lots[cell[1]]), held)
            if quantity > 0:
                leave(book, bar, cell, quantity, price, "rebalance")


def transfer(book: Book, bar: int, pending: PendingRebalance) -> None:
    """Move what the overweight can give to the underweight, in proportion to what each lacks."""
    changes: dict[int, int] = {}
    for place, excess in pending.excess.items():
        free = book.reserve if place == RESERVE else max(book.sleeves[place].available, 0)
        changes[place] = -min(excess, free)
    given = -sum(changes.values())
    if given == 0:
        return
    takers = in_list_order(list(pending.lack))
    changes |= dict(zip(takers, split(given, [pending.lack[place] for place in takers]), strict=True))
    assert sum(changes.values()) == 0
    for place in in_list_order(list(changes)):
        change = changes[place]
        if change == 0:
            continue
        if place == RESERVE:
            book.reserve += change
        else:
            sleeve = book.sleeves[place]
            sleeve.cash += change
            sleeve.allocated += change
            sleeve.contributed += change
        book.note(Decision(bar, "transfer", "none", place, -1, amount=change))


def in_list_order(places: list[int]) -> list[int]:
    """Sort sleeves by their place in the list, the reserve last."""
    return sorted(places, key=lambda place: (place == RESERVE, place))


def fill_entries(book: Book, bar: int, targets: dict[Cell, int]) -> None:
    """Open and add, each within its budget."""
    slots = {cell: slot_of(book, bar, cell) for cell, _ in fillable(book, bar)}
    for cell, slot in slots.items():
        order = book.orders.pop(cell)
        if order.kind == "weight":
            enter_toward(book, bar, cell, targets[cell])
        else:
            enter_slot(book, bar, cell, order.direction, slot)


def slot_of(book: Book, bar: int, cell: Cell) -> int:
    """Return what the sizer offers to one entry, rounded down."""
    allocated, sizer = book.sleeves[cell[0]].allocated, book.world.sizer
    if sizer is None:
        return allocated // book.world.n_symbols
    return int(allocated * sizer[bar][cell[1]] // 1)


def entry_price(book: Book, bar: int, symbol: int, direction: int) -> int:
    """Return the price at which an entry would fill."""
    reference = book.reference(bar, symbol)
    assert reference is not None
    return price_of_fill(reference, direction, slippage_of(book.world, bar, symbol))


def enter_slot(book: Book, bar: int, cell: Cell, direction: int, slot: int) -> None:
    """Enter with as many lots as the slot, or what is left of it, pays for."""
    available = book.sleeves[cell[0]].available
    budget = min(slot, available)
    price = entry_price(book, bar, cell[1], direction)
    quantity = largest_entry(book.world, cell[1], price, budget) if available > 0 else 0
    if quantity == 0:
        reason = "no_cash" if available <= 0 else "below_lot" if budget == slot else "capital"
        book.note(Decision(bar, "blocked", reason, *cell, direction, 0, price, max(budget, 0)))
        return
    row = enter(book, bar, cell, direction, quantity)
    if budget < slot:
        book.note(row._replace(kind="cut", reason="capital", amount=budget, commission=0))


def enter_toward(book: Book, bar: int, cell: Cell, target: int) -> None:
    """Add what a target weight lacks, as far as the sleeve can pay."""
    wanted, direction = abs(target) - abs(book.held(cell)), sign(target)
    assert wanted > 0
    budget = book.sleeves[cell[0]].available
    price = entry_price(book, bar, cell[1], direction)
    quantity = 0
    if budget > 0:
        notional = money(wanted, price)
        affordable = notional + commission_of(book.world, cell[1], wanted, notional) <= budget
        quantity = wanted if affordable else largest_entry(book.world, cell[1], price, budget)
    if quantity == 0:
        reason = "no_cash" if budget <= 0 else "capital"
        book.note(Decision(bar, "blocked", reason, *cell, direction, wanted, price, max(budget, 0)))
        return
    row = enter(book, bar, cell, direction, quantity)
    if quantity < wanted:
        book.note(row._replace(kind="cut", reason="capital", amount=budget, commission=0))
