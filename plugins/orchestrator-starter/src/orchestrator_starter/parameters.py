"""The options of the strategies and of the data source, with their bounds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from strategy_orchestrator.models.validation import Parameters


class MomentumParameters(Parameters):
    """Options of the moving-average cross."""

    fast: int = Field(default=10, ge=1, le=9_999, description="Bars of the fast moving average; below slow.")
    slow: int = Field(default=50, ge=2, le=10_000, description="Bars of the slow moving average.")

    @model_validator(mode="after")
    def _fast_is_below_slow(self) -> Self:
        if self.fast >= self.slow:
            raise ValueError(f"fast, {self.fast}, must be below slow, {self.slow}")
        return self


class RSIParameters(Parameters):
    """Options of the relative strength index."""

    period: int = Field(default=14, ge=2, le=10_000, description="Changes of the close in Wilder's first average.")
    lower: float = Field(default=30.0, ge=0.0, le=100.0, description="Enter while the index is below; below upper.")
    upper: float = Field(default=70.0, ge=0.0, le=100.0, description="Leave while the index is above.")

    @model_validator(mode="after")
    def _lower_is_below_upper(self) -> Self:
        if self.lower >= self.upper:
            raise ValueError(f"lower, {self.lower:g}, must be below upper, {self.upper:g}")
        return self


class DemoParameters(Parameters):
    """Options of the data source `demo`."""

    adjust: Literal["adj_close", "none"] = Field(
        default="adj_close", description="Adjust all prices by adjusted close ÷ close, or leave them as traded."
    )
    symbols: list[Literal["AAPL", "FB", "GOOG", "IBM", "MSFT"]] | None = Field(
        default=None, min_length=1, description="The symbols to load; all five unless given."
    )
