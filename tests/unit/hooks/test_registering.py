"""What is checked of a plug-in that was imported."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from strategy_orchestrator.errors import PluginError
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.hooks.loading import IncompatibleError
from strategy_orchestrator.hooks.offers import Registered
from strategy_orchestrator.hooks.plugin import Plugin
from strategy_orchestrator.hooks.registering import register
from tests.unit.hooks.packs import Site, pack

PLUGIN = Plugin("pack-odd", "1.0", "odd", "odd", "/site")
WHERE = "plug-in 'odd' (pack-odd 1.0)"
REMEDY = "Repair, upgrade or remove pack-odd, or block it: --block pack-odd."
HEAD = """from pydantic import BaseModel
from strategy_orchestrator import MetricSpec, ResolverSpec, StrategySpec, hookimpl
import pluggy
"""
NUMBERS = itertools.count()


class Odd:
    """A factory."""


@pytest.fixture(name="module")
def _module(site: Site) -> Iterator[Any]:
    def made(code: str) -> ModuleType:
        name = f"odd_{next(NUMBERS)}"
        site.write(name, HEAD + code)
        return __import__(name)

    return made  # type: ignore[return-value]


def faults(target: object) -> list[str]:
    """Return what is wrong with a plug-in, without the parts that are always the same."""
    with pytest.raises(PluginError) as caught:
        register(target, PLUGIN)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{WHERE}: ") and line.endswith(f". {REMEDY}") for line in lines)
    return [line.removeprefix(f"{WHERE}: ").removesuffix(f". {REMEDY}") for line in lines]


def test_a_plug_in_in_order_is_registered(site: Site) -> None:
    """Its offers and the event hooks that it has are known."""
    site.write("fine", pack("trend") + "\n@hookimpl\ndef orchestrator_run_failed(): pass\n")
    registered = register(__import__("fine"), PLUGIN)
    assert isinstance(registered, Registered)
    assert [(offer.kind, offer.name, offer.qualified) for offer in registered.offers] == [
        (Kind.STRATEGY, "trend", "pack-odd:trend")
    ]
    (offer,) = registered.offers
    assert (offer.distribution, offer.version, offer.where) == ("pack-odd", "1.0", "strategy 'trend' (pack-odd 1.0)")
    assert registered.events == ("orchestrator_run_failed",)


def test_an_object_with_methods_is_a_plug_in(module: Any) -> None:
    """A plug-in need not be a module."""
    code = """
class Pack:
    @hookimpl
    def orchestrator_strategies(self):
        return [StrategySpec("odd", object)]
