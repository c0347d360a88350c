"""Prices from files and frames: read, checked, adjusted on request, and looked over for what is odd.

`files` finds files, `tables` opens them, `adjusting` adjusts, `checks` and `silences` look over; `loading` leads from
one to the next. `timed` reads Parquet some rows at a time, `filling` puts them into arrays, `streaming` makes chunks of
them. The rules that rows of prices keep are in `models.alignment`, for frames keep them too.
"""

from __future__ import annotations

from strategy_orchestrator.market.loading import ADJUSTMENTS, load_panel, panel_of
from strategy_orchestrator.market.streaming import open_panel

__all__ = ["ADJUSTMENTS", "load_panel", "open_panel", "panel_of"]
