"""A result of a record and its measures: trades and curves made readable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

import numpy as np

from strategy_orchestrator.analysis.activity import activities
from strategy_orchestrator.analysis.correlation import correlation_of
from strategy_orchestrator.analysis.curve_measures import SumsOfCurves
from strategy_orchestrator.analysis.exposure import exposure_of
from strategy_orchestrator.analysis.metrics import RunMeasures, measures_of
from strategy_orchestrator.analysis.periods import periods_per_year
from strategy_orchestrator.analysis.profit import profit_by_symbol
from strategy_orchestrator.analysis.rebalancing import rebalancing_of
from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.decoding import curve_of, trades_of
from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.models.records import DecisionKind, RunRecord
from strategy_orchestrator.models.results import BacktestResult, Deferred, OrchestratorResult
from strategy_orchestrator.money import to_decimal


def result_of(  # noqa: PLR0913  # what a run is described by
    record: RunRecord,
    config: OrchestratorConfig,
    extended: Callable[[RunMeasures], RunMeasures],
    *,
    sums_of_curves: SumsOfCurves,
    plugins: tuple[Mapping[str, str], ...],
    timing: Mapping[str, Decimal],
    completed_at: datetime,
) -> OrchestratorResult:
    """Take all measures of a run that came to its end.

    Parameters
    ----------
    extended : callable
        Adds measures that are not ours.
    sums_of_curves : callable
        Passes over the curves, as `kernel.sums_of_curves` does.

    Raises
    ------
    ConfigError, MissingExtraError
        If the trading calendar is not known.
    """
    periods, source = periods_per_year(config, record.panel)
    measures = extended(measures_of(record, config, periods, sums_of_curves))
    reports = activities(record, config)
    warnings = tuple(str(warning) for warning in record.panel.warnings)
    ended = {kind: _those(record, kind) for kind in (DecisionKind.RUIN, DecisionKind.QUARANTINE)}
    traded = _trades_by_strategy(record)
    results = {
        name: BacktestResult(
            strategy_id=name,
            initial_capital=to_decimal(int(record.initial_allocations[place])),
            final_equity=to_decimal(int(record.equity[record.n_bars - 1, place])),
            trades=trades_of(record, traded[place]),
            equity_curve=curve_of(record, record.equity[:, place]),
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
        aggregate_equity_curve=curve_of(record, record.aggregate),
        comparison_table={
            name: {**item.metrics.to_dict(), "initial_capital": item.initial_capital, "final_equity": item.final_equity}
            for name, item in results.items()
        },
        conflicts_detected=record.n_conflicts,
        capital_limit_blocks=record.n_blocks,
        execution_time_seconds=sum(timing.values(), Decimal(0)),
        completed_at=completed_at,
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
        deferred_fingerprint=Deferred(lambda: fingerprint_of(record)),
    )


def _those(record: RunRecord, kind: DecisionKind) -> set[int]:
    return set(record.decisions["strategy"][record.kinds == kind].tolist())


def _trades_by_strategy(record: RunRecord) -> list[AnyArray]:
    owners = np.ascontiguousarray(record.trades["strategy"])
    n_trades = np.bincount(owners, minlength=len(record.strategy_ids))
    return np.split(np.argsort(owners, kind="stable"), np.cumsum(n_trades)[:-1])
