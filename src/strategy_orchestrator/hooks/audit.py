"""Compare plug-ins with what their installer wrote down, and find what else runs code when Python starts."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import site
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from importlib_metadata import Distribution

from strategy_orchestrator.hooks.files import PluginFiles, digest, files_of, package_files
from strategy_orchestrator.hooks.installed import Installed, find_built_in, find_installed
from strategy_orchestrator.hooks.plugin import normalized

_RUNS_CODE: Final = re.compile(rb"^import[ \t]", re.MULTILINE)
_START: Final = ".pth"
_ALGORITHMS: Final = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True)
class Audited:
    """A distribution with plug-ins, compared with its RECORD.

    Attributes
    ----------
    entry_points : tuple of str
        As `name = target`.
    sha256 : str
        Over all its files.
    n_files : int
        How many these are.
    changed, missing, unrecorded : tuple of str
        Files whose bytes are not those recorded, that are gone, and that lie in its packages without being recorded.
    is_editable : bool
        Whether it is installed editable or without RECORD, so that its code is recorded nowhere.
    """

    name: str
    version: str
    location: str
    entry_points: tuple[str, ...]
    sha256: str
    n_files: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    unrecorded: tuple[str, ...]
    is_editable: bool

    @property
    def is_as_recorded(self) -> bool:
        """Whether nothing differs from what was recorded."""
        return not (self.changed or self.missing or (self.unrecorded and not self.is_editable))


@dataclass(frozen=True, slots=True)
class StartFile:
    """A `.pth` file, which Python reads whenever it starts.

    Attributes
    ----------
    runs_code : bool
        Whether it holds code, as opposed to folders.
    owner : str
        The distribution that records it; empty for none.
    """

    path: str
    sha256: str
    runs_code: bool
    owner: str


def audit_plugins() -> list[Audited]:
    """Compare every distribution that has a plug-in, ours first, with its RECORD; none is imported."""
    everything = [find_built_in(), *find_installed()]
    groups = itertools.groupby(everything, key=lambda item: item.plugin.distribution)
    return [_audited(list(group)) for _, group in groups]


def audit_start_files() -> list[StartFile]:
    """Find every `.pth` file in the folders of installed packages."""
    folders = {Path(folder) for folder in (*site.getsitepackages(), site.getusersitepackages())}
    owners = _owners()
    paths = sorted(path for folder in folders for path in folder.glob(f"*{_START}"))
    return [_start_file(path, owners.get(path.resolve(), "")) for path in paths]


def _audited(items: Sequence[Installed]) -> Audited:
    plugin = items[0].plugin
    files = files_of(items)
    hashes = files.hashes()
    own = {name for item in items for name, _ in package_files(item.plugin.module)}
    return Audited(
        name=plugin.distribution,
        version=plugin.version,
        location=plugin.location,
        entry_points=tuple(f"{item.plugin.name} = {item.plugin.target}" for item in items),
        sha256=digest(hashes),
        n_files=len(hashes),
        changed=tuple(name for name in hashes if not _is_as_recorded(files, name)),
        missing=tuple(sorted(set(files.recorded) - set(hashes))),
        unrecorded=tuple(sorted(set(hashes) - set(files.recorded))),
        is_editable=not own & set(files.recorded),
    )


def _is_as_recorded(files: PluginFiles, name: str) -> bool:
    algorithm, _, value = files.recorded.get(name, "").partition("=")
    if not value:
        return True
    if algorithm not in _ALGORITHMS:
        return False
    found = hashlib.new(algorithm, files.found[name].read_bytes()).digest()
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == value.rstrip("=")


def _owners() -> dict[Path, str]:
    return {
        Path(str(item.locate())).resolve(): normalized(distribution.name)
        for distribution in Distribution.discover()
        if _START in (distribution.read_text("RECORD") or "")
        for item in distribution.files or ()
        if item.suffix == _START
    }


def _start_file(path: Path, owner: str) -> StartFile:
    content = path.read_bytes()
    return StartFile(str(path), hashlib.sha256(content).hexdigest(), bool(_RUNS_CODE.search(content)), owner)
