"""Strategies, a resolver and a rebalancer of one's own: python examples/portfolio.py.

Three rules share 100,000 over five shares. The same portfolio is run under several rules for conflicts, then with and
without rebalancing, and the last run is saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from orchestrator_starter import DemoPrices, RSISignals
from strategy_orchestrator import (
    ConflictResolver,
    IStrategy,
    OrchestratorConfig,
    OrchestratorResult,
    OrchestratorState,
    Panel,
    ProtectiveExits,
    Rebalancer,
    Signal,
    Signals,
    SignalStrategy,
    StrategyOrchestrator,
)
from strategy_orchestrator.store import save_run


class Breakout(SignalStrategy):
    """Long above the highest close of the last bars, out below the lowest; all bars at once."""

    protective_exits = ProtectiveExits(trailing_stop=Decimal("0.15"))

    def __init__(self, n_bars: int = 50) -> None:
        self.n_bars = n_bars

    def signals(self, panel: Panel) -> Signals:
        """Compare every close with those of the bars before it."""
        windows = np.lib.stride_tricks.sliding_window_view(panel.close, self.n_bars, axis=0)
        above, below = np.zeros_like(panel.traded), np.zeros_like(panel.traded)
        above[self.n_bars :] = panel.close[self.n_bars :] > windows[:-1].max(axis=-1)
        below[self.n_bars :] = panel.close[self.n_bars :] < windows[:-1].min(axis=-1)
        return Signals(entries=above, exits=below)


class TurnOfMonth(IStrategy):
    """Hold from the last days of a month to the first days of the next; asked bar by bar."""

    def should_enter(self, bars: list) -> bool:
        """Enter from the 26th on."""
        return bars[-1].timestamp.day >= 26

    def should_exit(self, position: object, bars: list) -> bool:
        """Leave between the 4th and the 25th."""
        return 4 <= bars[-1].timestamp.day < 26


class ExitsFirst(ConflictResolver):
    """Whoever wants to leave may; else the earliest strategy of the list has its way."""

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the exits, or the signals of the first one's direction."""
        exits = [signal for signal in signals if signal.kind == "exit"]
        return exits or [signal for signal in signals if signal.direction == signals[0].direction]


class EveryQuarter(Rebalancer):
    """Back to the configured weights with the first bar of each quarter."""

    def schedule(self, panel: Panel) -> np.ndarray:
        """Mark the bars with which a quarter begins."""
        quarters = np.array([moment.year * 4 + (moment.month - 1) // 3 for moment in panel.timestamps])
        return np.append([False], np.diff(quarters) != 0)

    def propose(self, state: OrchestratorState) -> Mapping[str, Decimal]:
        """Return the configured weights."""
        return state.weights


def run(panel: Panel, **options: object) -> OrchestratorResult:
    """Run the portfolio with some options."""
    strategies = [(Breakout(), "0.4"), (TurnOfMonth(), "0.3"), (RSISignals(), "0.3")]
    config = OrchestratorConfig(commission_pct="0.0005", slippage_pct="0.0005", **options)
    return StrategyOrchestrator(strategies, config).run(panel, Decimal(100_000))


def main() -> None:
    """Run and compare."""
    panel = DemoPrices().load()
    for mode in ("FIRST_WINS", "NET_SIGNAL", "CANCEL_BOTH", ExitsFirst()):
        result = run(panel, conflict_resolution_mode=mode)
        name = mode if isinstance(mode, str) else type(mode).__name__
        print(f"{name:12} {result.conflicts_detected:4} conflicts {result.aggregate_metrics.total_return:8.1%}")
    for rebalancer in (None, EveryQuarter()):
        result = run(panel, conflict_resolution_mode="NET_SIGNAL", rebalancer=rebalancer)
        measures, moved = result.aggregate_metrics, result.rebalancing
        print(
            f"rebalanced {moved.n_rebalances:2} times: {measures.total_return:.1%}, "
            f"Sharpe {measures.sharpe_ratio:.2f}, drawdown {measures.max_drawdown:.1%}"
        )
    for name, row in result.comparison_table.items():
        print(f"  {name:14} {row['total_trades']:5} trades, {row['win_rate']:.0%} won, {row['final_equity']:12,.2f}")
    print("saved in", save_run(Path("runs", "portfolio"), result, {"script": Path(__file__).name}))


if __name__ == "__main__":
    main()
