"""Make one run of a sweep, in whatever process it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from strategy_orchestrator.errors import InvariantError, OrchestratorError, RunError
from strategy_orchestrator.hooks import PluginManager, guarded
from strategy_orchestrator.hooks.switches import Switches
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.orchestrator import StrategyOrchestrator
from strategy_orchestrator.run_file import Document
from strategy_orchestrator.sweep.planning import Grid, prepared
from strategy_orchestrator.sweep.prices import KeptPrices
from strategy_orchestrator.sweep.rows import PlannedRun, SweepRow

Factory = Callable[..., StrategyOrchestrator]
"""Called with the values of a combination as keywords; returns an orchestrator that has not run."""

Keep = Callable[[PlannedRun, OrchestratorResult, Mapping[str, object]], None]
"""Told of a run that came to its end, in the process where it was made, with what else belongs to it."""

_OURS: Final = "This is our defect; run it alone with --debug to see the traceback to report"


@dataclass(frozen=True, slots=True)
class TrialOfFile:
    """Make a run of a run file with other values in some places.

    Attributes
    ----------
    switches : Switches
        Which plug-ins take part.
    keep : callable or None
        Told of each run that came to its end.
    """

    document: Document
    grid: Grid
    prices: KeptPrices
    switches: Switches
    keep: Keep | None

    def __call__(self, planned: PlannedRun, /) -> SweepRow:
        """Return the row of the run."""
        return _row(planned, lambda: self._run(planned))

    def _run(self, planned: PlannedRun) -> OrchestratorResult:
        given = self.switches
        manager = _manager(self.prices.folder, given.blocked, given.only, given.autoload, given.listen).renewed()
        made, orchestrator = prepared(self.document.draft(self.grid.changes(planned)), manager)
        result = orchestrator.run(self.prices.panel(), made.plan.initial_capital)
        if self.keep is not None:
            self.keep(planned, result, made.context())
        return result


@dataclass(frozen=True, slots=True)
class TrialOfFactory:
    """Make a run of an orchestrator that a function makes."""

    factory: Factory
    prices: KeptPrices
    initial_capital: Decimal | int | str

    def __call__(self, planned: PlannedRun, /) -> SweepRow:
        """Return the row of the run."""
        return _row(planned, lambda: self._run(planned))

    def _run(self, planned: PlannedRun) -> OrchestratorResult:
        # What the factory raises is the user's, not ours.
        orchestrator = guarded(
            lambda: self.factory(**planned.params),
            f"run {planned.run}, the factory",
            "Correct it",
            RunError,
            (KeyboardInterrupt, OrchestratorError),
        )
        return orchestrator.run(self.prices.panel(), self.initial_capital)


def _row(planned: PlannedRun, run: Callable[[], OrchestratorResult]) -> SweepRow:
    passing = (KeyboardInterrupt, OrchestratorError)
    try:
        return planned.done(guarded(run, f"run {planned.run}", _OURS, InvariantError, passing))
    except OrchestratorError as error:
        return planned.failed(error)


# Once a process and sweep, while which nothing is installed; the folder of its prices tells one sweep from another.
@lru_cache(maxsize=1)
def _manager(
    sweep: str,
    blocked: tuple[str, ...],
    only: tuple[str, ...] | None,
    autoload: bool,  # noqa: FBT001  # a switch is given as it is
    listen: tuple[str, ...],
) -> PluginManager:
    del sweep
    return PluginManager((), Switches(blocked, only, autoload, listen))
