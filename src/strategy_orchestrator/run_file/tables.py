"""The sections of a run file and their keys.

Types are checked strictly: TOML says what is text and what is a number. Numbers that are money or weights may be
either, for text is how a decimal stays exact in other formats too.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from strategy_orchestrator.errors import Fault, InputError
from strategy_orchestrator.models.validation import faults_of
from strategy_orchestrator.money import SCALE, to_exact, to_steps


def _number(value: object) -> Decimal:
    return to_exact(value, "")


def _above_zero(value: Decimal) -> Decimal:
    if value <= 0:
        raise InputError(Fault("", f"{value} is not greater than 0"))
    return value


def _money(value: Decimal) -> Decimal:
    to_steps(value, SCALE, "")
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise InputError(Fault("", "the text is empty", "Write a name, or leave the key out"))
    return value


_AboveZero = Annotated[Decimal, BeforeValidator(_number), AfterValidator(_above_zero)]
_Text = Annotated[str, AfterValidator(_text)]


class Table(BaseModel):
    """A section whose unknown keys are refused.

    Every key has a default so that what is right in a section can be used while what is wrong is reported.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    required: ClassVar[tuple[str, ...]] = ()


def understood(model: type[Table], values: Mapping[str, Any], where: str) -> tuple[dict[str, Any], list[Fault]]:
    """Return what a section says, defaults in place of wrong or missing values, and what is wrong with it."""
    kept = dict(values)
    faults: list[Fault] = []
    try:
        return dict(model.model_validate(kept)), [*_missing(model, values, where)]
    except ValidationError as error:
        faults.extend(faults_of(error, where, model))
        for item in error.errors(include_url=False, include_context=False, include_input=False):
            kept.pop(str(item["loc"][0]), None)
    return dict(model.model_validate(kept)), [*faults, *_missing(model, values, where)]


def _missing(model: type[Table], values: Mapping[str, Any], where: str) -> list[Fault]:
    return [
        Fault(f"{where}.{key}", "the key is missing", "Give it a value") for key in model.required if key not in values
    ]


class RunTable(Table):
    """The keys of `[run]` that are no options of `OrchestratorConfig`."""

    model_config = ConfigDict(extra="ignore")

    required = ("initial_capital",)

    initial_capital: Annotated[_AboveZero, AfterValidator(_money)] | None = Field(
        default=None, description="Money at the start, at most six decimals."
    )
    equal_weights: bool = Field(default=False, description="Give every strategy the same weight, in place of `weight`.")


class DataTable(Table):
    """`[data]`: the source; every further key is an option of the source."""

    model_config = ConfigDict(extra="allow")

    required = ("source",)

    source: _Text | None = Field(default=None, description="Name of a data source: csv, parquet, or a plug-in's.")


class StrategyTable(Table):
    """One `[[strategy]]`."""

    required = ("use",)

    use: _Text | None = Field(default=None, description="Name of the strategy: `name`, or `distribution:name`.")
    weight: _AboveZero | None = Field(default=None, description="Share of the capital; the sum is at most 1, exactly.")
    label: _Text | None = Field(default=None, description="Takes the place of the class name in the id.")
    params: dict[str, Any] = Field(default_factory=dict, description="Options of the strategy.")
    protective_exits: dict[str, Any] | None = Field(
        default=None, description="stop_loss, take_profit, trailing_stop (fractions), max_holding_bars."
    )
    warmup_bars: int | None = Field(default=None, ge=0, description="Leading bars on which the strategy is not heard.")
    lookback_bars: int | None = Field(
        default=None, ge=0, description="Bars before the current one that the strategy depends on, for `stream = true`."
    )


class PluginsTable(Table):
    """`[plugins]`: which plug-ins take part."""

    block: list[_Text] = Field(default_factory=list, description="Plug-ins or distributions to leave out.")
    only: list[_Text] | None = Field(default=None, description="The only plug-ins or distributions to load.")
    autoload: bool = Field(default=True, description="Whether installed plug-ins are loaded at all.")
    listen: list[_Text] = Field(
        default_factory=list,
        description="Plug-ins or distributions that hear of the run though it uses nothing of theirs.",
    )


class ParamsTable(Table):
    """`[resolver]`, `[rebalancer]`, `[sizer]`, `[cost_model]`: options of what `[run]` names."""

    params: dict[str, Any] = Field(default_factory=dict, description="Options of what is named in [run].")


class SweepTable(Table):
    """`[sweep]`: how `orchestrate sweep` makes many runs of the file."""

    required = ("grid",)

    executor: _Text = Field(default="local", description="Name of the executor that spreads the runs.")
    jobs: int | None = Field(
        default=None,
        ge=1,
        le=1_024,
        description="Runs at once, an option of the executor; as many as there are processors unless given.",
    )
    params: dict[str, Any] = Field(default_factory=dict, description="Further options of the executor.")
    grid: dict[str, Any] = Field(
        default_factory=dict, description="`name = [values]`, one line for each thing that varies; see below."
    )
