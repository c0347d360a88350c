"""Look for symbols that say nothing: gaps in their bars, and prices that never change.

A gap is a month without a bar that is twenty times the usual step of the symbol, the median. A standstill is a price
that is the same in all bars, twenty at least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.clock import NS_PER_DAY, to_text
from strategy_orchestrator.models.streams import Chunk

_GAP_NS: Final = 30 * NS_PER_DAY
_TIMES_USUAL_STEP: Final = 20
_SHORT_NS: Final = _GAP_NS // _TIMES_USUAL_STEP
"""When the usual step is up to this, every month without a bar is a gap."""
_LEAST_STEPS: Final = 5
_STANDSTILL: Final = 20


class Steps:
    """Count the steps from bar to bar of one symbol, in memory that hardly grows: short ones are only counted."""

    def __init__(self) -> None:
        self.last_ns: int | None = None
        self._n_short = self._longest_short = 0
        self._long: Counter[int] = Counter()
        self._months: list[tuple[int, int]] = []

    def take(self, times: IntArray) -> None:
        """Take the times of further bars."""
        if not len(times):
            return
        if self.last_ns is not None:
            times = np.concatenate([[self.last_ns], times])
        steps = np.diff(times)
        is_short = steps <= _SHORT_NS
        short = steps[is_short]
        self._n_short += len(short)
        self._longest_short = max(self._longest_short, int(short.max(initial=0)))
        long = steps[~is_short]
        if len(long):
            distinct, counts = np.unique(long, return_counts=True)
            self._long.update(dict(zip(distinct.tolist(), counts.tolist(), strict=True)))
            months = np.flatnonzero(steps > _GAP_NS)
            self._months.extend(zip(times[1:][months].tolist(), steps[months].tolist(), strict=True))
        self.last_ns = int(times[-1])

    def gaps(self) -> Iterator[tuple[int, str]]:
        """Return time and words of each gap."""
        if self._n_short + self._long.total() < _LEAST_STEPS:
            return
        usual = self._median()
        for time, step in self._months:
            if step > _TIMES_USUAL_STEP * usual:
                yield time, f"there is no bar since {to_text(time - step)}"

    def _median(self) -> float:
        n_steps = self._n_short + self._long.total()
        middle = [(n_steps - 1) // 2, n_steps // 2]
        return sum(self._at(place) for place in middle) / 2

    def _at(self, place: int) -> int:
        # The step at a place of the sorted ones. Which short one it is makes no difference, but for the longest.
        place -= self._n_short
        if place < 0:
            return self._longest_short
        for step, count in sorted(self._long.items()):
            if place < count:
                return step
            place -= count
        raise AssertionError(place)


def take_steps(steps: Sequence[Steps], chunk: Chunk) -> None:
    """Let each symbol count its steps in a chunk."""
    traded, times = chunk.panel.traded[chunk.n_before :], chunk.panel.timestamps_ns[chunk.n_before :]
    is_dense = np.all(traded, axis=0).tolist()
    for column, symbol in enumerate(steps):
        symbol.take(times if is_dense[column] else times[traded[:, column]])


class Standstill:
    """Find symbols whose price never changes.

    Parameters
    ----------
    n_symbols : int
        How many there are.
    """

    def __init__(self, n_symbols: int) -> None:
        self._n_bars = np.zeros(n_symbols, np.int64)
        self._price = np.full(n_symbols, np.nan)
        self._since = np.zeros(n_symbols, np.int64)
        self._is_still = np.ones(n_symbols, np.bool_)

    def take(self, chunk: Chunk) -> None:
        """Look at a chunk."""
        panel, rows = chunk.panel, slice(chunk.n_before, None)
        traded = panel.traded[rows]
        if not len(traded):
            return
        begins = np.flatnonzero((self._n_bars == 0) & np.any(traded, axis=0))
        first = np.argmax(traded[:, begins], axis=0)
        self._price[begins] = panel.close[rows][first, begins]
        self._since[begins] = panel.timestamps_ns[rows][first]
        self._n_bars += traded.sum(axis=0)
        at = np.flatnonzero(self._is_still)
        if not len(at):
            return
        columns: slice | IntArray = slice(None) if len(at) == panel.n_symbols else at
        low, high = panel.low[rows, columns], panel.high[rows, columns]
        same = (low == self._price[columns]) & (high == low)
        self._is_still[at] = np.all(same | ~traded[:, columns], axis=0)

    def found(self) -> Iterator[tuple[int, int, str]]:
        """Return column, time of the first bar and words of each of them."""
        for column in np.flatnonzero(self._is_still & (self._n_bars >= _STANDSTILL)).tolist():
            n_bars, price = int(self._n_bars[column]), self._price[column].item()
            yield column, int(self._since[column]), f"the price is {price!r} in all {n_bars} bars"
