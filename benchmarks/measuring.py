"""How a number is measured: each side in a process of its own, in turn with the others, the median told.

A side is started with `python -m benchmarks.child SIDE JOB FOLDER SIZE`. It loads what it needs, then does its work
once for each line it is sent, and answers with the seconds of its stages and the most memory it has had. The first run
has the compilation in it; it is told apart.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from benchmarks.worlds import Size


@dataclass(frozen=True, slots=True)
class Measured:
    """What one side took for one work.

    Attributes
    ----------
    side : str
        Who did it.
    load : float
        Seconds to import and to read the inputs.
    first : Mapping
        Seconds of each stage of the first run, compilation included.
    seconds : Mapping
        Median seconds of each stage of the later runs.
    least : Mapping
        Least seconds of each stage of those: what tells two nearly equal times apart.
    peak_mb : float
        The most memory that the process has had in one of the later runs.
    n_runs : int
        How many later runs there were.
    outcome : Mapping
        What came out of it.
    """

    side: str
    load: float
    first: Mapping[str, float]
    seconds: Mapping[str, float]
    least: Mapping[str, float]
    peak_mb: float
    n_runs: int
    outcome: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> float:
        """Median seconds from signals to measures."""
        return self.seconds["whole"]

    @property
    def compile_seconds(self) -> float:
        """What the first run took longer than later ones."""
        return max(0.0, self.first["whole"] - self.whole)


@dataclass(frozen=True, slots=True)
class Task:
    """What one side does: one of its jobs, on the inputs of a folder."""

    side: str
    job: str
    folder: Path
    size: Size


class Child:
    """A process that does the work of one side when told to."""

    def __init__(self, task: Task) -> None:
        self.side = task.side
        size = json.dumps(task.size.as_dict())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child", task.side, task.job, str(task.folder), size],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TQDM_DISABLE": "1"},
        )
        self.load = self._answer()["load"]
        self.runs: list[dict[str, float]] = []
        self.peak_mb = 0.0

    def run(self) -> None:
        """Let it do the work once."""
        answer = self._ask("run")
        # The first run compiles, which takes memory of its own.
        peak = answer.pop("peak_mb")
        self.peak_mb = max(self.peak_mb, peak) if len(self.runs) > 1 else peak
        self.runs.append(answer)

    def outcome(self) -> dict[str, Any]:
        """Let it tell what came out of its last run."""
        return self._ask("outcome")

    def close(self) -> None:
        """End it."""
        with self._process:
            self._stream(self._process.stdin).close()

    def _ask(self, what: str) -> dict[str, Any]:
        stream = self._stream(self._process.stdin)
        stream.write(f"{what}\n")
        stream.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        # What a library prints on its way is no answer.
        for line in self._stream(self._process.stdout):
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise RuntimeError(f"{self.side}: the process ended; what it said is above")

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


@contextmanager
def children(tasks: Sequence[Task]) -> Iterator[list[Child]]:
    """Start a process for each task, and end them all."""
    started: list[Child] = []
    try:
        started.extend(Child(task) for task in tasks)
        yield started
    finally:
        for child in started:
            child.close()


def measure_in_turn(tasks: Sequence[Task], n_runs: int, *, outcomes: bool = True) -> list[Measured]:
    """Let tasks be done in turn: once for what is compiled, then `n_runs` times.

    Whoever shares the machine slows all of them alike, so that they can be compared.
    """
    with children(tasks) as started:
        told = []
        for child in started:
            # The first of them tells the others what to compare with.
            child.run()
            told.append(child.outcome() if outcomes else {})
        for _ in range(n_runs):
            for child in started:
                child.run()
        return [_measured(child, outcome) for child, outcome in zip(started, told, strict=True)]


def measure(sides: Sequence[str], job: str, folder: Path, size: Size, n_runs: int) -> dict[str, Measured]:
    """Let all sides do the same work in turn."""
    found = measure_in_turn([Task(side, job, folder, size) for side in sides], n_runs)
    return {each.side: each for each in found}


def _measured(child: Child, outcome: Mapping[str, Any]) -> Measured:
    first, *later = child.runs
    seconds = {stage: statistics.median(run[stage] for run in later) for stage in first}
    least = {stage: min(run[stage] for run in later) for stage in first}
    return Measured(child.side, child.load, first, seconds, least, child.peak_mb, len(later), outcome)


def seconds_of_process(arguments: Sequence[str], **variables: str) -> tuple[float, float]:
    """Return how long a process of this interpreter takes, in an empty folder, and its peak memory in MB.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    command = [sys.executable, *arguments]
    environment = {**os.environ, **variables}
    # Jobs are found from the empty folder too.
    top = str(Path(__file__).parents[1])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [environment.get("PYTHONPATH"), top]))
    # Modules of a source tree are kept as byte code, as those of an installed package are.
    environment["PYTHONDONTWRITEBYTECODE"] = ""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.stderr.close()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=said.decode(errors="replace"))
    return seconds, used.ru_maxrss / 1024


def installed(package: str) -> bool:
    """Tell whether a package can be imported; peers that cannot are left out."""
    return importlib.util.find_spec(package) is not None


def empty_caches(folder: Path) -> dict[str, str]:
    """Return variables of the environment with which nothing has been compiled or learnt yet."""
    return {"NUMBA_CACHE_DIR": str(folder / "numba"), "XDG_CACHE_HOME": str(folder / "cache")}
