"""The arithmetic of fills and marks, written a second time in exact integers."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Exact = NDArray[Any]
"""Integers that are exact: int64 where all fit, Python integers otherwise."""

SCALE: Final = 10**6
STEPS: Final = 10**12

_MOST: Final = 2.0**62


def half_even(top: int, bottom: int) -> int:
    """Divide by a positive number and round to the nearest integer, halves to the even one.

    Examples
    --------
    >>> half_even(5, 2), half_even(7, 2), half_even(-5, 2)
    (2, 4, -2)
    """
    whole, rest = divmod(top, bottom)
    if 2 * rest > bottom or (2 * rest == bottom and whole % 2 == 1):
        return whole + 1
    return whole


def value_of(quantity: int, price: int) -> int:
    """Return what a quantity is worth at a price; all in quanta."""
    return half_even(quantity * price, SCALE)


def slipped(reference: int, direction: int, slippage: int) -> int:
    """Return the fill price: the reference moved against the trader, who buys (1) or sells (-1)."""
    return half_even(reference * (STEPS + direction * slippage), STEPS)


def commission_of(quantity: int, notional: int, terms: tuple[int, int, int]) -> int:
    """Return the commission of a fill: per trade, per share and per notional, rounded once."""
    per_trade, per_share, per_notional = terms
    return half_even(per_trade * STEPS + per_share * quantity * SCALE + per_notional * notional, STEPS)


def references_of(price: int, direction: int, slippage: int, low: int, high: int) -> range:
    """Return the reference prices from low to high that slip to a fill price."""
    every = range(low, high + 1)
    first = bisect_left(every, price, key=lambda reference: slipped(reference, direction, slippage))
    last = bisect_left(every, price + 1, key=lambda reference: slipped(reference, direction, slippage))
    return every[first:last]


def can_have_slipped(slippage: int, quantity: int, notional: int, references: range) -> bool:
    """Tell whether a notional lost as much to slippage as is said, from one of some reference prices."""
    # The value rises with the reference, so both signs are found by bisection.
    for wanted in (notional + slippage, notional - slippage):
        place = bisect_left(references, wanted, key=lambda reference: value_of(quantity, reference))
        if place < len(references) and value_of(quantity, references[place]) == wanted:
            return True
    return False


def market_values(quantity: Exact, price: Exact) -> Exact:
    """Return quantity × price, each rounded half to even.

    Parameters
    ----------
    quantity, price : ndarray
        int64, one shape, quanta, not negative.

    Returns
    -------
    ndarray
        int64, or Python integers where a product is too large.
    """
    whole, part = quantity // SCALE, quantity % SCALE
    if not _fits(whole, price) or _most(price) * SCALE > _MOST:
        quantity, price = quantity.astype(object), price.astype(object)
        top = quantity * price
        return _rounded(top // SCALE, top % SCALE)
    low = part * price
    return _rounded(whole * price + low // SCALE, low % SCALE)


def _rounded(down: Exact, rest: Exact) -> Exact:
    up = (2 * rest > SCALE) | ((2 * rest == SCALE) & (down % 2 == 1))
    return np.asarray(down + up.astype(down.dtype))


def _fits(left: Exact, right: Exact) -> bool:
    return _most(left) * _most(right) < _MOST


def _most(values: Exact) -> float:
    return float(np.abs(values).max(initial=0))


def summed(values: Exact, axis: int) -> Exact:
    """Add up integers, as Python integers where a sum could be too large."""
    if values.dtype != object and _most(values) * max(values.shape[axis], 1) > _MOST:
        values = values.astype(object)
    return np.asarray(values.sum(axis=axis))


def running(values: Exact) -> Exact:
    """Add up integers along the first axis, keeping every sum on the way."""
    if values.dtype != object and _most(values) * max(len(values), 1) > _MOST:
        values = values.astype(object)
    return np.cumsum(values, axis=0)
