"""A result as JSON can hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

import numpy as np

from strategy_orchestrator.clock import to_datetime
from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.records import DecisionKind, Reason, RunRecord
from strategy_orchestrator.models.results import (
    BacktestResult,
    CorrelatedPair,
    Correlation,
    OrchestratorResult,
)
from strategy_orchestrator.money import plain, to_decimal

_SHARE_STEP: Final = Decimal("0.000000000001")
_CONTEXT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


def summary_of(result: OrchestratorResult) -> dict[str, Any]:
    """Return all of a result but its rows, in types that JSON has.

    Decimals are text, times ISO 8601 in UTC. A measure that is undefined is None; why stands under "undefined" beside
    the measures.
    """
    record = result.record
    return {
        "fingerprint": result.fingerprint,
        "completed_at": _time(result.completed_at),
        "execution_time_seconds": _text(result.execution_time_seconds),
        "options": result.config.resolved(),
        "strategy_ids": list(record.strategy_ids),
        "period": _period(record),
        "counts": _counts(result),
        "aggregate": _aggregate(result),
        "strategies": {
            name: _strategy(record, place, item) for place, (name, item) in enumerate(result.strategy_results.items())
        },
        "comparison_table": {name: _texts(row) for name, row in result.comparison_table.items()},
        "conflicts": _conflicts(result),
        "capital_limit": _capital_limit(record),
        "correlation": _correlation(result.correlation),
        "rebalancing": {
            item.name: _text(getattr(result.rebalancing, item.name)) for item in fields(result.rebalancing)
        },
        "profit_by_symbol": {name: _texts(row) for name, row in result.profit_by_symbol.items()},
        "periods_per_year": _text(result.periods_per_year),
        "periods_source": result.periods_source,
        "data_warnings": list(result.data_warnings),
        "timing": _texts(result.timing),
        "plugins": [dict(plugin) for plugin in result.plugins],
    }


def _text(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else None
    return value


def _texts(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _text(value) for name, value in values.items()}


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _money(units: int) -> str:
    return plain(to_decimal(units))


def _period(record: RunRecord) -> dict[str, object]:
    first, last = (to_datetime(record.panel.timestamps_ns[place]) for place in (0, record.n_bars - 1))
    return {"first": _time(first), "last": _time(last), "bars": record.n_bars}


def _metrics(metrics: PerformanceMetrics) -> dict[str, object]:
    skipped = {"undefined", "extra"}
    values = {item.name: _text(getattr(metrics, item.name)) for item in fields(metrics) if item.name not in skipped}
    return {**values, "extra": _texts(metrics.extra), "undefined": dict(metrics.undefined)}


def _share(part: int, whole: int) -> str | None:
    if whole <= 0:
        return None
    return plain(_CONTEXT.quantize(_CONTEXT.divide(Decimal(part), Decimal(whole)), _SHARE_STEP))


def _last(record: RunRecord) -> tuple[list[int], int]:
    # Summed as Python integers, which do not wrap.
    place = record.n_bars - 1
    return record.equity[place].tolist(), int(record.reserve[place])


def _aggregate(result: OrchestratorResult) -> dict[str, object]:
    record = result.record
    sleeves, reserve = _last(record)
    return {
        "initial_capital": _money(record.initial_capital),
        "final_equity": _money(sum(sleeves) + reserve),
        "reserve_at_start": _money(record.initial_capital - sum(record.initial_allocations.tolist())),
        "reserve_at_end": _money(reserve),
        "metrics": _metrics(result.aggregate_metrics),
    }


def _strategy(record: RunRecord, place: int, item: BacktestResult) -> dict[str, object]:
    sleeves, reserve = _last(record)
    activity = {field.name: getattr(item.activity, field.name) for field in fields(item.activity)}
    del activity["strategy_id"]
    return {
        "weight_at_start": record.weights[place],
        "weight_at_end": _share(sleeves[place], sum(sleeves) + reserve),
        "initial_capital": _text(item.initial_capital),
        "final_equity": _text(item.final_equity),
        "metrics": _metrics(item.metrics),
        "metrics_without_end_of_data": _metrics(item.metrics_without_end_of_data),
        "activity": activity,
        "is_ruined": item.is_ruined,
        "is_quarantined": item.is_quarantined,
        "data_warnings": list(item.data_warnings),
        "timing": _texts(item.timing),
    }


def _counts(result: OrchestratorResult) -> dict[str, object]:
    record = result.record
    by_kind = np.bincount(record.decisions["kind"], minlength=max(DecisionKind) + 1).tolist()
    return {
        "strategies": len(record.strategy_ids),
        "symbols": record.panel.n_symbols,
        "bars": record.n_bars,
        "trades": len(record.trades),
        "decisions": {kind.name.lower(): by_kind[kind] for kind in DecisionKind},
        "conflicts_detected": result.conflicts_detected,
        "capital_limit_blocks": result.capital_limit_blocks,
    }


def _conflicts(result: OrchestratorResult) -> dict[str, object]:
    record = result.record
    rows = record.decisions
    conflicts = rows[rows["kind"] == DecisionKind.CONFLICT]
    dropped = rows[(rows["kind"] == DecisionKind.DROPPED) & (rows["reason"] == Reason.CONFLICT)]
    outcomes = np.bincount(conflicts["direction"].astype(np.int64) + 1, minlength=3).tolist()
    return {
        "mode": result.config.resolved()["conflict_resolution_mode"],
        "detected": result.conflicts_detected,
        "outcomes": dict(zip(("sell", "neither", "buy"), outcomes, strict=True)),
        "by_symbol": _tally(conflicts["symbol"].tolist(), record.panel.symbols),
        "dropped_by_strategy": _tally(dropped["strategy"].tolist(), record.strategy_ids),
    }


def _capital_limit(record: RunRecord) -> dict[str, object]:
    rows = record.decisions
    blocked = rows[rows["kind"] == DecisionKind.BLOCKED]
    cut = rows[rows["kind"] == DecisionKind.CUT]
    reasons = [Reason(int(reason)).name.lower() for reason in np.unique(blocked["reason"])]
    numbers = np.unique(blocked["reason"], return_counts=True)[1].tolist()
    return {
        "blocked": len(blocked),
        "blocked_by_reason": dict(zip(reasons, numbers, strict=True)),
        "blocked_by_strategy": _tally(blocked["strategy"].tolist(), record.strategy_ids),
        "cut": len(cut),
        "cut_by_strategy": _tally(cut["strategy"].tolist(), record.strategy_ids),
    }


def _tally(places: list[int], names: tuple[str, ...]) -> dict[str, int]:
    numbers = np.bincount(np.array(places, np.int64), minlength=len(names)).tolist()
    return {name: number for name, number in zip(names, numbers, strict=True) if number}


def _correlation(correlation: Correlation) -> dict[str, object]:
    # Decimal's NaN cannot be compared, so undefined pairs take no part in the two lists.
    defined = Correlation(tuple(pair for pair in correlation.pairs if not pair.value.is_nan()))
    return {
        "pairs": [_pair(pair) for pair in correlation.pairs],
        "diversifying": [[pair.first, pair.second] for pair in defined.diversifying],
        "redundant": [[pair.first, pair.second] for pair in defined.redundant],
    }


def _pair(pair: CorrelatedPair) -> dict[str, object]:
    return {item.name: _text(getattr(pair, item.name)) for item in fields(pair)}
