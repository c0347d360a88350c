"""Signals of the technical pack, beside the same in pandas."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import worlds
from benchmarks.measuring import installed, measure
from benchmarks.rows import Row, at_most, beside
from benchmarks.works.simulating import FULL, QUICK

_LEAST: Final = 10.0
_MOST_OF_SIMULATION: Final = 3.0


def rows(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure the signals alone."""
    if not (installed("orchestrator_technical") and installed("talib") and installed("pandas")):
        return
    for name in ("many", "minute"):
        size = (FULL if is_full else QUICK)[name]
        with tempfile.TemporaryDirectory() as folder:
            worlds.write(Path(folder), size)
            found = measure(["technical", "pandas"], "signals", Path(folder), size, n_runs)
        ours = found["technical"]
        both = (ours.seconds["signals"], "pandas", found["pandas"].seconds["signals"])
        yield beside(("indicators", size), f"signals of {name}", "s", both, least=_LEAST)
        times = ours.seconds["signals"] / ours.seconds["simulation"]
        yield at_most(("indicators", size), "signals ÷ simulation", "", times, _MOST_OF_SIMULATION)
