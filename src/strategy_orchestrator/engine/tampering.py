"""Whether the prices of a run are what they were when it began.

Arrays that are handed out cannot be made writable, but code that computes addresses can write to any memory.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.errors import Fault, RunError
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.threads import each_in_threads

APART_REMEDY: Final = 'Run the strategies one by one to find it; on_strategy_error = "quarantine" gives each its own'
_ARRAYS: Final = (*PRICE_FIELDS, "volume", "traded", "timestamps_ns")
_WORD: Final = 8


class PriceMark:
    """Sums over the arrays of a panel at one moment, by which what they hold now is compared with what they held then.

    Parameters
    ----------
    panel : Panel
        As it is to remain.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._sums = _sums(panel)
        self._now: Future[dict[str, int]] | None = None

    def look(self) -> None:
        """Begin to look at the arrays, beside what goes on; for when nobody else's code has its turn any more."""
        with_one = ThreadPoolExecutor(1, thread_name_prefix="prices")
        self._now = with_one.submit(_sums, self._panel)
        with_one.shutdown(wait=False)

    def check(self) -> None:
        """Refuse a panel that holds something else now, or did when it was looked at.

        Raises
        ------
        RunError
            With the names of the arrays.
        """
        now = _sums(self._panel) if self._now is None else self._now.result()
        changed = [name for name, known in self._sums.items() if now[name] != known]
        if changed:
            problem = (
                f"{', '.join(changed)} in memory are not what they were when the run began; a strategy wrote there"
            )
            raise RunError(Fault("prices", problem, APART_REMEDY))


def _sums(panel: Panel) -> dict[str, int]:
    arrays: dict[str, Any] = {name: getattr(panel, name) for name in _ARRAYS}
    arrays |= {f"exact {name}": getattr(panel.units, name) for name in PRICE_FIELDS}
    return dict(zip(arrays, each_in_threads(_sum, arrays.values(), panel.close.nbytes), strict=True))


def _sum(array: AnyArray) -> int:
    octets = array.reshape(-1).view(np.uint8)
    # Eight at a time, whatever they are; a few may be left.
    whole = len(octets) - len(octets) % _WORD
    words = octets[:whole].view(np.uint64)
    return int(words.sum(dtype=np.uint64)) + int(octets[whole:].sum(dtype=np.uint64))
