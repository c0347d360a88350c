"""The contract with plug-ins, and all that finds, checks, lists and calls them.

`specs` is the contract, `kinds` what can be offered. `installed` finds plug-ins without importing any, `loading`
imports one, `registering` checks it, `registry` knows who offers what, `building` makes what is offered, and `manager`
is the face of it all. What is named below is loaded when it is first used, for a list of plug-ins needs no numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from strategy_orchestrator.on_demand import loader_of

if TYPE_CHECKING:
    from strategy_orchestrator.hooks.guard import guarded as guarded
    from strategy_orchestrator.hooks.kinds import Kind as Kind
    from strategy_orchestrator.hooks.manager import (
        PluginManager as PluginManager,
        create_plugin_manager as create_plugin_manager,
    )
    from strategy_orchestrator.hooks.markers import hookimpl as hookimpl
    from strategy_orchestrator.hooks.offers import Offer as Offer

_HOMES: Final = {
    "Kind": "kinds",
    "Offer": "offers",
    "PluginManager": "manager",
    "create_plugin_manager": "manager",
    "guarded": "guard",
    "hookimpl": "markers",
}

__all__ = [*_HOMES]  # noqa: PLE0604  # names are listed once, above

if not TYPE_CHECKING:  # to a type checker any name would do
    __getattr__ = loader_of(__name__, _HOMES)
