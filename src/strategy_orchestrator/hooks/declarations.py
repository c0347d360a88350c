"""Check what registration hooks return."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from strategy_orchestrator.hooks.guard import printable
from strategy_orchestrator.hooks.kinds import RULES, Kind

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_HOOK_OF: Final = {rule.spec: rule.hook for rule in RULES.values()}


def listed_faults(kind: Kind, returned: object) -> list[str]:
    """Say all that is wrong with what the registration hook of a kind returned."""
    return list(_faults(kind, returned))


def _faults(kind: Kind, returned: object) -> Iterator[str]:
    wanted = RULES[kind].spec
    if not isinstance(returned, list | tuple):
        yield f"it returned {_shown(returned)}; expected a list of {wanted.__name__}, empty for none"
        return
    for place, item in enumerate(returned, 1):
        if isinstance(item, wanted):
            yield from (f"item {place}, {_shown(item.name)}: {problem}" for problem in _spec_faults(item))
        elif type(item) in _HOOK_OF:
            yield f"item {place} is a {type(item).__name__}, which belongs to hook {_HOOK_OF[type(item)]!r}"
        else:
            yield f"item {place} is {_shown(item)}; expected a {wanted.__name__}"


def _spec_faults(spec: Any) -> Iterator[str]:
    if not isinstance(spec.name, str) or not _NAME.fullmatch(spec.name):
        yield (
            "the name is not of lower-case letters, digits and hyphens, as 'risk-parity', or capitals, as 'FIRST_WINS'"
        )
    if not isinstance(spec.description, str) or len(spec.description.splitlines()) > 1:
        yield f"its description, {_shown(spec.description)}, is not one line of text"
    if not callable(spec.factory):
        yield f"its factory, {_shown(spec.factory)}, cannot be called"
        return
    model = spec.parameters
    if model is None:
        yield from _signature_faults(spec.factory, [])
    elif inspect.isclass(model) and issubclass(model, BaseModel):
        # Extra fields have names that nobody knows yet.
        if model.model_config.get("extra") != "allow":
            yield from _signature_faults(spec.factory, list(model.model_fields))
    else:
        yield f"its parameters, {_shown(model)}, are no pydantic model; expected a class derived from BaseModel"


def _signature_faults(factory: Any, names: list[str]) -> Iterator[str]:
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):
        # Some compiled callables do not tell.
        return
    try:
        signature.bind(**dict.fromkeys(names))
    except TypeError as error:
        listed = ", ".join(names) or "no parameters"
        yield f"its factory, {_shown(factory)}, cannot be called with {listed}: {error}"


def _shown(value: object) -> str:
    return printable(repr(value))
