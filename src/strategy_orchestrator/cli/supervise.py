"""Start a worker, listen to it, pass interrupts on to it, and make sure that it ends.

The worker has a session of its own: an interrupt from the keyboard reaches it through us alone, and what it started
ends with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import IO, TYPE_CHECKING, Final

from strategy_orchestrator.cli import Interrupted
from strategy_orchestrator.cli.messages import Job, Message, job_line, read_message
from strategy_orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from strategy_orchestrator.cli.limits import Warden

FINAL_EVENTS: Final = frozenset({"saved", "checked", "looked", "planned", "written", "failed"})
"""After one of these the worker has nothing more to say."""

_GRACE_SECONDS: Final = 1.0
_WORKER: Final = "strategy_orchestrator.cli.worker"
_ASKED: Final = (signal.SIGINT, signal.SIGTERM)
_KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)
_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker left.

    Attributes
    ----------
    final : dict or None
        Its last word; None when it ended without one.
    exit_status : int
        Of its process; the number of a signal, negative, when one ended it.
    stage : str
        What it was doing when it was last heard of.
    verdict : OrchestratorError or None
        Why we ended it, if we did.
    """

    final: Message | None
    exit_status: int
    stage: str
    verdict: OrchestratorError | None = None


def supervise(job: Job, watch: Callable[[Message], None]) -> Outcome:
    """Have a worker do a job.

    Parameters
    ----------
    watch : callable
        Called with every message but the last, as it arrives.

    Raises
    ------
    Interrupted
        If a signal asks us to end; the worker has ended by then.
    """
    process = subprocess.Popen(  # noqa: S603  # our own module, in the interpreter that runs us
        [sys.executable, "-P", *(["-I"] if sys.flags.isolated else []), "-m", _WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        with _signals_raise():
            return _listen(process, job, watch)
    finally:
        _end(process)


def _listen(process: subprocess.Popen[bytes], job: Job, watch: Callable[[Message], None]) -> Outcome:
    orders, words = process.stdin, process.stdout
    assert orders is not None  # noqa: S101  # both are pipes, asked for above
    assert words is not None  # noqa: S101  # as above
    with contextlib.suppress(BrokenPipeError):
        # It stays open: its end tells the worker that we are gone.
        orders.write(job_line(job))
        orders.flush()
    final = None
    stage = "starting"
    with contextlib.ExitStack() as stack:
        wardens: list[Warden] = []
        for message in _messages(words):
            if message["event"] in FINAL_EVENTS:
                final = message
                break
            if message["event"] == "limit":
                wardens.append(_warden(message, process))
                stack.callback(wardens[-1].dismiss)
            if message["event"] == "stage":
                stage = str(message.get("name"))
            watch(message)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    verdict = next((warden.verdict for warden in wardens), None)
    return Outcome(final, _end(process), stage, verdict)


def _warden(message: Message, process: subprocess.Popen[bytes]) -> Warden:
    # Few runs have a limit, and the words for it are slow to load.
    from strategy_orchestrator.cli.limits import Limit, Warden

    limit = Limit(**{key: value for key, value in message.items() if key != "event"})
    return Warden(limit, lambda: _signal(process, _KILL))


def _messages(words: IO[bytes]) -> Iterator[Message]:
    for line in words:
        message = read_message(line)
        if message is None:
            sys.stderr.write(line.decode(errors="backslashreplace"))
        else:
            yield message


def _end(process: subprocess.Popen[bytes]) -> int:
    # Asks first, so that half-written files are removed; a loop in compiled code does not hear and is killed.
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
    _signal(process, _KILL)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    return process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    # The group has the number of its first process, and is there as long as any process of it is.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        elif process.poll() is None:
            process.kill()


@contextlib.contextmanager
def _signals_raise() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may set handlers; another one is not interrupted either.
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        del frame
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    # Who started us with nohup wants us to outlive the terminal.
    wanted = [number for number in _SIGNALS if number in _ASKED or signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
