"""Have a worker make the runs of a sweep, keep what it says, and judge what it saved."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from strategy_orchestrator.cli import Interrupted
from strategy_orchestrator.cli.jobs import Choice, Manner, refuse_taken, short, vanished
from strategy_orchestrator.cli.messages import Job, Message, Spread, error_of
from strategy_orchestrator.cli.output import show_error, show_json, show_lines, show_note
from strategy_orchestrator.cli.progress import watching
from strategy_orchestrator.cli.supervise import Outcome, supervise
from strategy_orchestrator.errors import Fault, RunError

_ID_BYTES: Final = 8
_SOME_FAILED: Final = 1


@dataclass(slots=True)
class Heard:
    """What a worker told of its runs so far; it stays when the worker is gone."""

    grid: Mapping[str, list[object]] = field(default_factory=dict)
    rows: list[Mapping[str, Any]] = field(default_factory=list)

    def hear(self, message: Message) -> None:
        """Take a message."""
        if message["event"] == "grid":
            self.grid = message["grid"]
        elif message["event"] == "row":
            self.rows.append(message["row"])

    def save(self, job: Job) -> str | None:
        """Save the rows without a seal, if there are any, and return the folder."""
        if not self.rows:
            return None
        # Both are slow to load, and of no use while all goes well.
        from strategy_orchestrator.store import save_sweep
        from strategy_orchestrator.sweep import described

        context = {"run_id": job.run_id, "files": [job.path]}
        return short(save_sweep(job.out, described(self.grid, self.rows, []), None, context, is_complete=False))


def sweep_file(path: str, out: str | None, manner: Manner, choice: Choice, spread: Spread, sort: str) -> int:
    """Make the runs of a file in a process of its own, print what came of them and return the exit status.

    The status is 0 only if a sealed sweep of this job is in its folder and no run failed.

    Raises
    ------
    OrchestratorError
        If there is no such sweep.
    Interrupted
        If a signal asks us to end; the rows that were there are saved.
    """
    for option, folder in (("--out", out), ("--keep-runs", spread.kept)):
        if folder is not None:
            refuse_taken(option, Path(folder))
    job = _job("sweep", path, out, manner, choice, spread)
    outcome, heard = _watched(job, manner)
    final = outcome.final
    if final is None or final["event"] != "saved":
        error = vanished(outcome, job) if final is None else error_of(final)
        return show_error(error, as_json=manner.as_json, folder=heard.save(job), kept="The runs that were made are")
    made = Path(str(final["folder"]))
    document = _sealed_sweep(made, job)
    _show(document, short(made), manner, sort)
    for row in document["rows"]:
        if row["error"] is not None:
            show_note(f"run {row['run']} ({_words(row['params'])}): {row['error']['message']}")
    return _SOME_FAILED if document["counts"]["failed"] else 0


def plan_file(path: str, manner: Manner, choice: Choice, spread: Spread) -> int:
    """Print which runs a sweep would make and return the exit status: 1 if some are refused.

    Raises
    ------
    OrchestratorError
        If something is wrong with the file.
    """
    job = _job("plan", path, None, manner, choice, spread)
    outcome, _ = _watched(job, manner)
    final = outcome.final
    if final is None or final["event"] != "planned":
        return show_error(vanished(outcome, job) if final is None else error_of(final), as_json=manner.as_json)
    if manner.as_json:
        show_json({key: value for key, value in final.items() if key != "event"})
    elif not manner.is_quiet:
        # rich is slow to load.
        from strategy_orchestrator.cli.sweep_tables import show_plan

        show_plan(final)
    return _SOME_FAILED if any(run["error"] is not None for run in final["runs"]) else 0


def _job(task: str, path: str, out: str | None, manner: Manner, choice: Choice, spread: Spread) -> Job:
    return Job(task, path, out, secrets.token_hex(_ID_BYTES), manner.debug, choice.wish, choice.lock, spread=spread)


def _watched(job: Job, manner: Manner) -> tuple[Outcome, Heard]:
    heard = Heard()
    with watching(is_shown=manner.is_watched) as watch:

        def listen(message: Message) -> None:
            heard.hear(message)
            watch(message)

        try:
            return supervise(job, listen), heard
        except Interrupted as signaled:
            signaled.kept = heard.save(job)
            raise


def _sealed_sweep(folder: Path, job: Job) -> dict[str, Any]:
    # The store loads numpy and polars, which nobody needs before a sweep is there.
    from strategy_orchestrator.store import SEALED_SWEEP_FILES, check_seal

    faults = check_seal(folder, SEALED_SWEEP_FILES)
    if faults:
        raise RunError([Fault(job.path, "no sealed result exists", "Run again"), *faults])
    made, document = (json.loads((folder / name).read_bytes()) for name in ("context.json", "sweep.json"))
    if made["context"].get("run_id") != job.run_id:
        raise RunError(Fault(job.path, f"no sealed result exists: {folder} holds another sweep", "Run again"))
    found: dict[str, Any] = document
    return found


def _show(document: Mapping[str, Any], folder: str, manner: Manner, sort: str) -> None:
    from strategy_orchestrator.sweep import ranking

    ranked = ranking(document["rows"], sort, "--sort")
    if manner.as_json:
        show_json({"folder": folder, "sealed": True, "sort": sort, "ranking": ranked, "sweep": document})
    elif manner.is_quiet:
        show_lines(folder)
    else:
        # rich is slow to load.
        from strategy_orchestrator.cli.sweep_tables import show_sweep

        show_sweep(document, ranked, sort, folder)


def _words(params: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items())
