"""Check everything about a plug-in that was imported, and only then say what it adds.

Each plug-in is examined by a pluggy manager of its own, so that a faulty one leaves no trace in any other.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import pluggy

from strategy_orchestrator.errors import Fault, PluginError, nearest
from strategy_orchestrator.hooks import specs
from strategy_orchestrator.hooks.declarations import listed_faults
from strategy_orchestrator.hooks.guard import guarded, place_of_function, printable
from strategy_orchestrator.hooks.kinds import EVENT_HOOKS, RULES, Kind
from strategy_orchestrator.hooks.loading import IncompatibleError, incompatible, remedy_for
from strategy_orchestrator.hooks.markers import API_VERSION, PROJECT
from strategy_orchestrator.hooks.offers import Offer, Registered
from strategy_orchestrator.hooks.plugin import Plugin

VERSION_ATTRIBUTE: Final = "orchestrator_api_version"
_PREFIX: Final = "orchestrator_"
_HOOKS: Final = tuple(rule.hook for rule in RULES.values()) + EVENT_HOOKS


def register(target: object, plugin: Plugin) -> Registered:
    """Check an imported plug-in and return what it adds.

    Raises
    ------
    IncompatibleError
        If it was written for another version of the contract.
    PluginError
        With one fault for each thing wrong with its hooks or declarations.
    """
    remedy = remedy_for(plugin)
    hooks = pluggy.PluginManager(PROJECT)
    guarded(lambda: _check_version(target, plugin), plugin.where, remedy, passing=(IncompatibleError,))
    guarded(lambda: hooks.register(target, plugin.name), plugin.where, remedy)
    faults = guarded(lambda: [*_hook_faults(target, hooks)], plugin.where, remedy)
    if not faults:
        # What pluggy itself finds wrong, should we have overlooked it.
        guarded(lambda: _adopt(hooks), plugin.where, remedy)
        offers, faults = _declared(hooks, plugin)
    else:
        offers = ()
    if faults:
        raise PluginError(Fault(plugin.where, problem, remedy) for problem in faults)
    events = tuple(name for name in EVENT_HOOKS if _implementations(hooks, name))
    return Registered(plugin, offers, events, hooks)


def _check_version(target: object, plugin: Plugin) -> None:
    version = getattr(target, VERSION_ATTRIBUTE, API_VERSION)
    if version != API_VERSION:
        raise incompatible(plugin, printable(repr(version)))


def _adopt(hooks: pluggy.PluginManager) -> None:
    hooks.add_hookspecs(specs)
    hooks.check_pending()


def _hook_faults(target: object, hooks: pluggy.PluginManager) -> Iterator[str]:
    if inspect.isclass(target) or target is None or isinstance(target, str | int | list | dict | tuple):
        yield f"{printable(repr(target))} is no plug-in; expected a module, or an object with methods"
        return
    callers = hooks.get_hookcallers(target) or []
    for caller in callers:
        for hook in caller.get_hookimpls():
            yield from _implementation_faults(caller.name, hook)
    unmarked = [*_unmarked(target, {caller.name for caller in callers})]
    yield from unmarked
    if not callers and not unmarked:
        yield f"it has no hook: no function in {_name_of(target)} is marked with @hookimpl"


def _implementation_faults(name: str, hook: pluggy.HookImpl) -> Iterator[str]:
    place = place_of_function(hook.function)
    if name not in _HOOKS:
        if not hook.optionalhook:
            guess = nearest(name, _HOOKS)
            known = f"did you mean {guess!r}?" if guess else f"known: {', '.join(_HOOKS)}"
            yield f"there is no hook {name!r}; {known}{place}"
        return
    if hook.hookwrapper or hook.wrapper:
        yield f"hook {name!r} is a wrapper, which no hook of ours takes{place}"
    allowed = _arguments_of(name)
    odd = [argument for argument in hook.argnames if argument not in allowed]
    if odd:
        takes = ", ".join(map(repr, allowed)) or "nothing"
        yield f"hook {name!r} asks for {', '.join(map(repr, odd))}; it is given {takes}{place}"


def _arguments_of(name: str) -> list[str]:
    return list(inspect.signature(getattr(specs, name)).parameters)


def _unmarked(target: object, marked: set[str]) -> Iterator[str]:
    # A function that looks like a hook but lacks the mark would be passed over in silence.
    for name in dir(target):
        if not name.startswith(_PREFIX) or name in marked or name == VERSION_ATTRIBUTE:
            continue
        value = inspect.getattr_static(target, name)
        if inspect.isfunction(value) and not hasattr(value, f"{PROJECT}_impl") and _looks_like_hook(name):
            yield f"{name!r} is not marked with @hookimpl of strategy_orchestrator{place_of_function(value)}"


def _looks_like_hook(name: str) -> bool:
    # Without what all have in common.
    return nearest(name.removeprefix(_PREFIX), [hook.removeprefix(_PREFIX) for hook in _HOOKS]) is not None


def _declared(hooks: pluggy.PluginManager, plugin: Plugin) -> tuple[tuple[Offer, ...], list[str]]:
    offers: list[Offer] = []
    faults: list[str] = []
    for kind, rule in RULES.items():
        for hook in _implementations(hooks, rule.hook):
            where = f"{plugin.where}, hook {rule.hook!r}"
            returned: Any = guarded(hook.function, where, remedy_for(plugin))
            wrong = guarded(partial(listed_faults, kind, returned), where, remedy_for(plugin))
            place = place_of_function(hook.function)
            faults.extend(f"hook {rule.hook!r}: {problem}{place}" for problem in wrong)
            if not wrong:
                offers.extend(Offer(kind, spec, plugin) for spec in returned)
    faults.extend(_duplicates(offers))
    return tuple(offers), faults


def _implementations(hooks: pluggy.PluginManager, name: str) -> list[pluggy.HookImpl]:
    caller = getattr(hooks.hook, name, None)
    return [] if caller is None else caller.get_hookimpls()


def _duplicates(offers: list[Offer]) -> Iterator[str]:
    seen: set[tuple[Kind, str]] = set()
    for offer in offers:
        if (offer.kind, offer.name) in seen:
            yield f"it offers the {offer.kind.word} {offer.name!r} twice"
        seen.add((offer.kind, offer.name))


def _name_of(target: object) -> str:
    return str(getattr(target, "__name__", type(target).__name__))
