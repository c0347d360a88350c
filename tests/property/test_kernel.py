"""The kernel and the reference agree on everything, to the unit, however the kernel is driven.

HYPOTHESIS_PROFILE=long tries 24,000 seeded worlds; `-n 2` of pytest-xdist shares them between two processes.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from strategy_orchestrator.kernel.making import copy_books
from strategy_orchestrator.kernel.status import Status
from tests.property.worlds import random_world, wide_world, worlds
from tests.reference.cases import Case, says, targets, world_of
from tests.reference.simulator import simulate
from tests.reference.world import Outcome, World
from tests.unit.kernel.runs import differences, kernel_outcome, smallest_books

quick = settings(suppress_health_check=[HealthCheck.too_slow])

# Sums of two such amounts still fit 64 bits; beyond, the kernel may refuse what integers without bounds can hold.
LARGEST: Final = 2**62
IS_LONG: Final = os.environ.get("HYPOTHESIS_PROFILE") == "long"
BLOCKS: Final = 24 if IS_LONG else 4
WORLDS_A_BLOCK: Final = 1_000 if IS_LONG else 60
WIDE_WORLDS: Final = 2_000 if IS_LONG else 40
KINDS: Final = {
    "signal", "contradiction", "conflict", "dropped", "entry", "exit", "cut", "blocked", "sweep", "ruin",
    "quarantine", "rebalance", "transfer", "expired",
}  # fmt: skip


def check_agreement(world: World) -> Outcome:
    """Run a world in both, compare all that they give back, and return it."""
    expected, found = simulate(world), kernel_outcome(world)
    if expected.largest >= LARGEST and found == Status.OVERFLOW:
        return expected
    assert isinstance(found, Outcome), found
    assert differences(found, expected) == []
    return expected


@quick
@given(worlds())
def test_kernel_and_reference_agree(world: World) -> None:
    """Every decision, fill, ledger and equity is the same."""
    check_agreement(world)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_they_agree_on_larger_worlds(block: int) -> None:
    """So it is with longer worlds drawn by seed, which between them reach every kind of row."""
    kinds: Counter[str] = Counter()
    for seed in range(block * WORLDS_A_BLOCK, (block + 1) * WORLDS_A_BLOCK):
        outcome = check_agreement(random_world(random.Random(seed)))
        kinds.update(row.kind for row in outcome.decisions)
    assert kinds.keys() == KINDS


def test_they_agree_where_there_are_many_symbols() -> None:
    """So it is where few of many symbols are held, and where signals fill more than one block of cells."""
    for seed in range(WIDE_WORLDS):
        check_agreement(wide_world(random.Random(seed)))


def test_they_agree_where_every_cell_has_a_signal() -> None:
    """So it is where orders come of more than one block of signals, of weights as of entries."""
    n_symbols = 300
    spoken = [says(*["E.X."] * n_symbols, weight="0.5"), targets(*["0.001 . 0.002 ."] * n_symbols, weight="0.5")]
    prices = ["|".join([price] * n_symbols) for price in ("10", "11", "12", "13")]
    outcome = check_agreement(world_of(Case("", prices, spoken, [], capital="1000000")))
    assert Counter(row.kind for row in outcome.decisions)["signal"] > 2 * 512


@pytest.mark.parametrize("switch", ["NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"])
def test_it_is_one_kernel_however_it_is_run(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interpreted, and compiled with checks of every index, it gives the same."""
    monkeypatch.setenv(switch, "1")
    for seed in range(WORLDS_A_BLOCK):
        check_agreement(random_world(random.Random(seed)))


def test_a_seed_names_a_world() -> None:
    """The same seed draws the same world, so that a failure can be told by a number."""
    assert random_world(random.Random(7)) == random_world(random.Random(7))


@quick
@given(worlds(), st.integers(1, 5))
def test_chunks_are_the_whole(world: World, chunk: int) -> None:
    """Bars that are handed to the kernel a few at a time give what all at once give."""
    assert kernel_outcome(world, chunk=chunk) == kernel_outcome(world)


@quick
@given(worlds(), st.integers(1, 5))
def test_a_snapshot_goes_on_as_the_run(world: World, chunk: int) -> None:
    """A copy taken at any pause goes on as the run would have."""
    assert kernel_outcome(world, chunk=chunk, new_books=smallest_books, pause=copy_books) == kernel_outcome(world)


@quick
@given(worlds())
def test_the_smallest_buffers_lose_nothing(world: World) -> None:
    """A run that is paused to empty its buffers at every step gives the same rows."""
    assert kernel_outcome(world, new_books=smallest_books) == kernel_outcome(world)


@quick
@given(worlds())
def test_a_run_says_the_same_twice(world: World) -> None:
    """Nothing is left over from a run to the next."""
    assert kernel_outcome(world) == kernel_outcome(world)
