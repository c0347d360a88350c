"""The works: one module for each kind, with a function that measures and yields rows.

`WORKS` has them by the name that `--only` takes, in the order in which they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from benchmarks.rows import Row
from benchmarks.works import asking, checking, cold, growing, hundreds, indicators, limit, simulating, starting

Work = Callable[[bool, int], Iterator[Row]]

WORKS: Final[dict[str, Work]] = {
    "start-up": starting.rows,
    "cold": cold.rows,
    "wide": partial(simulating.rows, "wide"),
    "many": partial(simulating.rows, "many"),
    "minute": partial(simulating.rows, "minute"),
    "sweep-shaped": partial(simulating.rows, "sweep-shaped"),
    "busy": simulating.busy,
    "limit": limit.rows,
    "checks": checking.rows,
    "resolver": asking.resolver,
    "per bar": asking.per_bar,
    "growth": growing.rows,
    "hundreds": hundreds.rows,
    "indicators": indicators.rows,
}
