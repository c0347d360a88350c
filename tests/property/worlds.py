"""Worlds drawn for tests: small, dense, and full of ties, gaps, cuts and conflicts.

`random_world` draws from a plain generator, for runs over tens of thousands; `worlds` is the same for hypothesis, which
can shrink what it finds. Both read their choices from one stream of small numbers, where 0 is always the plainest
choice and the sizes come first: a shorter or smaller stream is a simpler world.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

from tests.reference.world import SCALE, Marks, Proposal, Rebalance, Resolver, StrategySpec, World

T = TypeVar("T")
Series = list[list[int | None]]

BASES = (10 * SCALE, 100 * SCALE, 99_990_000, 33_333_333, 1_234_567, 123, 250_000 * SCALE, 7_777_777_777, 41)
CAPITALS = (100_000, 1_000, 10_000, 1_000_000, 100, 12_345, 10**8)
LOTS = (SCALE, SCALE // 10, 1, 100 * SCALE, 10_000, 333_333)
TARGETS = ("0", "1", "0.5", "0.25", "-0.5", "-1", "0.333333333333", "1.5", "0.1", "-0.05")
FRACTIONS = ("0.05", "0.1", "0.025", "0.2", "0.5", "0.0333")
SAYINGS = ((0,), (2,), (1,), (3,), (0,), (2,), (0, 3), (1, 2), (0, 1), (2, 3), (0, 2))
"""What one cell says: 0 entry, 1 exit, 2 short entry, 3 short exit."""
SLIPPAGES = ("0", "0.001", "0.01", "0.0005", "0.05", "0.000123456789")


class Choices(Protocol):
    """A source of choices."""

    def below(self, limit: int) -> int:
        """Return an integer from 0 to limit - 1; 0 is the plainest."""


class Dice:
    """Choices of a plain random generator."""

    def __init__(self, rng: random.Random) -> None:
        self._random = rng.random

    def below(self, limit: int) -> int:
        """Return an integer from 0 to limit - 1."""
        return int(self._random() * limit)


class Tape:
    """Choices read from bytes; what they do not reach comes from a generator that they seed."""

    def __init__(self, tape: bytes) -> None:
        self._tape = iter(tape)
        self._rest = random.Random(tape)

    def below(self, limit: int) -> int:
        """Return an integer from 0 to limit - 1."""
        value = next(self._tape, None)
        return int(self._rest.random() * limit) if value is None else value % limit


@dataclass(frozen=True, slots=True)
class Size:
    """What the rest of a world is drawn to."""

    n_bars: int
    n_symbols: int
    n_strategies: int
    lots: list[int]
    bases: list[int]
    quiet: int


def random_world(rng: random.Random) -> World:
    """Return a world drawn from a plain random generator."""
    return draw_world(Dice(rng), most_bars=40)


def wide_world(rng: random.Random) -> World:
    """Return a short world of many symbols, all of them traded in the same lots."""
    return draw_world(Dice(rng), most_bars=10, widths=(17, 40, 90, 130))


def worlds(most_bars: int = 16) -> st.SearchStrategy[World]:
    """Return a hypothesis strategy that draws worlds."""
    return st.binary(min_size=0, max_size=600).map(lambda tape: draw_world(Tape(tape), most_bars))


def first_bars(world: World, n_bars: int) -> World:
    """Return a world that ends earlier."""

    def cut(record: object, *names: str) -> dict[str, Any]:
        grids = ((name, getattr(record, name)) for name in names)
        return {name: grid if grid is None or isinstance(grid, Fraction) else grid[:n_bars] for name, grid in grids}

    wishes = ("entries", "exits", "short_entries", "short_exits", "weights")
    specs = [replace(spec, **cut(spec, *wishes)) for spec in world.strategies]
    grids = cut(world, "open", "high", "low", "close", "slippage_pct", "sizer")
    return replace(world, strategies=specs, **grids)


def pick(choices: Choices, options: Sequence[T]) -> T:
    """Return one of some options; the first is the plainest."""
    return options[choices.below(len(options))]


def chance(choices: Choices, out_of: int) -> bool:
    """Return True once in so many draws; False is the plainer."""
    return choices.below(out_of) == out_of - 1


def draw_world(choices: Choices, most_bars: int, widths: Sequence[int] = ()) -> World:
    """Return a world drawn from a source of choices; of so many symbols, where that is given."""
    size = draw_size(choices, most_bars)
    if widths:
        n_symbols, lot = pick(choices, widths), size.lots[0]
        bases = [pick(choices, (size.bases[0], pick(choices, BASES))) for _ in range(n_symbols)]
        size = replace(size, n_symbols=n_symbols, lots=[lot] * n_symbols, bases=bases)
    capital = draw_capital(choices, size)
    plain = chance(choices, 3)
    fill_at = pick(choices, ("next_open", "close"))
    policy = "sweep" if chance(choices, 4) else "compound"
    resolution: str | Resolver = pick(choices, RESOLUTIONS)
    rebalance = draw_rebalance(choices, size) if chance(choices, 2) else None
    close_at_end = not chance(choices, 3)
    costs = (0, Fraction(0), Fraction(0), Fraction(0)) if plain else draw_costs(choices, size, capital)
    weights = draw_weights(choices, size.n_strategies)
    specs = [draw_strategy(choices, size, weight) for weight in weights]
    sizer = draw_sizer(choices, size) if chance(choices, 5) else None
    prices = draw_prices(choices, size)
    return World(
        *prices,
        strategies=specs,
        capital=capital,
        fill_at=fill_at,
        commission_per_trade=costs[0],
        commission_per_share=costs[1],
        commission_pct=costs[2],
        slippage_pct=costs[3],
        lots=size.lots,
        profit_policy=policy,
        close_at_end=close_at_end,
        resolution=resolution,
        rebalance=rebalance,
        sizer=sizer,
    )


def draw_size(choices: Choices, most_bars: int) -> Size:
    """Draw how large and how quiet a world is, and the scale of each symbol's prices."""
    n_bars = 2 + pick(choices, (3, 12, choices.below(most_bars - 1), 24, choices.below(most_bars - 1))) % (
        most_bars - 1
    )
    n_symbols = pick(choices, (1, 2, 1, 3, 2, 4, 8))
    n_strategies = pick(choices, (1, 2, 3, 4, 5, 6, 3))
    same = pick(choices, BASES)
    bases = [pick(choices, (same, same, pick(choices, BASES))) for _ in range(n_symbols)]
    lot = pick(choices, LOTS)
    lots = [pick(choices, (lot, lot, lot, pick(choices, LOTS))) for _ in range(n_symbols)]
    return Size(n_bars, n_symbols, n_strategies, lots, bases, quiet=pick(choices, (8, 2, 20, 5, 60)))


