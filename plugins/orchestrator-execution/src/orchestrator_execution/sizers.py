"""What share of a sleeve one entry may use, by the volatility of its symbol."""

from __future__ import annotations

import numpy as np

from orchestrator_execution.own_bars import known_before, moving_deviation, moving_mean, own_bars
from orchestrator_execution.parameters import Volatility, VolatilityParameters
from strategy_orchestrator import Panel, Sizer
from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.validation import checked


class VolatilitySizer(Sizer):
    """Size entries so that a bad move costs the same share of the sleeve, whatever the symbol.

    The share is risk ÷ (multiple × volatility), at most `most`: the per cent volatility model of V. K. Tharp, Trade
    Your Way to Financial Freedom, 1998, where a volatility is the mean true range, or the standard deviation, of a bar.

    Parameters
    ----------
    risk : float
        In (0, 1]: share of the sleeve that a move of `multiple` volatilities costs.
    multiple : float
        In (0, 100].
    lookback : int
        Bars of the symbol over which is measured, at least 2.
    volatility : {"true-range", "deviation"}
        The mean of true range ÷ close before, or the sample standard deviation of the returns.
    most : float
        In (0, 1]: largest share for one entry.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        risk: float = 0.01,
        multiple: float = 2.0,
        lookback: int = 20,
        volatility: Volatility = "true-range",
        most: float = 1.0,
    ) -> None:
        given = {"risk": risk, "multiple": multiple, "lookback": lookback, "volatility": volatility, "most": most}
        self._options = checked(VolatilityParameters, type(self).__name__, given)
        self.lookback_bars = self._options.lookback + 1

    def fractions(self, panel: Panel) -> FloatArray:
        """Return float64, shape (T, S), in (0, 1].

        Row t uses bars before t. Until a symbol has `lookback` + 1 of them it gets an equal slot, 1 ÷ S, at most
        `most`.
        """
        options = self._options
        volatilities = self._volatilities(panel)
        # Where nothing moves, the largest share.
        shares = np.full(volatilities.shape, options.most)
        np.divide(options.risk, options.multiple * volatilities, out=shares, where=volatilities != 0.0)
        return known_before(np.minimum(shares, options.most), panel, min(1.0 / panel.n_symbols, options.most))

    def _volatilities(self, panel: Panel) -> FloatArray:
        # Of each own bar, shape (K, S); NaN while unknown.
        closes = own_bars(panel.close, panel)
        before = np.vstack([np.full((1, panel.n_symbols), np.nan), closes[:-1]])
        if self._options.volatility == "deviation":
            returns = closes / before - 1.0
            return _after_first(moving_deviation(returns[1:], self._options.lookback), returns)
        highs, lows = own_bars(panel.high, panel), own_bars(panel.low, panel)
        ranges = (np.maximum(highs, before) - np.minimum(lows, before)) / before
        return _after_first(moving_mean(ranges[1:], self._options.lookback), ranges)


def _after_first(values: FloatArray, like: FloatArray) -> FloatArray:
    # The first bar has none before it.
    return np.vstack([np.full_like(like[:1], np.nan), values])
