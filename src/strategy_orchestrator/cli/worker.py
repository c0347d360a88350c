"""The process in which plug-ins and strategies run: `python -m strategy_orchestrator.cli.worker`.

Its first act is to put its standard output out of the reach of everything else: what plug-ins print goes to standard
error, so that nothing but results is on ours.
"""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
import threading
import time
from typing import IO, Final

from strategy_orchestrator.cli import attempt
from strategy_orchestrator.cli.messages import Job, error_dict, message_line, read_job
from strategy_orchestrator.errors import OrchestratorError

_GRACE_SECONDS: Final = 1.5
_TICK_SECONDS: Final = 0.05
_INTERRUPTED: Final = 130
_HOME_OF: Final = {"plan": "sweep_tasks", "section": "section_tasks", "sweep": "sweep_tasks"}
"""The module of each task; the others are in `tasks`."""


class Channel:
    """The way to the parent process."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._next_tick = 0.0

    def tell(self, event: str, **facts: object) -> None:
        """Send a message."""
        self._stream.write(message_line({"event": event, **facts}))
        self._stream.flush()

    def progress(self, done: int, total: int, unit: str = "Bar") -> None:
        """Send how many bars, or other things that are counted, are done, some times a second at most."""
        now = time.monotonic()
        if now >= self._next_tick or done == total:
            self._next_tick = now + _TICK_SECONDS
            self.tell("progress", done=done, total=total, unit=unit)


def main() -> int:
    """Do the job that standard input names, and return the exit status."""
    orders, channel = _take_streams()
    # Until here a signal ends the process without a word; from here on it cleans up first.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    line = orders.readline()
    if not line:
        return _INTERRUPTED
    job = read_job(line)
    threading.Thread(target=_end_with_parent, args=(orders,), daemon=True).start()
    try:
        outcome = attempt(lambda: _do(job, channel), debug=job.debug)
        # The last word is said: what still runs in other threads, as pools of executors do, may be ended at any point.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
    except KeyboardInterrupt:
        return _INTERRUPTED
    if isinstance(outcome, OrchestratorError):
        channel.tell("failed", folder=None, **error_dict(outcome))
        return outcome.exit_status
    return outcome


def _do(job: Job, channel: Channel) -> int:
    # Loaded under the guard: an installation with a broken library is told in one line like everything else.
    tasks = importlib.import_module(f"strategy_orchestrator.cli.{_HOME_OF.get(job.task, 'tasks')}")
    status: int = tasks.TASKS[job.task](job, channel)
    return status


def _take_streams() -> tuple[IO[bytes], Channel]:
    # Without a buffer, for the thread that waits on it must not hold a lock when the interpreter ends.
    orders, words = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    return orders, Channel(words)


def _end_with_parent(orders: IO[bytes]) -> None:
    # Nobody waits for the result any more once the parent's end of the pipe is closed.
    orders.read()
    signal.raise_signal(signal.SIGINT)
    time.sleep(_GRACE_SECONDS)
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
