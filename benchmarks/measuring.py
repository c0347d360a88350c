"""How a number is measured: several times, in turn with its peer, the median told."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes
    ----------
    what : str
        The work.
    who : str
        Who did it, and how.
    seconds : float
        Median of the runs.
    least, most : float
        Of the runs.
    n_runs : int
        How many there were.
    """

    what: str
    who: str
    seconds: float
    least: float
    most: float
    n_runs: int

    def as_dict(self) -> dict[str, object]:
        """Return what JSON can hold."""
        return asdict(self)


def figure(what: str, who: str, seconds: Sequence[float]) -> Figure:
    """Return the median of some runs."""
    return Figure(what, who, statistics.median(seconds), min(seconds), max(seconds), len(seconds))


def seconds_of(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def seconds_of_process(arguments: Sequence[str], **variables: str) -> float:
    """Return how long a process of this interpreter takes, from start to end, in an empty folder.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        subprocess.run(  # the interpreter that runs us
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, **variables},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - started


def empty_caches() -> dict[str, str]:
    """Return variables of the environment with which nothing has been compiled or learnt yet."""
    folder = tempfile.mkdtemp(prefix="benchmark-")
    return {"NUMBA_CACHE_DIR": str(Path(folder, "numba")), "XDG_CACHE_HOME": str(Path(folder, "cache"))}
