"""The measures of closed trades, from exact integers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from strategy_orchestrator.analysis.numbers import NAN, ratio, sums_by
from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.money import SCALE

_NO_TRADE: Final = "no trade was closed"
_NO_WIN: Final = "no trade won"
_NO_LOSS: Final = "no trade lost"


@dataclass(frozen=True, slots=True)
class TradeCounts:
    """The closed trades of one strategy, or of all: how many, and what they brought.

    Attributes
    ----------
    n_winning, n_losing, n_flat : int
        Trades with a profit above, below and of exactly zero.
    gained, lost : int
        Quanta: sums of the profits (0 or more) and of the losses (0 or less), net of costs.
    """

    n_winning: int
    n_losing: int
    n_flat: int
    gained: int
    lost: int

    @property
    def n_trades(self) -> int:
        """Number of closed trades."""
        return self.n_winning + self.n_losing + self.n_flat

    def measures(self) -> dict[str, Any]:
        """Return the measures of trades by name; NaN where undefined.

        A loss is negative money. The profit factor is gross profit over gross loss, both net of costs.
        """
        return {
            "win_rate": _over(self.n_winning, self.n_trades),
            "profit_factor": _over(self.gained, -self.lost),
            "average_win": _over(self.gained, self.n_winning * SCALE),
            "average_loss": _over(self.lost, self.n_losing * SCALE),
            "expectancy": _over(self.gained + self.lost, self.n_trades * SCALE),
            "total_trades": self.n_trades,
            "winning_trades": self.n_winning,
            "losing_trades": self.n_losing,
            "flat_trades": self.n_flat,
        }

    def undefined(self) -> dict[str, str]:
        """Return why measures are undefined, by name."""
        if not self.n_trades:
            return dict.fromkeys(("win_rate", "profit_factor", "average_win", "average_loss", "expectancy"), _NO_TRADE)
        reasons = {} if self.n_winning else {"average_win": _NO_WIN}
        return reasons if self.n_losing else reasons | {"profit_factor": _NO_LOSS, "average_loss": _NO_LOSS}


def count_trades(owners: IntArray, profits: IntArray, n_strategies: int) -> list[TradeCounts]:
    """Return the counts of every strategy, then those of all together.

    Parameters
    ----------
    owners, profits : ndarray
        int64, one for each trade: place of its strategy, and its profit in quanta.
    """
    won, lost = profits > 0, profits < 0
    n_all = np.bincount(owners, minlength=n_strategies).tolist()
    (n_won, gains), (n_lost, losses) = (_counted(owners[mask], profits[mask], n_strategies) for mask in (won, lost))
    counts = [
        TradeCounts(winning, losing, everything - winning - losing, gain, loss)
        for everything, winning, losing, gain, loss in zip(n_all, n_won, n_lost, gains, losses, strict=True)
    ]
    n_flat = sum(n_all) - sum(n_won) - sum(n_lost)
    return [*counts, TradeCounts(sum(n_won), sum(n_lost), n_flat, sum(gains), sum(losses))]


def _counted(owners: IntArray, profits: IntArray, n_strategies: int) -> tuple[list[int], list[int]]:
    return np.bincount(owners, minlength=n_strategies).tolist(), sums_by(owners, profits, n_strategies)


def _over(top: int, bottom: int) -> Decimal:
    return ratio(top, bottom) if bottom else NAN
