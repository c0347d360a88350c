"""The plug-ins of one run: found, loaded when they are needed, asked and told."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from importlib_metadata import Distribution, PackageNotFoundError

from strategy_orchestrator.errors import ConfigError, Fault, PluginError, unknown_name
from strategy_orchestrator.hooks import building
from strategy_orchestrator.hooks.files import digest, files_of
from strategy_orchestrator.hooks.guard import guarded, printable
from strategy_orchestrator.hooks.installed import Installed, find_installed
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.hooks.loading import load
from strategy_orchestrator.hooks.offers import Offer, Registered
from strategy_orchestrator.hooks.plugin import BUILT_IN, CORE, Origin, Plugin, normalized
from strategy_orchestrator.hooks.registering import incompatible, register
from strategy_orchestrator.hooks.registry import callable_names, matching, the_only
from strategy_orchestrator.hooks.switches import ARGUMENTS, ENVIRONMENT, Switches, Wish, decided, wish_of_environment
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.specs import RunInfo

_LOG: Final = logging.getLogger("strategy_orchestrator.hooks")


class PluginManager:
    """Know the plug-ins of one run; two managers share nothing.

    Make one with `create_plugin_manager`. Installed plug-ins are imported when the manager is first asked for
    something, one at a time in the order of their names; one that cannot be loaded is remembered with the reason and
    bothers only those who name what it might offer.

    Parameters
    ----------
    objects : iterable of object
        Plug-ins handed in by code.
    switches : Switches
        Which installed ones take part.
    """

    def __init__(self, objects: Iterable[object], switches: Switches) -> None:
        self._switches = switches
        self._installed = {item.plugin: item for item in find_installed()}
        self._registered = {BUILT_IN: register(load(BUILT_IN), BUILT_IN)}
        for target in objects:
            plugin = _plugin_of(target)
            if plugin in self._registered:
                raise PluginError(Fault(plugin.where, "it is registered twice", "Hand it in once"))
            if not switches.verdict(plugin):
                self._registered[plugin] = register(target, plugin)
        switches.check([*self._registered, *self._installed])
        self._broken: dict[Plugin, PluginError] = {}
        self._is_loaded = False
        self._used: set[Plugin] = set()

    @property
    def switches(self) -> Switches:
        """The switches as decided."""
        return self._switches

    def find(self, kind: str, name: str, where: str) -> Offer:
        """Return what is offered under a name.

        Parameters
        ----------
        kind : str
            A value of `hooks.kinds.Kind`.
        name : str
            `name` or `distribution:name`.
        where : str
            Who names it, in errors.

        Raises
        ------
        ConfigError
            If nothing is called so, with the nearest name.
        PluginError
            If several plug-ins offer it, or a broken one may.
        """
        wanted = Kind(kind)
        offers = [offer for offer in self._offers() if offer.kind is wanted]
        found = matching(offers, name)
        if not found:
            raise self._unknown(wanted, name, where, offers)
        offer = the_only(found, wanted.word, name, where)
        self._used.add(offer.plugin)
        return offer

    def build(self, offer: Offer, params: Mapping[str, object], where: str) -> object:
        """Make what is offered, with checked parameters.

        Parameters
        ----------
        params : mapping
            Options by name.
        where : str
            The place of the options, in errors; the offer itself when empty.

        Raises
        ------
        ConfigError
            With one fault for each parameter that is unknown, missing or wrong.
        PluginError
            If the factory raises, or returns what is not of its kind.
        """
        return building.build(offer, params, where)

    def offers(self, kind: str) -> dict[str, Offer]:
        """Return all offers of a kind by name, by `distribution:name` where a name is offered twice; sorted."""
        wanted = Kind(kind)
        offers = dict(callable_names(offer for offer in self._offers() if offer.kind is wanted))
        self._used.update(offer.plugin for offer in offers.values())
        return offers

    def run_started(self, run: RunInfo) -> None:
        """Tell plug-ins that a run begins."""
        self._tell("orchestrator_run_started", run=run)

    def decisions(self, batch: Sequence[Mapping[str, object]]) -> None:
        """Tell plug-ins what was decided."""
        self._tell("orchestrator_decisions", decisions=batch)

    def run_completed(self, result: OrchestratorResult) -> None:
        """Tell plug-ins that a run came to its end."""
        self._tell("orchestrator_run_completed", result=result)

    def run_failed(self, error: BaseException) -> None:
        """Tell plug-ins that a run failed."""
        self._tell("orchestrator_run_failed", error=error)

    def used(self) -> tuple[dict[str, str], ...]:
        """Name every plug-in that took part: distribution, name, version and hash, sorted.

        The hash is the SHA-256 over its files, see `hooks.files`.
        """
        ordered = sorted(self._used, key=lambda plugin: (plugin.distribution, plugin.name))
        return tuple(
            {
                "distribution": plugin.distribution,
                "name": plugin.name,
                "version": plugin.version,
                "hash": digest(files_of(self._distribution(plugin), (plugin.module,)).hashes()),
            }
            for plugin in ordered
        )

    def _distribution(self, plugin: Plugin) -> Distribution | None:
        if plugin in self._installed:
            return self._installed[plugin].distribution
        try:
            return Distribution.from_name(CORE) if plugin.origin is Origin.BUILT_IN else None
        except PackageNotFoundError:
            return None

    def _offers(self) -> list[Offer]:
        self._load()
        return [offer for registered in self._registered.values() for offer in registered.offers]

    def _load(self) -> None:
        if self._is_loaded:
            return
        self._is_loaded = True
        for item in self._installed.values():
            if not self._switches.verdict(item.plugin):
                try:
                    self._registered[item.plugin] = _loaded(item)
                except PluginError as error:
                    self._broken[item.plugin] = error

    def _unknown(self, kind: Kind, name: str, where: str, offers: list[Offer]) -> PluginError | ConfigError:
        fault = unknown_name(where, kind.word, name, dict(callable_names(offers)))
        owner = normalized(name.rpartition(":")[0])
        suspects = [
            error for plugin, error in self._broken.items() if not owner or normalized(plugin.distribution) == owner
        ]
        if suspects:
            return PluginError([fault, *(item for error in suspects for item in error.faults)])
        return ConfigError(fault)

    def _tell(self, hook: str, **facts: object) -> None:
        self._load()
        for plugin in sorted(self._registered, key=lambda item: (item.distribution, item.name)):
            registered = self._registered[plugin]
            if hook in registered.events:
                self._used.add(plugin)
                _call(registered, hook, facts)


def create_plugin_manager(
    plugins: Iterable[object] = (),
    *,
    blocked: Iterable[str] | None = None,
    only: Iterable[str] | None = None,
    autoload: bool | None = None,
) -> PluginManager:
    """Make a manager of the built-in plug-in, those handed in and those installed.

    Parameters
    ----------
    plugins : iterable of object
        Modules or objects with hooks.
    blocked : iterable of str, optional
        Plug-ins to leave out: a distribution, an entry point, or `distribution:entry-point`.
    only : iterable of str, optional
        The only installed plug-ins to load.
    autoload : bool, optional
        Whether to load installed plug-ins at all.

    Returns
    -------
    PluginManager
        What is not given here is decided by the variables ORCHESTRATE_BLOCK, ORCHESTRATE_ONLY and
        ORCHESTRATE_NO_AUTOLOAD of the environment.

    Raises
    ------
    ConfigError
        If a switch names a plug-in that looks misspelt.
    PluginError
        If a plug-in that was handed in is not in order.
    """
    wish = Wish(_names(blocked), _names(only), autoload)
    switches = decided((ARGUMENTS, wish), (ENVIRONMENT, wish_of_environment()))
    return PluginManager(plugins, switches)


def _names(given: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple([given] if isinstance(given, str) else given)


def _loaded(item: Installed) -> Registered:
    if not item.is_compatible:
        raise incompatible(item.plugin, ", ".join(map(str, sorted(item.api_versions))))
    return register(load(item.plugin), item.plugin)


def _plugin_of(target: object) -> Plugin:
    if inspect.ismodule(target):
        name, module = target.__name__, target.__name__
        file = getattr(target, "__file__", None) or ""
    else:
        name, module = type(target).__name__, type(target).__module__
        file = ""
    version = guarded(lambda: printable(str(getattr(target, "__version__", ""))), f"plug-in {name!r}")
    return Plugin(normalized(name), version, name, module, file, Origin.OBJECT)


def _call(registered: Registered, hook: str, facts: dict[str, Any]) -> None:
    caller: Callable[..., object] = getattr(registered.hooks.hook, hook)
    where = f"{registered.plugin.where}, hook {hook!r}"
    try:
        guarded(lambda: caller(**facts), where)
    except PluginError as error:
        _LOG.error("%s", error)
