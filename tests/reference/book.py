"""The books of a run and the two fills that change them; when and why a fill happens is the simulator's matter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from tests.reference.arithmetic import commission_of, money, price_of_fill, round_half_even, slippage_of
from tests.reference.world import Decision, TradeRow, World

Cell = tuple[int, int]
"""(strategy, symbol); sorted cells are in the order of strategies, then symbols."""


@dataclass(slots=True)
class Sleeve:
    """A strategy's own money."""

    cash: int
    allocated: int
    contributed: int
    used: int = 0
    ruined: bool = False
    quarantined: bool = False
    # An exit that brings back less than nothing is the one way to owe more than is allocated.
    may_owe: bool = False

    @property
    def available(self) -> int:
        """What entries may still use."""
        return self.allocated - self.used

    @property
    def active(self) -> bool:
        """Whether the sleeve still speaks and takes part in rebalancing."""
        return not self.ruined and not self.quarantined


@dataclass(slots=True)
class Position:
    """An open quantity, always positive; `direction` says on which side."""

    direction: int
    quantity: int
    average: int
    notional: int
    commission: int
    slippage: int
    entry_bar: int
    best: int

    @property
    def used(self) -> int:
        """Capital used: what was paid for it."""
        return self.notional + self.commission


@dataclass(frozen=True, slots=True)
class Order:
    """What a cell waits for: enter, exit, reverse, weight, max_holding, ruin or quarantine."""

    kind: str
    direction: int = 0
    weight: Fraction = Fraction(0)

    @property
    def recorded_direction(self) -> int:
        """The direction that a row outside of conflicts shows: a weight's is not known before its fill."""
        return 0 if self.kind == "weight" else self.direction


@dataclass(slots=True)
class PendingRebalance:
    """Amounts fixed at the decision, by strategy; -1 is the reserve."""

    excess: dict[int, int]
    lack: dict[int, int]


@dataclass(slots=True)
class Book:
    """The whole state between two steps."""

    world: World
    sleeves: list[Sleeve]
    reserve: int
    last_close: list[int | None]
    positions: dict[Cell, Position] = field(default_factory=dict)
    orders: dict[Cell, Order] = field(default_factory=dict)
    pending: PendingRebalance | None = None
    marks: list[int] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    trades: list[TradeRow] = field(default_factory=list)
    equity: list[list[int]] = field(default_factory=list)
    gross: list[list[int]] = field(default_factory=list)
    reserves: list[int] = field(default_factory=list)
    paid_away: int = 0
    largest: int = 0

    def reference(self, bar: int, symbol: int) -> int | None:
        """Return the price at which orders fill at a bar, None for a symbol without one."""
        return (self.world.open if self.world.fill_at == "next_open" else self.world.close)[bar][symbol]

    def known_price(self, bar: int, symbol: int) -> int:
        """Return the price of a fill at a bar, or the last known close."""
        price = self.reference(bar, symbol)
        price = self.last_close[symbol] if price is None else price
        assert price is not None
        return price

    def held(self, cell: Cell) -> int:
        """Return the signed quantity of a cell."""
        position = self.positions.get(cell)
        return 0 if position is None else position.direction * position.quantity

    def cells_of(self, strategy: int) -> list[Cell]:
        """Return the cells where a strategy has a position, in order."""
        return sorted(cell for cell in self.positions if cell[0] == strategy)

    def note(self, row: Decision) -> None:
        """Keep a row."""
        self.decisions.append(row)


