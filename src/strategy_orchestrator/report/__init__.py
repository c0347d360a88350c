"""Faces of a result: the report of a run as a page of HTML, and runs side by side.

`page` puts sections together: `overview`, `performance`, `trading`, `spending`, `about`, and those of plug-ins
(`foreign`). `curves` says what is drawn, `charts` how; `markup` escapes whatever others named. `writing` puts a page in
its place, `comparing` compares runs. Nothing here reads a run folder: that is done by the store, a neighbor.
"""

from __future__ import annotations

from strategy_orchestrator.report.charts import require_plotly
from strategy_orchestrator.report.comparing import Comparison, compare
from strategy_orchestrator.report.foreign import ForeignSection, written_by
from strategy_orchestrator.report.page import Report, page_of
from strategy_orchestrator.report.writing import check_target, write_page

__all__ = [
    "Comparison",
    "ForeignSection",
    "Report",
    "check_target",
    "compare",
    "page_of",
    "require_plotly",
    "write_page",
    "written_by",
]