pack = Pack()
"""
    assert [offer.name for offer in register(module(code).pack, PLUGIN).offers] == ["odd"]


@pytest.mark.parametrize("target", [None, "text", 5, [], {}, (), Odd])
def test_what_cannot_be_a_plug_in_is_refused(target: object) -> None:
    """An entry point that names a class or a value is told so."""
    (fault,) = faults(target)
    assert fault.endswith("is no plug-in; expected a module, or an object with methods")


def test_a_plug_in_without_hooks_is_refused(module: Any) -> None:
    """Somebody forgot something."""
    odd = module("def helper(): pass")
    assert faults(odd) == [f"it has no hook: no function in {odd.__name__} is marked with @hookimpl"]


HOOKS = {
    "misspelt": (
        "@hookimpl\ndef orchestrator_strategys(): pass",
        ["there is no hook 'orchestrator_strategys'; did you mean 'orchestrator_strategies'? ({place}, line 4)"],
    ),
    "unlike any": (
        "@hookimpl\ndef hello(): pass",
        ["there is no hook 'hello'; known: orchestrator_strategies, orchestrator_conflict_resolvers, "],
    ),
    "wrong arguments": (
        "@hookimpl\ndef orchestrator_metrics(config): pass\n@hookimpl\ndef orchestrator_run_started(runs, run): pass",
        [
            "hook 'orchestrator_metrics' asks for 'config'; it is given nothing ({place}, line 4)",
            "hook 'orchestrator_run_started' asks for 'runs'; it is given 'run' ({place}, line 6)",
        ],
    ),
    "not marked": (
        "def orchestrator_strategies(): pass\ndef orchestrator_helper(): pass",
        ["'orchestrator_strategies' is not marked with @hookimpl of strategy_orchestrator ({place}, line 4)"],
    ),
    "marked for another project": (
        "@pluggy.HookimplMarker('strategy-orchestrator')\ndef orchestrator_strategies(): pass",
        ["'orchestrator_strategies' is not marked with @hookimpl of strategy_orchestrator ({place}, line 4)"],
    ),
    "a wrapper": (
        "@hookimpl(wrapper=True)\ndef orchestrator_strategies(): yield",
        ["hook 'orchestrator_strategies' is a wrapper, which no hook of ours takes ({place}, line 4)"],
    ),
}


@pytest.mark.parametrize("case", HOOKS)
def test_hooks_are_held_to_the_contract(case: str, module: Any) -> None:
    """All that is wrong with names, marks and signatures is told, with file, line and the nearest name."""
    code, expected = HOOKS[case]
    odd = module(code)
    found = faults(odd)
    assert len(found) == len(expected)
    for one, start in zip(found, expected, strict=True):
        assert one.startswith(start.format(place=odd.__file__))


def test_a_hook_of_a_later_version_may_be_optional(module: Any) -> None:
    """Pluggy's mark for hooks that a host may lack is honored."""
    code = (
        "@hookimpl(optionalhook=True)\ndef orchestrator_later(): pass\n@hookimpl\ndef orchestrator_metrics(): return []"
    )
    assert register(module(code), PLUGIN).offers == ()


RETURNED = {
    "None": ("None", "it returned None; expected a list of StrategySpec, empty for none"),
    "a spec alone": ("StrategySpec('odd', object)", "it returned StrategySpec(name='odd', "),
    "another kind": (
        "[ResolverSpec('odd', object)]",
        "item 1 is a ResolverSpec, which belongs to hook 'orchestrator_conflict_resolvers'",
    ),
    "no spec": ("[5]", "item 1 is 5; expected a StrategySpec"),
    "a bad name": ("[StrategySpec('Bad Name', object)]", "item 1, 'Bad Name': the name is not of lower-case letters, "),
    "a name with a colon": ("[StrategySpec('a:b', object)]", "item 1, 'a:b': the name is not of lower-case letters, "),
    "no name": ("[StrategySpec(None, object)]", "item 1, None: the name is not of "),
    "no factory": ("[StrategySpec('odd', 5)]", "item 1, 'odd': its factory, 5, cannot be called"),
    "no text": (
        "[StrategySpec('odd', object, description=5)]",
        "item 1, 'odd': its description, 5, is not one line of text",
    ),
    "two lines": (
        "[StrategySpec('odd', object, description='a\\nb')]",
        "item 1, 'odd': its description, 'a\\nb', is not one line of text",
    ),
    "no model": (
        "[StrategySpec('odd', object, parameters=dict)]",
        "item 1, 'odd': its parameters, <class 'dict'>, are no pydantic model; expected a class derived from BaseModel",
    ),
    "an object of a model": (
        "[StrategySpec('odd', object, parameters=type('M', (BaseModel,), {})())]",
        "item 1, 'odd': its parameters, M(), are no pydantic model; expected ",
    ),
    "a factory that needs more": (
        "[StrategySpec('odd', lambda fast: fast)]",
        "item 1, 'odd': its factory, <function orchestrator_strategies.<locals>.<lambda> at ",
    ),
    "the second item": (
        "[StrategySpec('odd', object), StrategySpec('odd-', object)]",
        "item 2, 'odd-': the name is not of lower-case letters, ",
    ),
}


@pytest.mark.parametrize("case", RETURNED)
def test_declarations_are_held_to_the_contract(case: str, module: Any) -> None:
    """What a registration hook returns is told with its place in the list, file and line."""
    value, start = RETURNED[case]
    odd = module(f"@hookimpl\ndef orchestrator_strategies():\n    return {value}")
    (fault,) = faults(odd)
    assert fault.startswith(f"hook 'orchestrator_strategies': {start}")
    assert fault.endswith(f"({odd.__file__}, line 4)")


