"""Describe what a plug-in adds, with the parameters that its pydantic models declare."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from strategy_orchestrator.hooks.guard import guarded, printable
from strategy_orchestrator.hooks.learnt import Addition, Learnt, Parameter, Status
from strategy_orchestrator.hooks.offers import Offer, Registered

_BOUNDS: Final = {
    "gt": "> {}",
    "ge": ">= {}",
    "lt": "< {}",
    "le": "<= {}",
    "multiple_of": "a multiple of {}",
    "min_length": "length >= {}",
    "max_length": "length <= {}",
    "pattern": "matches {}",
    "max_digits": "at most {} digits",
    "decimal_places": "at most {} decimals",
}
_NAMES: Final = {type(None): "None", Any: "any"}


def describe(registered: Registered) -> Learnt:
    """Return what a plug-in adds, in words.

    Raises
    ------
    PluginError
        If a default cannot be made or shown.
    """
    additions = tuple(_addition(offer) for offer in registered.offers)
    return Learnt(Status.ENABLED, additions, registered.events)


def parameters_of(model: type[BaseModel] | None) -> tuple[Parameter, ...]:
    """Describe the fields of a model, in their order."""
    fields = {} if model is None else model.model_fields
    return tuple(_parameter(info.alias or name, info) for name, info in fields.items())


def _addition(offer: Offer) -> Addition:
    parameters = guarded(lambda: parameters_of(offer.spec.parameters), offer.where)
    return Addition(offer.plugin, offer.kind.value, offer.name, printable(offer.spec.description), parameters)


def _parameter(name: str, info: FieldInfo) -> Parameter:
    required = info.is_required()
    default = None if required else _plain(info.get_default(call_default_factory=True, validated_data={}))
    bounds = (*_bounds(info.metadata), *_inner_bounds(info.annotation))
    description = printable(info.description or "")
    return Parameter(name, printable(type_text(info.annotation)), bounds, required, default, description)


def _plain(value: object) -> str | int | float | bool | None:
    # Infinite numbers are no JSON.
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and abs(value) < float("inf")):
        return value
    return printable(str(value))


def type_text(annotation: Any) -> str:
    """Write a type as in Python, short.

    Examples
    --------
    >>> type_text(list[Literal["a", "b"]] | None)
    "list['a' | 'b'] | None"
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_text(arguments[0])
    if origin is Literal:
        return " | ".join(repr(value) for value in arguments)
    if origin in {Union, types.UnionType}:
        return " | ".join(type_text(item) for item in arguments)
    if origin is not None and arguments:
        return f"{_name(origin)}[{', '.join(type_text(item) for item in arguments)}]"
    return _name(annotation)


def _name(annotation: Any) -> str:
    if annotation in _NAMES:
        return _NAMES[annotation]
    return "..." if annotation is ... else str(getattr(annotation, "__name__", annotation))


def _bounds(metadata: Any) -> Iterator[str]:
    for item in metadata:
        for name, text in _BOUNDS.items():
            value = getattr(item, name, None)
            if value is not None:
                yield printable(text.format(value))


def _inner_bounds(annotation: Any) -> Iterator[str]:
    # Of int in `Annotated[int, Field(ge=1)] | None`.
    for item in get_args(annotation):
        if get_origin(item) is Annotated:
            for part in get_args(item)[1:]:
                yield from _bounds(part.metadata if isinstance(part, FieldInfo) else [part])
        if get_origin(item) is not Literal:
            yield from _inner_bounds(item)
