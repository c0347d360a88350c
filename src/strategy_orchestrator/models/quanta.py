"""Float prices and weights as exact integer counts, by the decimal that their shortest text says."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray, BoolArray, FloatArray, IntArray
from strategy_orchestrator.money import LIMIT, SCALE, WEIGHT_SCALE, round_steps

_WEIGHT_DIGITS: Final = 1e15
# Relative to the count; and counts from which on a float has no sixteenth left, beyond any tie below them.
_TIE_WIDTH: Final = 2.0**-48
_PLAIN: Final = 2.0**44
_PLAIN_REST: Final = 0.5 - _PLAIN * _TIE_WIDTH
_BLOCK: Final = 65_536
_FLOAT32_DIGITS: Final = range(6, 10)
_EXACT_TENS: Final = (-14.0, 27.0)


def price_units(prices: FloatArray, out: IntArray | None = None) -> IntArray:
    """Round float prices half to even to quanta, by the decimal that their shortest text says; NaN becomes 0.

    Parameters
    ----------
    prices : ndarray
        float64, any shape; positive or NaN.
    out : ndarray, optional
        int64, same shape, C-contiguous: where to write.

    Returns
    -------
    ndarray
        int64, same shape, quanta; -1 where the count does not fit 64 bits.
    """
    units, places = nearest_units(prices, out)
    if len(places):
        exact = (round_steps(Decimal(repr(value)), SCALE) for value in prices.ravel()[places].tolist())
        units.flat[places] = [value if value <= LIMIT else -1 for value in exact]
    return units


def nearest_units(prices: FloatArray, out: IntArray | None = None) -> tuple[IntArray, IntArray]:
    """Round float prices to quanta, and tell where the floats are too coarse to say how.

    A float is the decimal that is meant within one rounding, and its product with 10⁶ is rounded once more by the
    machine. A price within a wider error than these of half a quantum, or with no fraction left as a float, is in
    doubt.

    Parameters
    ----------
    prices : ndarray
        float64, any shape; positive or NaN; within a few units in the last place of what is meant.
    out : ndarray, optional
        int64, same shape, C-contiguous: where to write.

    Returns
    -------
    tuple of ndarray
        int64, same shape, quanta, 0 for NaN; int64, one dimension, rising: at which places of the flattened prices the
        count must be made of the exact price.
    """
    given = np.ascontiguousarray(prices)
    units = np.empty(given.shape, np.int64) if out is None else out
    flat, flat_units = given.reshape(-1), units.reshape(-1)
    buffers = np.empty((2, min(len(flat), _BLOCK)))
    doubtful = [np.zeros(0, np.int64)]
    # Block by block, for what a block needs stays in the processor's cache.
    for first in range(0, len(flat), _BLOCK):
        place = slice(first, first + _BLOCK)
        scaled, rounded = buffers[:, : len(flat[place])]
        np.multiply(flat[place], float(SCALE), out=scaled)
        np.rint(scaled, out=rounded)
        apart = np.subtract(scaled, rounded, out=scaled)
        # NaN fails all comparisons.
        if rounded.max() < _PLAIN and apart.max() < _PLAIN_REST and apart.min() > -_PLAIN_REST:
            flat_units[place] = rounded
        else:
            flat_units[place], is_doubtful = _nearest_and_doubtful(flat[place])
            doubtful.append(first + np.flatnonzero(is_doubtful))
    return units, np.concatenate(doubtful)


def _nearest_and_doubtful(prices: FloatArray) -> tuple[IntArray, BoolArray]:
    scaled = np.nan_to_num(prices * float(SCALE), nan=0.0, posinf=np.inf)
    rounded = np.rint(scaled)
    near_tie = np.abs(np.abs(scaled - rounded) - 0.5) < np.maximum(scaled, 1.0) * _TIE_WIDTH
    doubtful = near_tie | (scaled >= _PLAIN)
    with np.errstate(invalid="ignore"):
        return np.where(scaled < float(LIMIT), rounded, 0.0).astype(np.int64), doubtful


def weight_steps(weights: FloatArray) -> IntArray:
    """Convert finite float weights within [-1, 1] to counts of 10⁻¹⁸, by their shortest text.

    Returns
    -------
    ndarray
        int64, same shape.
    """
    short = np.rint(weights * _WEIGHT_DIGITS)
    steps = short.astype(np.int64) * (WEIGHT_SCALE // 10**15)
    long = short / _WEIGHT_DIGITS != weights
    if long.any():
        distinct, inverse = np.unique(weights[long], return_inverse=True)
        exact = [round_steps(Decimal(repr(value)), WEIGHT_SCALE) for value in distinct.tolist()]
        steps[long] = np.array(exact, np.int64)[inverse]
    return steps


def as_floats(values: AnyArray) -> FloatArray | None:
    """Return numbers of any kind as float64, float32 by its shortest text; None where something else is among them.

    Parameters
    ----------
    values : ndarray
        Any dtype, any shape.

    Returns
    -------
    ndarray or None
        float64, same shape; the array itself if it is that already.
    """
    if values.dtype == np.float32:
        return widened(values)
    if values.dtype.kind not in "iufO":
        return None
    try:
        return values.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        return None


def widened(values: AnyArray) -> FloatArray:
    """Return float32 as float64 by the decimal that its shortest text says: 100.9 stays 100.9.

    Parameters
    ----------
    values : ndarray
        float32, any shape.

    Returns
    -------
    ndarray
        float64, same shape, the same order of values; where no decimal of up to nine digits leads back to the value,
        the value itself.
    """
    exact = values.astype(np.float64)
    result = exact.copy()
    left = np.isfinite(exact) & (exact != 0)
    exponent = np.zeros(exact.shape)
    np.log10(np.abs(exact), out=exponent, where=left)
    # Beyond these the power of ten is no exact float. No price lies there, so they may take their time.
    far = left & ((exponent < _EXACT_TENS[0]) | (exponent > _EXACT_TENS[1]))
    result[far] = [float(str(value)) for value in values[far]]
    left &= ~far
    for digits in _FLOAT32_DIGITS:
        shift = digits - 1 - np.floor(exponent)
        scale = 10.0 ** np.abs(shift)
        # Both the whole number and the power of ten are exact floats, so one division gives the nearest float64.
        short = np.where(shift >= 0, np.rint(exact * scale) / scale, np.rint(exact / scale) * scale)
        found = left & (short.astype(np.float32) == values)
        result[found] = short[found]
        left &= ~found
    return result
