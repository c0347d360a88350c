"""The options of the measures and of the section, with their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from strategy_orchestrator import ConfigError
from strategy_orchestrator.models.validation import faults_of

Model = TypeVar("Model", bound=BaseModel)


class _Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class OmegaParameters(_Parameters):
    """Options of `omega`."""

    threshold: float = Field(
        default=0.0, ge=-1.0, le=1.0, description="Return of a bar above which it is a gain: a fraction."
    )


class TailParameters(_Parameters):
    """Options of `tail-ratio` and `expected-shortfall`."""

    tail: float = Field(default=0.05, gt=0.0, lt=0.5, description="Share of the returns that makes a tail: a fraction.")


class MonthlyReturnsParameters(_Parameters):
    """Options of `monthly-returns`."""

    strategies: int = Field(
        default=12, ge=0, le=10_000, description="Strategies shown besides the whole; how many are left out is said."
    )


def checked(model: type[Model], where: str, values: Mapping[str, object]) -> Model:
    """Return the options if they are within their bounds.

    Raises
    ------
    ConfigError
        With one fault for each option out of bounds.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(faults_of(error, where, model)) from None
