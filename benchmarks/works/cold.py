"""A small job as a whole process, from `python` to the printed equity, beside all peers."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import worlds
from benchmarks.measuring import empty_caches, installed, seconds_of_process
from benchmarks.rows import Row, at_most, beside
from benchmarks.worlds import Size

_SIZE: Final = Size(3, 5, 3_250)
_PEERS: Final = {
    "backtesting": "backtesting",
    "nautilus": "nautilus_trader",
    "backtrader": "backtrader",
    "bt": "bt",
    "vectorbt": "vectorbt",
}
_MOST_KEPT: Final = 0.8
_MOST_FIRST: Final = 5.0


def rows(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Start each in turn; ours also with nothing compiled."""
    runs = n_runs if is_full else min(n_runs, 3)
    jobs = ["orchestrator", *(name for name, package in _PEERS.items() if installed(package))]
    seconds: dict[str, list[float]] = {job: [] for job in jobs}
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        worlds.write(Path(folder), _SIZE)
        kept = empty_caches(Path(folder))
        first, _ = seconds_of_process(["-m", "benchmarks.cold.orchestrator", folder], **kept)
        for _ in range(runs):
            for job in jobs:
                taken, peaks[job] = seconds_of_process(["-m", f"benchmarks.cold.{job}", folder], **kept)
                seconds[job].append(taken)
    ours = statistics.median(seconds["orchestrator"])
    yield at_most(("cold", _SIZE), "whole process, kernel kept", "s", ours, _MOST_KEPT)
    yield at_most(("cold", _SIZE), "whole process, nothing kept", "s", first, _MOST_FIRST)
    for job in jobs[1:]:
        both = (ours, _PEERS[job], statistics.median(seconds[job]))
        yield beside(("cold", _SIZE), "whole process", "s", both, least=1)
        yield beside(("cold", _SIZE), "peak memory", "MB", (peaks["orchestrator"], _PEERS[job], peaks[job]))
