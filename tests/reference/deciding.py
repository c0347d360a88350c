"""The close of a bar: what strategies wish, which wishes survive, and the orders that they become."""

from __future__ import annotations

from fractions import Fraction

from tests.reference.arithmetic import floor_to_lots, sign
from tests.reference.book import Book, Cell, Order
from tests.reference.world import SCALE, Decision, Marks, StrategySpec


def silence(book: Book, bar: int, strategy: int, reason: str) -> None:
    """End a sleeve's trading for ruin or quarantine: drop its orders and have every position closed."""
    book.note(Decision(bar, reason, "none", strategy, -1, amount=book.marks[strategy]))
    for cell in sorted(cell for cell in book.orders if cell[0] == strategy):
        book.note(Decision(bar, "dropped", reason, *cell, book.orders.pop(cell).recorded_direction))
    for cell in book.cells_of(strategy):
        book.orders[cell] = Order(reason)


def command_quarantines(book: Book, bar: int) -> None:
    """Silence the sleeves whose quarantine is commanded at this bar."""
    for strategy, spec in enumerate(book.world.strategies):
        if spec.quarantine_at == bar:
            book.sleeves[strategy].quarantined = True
            silence(book, bar, strategy, "quarantine")


def ask_strategies(book: Book, bar: int) -> dict[Cell, Order]:
    """Return what the strategies wish, in the order of strategies, then symbols."""
    signals: dict[Cell, Order] = {}
    for strategy, spec in enumerate(book.world.strategies):
        if not book.sleeves[strategy].active or bar < spec.warmup_bars:
            continue
        for symbol, close in enumerate(book.world.close[bar]):
            if close is None:
                continue
            cell = strategy, symbol
            order = weight_wish(book, bar, cell, close) if spec.form == "weights" else wish(book, spec, bar, cell)
            if order is not None:
                signals[cell] = order
                book.note(Decision(bar, "signal", order.kind, *cell, order.direction))
    return signals


def wish(book: Book, spec: StrategySpec, bar: int, cell: Cell) -> Order | None:
    """Return what entries and exits mean, given what the sleeve holds."""
    symbol = cell[1]
    long_entry, short_entry = says(spec.entries, bar, symbol), says(spec.short_entries, bar, symbol)
    held = sign(book.held(cell))
    if held == 0:
        if long_entry and short_entry:
            book.note(Decision(bar, "contradiction", "none", *cell))
            return None
        if long_entry or short_entry:
            return Order("enter", 1 if long_entry else -1)
        return None
    other_entry, own_exit = short_entry, says(spec.exits, bar, symbol)
    if held < 0:
        other_entry, own_exit = long_entry, says(spec.short_exits, bar, symbol)
    if other_entry:
        return Order("reverse", -held)
    return Order("exit", -held) if own_exit else None


def says(marks: Marks | None, bar: int, symbol: int) -> bool:
    """Return a mark; a grid that was not given has none."""
    return marks is not None and marks[bar][symbol]


def weight_wish(book: Book, bar: int, cell: Cell, close: int) -> Order | None:
    """Return the order for a target weight; its direction is that of target minus holding at this close."""
    grid = book.world.strategies[cell[0]].weights
    assert grid is not None
    weight = grid[bar][cell[1]]
    if weight is None:
        return None
    target = target_quantity(book, cell, weight, book.marks[cell[0]], close)
    return Order("weight", sign(target - book.held(cell)), weight)


def target_quantity(book: Book, cell: Cell, weight: Fraction, equity: int, price: int) -> int:
    """Return the signed quantity that a weight of the sleeve's equity buys, toward zero to lots."""
    if equity <= 0:
        return 0
    return sign(weight) * floor_to_lots(abs(weight) * equity * SCALE / price, book.world.lots[cell[1]])


def resolve_conflicts(book: Book, bar: int, signals: dict[Cell, Order]) -> None:
    """Drop the signals that do not survive a conflict on their symbol."""
    for symbol in range(book.world.n_symbols):
        rivals = sorted(
            (cell[0], order.direction) for cell, order in signals.items() if cell[1] == symbol and order.direction != 0
        )
        if {direction for _, direction in rivals} != {1, -1}:
            continue
        survivors = surviving(book, bar, symbol, rivals)
        directions = {direction for strategy, direction in rivals if strategy in survivors}
        outcome = directions.pop() if len(directions) == 1 else 0
        book.note(Decision(bar, "conflict", "none", -1, symbol, outcome))
        for strategy, direction in rivals:
            if strategy not in survivors:
                del signals[strategy, symbol]
                book.note(Decision(bar, "dropped", "conflict", strategy, symbol, direction))


def surviving(book: Book, bar: int, symbol: int, rivals: list[tuple[int, int]]) -> set[int]:
    """Return the strategies whose signals survive."""
    mode = book.world.resolution
    if not isinstance(mode, str):
        return mode(bar, symbol, rivals)
    if mode == "FIRST_WINS":
        winner = rivals[0][1]
    elif mode == "NET_SIGNAL":
        winner = sign(sum(direction * book.world.strategies[strategy].weight for strategy, direction in rivals))
    else:
        assert mode == "CANCEL_BOTH"
        winner = 0
    return {strategy for strategy, direction in rivals if direction == winner}


def place_orders(book: Book, bar: int, signals: dict[Cell, Order]) -> None:
    """Turn surviving signals into orders, and end what was held for long enough whatever the resolver did."""
    for cell in sorted(signals.keys() | book.positions.keys()):
        if cell in signals:
            place(book, bar, cell, signals[cell])
        if cell in book.positions and held_for_long(book, bar, cell):
            order = book.orders.get(cell)
            if order is not None and order.kind == "weight":
                book.note(Decision(bar, "dropped", "max_holding", *cell))
            if order is None or order.kind == "weight":
                book.orders[cell] = Order("max_holding")


def place(book: Book, bar: int, cell: Cell, order: Order) -> None:
    """Place an order; over an exit that waits only another exit or a reversal may come."""
    waiting = book.orders.get(cell)
    assert waiting is None or waiting.kind == "max_holding"
    if waiting is not None and order.kind == "weight":
        book.note(Decision(bar, "dropped", "max_holding", *cell))
    else:
        book.orders[cell] = order


def held_for_long(book: Book, bar: int, cell: Cell) -> bool:
    """Return whether a position has reached its strategy's largest number of bars."""
    limit = book.world.strategies[cell[0]].max_holding_bars
    held = bar - book.positions[cell].entry_bar + (1 if book.world.fill_at == "next_open" else 0)
    return limit is not None and held >= limit
