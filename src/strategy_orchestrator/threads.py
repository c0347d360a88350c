"""Work in numpy that several processors share."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from operator import itemgetter
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
        What the calls returned, in the order of the items; of those that raise, the first in that order ends it.
    """
    given = list(items)
    n_threads = min(os.cpu_count() or 1, len(given))
    if n_bytes < _LEAST_BYTES or n_threads <= 1:
        return list(map(work, given))
    values: dict[int, Value] = {}
    places = [0] * n_threads
    # One iterator for all threads: to be handed each item by another would take turns with it.
    waiting = enumerate(given)

    def share(thread: int) -> None:
        try:
            for place, item in waiting:
                places[thread] = place
                values[place] = work(item)
        finally:
            # Who raises leaves nothing to the others.
            deque(waiting, maxlen=0)

    with ThreadPoolExecutor(n_threads, thread_name_prefix="arrays") as pool:
        ends = [pool.submit(copy_context().run, share, thread) for thread in range(n_threads)]
    for _, end in sorted(zip(places, ends, strict=True), key=itemgetter(0)):
        end.result()
    return [values[place] for place in range(len(given))]
