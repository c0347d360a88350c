"""The orchestrator's own side."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

import numpy as np

from benchmarks import worlds
from benchmarks.worlds import Array, Size
from strategy_orchestrator import (
    HistoricalDataBar,
    IStrategy,
    OrchestratorConfig,
    OrchestratorResult,
    OrchestratorState,
    Panel,
    Position,
    Signal,
    Signals,
    SignalStrategy,
    StrategyOrchestrator,
)
from strategy_orchestrator.models.records import DecisionKind

COSTS = {"commission_pct": worlds.COMMISSION, "slippage_pct": worlds.SLIPPAGE, "close_at_end": False}
BUSY_COSTS = {"commission_pct": worlds.BUSY_COMMISSION, "slippage_pct": worlds.BUSY_SLIPPAGE, "close_at_end": False}


class Cross(SignalStrategy):
    """Hold from the cross of two moving averages upward to that downward; in whole numbers, hence exactly."""

    def __init__(self, fast: int, slow: int) -> None:
        self.fast, self.slow = fast, slow

    def signals(self, panel: Panel) -> Signals:
        """Speak at the crosses only."""
        return Signals(*worlds.crosses(panel.units.close, self.fast, self.slow))


class Flip(SignalStrategy):
    """Buy everything at one bar and sell it at the next."""

    def signals(self, panel: Panel) -> Signals:
        """Speak at every bar."""
        return Signals(*worlds.flips(panel.n_bars, panel.n_symbols))


class FirstWinsInPython:
    """The built-in resolver's rule, as a plug-in would write it."""

    def resolve(self, symbol: str, signals: tuple[Signal, ...], state: OrchestratorState) -> list[Signal]:
        """Let the direction of the first signal win."""
        del symbol, state
        winner = signals[0].direction
        return [signal for signal in signals if signal.direction == winner]


class Above(IStrategy):
    """Be in while the close is above that of ten bars before."""

    lag = 10

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Compare two closes."""
        return len(bars) > self.lag and bars[-1].close > bars[-1 - self.lag].close

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Compare two closes."""
        del position
        return bars[-1].close < bars[-1 - self.lag].close


class Silent(IStrategy):
    """Never say anything: what remains is the cost of asking."""

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Return False."""
        del bars
        return False

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Return False."""
        del position, bars
        return False


