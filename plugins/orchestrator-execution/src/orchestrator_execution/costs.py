"""What a fill costs, by a spread estimated from the prices."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from orchestrator_execution.own_bars import known_before, moving_mean, own_bars
from orchestrator_execution.parameters import HalfSpreadParameters
from strategy_orchestrator import CostModel, Costs, Panel
from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.validation import checked


class HalfSpreadCosts(CostModel):
    """Charge half the spread between bid and ask as slippage, estimated from high, low and close.

    With c the log close and η the mean of log high and log low, the squared spread is 4 × the mean of
    (c[k-1] - η[k-1]) × (c[k-1] - η[k]) over the last pairs of bars, 0 when that is negative: F. Abdi and A. Ranaldo, A
    simple estimation of bid-ask spreads from daily close, high, and low prices, Review of Financial Studies 30(12),
    2017, over a moving lookback where they take months.

    Parameters
    ----------
    lookback : int
        Pairs of bars, at least 1.
    least, most : float
        In [0, 0.5]: bounds of the slippage, as fractions of the price. Until a symbol has `lookback` + 1 bars it is the
        least.
    commission_per_trade, commission_per_share, commission_pct : Decimal
        Money a fill and a unit of quantity, and a fraction of the notional.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        lookback: int = 21,
        least: float = 0.0005,
        most: float = 0.05,
        commission_per_trade: Decimal = Decimal(0),
        commission_per_share: Decimal = Decimal(0),
        commission_pct: Decimal = Decimal(0),
    ) -> None:
        given = {
            "lookback": lookback,
            "least": least,
            "most": most,
            "commission_per_trade": commission_per_trade,
            "commission_per_share": commission_per_share,
            "commission_pct": commission_pct,
        }
        self._options = checked(HalfSpreadParameters, type(self).__name__, given)
        self.lookback_bars = self._options.lookback + 1

    def costs(self, panel: Panel) -> Costs:
        """Return the commissions, and the slippage as float64 of shape (T, S); row t uses bars before t."""
        options = self._options
        halves = np.clip(half_spreads(panel, options.lookback), options.least, options.most)
        return Costs(
            commission_per_trade=options.commission_per_trade,
            commission_per_share=options.commission_per_share,
            commission_pct=options.commission_pct,
            slippage_pct=known_before(halves, panel, options.least),
        )


def half_spreads(panel: Panel, lookback: int) -> FloatArray:
    """Estimate half the spread, as a fraction of the price, at each own bar of each symbol.

    Returns
    -------
    ndarray
        float64, shape (K, S); NaN for the first `lookback` bars.
    """
    middles = (np.log(own_bars(panel.high, panel)) + np.log(own_bars(panel.low, panel))) / 2.0
    closes = np.log(own_bars(panel.close, panel))
    products = (closes[:-1] - middles[:-1]) * (closes[:-1] - middles[1:])
    # Half of the root of four times the mean is the root of the mean.
    halves = np.sqrt(np.maximum(moving_mean(products, lookback), 0.0))
    return np.vstack([np.full((1, panel.n_symbols), np.nan), halves])
