"""Measures of plug-ins beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from strategy_orchestrator.analysis.metrics import RunMeasures
from strategy_orchestrator.arrays import AnyArray, IntArray, sealed
from strategy_orchestrator.errors import Fault, PluginError
from strategy_orchestrator.hooks.guard import guarded, place_of_function
from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.records import Reason, RunRecord
from strategy_orchestrator.money import SCALE


@dataclass(frozen=True, slots=True)
class NamedMetric:
    """A measure of a plug-in that the run names, and how errors call it."""

    name: str
    measure: Any
    where: str


def with_plugins(measures: RunMeasures, record: RunRecord, metrics: Sequence[NamedMetric]) -> RunMeasures:
    """Add measures of plug-ins to those of a run.

    Raises
    ------
    PluginError
        If a measure raises or is no number.
    """
    if not metrics:
        return measures
    owners = record.trades["strategy"]
    is_own_exit = record.trades["reason"] != Reason.END_OF_DATA
    sleeves, without = [], []
    for place, name in enumerate(record.strategy_ids):
        curve, mine = record.equity[: record.n_bars, place], owners == place
        sleeves.append(_extended(measures.sleeves[place], metrics, curve, record.trades[mine], name))
        kept = record.trades[mine & is_own_exit]
        without.append(_extended(measures.sleeves_without_end_of_data[place], metrics, curve, kept, name))
    curve = record.aggregate[: record.n_bars]
    return RunMeasures(
        tuple(sleeves),
        tuple(without),
        _extended(measures.aggregate, metrics, curve, record.trades, "the portfolio"),
        _extended(measures.aggregate_without_end_of_data, metrics, curve, record.trades[is_own_exit], "the portfolio"),
    )


def _extended(
    own: PerformanceMetrics, metrics: Sequence[NamedMetric], curve: IntArray, trades: AnyArray, owner: str
) -> PerformanceMetrics:
    equity = sealed(curve / SCALE)
    rows = np.frombuffer(trades.tobytes(), dtype=trades.dtype)
    extra, undefined = dict(own.extra), dict(own.undefined)
    for metric in metrics:
        where = f"{metric.where}, {owner}"
        value = guarded(lambda: float(metric.measure(equity, rows)), where)  # noqa: B023  # called at once
        if np.isinf(value):
            problem = f"it returned an infinite number{place_of_function(metric.measure)}"
            raise PluginError(Fault(where, problem, "Return NaN where it is not defined"))
        extra[metric.name] = Decimal(repr(value)) if value == value else Decimal("NaN")  # noqa: PLR0124  # not NaN
        if value != value:  # noqa: PLR0124  # NaN
            undefined[metric.name] = "the plug-in says that it is not defined here"
    return replace(own, extra=extra, undefined=undefined)
