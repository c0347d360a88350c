"""What the package offers can be made from its own options, and every option is described."""

from __future__ import annotations

import inspect

import pytest

from orchestrator_execution import plugin
from strategy_orchestrator import CostModel, Sizer
from strategy_orchestrator.models.contracts import Executor
from strategy_orchestrator.models.specs import Spec

OFFERS: dict[type, list[Spec]] = {
    Sizer: [*plugin.orchestrator_sizers()],
    CostModel: [*plugin.orchestrator_cost_models()],
    Executor: [*plugin.orchestrator_executors()],
}
SPECS = [(kind, spec) for kind, specs in OFFERS.items() for spec in specs]
every_offer = pytest.mark.parametrize(("kind", "spec"), SPECS, ids=[spec.name for _, spec in SPECS])


def test_the_names() -> None:
    """They are those of the README."""
    assert [spec.name for _, spec in SPECS] == ["volatility", "half-spread", "joblib"]


@every_offer
def test_an_offer_is_made_from_its_default_options(kind: type, spec: Spec) -> None:
    """The model and the factory name the same options, with the same defaults."""
    assert spec.parameters is not None
    defaults = dict(spec.parameters())
    assert isinstance(spec.factory(**defaults), kind)
    parameters = inspect.signature(spec.factory).parameters
    assert {name: item.default for name, item in parameters.items()} == defaults


@every_offer
def test_everything_is_described(kind: type, spec: Spec) -> None:
    """One line for the offer and for each option."""
    del kind
    assert spec.parameters is not None
    described = [spec.description, *(str(field.description) for field in spec.parameters.model_fields.values())]
    assert all(text.endswith(".") and "\n" not in text for text in described)


def test_everything_offered_keeps_the_contract() -> None:
    """All checks of the kit for authors of plug-ins pass."""
    testing = pytest.importorskip("strategy_orchestrator.testing")
    for check in testing.contract_checks(plugin):
        check()
