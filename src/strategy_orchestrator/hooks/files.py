"""The files of a plug-in and their hashes."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Final

from strategy_orchestrator.hooks.installed import Installed

_INSTALLER_S: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
"""Files of the metadata that differ from one installation to the next."""
_METADATA: Final = frozenset({".dist-info", ".egg-info"})
_CACHE: Final = "__pycache__"
_OUTSIDE: Final = ".."


@dataclass(frozen=True, slots=True)
class PluginFiles:
    """The files whose bytes make a plug-in what it is.

    Attributes
    ----------
    recorded : mapping
        What RECORD says is the hash of each file that it names, as `sha256=...`; empty where it says nothing.
    found : mapping
        Where the files are: those recorded and those in its packages, recorded or not, by names that do not depend on
        where it is installed.
    """

    recorded: Mapping[str, str]
    found: Mapping[str, Path]

    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each file that exists, sorted by name."""
        return {name: sha256_of(path) for name, path in sorted(self.found.items()) if path.is_file()}


def files_of(items: Sequence[Installed]) -> PluginFiles:
    """Find the files of the plug-ins of one distribution.

    What an installer writes for itself, compiled caches and scripts outside the folder of modules do not count. The
    packages of the modules that entry points name count also where RECORD does not name them, as in an editable
    installation.
    """
    folder = items[0].folder or Path()
    recorded = {name: value for name, value in items[0].recorded.items() if not _is_passing(Path(name).parts)}
    found = {name: folder / name for name in recorded}
    # Whichever way leads to its folder, a file is the same one; there are few folders and many files.
    real: dict[Path, Path] = {}

    def where(path: Path) -> Path:
        if path.parent not in real:
            real[path.parent] = path.parent.resolve()
        return real[path.parent] / path.name

    known = {where(path) for path in found.values()}
    for module in sorted({item.plugin.module for item in items}):
        found |= {name: path for name, path in package_files(module) if not known or where(path) not in known}
    return PluginFiles(recorded, found)


def package_files(module: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of the package that a module belongs to, without importing anything.

    That is its topmost package; within a namespace that distributions share, the one below it.
    """
    spec, name = _package(module)
    if spec is None:
        return
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    for folder in folders:
        for parts in sorted(_walk(str(folder), ())):
            if not _is_passing(parts):
                yield f"{name}/{'/'.join(parts)}", folder.joinpath(*parts)
    if not folders and spec.origin is not None and Path(spec.origin).is_file():
        yield Path(spec.origin).name, Path(spec.origin)


def digest(hashes: Mapping[str, str]) -> str:
    """Return one SHA-256 over the names and hashes of files."""
    return hashlib.sha256(json.dumps(sorted(hashes.items())).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _package(module: str) -> tuple[ModuleSpec | None, str]:
    top, *below = module.split(".")
    spec = None
    with contextlib.suppress(ImportError, ValueError, AttributeError):
        spec = importlib.util.find_spec(top)
    name = top
    for part in below:
        if spec is None or spec.origin is not None or spec.submodule_search_locations is None:
            break
        # By its own name alone: with its parents' before it, these would be imported.
        inner = PathFinder.find_spec(part, list(spec.submodule_search_locations))
        if inner is None:
            break
        spec, name = inner, f"{name}/{part}"
    return spec, name


def _walk(folder: str, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    # Every run looks at all files of the plug-ins that take part, so it counts what a look takes.
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            parts = (*above, entry.name)
            if entry.is_file():
                yield parts
            elif entry.name != _CACHE and entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, parts)


def _is_passing(parts: tuple[str, ...]) -> bool:
    in_metadata = len(parts) > 1 and Path(parts[-2]).suffix in _METADATA
    return _CACHE in parts or parts[0] == _OUTSIDE or (in_metadata and parts[-1] in _INSTALLER_S)
