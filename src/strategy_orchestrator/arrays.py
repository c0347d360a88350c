"""Names for array types, and arrays that nobody can write to."""

from __future__ import annotations

import mmap
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
AnyArray: TypeAlias = NDArray[Any]


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
    return np.frombuffer(array.tobytes(), dtype=array.dtype).reshape(array.shape)


def is_sealed(array: AnyArray) -> bool:
    """Tell whether an array is in C order, in memory of `bytes` or of a file mapped for reading."""
    base: object = array
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    is_kept = isinstance(base, bytes) or (isinstance(base, mmap.mmap) and memoryview(base).readonly)
    return is_kept and array.flags.c_contiguous
