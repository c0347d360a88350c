"""Turn what pydantic finds into faults with the nearest valid name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from strategy_orchestrator.errors import Fault, unknown_name


def known_keys(model: type[BaseModel]) -> list[str]:
    """Return the keys that a model accepts, aliases in place of names."""
    return [info.alias or name for name, info in model.model_fields.items()]


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
