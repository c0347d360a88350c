"""Panels and records made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strategy_orchestrator.analysis import measures_of
from strategy_orchestrator.analysis.metrics import RunMeasures
from strategy_orchestrator.clock import NS_PER_DAY
from strategy_orchestrator.kernel import sums_of_curves
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import DECISION, TRADE, DecisionKind, Reason, RunRecord

K: TypeAlias = DecisionKind
R: TypeAlias = Reason
UNIT = 1_000_000
MONDAY = 19_723  # 2024-01-01
SLEEVE = np.dtype([(name, np.int64) for name in ("cash", "used", "allocated", "contributed")])


def make_panel(
    close: ArrayLike, *, opens: ArrayLike | None = None, days: ArrayLike | None = None, calendar: str | None = None
) -> Panel:
    """Make a panel of symbols A, B, ... from closes of shape (T, S); days may be fractions, counted from a Monday."""
    closes = np.atleast_2d(np.asarray(close, np.float64))
    begin = closes if opens is None else np.atleast_2d(np.asarray(opens, np.float64))
    offsets = np.arange(len(closes)) if days is None else np.asarray(days)
    times = MONDAY * NS_PER_DAY + np.round(np.asarray(offsets, np.float64) * NS_PER_DAY).astype(np.int64)
    symbols = [chr(ord("A") + place) for place in range(closes.shape[1])]
    high, low = np.fmax(begin, closes), np.fmin(begin, closes)
    panel = Panel.from_arrays(times, symbols, open=begin, high=high, low=low, close=closes)
    return replace(panel, calendar=calendar)


def decision_rows(rows: Sequence[tuple[Any, ...]]) -> NDArray[Any]:
    """Make decisions of (bar, kind, reason, strategy, symbol, direction, quantity, price, amount, commission)."""
    table = np.zeros(len(rows), DECISION)
    names = ("bar", "kind", "reason", "strategy", "symbol", "direction", "quantity", "price", "amount", "commission")
    for place, row in enumerate(rows):
        for name, value in zip(names, row, strict=False):
            table[name][place] = value
    return table


def fill(
    bar: int,
    side: int,
    shares: float,
    price: float,
    *,
    strategy: int = 0,
    symbol: int = 0,
    reason: Reason = R.STRATEGY_SIGNAL,
    commission: float = 0,
    kind: DecisionKind | None = None,
) -> tuple[Any, ...]:
    """Make the row of a fill in whole units; buying enters and selling exits unless `kind` says otherwise."""
    quantity, units, cost = (round(value * UNIT) for value in (shares, price, commission))
    chosen = kind if kind is not None else (K.ENTRY if side > 0 else K.EXIT)
    return bar, chosen, reason, strategy, symbol, side, quantity, units, quantity * units // UNIT, cost


def trade_rows(rows: Sequence[Mapping[str, int]]) -> NDArray[Any]:
    """Make trades of their fields, the others 0."""
    table = np.zeros(len(rows), TRADE)
    for place, row in enumerate(rows):
        for name, value in row.items():
            table[name][place] = value
    return table


def trades_of(pnls: Sequence[float], **fields: Any) -> NDArray[Any]:
    """Make trades of their profits in whole units."""
    table = trade_rows([{"pnl": round(pnl * UNIT)} for pnl in pnls])
    for name, value in fields.items():
        table[name] = value
    return table


def make_record(
    equity: ArrayLike,
    *,
    start: ArrayLike | None = None,
    gross: ArrayLike | None = None,
    reserve: ArrayLike = 0,
    panel: Panel | None = None,
    rows: Sequence[tuple[Any, ...]] = (),
    trades: NDArray[Any] | None = None,
    n_bars: int | None = None,
) -> RunRecord:
    """Make a record of equities of shape (T, N) in whole units; the capital is that of the first bar by default."""
    values = np.asarray(equity, np.float64)
    values = values[:, None] if values.ndim == 1 else values
    n_all, n_strategies = values.shape
    units = np.round(values * UNIT).astype(np.int64)
    spare = np.round(np.broadcast_to(np.asarray(reserve, np.float64), n_all) * UNIT).astype(np.int64)
    begin = (
        units[0] if start is None else np.round(np.atleast_1d(np.asarray(start, np.float64)) * UNIT).astype(np.int64)
    )
    held = np.zeros_like(units) if gross is None else np.round(np.asarray(gross, np.float64) * UNIT).astype(np.int64)
    prices = make_panel(np.full((n_all, 1), 100.0)) if panel is None else panel
    return RunRecord(
        panel=prices,
        strategy_ids=tuple(f"Strategy_{place}" for place in range(n_strategies)),
        weights=("0.1",) * n_strategies,
        initial_capital=int(begin.sum() + spare[0]),
        initial_allocations=begin,
        equity=units,
        gross=held.reshape(units.shape),
        reserve=spare,
        trades=trades_of([]) if trades is None else trades,
        decisions=decision_rows(rows),
        sleeves=np.zeros(n_strategies, SLEEVE),
        n_conflicts=0,
        n_blocks=sum(row[1] == K.BLOCKED for row in rows),
        n_bars=n_all if n_bars is None else n_bars,
    )


def measure(record: RunRecord, *, periods: int = 252, **options: Any) -> RunMeasures:
    """Measure a record with some options."""
    return measures_of(record, OrchestratorConfig(**options), Decimal(periods), sums_of_curves)
