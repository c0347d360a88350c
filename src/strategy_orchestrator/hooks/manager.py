"""The plug-ins of one run: found, loaded when they are needed, asked and told."""

from __future__ import annotations

import copy
import inspect
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from strategy_orchestrator.errors import ConfigError, Fault, PluginError, unknown_name
from strategy_orchestrator.hooks import building
from strategy_orchestrator.hooks.catalog import Catalog, unknown
from strategy_orchestrator.hooks.describing import describe
from strategy_orchestrator.hooks.files import digest, files_of, sha256_of
from strategy_orchestrator.hooks.guard import guarded, printable
from strategy_orchestrator.hooks.installed import find_built_in
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.hooks.learnt import Addition, Entry, Status, entry_of
from strategy_orchestrator.hooks.loading import load, remedy_for
from strategy_orchestrator.hooks.offers import Offer, Registered
from strategy_orchestrator.hooks.plugin import BUILT_IN, CORE, Origin, Plugin, is_called, normalized
from strategy_orchestrator.hooks.registering import register
from strategy_orchestrator.hooks.registry import callable_names, matching, the_only
from strategy_orchestrator.hooks.switches import ARGUMENTS, ENVIRONMENT, Switches, Wish, decided, wish_of_environment
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.specs import RunInfo

_LOG: Final = logging.getLogger("strategy_orchestrator.hooks")


