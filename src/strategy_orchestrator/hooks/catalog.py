"""All plug-ins with what they add and whether they take part, learnt without importing any of them here."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import Final

from strategy_orchestrator.errors import ConfigError, Fault, PluginError
from strategy_orchestrator.hooks.cache import Cache
from strategy_orchestrator.hooks.files import package_files
from strategy_orchestrator.hooks.installed import Installed, find_built_in, find_installed
from strategy_orchestrator.hooks.learning import learn
from strategy_orchestrator.hooks.learnt import Entry, Learnt, Status, entry_of
from strategy_orchestrator.hooks.loading import incompatible
from strategy_orchestrator.hooks.plugin import Plugin, normalized
from strategy_orchestrator.hooks.switches import Switches

_MOST_TOLD: Final = 3


class Catalog:
    """The installed plug-ins and their state.

    Nothing is learnt before `entries` is asked for; the code of a plug-in that takes no part is never run.

    Parameters
    ----------
    switches : Switches
        Which plug-ins take part.
    built_in : bool
        Whether the built-in plug-in is one of them.
    is_fresh : bool
        Whether to look at all plug-ins again, whatever was kept.
    """

    def __init__(self, switches: Switches, *, built_in: bool = False, is_fresh: bool = False) -> None:
        own = [find_built_in()] if built_in else []
        self.switches = switches
        self.installed = {item.plugin: item for item in [*own, *find_installed()]}
        self._is_fresh = is_fresh

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All plug-ins, the built-in first, then sorted by distribution and name.

        Raises
        ------
        ConfigError
            If the time limit in the environment is no number.
        """
        verdicts = {plugin: self.switches.verdict(plugin) for plugin in self.installed}
        wanted = [item for plugin, item in self.installed.items() if not verdicts[plugin]]
        learnt = dict(_refused(wanted))
        learnt |= self._learnt([item for item in wanted if item.plugin not in learnt])
        return tuple(
            Entry(plugin, Status.BLOCKED, verdict) if verdict else entry_of(plugin, learnt[plugin])
            for plugin, verdict in verdicts.items()
        )

    def _learnt(self, items: Sequence[Installed]) -> dict[Plugin, Learnt]:
        cache = Cache()
        groups = [list(group) for _, group in itertools.groupby(items, key=lambda item: item.plugin.distribution)]
        found: dict[Plugin, Learnt] = {}
        unknown = []
        for group in groups:
            kept = None if self._is_fresh else cache.recall(group)
            if kept is None:
                unknown.append(group)
            else:
                found |= kept
        # Most of the time goes by while the children import; more at once than processors would only delay one another.
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for group, learnt in zip(unknown, pool.map(_look_at, unknown), strict=True):
                cache.remember(group, learnt)
                found |= learnt
        return found


def _look_at(group: Sequence[Installed]) -> dict[Plugin, Learnt]:
    return learn([item.plugin for item in group])


def _refused(items: Iterable[Installed]) -> Iterator[tuple[Plugin, Learnt]]:
    # What need not be imported to be known as unusable.
    for item in items:
        if item.fault is not None:
            yield item.plugin, Learnt(Status.BROKEN, faults=(item.fault,))
        elif not item.is_compatible:
            error = incompatible(item.plugin, ", ".join(map(str, sorted(item.api_versions))))
            yield item.plugin, Learnt(Status.INCOMPATIBLE, faults=error.faults)


def unknown(fault: Fault, name: str, entries: Iterable[Entry]) -> ConfigError | PluginError:
    """Return the error for a name that nothing answers to, with the plug-ins that could not be asked for it.

    A broken plug-in is to blame when the name says that it is the plug-in's, or is to be read in its code, or when
    there is no code to read.

    Parameters
    ----------
    fault : Fault
        What is unknown.
    name : str
        `name` or `distribution:name`.
    """
    owner, _, plain = name.rpartition(":")
    asked = [entry for entry in entries if normalized(owner) in {"", entry.plugin.distribution}]
    blamed = [entry for entry in asked if entry.faults and (owner or _may_offer(entry, plain))]
    quiet = [entry for entry in asked if entry.status is Status.BLOCKED]
    quiet.sort(key=lambda entry: not _may_offer(entry, plain, is_quoted=True))
    silent = [f"{entry.plugin.owner} ({entry.reason})" for entry in quiet]
    broken = [entry.plugin.owner for entry in asked if entry.faults and entry not in blamed]
    notes = [fault.remedy, _listed("These take no part", silent), _listed("These are broken", broken)]
    fault = replace(fault, remedy=" ".join(note for note in notes if note))
    faults = [each for entry in blamed for each in entry.faults]
    return PluginError([fault, *faults]) if faults else ConfigError(fault)


def _may_offer(entry: Entry, name: str, *, is_quoted: bool = False) -> bool:
    sources = [path for _, path in package_files(entry.plugin.module) if path.suffix == ".py"]
    looks = [f"{mark}{name}{mark}".encode() for mark in ("'", '"')] if is_quoted else [name.encode()]
    return not sources or any(look in path.read_bytes() for path in sources for look in looks)


def _listed(what: str, items: list[str]) -> str:
    told = [*dict.fromkeys(items)]
    more = f" and {len(told) - _MOST_TOLD} more, see orchestrate list-plugins" if len(told) > _MOST_TOLD else ""
    return f"{what}: {', '.join(told[:_MOST_TOLD])}{more}." if told else ""
