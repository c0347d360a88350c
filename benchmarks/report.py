"""The table, the JSON and the plot."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from benchmarks.rows import Row

_LIBRARIES: Final = (
    "strategy-orchestrator", "numba", "numpy", "polars", "pandas", "vectorbt", "backtesting", "backtrader", "bt",
    "nautilus_trader",
)  # fmt: skip
_COLUMNS: Final = "{:13} {:20} {:34} {:>12} {:22} {:>12} {:>8} {:>14}"
_NAMES: Final = ("work", "size", "measured", "ours", "peer", "theirs", "ratio", "goal")
_BEGIN: Final = "<!-- begin of the table -->"
_END: Final = "<!-- end of the table -->"
_LARGE: Final = 100


def machine() -> dict[str, str]:
    """Return what the numbers hold for: the machine and the versions."""
    found = {"machine": platform.machine(), "processors": str(os.cpu_count()), "Python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def header() -> str:
    """Return the lines above the table."""
    return ", ".join(f"{name} {value}" for name, value in machine().items()) + "\n\n" + _COLUMNS.format(*_NAMES)


def line(row: Row) -> str:
    """Return one line of the table."""
    theirs = "" if row.theirs is None else _number(row.theirs, row.unit)
    ratio = "" if row.ratio is None else f"{row.ratio:.1f} ×"
    mark = {None: "", True: "yes", False: "NO"}[row.holds]
    ours = _number(row.ours, row.unit)
    told = _COLUMNS.format(row.work, row.size, row.what, ours, row.peer, theirs, ratio, row.goal)
    return f"{told} {mark:3} {row.note}".rstrip()


def _number(value: float, unit: str) -> str:
    digits = 0 if value >= _LARGE else 2 if value >= 1 else 4
    return f"{value:,.{digits}f} {unit}".strip()


def as_json(rows: Sequence[Row]) -> str:
    """Return all rows with what they hold for."""
    return json.dumps({"machine": machine(), "rows": [row.as_dict() for row in rows]}, indent=2)


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the rows that have a goal or a peer as a table of a page."""
    lines = [
        "| work | strategies × symbols × bars | measured | orchestrator | beside | ratio | to reach |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row.theirs is None and row.holds is None:
            continue
        theirs = "" if row.theirs is None else f"{row.peer}: {_number(row.theirs, row.unit)}"
        ratio = "" if row.ratio is None else f"{row.ratio:.1f} ×"
        goal = {None: "", True: f"{row.goal}: yes", False: f"{row.goal}: no"}[row.holds]
        cells = (row.work, row.size, row.what, _number(row.ours, row.unit), theirs, ratio, goal)
        lines.append(f"| {' | '.join(cells)} |")
    about = ", ".join(f"{name} {value}" for name, value in machine().items())
    return "\n".join([*lines, "", f"Measured with {about}."])


def write_page(rows: Sequence[Row], page: Path) -> None:
    """Put the table into a page, between its two marks.

    Raises
    ------
    ValueError
        If the page has not both.
    """
    before, rest = page.read_text(encoding="utf-8").split(_BEGIN)
    _, after = rest.split(_END)
    page.write_text(f"{before}{_BEGIN}\n{as_markdown(rows)}\n{_END}{after}", encoding="utf-8")


def write(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write the rows as JSON, and the ratios as a plot where plotly is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "benchmarks.json"]
    written[0].write_text(as_json(rows), encoding="utf-8")
    beside = [row for row in rows if row.ratio is not None]
    if beside:
        try:
            written.append(_plot(beside, folder / "benchmarks.html"))
        except ImportError:
            print("No plot was written: pip install plotly")
    return written


def _plot(rows: Sequence[Row], path: Path) -> Path:
    import plotly.graph_objects as go  # noqa: PLC0415  # the table does without it

    names = [f"{row.work}, {row.what} ({row.size}) / {row.peer}" for row in rows]
    colors = ["#b03030" if row.holds is False else "#2f6f4f" for row in rows]
    bars = go.Bar(x=[row.ratio for row in rows], y=names, orientation="h", marker_color=colors)
    figure = go.Figure(bars)
    figure.update_layout(
        title="How many times less the orchestrator takes than its peers",
        xaxis={"type": "log", "title": "ratio"},
        yaxis={"autorange": "reversed"},
        height=200 + 28 * len(rows),
        margin={"l": 460},
    )
    figure.write_html(path, include_plotlyjs=True)
    return path
