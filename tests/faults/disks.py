"""A disk that fails when a test wants it to, and a process that saves until it is killed."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.store import save_run
from tests.unit.store.builders import STORY, make_record, make_result


@dataclass
class Disk:
    """Count what is asked of a disk, and fail at one of the requests.

    Attributes
    ----------
    number : int
        What the failing request says, for instance ENOSPC.
    fails_at : int
        Which request fails; none when it is less than 0.
    is_short : bool
        Whether a write that fails takes half of what it is given first.
    requests : list of str
        What was asked.
    """

    number: int = 0
    fails_at: int = -1
    is_short: bool = False
    requests: list[str] = field(default_factory=list)

    def asked(self, what: str) -> None:
        """Count a request, and fail if it is the one."""
        self.requests.append(what)
        if len(self.requests) - 1 == self.fails_at:
            raise OSError(self.number, os.strerror(self.number))


class _File(io.FileIO):
    def __init__(self, path: str, disk: Disk) -> None:
        self._disk = disk
        disk.asked(f"create {Path(path).name}")
        super().__init__(path, "xb")

    def write(self, content: Any, /) -> int:
        try:
            self._disk.asked("write")
        except OSError:
            if self._disk.is_short and len(content) > 1:
                # The rest is asked for again, and refused then.
                self._disk.fails_at += 1
                return super().write(memoryview(content)[: len(content) // 2])
            raise
        return super().write(content)


@contextmanager
def on_disk(disk: Disk) -> Iterator[None]:
    """Let all that saves use a disk."""
    opened, fsync, mkdir, rename = Path.open, os.fsync, Path.mkdir, Path.rename

    def open_(path: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        return io.BufferedWriter(_File(str(path), disk)) if mode == "xb" else opened(path, mode, *rest, **named)

    def asking(what: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*given: Any, **named: Any) -> Any:
            disk.asked(what)
            return do(*given, **named)

        return ask

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", open_)
        patch.setattr(os, "fsync", asking("see to the disk", fsync))
        patch.setattr(Path, "mkdir", asking("make a folder", mkdir))
        patch.setattr(Path, "rename", asking("rename", rename))
        yield


def results() -> tuple[OrchestratorResult, OrchestratorResult]:
    """Return two results with different fingerprints."""
    return make_result(), make_result(make_record(STORY[:-1]))


def save_for_ever(folder: Path) -> None:
    """Save two results in turns at one place, and tell of each on standard output."""
    both = results()
    while True:
        for result in both:
            save_run(folder, result, {}, replaces=True)
            sys.stdout.write(f"{result.fingerprint}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    save_for_ever(Path(sys.argv[1]))
