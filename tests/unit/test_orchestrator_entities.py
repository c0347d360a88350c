"""Every entity that a run gives back has every field that is promised, of its type."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pytest

import strategy_orchestrator as so
from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.results import (
    Activity,
    Correlation,
    Exposure,
    OrchestratorResult,
    RebalancingCost,
)
from tests.unit.engine.portfolios import Asked, Says, Weighs, make_panel, orchestrate

PANEL: Final = make_panel("10|20", "11|21", "12|19", "11|20", "13|22")
MEASURES: Final = {
    "total_return", "annualized_return", "cagr", "volatility", "sharpe_ratio", "sortino_ratio", "calmar_ratio",
    "max_drawdown", "win_rate", "profit_factor", "average_win", "average_loss", "expectancy", "exposure", "turnover",
}  # fmt: skip
COUNTS: Final = {"max_drawdown_duration_days", "total_trades", "winning_trades", "losing_trades", "flat_trades"}


PROMISED: Final = [
    "StrategyOrchestrator", "BacktestEngine", "OrchestratorConfig", "OrchestratorResult", "StrategyAllocation",
    "BacktestResult", "PerformanceMetrics", "Trade", "Position", "HistoricalDataBar", "BacktestState",
    "OrchestratorState", "Signal", "IStrategy", "SignalStrategy", "WeightStrategy", "Signals", "Panel",
    "ConflictResolver", "Rebalancer", "Sizer", "CostModel", "DataSource", "ProtectiveExits", "StrategySpec",
    "ResolverSpec", "RebalancerSpec", "SizerSpec", "CostModelSpec", "DataSourceSpec", "MetricSpec", "hookimpl",
    "create_plugin_manager", "load_panel", "OrchestratorError", "InputError", "ConfigError", "AllocationError",
    "DataError", "RunError", "StrategyError", "PluginError", "InvariantError", "MissingExtraError",
]  # fmt: skip


@pytest.fixture(scope="module")
def portfolio() -> so.StrategyOrchestrator:
    """Return a portfolio that has run."""
    strategies = [
        (Says("EX.E.", ".E.X."), "0.4"),
        (Asked(".E...", "E.X.."), "0.3"),
        (Weighs(". . 0.5 . .", "0.3 . . . ."), "0.2"),
    ]
    made = orchestrate(strategies)
    made.run(PANEL, 1000)
    return made


@pytest.fixture(scope="module")
def result(portfolio: so.StrategyOrchestrator) -> OrchestratorResult:
    """Return its result."""
    return portfolio.run(PANEL, 1000)


def test_the_result_of_a_run(result: OrchestratorResult) -> None:
    """OrchestratorResult: all fields, their types, and that they agree."""
    types: dict[str, Any] = {
        "config": so.OrchestratorConfig,
        "strategy_results": Mapping,
        "aggregate_metrics": PerformanceMetrics,
        "aggregate_equity_curve": Sequence,
        "comparison_table": Mapping,
        "conflicts_detected": int,
        "capital_limit_blocks": int,
        "execution_time_seconds": Decimal,
        "completed_at": datetime,
        "fingerprint": str,
        "correlation": Correlation,
        "rebalancing": RebalancingCost,
        "exposure": Exposure,
        "profit_by_symbol": Mapping,
        "periods_per_year": Decimal,
        "periods_source": str,
        "data_warnings": tuple,
        "timing": Mapping,
        "plugins": tuple,
    }
    assert {name: type_ for name, type_ in types.items() if not isinstance(getattr(result, name), type_)} == {}
    assert isinstance(result, so.OrchestratorResult)
    assert result.strategy_results.keys() == result.comparison_table.keys() == {"Says_0", "Asked_0", "Weighs_0"}
    assert result.completed_at.tzinfo is UTC
    assert result.execution_time_seconds == sum(result.timing.values()) > 0
    assert set(result.timing) == {"prices", "signals", "simulation", "events"}
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["fingerprint"] == result.fingerprint
    assert set(result.frames()) == {"equity", "trades", "decisions"}
    assert len(result.decisions) == len(result.record.decisions)
    assert str(result.frames()["trades"]["pnl"].dtype).startswith("Decimal")


def test_the_result_of_a_strategy(result: OrchestratorResult) -> None:
    """BacktestResult: trades and curve in time order, measures, warnings, timing, final equity."""
    for name, item in result.strategy_results.items():
        assert isinstance(item, so.BacktestResult)
        assert item.strategy_id == name
        assert all(isinstance(trade, so.Trade) for trade in item.trades)
        exits = [trade.exit_date for trade in item.trades]
        assert exits == sorted(exits)
        assert [moment for moment, _ in item.equity_curve] == list(PANEL.timestamps)
        assert {type(equity) for _, equity in item.equity_curve} == {Decimal}
        assert item.final_equity == item.equity_curve[-1][1]
        assert isinstance(item.metrics, PerformanceMetrics)
        assert isinstance(item.metrics_without_end_of_data, PerformanceMetrics)
        assert isinstance(item.activity, Activity)
        assert (item.data_warnings, item.is_ruined, item.is_quarantined) == ((), False, False)
        assert item.timing == result.timing


def test_the_measures(result: OrchestratorResult) -> None:
    """PerformanceMetrics: decimals but for counts, never infinite, undefined ones with a reason."""
    for metrics in (result.aggregate_metrics, *(item.metrics for item in result.strategy_results.values())):
        values = {name: getattr(metrics, name) for name in MEASURES}
        assert {type(value) for value in values.values()} == {Decimal}
        assert {type(getattr(metrics, name)) for name in COUNTS} == {int}
        assert not any(value.is_infinite() for value in values.values())
        assert {name for name, value in values.items() if value.is_nan()} == metrics.undefined.keys() & MEASURES
        assert 0 <= metrics.max_drawdown <= 1
        assert metrics.total_trades == metrics.winning_trades + metrics.losing_trades + metrics.flat_trades
    assert {field.name for field in dataclasses.fields(PerformanceMetrics)} == MEASURES | COUNTS | {
        "undefined",
        "extra",
    }


def test_every_trade_recomputes(result: OrchestratorResult) -> None:
    """Trade: the exit is not before the entry, and the profit follows from the fields."""
    trades = [trade for item in result.strategy_results.values() for trade in item.trades]
    assert len(trades) >= 5
    for trade in trades:
        assert trade.exit_date >= trade.entry_date
        assert trade.duration_days == (trade.exit_date - trade.entry_date).days
        assert trade.recomputed_pnl() == trade.pnl
        assert {type(trade.shares), type(trade.entry_price), type(trade.pnl_pct)} == {Decimal}


def test_the_states(portfolio: so.StrategyOrchestrator) -> None:
    """Allocations and the state of the whole are read-only views of where the run stands."""
    assert isinstance(portfolio.engine, so.BacktestEngine)
    assert portfolio.allocations.keys() == {"Says_0", "Asked_0", "Weighs_0"}
    for allocation in portfolio.allocations.values():
        assert isinstance(allocation, so.StrategyAllocation)
        assert allocation.available_capital == allocation.allocated_capital - allocation.used_capital
    state = portfolio.aggregate_state
    assert isinstance(state, so.BacktestState)
    assert state.equity == portfolio.results["Says_0"].final_equity + sum(
        (portfolio.results[name].final_equity for name in ("Asked_0", "Weighs_0")), Decimal(100)
    )
    item = portfolio.results["Says_0"]
    for entity, name in ((state, "equity"), (item, "trades"), (item.metrics, "cagr")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(entity, name, None)


def test_arrays_of_the_record_are_quanta(result: OrchestratorResult) -> None:
    """RunRecord: integers all the way, one row a bar, one column a strategy."""
    record = result.record
    assert record.equity.shape == record.gross.shape == (5, 3)
    for array in (record.equity, record.gross, record.reserve, record.initial_allocations):
        assert array.dtype == np.int64
    assert record.strategy_ids == ("Says_0", "Asked_0", "Weighs_0")
    assert record.weights == ("0.4", "0.3", "0.2")
    assert record.initial_capital == 10**9 == record.initial_allocations.sum() + record.reserve[0]


def test_public_names_are_importable_from_the_root() -> None:
    """All that the design promises to keep."""
    assert [name for name in PROMISED if not hasattr(so, name)] == []
