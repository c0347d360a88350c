"""Write down which plug-ins there are, byte by byte, and refuse any difference before one is imported.

A lock is a TOML file with a table for each distribution: version, entry points, and the SHA-256 of each of its files.
Our own distribution is one of them, for the built-in plug-in is in it. What plug-ins depend on is not: that is the
matter of the tool that installs them.
"""

from __future__ import annotations

import itertools
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from strategy_orchestrator.errors import Fault, InputError, PluginError
from strategy_orchestrator.hooks.files import digest, files_of
from strategy_orchestrator.hooks.installed import Installed, find_built_in, find_installed
from strategy_orchestrator.hooks.switches import Switches

_FORMAT: Final = 1
_MOST_FILES: Final = 5
_REMEDY: Final = "Install what was locked, or write the lock again: orchestrate plugins lock"


@dataclass(frozen=True, slots=True)
class Locked:
    """A distribution as it is written down.

    Attributes
    ----------
    entry_points : mapping
        What each entry point names.
    files : mapping
        SHA-256 by name.
    """

    name: str
    version: str
    entry_points: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """One hash over all files."""
        return digest(self.files)


def installed_now(switches: Switches) -> list[Locked]:
    """Return the distributions whose plug-ins take part, as they are installed now; none is imported."""
    everything = [find_built_in(), *find_installed()]
    taking_part = [item for item in everything if not switches.verdict(item.plugin)]
    groups = itertools.groupby(taking_part, key=lambda item: item.plugin.distribution)
    return [_locked(list(group)) for _, group in groups]


def write_lock(path: Path, distributions: Iterable[Locked]) -> None:
    """Write a lock.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    try:
        path.write_text("\n".join(_lines(distributions)) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(Fault(str(path), f"the lock cannot be written: {error.strerror or error}")) from None


def read_lock(path: Path) -> list[Locked]:
    """Read a lock.

    Raises
    ------
    InputError
        If there is none, or it is something else.
    """
    try:
        return _read(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        problem = f"the lock cannot be read: {error.strerror or error}"
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        problem = f"this is no lock: {error}"
    raise InputError(Fault(str(path), problem, "Write one: orchestrate plugins lock"))


def check_lock(path: Path, switches: Switches) -> None:
    """Refuse any difference between a lock and the plug-ins that take part.

    Raises
    ------
    InputError
        If the lock cannot be read.
    PluginError
        With one fault for each difference.
    """
    locked = {item.name: item for item in read_lock(path)}
    now = {item.name: item for item in installed_now(switches)}
    present = {item.plugin.distribution for item in find_installed()} | set(now)
    faults = [fault for name, item in now.items() for fault in _differences(locked.get(name), item, path)]
    faults += [
        Fault(f"{item.name} {item.version}", f"it is in {path} and not installed", _REMEDY)
        for name, item in locked.items()
        if name not in present
    ]
    if faults:
        raise PluginError(faults)


def _locked(items: Sequence[Installed]) -> Locked:
    plugin = items[0].plugin
    files = files_of(items)
    entry_points = {item.plugin.name: item.plugin.target for item in items}
    return Locked(plugin.distribution, plugin.version, entry_points, files.hashes())


def _differences(locked: Locked | None, now: Locked, path: Path) -> Iterator[Fault]:
    where = f"{now.name} {now.version}"
    if locked is None:
        yield Fault(where, f"it is not in {path}", f"{_REMEDY}; or block it: --block {now.name}")
        return
    if locked.version != now.version:
        yield Fault(where, f"{path} has version {locked.version}", _REMEDY)
        return
    if locked.entry_points != now.entry_points:
        problem = f"its entry points are {_shown(now.entry_points)}; {path} has {_shown(locked.entry_points)}"
        yield Fault(where, problem, _REMEDY)
    changed = [*_changes(locked.files, now.files)]
    yield from (Fault(where, f"{change} since {path} was written", _REMEDY) for change in changed[:_MOST_FILES])
    if len(changed) > _MOST_FILES:
        yield Fault(where, f"{len(changed) - _MOST_FILES} more files differ from {path}", _REMEDY)


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"{name} was removed"
        elif name not in before:
            yield f"{name} was added"
        elif before[name] != after[name]:
            yield f"{name} was changed"


def _shown(entry_points: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {target}" for name, target in sorted(entry_points.items()))


def _lines(distributions: Iterable[Locked]) -> Iterator[str]:
    yield "# Written by `orchestrate plugins lock`; `orchestrate run --locked` refuses any difference."
    yield f"format = {_FORMAT}"
    for item in distributions:
        yield ""
        yield "[[distribution]]"
        yield f"name = {_text(item.name)}"
        yield f"version = {_text(item.version)}"
        yield f"sha256 = {_text(item.sha256)}"
        for table, values in (("entry_points", item.entry_points), ("files", item.files)):
            yield f"[distribution.{table}]"
            yield from (f"{_text(key)} = {_text(value)}" for key, value in sorted(values.items()))


def _text(value: str) -> str:
    # A string of JSON is one of TOML, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _read(tables: Mapping[str, Any]) -> list[Locked]:
    if tables["format"] != _FORMAT:
        raise ValueError(f"its format is {tables['format']}; expected {_FORMAT}")
    return [_read_one(table) for table in tables["distribution"]]


def _read_one(table: Mapping[str, Any]) -> Locked:
    found = Locked(table["name"], table["version"], dict(table["entry_points"]), dict(table["files"]))
    if found.sha256 != table["sha256"]:
        raise ValueError(f"the hash of {found.name} is not that of its files; somebody changed it by hand")
    return found
