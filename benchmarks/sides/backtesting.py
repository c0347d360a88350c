"""The side of backtesting.py: one strategy on one symbol, as often as there are of both."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

from benchmarks import worlds
from benchmarks.worlds import Size

LAG = 10


class Above(Strategy):
    """Be in while the close is above that of ten bars before."""

    def init(self) -> None:
        """Need nothing."""

    def next(self) -> None:
        """Compare two closes; fills come at the next open."""
        close = self.data.Close
        if self.position:
            if close[-1] < close[-1 - LAG]:
                self.position.close()
        elif len(close) > LAG and close[-1] > close[-1 - LAG]:
            self.buy(size=1)


class Silent(Strategy):
    """Never say anything."""

    def init(self) -> None:
        """Need nothing."""

    def next(self) -> None:
        """Do nothing."""


class PerBar:
    """Ask `next` at every bar."""

    strategy: type[Strategy] = Above

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        index = pd.DatetimeIndex(worlds.times(size.n_bars, size.step_ns))
        names = ("open", "high", "low", "close")
        prices = dict(zip(names, worlds.read(folder, *names), strict=True))
        self.frames = [
            pd.DataFrame({name.capitalize(): prices[name][:, column] for name in names}, index=index)
            for column in range(size.n_symbols)
        ]
        self.trades: list[Any] = []

    def run(self) -> dict[str, float]:
        """Run every strategy on every symbol."""
        self.trades = []
        started = perf_counter()
        for _ in range(self.size.n_strategies):
            for frame in self.frames:
                found = Backtest(frame, self.strategy, cash=1_000_000, finalize_trades=True).run()
                self.trades.append(found["_trades"])
        return {"whole": perf_counter() - started}

    def outcome(self) -> dict[str, Any]:
        """Tell when each trade on the first symbol was entered."""
        first = self.trades[0]
        return {"trades": sum(map(len, self.trades)), "entered": np.asarray(first["EntryBar"]).tolist()[:50]}


class PerBarSilent(PerBar):
    """The same with a strategy that does not think."""

    strategy = Silent


JOBS = {"bar by bar": PerBar, "bar by bar, silent": PerBarSilent}
