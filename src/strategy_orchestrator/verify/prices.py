"""The bars of a run: whether they are bars, and what fills are held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.tables import printable
from strategy_orchestrator.store.columns import row_checks
from strategy_orchestrator.verify.findings import Finding, Place, money

FILE: Final = "prices.parquet"


class NoBarError(Exception):
    """Tell that a symbol has no bar, or none yet."""


class Bars:
    """The prices of a run, as fills are held against them.

    Attributes
    ----------
    last_closes : ndarray
        int64, shape (T, S), quanta: last known close at every bar; 0 before the first.
    """

    def __init__(self, record: RunRecord, fill_at: str) -> None:
        assert isinstance(record.panel, Panel)  # noqa: S101  # a saved run is read whole
        units = record.panel.units
        self._units = units
        self._references = units.open if fill_at == "next_open" else units.close
        is_there = units.close > 0
        since = np.maximum.accumulate(np.where(is_there, np.arange(len(is_there))[:, None], 0), axis=0)
        self.last_closes: IntArray = np.take_along_axis(units.close, since, axis=0)

    def reference(self, bar: int, symbol: int) -> int:
        """Return the price at which orders fill at a bar, without slippage.

        Raises
        ------
        NoBarError
            If there is none.
        """
        return _known(self._references, bar, symbol)

    def extremes(self, bar: int, symbol: int) -> tuple[int, int]:
        """Return low and high of a bar; NoBarError as above."""
        return _known(self._units.low, bar, symbol), _known(self._units.high, bar, symbol)

    def last_close(self, bar: int, symbol: int) -> int:
        """Return the last known close at a bar; NoBarError as above."""
        return _known(self.last_closes, bar, symbol)


def _known(prices: IntArray, bar: int, symbol: int) -> int:
    price = int(prices[bar, symbol]) if 0 <= symbol < prices.shape[1] else 0
    if price == 0:
        raise NoBarError
    return price


def odd_bars(prices: pl.DataFrame, symbols: Sequence[str], axis: pl.Series) -> Iterator[Finding]:
    """Find the first row that was changed, is no bar, is out of order, or is at another time than its bar."""
    for row in (row_checks(prices) != prices["check"]).fill_null(value=True).arg_true()[:1].to_list():
        where = Place(FILE, row, symbol=prices["symbol"][row], bar=prices["bar"][row])
        yield where.is_wrong(f"the row was changed: its check does not go with {_told(prices.row(row, named=True))}")
        return
    order = {printable(name): place for place, name in enumerate(symbols)}
    place = prices["symbol"].replace_strict(order, default=-1, return_dtype=pl.Int64)
    rows = prices.with_columns(place.alias("place"), pl.Series("row", np.arange(prices.height)))
    low, high = pl.min_horizontal("open", "close"), pl.max_horizontal("open", "close")
    is_known = (pl.col("place") >= 0) & pl.col("bar").is_between(0, len(axis) - 1)
    # Symbol by symbol, or chunk by chunk where they were streamed: in any case a symbol's own bars follow each other.
    is_next = (pl.col("bar") > pl.col("bar").shift(1).over("place")).fill_null(value=True)
    is_bar = (pl.col("low") > 0) & (pl.col("low") <= low) & (pl.col("high") >= high)
    is_volume = ~(pl.col("volume") < 0) & pl.col("volume").is_not_null()
    whole = pl.all_horizontal(is_known, is_next, is_bar, is_volume).fill_null(value=False)
    for row in rows.filter(~whole).head(1).iter_rows(named=True):
        where = Place(FILE, row["row"], symbol=row["symbol"], bar=row["bar"])
        yield where.is_wrong(f"this is no bar, or not the next one that was run: {_told(row)}")
        return
    times = axis.gather(prices["bar"])
    for wrong in (times != prices["timestamp"]).fill_null(value=True).arg_true()[:1].to_list():
        where = Place(FILE, wrong, symbol=prices["symbol"][wrong], bar=prices["bar"][wrong])
        yield where.differs("timestamp", prices["timestamp"][wrong], times[wrong], "the bar's time in equity.parquet")


def _told(row: Mapping[str, Any]) -> str:
    prices = (f"{name} {'null' if row[name] is None else money(row[name])}" for name in PRICE_FIELDS)
    return f"{', '.join(prices)}, volume {row['volume']}"


def odd_cost_rows(costs: pl.DataFrame, symbols: Sequence[str], n_bars: int) -> Iterator[Finding]:
    """Find the first row of the costs that is out of order, or leaves a symbol without costs from bar 0 on."""
    row, rows = 0, list(zip(costs["symbol"].to_list(), costs["bar"].to_list(), strict=True))
    for name in map(printable, symbols):
        least = 0
        while row < len(rows) and (rows[row][0] == name or least == 0):
            symbol, bar = rows[row]
            where = Place("costs.parquet", row, symbol=symbol, bar=bar)
            if symbol != name or bar is None or not least <= bar < n_bars or (least == 0 and bar != 0):
                told = f"bar 0 of {name!r}" if least == 0 else f"a bar from {least} to {n_bars - 1}"
                yield where.differs("bar", bar, told, "symbol by symbol, in the order of time")
                return
            row, least = row + 1, bar + 1
    if row < len(rows):
        yield Place("costs.parquet", row, symbol=rows[row][0]).is_wrong("no symbol of the run is called like this")
