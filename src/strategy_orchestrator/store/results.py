"""The result of a saved run, with the measures that were saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import numpy as np

from strategy_orchestrator.analysis import exposure_of
from strategy_orchestrator.errors import DataError, Fault, OrchestratorError
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.decoding import curve_of, trades_of
from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.results import (
    Activity,
    BacktestResult,
    CorrelatedPair,
    Correlation,
    Deferred,
    OrchestratorResult,
    RebalancingCost,
)
from strategy_orchestrator.store.folder import RUN_FILE
from strategy_orchestrator.store.load import SavedRun
from strategy_orchestrator.store.rebuild import record_of

_NAN: Final = Decimal("NaN")


def result_of(saved: SavedRun) -> OrchestratorResult:
    """Make the result of a saved run again: what was decided to the unit, and the measures that were taken then.

    Objects that the options named are there by the name of their class alone.

    Raises
    ------
    DataError
        If the run failed, or the files do not fit one another.
    """
    record = record_of(saved)
    where = str(saved.folder / RUN_FILE)
    if fingerprint_of(record) != saved.fingerprint:
        raise DataError(Fault(where, "the fingerprint is not that of the tables beside it", "Save the run again"))
    try:
        return _result(saved, record)
    except OrchestratorError as error:
        raise DataError(Fault(where, f"the options cannot be read: {'; '.join(map(str, error.faults))}")) from None
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        problem = f"the summary lacks something or does not fit: {type(error).__name__}: {' '.join(str(error).split())}"
        raise DataError(Fault(where, problem, "Use the version that wrote it")) from None


def _result(saved: SavedRun, record: RunRecord) -> OrchestratorResult:
    summary = saved.summary
    config = _config(saved.description["config"])
    results = {
        name: _strategy(record, place, summary["strategies"][name]) for place, name in enumerate(record.strategy_ids)
    }
    return OrchestratorResult(
        config=config,
        strategy_results=results,
        aggregate_metrics=_metrics(summary["aggregate"]["metrics"]),
        aggregate_equity_curve=curve_of(record, record.aggregate),
        comparison_table={
            name: {**item.metrics.to_dict(), "initial_capital": item.initial_capital, "final_equity": item.final_equity}
            for name, item in results.items()
        },
        conflicts_detected=record.n_conflicts,
        capital_limit_blocks=record.n_blocks,
        execution_time_seconds=_number(summary["execution_time_seconds"]),
        completed_at=datetime.fromisoformat(summary["completed_at"]),
        record=record,
        correlation=Correlation(tuple(map(_pair, summary["correlation"]["pairs"]))),
        rebalancing=_rebalancing(summary["rebalancing"]),
        profit_by_symbol={name: _numbers(row) for name, row in summary["profit_by_symbol"].items()},
        periods_per_year=_number(summary["periods_per_year"]),
        periods_source=summary["periods_source"],
        data_warnings=tuple(summary["data_warnings"]),
        timing=_numbers(summary["timing"]),
        plugins=tuple(dict(plugin) for plugin in summary["plugins"]),
        deferred_exposure=Deferred(lambda: exposure_of(record, config)),
        deferred_fingerprint=Deferred(lambda: str(summary["fingerprint"])),
    )


def _config(saved: Mapping[str, Any]) -> OrchestratorConfig:
    # What is as it is by default was not given, as far as one can know.
    usual = OrchestratorConfig().resolved()
    given = {name: value for name, value in saved.items() if name not in usual or value != usual[name]}
    return OrchestratorConfig(**given)


def _strategy(record: RunRecord, place: int, saved: Mapping[str, Any]) -> BacktestResult:
    name = record.strategy_ids[place]
    return BacktestResult(
        strategy_id=name,
        initial_capital=_number(saved["initial_capital"]),
        final_equity=_number(saved["final_equity"]),
        trades=trades_of(record, np.flatnonzero(record.trades["strategy"] == place)),
        equity_curve=curve_of(record, record.equity[:, place]),
        metrics=_metrics(saved["metrics"]),
        metrics_without_end_of_data=_metrics(saved["metrics_without_end_of_data"]),
        activity=Activity(strategy_id=name, **saved["activity"]),
        data_warnings=tuple(saved["data_warnings"]),
        timing=_numbers(saved["timing"]),
        is_ruined=saved["is_ruined"],
        is_quarantined=saved["is_quarantined"],
    )


def _metrics(saved: Mapping[str, Any]) -> PerformanceMetrics:
    apart = {"undefined", "extra"}
    values: dict[str, Any] = {
        item.name: saved[item.name] if isinstance(saved[item.name], int) else _number(saved[item.name])
        for item in fields(PerformanceMetrics)
        if item.name not in apart
    }
    return PerformanceMetrics(**values, undefined=dict(saved["undefined"]), extra=_numbers(saved["extra"]))


def _rebalancing(saved: Mapping[str, Any]) -> RebalancingCost:
    values = {name: value if isinstance(value, int) else _number(value) for name, value in saved.items()}
    return RebalancingCost(**values)  # type: ignore[arg-type]  # the count is whole, the others are decimals


def _pair(saved: Mapping[str, Any]) -> CorrelatedPair:
    return CorrelatedPair(**{**saved, "value": _number(saved["value"])})


def _numbers(saved: Mapping[str, Any]) -> dict[str, Decimal]:
    return {name: _number(value) for name, value in saved.items()}


def _number(value: str | None) -> Decimal:
    return _NAN if value is None else Decimal(value)
