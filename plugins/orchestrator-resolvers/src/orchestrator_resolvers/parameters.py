"""The options of the resolvers, with their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from strategy_orchestrator import ConfigError
from strategy_orchestrator.models.validation import faults_of
from strategy_orchestrator.money import to_exact

Model = TypeVar("Model", bound=BaseModel)

Tie: TypeAlias = Literal["cancel", "net", "buy", "sell"]

_TIE: Final = 'Who wins then: nobody ("cancel"), the sign of the sum of direction × weight ("net"), buyers or sellers.'


def _exact(value: object) -> Decimal:
    return to_exact(value, "")


class _Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class PriorityParameters(_Parameters):
    """Options of `priority`."""

    priorities: dict[Annotated[str, Field(min_length=1)], int] = Field(
        min_length=1,
        description="Priority by strategy id or by pattern of ids, with * ? [abc]; the highest that matches counts.",
    )
    default: int = Field(default=0, description="Priority of strategies that no pattern matches.")
    tie: Tie = Field(default="cancel", description=f"Both sides have the highest priority. {_TIE}")


class WeightedAverageParameters(_Parameters):
    """Options of `weighted-average`."""

    margin: Annotated[Decimal, BeforeValidator(_exact)] = Field(
        default=Decimal("0.2"),
        ge=0,
        lt=1,
        description="The average direction, from -1 to 1, must be further from 0 than this, or all drop.",
    )


class HighestConvictionParameters(_Parameters):
    """Options of `highest-conviction`."""

    tie: Tie = Field(default="cancel", description=f"Both sides have the largest weight. {_TIE}")


class ExitsFirstParameters(_Parameters):
    """Options of `exits-first`."""

    entries: Tie = Field(default="cancel", description=f"Only entries are in conflict. {_TIE}")


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
