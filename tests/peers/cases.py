"""Prices, signals and runs of ours, for comparison with other engines."""

from __future__ import annotations

import importlib.util
import random
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any, Final

import numpy as np
import pytest

from strategy_orchestrator import (
    HistoricalDataBar,
    IStrategy,
    OrchestratorConfig,
    OrchestratorResult,
    Panel,
    Position,
    ProtectiveExits,
    Signals,
    SignalStrategy,
    StrategyOrchestrator,
    WeightStrategy,
)
from strategy_orchestrator.arrays import BoolArray, FloatArray
from strategy_orchestrator.hooks import create_plugin_manager

START: Final = datetime(2022, 1, 3, tzinfo=UTC)
CAPITAL: Final = 100_000
SHARED: Final = 1e-9
"""How closely, relatively, trades and equity agree where the rules are the same; prices of ours are decimals of six."""


def peer(name: str) -> ModuleType:
    """Import another engine, or skip what needs it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if importlib.util.find_spec(name.partition(".")[0]) is None:
            pytest.skip(f"needs {name}", allow_module_level=True)
        return importlib.import_module(name)


@dataclass(frozen=True, slots=True)
class Prices:
    """Daily bars of one symbol on weekdays."""

    times: list[datetime]
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray

    @property
    def panel(self) -> Panel:
        """The same as a panel."""
        grids = {name: getattr(self, name)[:, None] for name in ("open", "high", "low", "close")}
        return Panel.from_arrays(self.times, ["A"], **grids)


def prices_of(seed: int, n_bars: int = 120, start: float = 50.0) -> Prices:
    """Draw prices of two decimals that wander, with gaps at the open."""
    random_ = np.random.default_rng(seed)
    close = np.round(start * np.exp(np.cumsum(random_.normal(0, 0.02, n_bars))), 2)
    opens = np.round(np.concatenate([[start], close[:-1]]) * np.exp(random_.normal(0, 0.005, n_bars)), 2)
    high = np.round(np.maximum(opens, close) + random_.uniform(0, 0.6, n_bars), 2)
    low = np.round(np.minimum(opens, close) - random_.uniform(0, 0.6, n_bars), 2)
    times = [START + timedelta(days=bar + 2 * (bar // 5)) for bar in range(n_bars)]
    return Prices(times, opens, high, low, close)


def marks_of(seed: int, n_bars: int, share: float = 0.12) -> tuple[BoolArray, BoolArray]:
    """Draw bars at which a strategy enters, and others at which it exits; all is over some bars before the end."""
    random_ = random.Random(seed)
    entries, exits = np.zeros(n_bars, np.bool_), np.zeros(n_bars, np.bool_)
    for bar in range(1, n_bars - 6):
        drawn = random_.random()
        entries[bar], exits[bar] = drawn < share, share <= drawn < 2 * share
    exits[n_bars - 5] = True
    return entries, exits


class Marks(SignalStrategy):
    """Say what was drawn."""

    def __init__(
        self,
        entries: BoolArray,
        exits: BoolArray,
        short_entries: BoolArray | None = None,
        protective_exits: ProtectiveExits | None = None,
    ) -> None:
        self.marks = entries, exits, short_entries
        self.protective_exits = protective_exits

    def signals(self, panel: Panel) -> Signals:
        """Return the marks of the one symbol."""
        del panel
        entries, exits, shorts = self.marks
        return Signals(entries[:, None], exits[:, None], None if shorts is None else shorts[:, None])


class FixedSize(IStrategy):
    """Say what was drawn, bar by bar, and buy so many shares."""

    def __init__(self, entries: BoolArray, exits: BoolArray, size: int) -> None:
        self.marks, self.size = (entries, exits), size

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether an entry was drawn."""
        return bool(self.marks[0][len(bars) - 1])

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether an exit was drawn."""
        del position
        return bool(self.marks[1][len(bars) - 1])

    def position_size(self, capital: Decimal, price: Decimal) -> int:
        """Return the same number always."""
        del capital, price
        return self.size


class Targets(WeightStrategy):
    """Give the weights that were drawn."""

    def __init__(self, grid: FloatArray) -> None:
        self.grid = grid

    def weights(self, panel: Panel) -> FloatArray:
        """Return the weights."""
        del panel
        return self.grid


def ours(
    panel: Panel, strategies: Sequence[Any], weights: Sequence[str] = ("1",), capital: int = CAPITAL, **options: Any
) -> OrchestratorResult:
    """Run strategies; nothing installed is loaded."""
    pairs = list(zip(strategies, weights, strict=True))
    portfolio = StrategyOrchestrator(
        pairs, OrchestratorConfig(**options), manager=create_plugin_manager(autoload=False)
    )
    return portfolio.run(panel, capital)


def equity_of(result: OrchestratorResult) -> FloatArray:
    """Return the equity of the whole at every bar."""
    return np.array([float(equity) for _, equity in result.aggregate_equity_curve])


def trades_of(result: OrchestratorResult) -> list[tuple[float, ...]]:
    """Return the trades of all strategies: shares (negative: short), entry price, exit price, profit."""
    trades = [trade for sleeve in result.strategy_results.values() for trade in sleeve.trades]
    return [
        (
            float(trade.shares) * (1 if trade.direction > 0 else -1),
            float(trade.entry_price),
            float(trade.exit_price),
            float(trade.pnl),
        )
        for trade in trades
    ]


def assert_same(found: Sequence[Any], expected: Any, tolerance: float = SHARED) -> None:
    """Compare tables of numbers, relative to the size of each."""
    assert len(found) == len(expected)
    assert len(found)
    np.testing.assert_allclose(np.array(found, np.float64), np.array(expected, np.float64), rtol=tolerance, atol=1e-5)
