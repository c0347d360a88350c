"""Names for array types, and arrays that nobody can write to."""

from __future__ import annotations

import math
import mmap
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.memory import LARGE, block, writable

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
AnyArray: TypeAlias = NDArray[Any]

_ROWS_AT_ONCE: Final = 512


def sealed(array: AnyArray) -> AnyArray:
    """Copy an array into memory that cannot be made writable.

    A cleared `writeable` flag can be set again by whoever holds the array or its base; memory owned by `bytes`
    cannot. Costs one copy.

    Returns
    -------
    ndarray
        Same dtype and shape, C-contiguous.

    Examples
    --------
    >>> kept = sealed(np.arange(3.0))
    >>> kept.flags.writeable = True
    Traceback (most recent call last):
    ValueError: cannot set WRITEABLE flag to True of this array
    """
    if array.nbytes < LARGE or array.dtype.hasobject:
        return np.frombuffer(array.tobytes(), dtype=array.dtype).reshape(array.shape)
    copy, kept = unsealed(array.shape, array.dtype)
    copy[...] = array
    return kept


def unsealed(shape: tuple[int, ...], dtype: Any) -> tuple[AnyArray, AnyArray]:
    """Return memory to be filled once, and the same memory as an array that nobody can write to.

    Whoever fills it lets go of the first before the second is handed out.

    Returns
    -------
    tuple of ndarray
        Of the shape and the dtype, C-contiguous; what they hold is not defined.
    """
    kind = np.dtype(dtype)
    # What a bytes object holds may be written as long as nobody else knows it.
    raw = block(math.prod(shape) * kind.itemsize)
    return writable(raw, shape, kind), np.frombuffer(raw, kind, math.prod(shape)).reshape(shape)


def row_sums(array: IntArray) -> IntArray:
    """Add the integers of each row of a table, many times faster than `sum` where rows are short.

    Examples
    --------
    >>> row_sums(np.array([[1, 2], [3, 4]])).tolist()
    [3, 7]
    """
    sums: IntArray = np.einsum("ij->i", array)
    return sums


def write_across(table: AnyArray, rows: AnyArray) -> None:
    """Write each column of a table as a row, several times faster than `rows[...] = table.T` where columns are long.

    Parameters
    ----------
    table : ndarray
        Shape (R, C).
    rows : ndarray
        Shape (C, R), of a dtype that takes the values of the table.
    """
    # Some at a time: of long rows and long columns the one is always far from the other.
    for first in range(0, len(table), _ROWS_AT_ONCE):
        rows[:, first : first + _ROWS_AT_ONCE] = table[first : first + _ROWS_AT_ONCE].T


def is_sealed(array: AnyArray) -> bool:
    """Tell whether an array is in C order, in memory of `bytes` or of a file mapped for reading."""
    base: object = array
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    is_kept = isinstance(base, bytes) or (isinstance(base, mmap.mmap) and memoryview(base).readonly)
    return is_kept and array.flags.c_contiguous
