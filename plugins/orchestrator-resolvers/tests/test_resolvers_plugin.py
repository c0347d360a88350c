"""What the package offers can be made from its own options, and every option is described."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from orchestrator_resolvers import plugin
from strategy_orchestrator import ConflictResolver, ResolverSpec

OFFERS = {spec.name: spec for spec in plugin.orchestrator_conflict_resolvers()}
every_offer = pytest.mark.parametrize("spec", OFFERS.values(), ids=OFFERS)
NEEDED: dict[str, dict[str, Any]] = {"priority": {"priorities": {"*": 1}}}


def test_the_names() -> None:
    """They are those of the README."""
    assert list(OFFERS) == ["priority", "majority", "weighted-average", "highest-conviction", "exits-first"]


@every_offer
def test_an_offer_is_made_from_its_options(spec: ResolverSpec) -> None:
    """The model and the factory name the same options, with the same defaults."""
    needed = NEEDED.get(spec.name, {})
    options = {} if spec.parameters is None else dict(spec.parameters(**needed))
    assert isinstance(spec.factory(**options), ConflictResolver)
    taken = {name: item.default for name, item in inspect.signature(spec.factory).parameters.items()}
    assert {name: default for name, default in taken.items() if name not in needed} == {
        name: value for name, value in options.items() if name not in needed
    }


@every_offer
def test_everything_is_described(spec: ResolverSpec) -> None:
    """One line for the offer and for each option."""
    fields = {} if spec.parameters is None else spec.parameters.model_fields
    described = [spec.description, *(str(field.description) for field in fields.values())]
    assert all(text.endswith(".") and "\n" not in text for text in described)


def test_everything_offered_keeps_the_contract() -> None:
    """All checks of the kit for authors of plug-ins pass."""
    testing = pytest.importorskip("strategy_orchestrator.testing")
    for check in testing.contract_checks(plugin, parameters=NEEDED):
        check()
