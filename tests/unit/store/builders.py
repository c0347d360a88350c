"""Records and results made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.clock import NS_PER_DAY, to_datetime
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import DECISION, TRADE, DecisionKind, Reason, RunRecord
from strategy_orchestrator.models.results import (
    Activity,
    BacktestResult,
    CorrelatedPair,
    Correlation,
    Deferred,
    Exposure,
    OrchestratorResult,
    RebalancingCost,
)

START_NS = 19_724 * NS_PER_DAY  # 2024-01-02
SLEEVE = np.dtype([(name, np.int64) for name in ("cash", "used", "allocated", "contributed")])
IDS = ("MomentumStrategy_0", "RSIStrategy_0")
SYMBOLS = ("AAPL", "TSLA")
K, R = DecisionKind, Reason

HOSTILE = ("../../x", "<script>alert(1)</script>", "=cmd()", "x" * 300, "\u202egnp.exe", "a\nb|c`d", "\ud800")
"""Names that harm whoever trusts them: paths, markup, formulas, lengths, reversed text, control characters."""


def make_panel(symbols: Sequence[str] = SYMBOLS, n_bars: int = 5) -> Panel:
    """Make a panel of daily bars in which the last symbol has no bar at bar 1."""
    ordered = sorted(symbols)
    close = 100.0 + np.arange(n_bars)[:, None] + 10.0 * np.arange(len(ordered))[None, :]
    if n_bars > 1:
        close[1, -1] = np.nan
    times = START_NS + NS_PER_DAY * np.arange(n_bars)
    return Panel.from_arrays(times, ordered, open=close - 0.25, high=close + 1, low=close - 1, close=close)


def decision_rows(rows: Sequence[tuple[Any, ...]]) -> NDArray[Any]:
    """Make decisions of (bar, kind, reason, strategy, symbol, direction, quantity, price, amount, commission)."""
    table = np.zeros(len(rows), DECISION)
    names = ("bar", "kind", "reason", "strategy", "symbol", "direction", "quantity", "price", "amount", "commission")
    for place, row in enumerate(rows):
        for name, value in zip(names, row, strict=False):
            table[name][place] = value
    return table


def trade_row(**fields: int) -> NDArray[Any]:
    """Make one trade of its fields, the others 0."""
    table = np.zeros(1, TRADE)
    for name, value in fields.items():
        table[name] = value
    return table


STORY = (
    (0, K.SIGNAL, R.ENTER, 0, 0, 1),
    (0, K.SIGNAL, R.ENTER, 1, 0, -1),
    (0, K.SIGNAL, R.ENTER, 1, 1, 1),
    (0, K.CONTRADICTION, R.NONE, 0, 1),
    (0, K.CONFLICT, R.NONE, -1, 0, 1),
    (0, K.DROPPED, R.CONFLICT, 1, 0, -1),
    (1, K.ENTRY, R.STRATEGY_SIGNAL, 0, 0, 1, 10_000_000, 100_750_000, 1_007_500_000, 1_000_000),
    (1, K.CUT, R.CAPITAL, 0, 0, 1, 10_000_000, 100_750_000, 1_100_000_000),
    (1, K.REBALANCE, R.NONE, -1, -1, 0, 0, 0, 10_000_000_000),
    (2, K.BLOCKED, R.NO_CASH, 1, 1, 1, 0, 111_750_000, 0),
    (2, K.TRANSFER, R.NONE, 0, -1, 0, 0, 0, -2_500_000),
    (2, K.TRANSFER, R.NONE, 1, -1, 0, 0, 0, 1_500_000),
    (2, K.TRANSFER, R.NONE, -1, -1, 0, 0, 0, 1_000_000),
    (3, K.EXIT, R.STOP_LOSS, 0, 0, -1, 10_000_000, 102_000_000, 1_020_000_000, 1_000_000),
    (3, K.SWEEP, R.NONE, 0, -1, 0, 0, 0, 10_500_000),
    (3, K.DROPPED, R.PROTECTIVE_EXIT, 0, 0, -1),
    (3, K.RUIN, R.NONE, 1, -1, 0, 0, 0, -5),
    (4, K.QUARANTINE, R.NONE, 0, -1, 0, 0, 0, 4_000_000_000),
    (4, K.EXPIRED, R.NONE, 0, 1, 1),
    (4, K.EXPIRED, R.NONE, -1, -1, 0),
)
"""One decision of every kind."""


def story_trade() -> NDArray[Any]:
    """Make the trade of the exit in `STORY`."""
    return trade_row(
        entry_bar=1,
        exit_bar=3,
        quantity=10_000_000,
        entry_price=100_750_000,
        exit_price=102_000_000,
        entry_notional=1_007_500_000,
        exit_notional=1_020_000_000,
        entry_commission=1_000_000,
        exit_commission=1_000_000,
        slippage=5_000_000,
        pnl=10_500_000,
        direction=1,
        reason=R.STOP_LOSS,
    )


def make_record(
    rows: Sequence[tuple[Any, ...]] = STORY,
    *,
    ids: tuple[str, ...] = IDS,
    symbols: Sequence[str] = SYMBOLS,
    trades: NDArray[Any] | None = None,
    n_bars: int | None = None,
) -> RunRecord:
    """Make a record over five bars, complete unless `n_bars` says otherwise."""
    panel = make_panel(symbols)
    equity = 4_000_000_000 + 1_000_003 * np.arange(panel.n_bars * len(ids)).reshape(panel.n_bars, len(ids))
    sleeves = np.zeros(len(ids), SLEEVE)
    sleeves["cash"] = sleeves["allocated"] = sleeves["contributed"] = 4_000_000_000
    return RunRecord(
        panel=panel,
        strategy_ids=ids,
        weights=("0.4",) * len(ids),
        initial_capital=10_000_000_000,
        initial_allocations=np.full(len(ids), 4_000_000_000),
        equity=equity,
        gross=equity // 2,
        reserve=np.full(panel.n_bars, 2_000_000_000),
        trades=story_trade() if trades is None else trades,
        decisions=decision_rows(rows),
        sleeves=sleeves,
        n_conflicts=sum(row[1] == K.CONFLICT for row in rows),
        n_blocks=sum(row[1] == K.BLOCKED for row in rows),
        n_bars=panel.n_bars if n_bars is None else n_bars,
        notes={"conflict_resolution_mode": "FIRST_WINS"},
    )


def make_metrics(**values: Any) -> PerformanceMetrics:
    """Make measures that are all 0.5 or 1, but those given."""
    counts = ("max_drawdown_duration_days", "total_trades", "winning_trades", "losing_trades", "flat_trades")
    names = [name for name in PerformanceMetrics.__dataclass_fields__ if name not in {"undefined", "extra", *counts}]
    return PerformanceMetrics(**{**dict.fromkeys(names, Decimal("0.5")), **dict.fromkeys(counts, 1), **values})


def make_result(record: RunRecord | None = None, config: OrchestratorConfig | None = None) -> OrchestratorResult:
    """Make the result of a record, with one undefined measure."""
    record = make_record() if record is None else record
    undefined = make_metrics(sharpe_ratio=Decimal("NaN"), undefined={"sharpe_ratio": "the returns never change"})
    results = {name: _strategy_result(record, place, undefined) for place, name in enumerate(record.strategy_ids)}
    first, last = record.strategy_ids[0], record.strategy_ids[-1]
    return OrchestratorResult(
        config=OrchestratorConfig() if config is None else config,
        strategy_results=results,
        aggregate_metrics=make_metrics(extra={"sharpe_standard_error": Decimal("0.1")}),
        aggregate_equity_curve=(),
        comparison_table={name: item.metrics.to_dict() for name, item in results.items()},
        conflicts_detected=record.n_conflicts,
        capital_limit_blocks=record.n_blocks,
        execution_time_seconds=Decimal("0.25"),
        completed_at=datetime(2024, 6, 1, 12, 30, tzinfo=UTC),
        record=record,
        correlation=Correlation((CorrelatedPair(first, last, Decimal("0.9"), 4, is_weak=True),)),
        rebalancing=RebalancingCost(1, Decimal("2.5"), *[Decimal(0)] * 4),
        profit_by_symbol={first: {record.panel.symbols[0]: Decimal("10.5")}},
        periods_per_year=Decimal(252),
        periods_source="the calendar XNYS",
        data_warnings=("AAPL, 2024-01-02: odd",),
        timing={"kernel": Decimal("0.01")},
        plugins=({"distribution": "orchestrator-starter", "version": "0.1.0"},),
        deferred_fingerprint=Deferred(lambda: fingerprint_of(record)),
        deferred_exposure=Deferred(
            lambda: Exposure(record.gross[:, 0], record.gross[:, 0], record.gross[:, 0], Decimal(0))
        ),
    )


def _strategy_result(record: RunRecord, place: int, metrics: PerformanceMetrics) -> BacktestResult:
    name = record.strategy_ids[place]
    return BacktestResult(
        strategy_id=name,
        initial_capital=Decimal(4000),
        final_equity=Decimal(int(record.equity[-1, place])).scaleb(-6),
        trades=(),
        equity_curve=tuple((to_datetime(ns), Decimal(1)) for ns in record.panel.timestamps_ns.tolist()),
        metrics=metrics,
        metrics_without_end_of_data=metrics,
        activity=Activity(name, 3, 1, 1, 1, 1, 1, 1, ""),
        timing={"signals": Decimal("0.001")},
    )
