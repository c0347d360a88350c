"""What a newcomer waits for: `orchestrate demo` as a whole process, with nothing compiled and with all.

Beside it, where it is installed, backtesting.py on the same prices: one moving-average cross on one symbol, whole
process.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

from benchmarks.measuring import Figure, empty_caches, figure, seconds_of_process

_DEMO = ["-m", "strategy_orchestrator.cli", "demo", "--quiet"]
_PEER = """
from importlib.resources import files
import polars as pl
from backtesting import Backtest, Strategy

prices = pl.read_parquet(files("orchestrator_starter") / "data" / "stocks.parquet").filter(symbol="AAPL")
frame = prices.to_pandas().set_index("date").rename(columns=str.capitalize)

class Cross(Strategy):
    def init(self):
        close = self.data.Close.s
        self.fast = self.I(lambda: close.rolling(10).mean())
        self.slow = self.I(lambda: close.rolling(50).mean())

    def next(self):
        if not self.position and self.fast[-1] > self.slow[-1]:
            self.buy()
        elif self.position and self.fast[-1] < self.slow[-1]:
            self.position.close()

print(Backtest(frame, Cross, cash=100_000).run()["Equity Final [$]"])
"""


def figures(n_runs: int) -> Iterator[Figure]:
    """Measure."""
    yield figure("demo, first run", "whole process, nothing compiled", [_first() for _ in range(max(1, n_runs // 2))])
    kept = empty_caches()
    seconds_of_process(_DEMO, **kept)
    yield figure("demo, later run", "whole process", [seconds_of_process(_DEMO, **kept) for _ in range(n_runs)])
    if importlib.util.find_spec("backtesting") is not None:
        runs = [seconds_of_process(["-c", _PEER]) for _ in range(n_runs)]
        yield figure("demo, later run", "backtesting.py, one strategy on one symbol", runs)


def _first() -> float:
    return seconds_of_process(_DEMO, **empty_caches())
