"""Find the plug-ins that are installed, without importing any.

Entry points are read one distribution at a time, for one with broken metadata must not hide the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from importlib_metadata import Distribution, EntryPoint, PackageNotFoundError

from strategy_orchestrator.errors import Fault, PluginError
from strategy_orchestrator.hooks.guard import guarded
from strategy_orchestrator.hooks.loading import remedy_for
from strategy_orchestrator.hooks.markers import API_VERSION, PROJECT
from strategy_orchestrator.hooks.plugin import CORE, Plugin, normalized

_FILE: Final = "entry_points.txt"
_TARGET: Final = re.compile(r"(?P<module>\w+(\.\w+)*)\s*(:\s*(?P<path>\w+(\.\w+)*))?\s*(\[.*\])?", re.ASCII)
_REQUIREMENT: Final = re.compile(r"\s*(?P<name>[\w.-]+)\s*\[(?P<extras>[^\]]*)\]")
_VERSION_EXTRA: Final = re.compile(r"api-(?P<version>\d+)")
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Installed:
    """A plug-in with its distribution.

    Attributes
    ----------
    distribution : Distribution or None
        Its metadata and files; None when it lies on the path without metadata.
    api_versions : frozenset of int
        Versions of the contract that its requirements name: `strategy-orchestrator[api-1]` names version 1.
    fault : Fault or None
        What is wrong with its metadata.
    """

    plugin: Plugin
    distribution: Distribution | None = None
    api_versions: frozenset[int] = frozenset()
    fault: Fault | None = None

    @property
    def is_compatible(self) -> bool:
        """Whether its requirements, if they name versions of the contract, name ours."""
        return not self.api_versions or API_VERSION in self.api_versions


def find_installed() -> list[Installed]:
    """Return all installed plug-ins, sorted by distribution and name."""
    found = [item for distribution in Distribution.discover() for item in _guarded_of(distribution)]
    return sorted(found, key=lambda item: (item.plugin.distribution, item.plugin.name, item.plugin.target))


def core_distribution() -> Distribution | None:
    """Return our own distribution; None when the package lies on the path without metadata."""
    try:
        found: Distribution = Distribution.from_name(CORE)
    except PackageNotFoundError:
        return None
    return found


def _guarded_of(distribution: Distribution) -> list[Installed]:
    try:
        return guarded(lambda: list(_of(distribution)), _FILE)
    except PluginError as error:
        # Whose it is may be part of what cannot be read.
        folder = getattr(distribution, "_path", "")
        plugin = Plugin(normalized(Path(str(folder)).name.partition("-")[0]) or _UNKNOWN, "", _UNKNOWN, "", str(folder))
        problem = f"its metadata cannot be read: {error.faults[0].problem} ({folder})"
        return [Installed(plugin, distribution, fault=Fault(plugin.where, problem, remedy_for(plugin)))]


def _of(distribution: Distribution) -> Iterator[Installed]:
    if PROJECT not in (distribution.read_text(_FILE) or ""):
        return
    entry_points = [item for item in distribution.entry_points if item.group == PROJECT]
    if not entry_points or _is_hidden(distribution):
        return
    versions = frozenset(_api_versions(distribution))
    for entry_point in entry_points:
        plugin = _plugin(distribution, entry_point)
        fault = None
        if not plugin.target:
            problem = f"its entry point is {entry_point.value!r}; expected 'module' or 'module:object' ({_FILE})"
            fault = Fault(plugin.where, problem, remedy_for(plugin))
        yield Installed(plugin, distribution, versions, fault)


def _plugin(distribution: Distribution, entry_point: EntryPoint) -> Plugin:
    match = _TARGET.fullmatch(entry_point.value.strip())
    module, path = (match["module"], match["path"]) if match else ("", None)
    return Plugin(
        distribution=normalized(distribution.name),
        version=distribution.version,
        name=entry_point.name,
        target=module if path is None else f"{module}:{path}",
        location=_location(distribution),
    )


def _is_hidden(distribution: Distribution) -> bool:
    # Behind another distribution of the same name that comes earlier on the path, as its modules are.
    first = Distribution.from_name(distribution.name)
    return str(first.locate_file("")) != str(distribution.locate_file(""))


def _location(distribution: Distribution) -> str:
    text = distribution.read_text("direct_url.json")
    about = json.loads(text) if text else {}
    if about.get("dir_info", {}).get("editable"):
        return str(about["url"]).removeprefix("file://")
    return str(Path(str(distribution.locate_file(""))))


def _api_versions(distribution: Distribution) -> Iterator[int]:
    for requirement in distribution.requires or ():
        match = _REQUIREMENT.match(requirement)
        if match is None or normalized(match["name"]) != CORE:
            continue
        for extra in match["extras"].split(","):
            version = _VERSION_EXTRA.fullmatch(normalized(extra.strip()))
            if version is not None:
                yield int(version["version"])
