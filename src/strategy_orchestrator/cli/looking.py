"""Look for look-ahead in the strategies of a run file, in the worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from strategy_orchestrator.cli.messages import Job, Reporter
from strategy_orchestrator.clock import to_text
from strategy_orchestrator.errors import Fault, InputError, unknown_name
from strategy_orchestrator.hooks import PluginManager
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.run_file import PreparedRun, make_strategy
from strategy_orchestrator.testing import Finding, Verdict, find_look_ahead


def looked_at(
    job: Job, prepared: PreparedRun, ids: Sequence[str], panel: Panel, manager: PluginManager, reporter: Reporter
) -> dict[str, Any]:
    """Look at the strategies that the job names and return what was found, as JSON can hold it.

    Raises
    ------
    InputError
        If the job names a strategy that is not there.
    StrategyError
        If a strategy fails on the prices as they are.
    """
    chosen = _chosen(job, ids)
    plan = prepared.plan
    files = [path for path in prepared.data_files() if path != str(plan.path)]
    strategies = {}
    for place, name in enumerate(ids):
        if name not in chosen:
            continue
        reporter.tell("stage", name=f"looking at {name}")
        factory = partial(make_strategy, plan, place, manager)
        verdict = find_look_ahead(
            factory,
            panel,
            bars=job.n_bars,
            name=name,
            files=files,
            progress=partial(reporter.progress, unit="Question"),
        )
        use = plan.strategies[place].use
        strategies[name] = {"use": "" if use is None else use.name, **_described(verdict, panel)}
    return {
        "file": job.path,
        "symbols": list(panel.symbols),
        "bars": panel.n_bars,
        "first": panel.timestamps[0].isoformat(),
        "last": panel.timestamps[-1].isoformat(),
        "is_clean": not any(found["findings"] for found in strategies.values()),
        "strategies": strategies,
    }


def _chosen(job: Job, ids: Iterable[str]) -> set[str]:
    faults: list[Fault] = [
        unknown_name(f"{job.path}, --strategy", "strategy", name, ids) for name in job.strategies if name not in ids
    ]
    if faults:
        raise InputError(faults)
    return set(job.strategies or ids)


def _described(verdict: Verdict, panel: Panel) -> dict[str, object]:
    return {
        "bars_tried": verdict.n_tried,
        "is_every_bar": verdict.is_whole,
        "findings": [_finding(finding, panel) for finding in verdict.findings],
    }


def _finding(finding: Finding, panel: Panel) -> dict[str, object]:
    return {
        "kind": finding.kind,
        "symbol": finding.symbol,
        "bar": finding.bar,
        "time": None if finding.bar is None else _time(panel, finding.bar),
        "problem": finding.text,
        "depends_on": [{"bar": bar, "time": _time(panel, bar)} for bar in finding.bars],
    }


def _time(panel: Panel, bar: int) -> str:
    return to_text(panel.timestamps_ns[bar].item())
