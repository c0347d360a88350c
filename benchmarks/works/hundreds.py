"""Hundreds of strategies, beside bt at the size that it can do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import worlds
from benchmarks.measuring import Measured, Task, installed, measure_in_turn
from benchmarks.rows import Row, at_most, beside
from benchmarks.worlds import Size

_OF_BT: Final = Size(4, 5, 504)
_NANOSECOND: Final = 1e9
_MOST_MB: Final = 16 * 1024.0
_LEAST: Final = 100.0


def rows(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure 116 sleeves, and 1,000 in the full form."""
    peer = _measured("bt", _OF_BT, 1) if installed("bt") else None
    for number in (116, 1_000) if is_full else (116,):
        size = Size(number, 600, 2_520 if is_full else 1_000)
        ours = _measured("orchestrator", size, 1 if number > 116 else n_runs)
        yield Row("hundreds", str(size), "whole run", "s", ours.whole)
        yield at_most(("hundreds", size), "peak memory", "MB", ours.peak_mb, _MOST_MB)
        if peer is not None:
            cells = _each(ours, size), "bt", _each(peer, _OF_BT)
            note = f"bt at {_OF_BT}: it takes {peer.whole:.0f} s for that"
            yield beside(("hundreds", size), "a strategy, symbol and bar", "ns", cells, least=_LEAST, note=note)


def _each(side: Measured, size: Size) -> float:
    return side.whole * _NANOSECOND / (size.n_strategies * size.n_symbols * size.n_bars)


def _measured(side: str, size: Size, n_runs: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        worlds.write(Path(folder), size)
        return measure_in_turn([Task(side, "crosses", Path(folder), size)], n_runs, outcomes=False)[0]
