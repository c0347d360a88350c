"""Buy and hold, moving-average cross and relative strength index, each in two forms that trade alike.

The classes that end in `Strategy` are asked bar by bar, those that end in `Signals` once for the whole panel. All
speak of states, not of the moments in which they begin: momentum wants to be in as long as the fast average is above
the slow one. So an order that was dropped in a conflict, or blocked for want of capital, is asked for again.

The per-bar classes remember what they have read of each symbol, so that a bar costs the same however long the history
is. When another history is handed in they read it from its beginning; copies and pickles remember nothing.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from orchestrator_starter.indicators import (
    FollowedHistory,
    HistoryMemory,
    WilderHistory,
    is_rsi_above,
    is_rsi_below,
    lead,
    leads,
    own_closes,
    to_panel_rows,
    wilder_averages,
)
from orchestrator_starter.parameters import MomentumParameters, RSIParameters
from strategy_orchestrator import HistoricalDataBar, IStrategy, Panel, Position, Signals, SignalStrategy
from strategy_orchestrator.models.validation import checked


class BuyAndHoldStrategy(IStrategy):
    """Buy at the first chance and never sell, bar by bar."""

    lookback_bars = 0

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Return True."""
        del bars
        return True

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Return False."""
        del position, bars
        return False


class BuyAndHoldSignals(SignalStrategy):
    """Buy at the first chance and never sell, for all bars at once."""

    lookback_bars = 0

    def signals(self, panel: Panel) -> Signals:
        """Enter at every bar of a symbol; leave at none."""
        return Signals(entries=panel.traded, exits=np.zeros_like(panel.traded))


class MomentumStrategy(IStrategy):
    """Hold while the fast moving average of the closes is above the slow one, bar by bar.

    Parameters
    ----------
    fast, slow : int
        Bars of the two averages, fast below slow.

    Raises
    ------
    ConfigError
        If a number is out of bounds.
    """

    def __init__(self, fast: int = 10, slow: int = 50) -> None:
        self.parameters = checked(MomentumParameters, type(self).__name__, {"fast": fast, "slow": slow})
        self.lookback_bars = self.parameters.slow - 1
        self._memory = HistoryMemory(FollowedHistory)

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether the fast average is above the slow one."""
        return self._lead(bars) > 0

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether the fast average is below the slow one."""
        del position
        return self._lead(bars) < 0

    def _lead(self, bars: list[HistoricalDataBar]) -> int:
        fast, slow = self.parameters.fast, self.parameters.slow
        if len(bars) < slow:
            return 0
        closes = self._memory.brought_to(bars).closes
        return lead(sum(closes[-fast:]), sum(closes[-slow:]), fast, slow)


class MomentumSignals(SignalStrategy):
    """Hold while the fast moving average of the closes is above the slow one, for all bars at once.

    Parameters
    ----------
    fast, slow : int
        Bars of the two averages, fast below slow; a symbol's own bars, gaps left out.

    Raises
    ------
    ConfigError
        If a number is out of bounds.
    """

    def __init__(self, fast: int = 10, slow: int = 50) -> None:
        self.parameters = checked(MomentumParameters, type(self).__name__, {"fast": fast, "slow": slow})
        self.lookback_bars = self.parameters.slow - 1

    def signals(self, panel: Panel) -> Signals:
        """Enter while the fast average is above the slow one, leave while it is below."""
        ahead = leads(own_closes(panel), self.parameters.fast, self.parameters.slow)
        return Signals(
            entries=to_panel_rows(np.greater(ahead, 0).astype(np.bool_), panel),
            exits=to_panel_rows(np.less(ahead, 0).astype(np.bool_), panel),
        )


class RSIStrategy(IStrategy):
    """Buy what has fallen and sell what has risen by Wilder's relative strength index, bar by bar.

    Parameters
    ----------
    period : int
        Of Wilder's averages.
    lower, upper : float
        Enter below the one, leave above the other.

    Raises
    ------
    ConfigError
        If a number is out of bounds.
    """

    def __init__(self, period: int = 14, lower: float = 30.0, upper: float = 70.0) -> None:
        given = {"period": period, "lower": lower, "upper": upper}
        self.parameters = checked(RSIParameters, type(self).__name__, given)
        self._memory = HistoryMemory(partial(WilderHistory, period))

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether the index is below `lower`."""
        return bool(is_rsi_below(*self._memory.brought_to(bars).averages, self.parameters.lower))

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether the index is above `upper`."""
        del position
        return bool(is_rsi_above(*self._memory.brought_to(bars).averages, self.parameters.upper))


class RSISignals(SignalStrategy):
    """Buy what has fallen and sell what has risen by Wilder's relative strength index, for all bars at once.

    Parameters
    ----------
    period : int
        Of Wilder's averages, over a symbol's own bars, gaps left out.
    lower, upper : float
        Enter below the one, leave above the other.

    Raises
    ------
    ConfigError
        If a number is out of bounds.
    """

    def __init__(self, period: int = 14, lower: float = 30.0, upper: float = 70.0) -> None:
        given = {"period": period, "lower": lower, "upper": upper}
        self.parameters = checked(RSIParameters, type(self).__name__, given)

    def signals(self, panel: Panel) -> Signals:
        """Enter while the index is below `lower`, leave while it is above `upper`."""
        gains, losses = wilder_averages(own_closes(panel), self.parameters.period)
        return Signals(
            entries=to_panel_rows(np.asarray(is_rsi_below(gains, losses, self.parameters.lower)), panel),
            exits=to_panel_rows(np.asarray(is_rsi_above(gains, losses, self.parameters.upper)), panel),
        )
