"""The rows of a record as the walk reads them, and what is looked at without walking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.models.records import DECISION, DecisionKind as Kind, Reason, RunRecord
from strategy_orchestrator.verify.findings import Finding, Place, money, row_place

FILE: Final = "decisions.parquet"
MONEY: Final = ("quantity", "price", "amount", "commission")
"""Fields of a row that are quanta."""

_SILENT: Final = (Kind.SIGNAL, Kind.CONTRADICTION, Kind.CONFLICT, Kind.DROPPED, Kind.EXPIRED)


@dataclass(frozen=True, slots=True)
class Row:
    """One decision."""

    bar: int
    strategy: int
    symbol: int
    kind: int
    reason: int
    direction: int
    padding: int
    quantity: int
    price: int
    amount: int
    commission: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What fills cost, as plain numbers."""

    lots: list[int]
    commissions: list[tuple[int, int, int]]
    slippage: NDArray[Any]

    @classmethod
    def of(cls, record: RunRecord) -> Terms:
        """Take them from a record that has some."""
        terms = record.terms
        assert terms is not None  # noqa: S101  # looked at before the walk
        columns = (terms.per_trade.tolist(), terms.per_share.tolist(), terms.per_notional.tolist())
        return cls(terms.lot.tolist(), list(zip(*columns, strict=True)), terms.slippage)

    def slippage_at(self, bar: int, symbol: int) -> int:
        """Return the slippage of a bar and symbol, steps of 10⁻¹²."""
        n_bars, n_symbols = self.slippage.shape
        return int(self.slippage[bar if n_bars > 1 else 0, symbol if n_symbols > 1 else 0])


def weighted(record: RunRecord) -> set[int]:
    """Return the places of the strategies that speak in target weights."""
    rows = record.decisions
    wishes = rows["strategy"][(rows["kind"] == Kind.SIGNAL) & (rows["reason"] == Reason.WEIGHT)]
    return set(np.unique(wishes).tolist())


def money_rows(record: RunRecord) -> Iterator[tuple[int, Row]]:
    """Return the rows that move money or tell an amount, with their places."""
    rows = record.decisions
    places = np.flatnonzero(~np.isin(rows["kind"], _SILENT))
    assert DECISION.names == Row.__slots__  # noqa: S101  # one list of fields, said twice
    for first in range(0, len(places), 65_536):
        chunk = places[first : first + 65_536]
        yield from zip(chunk.tolist(), (Row(*row) for row in rows[chunk].tolist()), strict=True)


def silent_rows(record: RunRecord) -> Iterator[Finding]:
    """Find the first row that must not speak of money and does."""
    rows = record.decisions
    speaks = np.isin(rows["kind"], _SILENT) & np.logical_or.reduce([rows[name] != 0 for name in MONEY])
    for place in np.flatnonzero(speaks)[:1].tolist():
        row = rows[place]
        name = next(name for name in MONEY if row[name] != 0)
        where = row_place(record, FILE, place, int(row["strategy"]), int(row["symbol"]), int(row["bar"]))
        yield where.differs(name, money(int(row[name])), 0, "no money moves")


def order_of_time(record: RunRecord) -> Iterator[Finding]:
    """Find the first row whose bar is not there or before that of the row before."""
    bars = record.decisions["bar"].astype(np.int64)
    before = np.concatenate([[0], bars[:-1]])
    for place in np.flatnonzero((bars < before) | (bars >= record.n_bars))[:1].tolist():
        where = Place(FILE, place, bar=int(bars[place]))
        least, most = int(before[place]), record.n_bars - 1
        yield where.differs("bar", int(bars[place]), f"one from {least} to {most}", "rows are in the order of time")
