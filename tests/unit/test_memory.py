"""Memory is taken again when nobody has it any more, and never before."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, strategies as st

from strategy_orchestrator import memory
from strategy_orchestrator.arrays import AnyArray, sealed, unsealed
from strategy_orchestrator.memory import LARGE, Kept, block, let_go, scratch, writable


def address_of(array: AnyArray) -> int:
    """Return where an array lies."""
    return int(array.ctypes.data)


def test_the_memory_of_an_array_that_is_gone_is_taken_again() -> None:
    """Also for one that is a little smaller, or of another kind."""
    first = scratch((LARGE,), np.int64)
    where = address_of(first)
    del first
    second = scratch((2, LARGE // 2 - 100), np.float64)
    assert address_of(second) == where


@pytest.mark.parametrize("hold", [lambda array: array[5:6], lambda array: array.view(np.uint8), memoryview])
def test_whoever_has_a_part_of_an_array_keeps_it(hold: Callable[[AnyArray], object]) -> None:
    """A view, another kind, a buffer: as long as one is there, nobody else gets the memory."""
    first = scratch((LARGE,), np.int64)
    first[...] = 7
    part = hold(first)
    del first
    scratch((LARGE,), np.int64)[...] = 8
    assert set(bytes(np.asarray(part))) == {0, 7}


def test_sealed_arrays_are_never_written_to_again() -> None:
    """The memory of a sealed array becomes free only with the array and all its parts."""
    kept = sealed(np.arange(LARGE, dtype=np.int64))
    part = kept[-3:]
    del kept
    writing, other = unsealed((LARGE,), np.int64)
    writing[...] = 0
    assert part.tolist() == [LARGE - 3, LARGE - 2, LARGE - 1]
    del writing, other


def test_a_much_larger_block_is_not_taken() -> None:
    """Small arrays would hold on to much memory."""
    store = Kept(16 * LARGE)
    kept = [store.take(4 * LARGE)]
    kept.clear()
    assert len(store.take(3 * LARGE)) == 3 * LARGE


def test_no_more_is_kept_than_allowed() -> None:
    """What is beyond belongs to whoever asked for it, alone."""
    store = Kept(2 * LARGE)
    mine = [store.take(LARGE) for _ in range(3)]
    too_large = store.take(3 * LARGE)
    assert sum(map(len, store._blocks)) <= 2 * LARGE  # noqa: SLF001  # what is kept shows nowhere else
    assert len({id(each) for each in mine}) == 3
    assert len(too_large) == 3 * LARGE
    store.let_go()
    assert not store._blocks  # noqa: SLF001


def test_as_much_is_let_go_as_is_asked_for() -> None:
    """Memory of a shape that is not needed any more does not add to that of the next."""
    store = Kept(16 * LARGE)
    old = [store.take(LARGE) for _ in range(4)]
    del old
    store.take(2 * LARGE)
    assert sorted(map(len, store._blocks)) == [LARGE, LARGE, 2 * LARGE]  # noqa: SLF001


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([LARGE, LARGE + 99, 2 * LARGE])), max_size=30))
def test_no_two_that_are_alive_share_memory(steps: list[tuple[int, int]]) -> None:
    """Whatever is asked for and let go in whatever order."""
    store, alive = Kept(4 * LARGE), dict[int, bytes]()
    for slot, size in steps:
        alive.pop(slot, None)
        alive[slot] = store.take(size)
        assert len(alive[slot]) >= size
        assert len({id(each) for each in alive.values()}) == len(alive)


def test_threads_do_not_get_the_same() -> None:
    """They ask at the same moment, again and again."""

    def write(mark: int) -> bool:
        for _ in range(200):
            mine = writable(store.take(LARGE), (LARGE // 8,), np.int64)
            mine[::4096] = mark
            if (mine[::4096] != mark).any():
                return False
        return True

    store = Kept(8 * LARGE)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(write, range(4)))


def test_what_is_small_is_an_array_as_any_other() -> None:
    """Memory is kept where clearing it takes long."""
    assert scratch((3,), np.int64).flags.owndata
    assert len(block(8)) == 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_begins_anew() -> None:
    """Nobody knows where the other threads of the first process stood."""
    store = memory._KEPT  # noqa: SLF001
    held = scratch((LARGE,), np.int64)
    with store._lock:  # noqa: SLF001
        child = os.fork()
        if child == 0:
            os._exit(0 if len(block(LARGE)) == LARGE and len(store._blocks) == 1 else 1)  # noqa: SLF001
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(held) == LARGE


def test_what_is_let_go_is_not_kept() -> None:
    """Arrays stay with who has them."""
    held = scratch((LARGE,), np.int64)
    held[...] = 3
    let_go()
    gc.collect()
    scratch((LARGE,), np.int64)[...] = 4
    assert (held == 3).all()
