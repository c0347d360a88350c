"""Exact sums of money by group, and decimals made of integers and floats.

Nothing here knows what the numbers mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray, FloatArray, IntArray
from strategy_orchestrator.money import SCALE

NAN: Final = Decimal("NaN")
"""What an undefined measure is."""

_HALF_BITS: Final = 32
_LOW_HALF: Final = 2**_HALF_BITS - 1
_CONTEXT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_RATIO_STEP: Final = Decimal("0.000000000001")
_NEGLIGIBLE: Final = 1e-6
_NARROW: Final = np.iinfo(np.uint16)


def sums_by(places: AnyArray, units: AnyArray, n_places: int) -> list[int]:
    """Add money by group, exactly whatever its size.

    Parameters
    ----------
    places : ndarray
        Integers, shape (n,), from 0 to `n_places` - 1: the group of each amount.
    units : ndarray
        int64, shape (n,), quanta.

    Returns
    -------
    list of int
        `n_places` sums, quanta; Python integers, for they need not fit 64 bits.

    Examples
    --------
    >>> sums_by(np.array([0, 1, 0]), np.array([2**62, 5, 2**62]), 2) == [2**63, 5]
    True
    """
    halves = np.zeros((2, n_places), np.int64)
    amounts = units.astype(np.int64)
    # Sums of halves cannot wrap below 2³¹ rows; of the whole they can.
    np.add.at(halves[0], places, amounts >> _HALF_BITS)
    np.add.at(halves[1], places, amounts & _LOW_HALF)
    return [(high << _HALF_BITS) + low for high, low in zip(*halves.tolist(), strict=True)]


def sum_of(units: AnyArray) -> int:
    """Add money exactly, whatever its size; quanta."""
    return sums_by(np.zeros(len(units), np.int64), units, 1)[0]


def order_by_place(places: IntArray, n_places: int) -> IntArray:
    """Return the order in which places rise; equal ones stay as they come.

    Examples
    --------
    >>> order_by_place(np.array([1, 0, 1, 0]), 2).tolist()
    [1, 3, 0, 2]
    """
    # Numbers of 16 bits are sorted without comparing them.
    is_narrow = n_places <= _NARROW.max + 1
    return np.argsort(places.astype(_NARROW.dtype) if is_narrow else places, kind="stable")


def groups_of(keys: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Return each distinct key, rising, with the places where it stands.

    Examples
    --------
    >>> [(key, places.tolist()) for key, places in groups_of(np.array([7, 3, 7]))]
    [(3, [1]), (7, [0, 2])]
    """
    order = np.argsort(keys, kind="stable")
    distinct, firsts = np.unique(keys[order], return_index=True)
    # Without keys there is a stop and no group.
    stops = [*firsts[1:].tolist(), len(keys)]
    for key, first, last in zip(distinct.tolist(), firsts.tolist(), stops, strict=False):
        yield key, order[first:last]


def ratio(top: int, bottom: int) -> Decimal:
    """Divide integers, rounded half to even to 12 decimals.

    Examples
    --------
    >>> ratio(1, 3)
    Decimal('0.333333333333')
    """
    return _CONTEXT.quantize(_CONTEXT.divide(Decimal(top), Decimal(bottom)), _RATIO_STEP)


def half_even(top: int, bottom: int) -> int:
    """Divide integers, rounded half to even.

    Examples
    --------
    >>> half_even(5, 2), half_even(7, 2), half_even(-5, 2)
    (2, 4, -2)
    """
    quotient, rest = divmod(top, bottom)
    return quotient + (2 * rest > bottom or (2 * rest == bottom and quotient % 2 == 1))


def from_float(value: float) -> Decimal:
    """Return a float as its shortest text says; negative zero is zero.

    Examples
    --------
    >>> from_float(0.1), from_float(-0.0)
    (Decimal('0.1'), Decimal('0.0'))
    """
    return Decimal(repr(value + 0.0))


def is_negligible(spread: FloatArray, scale: FloatArray) -> AnyArray:
    """Tell where a spread is nothing but rounding, relative to what it is the spread of.

    Returns of an equity that grows evenly differ by the rounding of the ledger and of floats, about 10⁻⁸ of their
    mean, so that they are not compared with 0. A spread of a millionth of the mean is taken for none.

    Returns
    -------
    ndarray
        bool, same shape.
    """
    return spread <= _NEGLIGIBLE * np.abs(scale)


def market_values(quantities: IntArray, prices: IntArray) -> IntArray:
    """Multiply quantities by prices, rounded half to even to the quantum, exactly.

    Parameters
    ----------
    quantities, prices : ndarray
        int64, same shape, quanta, not negative; the products fit 64 bits.

    Returns
    -------
    ndarray
        int64, same shape, quanta.
    """
    # Whole and fractional parts are multiplied apart, because the product of quanta needs 128 bits.
    whole, part = np.divmod(quantities, SCALE)
    whole_price, part_price = np.divmod(prices, SCALE)
    carried, rest = np.divmod(part * part_price, SCALE)
    values = whole * prices + part * whole_price + carried
    is_up = (2 * rest > SCALE) | ((2 * rest == SCALE) & (values % 2 == 1))
    return np.asarray(values + is_up, dtype=np.int64)
