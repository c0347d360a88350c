"""What asking a strategy bar by bar costs, over histories of different length: the same for every bar."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from time import perf_counter

import numpy as np

from benchmarks.measuring import Figure, figure
from strategy_orchestrator import HistoricalDataBar, IStrategy, Panel, Position, StrategyOrchestrator

LENGTHS = (2_500, 5_000, 10_000, 20_000)
_DAY_NS = 86_400 * 10**9


class EveryTenth(IStrategy):
    """Enter at every tenth bar and leave five bars later: as little thought as a strategy can have."""

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Tell by the number of bars."""
        return len(bars) % 10 == 0

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Tell by the number of bars."""
        del position
        return len(bars) % 10 == 5


def panel_of_length(n_bars: int) -> Panel:
    """Return one symbol that walks at random."""
    steps = np.random.default_rng(7).normal(0, 0.01, (n_bars, 1))
    close = np.round(100 * np.exp(np.cumsum(steps, axis=0)), 2)
    times = np.arange(n_bars, dtype=np.int64) * (_DAY_NS // 4)
    return Panel.from_arrays(times, ["X"], open=close, high=close, low=close, close=close)


def figures(n_runs: int) -> Iterator[Figure]:
    """Measure; seconds are those of one bar."""
    for n_bars in LENGTHS:
        panel = panel_of_length(n_bars)
        seconds = [_run(panel) / n_bars for _ in range(n_runs + 1)]
        # The first run loads what the others have.
        yield figure("one bar of a strategy asked bar by bar", f"{n_bars:,} bars", seconds[1:])


def _run(panel: Panel) -> float:
    orchestrator = StrategyOrchestrator([(EveryTenth(), Decimal(1))])
    started = perf_counter()
    result = orchestrator.run(panel, Decimal(100_000))
    assert result.strategy_results["EveryTenth_0"].trades
    return perf_counter() - started
