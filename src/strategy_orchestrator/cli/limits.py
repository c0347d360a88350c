"""End a run in which a strategy takes too long: the worker notes whom it asks, its parent reads and kills.

Compiled code that does not return hears no signal and lets no other thread run, so the one who ends it is another
process. The note lies in a file that both map into memory; writing it costs less than a microsecond.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from strategy_orchestrator.clock import to_text
from strategy_orchestrator.engine.timing import NOWHERE, QUESTIONS
from strategy_orchestrator.errors import Fault, StrategyError

_NOTE: Final = struct.Struct("=qqqqq")
_COUNT: Final = struct.Struct("=q")
_AT_COUNT: Final = _NOTE.size
_SIZE: Final = _NOTE.size + _COUNT.size
_LOOKS: Final = 20
_LONGEST_PAUSE: Final = 0.05


class Notes:
    """Write down, in the worker, who is asked what.

    Parameters
    ----------
    timestamps_ns : sequence of int
        Closing times of the bars.

    Attributes
    ----------
    path : str
        The file; whoever reads it removes it.
    """

    def __init__(self, timestamps_ns: Sequence[int]) -> None:
        handle, self.path = tempfile.mkstemp(prefix="orchestrate-")
        try:
            os.truncate(handle, _SIZE)
            self._memory = mmap.mmap(handle, _SIZE)
        finally:
            os.close(handle)
        self._times = timestamps_ns
        self._count = 0

    def begin(self, strategy: int, question: int, bar: int, column: int) -> None:
        """Note a question; an odd count says that it is open."""
        time = 0 if bar == NOWHERE else self._times[bar]
        _NOTE.pack_into(self._memory, 0, strategy, question, bar, column, time)
        self._count += 1
        _COUNT.pack_into(self._memory, _AT_COUNT, self._count)

    def end(self) -> None:
        """Note the answer."""
        self._count += 1
        _COUNT.pack_into(self._memory, _AT_COUNT, self._count)


@dataclass(frozen=True, slots=True)
class Limit:
    """What the parent has to know to watch.

    Attributes
    ----------
    seconds : float
        How long an answer may take.
    written : str
        The same as the user wrote it.
    path : str
        The file with the notes.
    strategies, symbols : sequence of str
        What the numbers in the notes stand for.
    """

    seconds: float
    written: str
    path: str
    strategies: Sequence[str]
    symbols: Sequence[str]

    def error(self, note: tuple[int, int, int, int, int]) -> StrategyError:
        """Say whose answer was waited for in vain."""
        strategy, question, bar, column, time = note
        name = self.strategies[strategy]
        place = "" if bar == NOWHERE else f"{self.symbols[column]!r}, {to_text(time)} (bar {bar}), "
        problem = f"it took longer than strategy_time_limit, {self.written} seconds, so the run was ended"
        where = f"strategy {name!r}, {place}{QUESTIONS[question]}"
        return StrategyError(Fault(where, problem, "Correct the strategy, or raise the limit", name))


class Warden:
    """Read the notes of a worker, in its parent, and end it when an answer takes too long.

    Parameters
    ----------
    end : callable
        Ends the worker.

    Attributes
    ----------
    verdict : StrategyError or None
        Why it was ended.
    """

    def __init__(self, limit: Limit, end: Callable[[], None]) -> None:
        self.verdict: StrategyError | None = None
        self._limit = limit
        self._end = end
        self._is_over = threading.Event()
        with Path(limit.path).open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), _SIZE, access=mmap.ACCESS_READ)
        with contextlib.suppress(OSError):
            # Some systems keep a file that is in use.
            Path(limit.path).unlink()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def dismiss(self) -> None:
        """Stop watching."""
        self._is_over.set()
        self._thread.join()
        self._memory.close()

    def _watch(self) -> None:
        pause = min(self._limit.seconds / _LOOKS, _LONGEST_PAUSE)
        known, since = 0, monotonic()
        while not self._is_over.wait(pause):
            (count,) = _COUNT.unpack_from(self._memory, _AT_COUNT)
            if count != known or count % 2 == 0:
                known, since = count, monotonic()
            elif monotonic() - since > self._limit.seconds:
                self.verdict = self._limit.error(_NOTE.unpack_from(self._memory, 0))
                self._end()
                return
