"""Pairs trading: two prices that went together are expected to come together again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestrator_technical.parameters import PairsParameters
from orchestrator_technical.schedule import on_change
from strategy_orchestrator import Panel, WeightStrategy
from strategy_orchestrator.arrays import BoolArray, FloatArray, IntArray
from strategy_orchestrator.models.validation import checked

_LEAST_BARS = 2
_LEAST_SPREAD = 1e-9
"""Two that moved as one, as two listings of one share do, leave nothing to trade but rounding."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two symbols that went together.

    Attributes
    ----------
    distance : float
        Mean squared difference of the two prices, each as a multiple of its first.
    first, second : int
        Their columns.
    spread : float
        Standard deviation of that difference.
    """

    distance: float
    first: int
    second: int
    spread: float


class PairsTrading(WeightStrategy):
    """Trade the pairs that were closest: sell the dearer, buy the cheaper when they part, leave when they meet.

    Evan Gatev, William N. Goetzmann, K. Geert Rouwenhorst, Pairs Trading: Performance of a Relative-Value Arbitrage
    Rule, Review of Financial Studies 19(3), 2006. Prices are those of the panel, so load them adjusted for dividends.
    A share of the sleeve is kept for each pair, half of it for either leg; one trading period follows another, where
    the paper begins a new one every month beside the others. Bars count on the panel's time axis; two symbols are
    compared, and a pair is looked at, on the bars that both have.

    Parameters
    ----------
    formation_bars, trading_bars : int
        Bars over which pairs are compared, and bars for which the closest are then traded.
    n_pairs : int
        How many.
    open_at : float
        Standard deviations of the spread beyond which a pair is opened.
    coverage : float
        Part of the formation's bars that the two must have in common.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        formation_bars: int = 252,
        trading_bars: int = 126,
        n_pairs: int = 5,
        open_at: float = 2.0,
        coverage: float = 0.9,
    ) -> None:
        given: dict[str, object] = {"formation_bars": formation_bars, "trading_bars": trading_bars}
        given |= {"n_pairs": n_pairs, "open_at": open_at, "coverage": coverage}
        self.parameters = checked(PairsParameters, type(self).__name__, given)

    def weights(self, panel: Panel) -> FloatArray:
        """Choose pairs at the end of each formation and ask for weights when one is opened or closed."""
        n_formation, n_trading = self.parameters.formation_bars, self.parameters.trading_bars
        targets = np.zeros(panel.traded.shape)
        for start in range(n_formation, panel.n_bars, n_trading):
            close = panel.close[start - n_formation : start + n_trading]
            pairs = self.choose(close[:n_formation])
            legs = np.zeros(close[n_formation:].shape)
            for pair in pairs:
                states = self.states(close[:, [pair.first, pair.second]], pair.spread)
                legs[:, pair.first] -= states
                legs[:, pair.second] += states
            targets[start : start + n_trading] = legs / max(2 * len(pairs), 1)
        return on_change(targets, panel)

    def choose(self, close: FloatArray) -> list[Pair]:
        """Return the closest pairs of a formation.

        Parameters
        ----------
        close : ndarray
            float64, shape (formation_bars, S); NaN where a symbol has no bar.
        """
        n_pairs = self.parameters.n_pairs
        least = max(_LEAST_BARS, self.parameters.coverage * len(close))
        enough = np.flatnonzero((~np.isnan(close)).sum(axis=0) >= least)
        found = [
            pair
            for place, first in enumerate(enough.tolist())
            for pair in _closest_to(first, enough[place + 1 :], close, least, n_pairs)
        ]
        return sorted(found, key=lambda pair: (pair.distance, pair.first, pair.second))[:n_pairs]

    def states(self, close: FloatArray, spread: float) -> FloatArray:
        """Return which way a pair is held at each bar of its trading period.

        Parameters
        ----------
        close : ndarray
            float64, shape (formation_bars + up to trading_bars, 2).
        spread : float
            Standard deviation of the difference in the formation.

        Returns
        -------
        ndarray
            float64, one for each trading bar: 1 first short and second long, −1 the other way, 0 out.
        """
        n_formation = self.parameters.formation_bars
        common = np.logical_and.reduce(~np.isnan(close), axis=1)
        base = close[np.flatnonzero(common[:n_formation])[-1]]
        apart = np.where(common[:, None], close, np.nan)[n_formation:] / base
        difference = apart[:, 0] - apart[:, 1]
        far = self.parameters.open_at * spread
        dearer, cheaper = (_held(sign * difference > far, sign * difference <= 0.0) for sign in (1.0, -1.0))
        return dearer.astype(np.float64) - cheaper


def _closest_to(first: int, others: IntArray, close: FloatArray, least: float, n_pairs: int) -> list[Pair]:
    # A symbol with all that come after it, at once. Multiples are taken from the first bar that the two have in common.
    common = ~np.isnan(close[:, [first]] + close[:, others])
    begin = common.argmax(axis=0)
    paths = close[:, [first]] / close[begin, first] - close[:, others] / close[begin, others]
    n_bars = common.sum(axis=0)
    safe = np.maximum(n_bars, _LEAST_BARS)
    paths = np.where(common, paths, 0.0)
    distance = (paths**2).sum(axis=0) / safe
    centered = np.where(common, paths - paths.sum(axis=0) / safe, 0.0)
    spread = np.sqrt((centered**2).sum(axis=0) / (safe - 1))
    fit = np.flatnonzero((n_bars >= least) & (spread > _LEAST_SPREAD))
    nearest = fit[np.argsort(distance[fit], kind="stable")[:n_pairs]].tolist()
    return [Pair(distance[place].item(), first, others[place].item(), spread[place].item()) for place in nearest]


def _held(opens: BoolArray, closes: BoolArray) -> BoolArray:
    # From a bar that opens until one that closes; bars that do neither change nothing.
    places = np.arange(len(opens))
    newest = np.maximum.accumulate(np.where(opens | closes, places, -1))
    held: BoolArray = (newest >= 0) & opens[newest]
    return held
