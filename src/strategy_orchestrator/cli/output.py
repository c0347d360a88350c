"""What the commands write: results on standard output, errors on standard error."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Mapping

from strategy_orchestrator.cli.messages import error_dict
from strategy_orchestrator.errors import OrchestratorError


def make_streams_safe() -> None:
    """Write characters that the terminal does not know as escapes, in place of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence_output() -> None:
    """Write nothing more to standard output, not even what still waits to be written."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


def show_json(document: Mapping[str, object]) -> None:
    """Write the one document of a command called with `--json`."""
    print(json.dumps(document, indent=2))


def show_lines(text: str) -> None:
    """Write to standard output."""
    print(text)


def show_note(text: str) -> None:
    """Write one line to standard error."""
    print(text, file=sys.stderr)


def show_error(
    error: OrchestratorError,
    *,
    as_json: bool,
    folder: str | None = None,
    kept: str = "What the run had, and error-log.md, are",
) -> int:
    """Write an error, one line a fault, and return its exit status.

    Parameters
    ----------
    as_json : bool
        Write it as the one document on standard output too.
    folder : str, optional
        Where a run that failed was saved.
    kept : str
        What is there, with its verb.
    """
    for fault in error.faults:
        show_note(str(fault))
    if folder is not None:
        show_note(f"{kept} in {folder}")
    if as_json:
        show_json({**error_dict(error), "folder": folder})
    return error.exit_status


def show_interrupt(exit_status: int, *, as_json: bool, folder: str | None = None) -> int:
    """Write that a signal ended the command and what was saved of it, and return the exit status for it."""
    message = "interrupted; nothing was saved" if folder is None else f"interrupted; what was done is in {folder}"
    show_note(f"orchestrate: {message}.")
    if as_json:
        about = {"kind": "Interrupted", "exit_status": exit_status, "message": message}
        show_json({"error": about, "faults": [], **({} if folder is None else {"folder": folder})})
    return exit_status
