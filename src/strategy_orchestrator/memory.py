"""Memory of large arrays: what those that are gone leave behind is taken for the next ones.

The system clears every page before a process gets it, which takes as long as to fill it; a second run over the same
prices would wait for that as long as the first. So up to 512 MiB are kept. A block is taken again only where nobody
refers to it any more, whoever has an array of it: what was handed out never changes under its owner.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import os
import sys
from functools import cache
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LARGE: Final = 1 << 22
"""From so many bytes on memory is kept, and asked for in large pages, as numpy asks for them."""

_MOST_KEPT: Final = 1 << 29
_ADVICE_OF_LARGE_PAGES: Final = 14  # MADV_HUGEPAGE of Linux


def scratch(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Return an array to be written to; what it holds is not defined.

    Examples
    --------
    >>> scratch((2, 3), np.int64).shape
    (2, 3)
    """
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    return np.empty(shape, dtype) if n_bytes < LARGE else writable(block(n_bytes), shape, dtype)


def block(n_bytes: int) -> bytes:
    """Return at least so many bytes that nobody else refers to; what they hold is not defined."""
    return _new_bytes(n_bytes) if n_bytes < LARGE else _KEPT.take(n_bytes)


def writable(owner: bytes, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Return the beginning of what `block` returned as an array, which can be written to and keeps its owner."""
    kind, count = np.dtype(dtype), math.prod(shape)
    octets: Any = (ctypes.c_char * (count * kind.itemsize)).from_address(_address_of(owner))
    octets.owner = owner
    return np.frombuffer(octets, kind, count).reshape(shape)


def let_go() -> None:
    """Give what is kept back to the system, as far as no array lies in it."""
    _KEPT.let_go()


class Kept:
    """Blocks of memory, that which was taken last at the end.

    Parameters
    ----------
    most : int
        Bytes of all of them together.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        # Whoever else refers to a block adds to what this interpreter counts for one that is only here.
        self._blocks = [_new_bytes(LARGE)]
        self._n_alone = self._n_references(0)
        self._blocks.clear()

    def take(self, n_bytes: int) -> bytes:
        """Return a block that nobody has and that is at most a quarter too large, or a new one."""
        with self._lock:
            most = n_bytes + n_bytes // 4
            sizes = [(len(each), place) for place, each in enumerate(self._blocks) if n_bytes <= len(each) <= most]
            for _, place in sorted(sizes):
                if self._is_free(place):
                    self._blocks.append(self._blocks.pop(place))
                    return self._blocks[-1]
            self._make_room(n_bytes)
            made = _new_bytes(n_bytes)
            _prefer_large_pages(made)
            if n_bytes <= self._most:
                self._blocks.append(made)
            return made

    def let_go(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._blocks.clear()

    def begin_anew(self) -> None:
        """Keep nothing, in a process that was forked while nobody knows what others did."""
        self._lock = Lock()
        self._blocks = []

    def _make_room(self, n_bytes: int) -> None:
        # As much is let go as is asked for, so that no more memory is held than without all this.
        released, place = 0, 0
        while released < n_bytes and place < len(self._blocks):
            if self._is_free(place):
                released += len(self._blocks.pop(place))
            else:
                place += 1
        while self._blocks and sum(map(len, self._blocks)) + n_bytes > self._most:
            self._blocks.pop(0)

    def _is_free(self, place: int) -> bool:
        return self._n_references(place) == self._n_alone

    def _n_references(self, place: int) -> int:
        return sys.getrefcount(self._blocks[place])


def _address_of(owner: bytes) -> int:
    address: int = np.frombuffer(owner, np.uint8).ctypes.data
    return address


@cache
def _maker() -> Any:
    # A prototype of its own: what others declare of the same function does not matter.
    prototype = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_char_p, ctypes.c_ssize_t)
    return prototype(("PyBytes_FromStringAndSize", ctypes.pythonapi))


def _new_bytes(n_bytes: int) -> bytes:
    made: bytes = _maker()(None, n_bytes)
    return made


def _prefer_large_pages(made: bytes) -> None:
    if sys.platform != "linux":
        return
    address = _address_of(made)
    first = -(-address // mmap.PAGESIZE) * mmap.PAGESIZE
    length = (address + len(made) - first) // mmap.PAGESIZE * mmap.PAGESIZE
    # Where it is not granted, pages are small.
    ctypes.CDLL(None).madvise(ctypes.c_void_p(first), ctypes.c_size_t(length), _ADVICE_OF_LARGE_PAGES)


_KEPT: Final = Kept(_MOST_KEPT)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_KEPT.begin_anew)
