"""A second accountant: every balance of a saved run made again from prices, fills and transfers.

Nothing here knows how the run was computed: the kernel and the engine are not imported, and the arithmetic is written
a second time in exact integers. `audit` says in which order things are looked at; `ledger` walks the fills, `marks`
values the sleeves, `prices` looks at the bars, `writings` at what follows from them: trades, measures, events.
"""

from __future__ import annotations

from strategy_orchestrator.verify.audit import Verdict, verify_run
from strategy_orchestrator.verify.findings import Finding

__all__ = ["Finding", "Verdict", "verify_run"]
