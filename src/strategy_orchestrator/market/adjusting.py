"""Adjust prices for splits and dividends by the adjusted close beside them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.models.alignment import Findings
from strategy_orchestrator.models.columns import PRICES
from strategy_orchestrator.models.quanta import nearest_units
from strategy_orchestrator.models.rows import Rows
from strategy_orchestrator.money import LIMIT, SCALE


def adjusted_units(rows: Rows) -> Mapping[str, IntArray]:
    """Multiply open, high, low and close by adjusted close ÷ close, exactly, rounded half to even to quanta.

    The order of the prices of a bar is kept, for rounding exact numbers never turns it. Volumes are left as they are:
    an adjusted close mixes splits with dividends, and a volume follows only the splits.

    Parameters
    ----------
    rows : Rows
        Checked, adjusted closes included.

    Returns
    -------
    mapping of ndarray
        Named by field: int64, shape (n,), quanta.

    Raises
    ------
    DataError
        If an adjusted price rounds to 0 or does not fit 64 bits, with one fault for each row.
    """
    factors = rows.numbers["adj_close"] / rows.numbers["close"]
    units = {name: _scaled(rows, name, factors) for name in PRICES}
    findings = Findings()
    findings.add(np.flatnonzero(units["low"] <= 0), lambda row: _lost(rows, row, "low", "is less than half a quantum"))
    findings.add(
        np.flatnonzero(units["high"] > LIMIT - 1), lambda row: _lost(rows, row, "high", "does not fit 64 bits")
    )
    faults = findings.faults()
    if faults:
        raise DataError(faults)
    return units


def _scaled(rows: Rows, name: str, factors: FloatArray) -> IntArray:
    products = rows.numbers[name] * factors
    fits = products < LIMIT // SCALE
    units, doubtful = nearest_units(np.where(fits, products, 1.0))
    for row in doubtful[fits[doubtful]].tolist():
        # round() of a fraction is half to even.
        units[row] = round(_exact(rows, row, name) * SCALE)
    units[~fits] = LIMIT
    return units


def _exact(rows: Rows, row: int, name: str) -> Fraction:
    price, adjusted, close = (Fraction(rows.exact(row, field)) for field in (name, "adj_close", "close"))
    return price * adjusted / close


def _lost(rows: Rows, row: int, name: str, problem: str) -> Fault:
    adjusted, close = rows.written(row, "adj_close"), rows.written(row, "close")
    text = f"{rows.written(row, name)} × {adjusted} ÷ {close}, adjusted for {rows.names[rows.codes[row]]!r}, {problem}"
    return Fault(rows.where(row, name), text, "Load the prices without adjust, or leave the symbol out")
