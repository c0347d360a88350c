"""Run all benchmarks: `python -m benchmarks [--json FILE] [--runs N]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks import first_run, history
from benchmarks.measuring import Figure

_LIBRARIES = ("strategy-orchestrator", "numba", "numpy", "polars", "backtesting")


def main() -> None:
    """Measure, print a table, and write JSON where it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--runs", type=int, default=5, help="runs of each work, of which the median is told")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, {_versions()}")
    print(f"{'what':42} {'who':44} {'median':>10} {'least':>10} {'most':>10}")
    found = []
    for module in (first_run, history):
        for each in module.figures(options.runs):
            found.append(each)
            print(_line(each), flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps([each.as_dict() for each in found], indent=2), encoding="utf-8")


def _line(each: Figure) -> str:
    unit, factor = ("s", 1.0) if each.seconds >= 0.1 else ("µs", 1e6)
    numbers = (f"{value * factor:.2f} {unit}" for value in (each.seconds, each.least, each.most))
    return f"{each.what:42} {each.who:44} " + " ".join(f"{number:>10}" for number in numbers)


def _versions() -> str:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except ImportError:
            found.append(f"{name} not installed")
    return ", ".join(found)


if __name__ == "__main__":
    main()
