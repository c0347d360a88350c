"""A strategy pack as a stranger writes it, with nothing but what the root of the package offers."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from strategy_orchestrator import Panel, Signals, SignalStrategy, StrategySpec, hookimpl


class UpDaysParameters(BaseModel):
    """Options of `up-days`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    n_days: int = Field(default=3, ge=1, le=100, description="So many closes in a row must have risen.")


class UpDays(SignalStrategy):
    """Hold while the last closes have all risen.

    Parameters
    ----------
    n_days : int
        So many of them.
    """

    def __init__(self, n_days: int = 3) -> None:
        self.n_days = n_days

    def signals(self, panel: Panel) -> Signals:
        """Enter when the last `n_days` closes were each above the one before, leave when one was not."""
        rose = np.zeros(panel.close.shape, np.bool_)
        rose[1:] = np.diff(panel.close, axis=0) > 0
        entries = rose.copy()
        for days in range(1, self.n_days):
            entries[days:] &= rose[:-days]
            entries[:days] = False
        return Signals(entries=entries, exits=~rose & panel.traded)


@hookimpl
def orchestrator_strategies() -> list[StrategySpec]:
    """Offer the strategy."""
    return [StrategySpec("up-days", UpDays, UpDaysParameters, "Hold while the last closes have all risen.")]
