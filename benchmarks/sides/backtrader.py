"""The side of backtrader: all strategies and symbols in one Cerebro."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import backtrader as bt
import pandas as pd

from benchmarks import worlds
from benchmarks.worlds import Size

LAG = 10


class Above(bt.Strategy):
    """Be in while the close is above that of ten bars before."""

    def __init__(self) -> None:
        self.entered: list[int] = []
        self.held = [False] * len(self.datas)
        self.n_trades = 0

    def next(self) -> None:
        """Compare two closes of each symbol; fills come at the next open."""
        for place, data in enumerate(self.datas):
            if len(data) <= LAG:
                continue
            if self.held[place]:
                if data.close[0] < data.close[-LAG]:
                    self.sell(data, size=1)
                    self.held[place] = False
                    self.n_trades += 1
            elif data.close[0] > data.close[-LAG]:
                self.buy(data, size=1)
                self.held[place] = True
                if place == 0:
                    self.entered.append(len(data))


class Silent(bt.Strategy):
    """Never say anything."""

    entered: list[int] = []  # noqa: RUF012  # its metaclass makes the objects
    n_trades = 0

    def next(self) -> None:
        """Do nothing."""


class PerBar:
    """Ask `next` at every bar."""

    strategy: type[bt.Strategy] = Above

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        index = pd.DatetimeIndex(worlds.times(size.n_bars, size.step_ns))
        names = ("open", "high", "low", "close")
        prices = dict(zip(names, worlds.read(folder, *names), strict=True))
        self.frames = [
            pd.DataFrame({name: prices[name][:, column] for name in names}, index=index)
            for column in range(size.n_symbols)
        ]
        self.found: list[Any] = []

    def run(self) -> dict[str, float]:
        """Run all of it once."""
        started = perf_counter()
        cerebro = bt.Cerebro(stdstats=False)
        for frame in self.frames:
            cerebro.adddata(bt.feeds.PandasData(dataname=frame))
        for _ in range(self.size.n_strategies):
            cerebro.addstrategy(self.strategy)
        cerebro.broker.setcash(1e9)
        self.found = cerebro.run()
        return {"whole": perf_counter() - started}

    def outcome(self) -> dict[str, Any]:
        """Tell when each trade on the first symbol was entered."""
        return {"trades": sum(each.n_trades for each in self.found), "entered": self.found[0].entered[:50]}


class PerBarSilent(PerBar):
    """The same with a strategy that does not think."""

    strategy = Silent


JOBS = {"bar by bar": PerBar, "bar by bar, silent": PerBarSilent}
