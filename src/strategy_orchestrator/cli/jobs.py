"""Have a worker run a file, check it or look at its strategies, and judge what it says."""

from __future__ import annotations

import json
import secrets
import signal
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from strategy_orchestrator.cli.messages import Job, error_of
from strategy_orchestrator.cli.output import show_error, show_json, show_lines, show_note
from strategy_orchestrator.cli.progress import is_watched, watching
from strategy_orchestrator.cli.supervise import Outcome, supervise
from strategy_orchestrator.errors import Fault, InputError, OrchestratorError, RunError
from strategy_orchestrator.hooks.switches import Wish
from strategy_orchestrator.store import check_seal

_ID_BYTES: Final = 8
_QUARANTINED: Final = 1
_FOUND: Final = 1
_RUNNING: Final = frozenset({"compiling", "running", "saving"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Which plug-ins are to take part, as the options of `run`, `check` and `demo` say.

    Attributes
    ----------
    wish : Wish
        The switches.
    lock : str or None
        The lock from which no plug-in may differ.
    """

    wish: Wish = field(default_factory=Wish)
    lock: str | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a run is kept while it is under way.

    Attributes
    ----------
    resumes : bool
        Go on with a run that was cut short.
    seconds : float
        At least so long between two snapshots.
    """

    resumes: bool = False
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How a command is to answer: the options that `run`, `check` and `demo` share.

    Attributes
    ----------
    as_json : bool
        One JSON document on standard output.
    is_quiet : bool
        The folder alone, no tables and no progress.
    debug : bool
        Tracebacks on standard error.
    """

    as_json: bool = False
    is_quiet: bool = False
    debug: bool = False

    @property
    def is_watched(self) -> bool:
        """Whether to show progress."""
        return not self.is_quiet and not self.as_json and is_watched()


def run_file(
    path: str, out: str | None, manner: Manner, choice: Choice | None = None, keeping: Keeping | None = None
) -> int:
    """Run a file in a process of its own, print the result and return the exit status.

    The status is 0 only if a sealed run of this job is in its folder, whatever the process said or returned.

    Raises
    ------
    OrchestratorError
        If there is no such run.
    """
    if out is not None:
        refuse_taken("--out", Path(out))
    keeping = Keeping() if keeping is None else keeping
    job = replace(_job("run", path, out, manner, choice), resumes=keeping.resumes, snapshot_seconds=keeping.seconds)
    with watching(is_shown=manner.is_watched) as watch:
        outcome = supervise(job, watch)
    final = outcome.final
    if final is None or final["event"] != "saved":
        return _show_failure(outcome, job, manner)
    folder = Path(str(final["folder"]))
    run = _sealed_run(folder, job)
    summary = run["summary"]
    _show_run(summary, folder, manner)
    return _status_of(summary)


def check_file(path: str, manner: Manner, choice: Choice | None = None) -> int:
    """Check a file in a process of its own, print what was found and return the exit status.

    Raises
    ------
    OrchestratorError
        If something is wrong.
    """
    job = _job("check", path, None, manner, choice)
    with watching(is_shown=manner.is_watched) as watch:
        outcome = supervise(job, watch)
    final = outcome.final
    if final is None or final["event"] != "checked":
        return _show_failure(outcome, job, manner)
    if manner.as_json:
        show_json({key: value for key, value in final.items() if key != "event"})
    elif not manner.is_quiet:
        # rich is slow to load.
        from strategy_orchestrator.cli.tables import show_check

        show_check(final)
    return 0


def look_at_file(
    path: str, strategies: tuple[str, ...], n_bars: int | None, manner: Manner, choice: Choice | None = None
) -> int:
    """Look for look-ahead in the strategies of a file in a process of its own, print what was found, return the status.

    Parameters
    ----------
    strategies : tuple of str
        The ids of those to look at; empty for all.
    n_bars : int or None
        How many bars to try; None for every one.
    """
    job = replace(_job("lookahead", path, None, manner, choice), strategies=strategies, n_bars=n_bars)
    with watching(is_shown=manner.is_watched) as watch:
        outcome = supervise(job, watch)
    final = outcome.final
    if final is None or final["event"] != "looked":
        return _show_failure(outcome, job, manner)
    if manner.as_json:
        show_json({key: value for key, value in final.items() if key != "event"})
    else:
        # rich is slow to load.
        from strategy_orchestrator.cli.looked_tables import show_looked

        show_looked(final)
    return 0 if final["is_clean"] else _FOUND


def _job(task: str, path: str, out: str | None, manner: Manner, choice: Choice | None) -> Job:
    choice = Choice() if choice is None else choice
    return Job(task, path, out, secrets.token_hex(_ID_BYTES), manner.debug, choice.wish, choice.lock)


def refuse_taken(option: str, folder: Path) -> None:
    """Refuse a folder with something in it: the store would add a number to a name that somebody chose.

    Raises
    ------
    InputError
        If something is there.
    """
    is_taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if is_taken:
        raise InputError(
            Fault(f"{option} {folder}", "something is there already", "Name a folder that is new or empty")
        )


def _show_failure(outcome: Outcome, job: Job, manner: Manner) -> int:
    final = outcome.final
    if final is not None and final["event"] == "failed":
        kept = final["folder"]
        folder = None if kept is None else short(Path(kept))
        return show_error(error_of(final), as_json=manner.as_json, folder=folder)
    error = outcome.verdict or vanished(outcome, job)
    begun = job.task == "run" and outcome.stage in _RUNNING
    return show_error(error, as_json=manner.as_json, folder=_keep(error, job) if begun else None)


def _keep(error: OrchestratorError, job: Job) -> str:
    # The worker could not write the error log any more. The store is slow to load.
    from strategy_orchestrator.store import save_failure

    return short(save_failure(job.out, error, None, {"files": [job.path], "run_id": job.run_id}))


def vanished(outcome: Outcome, job: Job) -> OrchestratorError:
    """Return the error of a worker that ended without a last word."""
    missing = "no sealed result exists" if job.task in {"run", "sweep"} else "the check is not complete"
    problem = f"the process ended {ended(outcome.exit_status)} while {outcome.stage}; {missing}"
    remedy = "Look for a plug-in or strategy that ends the program or crashes; block plug-ins one by one to find it"
    return RunError(Fault(job.path, problem, remedy, outcome.exit_status))


def ended(exit_status: int) -> str:
    """Say how a process ended."""
    return f"with exit status {exit_status}" if exit_status >= 0 else f"by {_signal_name(-exit_status)}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _sealed_run(folder: Path, job: Job) -> dict[str, Any]:
    faults = check_seal(folder)
    if faults:
        raise RunError([Fault(job.path, "no sealed result exists", "Run again"), *faults])
    run: dict[str, Any] = json.loads((folder / "run.json").read_bytes())
    if run.get("context", {}).get("run_id") != job.run_id:
        raise RunError(Fault(job.path, f"no sealed result exists: {folder} holds another run", "Run again"))
    return run


def _show_run(summary: dict[str, Any], folder: Path, manner: Manner) -> None:
    shown = short(folder)
    if manner.as_json:
        show_json({"folder": shown, "sealed": True, "summary": summary})
    elif manner.is_quiet:
        show_lines(shown)
    else:
        # rich is slow to load.
        from strategy_orchestrator.cli.tables import show_run

        show_run(summary, shown)


def short(folder: Path) -> str:
    """Return a path as seen from the working folder, where it is in it."""
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:
        return str(folder)


def _status_of(summary: dict[str, Any]) -> int:
    quarantined = [name for name, strategy in summary["strategies"].items() if strategy["is_quarantined"]]
    for name in quarantined:
        show_note(f"{name}: the strategy failed and was quarantined; the others ran to the end. See events.jsonl.")
    return _QUARANTINED if quarantined else 0
