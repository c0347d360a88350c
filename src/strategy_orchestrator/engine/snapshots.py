"""Where a run stood at the end of a bar: enough to go on from there, and to tell whether that would be the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator._version import __version__
from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel

BUFFERS: Final = ("decisions", "trades")
"""Arrays of the books that are emptied on the way; a snapshot has all rows that went through them."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A run at the end of a bar.

    Attributes
    ----------
    bar : int
        Bars that were completed.
    arrays : dict
        The books and the curves so far by name, and the rows of the buffers.
    """

    bar: int
    arrays: Mapping[str, NDArray[Any]]

    def equals(self, other: Snapshot) -> bool:
        """Tell whether two runs stood at the same place with the same books, to the unit."""
        names = {*self.arrays, *other.arrays}
        return self.bar == other.bar and all(
            np.array_equal(self.arrays.get(name, _NONE), other.arrays.get(name, _NONE)) for name in names
        )


class Checkpoints(Protocol):
    """Keep snapshots of a run, and offer the last of a run that was cut short."""

    def last(self, digests: Mapping[str, str]) -> Snapshot | None:
        """Return where to go on, or None to begin at the beginning."""
        ...

    def keep(self, digests: Mapping[str, str], take: Callable[[], Snapshot]) -> None:
        """Take a snapshot if it is time to."""
        ...


def digests_of(
    panel: Panel, config: OrchestratorConfig, books: at.Books, market: at.Market, intents: at.Intents
) -> dict[str, str]:
    """Return the SHA-256 of each part of what determines a run, by the words for it.

    Parameters
    ----------
    books : Books
        Before the first bar.
    intents : Intents
        As the vectorized strategies say; bars that are asked for later are zeros.
    """
    options = {name: value for name, value in config.resolved().items() if name != "logging_level"}
    layout = [dtype.descr for dtype in (at.RUN, at.SLEEVE, at.STRATEGY, at.SYMBOL, at.CELL, at.SIGNAL)]
    return {
        "the prices": _digest([panel.timestamps_ns, market.open, market.high, market.low, market.close]),
        "the symbols": _digest([], list(panel.symbols)),
        "the options": _digest([], options),
        "the costs, lots, sizes or schedules": _digest(
            [books.symbols, market.slippage, market.sizer, market.scheduled]
        ),
        "the strategies, their weights or rules": _digest([books.run, books.sleeves, books.strategies]),
        "the signals of the strategies": _digest([intents.codes, intents.weights]),
        "the version of the package": _digest([], [__version__, layout]),
    }


_NONE: Final = np.zeros(0)


def _digest(arrays: Iterable[AnyArray], words: object = None) -> str:
    digest = hashlib.sha256(json.dumps(words, sort_keys=True).encode())
    for array in arrays:
        digest.update(f"{array.dtype.descr}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
