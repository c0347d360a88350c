"""The process of one side: loads, then runs once for each line, and answers in JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from benchmarks.worlds import Size


class Job(Protocol):
    """One side's way to do one work, made ready from the arrays of a folder."""

    def run(self) -> dict[str, float]:
        """Do it once; return the seconds of each stage and of the whole."""

    def outcome(self) -> dict[str, Any]:
        """Tell what came out: numbers, or names of arrays kept in the folder."""


def main() -> None:
    """Serve until the input ends."""
    side, name, folder, size = sys.argv[1:]
    started = time.perf_counter()
    job: Job = import_module(f"benchmarks.sides.{side}").JOBS[name](Path(folder), Size(**json.loads(size)))
    _tell({"load": time.perf_counter() - started})
    for line in sys.stdin:
        if line.strip() == "run":
            _forget_peak()
            seconds = job.run()
            _tell({**seconds, "peak_mb": _peak_mb()})
        else:
            _tell(job.outcome())


def _forget_peak() -> None:
    # What is compared with the others afterwards is no part of the work, and takes much memory.
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
