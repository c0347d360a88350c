"""The files of a plug-in and their hashes."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from importlib_metadata import Distribution

_INSTALLER_S: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
"""Files of the metadata that differ from one installation to the next."""
_COMPILED: Final = (".pyc", ".pyo")
_CACHES: Final = frozenset({"__pycache__"})


@dataclass(frozen=True, slots=True)
class PluginFiles:
    """The files whose bytes make a plug-in what it is.

    Attributes
    ----------
    recorded : mapping
        Files that the distribution records, by name in RECORD; with what RECORD says is their hash, "" for nothing.
    found : mapping
        All files by a name that does not depend on where they lie: those recorded and those in its packages.
    """

    recorded: Mapping[str, str]
    found: Mapping[str, Path]

    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each file that exists, sorted by name."""
        return {name: _sha256(path) for name, path in sorted(self.found.items()) if path.is_file()}


def files_of(distribution: Distribution | None, modules: tuple[str, ...]) -> PluginFiles:
    """Find the files of a plug-in.

    Parameters
    ----------
    distribution : Distribution or None
        What is installed; None when the modules lie on the path without metadata.
    modules : tuple of str
        The modules that its entry points name; the packages at their top belong to it, recorded or not, as they do
        when it is installed editable.
    """
    recorded: dict[str, str] = {}
    found: dict[str, Path] = {}
    listed = (distribution.files or ()) if distribution is not None else ()
    for item in listed:
        path = Path(str(item.locate()))
        if not _is_passing(path):
            recorded[str(item)] = f"{item.hash.mode}={item.hash.value}" if item.hash else ""
            found[str(item)] = path
    known = {path.resolve() for path in found.values()}
    for top in sorted({module.partition(".")[0] for module in modules}):
        found |= {name: path for name, path in _beside(top) if path.resolve() not in known}
    return PluginFiles(recorded, found)


def digest(hashes: Mapping[str, str]) -> str:
    """Return one SHA-256 over the names and hashes of files."""
    return hashlib.sha256(json.dumps(sorted(hashes.items())).encode()).hexdigest()


def _beside(top: str) -> Iterator[tuple[str, Path]]:
    # Finding a package at the top does not import it.
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return
    if spec is None:
        return
    for folder in spec.submodule_search_locations or ():
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and not _is_passing(path):
                yield f"{top}/{path.relative_to(folder).as_posix()}", path
    if not spec.submodule_search_locations and spec.origin is not None and Path(spec.origin).is_file():
        yield Path(spec.origin).name, Path(spec.origin)


def _is_passing(path: Path) -> bool:
    in_metadata = path.parent.suffix in {".dist-info", ".egg-info"}
    return path.suffix in _COMPILED or bool(_CACHES & set(path.parts)) or (in_metadata and path.name in _INSTALLER_S)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
