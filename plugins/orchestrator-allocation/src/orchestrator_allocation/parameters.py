"""The options of the rebalancers, with their bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal, TypeAlias

from pydantic import Field

from strategy_orchestrator.models.validation import ExactDecimal, Parameters

Period: TypeAlias = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
Covariance: TypeAlias = Literal["sample", "ledoit-wolf"]

_PERIOD: Final = "How often: at the close of the first bar of each new period, by the UTC date; weeks begin on Monday."
_TOTAL: Final = "Sum of all weights, the rest being the reserve; the sum of the configured weights unless given."
_MINIMUM: Final = "Least share of a strategy, as a fraction of an equal share: 0.1 is a tenth of it, 1 equal weights."
_COVARIANCE: Final = "The sample covariance, or Ledoit and Wolf's (2004), shrunk towards equal variances."


class CalendarParameters(Parameters):
    """Options of `calendar`."""

    period: Period = Field(default="monthly", description=_PERIOD)
    drift_tolerance: ExactDecimal | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Rebalance in between, too, when a share of the whole is further than this from its weight.",
    )


class InverseVolatilityParameters(Parameters):
    """Options of `inverse-volatility`, and those that all estimated rebalancers have."""

    lookback: int = Field(default=126, ge=2, le=100_000, description="Bars whose returns are measured.")
    period: Period = Field(default="monthly", description=_PERIOD)
    total_weight: ExactDecimal | None = Field(default=None, ge=Decimal("0.001"), le=1, description=_TOTAL)
    minimum_share: float = Field(default=0.1, ge=0.01, le=1.0, description=_MINIMUM)


class CovarianceParameters(InverseVolatilityParameters):
    """Options of the rebalancers that look at how the sleeves move together."""

    covariance: Covariance = Field(default="sample", description=_COVARIANCE)
