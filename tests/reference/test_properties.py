"""What must hold in every world; the simulator's own assertions run after every bar besides."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings

from tests.property.worlds import random_world, worlds
from tests.reference.simulator import simulate
from tests.reference.world import Outcome, World

quick = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FILLS = {"entry", "exit"}


@quick
@given(worlds())
def test_the_rows_alone_give_the_ledgers(world: World) -> None:
    """Cash, reserve and quantities follow from the rows of fills, sweeps and transfers, without anything else."""
    outcome = simulate(world)
    cash = Counter({place: int(spec.weight * world.capital // 1) for place, spec in enumerate(world.strategies)})
    reserve = world.capital - sum(cash.values())
    held: Counter[tuple[int, int]] = Counter()
    for row in outcome.decisions:
        if row.kind in FILLS:
            cash[row.strategy] -= row.direction * row.amount + row.commission
            held[row.strategy, row.symbol] += row.direction * row.quantity
        elif row.kind == "sweep":
            cash[row.strategy] -= row.amount
            reserve += row.amount
        elif row.kind == "transfer" and row.strategy < 0:
            reserve += row.amount
        elif row.kind == "transfer":
            cash[row.strategy] += row.amount
    assert [cash[place] for place in range(len(world.strategies))] == outcome.cash
    assert reserve == outcome.reserve[-1]
    positions = {(row.strategy, row.symbol): row.quantity for row in outcome.positions}
    assert {cell: quantity for cell, quantity in held.items() if quantity} == positions


@quick
@given(worlds())
def test_allocations_are_contributions_and_profits(world: World) -> None:
    """Allocated capital is what was contributed, plus P&L, less what was swept; P&L recomputes from its trade."""
    outcome = simulate(world)
    profits: Counter[int] = Counter()
    for trade in outcome.trades:
        gain = trade.direction * (trade.exit_notional - trade.entry_notional)
        assert trade.pnl == gain - trade.entry_commission - trade.exit_commission
        profits[trade.strategy] += trade.pnl
    for row in outcome.decisions:
        if row.kind == "sweep":
            profits[row.strategy] -= row.amount
    for place, (allocated, contributed) in enumerate(zip(outcome.allocated, outcome.contributed, strict=True)):
        assert allocated == contributed + profits[place]
    assert len(outcome.trades) == sum(row.kind == "exit" for row in outcome.decisions)


@quick
@given(worlds())
def test_every_signal_has_one_end(world: World) -> None:
    """A signal that is no target weight is filled, blocked, dropped or expired, once."""
    outcome = simulate(world)
    plain = {place for place, spec in enumerate(world.strategies) if spec.form == "signals"}
    ends: Counter[tuple[int, int]] = Counter()
    exits = set()
    for row in outcome.decisions:
        cell = row.strategy, row.symbol
        if row.kind == "signal":
            ends[cell] -= 1
        elif row.kind == "exit" and row.reason == "strategy_signal":
            ends[cell] += 1
            exits.add((row.bar, cell))
        elif row.kind in {"entry", "blocked"}:
            # The second leg of a reversal is no second end.
            ends[cell] += (row.bar, cell) not in exits
        elif row.kind in {"dropped", "expired"}:
            ends[cell] += abs(row.direction)
    assert {cell for cell, count in ends.items() if count and cell[0] in plain} == set()


@quick
@given(worlds())
def test_the_future_changes_nothing(world: World) -> None:
    """A run that ends earlier has the same rows and equities up to there, but for its last bar's expiries."""
    whole = simulate(replace(world, close_at_end=False))
    middle = world.n_bars // 2
    cut = {name: getattr(world, name)[: middle + 1] for name in ("open", "high", "low", "close")}
    part = simulate(replace(world, close_at_end=False, **cut))
    assert part.equity == whole.equity[: middle + 1]
    assert part.reserve == whole.reserve[: middle + 1]
    expected = [row for row in whole.decisions if row.bar <= middle and row.kind != "expired"]
    assert [row for row in part.decisions if row.kind != "expired"] == expected
    assert part.trades == [trade for trade in whole.trades if trade.exit_bar <= middle]


def coupled(outcome: Outcome) -> bool:
    """Return whether sleeves have met: in a conflict or by a rebalance."""
    return any(row.kind in {"conflict", "rebalance"} for row in outcome.decisions)


@quick
@given(worlds())
def test_strategies_that_never_meet_are_as_if_alone(world: World) -> None:
    """Without conflicts and rebalancing a sleeve is what a run of its own with its capital makes of it."""
    together = simulate(world)
    if coupled(together):
        return
    for place, spec in enumerate(world.strategies):
        capital = int(spec.weight * world.capital // 1)
        alone = replace(world, strategies=[replace(spec, weight=Fraction(1))], capital=capital, rebalance=None)
        outcome = simulate(alone)
        assert [row[0] for row in outcome.equity] == [row[place] for row in together.equity]
        assert outcome.cash == [together.cash[place]]
        assert [trade[1:] for trade in outcome.trades] == [
            trade[1:] for trade in together.trades if trade.strategy == place
        ]


@quick
@given(worlds())
def test_the_whole_follows_from_fills_and_prices(world: World) -> None:
    """Equity of all sleeves and the reserve is the capital plus all flows plus what is held at the last closes."""
    outcome = simulate(world)
    known: list[int] = [0] * world.n_symbols
    held: Counter[tuple[int, int]] = Counter()
    money = world.capital
    rows = iter([*outcome.decisions, None])
    row = next(rows)
    for bar in range(world.n_bars):
        known = [last if close is None else close for last, close in zip(known, world.close[bar], strict=True)]
        while row is not None and row.bar == bar:
            if row.kind in FILLS:
                money -= row.direction * row.amount + row.commission
                held[row.strategy, row.symbol] += row.direction * row.quantity
            row = next(rows)
        value = sum(round(Fraction(quantity * known[cell[1]], 10**6)) for cell, quantity in held.items())
        assert sum(outcome.equity[bar]) + outcome.reserve[bar] == money + value


@pytest.mark.parametrize("block", range(4))
def test_many_worlds_run(block: int) -> None:
    """Assertions of the simulator hold in hundreds of larger worlds, which between them reach every kind of row."""
    kinds: Counter[str] = Counter()
    for seed in range(block * 300, block * 300 + 300):
        kinds.update(row.kind for row in simulate(random_world(random.Random(seed))).decisions)  # noqa: S311
    assert kinds.keys() >= {
        "signal", "contradiction", "conflict", "dropped", "exit", "entry", "cut", "blocked",
        "sweep", "ruin", "quarantine", "rebalance", "transfer", "expired",
    }  # fmt: skip


def test_a_seed_names_a_world() -> None:
    """The same seed draws the same world, so that a failure can be told by a number."""
    assert random_world(random.Random(7)) == random_world(random.Random(7))  # noqa: S311
