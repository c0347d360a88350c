"""The kinds, their hooks and the contract agree."""

from __future__ import annotations

import inspect

import pytest

import strategy_orchestrator.hooks as package
from strategy_orchestrator.hooks import specs
from strategy_orchestrator.hooks.kinds import EVENT_HOOKS, RULES, Kind
from strategy_orchestrator.hooks.markers import API_VERSION, PROJECT


def test_every_hook_of_the_contract_is_known() -> None:
    """Nine register, four tell, and there is no other."""
    marked = {name for name, value in vars(specs).items() if hasattr(value, f"{PROJECT}_spec")}
    assert marked == {*(rule.hook for rule in RULES.values()), *EVENT_HOOKS}
    assert set(RULES) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_registration_hook_returns_what_its_kind_declares(kind: Kind) -> None:
    """By its annotation, and it takes nothing."""
    hook = getattr(specs, RULES[kind].hook)
    assert inspect.signature(hook).return_annotation == f"list[{RULES[kind].spec.__name__}]"
    assert not inspect.signature(hook).parameters


def test_a_kind_has_a_word() -> None:
    """For sentences."""
    assert [kind.word for kind in (Kind.COST_MODEL, Kind.RESOLVER)] == ["cost model", "resolver"]


def test_the_package_offers_its_names() -> None:
    """Each is loaded from where it lives, and others are not there."""
    assert all(callable(getattr(package, name)) for name in package.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        package.nothing  # noqa: B018  # reading it raises
    assert API_VERSION == 1
