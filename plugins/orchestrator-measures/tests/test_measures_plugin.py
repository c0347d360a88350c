"""What the package offers can be made from its own options, and every option is described."""

from __future__ import annotations

import inspect

import pytest

from orchestrator_measures import MonthlyReturns, plugin
from strategy_orchestrator.models.specs import Spec

METRICS: list[Spec] = [*plugin.orchestrator_metrics()]
SECTIONS: list[Spec] = [*plugin.orchestrator_report_sections()]
every_offer = pytest.mark.parametrize("spec", [*METRICS, *SECTIONS], ids=lambda spec: spec.name)


def test_the_names() -> None:
    """They are those of the README."""
    assert [spec.name for spec in METRICS] == [
        "ulcer-index",
        "pain-index",
        "recovery-factor",
        "omega",
        "gain-to-pain",
        "tail-ratio",
        "expected-shortfall",
        "payoff-ratio",
        "system-quality-number",
    ]
    assert [spec.factory for spec in SECTIONS] == [MonthlyReturns]


@every_offer
def test_an_offer_is_made_from_its_default_options(spec: Spec) -> None:
    """The model and the factory name the same options, with the same defaults; what is made can be called."""
    defaults = {} if spec.parameters is None else dict(spec.parameters())
    assert callable(spec.factory(**defaults))
    parameters = inspect.signature(spec.factory).parameters
    assert {name: item.default for name, item in parameters.items()} == defaults


@every_offer
def test_everything_is_described(spec: Spec) -> None:
    """One line for the offer and for each option."""
    fields = {} if spec.parameters is None else spec.parameters.model_fields
    described = [spec.description, *(str(field.description) for field in fields.values())]
    assert all(text.endswith(".") and "\n" not in text for text in described)


def test_everything_offered_keeps_the_contract() -> None:
    """All checks of the kit for authors of plug-ins pass."""
    testing = pytest.importorskip("strategy_orchestrator.testing")
    for check in testing.contract_checks(plugin):
        check()
