"""The properties find a kernel that is broken, whatever is wrong with it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

import pytest

from benchmarks.sides.unchecked import LEFT_OUT
from scripts.changed_kernel import changed_functions
from strategy_orchestrator.kernel import compiled
from strategy_orchestrator.kernel.status import BROKEN
from tests.property import test_books, test_kernel
from tests.property.breaking import BREAKS, Break, break_kernel, interpret
from tests.property.worlds import Dice, draw_world
from tests.reference.world import Outcome, World
from tests.unit.kernel.runs import kernel_outcome

MOST_WORLDS: Final = 400
MOST_BARS: Final = 12


class RefusedError(Exception):
    """The kernel cannot hold the money of a world, which is no fault."""


def in_kernel(world: World) -> Outcome:
    """Run a world; a kernel that finds its own books wrong is as good as caught."""
    found = kernel_outcome(world)
    if isinstance(found, Outcome):
        return found
    assert found not in BROKEN
    raise RefusedError


def inner(test: Any) -> Callable[..., None]:
    """Return a property as a function of a world."""
    function: Callable[..., None] = test.hypothesis.inner_test
    return function


def agreement(world: World) -> None:
    """Compare with the reference."""
    inner(test_kernel.test_kernel_and_reference_agree)(world)


def laws(world: World) -> None:
    """Check what must hold of any outcome, without a second opinion on what is right."""
    for name, value in vars(test_books).items():
        if name.startswith("test_"):
            inner(value)(in_kernel, world)


def is_against(world: World, properties: Callable[[World], None]) -> bool:
    """Tell whether a world breaks properties."""
    try:
        properties(world)
    except AssertionError:
        return True
    except RefusedError:
        return False
    return False


def is_caught(properties: Callable[[World], None]) -> bool:
    """Tell whether one of many small worlds breaks properties."""
    worlds = (draw_world(Dice(random.Random(seed)), MOST_BARS) for seed in range(MOST_WORLDS))
    return any(is_against(world, properties) for world in worlds)


def test_the_real_kernel_passes_interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the broken ones are made of breaks nothing."""
    interpret(monkeypatch)
    for properties in (agreement, laws):
        assert not any(is_against(draw_world(Dice(random.Random(seed)), MOST_BARS), properties) for seed in range(30))


@pytest.mark.parametrize("how", BREAKS, ids=[each.wrong for each in BREAKS])
def test_a_broken_kernel_is_caught(how: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    """A world is found in which a kernel that is wrong differs from the reference."""
    break_kernel(monkeypatch, how)
    assert is_caught(agreement)


NEED_NO_REFERENCE: Final = {
    "forgets the commission of an entry",
    "forgets the commission of an exit",
    "leaves the commission out of the profit",
    "keeps cash in floats of the currency",
    "rounds halves up",
    "fills at the price of the bar before",
    "sees the signals of tomorrow",
    "spends a slot that the sleeve no longer has",
    "values a symbol without a bar at nothing",
    "loses the units that a transfer cannot divide",
}


@pytest.mark.parametrize("wrong", sorted(NEED_NO_REFERENCE))
def test_money_that_goes_missing_needs_no_second_opinion(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's own checks and the laws of the books are enough to see it."""
    break_kernel(monkeypatch, next(each for each in BREAKS if each.wrong == wrong))
    assert is_caught(laws)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_the_checks_that_a_benchmark_leaves_out_are_where_it_looks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they take could not be told any more; the benchmark itself is run too seldom to notice."""
    monkeypatch.setattr(compiled, "MARKED", [])
    assert list(changed_functions(name, LEFT_OUT[name]))
