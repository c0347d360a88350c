"""A result whose record is made by hand; the rest of it is plain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import pytest

from strategy_orchestrator import BacktestResult, OrchestratorConfig, OrchestratorResult, Panel, PerformanceMetrics
from strategy_orchestrator.models.records import DECISION, TRADE, DecisionKind, RunRecord
from strategy_orchestrator.models.results import Activity, Correlation, Deferred, Exposure, RebalancingCost

ResultOf: TypeAlias = Callable[..., OrchestratorResult]

UNIT = 1_000_000
ZERO = Decimal(0)


@pytest.fixture
def result_of() -> ResultOf:
    """Make results of days, equities in whole money and rows of decisions."""
    return make_result


def make_result(
    days: Sequence[str],
    equity: Sequence[Sequence[float]],
    *,
    start: Sequence[float],
    reserve: float = 0.0,
    moved: Sequence[tuple[int, DecisionKind, int, float]] = (),
    ids: Sequence[str] = ("A_0", "B_0"),
    n_bars: int | None = None,
) -> OrchestratorResult:
    """Make a result; `moved` has bar, kind, strategy and money."""
    n_completed = len(days) if n_bars is None else n_bars
    record = replace(
        make_record(days, equity, start, reserve, moved), n_bars=n_completed, strategy_ids=tuple(ids)[: len(start)]
    )
    metrics = make_metrics()
    activity = Activity("A_0", 0, 0, 0, 0, 0, 0, 0, "")
    results = {
        name: BacktestResult(name, ZERO, ZERO, (), (), metrics, metrics, activity) for name in record.strategy_ids
    }
    return OrchestratorResult(
        config=OrchestratorConfig(),
        strategy_results=results,
        aggregate_metrics=metrics,
        aggregate_equity_curve=(),
        comparison_table={},
        conflicts_detected=0,
        capital_limit_blocks=0,
        execution_time_seconds=ZERO,
        completed_at=datetime(2024, 6, 1, tzinfo=UTC),
        record=record,
        correlation=Correlation(()),
        rebalancing=RebalancingCost(0, *[ZERO] * 5),
        profit_by_symbol={},
        periods_per_year=Decimal(252),
        periods_source="the calendar XNYS",
        data_warnings=(),
        timing={},
        plugins=(),
        deferred_fingerprint=Deferred(lambda: "0" * 64),
        deferred_exposure=Deferred(lambda: Exposure(record.reserve, record.reserve, record.reserve, ZERO)),
    )


def make_record(
    days: Sequence[str],
    equity: Sequence[Sequence[float]],
    start: Sequence[float],
    reserve: float,
    moved: Sequence[tuple[int, DecisionKind, int, float]],
) -> RunRecord:
    """Make the record of a run that came to its end."""
    prices = np.full((len(days), 1), 10.0)
    times = np.array(days, "datetime64[ns]")
    units = (np.array(equity, np.float64).reshape(len(days), len(start)) * UNIT).astype(np.int64)
    decisions = np.zeros(len(moved), DECISION)
    for place, (bar, kind, strategy, money) in enumerate(moved):
        decisions[["bar", "kind", "strategy", "amount"]][place] = (bar, kind, strategy, round(money * UNIT))
    sleeve = np.dtype([(name, np.int64) for name in ("cash", "used", "allocated", "contributed")])
    allocations = (np.array(start, np.float64) * UNIT).astype(np.int64)
    return RunRecord(
        panel=Panel.from_arrays(times, ["X"], open=prices, high=prices, low=prices, close=prices),
        strategy_ids=tuple(f"A_{place}" for place in range(len(start))),
        weights=("0.1",) * len(start),
        initial_capital=int(allocations.sum()) + round(reserve * UNIT),
        initial_allocations=allocations,
        equity=units,
        gross=units,
        reserve=np.full(len(days), round(reserve * UNIT)),
        trades=np.zeros(0, TRADE),
        decisions=decisions,
        sleeves=np.zeros(len(start), sleeve),
        n_conflicts=0,
        n_blocks=0,
        n_bars=len(days),
    )


def make_metrics() -> PerformanceMetrics:
    """Make measures that are all 0."""
    counts = ("max_drawdown_duration_days", "total_trades", "winning_trades", "losing_trades", "flat_trades")
    names: list[str] = [name for name in PerformanceMetrics.__dataclass_fields__ if name not in {"undefined", "extra"}]
    values: dict[str, Any] = {name: 0 if name in counts else ZERO for name in names}
    return PerformanceMetrics(**values)
