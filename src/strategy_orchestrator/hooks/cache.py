"""Keep what was learnt of a distribution, by all that it may depend on, in the user's cache folder.

A folder that cannot be read or written is no error: the plug-ins are looked at again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from strategy_orchestrator._version import __version__
from strategy_orchestrator.folders import cache_folder, keep_newest, write_whole
from strategy_orchestrator.hooks.files import package_files
from strategy_orchestrator.hooks.installed import Installed
from strategy_orchestrator.hooks.learnt import Learnt, document_of, read_learnt
from strategy_orchestrator.hooks.markers import PROJECT
from strategy_orchestrator.hooks.plugin import Plugin

_KEY_LENGTH: Final = 32
_MOST_KEPT: Final = 8
_NOTICED: Final = (".dist-info", ".egg-info", ".egg-link", ".pth", ".py", ".so", ".pyd")


class Cache:
    """What was learnt, by distribution, as long as nothing changed that it may depend on.

    That is RECORD, which tells one installed version from another; sizes and times of the files of its packages, which
    tell changes of one that is installed editable; and what else is installed, which tells that something it needs
    came or went.
    """

    def __init__(self) -> None:
        self._folder = cache_folder("plugins")
        self._environment = [sys.version, __version__, list(_stamps(PROJECT)), *_environment()]

    def recall(self, items: Sequence[Installed]) -> dict[Plugin, Learnt] | None:
        """Return what was learnt of the plug-ins of one distribution, or None when that is not known."""
        path = self._path(items)
        if path is not None:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                document = json.loads(path.read_bytes())
                return {item.plugin: read_learnt(document[_entry_point(item)], item.plugin) for item in items}
        return None

    def remember(self, items: Sequence[Installed], learnt: Mapping[Plugin, Learnt]) -> None:
        """Keep what was learnt of the plug-ins of one distribution."""
        path = self._path(items)
        if path is not None:
            document = {_entry_point(item): document_of(learnt[item.plugin]) for item in items}
            with contextlib.suppress(OSError):
                write_whole(path, json.dumps(document).encode())
                _prune(path)

    def _path(self, items: Sequence[Installed]) -> Path | None:
        if self._folder is None:
            return None
        parts = [
            self._environment,
            sorted((_entry_point(item), item.plugin.version) for item in items),
            sorted(items[0].recorded.items()),
            [stamp for item in items for stamp in _stamps(item.plugin.module)],
        ]
        key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_KEY_LENGTH]
        return self._folder / f"{items[0].plugin.distribution}-{key}.json"


def _entry_point(item: Installed) -> str:
    return f"{item.plugin.name} = {item.plugin.target}"


def _prune(path: Path) -> None:
    # Names of the same length with the same beginning are of the same distribution.
    beginning = path.stem[:-_KEY_LENGTH]
    kept = [each for each in path.parent.glob(f"{beginning}*.json") if len(each.stem) == len(path.stem)]
    keep_newest(kept, _MOST_KEPT)


def _stamps(module: str) -> Iterator[tuple[str, int, int]]:
    for _, path in package_files(module):
        with contextlib.suppress(OSError):
            about = path.stat()
            yield str(path), about.st_size, about.st_mtime_ns


def _environment() -> Iterator[tuple[str, list[str]]]:
    for folder in sys.path:
        with contextlib.suppress(OSError):
            # Names alone: hundreds of distributions are looked through before anything else happens.
            names = os.listdir(folder or ".")  # noqa: PTH208
            yield str(folder), sorted(name for name in names if name.endswith(_NOTICED))
