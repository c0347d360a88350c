"""How far the kernel is from the bytes that must be read and written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from benchmarks import worlds
from benchmarks.measuring import measure
from benchmarks.rows import Row, at_most
from benchmarks.works.simulating import FULL
from strategy_orchestrator.models.records import DECISION, TRADE

_MOST: Final = 6.0
_BYTES: Final = 2**28
_WORD: Final = 8


def rows(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure the memory of this machine and the kernel on `many`."""
    del is_full
    size = FULL["many"]
    with tempfile.TemporaryDirectory() as folder:
        worlds.write(Path(folder), size)
        ours = measure(["orchestrator"], "crosses", Path(folder), size, n_runs)["orchestrator"]
    moved = _bytes(ours.outcome["decisions"], ours.outcome["trades"])
    speed = bandwidth(n_runs)
    yield Row("limit", str(size), "memory bandwidth", "GB/s", speed / 1e9, note="one core, a copy of 256 MiB")
    yield Row("limit", str(size), "bytes to move", "MB", moved / 1e6, note="prices, signals, curves, record")
    yield Row("limit", str(size), "least time for them", "s", moved / speed)
    times = ours.seconds["simulation"] / (moved / speed)
    yield at_most(("limit", size), "simulation ÷ least time", "", times, _MOST)


def _bytes(n_decisions: int, n_trades: int) -> int:
    size = FULL["many"]
    cells = size.n_bars * size.n_symbols
    prices, signals = 2 * _WORD * cells, cells * size.n_strategies  # open and close; of highs and lows those of fills
    curves = 2 * _WORD * size.n_bars * size.n_strategies
    return prices + signals + curves + n_decisions * DECISION.itemsize + n_trades * TRADE.itemsize


def bandwidth(n_runs: int) -> float:
    """Return bytes a second, read and written, of a copy that no cache holds."""
    source = np.ones(_BYTES // _WORD)
    target = np.empty_like(source)
    seconds = []
    for _ in range(n_runs + 2):
        started = perf_counter()
        np.copyto(target, source)
        seconds.append(perf_counter() - started)
    return 2 * _BYTES / float(np.median(seconds[1:]))
