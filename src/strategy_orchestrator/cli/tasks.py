"""What a worker can be asked to do with a run file: run it, check it, or look for look-ahead in its strategies."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from strategy_orchestrator.cli import attempt
from strategy_orchestrator.cli.choosing import chosen_plugins
from strategy_orchestrator.cli.limits import Notes
from strategy_orchestrator.cli.messages import Job, Reporter, error_dict
from strategy_orchestrator.engine import BacktestEngine
from strategy_orchestrator.errors import Fault, InputError, OrchestratorError, RunError
from strategy_orchestrator.hooks import PluginManager
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.streams import PanelStream, Prices, chunks_of
from strategy_orchestrator.money import plain
from strategy_orchestrator.orchestrator import StrategyOrchestrator
from strategy_orchestrator.run_file import PreparedRun, draft_of, prepare_draft
from strategy_orchestrator.store import Unfinished, save_failure, save_run, unfinished_path


def run(job: Job, reporter: Reporter) -> int:
    """Run a file, save what comes of it, and return the exit status.

    Raises
    ------
    OrchestratorError
        If the file, its plug-ins or its data are wrong; a run that began and failed is saved and reported.
    """
    prepared, orchestrator, panel, manager = _ready(job, reporter)
    context = {**prepared.context(), "run_id": job.run_id, "config": orchestrator.config.resolved()}
    reporter.tell("stage", name="running" if BacktestEngine.is_compiled() else "compiling")
    _limit_time(orchestrator, panel, reporter)
    capital = prepared.plan.initial_capital
    is_stream = isinstance(panel, PanelStream)
    if is_stream and job.resumes:
        problem = "a run over prices that are streamed cannot be gone on with"
        raise InputError(Fault("--resume", problem, "Run it from its beginning, or without stream"))
    kept = Unfinished(unfinished_path(job.path, job.out), seconds=job.snapshot_seconds, resumes=job.resumes)
    snapshots = None if is_stream else kept
    result = attempt(lambda: orchestrator.run(panel, capital, reporter.progress, snapshots), debug=job.debug)
    if job.resumes and kept.found is False:
        sys.stderr.write(f"{job.path}: there is nothing to go on with, so it ran from its beginning.\n")
    if isinstance(result, InputError) and job.resumes:
        raise result
    if isinstance(result, OrchestratorError):
        kept.remove()
        context["plugins"] = manager.used()
        return _save_failure(result, job, reporter, lambda: save_failure(job.out, result, orchestrator.record, context))
    reporter.tell("stage", name="saving")
    folder = save_run(job.out, result, context)
    kept.remove()
    reporter.tell("saved", folder=str(folder.absolute()))
    return 0


def check(job: Job, reporter: Reporter) -> int:
    """Do all of a run but the run itself, tell what was found, and return the exit status.

    Raises
    ------
    OrchestratorError
        If the file, its plug-ins or its data are wrong.
    """
    prepared, orchestrator, panel, _ = _ready(job, reporter)
    # What is streamed is read through once, for its faults.
    for _ in chunks_of(panel):
        pass
    ids = list(orchestrator.strategy_ids)
    reporter.tell(
        "checked",
        file=job.path,
        strategies=dict(zip(ids, (item.use.name for item in prepared.plan.strategies if item.use), strict=True)),
        symbols=list(panel.symbols),
        bars=panel.n_bars,
        first=panel.timestamps[0].isoformat(),
        last=panel.timestamps[-1].isoformat(),
        options=orchestrator.config.resolved(),
        data_warnings=[str(warning) for warning in panel.warnings],
    )
    return 0


def lookahead(job: Job, reporter: Reporter) -> int:
    """Look for look-ahead in the strategies of a file, tell what was found, and return the exit status.

    Raises
    ------
    OrchestratorError
        If the file, its plug-ins or its data are wrong, or a strategy fails on the prices as they are.
    """
    # The kit is slow to load, and a run has no use for it.
    from strategy_orchestrator.cli.looking import looked_at

    prepared, orchestrator, panel, manager = _ready(job, reporter)
    if isinstance(panel, PanelStream):
        problem = "look-ahead is looked for in prices that are loaded whole"
        raise InputError(Fault("data.stream", problem, "Leave it out, and name some symbols if that is too much"))
    found = looked_at(job, prepared, orchestrator.strategy_ids, panel, manager, reporter)
    reporter.tell("looked", **found)
    return 0 if found["is_clean"] else RunError.exit_status


TASKS: Final[dict[str, Callable[[Job, Reporter], int]]] = {"run": run, "check": check, "lookahead": lookahead}


def log_to_stderr(config: OrchestratorConfig, *, debug: bool) -> None:
    """Set the log up: errors of plug-ins only, or what the options of the run ask for."""
    # By default the log says nothing that the command does not say anyway: events are in events.jsonl, and an error is
    # told in its own line. Who names a level wants to see the events too.
    logging.basicConfig(level="ERROR", stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    if not debug:
        for handler in logging.getLogger().handlers:
            handler.addFilter(_without_traceback)
    is_wanted = "logging_level" in config.model_fields_set
    logging.getLogger("strategy_orchestrator").setLevel(config.logging_level if is_wanted else "CRITICAL")
    logging.getLogger("strategy_orchestrator.hooks").setLevel(config.logging_level if is_wanted else "ERROR")


def _ready(job: Job, reporter: Reporter) -> tuple[PreparedRun, StrategyOrchestrator, Prices, PluginManager]:
    reporter.tell("stage", name="loading plug-ins")
    draft = draft_of(Path(job.path))
    log_to_stderr(draft.plan.config, debug=job.debug)
    manager = chosen_plugins(job, draft.plan.plugins)
    prepared = prepare_draft(draft, manager)
    orchestrator = StrategyOrchestrator(
        prepared.weighted(),
        prepared.config,
        equal_weights=prepared.plan.equal_weights,
        labels=prepared.labels,
        manager=manager,
    )
    reporter.tell("stage", name="loading prices")
    return prepared, orchestrator, prepared.load(), manager


def _limit_time(orchestrator: StrategyOrchestrator, panel: Prices, reporter: Reporter) -> None:
    # Who asks is told by notes, for messages would cost more than the questions.
    limit = orchestrator.config.strategy_time_limit
    if limit is None:
        return
    notes = Notes(panel.timestamps_ns.tolist())
    orchestrator.watch = notes
    reporter.tell(
        "limit",
        seconds=float(limit),
        written=plain(limit),
        path=notes.path,
        strategies=list(orchestrator.strategy_ids),
        symbols=list(panel.symbols),
    )


def _save_failure(error: OrchestratorError, job: Job, reporter: Reporter, save: Callable[[], Path]) -> int:
    saved = attempt(save, debug=job.debug)
    document = error_dict(error)
    if isinstance(saved, OrchestratorError):
        reporter.tell("failed", folder=None, **error_dict(type(error)((*error.faults, *saved.faults))))
    else:
        reporter.tell("failed", folder=str(saved.absolute()), **document)
    return error.exit_status


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = record.exc_text = None
    return True
