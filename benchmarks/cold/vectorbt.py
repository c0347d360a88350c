"""vectorbt: all columns at once."""

import sys
from pathlib import Path

import pandas as pd
import vectorbt as vbt

from benchmarks import worlds

(close,) = worlds.read(Path(sys.argv[1]), "close")
frame = pd.DataFrame(close, index=pd.DatetimeIndex(worlds.times(len(close))), columns=worlds.symbols(close.shape[1]))
fast, slow = (list(each) for each in zip(*worlds.periods(3), strict=True))
quick, lazy = vbt.MA.run(frame, fast), vbt.MA.run(frame, slow)
portfolio = vbt.Portfolio.from_signals(
    frame, quick.ma_crossed_above(lazy), quick.ma_crossed_below(lazy), fees=worlds.COMMISSION,
    slippage=worlds.SLIPPAGE, init_cash=20_000, freq="1D",
)  # fmt: skip
print(portfolio.value().iloc[-1].sum(), portfolio.sharpe_ratio().mean())
