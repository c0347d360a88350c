"""bt: a tree of three strategies over the symbols."""

import sys
from pathlib import Path

import bt
import pandas as pd

from benchmarks import worlds

(close,) = worlds.read(Path(sys.argv[1]), "close")
frame = pd.DataFrame(close, index=pd.DatetimeIndex(worlds.times(len(close))), columns=worlds.symbols(close.shape[1]))
children = []
for fast, slow in worlds.periods(3):
    above = frame.rolling(fast).mean() > frame.rolling(slow).mean()
    # It trades on the days for which it is given weights: those of a cross.
    weights = above[above.ne(above.shift()).any(axis=1)].astype(float) / close.shape[1]
    children.append(bt.Strategy(f"cross {fast} {slow}", [bt.algos.WeighTarget(weights), bt.algos.Rebalance()]))
first = [bt.algos.RunOnce(), bt.algos.SelectAll(), bt.algos.WeighEqually(), bt.algos.Rebalance()]
top = bt.Strategy("all", first, children)
result = bt.run(bt.Backtest(top, frame, initial_capital=300_000, integer_positions=False, progress_bar=False))
print(result.prices.iloc[-1].item())
