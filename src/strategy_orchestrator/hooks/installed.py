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

from strategy_orchestrator.hooks.guard import guarded
from strategy_orchestrator.hooks.markers import API_VERSION, PROJECT
from strategy_orchestrator.hooks.plugin import CORE, Plugin, normalized

_FILE: Final = "entry_points.txt"
_REQUIREMENT: Final = re.compile(r"^\s*(?P<name>[\w.-]+)\s*\[(?P<extras>[^\]]*)\]")
_VERSION_EXTRA: Final = re.compile(r"^api-(?P<version>\d+)$")


@dataclass(frozen=True, slots=True)
class Installed:
    """A plug-in with its distribution.

    Attributes
    ----------
    distribution : Distribution
        Its metadata and files.
    api_versions : frozenset of int
        Versions of the contract that its requirements name: `strategy-orchestrator[api-1]` names version 1.
    """

    plugin: Plugin
    distribution: Distribution
    api_versions: frozenset[int] = frozenset()

    @property
    def is_compatible(self) -> bool:
        """Whether its requirements, if they name a version of the contract, name ours."""
        return not self.api_versions or API_VERSION in self.api_versions


def find_installed() -> list[Installed]:
    """Return all installed plug-ins, sorted by distribution and name."""
    found = [item for distribution in Distribution.discover() for item in _of(distribution)]
    return sorted(found, key=lambda item: (item.plugin.distribution, item.plugin.name, item.plugin.target))


def _of(distribution: Distribution) -> Iterator[Installed]:
    text = guarded(lambda: distribution.read_text(_FILE), "entry points") or ""
    if PROJECT not in text:
        return
    entry_points = [item for item in distribution.entry_points if item.group == PROJECT]
    if not entry_points or _is_hidden(distribution):
        return
    versions = frozenset(_api_versions(distribution))
    for entry_point in entry_points:
        yield Installed(_plugin(distribution, entry_point), distribution, versions)


def _plugin(distribution: Distribution, entry_point: EntryPoint) -> Plugin:
    return Plugin(
        distribution=normalized(distribution.name),
        version=distribution.version,
        name=entry_point.name,
        target=entry_point.value,
        location=_location(distribution),
    )


def _is_hidden(distribution: Distribution) -> bool:
    # Behind another distribution of the same name that comes earlier on the path, as its modules are.
    try:
        first = Distribution.from_name(distribution.name)
    except PackageNotFoundError:
        return False
    return str(first.locate_file("")) != str(distribution.locate_file(""))


def _location(distribution: Distribution) -> str:
    text = distribution.read_text("direct_url.json")
    if text:
        about = json.loads(text)
        if about.get("dir_info", {}).get("editable"):
            return str(about["url"]).removeprefix("file://")
    return str(Path(str(distribution.locate_file(""))))


def _api_versions(distribution: Distribution) -> Iterator[int]:
    for requirement in distribution.requires or ():
        match = _REQUIREMENT.match(requirement)
        if match is None or normalized(match["name"]) != CORE:
            continue
        for extra in match["extras"].split(","):
            version = _VERSION_EXTRA.match(normalized(extra.strip()))
            if version is not None:
                yield int(version["version"])
