"""A journal of runs: one file of JSON lines for each, written while it runs, and only for those who ask for it."""

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
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.specs import RunInfo
from strategy_orchestrator.money import plain

VARIABLE: Final = "ORCHESTRATE_JOURNAL"
"""The variable of the environment that names the folder."""

_PATTERN: Final = "run-*.jsonl"


class RunJournal:
    """Write what a run is about, all its decisions, and its outcome as JSON lines.

    Each run gets a new file, `run-000001.jsonl` and so on, in the folder; nothing that exists is ever written to or
    replaced. The folder is made if only it is missing, not those above it. Every batch is on the disk before the run
    goes on, so that the journal of a run that was killed tells how far it came. What cannot be written is logged by the
    orchestrator and spoils no run. Runs may go on in several threads at once, not several in one thread.

    Parameters
    ----------
    folder : str or Path, optional
        Where the files are; without one, that of the variable ORCHESTRATE_JOURNAL when a run begins, and no journal
        when it is not set or empty.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = None if folder is None else Path(folder)
        self._of_thread = threading.local()

    @hookimpl
    def orchestrator_run_started(self, run: RunInfo) -> None:
        """Begin a file."""
        self._of_thread.file = None
        folder = self.folder or _folder_of_environment()
        if folder is not None:
            self._of_thread.file = _new_file(folder)
            self._write([_beginning(run)])

    @hookimpl
    def orchestrator_decisions(self, decisions: Sequence[Mapping[str, object]]) -> None:
        """Add a batch, one line an event."""
        if self._is_open:
            self._write(decisions)

    @hookimpl
    def orchestrator_run_completed(self, result: OrchestratorResult) -> None:
        """Add the summary and end the file."""
        if self._is_open:
            self._end({"event": "journal.run_completed", "summary": result.to_dict()})

    @hookimpl
    def orchestrator_run_failed(self, error: BaseException) -> None:
        """Add the error and end the file."""
        if self._is_open:
            messages = str(error).splitlines()
            self._end({"event": "journal.run_failed", "error": type(error).__name__, "messages": messages})

    @property
    def _is_open(self) -> bool:
        return getattr(self._of_thread, "file", None) is not None

    def _write(self, events: Iterable[Mapping[str, object]]) -> None:
        with self._of_thread.file.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{json.dumps(event, default=_writable, allow_nan=False)}\n" for event in events)

    def _end(self, event: Mapping[str, object]) -> None:
        self._write([event])
        self._of_thread.file = None


environment_journal: Final = RunJournal()
"""What the wheel registers: silent unless the variable of the environment names a folder."""


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
