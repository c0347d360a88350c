"""Small portfolios written as text: prices, what strategies say, and what a run decided.

Prices and sayings are written as in `tests.reference.cases`: a row of prices is one bar, symbols apart by ``|``; a
strategy says one letter a bar, one text a symbol. Symbols are called A, B, ... unless they are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

import numpy as np

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
from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.hooks import PluginManager, create_plugin_manager
from strategy_orchestrator.models.records import RunRecord
from tests.reference.cases import LETTERS, price_grids, row_text
from tests.unit.kernel.runs import decision_row

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
FIELDS: Final = ("entries", "exits", "short_entries", "short_exits")


class Says(SignalStrategy):
    """Say one letter a bar, one text a symbol, for all bars at once."""

    def __init__(self, *texts: str, exits: ProtectiveExits | None = None, warmup: int = 0) -> None:
        self.texts = texts
        self.protective_exits = exits
        self.warmup_bars = warmup

    def signals(self, panel: Panel) -> Signals:
        """Return the letters as arrays."""
        assert panel.n_symbols == len(self.texts)
        marks = [
            np.array([[name in LETTERS[text[bar]] for text in self.texts] for bar in range(panel.n_bars)])
            for name in FIELDS
        ]
        return Signals(*marks)


class Asked(IStrategy):
    """Say one letter a bar of each symbol, asked bar by bar."""

    def __init__(self, *texts: str, exits: ProtectiveExits | None = None, warmup: int = 0) -> None:
        self.texts = texts
        self.protective_exits = exits
        self.warmup_bars = warmup

    def _says(self, bars: Sequence[HistoricalDataBar]) -> tuple[str, ...]:
        return LETTERS[self.texts[ord(bars[-1].symbol) - ord("A")][len(bars) - 1]]

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether the letter is an entry."""
        return "entries" in self._says(bars)

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether the letter is an exit."""
        del position
        return "exits" in self._says(bars)


class Weighs(WeightStrategy):
    """Give target weights, one number or ``.`` a bar, one text a symbol."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts

    def weights(self, panel: Panel) -> FloatArray:
        """Return the numbers as an array."""
        del panel
        columns = [[np.nan if word == "." else float(word) for word in text.split()] for text in self.texts]
        return np.array(columns, np.float64).T.copy()


def make_panel(*rows: str, symbols: Sequence[str] = (), start: datetime = START) -> Panel:
    """Make a panel of daily bars."""
    grids = price_grids(rows)
    floats = {
        name: np.array([[value or np.nan for value in row] for row in grid]) / 1e6 for name, grid in grids.items()
    }
    names = symbols or [chr(ord("A") + column) for column in range(floats["open"].shape[1])]
    times = [start + timedelta(days=bar) for bar in range(len(rows))]
    return Panel.from_arrays(times, names, **floats)


def make_bars(*closes: object, symbol: str = "A", start: datetime = START) -> list[HistoricalDataBar]:
    """Make daily bars that open, rise, fall and close at one price."""
    prices = [Decimal(str(close)) for close in closes]
    times = [start + timedelta(days=day) for day in range(len(prices))]
    return [HistoricalDataBar(symbol, time, *([price] * 4)) for time, price in zip(times, prices, strict=True)]  # type: ignore[arg-type]


@cache
def bare_manager() -> PluginManager:
    """Return a manager of the built-in plug-in alone; finding out what is installed takes longer than a run here."""
    return create_plugin_manager(autoload=False)


def orchestrate(
    strategies: Sequence[Any],
    *,
    plugins: Sequence[object] = (),
    labels: Sequence[str | None] = (),
    **options: Any,
) -> StrategyOrchestrator:
    """Make a portfolio of (strategy, weight) pairs, or of strategies of equal weights; nothing installed is loaded."""
    return StrategyOrchestrator(
        strategies,
        OrchestratorConfig(**options),
        equal_weights=not isinstance(strategies[0], tuple),
        labels=labels,
        manager=create_plugin_manager(plugins, autoload=False) if plugins else bare_manager(),
    )


def run(strategies: Sequence[Any], panel: Any, capital: object = 1000, **options: Any) -> OrchestratorResult:
    """Run a portfolio."""
    return orchestrate(strategies, **options).run(panel, Decimal(str(capital)))


def told(record: RunRecord, *, signals: bool = False) -> list[str]:
    """Write the decisions: the signals, or all others."""
    rows = [decision_row(row) for row in record.decisions.tolist()]
    return [row_text(row) for row in rows if (row.kind == "signal") == signals]


def equities(result: OrchestratorResult, strategy: str) -> list[str]:
    """Write the equity of a strategy at each bar."""
    return [f"{equity.normalize():f}" for _, equity in result.strategy_results[strategy].equity_curve]
