"""backtesting.py: one run a strategy and symbol."""

import sys
from pathlib import Path

import pandas as pd
from backtesting import Backtest, Strategy

from benchmarks import worlds


class Cross(Strategy):
    """Hold while the fast average is above the slow one."""

    fast, slow = 5, 50

    def init(self) -> None:
        """Compute the averages."""
        close = self.data.Close.s
        self.quick = self.I(lambda: close.rolling(self.fast).mean(), name="quick")
        self.lazy = self.I(lambda: close.rolling(self.slow).mean(), name="lazy")

    def next(self) -> None:
        """Follow them."""
        if not self.position and self.quick[-1] > self.lazy[-1]:
            self.buy()
        elif self.position and self.quick[-1] < self.lazy[-1]:
            self.position.close()


names = ("open", "high", "low", "close")
prices = dict(zip(names, worlds.read(Path(sys.argv[1]), *names), strict=True))
n_bars, n_symbols = prices["close"].shape
index = pd.DatetimeIndex(worlds.times(n_bars))
total = 0.0
for column in range(n_symbols):
    frame = pd.DataFrame({name.capitalize(): prices[name][:, column] for name in names}, index=index)
    for fast, slow in worlds.periods(3):
        backtest = Backtest(frame, Cross, cash=20_000, commission=worlds.COMMISSION, finalize_trades=True)
        total += backtest.run(fast=fast, slow=slow)["Equity Final [$]"]
print(total)
