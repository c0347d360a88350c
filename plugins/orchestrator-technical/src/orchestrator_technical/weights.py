"""Target weights of each symbol by itself: time-series momentum and volatility targeting.

A symbol's slot is the sleeve's equity divided by the number of symbols in the panel; each strategy says which part of
its slot a symbol fills. Weights are renewed at the first bar of a period, and left alone in between.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from orchestrator_technical.bars import OwnBars, before, each_symbol
from orchestrator_technical.indicators import deviation, exponential_average
from orchestrator_technical.parameters import Rebalance, Side, TimeSeriesParameters, VolatilityTargetParameters
from orchestrator_technical.schedule import begins_period
from strategy_orchestrator import Panel, WeightStrategy
from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.validation import checked


class OwnBarWeights(WeightStrategy):
    """Target weights of each symbol from its own bars; another symbol makes no difference but for their number."""

    rebalance: Rebalance = "month"

    @abstractmethod
    def slot_shares(self, bars: OwnBars) -> FloatArray:
        """Return float64, shape (K,), in [-1, 1]: how much of its slot the symbol fills; NaN where it is not known."""

    def weights(self, panel: Panel) -> FloatArray:
        """Ask for each symbol by itself at the first bar of each period."""
        asked = np.full(panel.traded.shape, np.nan)
        for bars in each_symbol(panel):
            begins = begins_period(bars.times_ns, self.rebalance)
            asked[bars.rows[begins], bars.column] = self.slot_shares(bars)[begins] / panel.n_symbols
        return asked


class TimeSeriesMomentum(OwnBarWeights):
    """Go the way that the price has gone for a year, the less the wilder it is.

    Tobias J. Moskowitz, Yao Hua Ooi, Lasse Heje Pedersen, Time Series Momentum, Journal of Financial Economics 104(2),
    2012: the sign of the past return, times target volatility ÷ volatility, section 4.1. The volatility is exponential
    as in their equation 1, with the mean taken as zero. They borrow for calm prices; here a slot is the limit. The
    return is not in excess of a bill's.

    Parameters
    ----------
    lookback_bars : int
        Bars whose return tells the direction.
    target_volatility : float
        Annual volatility to which a full position is scaled down.
    center_of_mass : int
        Mean age of the squared returns in the volatility, bars.
    bars_per_year : int
        For annual volatility.
    rebalance : {"week", "month", "quarter"}
        When the weights are renewed.
    side : {"long", "both"}
        Whether to be short, or out, after a fall.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        lookback_bars: int = 252,
        target_volatility: float = 0.4,
        center_of_mass: int = 60,
        bars_per_year: int = 252,
        rebalance: Rebalance = "month",
        side: Side = "both",
    ) -> None:
        given: dict[str, object] = {"lookback_bars": lookback_bars, "target_volatility": target_volatility}
        given |= {"center_of_mass": center_of_mass, "bars_per_year": bars_per_year}
        given |= {"rebalance": rebalance, "side": side}
        self.parameters = checked(TimeSeriesParameters, type(self).__name__, given)
        self.rebalance = self.parameters.rebalance

    def slot_shares(self, bars: OwnBars) -> FloatArray:
        """Multiply the sign of the past return with the share that the volatility allows."""
        options = self.parameters
        direction = np.sign(bars.close - before(bars.close, options.lookback_bars))
        squares = exponential_average(_returns(bars) ** 2, 2 * options.center_of_mass + 1)
        yearly = np.sqrt(options.bars_per_year * squares)
        shares = direction * _calm_share(_with_first(yearly), options.target_volatility, 1.0)
        return shares if options.side == "both" else np.maximum(shares, 0.0)


class VolatilityTarget(OwnBarWeights):
    """Hold every symbol, the less the wilder it has been of late.

    Alan Moreira, Tyler Muir, Volatility-Managed Portfolios, Journal of Finance 72(4), 2017, who divide by the variance
    of a month; the division by the volatility, for a target, is that of Campbell R. Harvey and others, The Impact of
    Volatility Targeting, Journal of Portfolio Management 45(1), 2018. Nothing is borrowed.

    Parameters
    ----------
    target_volatility : float
        Annual volatility to which a slot is scaled down.
    lookback_bars : int
        Returns whose deviation is measured.
    max_weight : float
        Greatest share of a slot.
    bars_per_year : int
        For annual volatility.
    rebalance : {"week", "month", "quarter"}
        When the weights are renewed.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        target_volatility: float = 0.1,
        lookback_bars: int = 21,
        max_weight: float = 1.0,
        bars_per_year: int = 252,
        rebalance: Rebalance = "month",
    ) -> None:
        given: dict[str, object] = {"target_volatility": target_volatility, "lookback_bars": lookback_bars}
        given |= {"max_weight": max_weight, "bars_per_year": bars_per_year, "rebalance": rebalance}
        self.parameters = checked(VolatilityTargetParameters, type(self).__name__, given)
        self.rebalance = self.parameters.rebalance

    def slot_shares(self, bars: OwnBars) -> FloatArray:
        """Divide the target by the volatility."""
        options = self.parameters
        n_returns = options.lookback_bars
        sample = options.bars_per_year * n_returns / (n_returns - 1)
        yearly = deviation(_returns(bars), n_returns) * np.sqrt(sample)
        return _calm_share(_with_first(yearly), options.target_volatility, options.max_weight)


def _returns(bars: OwnBars) -> FloatArray:
    return bars.close[1:] / bars.close[:-1] - 1.0


def _with_first(values: FloatArray) -> FloatArray:
    # Returns begin at the second bar.
    return np.concatenate([[np.nan], values])


def _calm_share(volatility: FloatArray, target: float, largest: float) -> FloatArray:
    # min(largest, target / volatility), for a price that never moves as well.
    share: FloatArray = target / np.maximum(volatility, target / largest)
    return share
