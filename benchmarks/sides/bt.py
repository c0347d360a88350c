"""The side of bt: a tree of strategies, each with its own crosses over all symbols."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import bt
import pandas as pd

from benchmarks import worlds
from benchmarks.worlds import Size


class Tree:
    """Strategies that follow averages, under one that holds them all in equal parts."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        (close,) = worlds.read(folder, "close")
        index = pd.DatetimeIndex(worlds.times(size.n_bars, size.step_ns))
        self.close = pd.DataFrame(close, index=index, columns=worlds.symbols(size.n_symbols))
        self.final = 0.0

    def run(self) -> dict[str, float]:
        """Build the tree and run it."""
        started = perf_counter()
        children = []
        for place, (fast, slow) in enumerate(worlds.periods(self.size.n_strategies)):
            above = self.close.rolling(fast).mean() > self.close.rolling(slow).mean()
            # It trades on the days for which it is given weights: those of a cross.
            weights = above[above.ne(above.shift()).any(axis=1)].astype(float) / self.size.n_symbols
            children.append(bt.Strategy(f"cross {place}", [bt.algos.WeighTarget(weights), bt.algos.Rebalance()]))
        first = [bt.algos.RunOnce(), bt.algos.SelectAll(), bt.algos.WeighEqually(), bt.algos.Rebalance()]
        capital = worlds.CASH_PER_CELL * self.size.n_strategies * self.size.n_symbols
        backtest = bt.Backtest(
            bt.Strategy("all", first, children), self.close, initial_capital=capital, integer_positions=False,
            progress_bar=False,
        )  # fmt: skip
        self.final = float(bt.run(backtest).prices.iloc[-1].item())
        return {"whole": perf_counter() - started}

    def outcome(self) -> dict[str, Any]:
        """Tell the last index."""
        return {"final": self.final}


JOBS = {"crosses": Tree}