def open_book(world: World) -> Book:
    """Give every sleeve its part of the capital; what the floors leave is the reserve's."""
    parts = [int(spec.weight * world.capital // 1) for spec in world.strategies]
    sleeves = [Sleeve(cash=part, allocated=part, contributed=part) for part in parts]
    return Book(world, sleeves, world.capital - sum(parts), [None] * world.n_symbols)


def enter(book: Book, bar: int, cell: Cell, direction: int, quantity: int) -> Decision:
    """Open a position or add to it at the bar's reference price; return its row."""
    sleeve, symbol = book.sleeves[cell[0]], cell[1]
    reference = book.reference(bar, symbol)
    assert reference is not None
    assert quantity > 0
    price = price_of_fill(reference, direction, slippage_of(book.world, bar, symbol))
    notional = money(quantity, price)
    commission = commission_of(book.world, symbol, quantity, notional)
    slippage = abs(notional - money(quantity, reference))

    flow = -direction * notional - commission
    sleeve.cash += flow
    book.paid_away -= flow
    sleeve.used += notional + commission
    assert sleeve.used <= sleeve.allocated, "an entry must never use more than is allocated"

    position = book.positions.get(cell)
    if position is None:
        book.positions[cell] = Position(direction, quantity, price, notional, commission, slippage, bar, best=price)
    else:
        assert position.direction == direction
        cost = position.average * position.quantity + price * quantity
        position.average = round_half_even(Fraction(cost, position.quantity + quantity))
        position.quantity += quantity
        position.notional += notional
        position.commission += commission
        position.slippage += slippage
    book.largest = max(book.largest, book.positions[cell].quantity, notional)
    row = Decision(bar, "entry", "strategy_signal", *cell, direction, quantity, price, notional, commission)
    book.note(row)
    return row


def leave(book: Book, bar: int, cell: Cell, quantity: int, reference: int, reason: str, *, slips: bool = True) -> None:
    """Reduce a position or close it, release what it used, book the profit, and sweep it if that is the policy."""
    sleeve, position, symbol = book.sleeves[cell[0]], book.positions[cell], cell[1]
    assert 0 < quantity <= position.quantity
    direction = -position.direction
    slippage = slippage_of(book.world, bar, symbol) if slips else Fraction(0)
    price = price_of_fill(reference, direction, slippage)
    notional = money(quantity, price)
    commission = commission_of(book.world, symbol, quantity, notional)

    freed = released(position, quantity)
    if position.direction > 0:
        flow = notional - commission
        pnl = notional - commission - freed.used
    else:
        flow = -notional - commission
        pnl = freed.notional - freed.commission - notional - commission
    sleeve.cash += flow
    book.paid_away -= flow
    sleeve.used -= freed.used
    sleeve.allocated += pnl
    sleeve.may_owe = sleeve.may_owe or freed.used + pnl < 0
    book.note(Decision(bar, "exit", reason, *cell, direction, quantity, price, notional, commission))
    book.trades.append(
        TradeRow(
            *cell, position.direction, position.entry_bar, position.average, freed.notional, freed.commission,
            bar, price, quantity, notional, commission, pnl, reason,
            freed.slippage, abs(notional - money(quantity, reference)),
        )
    )  # fmt: skip
    book.largest = max(book.largest, notional)
    shrink(book, cell, freed)
    if book.world.profit_policy == "sweep":
        sweep(book, bar, cell[0])


def released(position: Position, quantity: int) -> Position:
    """Return the part of a position that a quantity takes with it; what rounding leaves stays with the position."""
    if quantity == position.quantity:
        return replace(position)
    used = position.used * quantity // position.quantity
    commission = position.commission * quantity // position.quantity
    slippage = position.slippage * quantity // position.quantity
    return replace(position, quantity=quantity, notional=used - commission, commission=commission, slippage=slippage)


def shrink(book: Book, cell: Cell, part: Position) -> None:
    """Take a released part out of its position, and the position out of the book when nothing is left."""
    position = book.positions[cell]
    if part.quantity == position.quantity:
        del book.positions[cell]
        return
    position.quantity -= part.quantity
    position.notional -= part.notional
    position.commission -= part.commission
    position.slippage -= part.slippage


def sweep(book: Book, bar: int, strategy: int) -> None:
    """Move what is allocated above what was contributed to the reserve."""
    sleeve = book.sleeves[strategy]
    gain = sleeve.allocated - sleeve.contributed
    if gain > 0:
        sleeve.allocated -= gain
        sleeve.cash -= gain
        book.reserve += gain
        book.note(Decision(bar, "sweep", "none", strategy, -1, amount=gain))


def check_books(book: Book) -> None:
    """Assert what holds between any two steps."""
    total = sum(sleeve.cash for sleeve in book.sleeves) + book.reserve
    assert total + book.paid_away == book.world.capital, "money was made or lost"
    assert book.reserve >= 0
    for strategy, sleeve in enumerate(book.sleeves):
        positions = [book.positions[cell] for cell in book.cells_of(strategy)]
        shorted = sum(position.notional for position in positions if position.direction < 0)
        assert sleeve.used == sum(position.used for position in positions)
        # A short's proceeds lie in cash and as much again is held back for it; without shorts, available is cash.
        assert sleeve.cash == sleeve.available + 2 * shorted
        assert sleeve.available >= 0 or sleeve.may_owe
        assert book.world.profit_policy == "compound" or sleeve.allocated <= sleeve.contributed
        for position in positions:
            assert position.quantity > 0
            assert min(position.average, position.best) > 0
            assert min(position.notional, position.commission, position.slippage) >= 0
        book.largest = max(book.largest, abs(sleeve.cash), abs(sleeve.allocated), sleeve.used, abs(sleeve.contributed))
    for (_, symbol), position in book.positions.items():
        assert position.quantity % book.world.lots[symbol] == 0
    for cell, order in book.orders.items():
        closing = order.kind in {"exit", "reverse", "max_holding", "ruin", "quarantine"}
        assert not closing or cell in book.positions
