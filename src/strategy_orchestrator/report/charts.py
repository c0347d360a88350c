"""Charts as plotly draws them.

The one module that loads plotly. Colors of text and of lines of the grid are not set here: the style sheet of the page
does, so that they change between light and dark and on paper.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.errors import Fault, MissingExtraError
from strategy_orchestrator.report.markup import Html, shortened

MAIN: Final = "#4c7fd9"
"""The color of the whole."""
QUIET: Final = "#9aa3af"
"""The color of the reserve."""
# Told apart on white and on black, and by most who see colors differently.
_PALETTE: Final = (
    "#d98f2b",
    "#2fa384",
    "#c25f9d",
    "#6fb3dd",
    "#b5762f",
    "#7d6fd0",
    "#8fa63a",
    "#d5695a",
    "#4aa3a2",
    "#a98bd6",
    "#c7a531",
    "#7f8c5a",
)
_NAME_LETTERS: Final = 32
_HEIGHT: Final = 320
_THIN: Final = 1.3
_LOW: Final = 230


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One curve of a chart.

    Attributes
    ----------
    label : str
        What it is called.
    values : ndarray
        float64, one for each time.
    color : str
        Of CSS.
    width : float
        Pixels; a wide line lies above the others.
    """

    label: str
    values: FloatArray
    color: str
    width: float = _THIN


def color_of(place: int) -> str:
    """Return the color of a strategy by its place in the list."""
    return _PALETTE[place % len(_PALETTE)]


def require_plotly(where: str) -> None:
    """Refuse to go on without the library that draws.

    Parameters
    ----------
    where : str
        Who needs it.

    Raises
    ------
    MissingExtraError
        With the line that installs it.
    """
    if importlib.util.find_spec("plotly") is None:
        remedy = 'Run: pip install "strategy-orchestrator[report]"'
        raise MissingExtraError(Fault(where, "the charts need the optional library plotly", remedy))


def library() -> str:
    """Return plotly.js, which draws the charts in the reader's browser."""
    from plotly.offline import get_plotlyjs  # noqa: PLC0415  # heavy, and an extra

    source: str = get_plotlyjs()
    # A browser reads line ends so, and what it reads is hashed. Nothing in a script may end it.
    return source.replace("\r\n", "\n").replace("\r", "\n").replace("</script", "<\\/script").strip()


def lines(days: Sequence[str], curves: Sequence[Line], tick_format: str, *, is_low: bool = False) -> Html:
    """Return a chart of lines over time, as JSON.

    Parameters
    ----------
    tick_format : str
        Of the values, as d3 writes formats: ",.0f" or ".0%".
    is_low : bool
        Whether it is a lower chart, for what needs less room.
    """
    traces = [_trace(days, curve) for curve in curves]
    return _figure(traces, tick_format, _LOW if is_low else _HEIGHT)


def shares(days: Sequence[str], curves: Sequence[Line], tick_format: str) -> Html:
    """Return a chart of parts that are stacked to a whole, as JSON."""
    traces = [{**_trace(days, curve), "stackgroup": "whole", "fillcolor": _faded(curve.color)} for curve in curves]
    return _figure(traces, tick_format, _HEIGHT)


def _trace(days: Sequence[str], curve: Line) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(days) > 1 else "markers",
        "x": list(days),
        "y": curve.values,
        # plotly reads some HTML in names.
        "name": escape(shortened(curve.label, _NAME_LETTERS), quote=False),
        "line": {"color": curve.color, "width": curve.width},
        "zorder": int(curve.width > _THIN),
    }


def _faded(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.55)"


def _figure(traces: list[dict[str, Any]], tick_format: str, height: int) -> Html:
    import plotly.graph_objects as go  # noqa: PLC0415  # heavy, and an extra

    layout = {
        "template": "none",
        "height": height,
        "margin": {"l": 64, "r": 12, "t": 8, "b": 32},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12},
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": "#1f2733", "bordercolor": "#1f2733", "font": {"color": "#ffffff"}, "namelength": -1},
        "legend": {"orientation": "h", "y": -0.14, "x": 0, "yanchor": "top"},
        "showlegend": len(traces) > 1,
        "xaxis": {"showgrid": False, "type": "date", "hoverformat": "%Y-%m-%d"},
        "yaxis": {"tickformat": tick_format, "hoverformat": tick_format.replace("0", "2", 1), "zerolinewidth": 1},
    }
    written: str = go.Figure(data=traces, layout=layout).to_json()
    for letter, harmless in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        written = written.replace(letter, harmless)
    return Html(written)
