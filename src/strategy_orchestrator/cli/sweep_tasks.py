"""What a worker can be asked to do with a sweep: make it, or say which runs it would make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from strategy_orchestrator.cli.choosing import chosen_plugins
from strategy_orchestrator.cli.messages import Job, Reporter
from strategy_orchestrator.cli.tasks import log_to_stderr
from strategy_orchestrator.engine import BacktestEngine
from strategy_orchestrator.hooks import PluginManager
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.run_file import document_of
from strategy_orchestrator.store import save_run, save_sweep
from strategy_orchestrator.sweep import PlannedRun, SweepOfFile, SweepRow, in_json, plan_sweep, run_planned


@dataclass(frozen=True, slots=True)
class KeptRuns:
    """Save every run of a sweep under its number, in the process where it was made.

    Attributes
    ----------
    folder : str
        In which the folders of the runs are made.
    n_digits : int
        Of the numbers, so that they are sorted as text.
    """

    folder: str
    n_digits: int

    def __call__(self, planned: PlannedRun, result: OrchestratorResult, context: Mapping[str, object]) -> None:
        """Save a run."""
        varied = {"run": planned.run, "params": planned.params}
        saved = {**context, "config": result.config.resolved(), "sweep": varied}
        save_run(Path(self.folder) / f"{planned.run:0{self.n_digits}}", result, saved)


def sweep(job: Job, reporter: Reporter) -> int:
    """Make all runs of a file, save what comes of them, and return the exit status.

    Raises
    ------
    OrchestratorError
        If the file, its plug-ins or its data are wrong, or the executor fails; a run that fails is a row.
    """
    planned, manager = _planned(job, reporter)
    reporter.tell("stage", name="loading prices")
    panel = planned.load()
    n_runs = len(planned.runs)

    def hear(row: SweepRow) -> None:
        reporter.tell("row", row=row.to_dict())
        reporter.tell("progress", unit="Run", done=row.run, total=n_runs)

    reporter.tell("grid", grid=_grid(planned))
    reporter.tell("stage", name="running" if BacktestEngine.is_compiled() else "compiling")
    kept = job.spread.kept
    keep = None if kept is None else KeptRuns(str(Path(kept).absolute()), len(str(n_runs)))
    result = run_planned(planned, panel, manager.switches, hear, keep)
    reporter.tell("stage", name="saving")
    context = {**planned.context(), "run_id": job.run_id}
    folder = save_sweep(job.out, result.to_dict(), panel, context)
    reporter.tell("saved", folder=str(folder.absolute()))
    return 0


def plan(job: Job, reporter: Reporter) -> int:
    """Tell which runs a sweep would make, and return the exit status.

    Raises
    ------
    OrchestratorError
        If the file or its plug-ins are wrong.
    """
    planned, _ = _planned(job, reporter)
    reporter.tell(
        "planned",
        file=job.path,
        executor=planned.spreader.where,
        grid=_grid(planned),
        runs=[_described(planned, each) for each in planned.runs],
    )
    return 0


TASKS: Final[dict[str, Callable[[Job, Reporter], int]]] = {"sweep": sweep, "plan": plan}


def _planned(job: Job, reporter: Reporter) -> tuple[SweepOfFile, PluginManager]:
    reporter.tell("stage", name="loading plug-ins")
    document = document_of(job.path)
    file = document.draft().plan
    log_to_stderr(file.config, debug=job.debug)
    manager = chosen_plugins(job, file.plugins)
    return plan_sweep(document, manager, job.spread.executor, job.spread.jobs), manager


def _grid(planned: SweepOfFile) -> dict[str, list[object]]:
    return {axis.name: [in_json(value) for value in axis.values] for axis in planned.grid.axes}


def _described(planned: SweepOfFile, each: PlannedRun) -> dict[str, object]:
    error = planned.refused.get(each.run)
    return {"run": each.run, "params": each.described(), "error": None if error is None else str(error)}
