"""Find the plug-ins that are installed, without importing any.

Entry points are read one distribution at a time, for one with broken metadata must not hide the others.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from importlib_metadata import Distribution, EntryPoint, PackageNotFoundError

from strategy_orchestrator.errors import Fault, PluginError
from strategy_orchestrator.hooks.guard import guarded, printable
from strategy_orchestrator.hooks.loading import remedy_for
from strategy_orchestrator.hooks.markers import API_VERSION, PROJECT
from strategy_orchestrator.hooks.plugin import BUILT_IN, CORE, Plugin, normalized

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
    folder : Path or None
        Where its files are; None when it lies on the path without metadata.
    recorded : mapping
        What RECORD says is the hash of each file that it names, as `sha256=...`; empty where it says nothing.
    api_versions : frozenset of int
        Versions of the contract that its requirements name: `strategy-orchestrator[api-1]` names version 1.
    fault : Fault or None
        What is wrong with its metadata.
    """

    plugin: Plugin
    folder: Path | None = None
    recorded: Mapping[str, str] = field(default_factory=dict)
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


def find_built_in() -> Installed:
    """Return the plug-in in the box."""
    try:
        distribution: Distribution = Distribution.from_name(CORE)
    except PackageNotFoundError:
        return Installed(BUILT_IN)
    return Installed(BUILT_IN, _folder(distribution), dict(_record(distribution)))


def _guarded_of(distribution: Distribution) -> list[Installed]:
    try:
        return guarded(lambda: list(_of(distribution)), _FILE)
    except PluginError as error:
        # Whose it is may be part of what cannot be read.
        folder = getattr(distribution, "_path", "")
        plugin = Plugin(normalized(Path(str(folder)).name.partition("-")[0]) or _UNKNOWN, "", _UNKNOWN, "", str(folder))
        problem = f"its metadata cannot be read: {error.faults[0].problem} ({folder})"
        return [Installed(plugin, fault=Fault(plugin.where, problem, remedy_for(plugin)))]


def _of(distribution: Distribution) -> Iterator[Installed]:
    if PROJECT not in (distribution.read_text(_FILE) or ""):
        return
    entry_points = [item for item in distribution.entry_points if item.group == PROJECT]
    if not entry_points or _is_hidden(distribution):
        return
    versions = frozenset(_api_versions(distribution))
    recorded = dict(_record(distribution))
    for entry_point in entry_points:
        plugin = _plugin(distribution, entry_point)
        fault = None
        if not plugin.target:
            problem = f"its entry point is {entry_point.value!r}; expected 'module' or 'module:object' ({_FILE})"
            fault = Fault(plugin.where, problem, remedy_for(plugin))
        yield Installed(plugin, _folder(distribution), recorded, versions, fault)


def _plugin(distribution: Distribution, entry_point: EntryPoint) -> Plugin:
    match = _TARGET.fullmatch(entry_point.value.strip())
    module, path = (match["module"], match["path"]) if match else ("", None)
    return Plugin(
        distribution=normalized(distribution.name),
        version=printable(distribution.version),
        name=entry_point.name,
        target=module if path is None else f"{module}:{path}",
        location=_location(distribution),
    )


def _is_hidden(distribution: Distribution) -> bool:
    # Behind another distribution of the same name that comes earlier on the path, as its modules are.
    return _folder(Distribution.from_name(distribution.name)) != _folder(distribution)


def _location(distribution: Distribution) -> str:
    text = distribution.read_text("direct_url.json")
    about = json.loads(text) if text else {}
    if about.get("dir_info", {}).get("editable"):
        return str(about["url"]).removeprefix("file://")
    return str(_folder(distribution))


def _folder(distribution: Distribution) -> Path:
    return Path(str(distribution.locate_file("")))


def _record(distribution: Distribution) -> Iterator[tuple[str, str]]:
    # The library would leave out files that are gone.
    for name, value, *_ in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
        yield name, value


def _api_versions(distribution: Distribution) -> Iterator[int]:
    for requirement in distribution.requires or ():
        match = _REQUIREMENT.match(requirement)
        if match is None or normalized(match["name"]) != CORE:
            continue
        for extra in match["extras"].split(","):
            version = _VERSION_EXTRA.fullmatch(normalized(extra.strip()))
            if version is not None:
                yield int(version["version"])
