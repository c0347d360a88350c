"""Put a page in its place, complete or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from strategy_orchestrator.errors import Fault, InputError, RunError
from strategy_orchestrator.report.page import MARK

_BEGINNING = 200


def check_target(path: Path) -> None:
    """Refuse to write where something else than a report is.

    Raises
    ------
    InputError
        If there is a folder, or a file that is no report.
    """
    if path.is_dir():
        raise InputError(
            Fault(str(path), "there is a folder; expected the name of a file", "Name a file: --out run.html")
        )
    if os.path.lexists(path) and not _is_report(path):
        problem = "what is there is no report of ours, so it is not replaced"
        raise InputError(Fault(str(path), problem, "Name another file"))


def _is_report(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return MARK.encode() in file.read(_BEGINNING)
    except OSError:
        return False


def write_page(path: Path, page: str) -> None:
    """Write a page; a report that was there is replaced when the new one is on the disk.

    Raises
    ------
    InputError
        If something else than a report is there.
    RunError
        If the disk refuses.
    """
    check_target(path)
    passing = path.with_name(f".report-{secrets.token_hex(8)}.partial")
    with _disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with passing.open("xb") as file:
                file.write(page.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            passing.replace(path)
        finally:
            passing.unlink(missing_ok=True)


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        remedy = "Make room or name another file with --out"
        raise RunError(Fault(str(path), f"the report could not be written: {reason}", remedy)) from error
