"""What the checks that are always on take: conservation, capital, cash, fills within their bars, prices untouched."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import worlds
from benchmarks.measuring import measure
from benchmarks.rows import Row, at_most
from benchmarks.works.simulating import FULL, QUICK

_MOST: Final = 0.10
_RUNS: Final = 15
"""Two nearly equal times are told apart by the least of many runs."""


def rows(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure the same runs with and without."""
    for name in ("many", "sweep-shaped"):
        size = (FULL if is_full else QUICK)[name]
        with tempfile.TemporaryDirectory() as folder:
            worlds.write(Path(folder), size)
            found = measure(["orchestrator", "unchecked"], "crosses", Path(folder), size, max(n_runs, _RUNS))
        ours, without = found["orchestrator"], found["unchecked"]
        assert ours.outcome["final"] == without.outcome["final"], "the checks change results"
        simulation, whole = (1 - without.least[stage] / ours.least[stage] for stage in ("simulation", "whole"))
        yield Row("checks", str(size), f"share of the simulation of {name}", "", simulation)
        yield at_most(("checks", size), f"share of the whole of {name}", "", whole, _MOST)
