"""Many independent things on this machine."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from strategy_orchestrator.errors import Fault, RunError
from strategy_orchestrator.models.contracts import Executor

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class LocalParameters(BaseModel):
    """Options of `local`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workers: int | None = Field(
        default=None, ge=1, le=1_024, description="Processes at once; as many as there are processors unless given."
    )


class LocalExecutor(Executor):
    """Spread calls over processes of this machine, or make them here, one after another, with one worker.

    Parameters
    ----------
    workers : int, optional
        Processes at once; as many as this process may use processors unless given.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = _n_processors() if workers is None else workers

    def map(self, function: Callable[[Item], Outcome], items: Iterable[Item]) -> Iterator[Outcome]:
        """Yield what the function returns for each item, in the order of the items.

        What a call raises is raised when its turn comes; calls that have not begun by then are not made.

        Raises
        ------
        RunError
            If a process ended before it had an answer.
        """
        if self.workers == 1:
            yield from map(function, items)
            return
        # A fork would take over locks of threads that it does not have: those of polars and numba.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self.workers, mp_context=context)
        try:
            yield from pool.map(function, items)
        except BrokenProcessPool:
            problem = "a process ended while calls were made in it"
            remedy = "Look for code that ends the program, crashes or uses up the memory; use one worker to find it"
            raise RunError(Fault("executor 'local'", problem, remedy)) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _n_processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