def test_a_model_must_fit_the_factory(module: Any) -> None:
    """A parameter that the factory does not take is found before anybody uses it."""
    code = """
class Options(BaseModel):
    fast: int = 1
    slow: int = 2

@hookimpl
def orchestrator_strategies():
    return [StrategySpec("odd", lambda fast: fast, Options)]
"""
    (fault,) = faults(module(code))
    assert "cannot be called with fast, slow: got an unexpected keyword argument 'slow'" in fault


FITTING = {
    "extra fields": "StrategySpec('odd', lambda **k: k, type('M', (BaseModel,), {'model_config': {'extra': 'allow'}}))",
    "a factory that does not tell": "StrategySpec('odd', dict)",
    "capitals": "StrategySpec('VOTE_2', object)",
}


@pytest.mark.parametrize("case", FITTING)
def test_what_cannot_be_told_beforehand_is_not_refused(case: str, module: Any) -> None:
    """Open models and compiled factories pass."""
    odd = module(f"@hookimpl\ndef orchestrator_strategies():\n    return [{FITTING[case]}]")
    assert len(register(odd, PLUGIN).offers) == 1


def test_a_name_offered_twice_by_one_plug_in_is_refused(module: Any) -> None:
    """Not even the qualified name would tell them apart."""
    odd = module("@hookimpl\ndef orchestrator_strategies():\n    return [StrategySpec('odd', object)] * 2")
    assert faults(odd) == ["it offers the strategy 'odd' twice"]


def test_kinds_have_names_of_their_own(module: Any) -> None:
    """A strategy and a measure may have one name."""
    code = "@hookimpl\ndef orchestrator_strategies():\n    return [StrategySpec('odd', object)]\n"
    code += "@hookimpl\ndef orchestrator_metrics():\n    return (MetricSpec('odd', object),)\n"
    assert {offer.kind for offer in register(module(code), PLUGIN).offers} == {Kind.STRATEGY, Kind.METRIC}


RAISING = {
    "a registration hook": "@hookimpl\ndef orchestrator_strategies():\n    raise SystemExit(0)",
    "an attribute": """
class Pack:
    @property
    def orchestrator_x(self):
        raise OSError

    @hookimpl
    def orchestrator_metrics(self):
        1 / 0
p = Pack()
""",
    "a name": (
        "class E(type):\n  def __repr__(cls): raise OSError\nclass D(metaclass=E): ...\n"
        "@hookimpl\ndef orchestrator_strategies():\n    return [D]"
    ),
}


@pytest.mark.parametrize("case", RAISING)
def test_whatever_raises_is_told(case: str, module: Any) -> None:
    """Code of the plug-in that runs while it is checked is guarded."""
    odd = module(RAISING[case])
    with pytest.raises(PluginError, match=rf"^plug-in 'odd' \(pack-odd 1\.0\).*{odd.__name__}\.py, line"):
        register(getattr(odd, "p", odd), PLUGIN)


@pytest.mark.parametrize(("version", "shown"), [("2", "2"), ("'1'", "'1'"), ("None", "None")])
def test_another_version_of_the_contract_is_refused(version: str, shown: str, module: Any) -> None:
    """Before any hook is looked at."""
    odd = module(f"orchestrator_api_version = {version}\n@hookimpl\ndef orchestrator_nonsense(): pass")
    with pytest.raises(IncompatibleError, match=f"version {shown} of the contract"):
        register(odd, PLUGIN)


def test_our_version_of_the_contract_is_fine(module: Any) -> None:
    """A plug-in may say so."""
    register(module("orchestrator_api_version = 1\n@hookimpl\ndef orchestrator_metrics(): return []"), PLUGIN)


def test_a_failed_registration_leaves_no_trace(module: Any) -> None:
    """The same module registers as soon as it is in order."""
    odd = module("@hookimpl\ndef orchestrator_metrics(): return None")
    faults(odd)
    exec("@hookimpl\ndef orchestrator_metrics(): return []", odd.__dict__)  # noqa: S102  # our own code
    assert register(odd, PLUGIN).offers == ()
