"""Measures of a run: what its record comes to.

Nothing here changes a record or knows how it was made. Conventions are written in docs/reference/metrics.md; the
formulas name their sources where they are computed: Sharpe (1994), Sortino and van der Meer (1991), Lo (2002), Bailey
and López de Prado (2012, 2014).
"""

from __future__ import annotations

from strategy_orchestrator.analysis.activity import activities
from strategy_orchestrator.analysis.correlation import correlation_of
from strategy_orchestrator.analysis.deflation import DailySharpe, DeflatedSharpe, daily_sharpe, deflated_sharpe
from strategy_orchestrator.analysis.exposure import exposure_of
from strategy_orchestrator.analysis.fill_prices import FillWatch
from strategy_orchestrator.analysis.metrics import measures_of
from strategy_orchestrator.analysis.periods import periods_per_year
from strategy_orchestrator.analysis.profit import profit_by_symbol
from strategy_orchestrator.analysis.rebalancing import rebalancing_of
from strategy_orchestrator.analysis.results import result_of

__all__ = [
    "DailySharpe",
    "DeflatedSharpe",
    "FillWatch",
    "activities",
    "correlation_of",
    "daily_sharpe",
    "deflated_sharpe",
    "exposure_of",
    "measures_of",
    "periods_per_year",
    "profit_by_symbol",
    "rebalancing_of",
    "result_of",
]
