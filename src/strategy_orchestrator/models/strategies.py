"""The three forms of a strategy.

Subclassing is optional: an object with the methods of a form is a strategy of that form. Any of them may carry the
attributes `protective_exits`, `warmup_bars`, `lookback_bars` and `label`.

`lookback_bars` is how many bars before the current one the strategy depends on: with 20, what it says of a bar comes
from that bar and the 20 before it, of the time axis or of a symbol's own, and from nothing else. Prices that come in
chunks are handed to it with so many bars before each chunk. An average of 50 bars looks back on 49; one that is
compared with its value at the bar before, on 50. An exponential average looks back on all, which is None.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol, TypeAlias, runtime_checkable

from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.bars import HistoricalDataBar
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import ProtectiveExits, Signals
from strategy_orchestrator.models.trades import Position


class IStrategy(ABC):
    """Decide bar by bar, symbol by symbol, from the history up to the current bar.

    A method `position_size(capital, price)` that returns a quantity is honored if there is one: `capital` is what the
    sleeve offers for the entry and `price` the fill price, both Decimal.
    """

    protective_exits: ProtectiveExits | None = None
    warmup_bars: int = 0
    lookback_bars: int | None = None

    @abstractmethod
    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether to go long; asked at the close of `bars[-1]` while no position is held."""

    @abstractmethod
    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether to leave; asked at the close of `bars[-1]` while the position is held."""


class SignalStrategy(ABC):
    """Decide for all bars at once with boolean arrays."""

    protective_exits: ProtectiveExits | None = None
    warmup_bars: int = 0
    lookback_bars: int | None = None

    @abstractmethod
    def signals(self, panel: Panel) -> Signals:
        """Return bool arrays of shape (T, S); row t may use bars up to t only."""


class WeightStrategy(ABC):
    """Decide for all bars at once with target weights."""

    protective_exits: ProtectiveExits | None = None
    warmup_bars: int = 0
    lookback_bars: int | None = None

    @abstractmethod
    def weights(self, panel: Panel) -> FloatArray:
        """Return float64, shape (T, S): share of the sleeve's equity in [-1, 1], NaN to leave as it is."""


@runtime_checkable
class PerBar(Protocol):
    """Anything with the methods of `IStrategy`."""

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether to go long."""

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether to leave."""


@runtime_checkable
class Vectorized(Protocol):
    """Anything with the method of `SignalStrategy`."""

    def signals(self, panel: Panel) -> Signals:
        """Return the signals of all bars."""


@runtime_checkable
class Weighted(Protocol):
    """Anything with the method of `WeightStrategy`."""

    def weights(self, panel: Panel) -> FloatArray:
        """Return the target weights of all bars."""


Strategy: TypeAlias = PerBar | Vectorized | Weighted


def lookback_of(thing: object) -> int | None:
    """Return how many bars before the current one something says that it depends on; None when it does not say so."""
    bars = getattr(thing, "lookback_bars", None)
    return bars if isinstance(bars, int) and not isinstance(bars, bool) and bars >= 0 else None
