"""The loop stops where it needs something and goes on there, as if it had never stopped."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from strategy_orchestrator.kernel import layout as at, loop_over, making
from strategy_orchestrator.kernel.status import Status
from tests.property.worlds import last_wins, propose_turning, random_world
from tests.reference.cases import Case, check_case, says, targets, told, units, world_of
from tests.reference.world import Rebalance, World
from tests.unit.kernel.runs import KernelRun, books_of, intents_of, kernel_outcome, market_of, smallest_books


def busy_world() -> World:
    """Return a world in which everything is asked, at nearly every bar."""
    world = random_world(random.Random(33))
    rule = Rebalance(propose_turning, scheduled=[bar % 3 == 1 for bar in range(world.n_bars)])
    specs = [replace(world.strategies[0], quarantine_at=world.n_bars // 2), *world.strategies[1:]]
    return replace(world, strategies=specs, resolution=last_wins, rebalance=rule)


def test_every_question_is_asked() -> None:
    """The busy world of these tests pauses for each reason there is but sizes."""
    run = KernelRun(busy_world(), new_books=smallest_books)
    run.go()
    counted = Counter(run.stops)
    assert counted.keys() == {
        Status.DONE,
        Status.BUFFER_FULL,
        Status.ASK_STRATEGIES,
        Status.ASK_RESOLVER,
        Status.ASK_REBALANCER,
    }
    assert counted[Status.ASK_STRATEGIES] == busy_world().n_bars


def test_the_same_question_is_asked_until_it_is_answered() -> None:
    """Called again without an answer, the loop stands where it stood."""
    world = busy_world()
    state = at.State(books_of(world), making.new_curves(world.n_bars, len(world.strategies)))
    market, intents = market_of(world), intents_of(world)
    for _ in range(3):
        assert loop_over(state, market, intents)(world.n_bars) == Status.ASK_STRATEGIES
        assert state.books.run["bar"] == 0


def test_a_fault_is_told_again() -> None:
    """Called again after a fault, the loop says the same and books nothing more."""
    world = world_of(Case("", ["1", "1", "9000000000000"], [says("E..")], []))
    state = at.State(books_of(world), making.new_curves(3, 1))
    market, intents = market_of(world), intents_of(world)
    assert loop_over(state, market, intents)(3) == Status.OVERFLOW
    before = making.copy_books(state.books)
    assert loop_over(state, market, intents)(3) == Status.OVERFLOW
    assert [array.tobytes() for array in state.books] == [array.tobytes() for array in before]


def test_nothing_happens_once_all_bars_are_done() -> None:
    """A run that came to its end stays there."""
    world = world_of(Case("", ["1", "1"], [says("E.")], []))
    state = at.State(books_of(world), making.new_curves(2, 1))
    market, intents = market_of(world), intents_of(world)
    assert [loop_over(state, market, intents)(2) for _ in range(2)] == [Status.DONE] * 2
    assert state.books.run["n_decisions"] == 2


@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_chunks_are_the_whole(chunk: int) -> None:
    """However many bars are handed over at once, the outcome is one."""
    assert kernel_outcome(busy_world(), chunk=chunk) == kernel_outcome(busy_world())


def test_the_smallest_buffers_lose_nothing() -> None:
    """Buffers that hold one step are emptied more often, no more."""
    assert kernel_outcome(busy_world(), new_books=smallest_books) == kernel_outcome(busy_world())


def test_a_snapshot_of_any_pause_goes_on() -> None:
    """The run continues from a copy at every pause; what it left behind is spoilt, and missed by nobody."""

    def pause(books: at.Books) -> at.Books:
        snapshot = making.copy_books(books)
        for array in books:
            array.view(np.uint8)[...] = 255
        return snapshot

    outcome = kernel_outcome(busy_world(), chunk=2, new_books=smallest_books, pause=pause)
    assert outcome == kernel_outcome(busy_world())


def test_a_snapshot_can_go_two_ways() -> None:
    """From one pause the same memory leads to the same end, twice."""
    kept: list[at.Books] = []

    def keep(books: at.Books) -> at.Books:
        if books.run["bar"] == 1 and not kept:
            kept.append(making.copy_books(books))
        return books

    world = world_of(Case("", ["10", "10", "12", "11"], [says("EX..")], []))
    status, straight = KernelRun(world, chunk=1, pause=keep).go()
    ends = []
    for _ in range(2):
        state = at.State(making.copy_books(kept[0]), making.new_curves(4, 1))
        state.books.run["first_bar"] = 0
        assert loop_over(state, market_of(world), intents_of(world))(4) == status == Status.DONE
        ends.append((state.books.strategies.tolist(), state.books.cells.tolist()))
    assert ends[0] == ends[1] == (straight.strategies.tolist(), straight.cells.tolist())


SIZES = {
    "it gets what it wants": (
        # 1000 are there.
        "30",
        ["1 entry strategy_signal 0 0 1 30 10 300"],
    ),
    "whole lots of it": ("30.9", ["1 entry strategy_signal 0 0 1 30 10 300"]),
    "no more than it can pay": (
        "101",
        ["1 entry strategy_signal 0 0 1 100 10 1000", "1 cut capital 0 0 1 100 10 1000"],
    ),
    "nothing is less than a lot": ("0.9", ["1 blocked below_lot 0 0 1 0 10 1000"]),
}


@pytest.mark.parametrize(("wanted", "rows"), SIZES.values(), ids=SIZES)
def test_a_strategy_sizes_its_entry(wanted: str, rows: list[str]) -> None:
    """It is told price and budget, and gets what it asks for as far as the rules allow."""
    asked = []

    def size(*question: int) -> int:
        asked.append(question)
        return units(wanted)

    case = Case("", ["10", "10"], [says("E.")], rows)
    check_case(case, lambda world: kernel_outcome(world, size=size))
    assert asked == [(0, 0, units("10"), units("1000"))]


def test_a_strategy_is_not_asked_for_what_it_cannot_pay() -> None:
    """With no cash left there is nothing to size; a target weight sizes itself."""
    asked: list[int] = []

    def size(_strategy: int, symbol: int, _price: int, _budget: int) -> int:
        asked.append(symbol)
        return units("1000000")

    nothing = Case("", ["10|10", "10|10"], [says("E.", "E.")], [])
    outcome = kernel_outcome(world_of(nothing), size=size)
    assert asked == [0, 1]
    assert told(outcome)[-1] == "1 cut capital 0 1 1 50 10 500"
    asked.clear()
    kernel_outcome(world_of(Case("", ["10", "10"], [targets("0.5 .")], [])), size=size)
    assert asked == []


def test_sizes_go_on_in_the_middle_of_a_bar() -> None:
    """Every symbol is asked for once, whatever filled before it in the same bar."""
    asked: list[int] = []

    def size(_strategy: int, symbol: int, _price: int, _budget: int) -> int:
        asked.append(symbol)
        return units("5")

    prices = ["10|10|10", "10|-|10", "10|10|10"]
    outcome = kernel_outcome(
        world_of(Case("", prices, [says("E..", "E..", "E..")], [])), size=size, pause=making.copy_books
    )
    assert asked == [0, 2, 1]
    assert [position.quantity for position in outcome.positions] == [units("5")] * 3
