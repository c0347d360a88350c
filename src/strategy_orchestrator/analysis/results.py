"""A result of a record and its measures: trades and curves made readable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

import numpy as np

from strategy_orchestrator.analysis.activity import activities
from strategy_orchestrator.analysis.correlation import correlation_of
from strategy_orchestrator.analysis.exposure import exposure_of
from strategy_orchestrator.analysis.metrics import RunMeasures, measures_of
from strategy_orchestrator.analysis.periods import periods_per_year
from strategy_orchestrator.analysis.profit import profit_by_symbol
from strategy_orchestrator.analysis.rebalancing import rebalancing_of
from strategy_orchestrator.arrays import AnyArray, IntArray
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.models.records import TRADE, DecisionKind, Reason, RunRecord
from strategy_orchestrator.models.results import BacktestResult, Decoded, Deferred, OrchestratorResult
from strategy_orchestrator.models.signals import Direction
from strategy_orchestrator.models.trades import Trade
from strategy_orchestrator.money import to_decimal

_RATIO: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)
_STEP: Final = Decimal("0.000000000001")


def result_of(
    record: RunRecord,
    config: OrchestratorConfig,
    extended: Callable[[RunMeasures], RunMeasures],
    *,
    plugins: tuple[Mapping[str, str], ...],
    timing: Mapping[str, Decimal],
    completed_at: datetime,
) -> OrchestratorResult:
    """Take all measures of a run that came to its end.

    Parameters
    ----------
    extended : callable
        Adds measures that are not ours.

    Raises
    ------
    ConfigError, MissingExtraError
        If the trading calendar is not known.
    """
    periods, source = periods_per_year(config, record.panel)
    measures = extended(measures_of(record, config, periods))
    reports = activities(record, config)
    warnings = tuple(str(warning) for warning in record.panel.warnings)
    ended = {kind: _those(record, kind) for kind in (DecisionKind.RUIN, DecisionKind.QUARANTINE)}
    results = {
        name: BacktestResult(
            strategy_id=name,
            initial_capital=to_decimal(int(record.initial_allocations[place])),
            final_equity=to_decimal(int(record.equity[record.n_bars - 1, place])),
            trades=trades_of(record, np.flatnonzero(record.trades["strategy"] == place)),
            equity_curve=_curve(record, record.equity[:, place]),
            metrics=measures.sleeves[place],
            metrics_without_end_of_data=measures.sleeves_without_end_of_data[place],
            activity=reports[place],
            data_warnings=warnings,
            timing=dict(timing),
            is_ruined=place in ended[DecisionKind.RUIN],
            is_quarantined=place in ended[DecisionKind.QUARANTINE],
        )
        for place, name in enumerate(record.strategy_ids)
    }
    return OrchestratorResult(
        config=config,
        strategy_results=results,
        aggregate_metrics=measures.aggregate,
        aggregate_equity_curve=_curve(record, record.aggregate),
        comparison_table={
            name: {**item.metrics.to_dict(), "initial_capital": item.initial_capital, "final_equity": item.final_equity}
            for name, item in results.items()
        },
        conflicts_detected=record.n_conflicts,
        capital_limit_blocks=record.n_blocks,
        execution_time_seconds=sum(timing.values(), Decimal(0)),
        completed_at=completed_at,
        fingerprint=fingerprint_of(record),
        record=record,
        correlation=correlation_of(record),
        rebalancing=rebalancing_of(record, config, periods),
        profit_by_symbol=profit_by_symbol(record),
        periods_per_year=periods,
        periods_source=source,
        data_warnings=warnings,
        timing=dict(timing),
        plugins=plugins,
        deferred_exposure=Deferred(lambda: exposure_of(record, config)),
    )


def _those(record: RunRecord, kind: DecisionKind) -> set[int]:
    rows = record.decisions
    return set(rows["strategy"][rows["kind"] == kind].tolist())


def _curve(record: RunRecord, units: IntArray) -> Decoded[tuple[datetime, Decimal]]:
    moments = record.panel.timestamps
    return Decoded(record.n_bars, lambda bar: (moments[bar], to_decimal(units[bar])))


def trades_of(record: RunRecord, places: AnyArray) -> Decoded[Trade]:
    """Return some of the trades of a record, made when they are looked at."""
    return Decoded(len(places), lambda place: _trade(record, int(places[place])))


def _trade(record: RunRecord, place: int) -> Trade:
    row = dict(zip(TRADE.names or (), record.trades[place].item(), strict=True))
    entry, exit_ = record.panel.timestamps[row["entry_bar"]], record.panel.timestamps[row["exit_bar"]]
    used = row["entry_notional"] + row["entry_commission"]
    return Trade(
        symbol=record.panel.symbols[row["symbol"]],
        strategy_id=record.strategy_ids[row["strategy"]],
        direction=Direction(row["direction"]),
        entry_date=entry,
        entry_price=to_decimal(row["entry_price"]),
        exit_date=exit_,
        exit_price=to_decimal(row["exit_price"]),
        shares=to_decimal(row["quantity"]),
        pnl=to_decimal(row["pnl"]),
        pnl_pct=_RATIO.quantize(_RATIO.divide(Decimal(row["pnl"]), Decimal(used)), _STEP) if used else Decimal("NaN"),
        duration_days=(exit_ - entry).days,
        exit_reason=Reason(row["reason"]).name.lower(),
        commission=to_decimal(row["entry_commission"] + row["exit_commission"]),
        slippage=to_decimal(row["slippage"]),
        metadata={
            "entry_value": to_decimal(row["entry_notional"]),
            "exit_value": to_decimal(row["exit_notional"]),
        },
    )
