"""What must hold in every world, whether the reference runs it or the kernel; the kernel's invariants hold besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.property.worlds import first_bars, worlds
from tests.reference.simulator import simulate
from tests.reference.world import Outcome, World
from tests.unit.kernel.runs import kernel_outcome

Run = Callable[[World], Outcome]

quick = settings(suppress_health_check=[HealthCheck.too_slow])
FILLS = {"entry", "exit"}


def in_kernel(world: World) -> Outcome:
    """Run a world in the kernel; one whose money it cannot hold is another matter."""
    outcome = kernel_outcome(world)
    assume(isinstance(outcome, Outcome))
    assert isinstance(outcome, Outcome)
    return outcome


both = pytest.mark.parametrize("run", [simulate, in_kernel])


@both
@quick
@given(worlds())
def test_the_rows_alone_give_the_ledgers(run: Run, world: World) -> None:
    """Cash, reserve and quantities follow from the rows of fills, sweeps and transfers, without anything else."""
    outcome = run(world)
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


@both
@quick
@given(worlds())
def test_allocations_are_contributions_and_profits(run: Run, world: World) -> None:
    """Allocated capital is what was contributed, plus P&L, less what was swept; P&L recomputes from its trade."""
    outcome = run(world)
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


@both
@quick
@given(worlds())
def test_every_signal_has_one_end(run: Run, world: World) -> None:
    """A signal that is no target weight is filled, blocked, dropped or expired, once."""
    outcome = run(world)
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


@both
@quick
@given(worlds())
def test_the_future_changes_nothing(run: Run, world: World) -> None:
    """A run that ends earlier has the same rows and equities up to there, but for its last bar's expiries."""
    whole = run(replace(world, close_at_end=False))
    middle = world.n_bars // 2
    part = run(replace(first_bars(world, middle + 1), close_at_end=False))
    assert part.equity == whole.equity[: middle + 1]
    assert part.reserve == whole.reserve[: middle + 1]
    expected = [row for row in whole.decisions if row.bar <= middle and row.kind != "expired"]
    assert [row for row in part.decisions if row.kind != "expired"] == expected
    assert part.trades == [trade for trade in whole.trades if trade.exit_bar <= middle]


def coupled(outcome: Outcome) -> bool:
    """Return whether sleeves have met: in a conflict or by a rebalance."""
    return any(row.kind in {"conflict", "rebalance"} for row in outcome.decisions)


@both
@quick
@given(worlds())
def test_strategies_that_never_meet_are_as_if_alone(run: Run, world: World) -> None:
    """Without conflicts and rebalancing a sleeve is what a run of its own with its capital makes of it."""
    together = run(world)
    if coupled(together):
        return
    for place, spec in enumerate(world.strategies):
        capital = int(spec.weight * world.capital // 1)
        alone = replace(world, strategies=[replace(spec, weight=Fraction(1))], capital=capital, rebalance=None)
        outcome = run(alone)
        assert [row[0] for row in outcome.equity] == [row[place] for row in together.equity]
        assert outcome.cash == [together.cash[place]]
        assert [trade[1:] for trade in outcome.trades] == [
            trade[1:] for trade in together.trades if trade.strategy == place
        ]


@both
@quick
@given(worlds())
def test_the_whole_follows_from_fills_and_prices(run: Run, world: World) -> None:
    """Equity of all sleeves and the reserve is the capital plus all flows plus what is held at the last closes."""
    outcome = run(world)
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
