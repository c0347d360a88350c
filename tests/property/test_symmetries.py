"""What must not matter to the kernel, and what may matter in one direction only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from hypothesis import HealthCheck, assume, given, settings, strategies as st

from tests.property.worlds import worlds
from tests.reference.world import SCALE, Decision, Outcome, StrategySpec, World
from tests.unit.kernel.runs import kernel_outcome

quick = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

PRICES: Final = ("open", "high", "low", "close")
BY_CELL: Final = ("entries", "exits", "short_entries", "short_exits", "weights")
BY_SYMBOL: Final = ("commission_per_trade", "commission_per_share", "commission_pct", "lots")
FILLS: Final = {"entry", "exit"}
# Divided by numbers of symbols and multiplied by fractions of four decimals it stays whole.
UNITS: Final = 80_000


def outcome_of(world: World) -> Outcome:
    """Run a world in the kernel; one whose money it cannot hold is another matter."""
    outcome = kernel_outcome(world)
    assume(isinstance(outcome, Outcome))
    assert isinstance(outcome, Outcome)
    return outcome


def permuted(values: Any, order: Sequence[int]) -> Any:
    """Return values in another order; one value for all, or none, stays as it is."""
    return [values[place] for place in order] if isinstance(values, list) else values


def permuted_grid(grid: Any, order: Sequence[int]) -> Any:
    """Return a grid with its columns in another order."""
    return [permuted(row, order) for row in grid] if isinstance(grid, list) else grid


def with_symbols(world: World, order: Sequence[int]) -> World:
    """Return a world with its symbols in another order."""
    specs = [
        replace(spec, **{name: permuted_grid(getattr(spec, name), order) for name in BY_CELL})
        for spec in world.strategies
    ]
    grids = {name: permuted_grid(getattr(world, name), order) for name in (*PRICES, "slippage_pct", "sizer")}
    terms = {name: permuted(getattr(world, name), order) for name in BY_SYMBOL}
    return replace(world, strategies=specs, **grids, **terms)


def with_unused_symbol(world: World) -> World:
    """Return a world with a last symbol of which no strategy speaks, priced like the first."""

    def widened(grid: Any, value: Any) -> Any:
        return [[*row, value] for row in grid] if isinstance(grid, list) else grid

    silent = dict.fromkeys(BY_CELL, False) | {"weights": None}
    specs = [
        replace(spec, **{name: widened(getattr(spec, name), value) for name, value in silent.items()})
        for spec in world.strategies
    ]
    grids: dict[str, Any] = {name: [[*row, row[0]] for row in getattr(world, name)] for name in PRICES}
    grids |= {name: widened(getattr(world, name), Fraction(0)) for name in ("slippage_pct", "sizer")}
    terms = {name: getattr(world, name) for name in BY_SYMBOL}
    terms = {name: [*values, values[0]] if isinstance(values, list) else values for name, values in terms.items()}
    return replace(world, strategies=specs, **grids, **terms)


def by_cell(rows: Iterable[Decision], symbols: Sequence[int], strategies: Sequence[int]) -> list[Any]:
    """Return rows in an order of their own, their symbols and strategies as they were called before."""
    symbol_names, strategy_names = [*symbols, -1], [*strategies, -1]
    named = (row._replace(symbol=symbol_names[row.symbol], strategy=strategy_names[row.strategy]) for row in rows)
    return sorted(named)


def is_short_of_cash(outcome: Outcome) -> bool:
    """Tell whether an entry got less than its slot, so that it mattered which came first."""
    return any(row.reason in {"capital", "no_cash"} for row in outcome.decisions)


@quick
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_symbols_does_not_matter(world: World, random: Any) -> None:
    """Where no sleeve is short of cash, every order of the symbols gives the same fills and equities.

    Gains stay in the sleeve: a sweep takes what each exit leaves, so that a loss before a gain leaves less to take.
    """
    resolution = world.resolution if isinstance(world.resolution, str) else "NET_SIGNAL"
    world = replace(world, resolution=resolution, profit_policy="compound")
    order = random.sample(range(world.n_symbols), world.n_symbols)
    one, other = outcome_of(world), outcome_of(with_symbols(world, order))
    assume(not is_short_of_cash(one) and not is_short_of_cash(other))
    same = range(len(world.strategies))
    assert by_cell(other.decisions, order, same) == by_cell(one.decisions, range(world.n_symbols), same)
    assert (other.equity, other.reserve, other.allocated) == (one.equity, one.reserve, one.allocated)


@quick
@given(worlds(), st.sampled_from(["NET_SIGNAL", "CANCEL_BOTH"]), st.randoms(use_true_random=False))
def test_the_order_of_strategies_does_not_matter(world: World, resolution: str, random: Any) -> None:
    """Without rebalancing, modes that name no order give every sleeve the same in every order of the list."""
    world = replace(world, resolution=resolution, rebalance=None)
    order = random.sample(range(len(world.strategies)), len(world.strategies))
    specs = [world.strategies[place] for place in order]
    one, other = outcome_of(world), outcome_of(replace(world, strategies=specs))
    symbols = range(world.n_symbols)
    assert by_cell(other.decisions, symbols, order) == by_cell(one.decisions, symbols, range(len(order)))
    assert other.equity == permuted_grid(one.equity, order)
    assert (other.reserve, other.conflicts_detected) == (one.reserve, one.conflicts_detected)


@quick
@given(worlds())
def test_a_symbol_of_which_nobody_speaks_changes_nothing(world: World) -> None:
    """Where slots do not depend on the number of symbols, one more leaves everything as it was."""
    share = [[Fraction(1, 4)] * world.n_symbols for _ in range(world.n_bars)]
    world = replace(world, sizer=share if world.sizer is None else world.sizer)
    one, other = outcome_of(world), outcome_of(with_unused_symbol(world))
    assert other == one


def in_units(world: World, factor: int) -> World:
    """Return a world whose prices and money are such multiples that nothing is ever rounded, times a factor."""
    largest = max(price for row in world.high for price in row if price is not None)
    scale = UNITS * factor
    prices: dict[str, Any] = {
        name: [[None if price is None else (price * 1000 // largest + 1) * scale for price in row] for row in grid]
        for name, grid in ((name, getattr(world, name)) for name in PRICES)
    }
    weight = Fraction(1, 10)
    specs = [
        replace(spec, weight=weight) if spec.form == "signals" else StrategySpec(weight=weight)
        for spec in world.strategies
    ]
    return replace(
        world,
        **prices,
        strategies=specs,
        capital=10 * scale * (1000 + world.capital % 9_000),
        commission_per_trade=scale * (world.capital % 3),
        commission_per_share=Fraction(scale * (world.capital % 2), SCALE),
        commission_pct=Fraction(0),
        slippage_pct=Fraction(0),
        lots=[SCALE] * world.n_symbols,
        rebalance=None,
        sizer=None,
    )


@quick
@given(worlds())
def test_ten_times_the_money_is_ten_times_the_result(world: World) -> None:
    """Prices, commissions and capital times ten: the same quantities, and ten times every amount."""
    assume(world.n_symbols != 3)
    one, ten = outcome_of(in_units(world, 1)), outcome_of(in_units(world, 10))
    assert ten.equity == [[10 * amount for amount in row] for row in one.equity]
    assert ten.reserve == [10 * amount for amount in one.reserve]
    times_ten = [
        row._replace(price=10 * row.price, amount=10 * row.amount, commission=10 * row.commission)
        for row in one.decisions
    ]
    assert ten.decisions == times_ten


def fills_of(outcome: Outcome, bar: int) -> list[tuple[Any, ...]]:
    """Return who bought and sold how much at a bar."""
    rows = (row for row in outcome.decisions if row.bar == bar and row.kind in FILLS)
    return [(row.kind, row.strategy, row.symbol, row.direction, row.quantity) for row in rows]


@quick
@given(worlds(), st.integers(0, 3), st.sampled_from(["0", "0.001", "0.00001"]))
def test_commission_never_raises_equity(world: World, per_trade: int, rate: str) -> None:
    """As long as the same is bought and sold, no sleeve is worth more with a commission than without."""
    world = replace(world, profit_policy="compound", rebalance=None, commission_per_trade=0)
    free = replace(world, commission_per_share=Fraction(0), commission_pct=Fraction(0))
    charged = replace(free, commission_per_trade=per_trade, commission_pct=Fraction(rate))
    one, other = outcome_of(free), outcome_of(charged)
    for bar in range(world.n_bars):
        if fills_of(one, bar) != fills_of(other, bar):
            break
        assert all(less <= more for less, more in zip(other.equity[bar], one.equity[bar], strict=True))
