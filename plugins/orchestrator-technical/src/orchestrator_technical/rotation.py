"""Rotations: rank all symbols, hold the best.

Ranked are the symbols that have had a bar since the ranking before, by their newest one. The panel's first bar in a
new period ranks; each symbol's own first bar in it asks for the weight.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from orchestrator_technical.bars import OwnBars, before, each_symbol
from orchestrator_technical.indicators import highest
from orchestrator_technical.parameters import Rebalance, RotationParameters, Side, YearHighParameters
from orchestrator_technical.schedule import begins_period
from strategy_orchestrator import Panel, WeightStrategy
from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.models.validation import checked

_ROUNDING = 1e-9


class Rotation(WeightStrategy):
    """Hold the symbols with the greatest scores in equal parts.

    Attributes
    ----------
    fraction : float
        Part of the ranked symbols that is held, one at least; at most one half.
    rebalance : {"week", "month", "quarter"}
        When they are ranked.
    side : {"long", "both"}
        Whether the sleeve is held by the winners, or one half by them and the other, short, by the losers.
    """

    fraction: float = 0.1
    rebalance: Rebalance = "month"
    side: Side = "long"

    @abstractmethod
    def scores(self, bars: OwnBars) -> FloatArray:
        """Return float64, shape (K,): by what one symbol is ranked; NaN where it is not known."""

    def weights(self, panel: Panel) -> FloatArray:
        """Rank at the first bar of each period, and ask each symbol at its own first bar in it."""
        scores = np.full(panel.traded.shape, np.nan)
        for bars in each_symbol(panel):
            scores[bars.rows, bars.column] = self.scores(bars)
        begins = begins_period(panel.timestamps_ns, self.rebalance)
        targets = self._targets(panel, scores, np.flatnonzero(begins))
        rankings = np.cumsum(begins)
        asked = np.full(panel.traded.shape, np.nan)
        for bars in each_symbol(panel):
            numbers = rankings[bars.rows]
            first = np.diff(numbers, prepend=0) > 0
            asked[bars.rows[first], bars.column] = targets[numbers[first] - 1, bars.column]
        return asked

    def _targets(self, panel: Panel, scores: FloatArray, rows: IntArray) -> FloatArray:
        # One row a ranking; NaN for a symbol that has no score yet.
        targets = np.full((len(rows), panel.n_symbols), np.nan)
        newest = _newest_rows(panel)
        columns = np.arange(panel.n_symbols)
        for ranking, (row, previous) in enumerate(zip(rows, [-1, *rows], strict=False)):
            current = scores[newest[row], columns]
            known = (newest[row] >= 0) & ~np.isnan(current)
            ranked = np.flatnonzero(known & (newest[row] > previous))
            targets[ranking, known] = 0.0
            # Ties go by name, for symbols are sorted.
            order = ranked[np.argsort(-current[ranked], kind="stable")]
            self._fill(targets[ranking], order)
        return targets

    def _fill(self, targets: FloatArray, order: IntArray) -> None:
        n_held = min(max(1, int(len(order) * self.fraction + _ROUNDING)), len(order))
        if self.side == "long":
            targets[order[:n_held]] = 1.0 / max(n_held, 1)
        elif len(order) > 1:
            targets[order[:n_held]] = 0.5 / n_held
            targets[order[-n_held:]] = -0.5 / n_held


class MomentumRotation(Rotation):
    """Hold the symbols that have risen most over half a year, the newest week left out.

    Narasimhan Jegadeesh, Sheridan Titman, Returns to Buying Winners and Selling Losers, Journal of Finance 48(1),
    1993. There portfolios of several months overlap; here there is one, renewed as a whole.

    Parameters
    ----------
    lookback_bars, skip_bars : int
        A symbol's own bars whose return ranks it, and the newest ones left out of them.
    fraction : float
        Part of the ranked symbols that is held, one at least.
    rebalance : {"week", "month", "quarter"}
        When they are ranked.
    side : {"long", "both"}
        Whether the losers are sold short.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        lookback_bars: int = 126,
        skip_bars: int = 5,
        fraction: float = 0.1,
        rebalance: Rebalance = "month",
        side: Side = "long",
    ) -> None:
        given: dict[str, object] = {"lookback_bars": lookback_bars, "skip_bars": skip_bars, "fraction": fraction}
        given |= {"rebalance": rebalance, "side": side}
        self.parameters = checked(RotationParameters, type(self).__name__, given)
        self.fraction, self.side = self.parameters.fraction, self.parameters.side
        self.rebalance = self.parameters.rebalance

    def scores(self, bars: OwnBars) -> FloatArray:
        """Return what the close before the skipped bars is of the one at the beginning."""
        options = self.parameters
        score: FloatArray = before(bars.close, options.skip_bars) / before(bars.close, options.lookback_bars)
        return score


class YearHighRotation(Rotation):
    """Hold the symbols that are nearest to their highest price of the year.

    Thomas J. George, Chuan-Yang Hwang, The 52-Week High and Momentum Investing, Journal of Finance 59(5), 2004. There
    portfolios of six months overlap; here there is one, renewed as a whole.

    Parameters
    ----------
    lookback_bars : int
        A symbol's own bars of the high, the newest included.
    fraction : float
        Part of the ranked symbols that is held, one at least.
    rebalance : {"week", "month", "quarter"}
        When they are ranked.
    side : {"long", "both"}
        Whether the farthest are sold short.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self, lookback_bars: int = 252, fraction: float = 0.3, rebalance: Rebalance = "month", side: Side = "long"
    ) -> None:
        given = {"lookback_bars": lookback_bars, "fraction": fraction, "rebalance": rebalance, "side": side}
        self.parameters = checked(YearHighParameters, type(self).__name__, given)
        self.fraction, self.side = self.parameters.fraction, self.parameters.side
        self.rebalance = self.parameters.rebalance

    def scores(self, bars: OwnBars) -> FloatArray:
        """Return what the close is of the high."""
        score: FloatArray = bars.close / highest(bars.high, self.parameters.lookback_bars)
        return score


def _newest_rows(panel: Panel) -> IntArray:
    # int64, shape (T, S): the row of each symbol's newest bar, -1 before the first.
    rows = np.arange(panel.n_bars)[:, None]
    newest: IntArray = np.maximum.accumulate(np.where(panel.traded, rows, -1), axis=0)
    return newest
