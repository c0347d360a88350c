"""One measure of many curves: its values, and why some of them are undefined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from strategy_orchestrator.analysis.numbers import NAN, from_float
from strategy_orchestrator.arrays import AnyArray, BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A measure of n curves.

    Attributes
    ----------
    values : ndarray
        float64, shape (n,); finite wherever `codes` is 0.
    codes : ndarray
        int8, shape (n,): 0, or which of `reasons`, counted from 1, makes it undefined.
    reasons : tuple of str
        Why it can be undefined.
    """

    values: FloatArray
    codes: AnyArray
    reasons: tuple[str, ...]

    def decimals(self) -> list[Decimal]:
        """Return the values, NaN where undefined."""
        pairs = zip(self.values.tolist(), self.codes.tolist(), strict=True)
        return [NAN if code else from_float(value) for value, code in pairs]


def column(values: FloatArray, *reasons: tuple[BoolArray, str]) -> Column:
    """Make a column; where several reasons hold, the first is told."""
    codes = np.zeros(len(values), np.int8)
    for code in range(len(reasons), 0, -1):
        codes[reasons[code - 1][0]] = code
    return Column(values, codes, tuple(text for _, text in reasons))


def undefined_rows(columns: Mapping[str, Column], n_rows: int) -> list[dict[str, str]]:
    """Return for each curve why measures are undefined, by name."""
    rows: list[dict[str, str]] = [{} for _ in range(n_rows)]
    for name, item in columns.items():
        for row in np.flatnonzero(item.codes).tolist():
            rows[row][name] = item.reasons[item.codes[row] - 1]
    return rows
