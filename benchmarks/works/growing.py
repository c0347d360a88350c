"""How time and memory grow with strategies, symbols and bars."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks import worlds
from benchmarks.measuring import Measured, Task, measure_in_turn
from benchmarks.rows import Row, at_most
from benchmarks.worlds import Size

_BASE: Final = Size(5, 100, 1_000)
_TIMES: Final = (2, 4, 8)
_LINEAR: Final = 1.25
"""Growth that is still called linear: caches end somewhere."""
_FIVE_OF_ONE: Final = 2.0
_RUNS: Final = 9


def rows(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure each direction by itself."""
    base = replace(_BASE, n_bars=2_520) if is_full else _BASE
    for name in ("n_strategies", "n_symbols", "n_bars"):
        for times in _TIMES if is_full else _TIMES[-1:]:
            size = replace(base, **{name: getattr(base, name) * times})
            start, grown = _measured(base, size, n_runs=n_runs)
            seconds = grown.seconds["simulation"] / start.seconds["simulation"] / times
            what = f"simulation, {name.removeprefix('n_')} × {times}"
            yield at_most(("growth", size), what, "of linear", seconds, _LINEAR)
            memory = (grown.peak_mb - start.peak_mb) / start.peak_mb / (times - 1)
            yield at_most(
                ("growth", size), f"memory, {name.removeprefix('n_')} × {times}", "of linear", memory, _LINEAR
            )
    size = Size(1, 500, 2_520)
    one, five = _measured(size, replace(size, n_strategies=5), n_runs=n_runs)
    apart = (five.whole + five.seconds["panel"]) / (one.whole + one.seconds["panel"])
    yield at_most(("growth", size), "5 strategies ÷ 1, prices to result", "", apart, _FIVE_OF_ONE)


def _measured(*sizes: Size, n_runs: int) -> list[Measured]:
    with ExitStack() as stack:
        tasks = []
        for size in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            worlds.write(folder, size)
            tasks.append(Task("orchestrator", "crosses", folder, size))
        return measure_in_turn(tasks, max(n_runs, _RUNS), outcomes=False)
