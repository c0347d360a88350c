"""Names for array types, and arrays that nobody can write to."""

from __future__ import annotations

import ctypes
import mmap
import sys
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
AnyArray: TypeAlias = NDArray[Any]

# From so many bytes on it pays to ask for large pages: a page of 4 KiB takes longer to get than to fill.
_LARGE: Final = 1 << 22
_ADVICE_OF_LARGE_PAGES: Final = 14  # MADV_HUGEPAGE of Linux, as numpy asks for its own arrays
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
    if array.nbytes < _LARGE or array.dtype.hasobject:
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
    kind, count = np.dtype(dtype), 1
    for length in shape:
        count *= length
    # What a bytes object holds may be written as long as nobody else knows it.
    raw = _new_bytes()(None, count * kind.itemsize)
    kept = np.frombuffer(raw, kind, count).reshape(shape)
    address = kept.ctypes.data
    _prefer_large_pages(address, kept.nbytes)
    writable: Any = (ctypes.c_char * kept.nbytes).from_address(address)
    return np.frombuffer(writable, kind, count).reshape(shape), kept


@cache
def _new_bytes() -> Any:
    # A prototype of its own: what others declare of the same function does not matter.
    prototype = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_char_p, ctypes.c_ssize_t)
    return prototype(("PyBytes_FromStringAndSize", ctypes.pythonapi))


def _prefer_large_pages(address: int, size: int) -> None:
    if sys.platform != "linux" or size < _LARGE:
        return
    first = -(-address // mmap.PAGESIZE) * mmap.PAGESIZE
    length = (address + size - first) // mmap.PAGESIZE * mmap.PAGESIZE
    # Where it is not granted, pages are small.
    ctypes.CDLL(None).madvise(ctypes.c_void_p(first), ctypes.c_size_t(length), _ADVICE_OF_LARGE_PAGES)


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
