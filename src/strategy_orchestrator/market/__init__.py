"""Prices from files and frames: read, checked, adjusted on request, and looked over for what is odd.

`given` takes whatever a user hands in. `files` finds files, `tables` opens them, `adjusting` adjusts, `checks` and
`silences` look over; `loading` leads from one to the next. `timed` reads Parquet some rows at a time, `filling` puts
them into arrays, `streaming` makes chunks of them. The rules that rows of prices keep are in `models.alignment`, for
frames keep them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from strategy_orchestrator.on_demand import loader_of

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

if not TYPE_CHECKING:  # to a type checker any name would do
    __getattr__ = loader_of(__name__, _HOMES)
