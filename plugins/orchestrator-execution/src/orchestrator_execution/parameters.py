"""The options of the sizer, the cost model and the executor, with their bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self, TypeAlias

from pydantic import Field, model_validator

from strategy_orchestrator.models.validation import ExactDecimal, Parameters

Volatility: TypeAlias = Literal["true-range", "deviation"]


class VolatilityParameters(Parameters):
    """Options of `volatility`."""

    risk: float = Field(
        default=0.01, gt=0.0, le=1.0, description="Share of the sleeve that a move of `multiple` volatilities costs."
    )
    multiple: float = Field(default=2.0, gt=0.0, le=100.0, description="How many volatilities a bad move is.")
    lookback: int = Field(default=20, ge=2, le=10_000, description="Bars of the symbol over which is measured.")
    volatility: Volatility = Field(
        default="true-range", description="Mean true range over the close before, or standard deviation of returns."
    )
    most: float = Field(default=1.0, gt=0.0, le=1.0, description="Largest share of the sleeve for one entry.")


class HalfSpreadParameters(Parameters):
    """Options of `half-spread`."""

    lookback: int = Field(default=21, ge=1, le=10_000, description="Pairs of bars over which the spread is estimated.")
    least: float = Field(
        default=0.0005, ge=0.0, le=0.5, description="Least slippage, and that until the lookback is filled: a fraction."
    )
    most: float = Field(default=0.05, ge=0.0, le=0.5, description="Most slippage: a fraction, not below least.")
    commission_per_trade: ExactDecimal = Field(
        default=Decimal(0), ge=0, decimal_places=6, description="Money for each fill, at most six decimals."
    )
    commission_per_share: ExactDecimal = Field(
        default=Decimal(0), ge=0, decimal_places=6, description="Money for each unit of quantity, at most six decimals."
    )
    commission_pct: ExactDecimal = Field(
        default=Decimal(0), ge=0, lt=1, decimal_places=12, description="Fraction of the notional: 0.001 is 0.1 %."
    )

    @model_validator(mode="after")
    def _least_is_not_above_most(self) -> Self:
        if self.least > self.most:
            raise ValueError(f"least, {self.least:g}, must not be above most, {self.most:g}")
        return self


class JoblibParameters(Parameters):
    """Options of `joblib`."""

    workers: int | None = Field(
        default=None, ge=1, le=1_024, description="Calls at once; as many as there are processors unless given."
    )
    backend: str = Field(
        default="loky",
        min_length=1,
        description="Processes ('loky'), threads ('threading'), or a backend registered with joblib, such as 'dask'.",
    )
