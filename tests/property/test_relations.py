"""How the runs of two worlds must stand to one another: splits, silent strategies, halves, more bars, snapshots."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
from hypothesis import HealthCheck, given, settings, strategies as st

from strategy_orchestrator.kernel import layout as at
from tests.property.test_symmetries import PRICES, by_cell, in_units, outcome_of
from tests.property.worlds import first_bars, worlds
from tests.reference.world import SCALE, Outcome, StrategySpec, TradeRow, World
from tests.unit.kernel.runs import kernel_outcome

quick = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

NAMED: Final = st.sampled_from(["FIRST_WINS", "NET_SIGNAL", "CANCEL_BOTH"])
# An eighth of a share costs whole quanta wherever a price is a multiple of eight of them.
EIGHTH: Final = SCALE // 8


def divided(world: World, by: int) -> World:
    """Return a world after a split: every price a part, every lot and every quantity a multiple."""
    prices: dict[str, Any] = {
        name: [[None if price is None else price // by for price in row] for row in getattr(world, name)]
        for name in PRICES
    }
    per_share = world.commission_per_share
    assert isinstance(per_share, Fraction)
    return replace(world, **prices, lots=[lot * by for lot in world.lots], commission_per_share=per_share / by)


def trade_after_split(row: TradeRow, by: int) -> TradeRow:
    """Return a trade as it is after a split."""
    return row._replace(
        entry_price=row.entry_price // by, exit_price=row.exit_price // by, quantity=row.quantity * by
    )  # fmt: skip


@quick
@given(worlds(), st.sampled_from([2, 4, 5, 10]))
def test_shares_may_be_split(world: World, by: int) -> None:
    """After a split of all shares the quantities are multiples, and every amount of money is the same."""
    whole = in_units(world, by)
    one, other = outcome_of(whole), outcome_of(divided(whole, by))
    assert (other.equity, other.gross, other.reserve) == (one.equity, one.gross, one.reserve)
    assert other.decisions == [row._replace(price=row.price // by, quantity=row.quantity * by) for row in one.decisions]
    assert other.trades == [trade_after_split(row, by) for row in one.trades]


@quick
@given(worlds(), NAMED, st.integers(0, 6))
def test_a_strategy_without_signals_changes_nothing(world: World, resolution: str, place: int) -> None:
    """One more strategy that never speaks, paid from the reserve, leaves every other sleeve as it was."""
    eighth = Fraction(1, 8)
    specs = [replace(spec, weight=eighth) for spec in world.strategies]
    place = min(place, len(specs))
    more = [*specs[:place], StrategySpec(weight=eighth), *specs[place:]]
    plain = replace(world, strategies=specs, resolution=resolution, rebalance=None)
    one, other = outcome_of(plain), outcome_of(replace(plain, strategies=more))
    silent = other.equity[0][place]
    assert [row[:place] + row[place + 1 :] for row in other.equity] == one.equity
    assert {row[place] for row in other.equity} == {silent} == {world.capital // 8}
    assert [amount + silent for amount in other.reserve] == one.reserve
    symbols, names = range(world.n_symbols), [-1 if each == place else each - (each > place) for each in range(7)]
    assert by_cell(other.decisions, symbols, names) == by_cell(one.decisions, symbols, range(6))


def halved(world: World, place: int) -> World:
    """Return a world in which two copies of one strategy, half its weight each, trade half its lots."""
    weight = world.strategies[place].weight / 2
    # Weights are counted in 10⁻¹⁸.
    half = replace(world.strategies[place], weight=Fraction(int(weight * 10**18), 10**18))
    specs = [*world.strategies[:place], half, half, *world.strategies[place + 1 :]]
    return replace(world, strategies=specs)


def columns_of(outcome: Outcome, place: int) -> list[int]:
    """Return the equity of one sleeve at every bar."""
    return [row[place] for row in outcome.equity]


def trades_of(outcome: Outcome, place: int, times: int = 1) -> list[tuple[Any, ...]]:
    """Return the trades of one sleeve without its place, quantities and money times a number."""
    counts = ("entry_notional", "entry_commission", "quantity", "exit_notional", "exit_commission", "pnl")
    rows = [row for row in outcome.trades if row.strategy == place]
    return [row._replace(strategy=0, **{name: times * getattr(row, name) for name in counts}) for row in rows]


@quick
@given(worlds(), NAMED, st.integers(0, 5))
def test_two_halves_are_the_whole(world: World, resolution: str, place: int) -> None:
    """A strategy and two copies of half its weight, whose lots are half as large, come to the same, to the unit."""
    place %= len(world.strategies)
    exact = replace(in_units(world, 1), resolution=resolution, commission_per_trade=0)
    others = [spec if each == place else StrategySpec(weight=spec.weight) for each, spec in enumerate(exact.strategies)]
    one = outcome_of(replace(exact, strategies=others, lots=[2 * EIGHTH] * world.n_symbols))
    two = outcome_of(halved(replace(exact, strategies=others, lots=[EIGHTH] * world.n_symbols), place))
    assert columns_of(two, place) == columns_of(two, place + 1)
    assert [2 * amount for amount in columns_of(two, place)] == columns_of(one, place)
    assert two.reserve == one.reserve
    assert trades_of(two, place, times=2) == trades_of(two, place + 1, times=2) == trades_of(one, place)


@quick
@given(worlds(), NAMED, st.integers(0, 5))
def test_equal_copies_are_twins(world: World, resolution: str, place: int) -> None:
    """Two strategies that say the same with the same capital do the same, whatever is rounded, beside any others."""
    place %= len(world.strategies)
    both = outcome_of(halved(replace(world, resolution=resolution, rebalance=None), place))
    assert columns_of(both, place) == columns_of(both, place + 1)
    assert trades_of(both, place) == trades_of(both, place + 1)


@quick
@given(worlds(), st.integers(2, 40))
def test_more_bars_leave_the_past_as_it_was(world: World, n_bars: int) -> None:
    """However many bars are appended, every row and equity before the old last bar stays."""
    n_bars = min(n_bars, world.n_bars)
    short, long = outcome_of(first_bars(world, n_bars)), outcome_of(world)
    last = n_bars - 1
    assert (short.equity[:last], short.gross[:last]) == (long.equity[:last], long.gross[:last])
    assert short.reserve[:last] == long.reserve[:last]
    for name, when in (("decisions", "bar"), ("trades", "exit_bar")):
        ours, theirs = ([row for row in getattr(each, name) if getattr(row, when) < last] for each in (short, long))
        assert ours == theirs


def through_bytes(books: at.Books) -> at.Books:
    """Write books down and read them again, with nothing else kept."""
    written = [(array.tobytes(), array.dtype, array.shape) for array in books]
    return at.Books(*(np.frombuffer(text, kind).reshape(shape).copy() for text, kind, shape in written))


@quick
@given(worlds(), st.data())
def test_a_run_stopped_at_any_bar_goes_on_from_bytes(world: World, data: st.DataObject) -> None:
    """The books as bytes, taken at any bar, are all that the rest of the run needs."""
    chunk = data.draw(st.integers(1, world.n_bars))
    stopped = kernel_outcome(world, chunk=chunk, pause=through_bytes)
    assert stopped == kernel_outcome(world)
