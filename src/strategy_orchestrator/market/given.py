"""Whatever a user hands in as prices, made a panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from strategy_orchestrator.errors import DataError, Fault, shortened
from strategy_orchestrator.market.checks import find_warnings
from strategy_orchestrator.models.panel import Panel

_HISTORY: Final = "historical_data"
_PART: Final = "expected a list of HistoricalDataBar, or a frame of pandas, polars or pyarrow"
_WHOLE: Final = f"{_PART}, by symbol: {{'AAPL': bars}}; or one frame, a Panel, or a path"
_ONE_FORM: Final = "Give all symbols in one form"


def panel_of(data: object) -> Panel:
    """Return the panel of whatever a user hands in as prices.

    Parameters
    ----------
    data : object
        A `Panel`, returned as it is; a path, as `load_panel` takes it; a frame of pandas, polars or pyarrow, long or
        wide; or, by symbol, lists of `HistoricalDataBar` or frames.

    Raises
    ------
    DataError
        If it is something else, or with one fault for each thing wrong in it.
    """
    if isinstance(data, Panel):
        return data
    if isinstance(data, str | Path):
        from strategy_orchestrator.market.loading import load_panel  # noqa: PLC0415  # see `market`

        return load_panel(data)
    if not isinstance(data, Mapping):
        return _of_frames({None: data})
    if not data:
        problem = "there is no symbol; give at least one, with its bars"
        raise DataError(Fault(_HISTORY, problem, "Write for instance {'AAPL': bars}"))
    nameless = [name for name in data if not isinstance(name, str) or not name]
    if nameless:
        raise DataError([Fault(_HISTORY, f"{name!r} is no name of a symbol", value=name) for name in nameless])
    if any(isinstance(bars, list | tuple) for bars in data.values()):
        return _panel_of_lists(data)
    return _of_frames(data)


def _panel_of_lists(data: Mapping[str, Any]) -> Panel:
    others = {name: bars for name, bars in data.items() if not isinstance(bars, list | tuple)}
    if others:
        problem = "others are lists of bars, this is of type"
        faults = [
            Fault(at_symbol(name), f"{problem} {type(bars).__name__}", _ONE_FORM) for name, bars in others.items()
        ]
        raise DataError(shortened(faults))
    panel = Panel.from_bars(data)
    return panel if panel.is_split_adjusted else replace(panel, warnings=find_warnings(panel))


def _of_frames(frames: Mapping[Any, object]) -> Panel:
    from strategy_orchestrator.market.loading import panel_of_frames  # noqa: PLC0415  # see `market`

    return panel_of_frames(frames)


def no_prices(data: object, name: str | None) -> Fault:
    """Return the fault of what is no type that prices come in."""
    expected = _WHOLE if name is None else _PART
    return Fault(at_symbol(name), f"{type(data).__name__} is no type that prices come in; {expected}")


def at_symbol(name: str | None) -> str:
    """Return how errors call the prices of a symbol, or all of them."""
    return _HISTORY if name is None else f"{_HISTORY}[{name!r}]"
