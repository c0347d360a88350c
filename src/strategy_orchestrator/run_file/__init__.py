"""The TOML run file: read it, check it whole, and prepare what it names.

`reading` turns a file into a `Draft`, `preparing` looks up what it names among the plug-ins and makes the objects;
`plan` holds the nouns, `tables` the sections, `changes` other values in places of a file, `paths` the rule for paths.
Nothing here runs a backtest.
"""

from __future__ import annotations

from strategy_orchestrator.run_file.changes import Change
from strategy_orchestrator.run_file.plan import (
    Draft,
    GridAxis,
    Named,
    PluginSwitches,
    RunPlan,
    StrategyPlan,
    SweepPlan,
)
from strategy_orchestrator.run_file.preparing import (
    PreparedRun,
    context_of,
    make_strategy,
    prepare,
    prepare_draft,
    prepare_part,
)
from strategy_orchestrator.run_file.reading import Document, document_of, draft_of, read_run_file

__all__ = [
    "Change",
    "Document",
    "Draft",
    "GridAxis",
    "Named",
    "PluginSwitches",
    "PreparedRun",
    "RunPlan",
    "StrategyPlan",
    "SweepPlan",
    "context_of",
    "document_of",
    "draft_of",
    "make_strategy",
    "prepare",
    "prepare_draft",
    "prepare_part",
    "read_run_file",
]
