"""Work in numpy that several processors share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")

# With less to read, threads take longer to start than they save.
_LEAST_BYTES: Final = 1 << 22


def each_in_threads(work: Callable[[Item], Value], items: Iterable[Item], n_bytes: int) -> list[Value]:
    """Do the same to each of some items, at the same time where it is much to read.

    Every call sees the context variables of the caller, as numpy's handling of errors and the precision of decimals
    are.

    Parameters
    ----------
    n_bytes : int
        About how many bytes the calls read from memory.

    Returns
    -------
    list
        What the calls returned, in the order of the items; the first that raises ends it.
    """
    if n_bytes < _LEAST_BYTES:
        return list(map(work, items))
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="arrays") as pool:
        asked = [pool.submit(copy_context().run, work, item) for item in items]
        return [each.result() for each in asked]
