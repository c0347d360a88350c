"""Make what a plug-in offers, with checked parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from strategy_orchestrator.errors import ConfigError, Fault, InputError, PluginError, unknown_name
from strategy_orchestrator.hooks.guard import REMEDY, guarded, printable
from strategy_orchestrator.hooks.kinds import RULES, Kind
from strategy_orchestrator.hooks.offers import Offer
from strategy_orchestrator.hooks.sources import CheckedSource
from strategy_orchestrator.models.validation import faults_of, known_keys


def build(offer: Offer, params: Mapping[str, object], where: str) -> object:
    """Make what is offered; a data source is wrapped, so that what it loads is checked.

    Raises
    ------
    ConfigError
        With one fault for each parameter that is unknown, missing or wrong.
    PluginError
        If the factory raises, or returns what is not of its kind.
    """
    options = validated(offer, params, where or offer.where)
    made: Any = guarded(lambda: offer.spec.factory(**options), offer.where, passing=(KeyboardInterrupt, InputError))
    problem = guarded(lambda: _form_fault(offer, made), offer.where)
    if problem:
        raise PluginError(Fault(offer.where, problem, REMEDY))
    return CheckedSource(made, offer.where) if offer.kind is Kind.DATA_SOURCE else made


def validated(offer: Offer, params: Mapping[str, object], where: str) -> dict[str, Any]:
    """Return the parameters as the model of an offer understands them, defaults included.

    Raises
    ------
    ConfigError
        With one fault for each parameter that is unknown, missing or wrong.
    PluginError
        If the model raises anything else.
    """
    model = offer.spec.parameters
    unknown = [*_unknown(offer, params, where)]
    if model is None:
        _refuse(unknown)
        return {}
    known = {key: value for key, value in params.items() if key in _accepted(model) or _takes_all(model)}
    try:
        checked = guarded(
            lambda: model.model_validate(known),
            f"{offer.where}, parameters",
            passing=(KeyboardInterrupt, ValidationError),
        )
    except ValidationError as error:
        found = faults_of(error, where, model)
        raise ConfigError([*unknown, *found]) from None
    _refuse(unknown)
    return dict(checked)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise ConfigError(faults)


def _unknown(offer: Offer, params: Mapping[str, object], where: str) -> Iterator[Fault]:
    # pydantic ignores unknown keys unless the model says otherwise.
    model = offer.spec.parameters
    for key in params:
        place = f"{where}.{key}"
        if model is None:
            yield Fault(place, f"{offer.where} has no parameters", "Leave it out", params[key])
        elif key not in _accepted(model) and not _takes_all(model):
            yield unknown_name(place, "parameter", key, known_keys(model))


def _accepted(model: type[BaseModel]) -> set[str]:
    keys = set(known_keys(model))
    by_name = model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name")
    return keys | set(model.model_fields) if by_name else keys


def _takes_all(model: type[BaseModel]) -> bool:
    return model.model_config.get("extra") == "allow"


def _form_fault(offer: Offer, made: object) -> str:
    forms = RULES[offer.kind].forms
    if any(all(callable(getattr(made, method, None)) for method in form) for form in forms):
        return ""
    wanted = " or ".join(" and ".join(map(repr, form)) for form in forms)
    return f"its factory returned {printable(repr(made))}, which has not the methods of its kind, {wanted}"
