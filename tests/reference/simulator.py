"""What happens at a bar, in the order that is the contract; one function a step.

Slow and plain on purpose: it is the second opinion on the compiled loop, so it shares nothing with it. The steps that
fill orders are in `filling`, the decisions in `deciding`, the two kinds of fill in `book`.
"""

from __future__ import annotations

from fractions import Fraction

from tests.reference.arithmetic import money, round_half_even
from tests.reference.book import Book, Cell, PendingRebalance, Position, check_books, leave, open_book
from tests.reference.deciding import ask_strategies, command_quarantines, place_orders, resolve_conflicts, silence
from tests.reference.filling import fill_entries, fill_exits, sell_for_rebalance, set_targets, transfer
from tests.reference.world import Decision, Outcome, PositionRow, Rebalance, StrategySpec, World

RESERVE = -1


def simulate(world: World) -> Outcome:
    """Run a world from its first bar to its last."""
    book = open_book(world)
    check_books(book)
    for bar in range(world.n_bars):
        if world.fill_at == "next_open":
            fill_orders(book, bar)
            protect(book, bar)
            mark(book, bar)
            decide(book, bar)
            rebalance(book, bar)
        else:
            protect(book, bar)
            mark(book, bar)
            decide(book, bar)
            rebalance(book, bar)
            fill_orders(book, bar)
        if bar == world.n_bars - 1:
            expire(book, bar)
            close_all(book, bar)
        record(book)
        check_books(book)
    return outcome_of(book)


def fill_orders(book: Book, bar: int) -> None:
    """Fill what waits: exits, then the sales and transfers of a rebalance, then entries."""
    targets = set_targets(book, bar)
    fill_exits(book, bar, targets)
    if book.pending is not None:
        sell_for_rebalance(book, bar, book.pending)
        transfer(book, bar, book.pending)
        book.pending = None
    fill_entries(book, bar, targets)


def protect(book: Book, bar: int) -> None:
    """Look for protective exits between the bar's low and high, then remember the best price."""
    world = book.world
    for cell in sorted(book.positions):
        strategy, symbol = cell
        low, high = world.low[bar][symbol], world.high[bar][symbol]
        if low is None or high is None:
            continue
        position = book.positions[cell]
        hit = protective_exit(position, world.strategies[strategy], bar, world, symbol)
        if hit is None:
            position.best = max(position.best, high) if position.direction > 0 else min(position.best, low)
            continue
        reference, reason, slips = hit
        leave(book, bar, cell, position.quantity, reference, reason, slips=slips)
        order = book.orders.pop(cell, None)
        if order is not None:
            book.note(Decision(bar, "dropped", "protective_exit", *cell, order.recorded_direction))


def protective_exit(
    position: Position, spec: StrategySpec, bar: int, world: World, symbol: int
) -> tuple[int, str, bool] | None:
    """Return (reference price, reason, whether it slips) of the exit that this bar brings, None for none."""
    side = position.direction
    stop, stop_reason = stop_level(position, spec)
    target = None
    if spec.take_profit is not None:
        target = round_half_even(position.average * (1 + side * spec.take_profit))

    opening, low, high = world.open[bar][symbol], world.low[bar][symbol], world.high[bar][symbol]
    assert opening is not None
    assert low is not None
    assert high is not None
    worst, best = (low, high) if side > 0 else (high, low)
    if stop is not None and side * (opening - stop) <= 0:
        return opening, stop_reason, True
    if target is not None and side * (opening - target) >= 0:
        return opening, "take_profit", False
    if stop is not None and side * (worst - stop) <= 0:
        return stop, stop_reason, True
    if target is not None and side * (best - target) >= 0:
        return target, "take_profit", False
    return None


def stop_level(position: Position, spec: StrategySpec) -> tuple[int | None, str]:
    """Return the nearer of the levels of stop and trailing stop, and its name; equal, it is the stop."""
    side = position.direction
    stop = trail = None
    if spec.stop_loss is not None:
        stop = round_half_even(position.average * (1 - side * spec.stop_loss))
    if spec.trailing_stop is not None:
        trail = round_half_even(position.best * (1 - side * spec.trailing_stop))
    if stop is None or (trail is not None and side * (trail - stop) > 0):
        return trail, "trailing_stop"
    return stop, "stop_loss"


def mark(book: Book, bar: int) -> None:
    """Value every sleeve at the last known closes; one that is worth nothing is ruined."""
    for symbol, close in enumerate(book.world.close[bar]):
        if close is not None:
            book.last_close[symbol] = close
    book.marks = equities(book)
    for strategy, equity in enumerate(book.marks):
        sleeve = book.sleeves[strategy]
        if equity <= 0 and not sleeve.ruined:
            sleeve.ruined = True
            silence(book, bar, strategy, "ruin")


def value_of(book: Book, cell: Cell) -> int:
    """Return the market value of a position at the last known close, negative for a short."""
    price = book.last_close[cell[1]]
    assert price is not None
    return money(book.held(cell), price)