class Run:
    """One run of the orchestrator over the prices of a folder, from strategies to measures."""

    config: ClassVar[dict[str, Any]] = COSTS

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder, self.size = folder, size
        names = ("open", "high", "low", "close")
        self.prices = dict(zip(names, worlds.read(folder, *names), strict=True))
        self.result: OrchestratorResult | None = None

    def strategies(self) -> list[Any]:
        """Return the strategies of a run, in their order."""
        return [Cross(*pair) for pair in worlds.periods(self.size.n_strategies)]

    def run(self) -> dict[str, float]:
        """Make a panel, which is timed apart, and run; nothing is kept from the run before."""
        size, self.result = self.size, None
        started = perf_counter()
        times = worlds.times(size.n_bars, size.step_ns)
        panel = Panel.from_arrays(times, worlds.symbols(size.n_symbols), **self.prices)
        made = perf_counter()
        capital = Decimal(worlds.CASH_PER_CELL * size.n_strategies * size.n_symbols)
        orchestrator = StrategyOrchestrator(self.strategies(), OrchestratorConfig(**self.config), equal_weights=True)
        self.result = orchestrator.run(panel, capital)
        ended = perf_counter()
        timing = {name: float(seconds) for name, seconds in self.result.timing.items()}
        return {"panel": made - started, **timing, "whole": ended - made}

    def outcome(self) -> dict[str, Any]:
        """Keep trades and equity of the last run, and what a peer needs to trade alike."""
        assert self.result is not None
        record = self.result.record
        trades = record.trades
        columns = trades["strategy"].astype(np.int64) * self.size.n_symbols + trades["symbol"]
        order = np.lexsort((trades["exit_bar"], columns))
        np.save(self.folder / "trade_columns.npy", columns[order])
        np.save(self.folder / "trade_bars.npy", np.stack([trades["entry_bar"][order], trades["exit_bar"][order]]))
        np.save(self.folder / "trade_pnl.npy", trades["pnl"][order] / 1e6)
        np.save(self.folder / "equity.npy", record.equity / 1e6)
        self._keep_for_peers(record.decisions)
        return {
            "trades": len(trades),
            "decisions": len(record.decisions),
            "conflicts": self.result.conflicts_detected,
            "blocks": self.result.capital_limit_blocks,
            "fills": int(np.isin(record.decisions["kind"], (DecisionKind.ENTRY, DecisionKind.EXIT)).sum()),
            "final": str(self.result.aggregate_equity_curve[-1][1]),
        }

    def _keep_for_peers(self, decisions: Array) -> None:
        # A peer has no conflicts and no slots of a shared capital: it is given the signals that survived, at the bar
        # of their fill, and the quantities.
        size = self.size
        shape = (size.n_bars, size.n_strategies * size.n_symbols)
        buys, sells, quantities = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_), np.zeros(shape)
        columns = decisions["strategy"].astype(np.int64) * size.n_symbols + decisions["symbol"]

        def of(kind: DecisionKind) -> tuple[Array, Array]:
            rows = decisions["kind"] == kind
            return decisions["bar"][rows].astype(np.int64), columns[rows]

        signals = decisions[decisions["kind"] == DecisionKind.SIGNAL]
        bars, places = of(DecisionKind.SIGNAL)
        has_fill = bars + 1 < size.n_bars
        for wanted, marks in ((1, buys), (-1, sells)):
            mine = has_fill & (signals["direction"] == wanted)
            marks[bars[mine] + 1, places[mine]] = True
        bars, places = of(DecisionKind.DROPPED)
        inside = bars + 1 < size.n_bars
        buys[bars[inside] + 1, places[inside]] = sells[bars[inside] + 1, places[inside]] = False
        bars, places = of(DecisionKind.BLOCKED)
        buys[bars, places] = False
        bars, places = of(DecisionKind.ENTRY)
        quantities[bars, places] = decisions["quantity"][decisions["kind"] == DecisionKind.ENTRY] / 1e6
        for name, array in (("buys", buys), ("sells", sells), ("quantities", quantities)):
            np.save(self.folder / f"{name}.npy", array)


class Slower(Run):
    """The same with averages of twice as many bars: a quarter of the conflicts."""

    def strategies(self) -> list[Any]:
        """Return the strategies of a run, in their order."""
        return [Cross(2 * fast, 2 * slow) for fast, slow in worlds.periods(self.size.n_strategies)]


class PluginResolver(Slower):
    """With a resolver in Python, which the loop pauses for."""

    config: ClassVar[dict[str, Any]] = {**COSTS, "conflict_resolution_mode": FirstWinsInPython()}


class Busy(Run):
    """As many fills as can be."""

    config: ClassVar[dict[str, Any]] = BUSY_COSTS

    def strategies(self) -> list[Any]:
        """Return strategies that trade at every bar."""
        return [Flip() for _ in range(self.size.n_strategies)]


class PerBar(Run):
    """Strategies that are asked bar by bar."""

    def strategies(self) -> list[Any]:
        """Return one strategy many times."""
        return [Above() for _ in range(self.size.n_strategies)]

    def outcome(self) -> dict[str, Any]:
        """Tell when the first strategy entered the first symbol."""
        assert self.result is not None
        rows = self.result.record.decisions
        rows = rows[(rows["kind"] == DecisionKind.ENTRY) & (rows["strategy"] == 0) & (rows["symbol"] == 0)]
        return {"trades": len(self.result.record.trades), "entered": rows["bar"].tolist()[:50]}


class PerBarSilent(PerBar):
    """The same with strategies that do not think."""

    def strategies(self) -> list[Any]:
        """Return one strategy many times."""
        return [Silent() for _ in range(self.size.n_strategies)]


JOBS = {
    "crosses": Run,
    "slower crosses": Slower,
    "slower crosses, resolver in Python": PluginResolver,
    "flips": Busy,
    "bar by bar": PerBar,
    "bar by bar, silent": PerBarSilent,
}
