"""From shares, which are floats, to weights, which are exact."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.money import WEIGHT_SCALE, multiply_exactly, round_down

PARTS: Final = 1_000_000
"""Shares are rounded to parts per million, for the last digits of a float may differ between machines."""


def exact_weights(shares: Mapping[str, float], total: Decimal) -> dict[str, Decimal]:
    """Split a total weight by shares.

    Parameters
    ----------
    shares : mapping
        By strategy id; not negative, of a sum greater than 0.
    total : Decimal
        In (0, 1].

    Returns
    -------
    dict
        In the order of `shares`: weights greater than 0, each at most 18 decimals. What rounding down leaves of the
        total, less than 10⁻¹⁸ a strategy, stays with the reserve.

    Examples
    --------
    >>> exact_weights({"A": 1.0, "B": 2.0}, Decimal("0.9"))
    {'A': Decimal('0.299999700000000000'), 'B': Decimal('0.600000300000000000')}
    """
    parts = parts_per_million(np.array(list(shares.values()), np.float64))
    steps = (round_down(multiply_exactly(total, Decimal(f"{part}E-6")), WEIGHT_SCALE) for part in parts.tolist())
    return dict(zip(shares, (Decimal(f"{count}E-18") for count in steps), strict=True))


def parts_per_million(shares: FloatArray) -> IntArray:
    """Round shares to parts per million of their sum.

    Parameters
    ----------
    shares : ndarray
        float64, shape (n,), not negative, of a sum greater than 0.

    Returns
    -------
    ndarray
        int64, shape (n,), each at least 1, summing to 1 000 000. Parts left over by rounding down go to the largest
        remainders, ties to the lowest index; a share of less than one part gets one from the largest.
    """
    exact = shares / shares.sum() * PARTS
    parts: IntArray = np.floor(exact).astype(np.int64)
    order = np.argsort(parts - exact, kind="stable")
    parts[order[: PARTS - int(parts.sum())]] += 1
    lacking = parts == 0
    parts[lacking] = 1
    parts[np.argmax(parts)] -= np.count_nonzero(lacking)
    return parts
