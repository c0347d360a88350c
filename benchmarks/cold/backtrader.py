"""backtrader: three strategies in one Cerebro."""

import sys
from pathlib import Path

import backtrader as bt
import pandas as pd

from benchmarks import worlds


class Cross(bt.Strategy):
    """Hold while the fast average is above the slow one."""

    params = (("fast", 5), ("slow", 50))

    def __init__(self) -> None:
        """Make the averages."""
        self.crosses = [
            bt.ind.CrossOver(bt.ind.SMA(data, period=self.p.fast), bt.ind.SMA(data, period=self.p.slow))
            for data in self.datas
        ]

    def next(self) -> None:
        """Follow them."""
        for data, cross in zip(self.datas, self.crosses, strict=True):
            if cross[0] > 0:
                self.buy(data, size=10)
            elif cross[0] < 0:
                self.sell(data, size=10)


names = ("open", "high", "low", "close")
prices = dict(zip(names, worlds.read(Path(sys.argv[1]), *names), strict=True))
n_bars, n_symbols = prices["close"].shape
index = pd.DatetimeIndex(worlds.times(n_bars))
cerebro = bt.Cerebro(stdstats=False)
for column in range(n_symbols):
    cerebro.adddata(bt.feeds.PandasData(dataname=pd.DataFrame({n: prices[n][:, column] for n in names}, index=index)))
for fast, slow in worlds.periods(3):
    cerebro.addstrategy(Cross, fast=fast, slow=slow)
cerebro.broker.setcash(300_000)
cerebro.broker.setcommission(worlds.COMMISSION)
cerebro.run()
print(cerebro.broker.getvalue())
