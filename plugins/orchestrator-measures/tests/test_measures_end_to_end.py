"""Measures, section and journal at work in a run on real prices."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from orchestrator_measures import MonthlyReturns, RunJournal, plugin
from orchestrator_starter import DemoPrices, MomentumSignals, RSISignals
from strategy_orchestrator import OrchestratorConfig, OrchestratorResult, StrategyOrchestrator, create_plugin_manager


@pytest.fixture(scope="module")
def journals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the journals."""
    return tmp_path_factory.mktemp("journals")


@pytest.fixture(scope="module")
def result(journals: Path) -> OrchestratorResult:
    """Run two strategies over three years."""
    orchestrator = StrategyOrchestrator(
        strategies=[(MomentumSignals(), Decimal("0.5")), (RSISignals(), Decimal("0.4"))],
        config=OrchestratorConfig(metrics=tuple(spec.name for spec in plugin.orchestrator_metrics())),
        manager=create_plugin_manager([plugin, RunJournal(journals)], autoload=False),
    )
    return orchestrator.run(DemoPrices().load().until(756), initial_capital=Decimal(100_000))


def test_every_strategy_and_the_whole_are_measured(result: OrchestratorResult) -> None:
    """The measures stand beside those of the package, and agree with them."""
    names = {spec.name for spec in plugin.orchestrator_metrics()}
    for metrics in (result.aggregate_metrics, *(item.metrics for item in result.strategy_results.values())):
        assert names <= set(metrics.extra)
        assert 0 < metrics.extra["pain-index"] < metrics.extra["ulcer-index"] < metrics.max_drawdown


def test_the_months_make_the_whole(result: OrchestratorResult) -> None:
    """The product of the years is the total return."""
    text = MonthlyReturns()(result)
    years = [
        row.rpartition("<td")[2].partition(">")[2].partition("%")[0]
        for row in text.split("</table>")[0].split("</td></tr>")[:-1]
    ]
    product = np.prod([1 + float(year) / 100 for year in years]) - 1
    assert product == pytest.approx(float(result.aggregate_metrics.total_return), abs=2e-4)


def test_the_journal_tells_the_run(result: OrchestratorResult, journals: Path) -> None:
    """Its last line is the summary, and between the first and the last is everything decided."""
    [path] = journals.iterdir()
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert events[0]["event"] == "journal.run_started"
    assert events[-1]["summary"]["fingerprint"] == result.fingerprint
    exits = [event for event in events if event["event"] == "orchestrator.exit_filled"]
    assert len(exits) == len(result.record.trades)
