"""What the package offers can be made from its own options, and every option is described."""

from __future__ import annotations

import inspect

import pytest

from orchestrator_allocation import plugin
from strategy_orchestrator import Rebalancer, RebalancerSpec

OFFERS = {spec.name: spec for spec in plugin.orchestrator_rebalancers()}
every_offer = pytest.mark.parametrize("spec", OFFERS.values(), ids=OFFERS)


def test_the_names() -> None:
    """They are those of the README."""
    assert list(OFFERS) == [
        "calendar",
        "inverse-volatility",
        "risk-parity",
        "minimum-variance",
        "hierarchical-risk-parity",
    ]


@every_offer
def test_an_offer_is_made_from_its_default_options(spec: RebalancerSpec) -> None:
    """The model and the factory name the same options, with the same defaults."""
    assert spec.parameters is not None
    defaults = dict(spec.parameters())
    assert isinstance(spec.factory(**defaults), Rebalancer)
    parameters = inspect.signature(spec.factory).parameters
    assert {name: item.default for name, item in parameters.items()} == defaults


@every_offer
def test_everything_is_described(spec: RebalancerSpec) -> None:
    """One sentence for the offer and one for each option."""
    assert spec.parameters is not None
    described = [spec.description, *(str(field.description) for field in spec.parameters.model_fields.values())]
    assert all(text.endswith(".") and "\n" not in text for text in described)


def test_everything_offered_keeps_the_contract() -> None:
    """All checks of the kit for authors of plug-ins pass."""
    testing = pytest.importorskip("strategy_orchestrator.testing")
    for check in testing.contract_checks(plugin):
        check()
