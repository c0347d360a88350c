"""Calls by joblib: in order, errors in their turn, on processes and threads."""

from __future__ import annotations

import operator
import os
import time
from typing import Any

import pytest

from orchestrator_execution import JoblibExecutor
from strategy_orchestrator import ConfigError

PATIENCE_SECONDS = 30.0


def slow_at_zero(item: int) -> int:
    """Take longest for the first item."""
    time.sleep(0.2 if item == 0 else 0.0)
    return item * item


def fail_at_three(item: int) -> int:
    """Raise at once for item 3, while item 0 is still being made."""
    time.sleep(0.2 if item == 0 else 0.0)
    if item == 3:
        raise KeyError("three")
    return item


def refuse(item: int) -> int:
    """End the program."""
    raise SystemExit(item)


@pytest.fixture(params=[("loky", 2), ("threading", 2), ("threading", 1)], ids=lambda each: f"{each[0]}-{each[1]}")
def executor(request: pytest.FixtureRequest) -> JoblibExecutor:
    """Make an executor on processes, on threads, and with one worker."""
    backend, workers = request.param
    return JoblibExecutor(workers, backend)


def test_results_come_in_the_order_of_the_items(executor: JoblibExecutor) -> None:
    """Whichever is ready first."""
    assert list(executor.map(slow_at_zero, range(8))) == [item * item for item in range(8)]


def test_nothing_to_do(executor: JoblibExecutor) -> None:
    """No items, no results."""
    assert list(executor.map(slow_at_zero, [])) == []


def test_an_error_waits_for_its_turn(executor: JoblibExecutor) -> None:
    """What was done before it is not lost, and the line that raised is told."""
    results = executor.map(fail_at_three, range(6))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError, match="three") as caught:
        next(results)
    assert "in fail_at_three" in caught.value.__notes__[0]
    assert list(results) == []


def test_an_executor_can_be_used_again(executor: JoblibExecutor) -> None:
    """It keeps nothing of the map before, not even of one that was not read to its end."""
    assert next(executor.map(slow_at_zero, range(4))) == 0
    assert list(executor.map(slow_at_zero, range(3))) == [0, 1, 4]


def test_items_are_taken_as_workers_become_free() -> None:
    """An endless supply is no obstacle."""
    taken = []

    def supply() -> Any:
        for item in range(1_000_000):
            taken.append(item)
            yield item

    results = JoblibExecutor(1, "threading").map(slow_at_zero, supply())
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert len(taken) < 100


def test_processes_are_other_processes() -> None:
    """The work is not done here."""
    makers = set(JoblibExecutor(2).map(operator.methodcaller("getpid"), [os] * 4))
    assert os.getpid() not in makers


def test_what_is_no_error_is_not_kept() -> None:
    """A call that ends the program ends it."""
    with pytest.raises(SystemExit):
        list(JoblibExecutor(1, "threading").map(refuse, [1]))


@pytest.mark.parametrize("backend", ["nonsense", "multiprocessing"])
def test_a_backend_that_cannot_be_used_is_refused(backend: str) -> None:
    """One that is unknown, and one that yields nothing before the end."""
    with pytest.raises(ConfigError, match=f"JoblibExecutor.backend: '{backend}'"):
        JoblibExecutor(backend=backend)


def test_options_out_of_bounds_are_refused() -> None:
    """There is at least one worker, and a backend has a name."""
    with pytest.raises(ConfigError) as caught:
        JoblibExecutor(workers=0, backend="")
    assert len(caught.value.faults) == 2


def test_all_processors_are_used_unless_told_otherwise() -> None:
    """Joblib counts them."""
    assert list(JoblibExecutor(backend="threading").map(slow_at_zero, [2])) == [4]
