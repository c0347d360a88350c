"""The measures of a run: every sleeve and the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, starmap
from typing import Any, Final

import numpy as np

from strategy_orchestrator.analysis.columns import Column, undefined_rows
from strategy_orchestrator.analysis.curve_measures import (
    CURVE_MEASURES,
    Annualization,
    Drawdowns,
    SumsOfCurves,
    curve_measures,
)
from strategy_orchestrator.analysis.fills import fills_of
from strategy_orchestrator.analysis.lag import lag_charges
from strategy_orchestrator.analysis.returns import Curves, SleeveCurves, aggregate_curve, valuation_days
from strategy_orchestrator.analysis.trade_measures import TradeCounts, count_trades
from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.records import Reason, RunRecord
from strategy_orchestrator.threads import each_in_threads

_EXTRA: Final = ("sharpe_ratio_lagged", "sharpe_standard_error")


@dataclass(frozen=True, slots=True)
class RunMeasures:
    """The measures of a run.

    Attributes
    ----------
    sleeves, sleeves_without_end_of_data : tuple of PerformanceMetrics
        N, in the order of the strategies; with all trades, and with the measures of trades taken over those that were
        not closed by the end of the data.
    aggregate, aggregate_without_end_of_data : PerformanceMetrics
        Of the whole, the same two ways.
    """

    sleeves: tuple[PerformanceMetrics, ...]
    sleeves_without_end_of_data: tuple[PerformanceMetrics, ...]
    aggregate: PerformanceMetrics
    aggregate_without_end_of_data: PerformanceMetrics


@dataclass(frozen=True, slots=True)
class _OfCurve:
    """What the measures of one curve are, before those of its trades."""

    values: dict[str, Any]
    extra: dict[str, Decimal]
    undefined: dict[str, str]

    def with_trades(self, counts: TradeCounts) -> PerformanceMetrics:
        undefined = self.undefined | counts.undefined()
        return PerformanceMetrics(**self.values, **counts.measures(), undefined=undefined, extra=self.extra)


def measures_of(
    record: RunRecord, config: OrchestratorConfig, periods: Decimal, sums_of_curves: SumsOfCurves
) -> RunMeasures:
    """Measure every sleeve and the whole.

    Curves count over the completed bars, trades as booked. Beside the measures, `extra` has `sharpe_ratio_lagged` (with
    every fill one bar later, see `analysis.lag`), `sharpe_standard_error`, `n_returns` and `max_drawdown_is_open` (1
    when the deepest drawdown has not recovered).

    Parameters
    ----------
    periods : Decimal
        Valuation days per year, as `periods_per_year` returns them.
    sums_of_curves : callable
        Passes over the curves.
    """
    n_strategies = len(record.strategy_ids)
    valuation = valuation_days(record)
    yearly = Annualization.of(periods, config.risk_free_rate)
    fills = fills_of(record)
    traded = np.bincount(fills.strategy, fills.amount, n_strategies).astype(np.float64)
    charges = lag_charges(record, fills, config, valuation)
    sleeves = SleeveCurves(record, valuation)

    def rows(curves: Curves, traded: FloatArray, charges: FloatArray) -> list[_OfCurve]:
        measured = curve_measures(curves, traded, charges, valuation, yearly, sums_of_curves)
        return _rows(*measured, valuation.n_days)

    def of_sleeves(places: slice) -> list[_OfCurve]:
        return rows(sleeves.of(places), traded[places], charges.of_sleeves(places))

    blocks = each_in_threads(of_sleeves, sleeves.blocks, record.equity.nbytes)
    of_curves = list(chain.from_iterable(blocks))
    of_curves += rows(aggregate_curve(record, valuation), traded.sum(keepdims=True), charges.of_whole())
    # Read once: rows of trades are long, and each look at one of their fields passes over all of them.
    owners, profits = record.trades["strategy"].astype(np.int64), np.ascontiguousarray(record.trades["pnl"])
    counts = others = count_trades(owners, profits, n_strategies)
    kept = record.trades["reason"] != Reason.END_OF_DATA
    if not kept.all():
        others = count_trades(owners[kept], profits[kept], n_strategies)
    pairs = list(starmap(_both, zip(of_curves, counts, others, strict=True)))
    everything, without = zip(*pairs, strict=True)
    return RunMeasures(everything[:-1], without[:-1], everything[-1], without[-1])


def _both(row: _OfCurve, counts: TradeCounts, others: TradeCounts) -> tuple[PerformanceMetrics, PerformanceMetrics]:
    metrics = row.with_trades(counts)
    return metrics, metrics if others == counts else row.with_trades(others)


def _rows(columns: Mapping[str, Column], drawdowns: Drawdowns, n_days: int) -> list[_OfCurve]:
    decimals = zip(*(columns[name].decimals() for name in CURVE_MEASURES), strict=True)
    undefined = undefined_rows(columns, len(drawdowns.durations))
    n_returns = Decimal(n_days)
    rows = []
    for place, row in enumerate(decimals):
        values: dict[str, Any] = dict(zip(CURVE_MEASURES, row, strict=True))
        extra = {name: values.pop(name) for name in _EXTRA}
        extra |= {"n_returns": n_returns, "max_drawdown_is_open": Decimal(int(drawdowns.is_open[place]))}
        values["max_drawdown_duration_days"] = drawdowns.durations[place]
        rows.append(_OfCurve(values, extra, undefined[place]))
    return rows