def equities(book: Book) -> list[int]:
    """Return cash plus market value of every sleeve."""
    return [
        sleeve.cash + sum(value_of(book, cell) for cell in book.cells_of(strategy))
        for strategy, sleeve in enumerate(book.sleeves)
    ]


def decide(book: Book, bar: int) -> None:
    """Ask the strategies, let conflicts be resolved, place what survives."""
    command_quarantines(book, bar)
    signals = ask_strategies(book, bar)
    resolve_conflicts(book, bar, signals)
    place_orders(book, bar, signals)


def rebalance(book: Book, bar: int) -> None:
    """Decide at the close whether sleeves must return to their weights, and fix the amounts."""
    world = book.world
    members = [strategy for strategy, sleeve in enumerate(book.sleeves) if sleeve.active]
    total = sum(book.marks[strategy] for strategy in members) + book.reserve
    if world.rebalance is None or book.pending is not None or not members or total <= 0:
        return
    rule = world.rebalance
    weights = {strategy: world.strategies[strategy].weight for strategy in members}
    threshold = rule.threshold if isinstance(rule, Rebalance) else rule
    due = threshold is not None and has_drifted(book, weights, total, threshold)
    if isinstance(rule, Rebalance):
        due = due or (rule.scheduled is not None and rule.scheduled[bar])
        if due:
            proposed = rule.propose(bar, list(book.marks), book.reserve)
            weights = {strategy: proposed[strategy] for strategy in members}
    if not due:
        return
    book.note(Decision(bar, "rebalance", "none", -1, -1, amount=total))
    book.pending = amounts_to_move(book, weights, total)


def has_drifted(book: Book, weights: dict[int, Fraction], total: int, threshold: Fraction) -> bool:
    """Return whether a sleeve or the reserve is further from its weight than the threshold."""
    gaps = [book.marks[strategy] - weight * total for strategy, weight in weights.items()]
    gaps.append(book.reserve - (1 - sum(weights.values(), Fraction(0))) * total)
    return any(abs(gap) > threshold * total for gap in gaps)


def amounts_to_move(book: Book, weights: dict[int, Fraction], total: int) -> PendingRebalance:
    """Return what every sleeve and the reserve have too much or lack."""
    targets = {strategy: round_half_even(weight * total) for strategy, weight in weights.items()}
    targets[RESERVE] = total - sum(targets.values())
    now = {strategy: book.marks[strategy] for strategy in weights} | {RESERVE: book.reserve}
    gaps = {place: now[place] - target for place, target in targets.items()}
    return PendingRebalance(
        excess={place: gap for place, gap in gaps.items() if gap > 0},
        lack={place: -gap for place, gap in gaps.items() if gap < 0},
    )


def expire(book: Book, bar: int) -> None:
    """Record what was decided and can no longer fill."""
    for cell, order in sorted(book.orders.items(), key=lambda item: item[0]):
        book.note(Decision(bar, "expired", "none", *cell, order.recorded_direction))
    book.orders.clear()
    if book.pending is not None:
        book.note(Decision(bar, "expired", "none", -1, -1))
        book.pending = None


def close_all(book: Book, bar: int) -> None:
    """Close what is open at the last known closes, if the run asks for it."""
    if not book.world.close_at_end:
        return
    for cell in sorted(book.positions):
        price = book.last_close[cell[1]]
        assert price is not None
        leave(book, bar, cell, book.positions[cell].quantity, price, "end_of_data")


def record(book: Book) -> None:
    """Write down equity and market value of every sleeve, and the reserve."""
    book.equity.append(equities(book))
    book.gross.append(
        [sum(abs(value_of(book, cell)) for cell in book.cells_of(strategy)) for strategy in range(len(book.sleeves))]
    )
    book.reserves.append(book.reserve)
    wholes = book.reserve, sum(book.gross[-1]), abs(sum(book.equity[-1]) + book.reserve)
    book.largest = max([book.largest, *wholes, *map(abs, book.equity[-1])])


def outcome_of(book: Book) -> Outcome:
    """Return the books as the result of the run."""
    kinds = [row.kind for row in book.decisions]
    return Outcome(
        equity=book.equity,
        gross=book.gross,
        reserve=book.reserves,
        cash=[sleeve.cash for sleeve in book.sleeves],
        used=[sleeve.used for sleeve in book.sleeves],
        allocated=[sleeve.allocated for sleeve in book.sleeves],
        contributed=[sleeve.contributed for sleeve in book.sleeves],
        positions=[position_row(cell, position) for cell, position in sorted(book.positions.items(), key=first)],
        trades=book.trades,
        decisions=book.decisions,
        conflicts_detected=kinds.count("conflict"),
        capital_limit_blocks=kinds.count("blocked"),
        largest=book.largest,
    )


def first(item: tuple[Cell, Position]) -> Cell:
    """Return the cell of an item, for sorting."""
    return item[0]


def position_row(cell: Cell, position: Position) -> PositionRow:
    """Return an open position as a row."""
    return PositionRow(
        *cell, position.direction * position.quantity, position.average, position.used,
        position.notional, position.commission, position.slippage, position.entry_bar,
    )  # fmt: skip
