"""Prices from files and frames: read, checked, adjusted on request, and looked over for what is odd.

`files` finds files, `tables` opens them, `adjusting` adjusts, `checks` looks over; `loading` leads from one to the
next. The rules that rows of prices keep are in `models.alignment`, for frames keep them too.
"""

from __future__ import annotations

from strategy_orchestrator.market.loading import ADJUSTMENTS, load_panel, panel_of

__all__ = ["ADJUSTMENTS", "load_panel", "panel_of"]
