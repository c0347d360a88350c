"""What share of a sleeve one entry may use."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.contracts import Sizer
from strategy_orchestrator.models.panel import Panel


class FixedFractionParameters(BaseModel):
    """Options of `fixed-fraction`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fraction: Decimal = Field(gt=0, le=1, description="Share of the sleeve that one entry may use: 0.25 is a quarter.")


class EqualSlots(Sizer):
    """Give every symbol of the panel the same share, so that all can be held at once."""

    lookback_bars = 0

    def fractions(self, panel: Panel) -> FloatArray:
        """Return float64, shape (T, S): 1 ÷ S everywhere."""
        return np.full((panel.n_bars, panel.n_symbols), 1 / panel.n_symbols)


class FixedFraction(Sizer):
    """Give every entry the same share, as long as the sleeve has money.

    Parameters
    ----------
    fraction : Decimal
        In (0, 1]; with 1 the first entry takes all.
    """

    lookback_bars = 0

    def __init__(self, fraction: Decimal) -> None:
        self.fraction = fraction

    def fractions(self, panel: Panel) -> FloatArray:
        """Return float64, shape (T, S): the share everywhere."""
        return np.full((panel.n_bars, panel.n_symbols), float(self.fraction))
