"""The options of the resolvers, with their bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from strategy_orchestrator.models.validation import ExactDecimal, Parameters

Tie: TypeAlias = Literal["cancel", "net", "buy", "sell"]

_TIE: Final = 'Who wins then: nobody ("cancel"), the sign of the sum of direction × weight ("net"), buyers or sellers.'

_MOST: Final = 1_000_000
_Priority = Annotated[int, Field(ge=-_MOST, le=_MOST)]


class PriorityParameters(Parameters):
    """Options of `priority`."""

    priorities: dict[Annotated[str, Field(min_length=1)], _Priority] = Field(
        min_length=1,
        description="Priority by strategy id or by pattern of ids, with * ? [abc]; the highest that matches counts.",
    )
    default: int = Field(
        default=0, ge=-_MOST, le=_MOST, description="Priority of strategies that no pattern matches, at most a million."
    )
    tie: Tie = Field(default="cancel", description=f"Both sides have the highest priority. {_TIE}")


class WeightedAverageParameters(Parameters):
    """Options of `weighted-average`."""

    margin: ExactDecimal = Field(
        default=Decimal("0.2"),
        ge=0,
        lt=1,
        description="The average direction, from -1 to 1, must be further from 0 than this, or all drop.",
    )


class HighestConvictionParameters(Parameters):
    """Options of `highest-conviction`."""

    tie: Tie = Field(default="cancel", description=f"Both sides have the largest weight. {_TIE}")


class ExitsFirstParameters(Parameters):
    """Options of `exits-first`."""

    entries: Tie = Field(default="cancel", description=f"Only entries are in conflict. {_TIE}")
