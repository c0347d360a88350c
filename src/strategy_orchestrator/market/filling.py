"""Rows of Parquet put straight into the arrays of a panel, without a copy of them in rows.

What is plain is taken at once: numbers that are floats or integers, times of one unit, symbols that are text. Whatever
is not, or breaks a rule, is left to `models.alignment`, which knows how to say what is wrong with which row.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from strategy_orchestrator.arrays import AnyArray, FloatArray, IntArray
from strategy_orchestrator.models.alignment import LEAST_PRICE, MOST_PRICE
from strategy_orchestrator.models.columns import PRICES, Layout
from strategy_orchestrator.models.panel import Panel, sealed_panel
from strategy_orchestrator.models.traded import find_traded

_FIELDS: Final = (*PRICES, "volume")
_NO_SYMBOL: Final = 2**32 - 1


def is_plain(schema: pl.Schema, layout: Layout) -> bool:
    """Tell whether the columns of a long table, or of one symbol, can be taken at once."""
    if layout.is_wide:
        return False
    group = layout.groups[None]
    kinds = [schema[group[name]] for name in _FIELDS if name in group]
    numbers = all(kind.is_integer() or kind == pl.Float64 for kind in kinds)
    symbols = layout.symbol is None or schema[layout.symbol] == pl.String
    return numbers and symbols and isinstance(schema[layout.time], pl.Datetime | pl.Date)


def plain_times(series: pl.Series) -> IntArray:
    """Return times that are there and lie within 1900 to 2199 as nanoseconds."""
    times: IntArray = series.dt.timestamp("ns").to_numpy()
    return times


class Canvas:
    """The arrays of a panel while they are filled.

    Parameters
    ----------
    times : ndarray
        int64, shape (T,), nanoseconds, rising.
    symbols : tuple of str
        S names, sorted.
    """

    def __init__(self, times: IntArray, symbols: tuple[str, ...]) -> None:
        self._times = times
        self._symbols = symbols
        self._kind = pl.Enum(symbols)
        self._arrays: dict[str, FloatArray] = {}
        self._n_rows = 0

    def fill(self, frame: pl.DataFrame, layout: Layout, bars: IntArray, symbol: str) -> None:
        """Put rows in; those of symbols that are not on the canvas are left out.

        Parameters
        ----------
        bars : ndarray
            int64, one for each row: where its time is on the axis.
        symbol : str
            Of all rows, when the table does not say it.
        """
        group, n_symbols = layout.groups[None], len(self._symbols)
        kept: slice | IntArray = slice(None)
        if layout.symbol is None:
            codes: AnyArray = np.full(len(bars), self._symbols.index(symbol))
        else:
            series = frame[layout.symbol].cast(self._kind, strict=False).to_physical()
            codes = series.cast(pl.UInt32).fill_null(_NO_SYMBOL).to_numpy().astype(np.int64)
            if series.has_nulls():
                kept = np.flatnonzero(codes != _NO_SYMBOL)
        cells = bars[kept] * n_symbols + codes[kept]
        self._n_rows += len(cells)
        is_whole = len(cells) == len(self._times) * n_symbols and bool((np.diff(cells) == 1).all())
        for name in _FIELDS:
            if name not in group:
                continue
            values = frame[group[name]].cast(pl.Float64).to_numpy()[kept]
            if is_whole:
                self._arrays[name] = values.reshape(len(self._times), n_symbols)
            else:
                self._writable(name).ravel()[cells] = values

    def _array(self, name: str) -> FloatArray:
        if name not in self._arrays:
            self._arrays[name] = np.full((len(self._times), len(self._symbols)), np.nan)
        return self._arrays[name]

    def _writable(self, name: str) -> FloatArray:
        # What was taken as a whole lies in the memory of polars.
        if not self._array(name).flags.writeable:
            self._arrays[name] = self._arrays[name].copy()
        return self._arrays[name]

    def panel(self) -> Panel | None:
        """Return the panel, once; None when a row breaks a rule."""
        arrays = {name: self._array(name) for name in _FIELDS}
        traded = find_traded(arrays)
        if traded is None or np.count_nonzero(traded) != self._n_rows:
            return None
        with np.errstate(invalid="ignore"):
            if (arrays["low"] <= LEAST_PRICE).any() or (arrays["high"] >= MOST_PRICE).any():
                return None
        self._arrays = {}
        return sealed_panel(self._times, self._symbols, arrays, traded)
