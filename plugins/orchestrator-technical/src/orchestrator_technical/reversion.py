"""Strategies that buy what has fallen."""

from __future__ import annotations

from orchestrator_technical.bars import OwnBars
from orchestrator_technical.forms import OwnBarSignals, Wishes
from orchestrator_technical.indicators import (
    above_and_below,
    deviation,
    is_above,
    relative_strength,
    simple_average,
    stochastic,
)
from orchestrator_technical.parameters import BollingerParameters, Side, StochasticParameters, TwoBarIndexParameters
from strategy_orchestrator.models.validation import checked

_PER_CENT = 100.0


class BollingerReversion(OwnBarSignals):
    """Buy below the lower Bollinger band, leave above the middle.

    John Bollinger, Bollinger on Bollinger Bands, 2001; the deviation is that of the population, as there.

    Parameters
    ----------
    period : int
        Bars of the average and of the deviation.
    width : float
        Standard deviations from the middle to a band.
    side : {"long", "both"}
        Whether to sell short above the upper band.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, period: int = 20, width: float = 2.0, side: Side = "long") -> None:
        given = {"period": period, "width": width, "side": side}
        self.parameters = checked(BollingerParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Compare the close with bands and middle."""
        close, options = bars.close, self.parameters
        middle = simple_average(close, options.period)
        half = options.width * deviation(close, options.period)
        return Wishes(
            entries=is_above(middle - half, close, close),
            exits=is_above(close, middle, close),
            short_entries=lambda: is_above(close, middle + half, close),
            short_exits=lambda: is_above(middle, close, close),
        )


class TwoBarRSI(OwnBarSignals):
    """Buy a short setback in a long rise, by the two-bar relative strength index; leave on the first recovery.

    Larry Connors, Cesar Alvarez, Short Term Trading Strategies That Work, 2008.

    Parameters
    ----------
    period : int
        Changes of the close in the index.
    lower, upper : float
        Buy below the one, sell short above the other.
    trend_bars : int
        Bars of the average above which to buy, below which to sell short.
    exit_bars : int
        Bars of the average beyond which to leave.
    side : {"long", "both"}
        Whether to sell short a recovery in a long fall.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        period: int = 2,
        lower: float = 10.0,
        upper: float = 90.0,
        trend_bars: int = 200,
        exit_bars: int = 5,
        side: Side = "long",
    ) -> None:
        levels = {"period": period, "lower": lower, "upper": upper}
        given = {**levels, "trend_bars": trend_bars, "exit_bars": exit_bars, "side": side}
        self.parameters = checked(TwoBarIndexParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Compare the index with its levels and the close with its averages."""
        close, options = bars.close, self.parameters
        index = relative_strength(close, options.period)
        trend, recent = (simple_average(close, period) for period in (options.trend_bars, options.exit_bars))
        return Wishes(
            entries=is_above(close, trend, trend) & is_above(options.lower - index, 0.0, _PER_CENT),
            exits=is_above(close, recent, recent),
            short_entries=lambda: is_above(trend, close, trend) & is_above(index, options.upper, _PER_CENT),
            short_exits=lambda: is_above(recent, close, recent),
        )


class StochasticReversal(OwnBarSignals):
    """Buy while %K is above %D near the low of the range, leave while it is below near the high.

    George C. Lane, Lane's Stochastics, Technical Analysis of Stocks & Commodities 2(3), 1984: the slow form.

    Parameters
    ----------
    period : int
        Bars of the range in which the close is placed.
    smoothing : int
        Bars over which %K is averaged, and %D from it.
    lower, upper : float
        How low %D must be to buy, how high to leave.
    side : {"long", "both"}
        Whether to sell short where a long position is left.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self, period: int = 14, smoothing: int = 3, lower: float = 20.0, upper: float = 80.0, side: Side = "long"
    ) -> None:
        given = {"period": period, "smoothing": smoothing, "lower": lower, "upper": upper, "side": side}
        self.parameters = checked(StochasticParameters, type(self).__name__, given)
        self.side = self.parameters.side
        self.lookback_bars = self.parameters.period + 2 * self.parameters.smoothing - 3

    def wishes(self, bars: OwnBars) -> Wishes:
        """Look for a turn at either end of the range."""
        options = self.parameters
        prices = (bars.high, bars.low, bars.close)
        k, d = stochastic(prices, options.period, options.smoothing, options.smoothing)
        rising, falling = above_and_below(k, d, _PER_CENT)
        up = rising & is_above(options.lower - d, 0.0, _PER_CENT)
        down = falling & is_above(d, options.upper, _PER_CENT)
        return Wishes.following(up, down)
