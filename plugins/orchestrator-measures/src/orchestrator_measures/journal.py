"""A journal of runs: one file of JSON lines for each, and only for those who ask for it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from strategy_orchestrator import hookimpl
from strategy_orchestrator.clock import to_text
from strategy_orchestrator.models.events import events_of
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.specs import RunInfo
from strategy_orchestrator.money import plain

VARIABLE: Final = "ORCHESTRATE_JOURNAL"
"""The variable of the environment that names the folder."""

_PATTERN: Final = "run-*.jsonl"


class _Journal:
    # Keeps apart the runs of several threads; in one thread a run is over before the next begins.

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def begin(self, folder: Path | None, run: RunInfo) -> None:
        self._of_thread.file = None
        if folder is not None:
            self._of_thread.file = _new_file(folder)
            self.write([_beginning(run)])

    @property
    def is_open(self) -> bool:
        return getattr(self._of_thread, "file", None) is not None

    def write(self, events: Iterable[Mapping[str, object]]) -> None:
        if self.is_open:
            with self._of_thread.file.open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{json.dumps(event, default=_writable, allow_nan=False)}\n" for event in events)

    def complete(self, result: OrchestratorResult) -> None:
        if self.is_open:
            self.write([{"event": "journal.run_completed", "summary": result.to_dict()}])
            self._of_thread.file = None

    def fail(self, error: BaseException) -> None:
        messages = str(error).splitlines()
        self.write([{"event": "journal.run_failed", "error": type(error).__name__, "messages": messages}])
        self._of_thread.file = None


class RunJournal:
    """Write what a run is about, all its decisions, and its outcome as JSON lines.

    Each run gets a new file, `run-000001.jsonl` and so on, in the folder; nothing that exists is ever written to or
    replaced. The folder is made if only it is missing, not those above it. What cannot be written is logged by the
    orchestrator and spoils no run. Runs may go on in several threads at once.

    Parameters
    ----------
    folder : str or Path
        Where the files are.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._journal = _Journal()

    @hookimpl
    def orchestrator_run_started(self, run: RunInfo) -> None:
        """Begin a file."""
        self._journal.begin(self.folder, run)

    @hookimpl
    def orchestrator_decisions(self, decisions: Sequence[Mapping[str, object]]) -> None:
        """Add a batch, one line an event."""
        self._journal.write(decisions)

    @hookimpl
    def orchestrator_run_completed(self, result: OrchestratorResult) -> None:
        """Add the summary and end the file."""
        self._journal.complete(result)

    @hookimpl
    def orchestrator_run_failed(self, error: BaseException) -> None:
        """Add the error and end the file."""
        self._journal.fail(error)


class EnvironmentJournal:
    """Write journals to the folder that ORCHESTRATE_JOURNAL names when a run begins, none when it is not set or empty.

    It hears of runs that name it as a listener. The files are those of `RunJournal`, but for runs that failed:
    decisions are read from the result. A plug-in that listens to them has every run tell them, which would slow down
    those who name no folder.
    """

    def __init__(self) -> None:
        self._journal = _Journal()

    @hookimpl
    def orchestrator_run_started(self, run: RunInfo) -> None:
        """Begin a file."""
        self._journal.begin(_folder_of_environment(), run)

    @hookimpl
    def orchestrator_run_completed(self, result: OrchestratorResult) -> None:
        """Add the decisions and the summary, and end the file."""
        if self._journal.is_open:
            self._journal.write(events_of(result.record))
            self._journal.complete(result)

    @hookimpl
    def orchestrator_run_failed(self, error: BaseException) -> None:
        """Add the error and end the file."""
        self._journal.fail(error)


environment_journal: Final = EnvironmentJournal()
"""What the wheel registers."""


def _folder_of_environment() -> Path | None:
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def _new_file(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    number = max((_number(path) for path in folder.glob(_PATTERN)), default=0)
    while True:
        number += 1
        path = folder / f"run-{number:06d}.jsonl"
        try:
            path.open("x").close()
        except FileExistsError:
            # Another process was faster.
            continue
        return path


def _number(path: Path) -> int:
    digits = path.stem.removeprefix("run-")
    return int(digits) if digits.isdecimal() else 0


def _beginning(run: RunInfo) -> dict[str, object]:
    first, last = run.panel.timestamps_ns[[0, -1]].tolist()
    return {
        "event": "journal.run_started",
        "strategies": dict(run.weights),
        "initial_capital": run.initial_capital,
        "symbols": list(run.panel.symbols),
        "bars": run.panel.n_bars,
        "first": to_text(first),
        "last": to_text(last),
        "options": run.config.resolved(),
    }


def _writable(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} has no place in JSON")
