"""Signals, simulation and measures of many cells, beside vectorbt and a bare loop."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import worlds
from benchmarks.measuring import Measured, installed, measure
from benchmarks.rows import Row, at_most, beside
from benchmarks.worlds import MINUTE_NS, Size

FULL: Final = {
    "wide": Size(1, 500, 2_520),
    "many": Size(10, 500, 2_520),
    "minute": Size(3, 10, 500_000, MINUTE_NS),
    "sweep-shaped": Size(1_000, 1, 10_000),
}
QUICK: Final = FULL | {"minute": Size(3, 10, 100_000, MINUTE_NS), "sweep-shaped": Size(200, 1, 10_000)}
LEAST: Final = {"wide": (30, 15), "many": (40, 20), "minute": (30, 15), "sweep-shaped": (0, 20)}
"""To reach: simulation with equity and decisions, and the whole, beside vectorbt."""
MOST_OF_REFERENCE: Final = 8.0
"""A simulation that takes longer than this many bare loops has become slower than it was."""
_MEMORY: Final = 6.0
_FILLS: Final = 5.0


def rows(name: str, is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure one of the works."""
    size = (FULL if is_full else QUICK)[name]
    with tempfile.TemporaryDirectory() as folder:
        worlds.write(Path(folder), size)
        peers = ["vectorbt"] if installed("vectorbt") else []
        found = measure(["orchestrator", "reference", *peers], "crosses", Path(folder), size, n_runs)
    ours, bare = found["orchestrator"], found["reference"]
    yield from _stages(name, size, ours)
    if peers:
        yield from _beside(name, size, ours, found["vectorbt"])
    times = ours.seconds["simulation"] / bare.seconds["simulation"]
    yield at_most(
        (name, size), "simulation ÷ bare loop", "", times, MOST_OF_REFERENCE, note="guards against regressions"
    )


def _stages(name: str, size: Size, ours: Measured) -> Iterator[Row]:
    seconds = ours.seconds
    rest = seconds["whole"] - seconds["signals"] - seconds["simulation"]
    told = f"{ours.outcome['decisions']:,} decisions, {ours.outcome['trades']:,} trades"
    for what, number, note in (
        ("prices to panel", seconds["panel"], "checked, outside of the whole"),
        ("signals", seconds["signals"], ""),
        ("simulation", seconds["simulation"], told),
        ("measures and the rest", rest, "prices to quanta, measures, fingerprint"),
        ("first use", ours.compile_seconds, "beyond a later run: the kernel compiled or loaded"),
    ):
        yield Row(name, str(size), what, "s", number, note=note)


def _beside(name: str, size: Size, ours: Measured, theirs: Measured) -> Iterator[Row]:
    simulation, whole = LEAST[name]
    apart = f"results differ by {theirs.outcome['differs_by']:.0e}"
    both = (ours.seconds["simulation"], "vectorbt", theirs.seconds["simulation"])
    yield beside((name, size), "simulation", "s", both, least=simulation, note=apart)
    yield beside((name, size), "whole run", "s", (ours.whole, "vectorbt", theirs.whole), least=whole)
    memory = _MEMORY if name == "many" else 0
    yield beside((name, size), "peak memory", "MB", (ours.peak_mb, "vectorbt", theirs.peak_mb), least=memory)
    yield Row(name, str(size), "first use of vectorbt", "s", theirs.compile_seconds, note="beyond a later run")


def busy(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Measure fills."""
    size = Size(1, 100, 10_000 if is_full else 2_000)
    with tempfile.TemporaryDirectory() as folder:
        worlds.write(Path(folder), size)
        peers = ["vectorbt"] if installed("vectorbt") else []
        found = measure(["orchestrator", *peers], "flips", Path(folder), size, n_runs)
    ours = found["orchestrator"]
    fills = ours.outcome["fills"]
    yield Row("busy", str(size), "fills a second", "1/s", fills / ours.seconds["simulation"], note=f"{fills:,} fills")
    for peer in peers:
        both = (ours.seconds["simulation"], f"{peer} from_orders", found[peer].seconds["simulation"])
        yield beside(("busy", size), "simulation", "s", both, least=_FILLS)
