"""A run that was cut short is gone on with, and comes to the same bytes as one that was not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from strategy_orchestrator.engine import BacktestEngine, Snapshot
from strategy_orchestrator.errors import OrchestratorError, RunError
from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.models.records import RunRecord
from tests.property.test_engine import as_users_can, engine_of
from tests.property.worlds import worlds
from tests.reference.world import StrategySpec, World

quick = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=settings().max_examples // 2)


@dataclass
class Kept:
    """Take a snapshot whenever asked, and offer one of them.

    Attributes
    ----------
    start : Snapshot or None
        Where to go on.
    """

    start: Snapshot | None = None
    snapshots: list[Snapshot] = field(default_factory=list)
    digests: list[dict[str, str]] = field(default_factory=list)

    def last(self, digests: Mapping[str, str]) -> Snapshot | None:
        """Return the one to go on from."""
        self.digests.append(dict(digests))
        return self.start

    def keep(self, digests: Mapping[str, str], take: Callable[[], Snapshot]) -> None:
        """Take one."""
        del digests
        self.snapshots.append(take())


def watch(done: int, total: int) -> None:
    """Be told every bar, so that the run can be cut short at any."""
    del done, total


def arrays_of(record: RunRecord) -> dict[str, list[Any]]:
    """Return all that a record holds."""
    names = ("equity", "gross", "reserve", "trades", "decisions", "sleeves")
    return {name: getattr(record, name).tolist() for name in names}


def run(engine: BacktestEngine, kept: Kept) -> RunRecord | None:
    """Run, and return None where amounts are too large for a ledger."""
    try:
        return engine.run(watch, kept)
    except OrchestratorError:
        return None


@quick
@given(worlds())
def test_a_run_gone_on_with_is_the_straight_run(world: World) -> None:
    """From every snapshot on, and with whatever is asked between the bars, the record is the same to the unit."""
    world, kept = as_users_can(world), Kept()
    straight = run(engine_of(world), kept)
    if straight is None:
        return
    assert [snapshot.bar for snapshot in kept.snapshots] == list(range(1, world.n_bars))
    for snapshot in kept.snapshots[:: max(1, world.n_bars // 4)]:
        again = Kept(snapshot)
        resumed = run(engine_of(world), again)
        assert resumed is not None
        assert arrays_of(resumed) == arrays_of(straight)
        assert fingerprint_of(resumed) == fingerprint_of(straight)
        assert (resumed.n_conflicts, resumed.n_blocks) == (straight.n_conflicts, straight.n_blocks)
        assert again.digests == kept.digests
        assert [later.bar for later in again.snapshots] == list(range(snapshot.bar + 1, world.n_bars))


HALF = Fraction(1, 2)
PRICES = [[100_000_000 + bar] for bar in range(6)]
SPEC = StrategySpec(weight=HALF, entries=[[bar == 0] for bar in range(6)], exits=[[False]] * 6)
# The second of two strategies of this kind is asked bar by bar.
WORLD = World(PRICES, PRICES, PRICES, PRICES, [SPEC, SPEC], 10**9, lots=[10**6])


def test_who_does_not_repeat_itself_is_refused() -> None:
    """Where strategies are asked anew, the books of the snapshot are held against those of the run."""
    kept = Kept()
    engine_of(WORLD).run(watch, kept)
    snapshot = kept.snapshots[3]
    sleeves = snapshot.arrays["sleeves"].copy()
    sleeves["cash"][0] += 1
    other = Snapshot(snapshot.bar, {**snapshot.arrays, "sleeves": sleeves})
    with pytest.raises(RunError, match=r"resume: the run that was cut short had other books after 4 bars\. A strategy"):
        engine_of(WORLD).run(watch, Kept(other))


def test_snapshots_are_taken_without_anybody_watching() -> None:
    """Nobody need be told how far a run is."""
    kept = Kept()
    assert engine_of(WORLD).run(None, kept).n_bars == 6
    assert [snapshot.bar for snapshot in kept.snapshots] == [1, 2, 3, 4, 5]


CHANGES: dict[str, tuple[World, str]] = {
    "prices": (replace(WORLD, close=[*PRICES[:-1], [100_000_009]], high=[[200_000_000]] * 6), "the prices"),
    "costs": (replace(WORLD, commission_per_trade=1), "the costs, lots, sizes or schedules"),
    "capital": (replace(WORLD, capital=2 * 10**9), "the strategies, their weights or rules"),
    "options": (replace(WORLD, close_at_end=False), "the options"),
    "signals": (
        replace(WORLD, strategies=[replace(SPEC, entries=[[bar == 2] for bar in range(6)]), SPEC]),
        "the signals of the strategies",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_determines_a_run_has_a_digest(name: str) -> None:
    """A change is seen in the part that was changed."""
    before, after = Kept(), Kept()
    engine_of(WORLD).run(watch, before)
    world, words = CHANGES[name]
    engine_of(world).run(watch, after)
    assert before.digests[0].keys() == after.digests[0].keys()
    assert words in {part for part, digest in before.digests[0].items() if after.digests[0][part] != digest}
