"""Results of real runs to test sections of reports with."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.signals import Signals
from strategy_orchestrator.orchestrator import StrategyOrchestrator
from strategy_orchestrator.testing.panels import make_panel

_CAPITAL: Final = Decimal(100_000)
_PERIOD: Final = 10
_LABELS: Final = ("Rising", "Falling")


class Swinging:
    """Go long, leave, go short and leave, period by period.

    Parameters
    ----------
    first : int
        The part of the period with which it begins.
    """

    def __init__(self, first: int) -> None:
        self.first = first

    def signals(self, panel: Panel) -> Signals:
        """Return the parts of the period, one after another."""
        part = ((np.arange(panel.n_bars) + self.first) % _PERIOD)[:, None]
        entries, exits, short_entries, short_exits = ((part == each) & panel.traded for each in (0, 4, 5, 9))
        return Signals(entries, exits, short_entries, short_exits)


class Silent:
    """Want nothing."""

    def signals(self, panel: Panel) -> Signals:
        """Return no signal."""
        nothing = np.zeros_like(panel.traded)
        return Signals(nothing, nothing)


def make_result(
    panel: Panel | None = None, *, labels: Sequence[str] = _LABELS, is_silent: bool = False
) -> OrchestratorResult:
    """Run strategies that go long and short, with costs, conflicts and blocks, and return the result.

    Parameters
    ----------
    panel : Panel, optional
        The prices; an awkward panel of 60 bars and 4 symbols by default.
    labels : sequence of str
        What to call the strategies, one or more; they share nine tenths of 100,000.
    is_silent : bool
        Let them want nothing, so that nothing is traded.

    Examples
    --------
    >>> list(make_result().strategy_results)
    ['Rising_0', 'Falling_0']
    """
    prices = make_panel(60, 4, gaps=True) if panel is None else panel
    strategies = [Silent() if is_silent else Swinging(_PERIOD // 2 * place) for place in range(len(labels))]
    weight = Decimal(9) / (10 * len(labels))
    orchestrator = StrategyOrchestrator(
        [(strategy, round(weight, 6)) for strategy in strategies],
        OrchestratorConfig(commission_per_trade=Decimal(1), slippage_pct=Decimal("0.0005"), logging_level="CRITICAL"),
        labels=labels,
    )
    return orchestrator.run(prices, _CAPITAL)
