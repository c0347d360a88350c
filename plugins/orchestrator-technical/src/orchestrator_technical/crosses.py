"""Crosses of moving averages."""

from __future__ import annotations

from orchestrator_technical.bars import OwnBars
from orchestrator_technical.forms import OwnBarSignals, Wishes
from orchestrator_technical.indicators import (
    above_and_below,
    convergence,
    exponential_average,
    is_above,
    simple_average,
)
from orchestrator_technical.parameters import AverageCrossParameters, ExponentialCrossParameters, MACDParameters, Side
from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.validation import checked


class SMACross(OwnBarSignals):
    """Hold while the fast moving average of the closes is above the slow one.

    William Brock, Josef Lakonishok, Blake LeBaron, Simple Technical Trading Rules and the Stochastic Properties of
    Stock Returns, Journal of Finance 47(5), 1992: the variable-length rule. There a position ends as soon as the fast
    average comes back into the band; here it lasts until the other edge, so that the band saves trades.

    Parameters
    ----------
    fast, slow : int
        Bars of the two averages, fast below slow.
    band : float
        Fraction by which the fast average must be above, or below, the slow one.
    side : {"long", "both"}
        Whether to be short while it is below.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, fast: int = 50, slow: int = 200, band: float = 0.0, side: Side = "long") -> None:
        given = {"fast": fast, "slow": slow, "band": band, "side": side}
        self.parameters = checked(AverageCrossParameters, type(self).__name__, given)
        self.side = self.parameters.side
        self.lookback_bars = self.parameters.slow - 1

    def wishes(self, bars: OwnBars) -> Wishes:
        """Follow the fast average."""
        options = self.parameters
        fast, slow = (simple_average(bars.close, period) for period in (options.fast, options.slow))
        return _cross(fast, slow, options.band)


class EMACross(OwnBarSignals):
    """Hold while the fast exponential average of the closes is above the slow one.

    The rule is that of `SMACross`, the average that of Robert G. Brown, Statistical Forecasting for Inventory Control,
    1959; it begins with a plain mean.

    Parameters
    ----------
    fast, slow : int
        Bars of the two averages, fast below slow.
    band : float
        Fraction by which the fast average must be above, or below, the slow one.
    side : {"long", "both"}
        Whether to be short while it is below.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, fast: int = 20, slow: int = 50, band: float = 0.0, side: Side = "long") -> None:
        given = {"fast": fast, "slow": slow, "band": band, "side": side}
        self.parameters = checked(ExponentialCrossParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Follow the fast average."""
        options = self.parameters
        fast, slow = (exponential_average(bars.close, period) for period in (options.fast, options.slow))
        return _cross(fast, slow, options.band)


class MACD(OwnBarSignals):
    """Hold while the difference of two exponential averages is above its own average, the signal line.

    Gerald Appel, The Moving Average Convergence-Divergence Trading Method, 1979.

    Parameters
    ----------
    fast, slow : int
        Bars of the two averages, fast below slow.
    signal : int
        Bars of the signal line.
    side : {"long", "both"}
        Whether to be short while the difference is below.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, fast: int = 12, slow: int = 26, signal: int = 9, side: Side = "long") -> None:
        given = {"fast": fast, "slow": slow, "signal": signal, "side": side}
        self.parameters = checked(MACDParameters, type(self).__name__, given)
        self.side = self.parameters.side

    def wishes(self, bars: OwnBars) -> Wishes:
        """Follow the difference."""
        options = self.parameters
        line, signal = convergence(bars.close, options.fast, options.slow, options.signal)
        return Wishes.following(*above_and_below(line, signal, bars.close))


def _cross(fast: FloatArray, slow: FloatArray, band: float) -> Wishes:
    if band:
        return Wishes.following(is_above(fast, slow * (1.0 + band), slow), is_above(slow * (1.0 - band), fast, slow))
    return Wishes.following(*above_and_below(fast, slow, slow))
