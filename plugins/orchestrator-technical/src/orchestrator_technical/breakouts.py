"""Strategies that buy what leaves its range."""

from __future__ import annotations

import numpy as np

from orchestrator_technical.bars import OwnBars
from orchestrator_technical.forms import OwnBarSignals, Wishes
from orchestrator_technical.indicators import exponential_average, highest, is_above, lowest, true_range_average
from orchestrator_technical.parameters import ChandelierParameters, DonchianParameters, KeltnerParameters, Side
from strategy_orchestrator.arrays import BoolArray, FloatArray
from strategy_orchestrator.models.validation import checked


class DonchianBreakout(OwnBarSignals):
    """Enter above the highest high of the bars before, leave below the lowest low of fewer.

    Richard Donchian's channel with the first system of Curtis M. Faith, Way of the Turtle, 2007 (20 and 10 bars; the
    second is 55 and 20). The turtles entered during the bar and added to winners; here the close decides, once.

    Parameters
    ----------
    entry_bars, exit_bars : int
        Bars before this one whose extremes count, for the exit up to those for the entry.
    side : {"long", "both"}
        Whether to sell short below the lowest low of `entry_bars`.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, entry_bars: int = 20, exit_bars: int = 10, side: Side = "long") -> None:
        given = {"entry_bars": entry_bars, "exit_bars": exit_bars, "side": side}
        self.parameters = checked(DonchianParameters, type(self).__name__, given)
        self.side = self.parameters.side
        self.lookback_bars = self.parameters.entry_bars

    def wishes(self, bars: OwnBars) -> Wishes:
        """Compare the close with the channels of the bars before."""
        entry, leave = self.parameters.entry_bars, self.parameters.exit_bars
        return Wishes(
            entries=_against_before(np.greater, bars.close, highest(bars.high, entry)),
            exits=_against_before(np.less, bars.close, lowest(bars.low, leave)),
            short_entries=lambda: _against_before(np.less, bars.close, lowest(bars.low, entry)),
            short_exits=lambda: _against_before(np.greater, bars.close, highest(bars.high, leave)),
        )


class KeltnerBreakout(OwnBarSignals):
    """Enter when the close leaves the channel around its exponential average, leave when it is back at the average.

    Chester W. Keltner, How to Make Money in Commodities, 1960, with the exponential average and Wilder's true range
    that Linda Bradford Raschke gave it.

    Parameters
    ----------
    period, range_bars : int
        Bars of the average, and of the average true range.
    multiple : float
        Average true ranges from the average to an edge.
    side : {"long", "both"}
        Whether to sell short below the lower edge.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, period: int = 20, range_bars: int = 10, multiple: float = 2.0, side: Side = "long") -> None:
        given = {"period": period, "range_bars": range_bars, "multiple": multiple, "side": side}
        self.parameters = checked(KeltnerParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Compare the close with edges and middle of the channel."""
        close, options = bars.close, self.parameters
        middle = exponential_average(close, options.period)
        half = options.multiple * true_range_average(bars.high, bars.low, close, options.range_bars)
        return Wishes(
            entries=is_above(close, middle + half, close),
            exits=is_above(middle, close, close),
            short_entries=lambda: is_above(middle - half, close, close),
            short_exits=lambda: is_above(close, middle, close),
        )


class ChandelierTrend(OwnBarSignals):
    """Enter above the highest high of the bars before; leave some average true ranges below the newest highs.

    The exit is Charles Le Beau's, in Alexander Elder, Come Into My Trading Room, 2002: 3 average true ranges below
    the highest high of 22 bars. That high is taken whether or not the position was held already.

    Parameters
    ----------
    entry_bars : int
        Bars before this one whose extreme must be passed.
    exit_bars : int
        Bars of the extreme that the stop hangs from, and of the average true range.
    multiple : float
        Average true ranges from that extreme to the stop.
    side : {"long", "both"}
        Whether to sell short below the lowest low.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, entry_bars: int = 55, exit_bars: int = 22, multiple: float = 3.0, side: Side = "long") -> None:
        given = {"entry_bars": entry_bars, "exit_bars": exit_bars, "multiple": multiple, "side": side}
        self.parameters = checked(ChandelierParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Compare the close with the channel of the bars before and with the stop."""
        high, low, close, options = bars.high, bars.low, bars.close, self.parameters
        room = options.multiple * true_range_average(high, low, close, options.exit_bars)
        return Wishes(
            entries=_against_before(np.greater, close, highest(high, options.entry_bars)),
            exits=is_above(highest(high, options.exit_bars) - room, close, close),
            short_entries=lambda: _against_before(np.less, close, lowest(low, options.entry_bars)),
            short_exits=lambda: is_above(close, lowest(low, options.exit_bars) + room, close),
        )


def _against_before(compare: np.ufunc, values: FloatArray, levels: FloatArray) -> BoolArray:
    # Each value with the level of the bar before it; False where there is none.
    held = np.zeros(values.shape, np.bool_)
    compare(values[..., 1:], levels[..., :-1], out=held[..., 1:])
    return held
