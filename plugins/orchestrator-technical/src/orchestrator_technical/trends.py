"""Strategies that follow a trend by other means than a cross of averages."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from orchestrator_technical.bars import OwnBars
from orchestrator_technical.forms import OwnBarSignals, Wishes
from orchestrator_technical.indicators import (
    above_and_below,
    aroon,
    channel_index,
    directional_movement,
    is_above,
    parabolic_stop,
    simple_average,
)
from orchestrator_technical.parameters import (
    AroonParameters,
    ChannelIndexParameters,
    DirectionalParameters,
    ParabolicParameters,
    Side,
    StopsParameters,
)
from strategy_orchestrator import ProtectiveExits
from strategy_orchestrator.arrays import BoolArray
from strategy_orchestrator.models.validation import checked

_PER_CENT = 100.0


class ADXTrend(OwnBarSignals):
    """Enter while directional movement is upward and the trend strong; leave when it turns downward.

    J. Welles Wilder, New Concepts in Technical Trading Systems, 1978, section IV.

    Parameters
    ----------
    period : int
        Bars of Wilder's averages.
    threshold : float
        Enter only while the average directional index is above.
    side : {"long", "both"}
        Whether to be short in a strong downward movement.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, period: int = 14, threshold: float = 25.0, side: Side = "long") -> None:
        given = {"period": period, "threshold": threshold, "side": side}
        self.parameters = checked(DirectionalParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Follow the greater of the two directional indicators."""
        index, rising, falling = directional_movement(bars.high, bars.low, bars.close, self.parameters.period)
        strong = is_above(index, self.parameters.threshold, _PER_CENT)
        up, down = above_and_below(rising, falling, _PER_CENT)
        return Wishes(up & strong, down, down & strong, up)


class ParabolicSAR(OwnBarSignals):
    """Hold while the close is above the parabolic stop, which runs after the price ever faster.

    J. Welles Wilder, New Concepts in Technical Trading Systems, 1978, section II. There the stop is met during a bar;
    here the close decides.

    Parameters
    ----------
    acceleration, maximum : float
        First acceleration factor, which is also its step, and its greatest value.
    side : {"long", "both"}
        Whether to be short while the close is below the stop.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, acceleration: float = 0.02, maximum: float = 0.2, side: Side = "long") -> None:
        given = {"acceleration": acceleration, "maximum": maximum, "side": side}
        self.parameters = checked(ParabolicParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Follow the close."""
        stop = parabolic_stop(bars.high, bars.low, self.parameters.acceleration, self.parameters.maximum)
        return Wishes.following(*above_and_below(bars.close, stop, bars.close))


class TrendWithStops(OwnBarSignals):
    """Enter when the close rises through its moving average; stops, or a fall through the average, end it.

    The stops are those of Kathryn M. Kaminski, Andrew W. Lo, When Do Stop-Loss Rules Stop Losses?, Journal of
    Financial Markets 18, 2014; the average is that of Mebane T. Faber, A Quantitative Approach to Tactical Asset
    Allocation, Journal of Wealth Management 9(4), 2007, looked at on every bar. An entry is asked for once, at the
    bar of the crossing: a state would buy back at once what a stop has just sold.

    Parameters
    ----------
    period : int
        Bars of the moving average.
    stop_loss, trailing_stop, take_profit : float or None
        Fractions of the entry price, for the trailing stop of the best price since entry.
    max_holding_bars : int or None
        Leave at the close of this bar of the position.
    side : {"long", "both"}
        Whether to sell short when the close falls through the average.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        period: int = 200,
        stop_loss: float = 0.08,
        trailing_stop: float | None = None,
        take_profit: float | None = None,
        max_holding_bars: int | None = None,
        side: Side = "long",
    ) -> None:
        levels = {"stop_loss": stop_loss, "trailing_stop": trailing_stop, "take_profit": take_profit}
        given = {"period": period, **levels, "max_holding_bars": max_holding_bars, "side": side}
        self.parameters = checked(StopsParameters, type(self).__name__, given)
        self.side = self.parameters.side
        exact = {name: None if level is None else Decimal(str(level)) for name, level in levels.items()}
        self.protective_exits = ProtectiveExits(**exact, max_holding_bars=max_holding_bars)

    def wishes(self, bars: OwnBars) -> Wishes:
        """Enter on the way through the average; leave on its other side."""
        average = simple_average(bars.close, self.parameters.period)
        above, below = above_and_below(bars.close, average, average)
        return Wishes(_since_the_other(above, below), below, _since_the_other(below, above), above)


class Aroon(OwnBarSignals):
    """Enter while the highest high is newer than the lowest low, and new enough; leave when the low is the newer.

    Tushar Chande, A Time Price Oscillator, Technical Analysis of Stocks & Commodities 13(9), 1995.

    Parameters
    ----------
    period : int
        Bars in which the extremes are looked for.
    threshold : float
        Enter only while the leading line is above.
    side : {"long", "both"}
        Whether to be short where the low is the newer, and new enough.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, period: int = 25, threshold: float = 70.0, side: Side = "long") -> None:
        given = {"period": period, "threshold": threshold, "side": side}
        self.parameters = checked(AroonParameters, type(self).__name__, given)
        self.side = self.parameters.side
        self.lookback_bars = self.parameters.period

    def wishes(self, bars: OwnBars) -> Wishes:
        """Follow the newer extreme."""
        up, down = aroon(bars.high, bars.low, self.parameters.period)
        rising, falling = above_and_below(up, down, _PER_CENT)
        threshold = self.parameters.threshold
        strong_up, strong_down = is_above(up, threshold, _PER_CENT), is_above(down, threshold, _PER_CENT)
        return Wishes(rising & strong_up, falling, falling & strong_down, rising)


class CCITrend(OwnBarSignals):
    """Hold while the typical price is unusually far above its average.

    Donald R. Lambert, Commodity Channel Index: Tools for Trading Cyclic Trends, Commodities, October 1980: long above
    +100, short below −100, out between.

    Parameters
    ----------
    period : int
        Bars of the average and of the mean deviation.
    level : float
        What 100 is there.
    side : {"long", "both"}
        Whether to be short below the negative level.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, period: int = 20, level: float = 100.0, side: Side = "long") -> None:
        given = {"period": period, "level": level, "side": side}
        self.parameters = checked(ChannelIndexParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Be in beyond the level, out within it."""
        level = self.parameters.level
        index = channel_index(bars.high, bars.low, bars.close, self.parameters.period)
        high, low = is_above(index, level, level), is_above(-index, level, level)
        known = ~np.isnan(index)
        return Wishes(high, known & ~high, low, known & ~low)


def _since_the_other(here: BoolArray, there: BoolArray) -> BoolArray:
    # True where `here` begins after `there`; bars that are neither, on the average itself, do not count.
    places = np.arange(here.shape[-1])
    newest = np.maximum.accumulate(np.where(here | there, places, -1), axis=-1)
    before = np.full(here.shape, -1)
    before[..., 1:] = newest[..., :-1]
    begins: BoolArray = here & (before >= 0) & np.take_along_axis(there, before, axis=-1)
    return begins
