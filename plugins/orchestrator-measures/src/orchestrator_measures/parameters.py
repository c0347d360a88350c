"""The options of the measures and of the section, with their bounds."""

from __future__ import annotations

from pydantic import Field

from strategy_orchestrator.models.validation import Parameters


class OmegaParameters(Parameters):
    """Options of `omega`."""

    threshold: float = Field(
        default=0.0, ge=-1.0, le=1.0, description="Return of a bar above which it is a gain: a fraction."
    )


class TailParameters(Parameters):
    """Options of `tail-ratio` and `expected-shortfall`."""

    tail: float = Field(default=0.05, gt=0.0, lt=0.5, description="Share of the returns that makes a tail: a fraction.")


class MonthlyReturnsParameters(Parameters):
    """Options of `monthly-returns`."""

    strategies: int = Field(
        default=12, ge=0, le=10_000, description="Strategies shown besides the whole; how many are left out is said."
    )
