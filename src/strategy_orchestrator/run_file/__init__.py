"""The TOML run file: read it, check it whole, and prepare what it names.

`reading` turns a file into a `Draft`, `preparing` looks up what it names among the plug-ins and makes the objects;
`plan` holds the nouns, `tables` the sections, `paths` the rule for paths. Nothing here runs a backtest.
"""

from __future__ import annotations

from strategy_orchestrator.run_file.plan import Draft, Named, PluginSwitches, RunPlan, StrategyPlan
from strategy_orchestrator.run_file.preparing import PreparedRun, prepare, prepare_draft
from strategy_orchestrator.run_file.reading import draft_of, read_run_file

__all__ = [
    "Draft",
    "Named",
    "PluginSwitches",
    "PreparedRun",
    "RunPlan",
    "StrategyPlan",
    "draft_of",
    "prepare",
    "prepare_draft",
    "read_run_file",
]
