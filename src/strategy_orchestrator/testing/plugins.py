"""The checks of a whole plug-in: its hooks, its declarations, and all that it offers."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from strategy_orchestrator.errors import ConfigError, OrchestratorError, PluginError, unknown_name
from strategy_orchestrator.hooks.building import validated
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.hooks.offers import Offer
from strategy_orchestrator.hooks.plugin import Origin, Plugin, normalized
from strategy_orchestrator.hooks.registering import register
from strategy_orchestrator.testing.asking import Factory
from strategy_orchestrator.testing.executors import executor_checks
from strategy_orchestrator.testing.forgetting import module_of
from strategy_orchestrator.testing.measures import metric_checks
from strategy_orchestrator.testing.pricing import cost_model_checks, sizer_checks
from strategy_orchestrator.testing.rebalancers import rebalancer_checks
from strategy_orchestrator.testing.resolvers import resolver_checks
from strategy_orchestrator.testing.sections import report_section_checks
from strategy_orchestrator.testing.sources import source_checks
from strategy_orchestrator.testing.strategies import strategy_checks
from strategy_orchestrator.testing.trials import Check, Trial, named_checks

_ON_PANELS: Final[Mapping[Kind, Callable[..., list[Check]]]] = {
    Kind.STRATEGY: strategy_checks,
    Kind.REBALANCER: rebalancer_checks,
    Kind.SIZER: sizer_checks,
    Kind.COST_MODEL: cost_model_checks,
}
_OTHERS: Final[Mapping[Kind, Callable[..., list[Check]]]] = {
    Kind.RESOLVER: resolver_checks,
    Kind.DATA_SOURCE: source_checks,
    Kind.METRIC: metric_checks,
    Kind.REPORT_SECTION: report_section_checks,
    Kind.EXECUTOR: executor_checks,
}
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const")


def contract_checks(
    plugin: object, *, parameters: Mapping[str, Mapping[str, object]] | None = None, n_bars: int | None = None
) -> list[Check]:
    """Return the checks of all that a plug-in offers, one behavior each.

    Parameters
    ----------
    plugin : module or object
        What its entry point names: it has functions marked with `hookimpl`.
    parameters : mapping, optional
        For what it offers under a name, the parameters to make it with; the defaults otherwise. Short lookbacks let a
        strategy speak on few bars, and a source needs to know what to load.
    n_bars : int, optional
        Length of the panels, as for `strategy_checks`.

    Raises
    ------
    ConfigError
        If there are parameters for something that the plug-in does not offer.

    Examples
    --------
    With pytest, all at once::

        import my_pack.plugin

        @pytest.mark.parametrize("check", contract_checks(my_pack.plugin), ids=str)
        def test_contract(check):
            check()
    """
    about = _plugin_of(plugin)
    trial = Trial(about.where, "registration")
    try:
        offers = register(plugin, about).offers
    except PluginError as error:
        return [Check("registration", partial(_fail, trial, error))]
    given = dict(parameters or {})
    known = [offer.name for offer in offers]
    faults = [unknown_name("contract_checks.parameters", "offer", name, known) for name in given if name not in known]
    if faults:
        raise ConfigError(faults)
    checks = [Check("registration", partial(_registration, trial, plugin, about, offers))]
    for offer in offers:
        checks += named_checks(offer.name, [*_offer_checks(offer, given.get(offer.name, {}), n_bars)])
    return checks


def _plugin_of(target: object) -> Plugin:
    name = target.__name__ if inspect.ismodule(target) else type(target).__name__
    module = name if inspect.ismodule(target) else module_of(target)
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return Plugin(normalized(name), "", name, module, file, Origin.OBJECT)


def _fail(trial: Trial, error: OrchestratorError) -> None:
    fault = error.faults[0]
    more = f", and {len(error.faults) - 1} more" if len(error.faults) > 1 else ""
    raise trial.failed(f"{fault.problem}{more}", fault.remedy) from error


def _registration(trial: Trial, target: object, about: Plugin, offers: tuple[Offer, ...]) -> None:
    again = register(target, about).offers
    first, second = ([(offer.kind, offer.name) for offer in each] for each in (offers, again))
    if first != second:
        problem = f"its hooks offer {_listed(first)} at first, and {_listed(second)} when they are called again"
        raise trial.failed(problem, "They depend on the installation alone")


def _listed(offers: list[tuple[Kind, str]]) -> str:
    return ", ".join(name for _, name in offers) or "nothing"


def _offer_checks(offer: Offer, given: Mapping[str, object], n_bars: int | None) -> Iterator[Check]:
    trial = Trial(f"{offer.kind.word} {offer.name!r}", "declaration")
    yield Check("declaration", partial(_declaration, trial, offer, given))
    try:
        validated(offer, given, "parameters")
    except OrchestratorError:
        return  # the check above says so, and nothing can be made to look at
    factory = _factory(offer, given)
    if offer.kind in _ON_PANELS:
        yield from _ON_PANELS[offer.kind](factory, n_bars=n_bars, name=offer.name)
    else:
        yield from _OTHERS[offer.kind](factory, name=offer.name)


def _factory(offer: Offer, given: Mapping[str, object]) -> Factory:
    def make() -> Any:
        return offer.spec.factory(**validated(offer, given, offer.where))

    return make


def _declaration(trial: Trial, offer: Offer, given: Mapping[str, object]) -> None:
    if not offer.spec.description.strip():
        raise trial.failed("it has no description", "Say in one line what it does")
    try:
        validated(offer, given, "parameters")
    except OrchestratorError as error:
        remedy = f"Give contract_checks parameters={{{offer.name!r}: {{...}}}}, or the model defaults"
        raise trial.failed(str(error.faults[0]), remedy) from error
    model = offer.spec.parameters
    schema = {} if model is None else model.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        if not field.get("description", "").strip():
            raise trial.failed(f"its parameter {name!r} has no description", "Field(description=...) gives it one")
        if not all(_is_bounded(part) for part in field.get("anyOf", [field])):
            raise trial.failed(f"its parameter {name!r} has no bound", "Field(ge=..., le=...) gives it one or two")


def _is_bounded(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") not in {"integer", "number"} or any(bound in schema for bound in _BOUNDS)
