"""What the parent process and its worker say to each other: lines of JSON.

The worker is told its job on standard input and answers on what was its standard output when it began. Lines that do
not begin with the mark are not ours; something printed before the worker took the stream over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol

from strategy_orchestrator import errors
from strategy_orchestrator.errors import Fault, OrchestratorError, kind_of
from strategy_orchestrator.hooks.switches import Wish

MARK: Final = b"\x1e"
"""First byte of a message, as in RFC 7464; it cannot be part of JSON."""

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spread:
    """How a sweep is to be made, as the options say.

    Attributes
    ----------
    executor : str or None
        In place of the one in the file.
    jobs : int or None
        Runs at once, in place of those in the file.
    kept : str or None
        The folder in which every run is saved; none is when None.
    """

    executor: str | None = None
    jobs: int | None = None
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is to do.

    Attributes
    ----------
    task : {"run", "check", "lookahead", "section", "sweep", "plan"}
        What to do.
    path : str
        The run file, or the folder of a run.
    out : str or None
        The folder to make; the store chooses one when None.
    run_id : str
        Written into the run, so that the parent knows it again.
    debug : bool
        Whether to show tracebacks.
    wish : Wish
        What the options say of the switches of plug-ins.
    lock : str or None
        The lock from which no plug-in may differ.
    section : str
        The section of a report that is to be written.
    spread : Spread
        How a sweep is to be made.
    resumes : bool
        Whether to go on with a run that was cut short.
    snapshot_seconds : float
        How often what is done so far is kept.
    strategies : tuple of str
        For `lookahead`: the ids of those to look at; empty for all.
    n_bars : int or None
        For `lookahead`: how many bars to try; None for every one.
    """

    task: str
    path: str
    out: str | None
    run_id: str
    debug: bool
    wish: Wish = field(default_factory=Wish)
    lock: str | None = None
    section: str = ""
    spread: Spread = field(default_factory=Spread)
    resumes: bool = False
    snapshot_seconds: float = 5.0
    strategies: tuple[str, ...] = ()
    n_bars: int | None = None


class Reporter(Protocol):
    """Whom a task tells how it goes."""

    def tell(self, event: str, **facts: object) -> None:
        """Send a message."""

    def progress(self, done: int, total: int, unit: str = "Bar") -> None:
        """Tell how many bars, or other things that are counted, are done."""


def job_line(job: Job) -> bytes:
    """Write a job as one line."""
    return json.dumps(asdict(job)).encode() + b"\n"


def read_job(line: bytes) -> Job:
    """Read what `job_line` wrote."""
    facts = json.loads(line)
    wish = facts["wish"]
    blocked, only, listen = (
        None if wish[switch] is None else tuple(wish[switch]) for switch in ("blocked", "only", "listen")
    )
    facts["wish"] = Wish(blocked, only, wish["autoload"], listen)
    facts["spread"] = Spread(**facts["spread"])
    facts["strategies"] = tuple(facts["strategies"])
    return Job(**facts)


def message_line(message: Mapping[str, object]) -> bytes:
    """Write a message as one line."""
    return MARK + json.dumps(message).encode() + b"\n"


def read_message(line: bytes) -> Message | None:
    """Read a message; None when the line is none."""
    if not line.startswith(MARK):
        return None
    try:
        message = json.loads(line[len(MARK) :])
    except ValueError:
        return None
    return message if isinstance(message, dict) and isinstance(message.get("event"), str) else None


def fault_dicts(faults: Iterable[Fault]) -> list[dict[str, object]]:
    """Return faults as JSON can hold them."""
    return [
        {
            "where": fault.where,
            "problem": fault.problem,
            "remedy": fault.remedy,
            "value": fault.value if fault.value is None or isinstance(fault.value, str | int) else str(fault.value),
        }
        for fault in faults
    ]


def error_dict(error: OrchestratorError) -> dict[str, object]:
    """Return an error as JSON can hold it: {"error": {kind, exit_status, message}, "faults": [...]}."""
    about = {"kind": kind_of(error), "exit_status": error.exit_status, "message": str(error)}
    return {"error": about, "faults": fault_dicts(error.faults)}


def error_of(document: Mapping[str, Any]) -> OrchestratorError:
    """Return the error that `error_dict` described."""
    kind: type[OrchestratorError] = getattr(errors, document["error"]["kind"])
    return kind(Fault(**fault) for fault in document["faults"])
