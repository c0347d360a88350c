"""Strategies that keep to the rules, some of them in ways that look odd: none may be accused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import ProtectiveExits, Signals
from tests.unit.testing.cheaters import Entering, PerBar, Rows, Weighing, closes


def previous_week(panel: Panel) -> Rows:
    """Compare with the close of the week before, which is over."""
    frame = closes(panel)
    weeks = frame.index.to_period("W")
    weekly = frame.groupby(weeks).last().ffill().shift(1)
    return frame.to_numpy() > weekly.loc[weeks].to_numpy()


def first_of_month(panel: Panel) -> Rows:
    """Know that a bar is the first of its month because the one before is of another."""
    months = np.array([moment.month for moment in panel.timestamps])
    first = np.append(True, months[1:] != months[:-1])
    return np.repeat(first[:, None], panel.n_symbols, axis=1)


def regression_slope(panel: Panel) -> Rows:
    """Take a product of matrices over the last ten bars, whose last bits depend on the number of bars."""
    filled = closes(panel).ffill().fillna(1.0).to_numpy()
    steps = np.subtract.outer(np.arange(len(filled)), np.arange(len(filled)))
    kernel = np.where((steps >= 0) & (steps < 10), 4.5 - steps, 0.0)
    return np.tanh(kernel @ np.log(filled))


def rank_of_the_day(panel: Panel) -> Rows:
    """Compare the symbols with one another, bar by bar."""
    moves = closes(panel).ffill().pct_change(5, fill_method=None)
    return np.nan_to_num(moves.rank(axis=1, pct=True)) > 0.6


def volatility_target(panel: Panel) -> Rows:
    """Hold less of what moves more, and change it every fifth bar only."""
    deviation = closes(panel).ffill().pct_change(fill_method=None).rolling(10).std(ddof=0)
    weights = (0.01 / deviation.clip(lower=0.005)).clip(upper=1.0).to_numpy() / panel.n_symbols
    weights[np.arange(panel.n_bars) % 5 != 0] = np.nan
    return weights


class Warming(Entering):
    """Says things during its warm-up that nobody hears."""

    warmup_bars = 30
    label = "warm"
    protective_exits = ProtectiveExits(stop_loss=Decimal("0.05"))

    def __init__(self) -> None:
        super().__init__(lambda panel: closes(panel) > closes(panel).ffill().rolling(30, min_periods=1).mean())


class BothWays:
    """Goes long and short."""

    def signals(self, panel: Panel) -> Signals:
        """Follow the last move."""
        moves = np.nan_to_num(closes(panel).pct_change(fill_method=None).to_numpy())
        return Signals(entries=moves > 0, exits=moves < 0, short_entries=moves < -0.01, short_exits=moves > 0.01)


class Trailing:
    """Remembers the best price of each position, as per-bar strategies do."""

    def __init__(self) -> None:
        self.best: dict[str, Decimal] = {}

    def should_enter(self, bars: list[Any]) -> bool:
        """Buy what rose."""
        bar = bars[-1]
        self.best[bar.symbol] = bar.close
        return len(bars) > 3 and bar.close > bars[-3].close

    def should_exit(self, position: Any, bars: list[Any]) -> bool:
        """Sell what fell from its best price."""
        bar = bars[-1]
        assert position.symbol == bar.symbol
        self.best[bar.symbol] = max(self.best[bar.symbol], bar.high)
        return bool(bar.close < self.best[bar.symbol] * Decimal("0.97"))

    def position_size(self, capital: Decimal, price: Decimal) -> Decimal:
        """Use a tenth."""
        return capital / 10 // price


class Importing:
    """Loads a library when it is first asked."""

    def signals(self, panel: Panel) -> Signals:
        """Use the time zones of the system and a module that nobody has loaded."""
        import colorsys  # noqa: PLC0415
        from zoneinfo import ZoneInfo  # noqa: PLC0415

        assert colorsys.rgb_to_hsv(0, 0, 0)
        hours = [moment.astimezone(ZoneInfo("America/New_York")).hour for moment in panel.timestamps]
        late = np.repeat(np.array(hours)[:, None] > 12, panel.n_symbols, axis=1)
        return Signals(entries=late, exits=~late)


HONEST: dict[str, Callable[[], Any]] = {
    "moving average": lambda: Entering(lambda panel: closes(panel) > closes(panel).rolling(5).mean()),
    "exponential average": lambda: Entering(lambda panel: closes(panel) > closes(panel).ewm(span=8).mean()),
    "expanding normalization": lambda: Entering(
        lambda panel: (closes(panel) - closes(panel).expanding(2).mean()) / closes(panel).expanding(2).std(ddof=0) < -1
    ),
    "forward-fill": lambda: Entering(lambda panel: closes(panel).ffill().diff() > 0),
    "maximum so far": lambda: Entering(lambda panel: closes(panel) >= closes(panel).cummax()),
    "own bars only": lambda: Entering(
        lambda panel: closes(panel).apply(lambda column: column.dropna().diff(3).reindex(column.index)) > 0
    ),
    "previous week": lambda: Entering(previous_week),
    "first of the month": lambda: Entering(first_of_month),
    "rank of the day": lambda: Entering(rank_of_the_day),
    "intrabar": lambda: Entering(lambda panel: panel.close > (panel.high + panel.low) / 2),
    "volume": lambda: Entering(lambda panel: pd.DataFrame(panel.volume).diff() > 0),
    "slope": lambda: Weighing(regression_slope),
    "volatility target": lambda: Weighing(volatility_target),
    "warm-up": Warming,
    "both ways": BothWays,
    "per bar": PerBar,
    "trailing per bar": Trailing,
    "late import": Importing,
}
"""By what they do."""
