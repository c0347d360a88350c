"""The orchestrator: one portfolio."""

import sys
from decimal import Decimal
from pathlib import Path

from benchmarks import worlds
from benchmarks.sides.orchestrator import COSTS, Cross
from strategy_orchestrator import OrchestratorConfig, Panel, StrategyOrchestrator

names = ("open", "high", "low", "close")
prices = dict(zip(names, worlds.read(Path(sys.argv[1]), *names), strict=True))
n_bars, n_symbols = prices["close"].shape
panel = Panel.from_arrays(worlds.times(n_bars), worlds.symbols(n_symbols), **prices)
strategies = [Cross(*pair) for pair in worlds.periods(3)]
result = StrategyOrchestrator(strategies, OrchestratorConfig(**COSTS), equal_weights=True).run(panel, Decimal(300_000))
print(result.aggregate_equity_curve[-1][1], result.aggregate_metrics.sharpe_ratio)
