"""What Python in the loop costs: strategies that are asked bar by bar, and a resolver of a plug-in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import worlds
from benchmarks.measuring import Measured, Task, installed, measure, measure_in_turn
from benchmarks.rows import Row, at_most, beside
from benchmarks.works.simulating import FULL
from benchmarks.worlds import Size

_PEERS: Final = {"backtesting": "backtesting", "backtrader": "backtrader", "nautilus": "nautilus_trader"}
_MICROSECOND: Final = 1e6
_MOST_PER_CALL: Final = 2.0
_MOST_PER_BAR_AND_CALL: Final = 4.0 + _MOST_PER_CALL
_MOST_OF_BUILT_IN: Final = 1.3
_RUNS_OF_RATIO: Final = 9


def per_bar(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure one rule on one symbol, and some strategies on some symbols."""
    runs = n_runs if is_full else min(n_runs, 2)
    yield from _asked(Size(1, 1, 10_000), runs)
    yield from _asked(Size(5, 20, 2_520) if is_full else Size(2, 10, 1_000), runs)


def _asked(size: Size, n_runs: int) -> Iterator[Row]:
    sides = ["orchestrator", *(side for side, package in _PEERS.items() if installed(package))]
    with tempfile.TemporaryDirectory() as folder:
        worlds.write(Path(folder), size)
        found = measure(sides, "bar by bar", Path(folder), size, n_runs)
        silent = measure(sides, "bar by bar, silent", Path(folder), size, n_runs)
    n_calls = size.n_strategies * size.n_symbols * size.n_bars
    ours, quiet = found["orchestrator"], silent["orchestrator"]
    for side in sides[1:]:
        note = _compared(ours, found[side])
        numbers = _each(ours, n_calls), _PEERS[side], _each(found[side], n_calls)
        yield beside(("per bar", size), "a call, same rule", "µs", numbers, least=1, note=note)
        numbers = _each(quiet, n_calls), _PEERS[side], _each(silent[side], n_calls)
        yield beside(("per bar", size), "a call, no rule", "µs", numbers, least=1)
    # What asking takes by itself, without what a run takes before and after.
    alone = quiet.seconds["simulation"] * _MICROSECOND / n_calls
    if size.n_strategies * size.n_symbols == 1:
        yield at_most(("per bar", size), "a bar and its call", "µs", alone, _MOST_PER_BAR_AND_CALL)
    else:
        yield at_most(("per bar", size), "a call, bars shared", "µs", alone, _MOST_PER_CALL)


def _each(side: Measured, n_calls: int) -> float:
    return side.whole * _MICROSECOND / n_calls


def _compared(ours: Measured, theirs: Measured) -> str:
    mine, other = (side.outcome["entered"] for side in (ours, theirs))
    n_common = min(len(mine), len(other))
    if theirs.side == "nautilus":
        assert mine[:n_common] == other[:n_common], "other decisions"
        return "same decisions; it fills at the close, ours at the next open"
    assert mine[:n_common] == other[:n_common], f"{theirs.side} entered at other bars"
    return "same entries"


def resolver(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure conflicts that Python resolves beside those that the loop does."""
    del is_full
    size = FULL["many"]
    with tempfile.TemporaryDirectory() as folder:
        worlds.write(Path(folder), size)
        jobs = ("slower crosses", "slower crosses, resolver in Python")
        tasks = [Task("orchestrator", job, Path(folder), size) for job in jobs]
        built_in, plugged = measure_in_turn(tasks, max(n_runs, _RUNS_OF_RATIO))
    assert built_in.outcome == plugged.outcome, "the resolvers differ"
    note = f"{built_in.outcome['conflicts']:,} conflicts"
    times = plugged.whole / built_in.whole
    yield at_most(("resolver", size), "whole run ÷ with the built-in one", "", times, _MOST_OF_BUILT_IN, note=note)
