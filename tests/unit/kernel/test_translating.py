"""Functions of the kernel become machine code that does what they do."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.compiled import MARKED, compiled
from strategy_orchestrator.kernel.machine import Machine, emit
from strategy_orchestrator.kernel.translating import callable_from_python, lower

pytestmark = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")


class Pair(NamedTuple):
    """Two arrays."""

    left: IntArray
    right: IntArray


@pytest.fixture(autouse=True)
def marked() -> Iterator[None]:
    """Mark functions for one test only."""
    before = list(MARKED)
    yield
    MARKED[:] = before


def weighted(pair: Pair, factor: int) -> int:
    """Write sums into the left array, by a function that is defined later, and return the last."""
    total = 0
    for place in range(pair.left.shape[0]):
        total += later(pair, place, factor) + later(pair, place, 0)
        pair.left[place] = total
    return total


def later(pair: Pair, place: int, factor: int) -> int:
    """Return the sum of a column, and more."""
    return pair.right[0, place] + pair.right[1, place] + factor


def test_code_does_what_the_function_does() -> None:
    """On arrays of any length, and with what it calls."""
    compiled(weighted)
    compiled(later)
    example = Pair(np.zeros(1, np.int64), np.zeros((1, 1), np.int64))
    machine = Machine(emit(lower({"weighted": (weighted, (example, 1))})))
    for length in (0, 1, 7):
        right = np.arange(2 * length, dtype=np.int64).reshape(2, length)
        plain, quick = (Pair(np.zeros(length, np.int64), right) for _ in range(2))
        loop = machine.over("weighted", [*quick])
        assert loop(3) == weighted(plain, 3)
        assert quick.left.tolist() == plain.left.tolist()


def test_a_function_can_be_called_from_python() -> None:
    """With an index out of bounds as numba's switches say; what it is made of stays plain Python."""
    compiled(later)
    pair = Pair(np.zeros(1, np.int64), np.ones((2, 1), np.int64))
    assert callable_from_python(later)(pair, 0, 5) == 7
    assert later(pair, 0, 5) == 7


def test_garbage_is_collected_again() -> None:
    """Collection stops while code is made only."""
    compiled(later)
    with pytest.raises(KeyError):
        lower({"weighted": (weighted, ())})
    assert gc.isenabled()