def draw_capital(choices: Choices, size: Size) -> int:
    """Draw a capital that mostly pays for some lots, and that 64-bit quantities of the cheapest symbol can spend."""
    lot_price = max(base * lot // SCALE for base, lot in zip(size.bases, size.lots, strict=True))
    parts = size.n_strategies * size.n_symbols
    by_lots = parts * lot_price * pick(choices, (10, 3, 100, 30, 1000)) + choices.below(100)
    capital = pick(choices, (by_lots, by_lots, pick(choices, CAPITALS) * SCALE, by_lots // 3, 200 + choices.below(200)))
    return max(200, min(capital, min(size.bases) * 10**10))


def draw_costs(
    choices: Choices, size: Size, capital: int
) -> tuple[int | list[int], Fraction | list[Fraction], Fraction | list[Fraction], Fraction | list[list[Fraction]]]:
    """Draw commissions, sometimes by symbol, and slippage, sometimes by bar and symbol."""
    trades = (0, capital // 10_000, 1, capital // 3_000, SCALE, capital // 300 + 1)
    shares = [Fraction(text) for text in ("0", "0.005", "0.000001", "0.01", "0.05")]
    rates = [Fraction(text) for text in ("0", "0.001", "0.0003", "0.01", "0.000123456789", "0.1")]
    slips = [Fraction(text) for text in SLIPPAGES]
    symbols = range(size.n_symbols)
    per_trade: int | list[int] = pick(choices, trades)
    per_share: Fraction | list[Fraction] = pick(choices, shares)
    rate: Fraction | list[Fraction] = pick(choices, rates)
    slippage: Fraction | list[list[Fraction]] = pick(choices, slips)
    if chance(choices, 4):
        per_trade = [pick(choices, trades) for _ in symbols]
        per_share = [pick(choices, shares) for _ in symbols]
        rate = [pick(choices, rates) for _ in symbols]
    if chance(choices, 4):
        slippage = [[pick(choices, slips) for _ in symbols] for _ in range(size.n_bars)]
    return per_trade, per_share, rate, slippage


def draw_weights(choices: Choices, n_strategies: int) -> list[Fraction]:
    """Draw weights that sum to 1, or leave something to the reserve."""
    form = choices.below(4)
    if form == 0:
        return [Fraction(1, 10) if n_strategies > 2 else Fraction(1, 2)] * n_strategies
    if form == 1:
        return [Fraction(10**18 // n_strategies, 10**18)] * n_strategies
    shares = [1 + choices.below(5) for _ in range(n_strategies)]
    whole = sum(shares) + (choices.below(4) if form == 2 else 0)
    weights = [Fraction(share * 100 // whole, 100) for share in shares]
    if form == 3:
        weights[-1] += 1 - sum(weights)
    return weights


def draw_strategy(choices: Choices, size: Size, weight: Fraction) -> StrategySpec:
    """Draw a strategy of any form, often with protective exits, seldom with a quarantine."""
    form = pick(choices, ("signals", "signals", "weights"))
    stops = [Fraction(pick(choices, FRACTIONS)) if chance(choices, 3) else None for _ in range(3)]
    holding = 1 + choices.below(4) if chance(choices, 4) else None
    warmup = choices.below(4) if chance(choices, 4) else 0
    quarantine = choices.below(size.n_bars + 1) if chance(choices, 16) else None
    shorts = chance(choices, 2)
    marks: list[Marks | None] = [None, None, None, None]
    weights = None
    if form == "weights":
        weights = draw_targets(choices, size, shorts=shorts)
    else:
        grids = draw_marks(choices, size)
        marks = [*grids] if shorts else [grids[0], grids[1], None, None]
    return StrategySpec(
        weight=weight, form=form, weights=weights,
        entries=marks[0], exits=marks[1], short_entries=marks[2], short_exits=marks[3],
        stop_loss=stops[0], take_profit=stops[1], trailing_stop=stops[2],
        max_holding_bars=holding, warmup_bars=warmup, quarantine_at=quarantine,
    )  # fmt: skip


def draw_marks(choices: Choices, size: Size) -> list[list[list[bool]]]:
    """Draw entries, exits, short entries and short exits; some cells say several things at once."""
    grids: list[list[list[bool]]] = [[[False] * size.n_symbols for _ in range(size.n_bars)] for _ in range(4)]
    for bar in range(size.n_bars):
        for symbol in range(size.n_symbols):
            drawn = choices.below(size.quiet + len(SAYINGS)) - size.quiet
            for kind in SAYINGS[drawn] if drawn >= 0 else ():
                grids[kind][bar][symbol] = True
    return grids


def draw_targets(choices: Choices, size: Size, *, shorts: bool) -> list[list[Fraction | None]]:
    """Draw target weights, None where the position is left as it is."""
    allowed = [Fraction(text) for text in TARGETS if shorts or not text.startswith("-")]
    return [
        [pick(choices, allowed) if chance(choices, 1 + size.quiet // 4) else None for _ in range(size.n_symbols)]
        for _ in range(size.n_bars)
    ]


def draw_sizer(choices: Choices, size: Size) -> list[list[Fraction]]:
    """Draw the share of the allocated capital that an entry may use."""
    shares = [Fraction(text) for text in ("0.5", "0.25", "1", "0.1", "0.333", "0")]
    return [[pick(choices, shares) for _ in range(size.n_symbols)] for _ in range(size.n_bars)]


def draw_rebalance(choices: Choices, size: Size) -> Fraction | Rebalance:
    """Draw a threshold, or a rebalancer with a schedule, a drift tolerance or both."""
    threshold = Fraction(pick(choices, ("0.05", "0.01", "0.1", "0", "0.3", "0.002")))
    if not chance(choices, 3):
        return threshold
    form = choices.below(3)
    scheduled = [chance(choices, 3) for _ in range(size.n_bars)] if form != 1 else None
    propose = pick(choices, PROPOSALS)
    return Rebalance(propose=propose, scheduled=scheduled, threshold=threshold if form != 0 else None)


def draw_prices(choices: Choices, size: Size) -> tuple[Series, Series, Series, Series]:
    """Draw bars of every symbol on a coarse grid, so that levels are touched and prices repeat."""
    series: tuple[Series, Series, Series, Series] = tuple(  # type: ignore[assignment]
        [[None] * size.n_symbols for _ in range(size.n_bars)] for _ in range(4)
    )
    for symbol, base in enumerate(size.bases):
        gaps = pick(choices, (0, 0, 3, 6))
        wild = chance(choices, 5)
        start = choices.below(size.n_bars) if chance(choices, 5) else 0
        end = 1 + choices.below(size.n_bars) if chance(choices, 5) else size.n_bars
        price = base
        for bar in range(size.n_bars):
            missing = not start <= bar < end or (gaps > 0 and chance(choices, gaps))
            # Every symbol has one bar at least.
            if missing and bar != start:
                continue
            bars, price = draw_bar(choices, base, price, wild=wild)
            for grid, value in zip(series, bars, strict=True):
                grid[bar][symbol] = value
    return series


def draw_bar(choices: Choices, base: int, last: int, *, wild: bool) -> tuple[tuple[int, int, int, int], int]:
    """Draw (open, high, low, close) from the last close, in twentieths of the base; return it and the close."""
    tick = max(base // 20, 1)
    low_limit, high_limit = max(base // 5, 20), base * 5
    opening = last + tick * pick(choices, (0, 0, 1, -1, 0, 2, -2, 0))
    if wild and chance(choices, 3):
        opening = pick(choices, (opening * 2, opening // 2, opening * 3))
    opening = min(max(opening, low_limit), high_limit)
    close = min(max(opening + tick * pick(choices, (0, 1, -1, 2, -2, 0, 1, -1)), low_limit), high_limit)
    odd = choices.below(7) if chance(choices, 6) else 0
    high = max(opening, close) + tick * pick(choices, (0, 1, 0, 2)) + odd
    low = max(min(opening, close) - tick * pick(choices, (0, 1, 0, 2)), low_limit)
    return (opening, high, min(low, opening, close), close), close


def last_wins(bar: int, symbol: int, rivals: list[tuple[int, int]]) -> set[int]:
    """Keep the direction of the last strategy."""
    del bar, symbol
    return {strategy for strategy, direction in rivals if direction == rivals[-1][1]}


def all_survive(bar: int, symbol: int, rivals: list[tuple[int, int]]) -> set[int]:
    """Keep every signal, both directions."""
    del bar, symbol
    return {strategy for strategy, _ in rivals}


def odd_ones(bar: int, symbol: int, rivals: list[tuple[int, int]]) -> set[int]:
    """Keep every other signal, whatever its direction; which ones depends on bar and symbol."""
    return {strategy for strategy, _ in rivals if (strategy + bar + symbol) % 2}


def propose_equal(bar: int, equities: list[int], reserve: int) -> list[Fraction]:
    """Propose one weight for all, and as much for the reserve."""
    del bar, reserve
    return [Fraction(10**18 // (len(equities) + 1), 10**18)] * len(equities)


def propose_turning(bar: int, equities: list[int], reserve: int) -> list[Fraction]:
    """Propose weights that sum to nearly 1 and change from bar to bar."""
    del reserve
    shares = [1 + (strategy + bar) % 3 for strategy in range(len(equities))]
    return [Fraction(share * 10**18 // sum(shares), 10**18) for share in shares]


def propose_richest(bar: int, equities: list[int], reserve: int) -> list[Fraction]:
    """Propose four tenths for the sleeve with the highest equity, and share two tenths among all."""
    del bar, reserve
    richest = equities.index(max(equities))
    share = Fraction(2 * 10**17 // len(equities), 10**18)
    return [share + (Fraction(2, 5) if strategy == richest else 0) for strategy in range(len(equities))]


RESOLUTIONS: tuple[str | Resolver, ...] = (
    "FIRST_WINS",
    "NET_SIGNAL",
    "CANCEL_BOTH",
    last_wins,
    all_survive,
    odd_ones,
)
PROPOSALS: tuple[Proposal, ...] = (propose_equal, propose_turning, propose_richest)
