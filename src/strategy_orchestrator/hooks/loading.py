"""Import one plug-in, guarded against whatever its code does short of ending or crashing the process."""

from __future__ import annotations

import functools
import importlib
from typing import Final

from strategy_orchestrator.errors import Fault, PluginError
from strategy_orchestrator.hooks.guard import guarded
from strategy_orchestrator.hooks.markers import API_VERSION
from strategy_orchestrator.hooks.plugin import Origin, Plugin

REPAIR: Final = "Repair, upgrade or remove {distribution}, or block it: --block {distribution}"


class IncompatibleError(PluginError):
    """Refuse a plug-in that was written for another version of the contract."""


def load(plugin: Plugin) -> object:
    """Import what the entry point of a plug-in names.

    Raises
    ------
    PluginError
        If it cannot be imported or there is no such thing.
    """
    remedy = remedy_for(plugin)
    module, _, path = plugin.target.partition(":")
    try:
        target = guarded(lambda: importlib.import_module(module), plugin.where, remedy)
    except PluginError as error:
        if _is_missing(error.__cause__, module):
            problem = f"its entry point names {plugin.target!r}, and there is no module {module!r}{_metadata(plugin)}"
            raise PluginError(Fault(plugin.where, problem, remedy)) from error.__cause__
        raise
    names = path.split(".") if path else []
    try:
        found: object = guarded(
            lambda: functools.reduce(getattr, names, target), plugin.where, remedy, passing=(AttributeError,)
        )
    except AttributeError as error:
        problem = f"its entry point names {plugin.target!r}, and {module!r} has no {path!r}{_metadata(plugin)}"
        raise PluginError(Fault(plugin.where, problem, remedy)) from error
    return found


def remedy_for(plugin: Plugin) -> str:
    """Say what a user can do about a plug-in that is broken."""
    if plugin.origin is Origin.INSTALLED:
        return REPAIR.format(distribution=plugin.distribution)
    return "Correct the plug-in"


def incompatible(plugin: Plugin, versions: object) -> IncompatibleError:
    """Say that a plug-in was written for other versions of the contract than ours."""
    problem = f"it was written for version {versions} of the contract with plug-ins; this is version {API_VERSION}"
    remedy = f"Install a version of {plugin.distribution} that fits strategy-orchestrator, or another version of that"
    return IncompatibleError(Fault(plugin.where, problem, remedy, str(versions)))


def _metadata(plugin: Plugin) -> str:
    return f" (entry_points.txt in {plugin.location})" if plugin.origin is Origin.INSTALLED else ""


def _is_missing(cause: BaseException | None, module: str) -> bool:
    # As opposed to a module that it imports in turn.
    return isinstance(cause, ModuleNotFoundError) and bool(cause.name) and f"{module}.".startswith(f"{cause.name}.")