class PluginManager:
    """Know the plug-ins of one run; two managers share nothing.

    Make one with `create_plugin_manager`. An installed plug-in is imported when something of it is named or it is to
    listen; what the others offer is known from the catalog, so that none of them can harm a run that has nothing to do
    with it. For the same reason an installed plug-in hears of a run only if the run names it: as a listener, or by
    something that it offers.

    Parameters
    ----------
    objects : iterable of object
        Plug-ins handed in by code; one that is installed too is that one, and counts once.
    switches : Switches
        Which plug-ins take part.

    Raises
    ------
    ConfigError
        If a switch names a plug-in that looks misspelt, or one as a listener that takes no part or does not listen.
    PluginError
        If a plug-in that was handed in, or is to listen, is not in order.
    """

    def __init__(self, objects: Iterable[object], switches: Switches) -> None:
        self._catalog = Catalog(switches)
        self._registered = {BUILT_IN: _built_in()}
        self._silenced: list[Entry] = []
        given: list[object] = []
        for target in objects:
            twin = _twin_of(target, (BUILT_IN, *self._catalog.installed))
            plugin = twin or _plugin_of(target, sum(type(each) is type(target) for each in given))
            if any(each is target for each in given):
                raise PluginError(Fault(plugin.where, "it is registered twice", "Hand it in once"))
            given.append(target)
            # Who hands it in wants it, also where installed plug-ins are left out.
            verdict = switches.verdict(replace(plugin, origin=Origin.OBJECT))
            if verdict:
                self._silenced.append(Entry(plugin, Status.BLOCKED, verdict))
            else:
                self._registered[plugin] = register(target, plugin)
        switches.check([*self._registered, *(entry.plugin for entry in self._silenced), *self._catalog.installed])
        self._own = tuple(self._registered.values())
        self._failed: dict[Plugin, PluginError] = {}
        self._used: set[Plugin] = set()
        self._made: dict[int, tuple[object, str]] = {}
        self._named = {plugin for name in switches.listen for plugin in self._listening(name)}

    @property
    def switches(self) -> Switches:
        """The switches as decided."""
        return self._catalog.switches

    def renewed(self) -> PluginManager:
        """Return a manager of the same plug-ins, for another run, in which none has taken part yet."""
        twin = copy.copy(self)
        vars(twin).update(_used=set(), _made={})
        return twin

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All plug-ins with what they add and whether they take part: built-in, handed in by code, installed."""
        own = (entry_of(registered.plugin, describe(registered)) for registered in self._own)
        return (*own, *self._silenced, *self._others)

    @cached_property
    def _others(self) -> tuple[Entry, ...]:
        # Those that nobody handed in.
        given = {registered.plugin for registered in self._own} | {entry.plugin for entry in self._silenced}
        return tuple(entry for entry in self._catalog.entries if entry.plugin not in given)

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
        known = self._known(wanted, is_built_in=normalized(name.rpartition(":")[0]) == CORE)
        found = matching(known, name)
        if not found:
            fault = unknown_name(where, wanted.word, name, dict(callable_names(known)))
            raise unknown(fault, name, (*self._silenced, *self._others))
        offer = self._offer(the_only(found, wanted.word, name, where))
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
        made = building.build(offer, params, where)
        # Kept with the object, for another may get its number when it is gone.
        self._made[id(made)] = (made, offer.where)
        return made

    def owner_of(self, made: object) -> str | None:
        """Return what an object is in errors, name and owner, if it was built here; else None."""
        kept = self._made.get(id(made))
        return None if kept is None else kept[1]

    def offers(self, kind: str) -> dict[str, Offer]:
        """Return all offers of a kind by name, by `distribution:name` where a name is offered twice; sorted."""
        offers = {}
        for name, item in callable_names(self._known(Kind(kind))):
            try:
                offers[name] = self._offer(item)
            except PluginError as error:
                _LOG.error("%s", error)
        self._used.update(offer.plugin for offer in offers.values())
        return offers

    def run_started(self, run: RunInfo) -> None:
        """Tell plug-ins that a run begins."""
        self._tell("orchestrator_run_started", run=run)

    def decisions(self, batch: Sequence[Mapping[str, object]]) -> None:
        """Tell plug-ins what was decided."""
        self._tell("orchestrator_decisions", decisions=batch)

    @property
    def hears_decisions(self) -> bool:
        """Whether a plug-in listens to what is decided."""
        return self._hears("orchestrator_decisions")

    @property
    def hears_completion(self) -> bool:
        """Whether a plug-in is handed the result when a run comes to its end."""
        return self._hears("orchestrator_run_completed")

    def run_completed(self, result: OrchestratorResult) -> None:
        """Tell plug-ins that a run came to its end."""
        self._tell("orchestrator_run_completed", result=result)

    def run_failed(self, error: BaseException) -> None:
        """Tell plug-ins that a run failed."""
        self._tell("orchestrator_run_failed", error=error)

    def used(self) -> tuple[dict[str, str], ...]:
        """Name every plug-in that took part: distribution, name, version and hash, sorted.

        The hash is the SHA-256 over its files, see `hooks.files`; of an object handed in by code, that of the file with
        its class, empty if there is none.
        """
        ordered = sorted(self._used, key=lambda plugin: (plugin.distribution, plugin.name))
        return tuple(
            {
                "distribution": plugin.distribution,
                "name": plugin.name,
                "version": plugin.version,
                "hash": self._hash(plugin),
            }
            for plugin in ordered
        )

    def _hash(self, plugin: Plugin) -> str:
        if plugin.origin is Origin.OBJECT:
            file = Path(plugin.location)
            return sha256_of(file) if file.is_file() else ""
        if plugin.origin is Origin.BUILT_IN:
            return _hash_of_built_in()
        return digest(files_of([self._catalog.installed[plugin]]).hashes())

    def _known(self, kind: Kind, *, is_built_in: bool = False) -> list[Offer | Addition]:
        own: list[Offer | Addition] = [
            offer for registered in self._own for offer in registered.offers if offer.kind is kind
        ]
        if is_built_in:
            return own
        return own + [item for entry in self._others for item in entry.additions if item.kind == kind]

    def _offer(self, item: Offer | Addition) -> Offer:
        if isinstance(item, Offer):
            return item
        for offer in self._required(item.plugin).offers:
            if (offer.kind, offer.name) == (item.kind, item.name):
                return offer
        problem = f"it offered the {Kind(item.kind).word} {item.name!r} when it was looked at and does not now"
        raise PluginError(Fault(item.plugin.where, problem, remedy_for(item.plugin)))

    def _required(self, plugin: Plugin) -> Registered:
        if plugin in self._failed:
            raise self._failed[plugin]
        if plugin not in self._registered:
            try:
                self._registered[plugin] = register(load(plugin), plugin)
            except PluginError as error:
                self._failed[plugin] = error
                raise
        return self._registered[plugin]

    def _listening(self, name: str) -> list[Plugin]:
        # Who is named has to listen; of a distribution with several plug-ins, those that can.
        where = f"{self.switches.place_of('listen')}: {name!r}"
        meant = [entry for entry in self.entries if is_called(entry.plugin, name)]
        silent = [entry.reason for entry in meant if entry.status is Status.BLOCKED]
        if silent:
            raise ConfigError(Fault(where, f"the plug-in takes no part: {silent[0]}", "Leave it out, or let it in"))
        faults = [fault for entry in meant for fault in entry.faults]
        if faults:
            raise PluginError(faults)
        found = [entry.plugin for entry in meant if entry.events]
        if not found:
            raise ConfigError(Fault(where, "the plug-in has no hook that hears of runs", "Leave it out"))
        for plugin in found:
            self._required(plugin)
        return found

    @property
    def _listeners(self) -> list[Registered]:
        heard = {registered.plugin for registered in self._own} | self._named | self._used
        ordered = sorted(heard, key=lambda item: (item.distribution, item.name))
        return [self._registered[plugin] for plugin in ordered if self._registered[plugin].events]

    def _hears(self, hook: str) -> bool:
        return any(hook in registered.events for registered in self._listeners)

    def _tell(self, hook: str, **facts: object) -> None:
        for registered in self._listeners:
            if hook in registered.events:
                self._used.add(registered.plugin)
                _call(registered, hook, facts)


@cache
def _hash_of_built_in() -> str:
    # The files that this process runs are those of its start.
    return digest(files_of([find_built_in()]).hashes())


def create_plugin_manager(
    plugins: Iterable[object] = (),
    *,
    blocked: Iterable[str] | None = None,
    only: Iterable[str] | None = None,
    autoload: bool | None = None,
    listen: Iterable[str] | None = None,
) -> PluginManager:
    """Make a manager of the built-in plug-in, those handed in and those installed.

    Parameters
    ----------
    plugins : iterable of object
        Modules or objects with hooks; one that is installed too counts once.
    blocked : iterable of str, optional
        Plug-ins to leave out: a distribution, an entry point, or `distribution:entry-point`.
    only : iterable of str, optional
        The only installed plug-ins to load.
    autoload : bool, optional
        Whether to load installed plug-ins at all.
    listen : iterable of str, optional
        Installed plug-ins that hear of runs, besides those of which something is used and those handed in.

    Returns
    -------
    PluginManager
        What is not given here is decided by the variables ORCHESTRATE_BLOCK, ORCHESTRATE_ONLY,
        ORCHESTRATE_NO_AUTOLOAD and ORCHESTRATE_LISTEN of the environment.

    Raises
    ------
    ConfigError
        If a switch names a plug-in that looks misspelt, or one as a listener that takes no part or does not listen.
    PluginError
        If a plug-in that was handed in, or is to listen, is not in order.
    """
    wish = Wish(_names(blocked), _names(only), autoload, _names(listen))
    switches = decided((ARGUMENTS, wish), (ENVIRONMENT, wish_of_environment()))
    return PluginManager(plugins, switches)


def _names(given: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple([given] if isinstance(given, str) else given)


def _plugin_of(target: object, n_alike: int) -> Plugin:
    # A second object of one class has a name of its own, so that both can be told apart.
    if inspect.ismodule(target):
        name = module = target.__name__
    else:
        name, module = type(target).__name__, type(target).__module__
        name += f"-{n_alike + 1}" * bool(n_alike)
    version = guarded(lambda: printable(str(getattr(target, "__version__", ""))), f"plug-in {name!r}")
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return Plugin(normalized(name), version, name, module, file, Origin.OBJECT)


def _twin_of(target: object, plugins: Iterable[Plugin]) -> Plugin | None:
    # The plug-in that is this very object, which then has been imported; nothing is imported to find out.
    for plugin in plugins:
        found: object = sys.modules.get(plugin.module)
        for name in filter(None, plugin.target.partition(":")[2].split(".")):
            found = inspect.getattr_static(found, name, None)
        if found is target and found is not None:
            return plugin
    return None


def _call(registered: Registered, hook: str, facts: dict[str, Any]) -> None:
    caller: Callable[..., object] = getattr(registered.hooks.hook, hook)
    where = f"{registered.plugin.where}, hook {hook!r}"
    try:
        guarded(lambda: caller(**facts), where)
    except PluginError as error:
        _LOG.error("%s", error)


@cache
def _built_in() -> Registered:
    # What is in the box does not change, and is checked once.
    return register(load(BUILT_IN), BUILT_IN)
