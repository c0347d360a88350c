"""Strategies that look at the date alone, UTC.

Days to come are counted as weekdays, for the bars to come are not known. A holiday among them makes an entry a day
early.
"""

from __future__ import annotations

import numpy as np

from orchestrator_technical.bars import OwnBars
from orchestrator_technical.forms import OwnBarSignals, Wishes
from orchestrator_technical.parameters import HalloweenParameters, TurnOfMonthParameters
from strategy_orchestrator.arrays import BoolArray, IntArray
from strategy_orchestrator.models.validation import checked

_MONTHS = 12


class TurnOfMonth(OwnBarSignals):
    """Be in on the last days of a month and the first of the next.

    Josef Lakonishok, Seymour Smidt, Are Seasonal Anomalies Real? A Ninety-Year Perspective, Review of Financial
    Studies 1(4), 1988; John J. McConnell, Wei Xu, Equity Returns at the Turn of the Month, Financial Analysts Journal
    64(2), 2008. An order fills at the open after the bar that decides, so the entry is asked for at the close before
    the first of the days.

    Parameters
    ----------
    days_before, days_after : int
        Last weekdays of a month, and first weekdays of the next, not both 0.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    lookback_bars = 0

    def __init__(self, days_before: int = 1, days_after: int = 3) -> None:
        given = {"days_before": days_before, "days_after": days_after}
        self.parameters = checked(TurnOfMonthParameters, type(self).__name__, given)

    def wishes(self, bars: OwnBars) -> Wishes:
        """Be in if the next weekday is one of the days; count those of the month up to each bar and after it."""
        days = bars.times_ns.astype("datetime64[ns]").astype("datetime64[D]")
        months = days.astype("datetime64[M]")
        passed = np.busday_count(months.astype("datetime64[D]"), days + 1)
        to_come = np.busday_count(days + 1, (months + 1).astype("datetime64[D]"))
        last, first = self.parameters.days_before, self.parameters.days_after
        return _while_in(np.where(to_come == 0, first > 0, (to_come <= last) | (passed < first)))


class Halloween(OwnBarSignals):
    """Be in from November to April, out from May to October.

    Sven Bouman, Ben Jacobsen, The Halloween Indicator, "Sell in May and Go Away": Another Puzzle, American Economic
    Review 92(5), 2002. The first bar of a season decides.

    Parameters
    ----------
    first_month, last_month : int
        Of the season to be in, 1 to 12; it may run over the end of the year.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    lookback_bars = 0

    def __init__(self, first_month: int = 11, last_month: int = 4) -> None:
        given = {"first_month": first_month, "last_month": last_month}
        self.parameters = checked(HalloweenParameters, type(self).__name__, given)

    def wishes(self, bars: OwnBars) -> Wishes:
        """Look at the month of each bar."""
        first, last = self.parameters.first_month, self.parameters.last_month
        return _while_in((_months(bars.times_ns) - first) % _MONTHS <= (last - first) % _MONTHS)


def _months(times_ns: IntArray) -> IntArray:
    return times_ns.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64) % _MONTHS + 1


def _while_in(season: BoolArray) -> Wishes:
    nothing = np.zeros_like(season)
    return Wishes(season, ~season, nothing, nothing)
