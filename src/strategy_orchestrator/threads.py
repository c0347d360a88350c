"""Work in numpy that several processors share."""

from __future__ import annotations

import os
from collections import deque
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
    are. The caller's own thread does its part, for others take a while to start and more to take turns with.

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
    n_others = min(os.cpu_count() or 1, len(given)) - 1
    if n_bytes < _LEAST_BYTES or n_others < 1:
        return list(map(work, given))
    left = deque(enumerate(given))
    values: dict[int, Value] = {}
    errors: dict[int, Exception] = {}

    def take_part() -> None:
        while left:
            try:
                place, item = left.popleft()
            except IndexError:  # another thread has taken it meanwhile
                return
            try:
                values[place] = work(item)
            except Exception as error:  # noqa: BLE001  # raised again below
                errors[place] = error
                left.clear()

    with ThreadPoolExecutor(n_others, thread_name_prefix="arrays") as pool:
        others = [pool.submit(copy_context().run, take_part) for _ in range(n_others)]
        try:
            copy_context().run(take_part)
        finally:
            left.clear()
        for other in others:
            other.result()
    if errors:
        raise errors[min(errors)]
    return [values[place] for place in range(len(given))]
