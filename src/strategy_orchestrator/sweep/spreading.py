"""Have an executor make the runs, and believe no more of it than it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from strategy_orchestrator.errors import Fault, PluginError, RunError
from strategy_orchestrator.hooks import guarded
from strategy_orchestrator.hooks.guard import printable
from strategy_orchestrator.models.contracts import Executor
from strategy_orchestrator.sweep.rows import PlannedRun, SweepRow

_END: Final = object()
_REMEDY: Final = "Report it to the authors of the executor, or use executor 'local'"


class Trial(Protocol):
    """Make one run; a trial can be pickled."""

    def __call__(self, planned: PlannedRun, /) -> SweepRow:
        """Return the row of the run, be it that of a failed one."""


@dataclass(frozen=True, slots=True)
class Spreader:
    """An executor, and how errors call it.

    Attributes
    ----------
    executor : Executor
        What spreads the runs.
    where : str
        Its name and owner.
    """

    executor: Executor
    where: str

    def rows(self, trial: Trial, runs: Sequence[PlannedRun]) -> Iterator[SweepRow]:
        """Yield the rows of the runs, in their order, as they are there.

        Raises
        ------
        PluginError
            If the executor raises, or gives other rows than those of the runs in their order.
        RunError
            If a process ended before its runs were made.
        """
        found: Any = self._call(lambda: iter(self.executor.map(trial, runs)))
        for place, planned in enumerate(runs):
            row = self._next(found)
            if row is _END:
                raise self._broken(f"gave {place} of {len(runs)} runs")
            if not isinstance(row, SweepRow):
                raise self._broken(f"gave {printable(repr(row))} for run {planned.run}; expected what the run returned")
            if row.run != planned.run:
                raise self._broken(f"gave run {row.run} in the place of run {planned.run}; expected their order")
            yield row
        if self._next(found) is not _END:
            raise self._broken(f"gave more than the {len(runs)} runs that it was asked for")

    def _next(self, found: Iterator[object]) -> object:
        return self._call(lambda: next(found, _END))

    def _call(self, call: Callable[[], object]) -> object:
        return guarded(call, self.where, _REMEDY, passing=(KeyboardInterrupt, RunError))

    def _broken(self, problem: str) -> PluginError:
        return PluginError(Fault(self.where, f"it {problem}", _REMEDY))
