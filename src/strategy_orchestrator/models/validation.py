"""Check options against a pydantic model, and turn what it finds into faults with the nearest valid name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from strategy_orchestrator.errors import ConfigError, Fault, unknown_name
from strategy_orchestrator.money import to_exact

Model = TypeVar("Model", bound=BaseModel)


def _exact(value: object) -> Decimal:
    return to_exact(value, "")


ExactDecimal: TypeAlias = Annotated[Decimal, BeforeValidator(_exact)]
"""A field that takes any number, a float by its shortest text, also in a strict model."""


class Parameters(BaseModel):
    """Options of something that a plug-in offers: no unknown keys, no conversion of types, finite numbers, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def checked(model: type[Model], where: str, values: Mapping[str, object]) -> Model:
    """Return the options if they are within their bounds.

    Parameters
    ----------
    where : str
        Whose options they are, in errors.

    Raises
    ------
    ConfigError
        With one fault for each option out of bounds.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(faults_of(error, where, model)) from None


def known_keys(model: type[BaseModel]) -> list[str]:
    """Return the keys that a model accepts, aliases in place of names."""
    return [info.alias or name for name, info in model.model_fields.items()]


def with_seed(params: Mapping[str, object], model: type[BaseModel] | None, seed: int) -> dict[str, object]:
    """Return options with the seed of the run, for a model that has a field `seed` and when none is given."""
    takes_it = model is not None and "seed" in known_keys(model) and "seed" not in params
    return {**params, "seed": seed} if takes_it else dict(params)


def faults_of(error: ValidationError, where: str, model: type[BaseModel]) -> list[Fault]:
    """Describe every error that pydantic found, one fault each.

    Parameters
    ----------
    where : str
        Prefix of the field's name, for instance "run.toml: run"; empty for none.
    """
    return [_fault(item, where, model) for item in error.errors(include_url=False)]


def _fault(item: Any, where: str, model: type[BaseModel]) -> Fault:
    place = ".".join(str(part) for part in item["loc"])
    name = f"{where}.{place}" if where and place else where or place
    value = item.get("input")
    if item["type"] == "extra_forbidden":
        return unknown_name(name, "key", str(item["loc"][-1]), known_keys(model))
    if item["type"] == "missing":
        return Fault(name, "the key is missing", "Give it a value")
    cause = item.get("ctx", {}).get("error")
    if isinstance(getattr(cause, "faults", None), tuple) and cause.faults:
        inner: Fault = cause.faults[0]
        return Fault(name, inner.problem, inner.remedy, value)
    if item["type"] == "literal_error":
        return unknown_name(name, "value", str(value), _expected(item))
    message = item["msg"][:1].lower() + item["msg"][1:].rstrip(".")
    return Fault(name, f"{value!r} was found; {message.removeprefix('value error, ')}", value=value)


def _expected(item: Mapping[str, Any]) -> Iterable[str]:
    text = str(item.get("ctx", {}).get("expected", ""))
    return [part.strip().strip("'") for part in text.replace(" or ", ", ").split(",") if part.strip()]
