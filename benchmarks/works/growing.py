"""How time and memory grow with strategies, symbols and bars."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks import worlds
from benchmarks.measuring import Measured, measure
from benchmarks.rows import Row, at_most
from benchmarks.worlds import Size

_BASE: Final = Size(5, 100, 1_000)
_TIMES: Final = (2, 4, 8)
_LINEAR: Final = 1.25
"""Growth that is still called linear: caches end somewhere."""
_FIVE_OF_ONE: Final = 2.0


def rows(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure each direction by itself."""
    base = replace(_BASE, n_bars=2_520) if is_full else _BASE
    start = _measured(base, n_runs)
    for name in ("n_strategies", "n_symbols", "n_bars"):
        for times in _TIMES if is_full else _TIMES[-1:]:
            size = replace(base, **{name: getattr(base, name) * times})
            grown = _measured(size, n_runs)
            seconds = grown.seconds["simulation"] / start.seconds["simulation"] / times
            what = f"simulation, {name.removeprefix('n_')} × {times}"
            yield at_most(("growth", size), what, "of linear", seconds, _LINEAR)
            memory = (grown.peak_mb - start.peak_mb) / start.peak_mb / (times - 1)
            yield at_most(
                ("growth", size), f"memory, {name.removeprefix('n_')} × {times}", "of linear", memory, _LINEAR
            )
    size = Size(1, 500, 2_520)
    one, five = (_measured(replace(size, n_strategies=number), n_runs) for number in (1, 5))
    apart = (five.whole + five.seconds["panel"]) / (one.whole + one.seconds["panel"])
    yield at_most(("growth", size), "5 strategies ÷ 1, prices to result", "", apart, _FIVE_OF_ONE)


def _measured(size: Size, n_runs: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        worlds.write(Path(folder), size)
        return measure(["orchestrator"], "crosses", Path(folder), size, n_runs, outcomes=False)["orchestrator"]
