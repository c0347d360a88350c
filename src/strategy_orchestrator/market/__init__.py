"""Prices from files and frames: read, checked, adjusted on request, and looked over for what is odd.

`given` takes whatever a user hands in. `files` finds files, `tables` opens them, `adjusting` adjusts, `checks` and
`silences` look over; `loading` leads from one to the next. `timed` reads Parquet some rows at a time, `filling` puts
them into arrays, `streaming` makes chunks of them. The rules that rows of prices keep are in `models.alignment`, for
frames keep them too.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from strategy_orchestrator.market.given import panel_of as panel_of
    from strategy_orchestrator.market.loading import ADJUSTMENTS as ADJUSTMENTS, load_panel as load_panel
    from strategy_orchestrator.market.streaming import open_panel as open_panel

# Who hands in a panel needs none of the libraries that read tables, which take their time to load.
_HOMES: Final = {
    "ADJUSTMENTS": "loading",
    "load_panel": "loading",
    "open_panel": "streaming",
    "panel_of": "given",
}

__all__ = [*_HOMES]  # noqa: PLE0604  # names are listed once, above


def __getattr__(name: str) -> Any:
    """Load a name from where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
