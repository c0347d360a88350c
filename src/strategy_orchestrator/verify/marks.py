"""The curves of a run: what every sleeve is worth at every bar, made of its money and its positions at the closes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl

from strategy_orchestrator.models.records import DecisionKind as Kind, RunRecord
from strategy_orchestrator.models.tables import units_of
from strategy_orchestrator.verify.arithmetic import Exact, market_values, running, summed
from strategy_orchestrator.verify.findings import Finding, Place, money
from strategy_orchestrator.verify.prices import Bars

EQUITY: Final = "equity.parquet"
GROSS: Final = "gross.parquet"


def odd_curves(record: RunRecord, bars: Bars) -> Iterator[Finding]:
    """Find the first bar at which a sleeve is not worth its money and its positions.

    Yields
    ------
    Finding
        One for `equity.parquet`, one for `gross.parquet`.
    """
    apart = []
    for strategy in range(len(record.strategy_ids)):
        cash = running(_flows(record, strategy)) + int(record.initial_allocations[strategy])
        signed, gross = _marks(record, bars, strategy)
        parts = ((EQUITY, record.equity, cash + signed), (GROSS, record.gross, gross))
        for order, (file, written, expected) in enumerate(parts):
            seen = written[: record.n_bars, strategy]
            first = np.flatnonzero(seen != expected)[:1].tolist()
            apart += [(order, bar, strategy, file, int(seen[bar]), int(expected[bar])) for bar in first]
    for wanted in (EQUITY, GROSS):
        for _, bar, strategy, file, seen_units, units in sorted(item for item in apart if item[3] == wanted)[:1]:
            name = record.strategy_ids[strategy]
            because = "cash and positions at the closes" if file == EQUITY else "positions at the closes"
            yield Place(file, bar, name, bar=bar).differs(name, money(seen_units), money(units), because)


def odd_reserve(record: RunRecord) -> Iterator[Finding]:
    """Find the first bar at which the reserve is not what was left to it, swept and transferred."""
    rows = record.decisions
    flows = np.zeros(record.n_bars, np.int64)
    is_given = (rows["kind"] == Kind.SWEEP) | ((rows["kind"] == Kind.TRANSFER) & (rows["strategy"] < 0))
    moved = rows[is_given]
    np.add.at(flows, moved["bar"], moved["amount"])
    expected = running(flows) + (record.initial_capital - sum(record.initial_allocations.tolist()))
    seen = record.reserve[: record.n_bars]
    for bar in np.flatnonzero(seen != expected)[:1].tolist():
        told = money(int(seen[bar])), money(int(expected[bar]))
        yield Place(EQUITY, bar, bar=bar).differs("reserve", *told, "what was left, swept and transferred to it")


def odd_aggregate(record: RunRecord, equity: pl.DataFrame) -> Iterator[Finding]:
    """Find the first bar at which the whole is not the sum of the sleeves and the reserve."""
    seen = units_of(equity["aggregate"])
    expected = summed(np.column_stack([record.equity, record.reserve])[: record.n_bars], axis=1)
    for bar in np.flatnonzero(seen != expected)[:1].tolist():
        told = money(int(seen[bar])), money(int(expected[bar]))
        yield Place(EQUITY, bar, bar=bar).differs("aggregate", *told, "the sum of the sleeves and the reserve")


def _flows(record: RunRecord, strategy: int) -> Exact:
    rows = record.decisions[record.decisions["strategy"] == strategy]
    kinds, amounts = rows["kind"], rows["amount"]
    is_fill = (kinds == Kind.ENTRY) | (kinds == Kind.EXIT)
    signs = np.select(
        [is_fill, kinds == Kind.SWEEP, kinds == Kind.TRANSFER], [-rows["direction"].astype(np.int64), -1, 1]
    )
    money_in = signs * amounts - np.where(is_fill, rows["commission"], 0)
    flows: Exact = np.zeros(record.n_bars, np.int64)
    if float(np.abs(money_in.astype(np.float64)).sum()) >= 2.0**62:
        flows, money_in = flows.astype(object), money_in.astype(object)
    np.add.at(flows, rows["bar"], money_in)
    return flows


def _marks(record: RunRecord, bars: Bars, strategy: int) -> tuple[Exact, Exact]:
    # One column for each symbol that the strategy ever held.
    rows = record.decisions[record.decisions["strategy"] == strategy]
    fills = rows[(rows["kind"] == Kind.ENTRY) | (rows["kind"] == Kind.EXIT)]
    symbols, columns = np.unique(fills["symbol"], return_inverse=True)
    changes = np.zeros((record.n_bars, len(symbols)), np.int64)
    np.add.at(changes, (fills["bar"], columns), fills["direction"].astype(np.int64) * fills["quantity"])
    held = np.cumsum(changes, axis=0)
    values = market_values(np.abs(held), bars.last_closes[: record.n_bars, symbols])
    return summed(values * np.sign(held), axis=1), summed(values, axis=1)
