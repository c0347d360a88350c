"""The user's cache folder, and files in it that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_FOLDER: Final = "strategy-orchestrator"


def cache_folder(part: str) -> Path | None:
    """Return the folder of a part of the cache, in $XDG_CACHE_HOME, %LOCALAPPDATA% or ~/.cache; None without a home."""
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        given = os.environ.get(variable, "")
        if Path(given).is_absolute():
            return Path(given, _FOLDER, part)
    try:
        return Path.home() / ".cache" / _FOLDER / part
    except RuntimeError:
        return None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all, whoever else writes it at this moment; its folder is made.

    Raises
    ------
    OSError
        If it cannot be written; nothing of it is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def keep_newest(paths: Iterable[Path], most: int) -> None:
    """Delete all but the files that were written last."""
    for old in sorted(paths, key=lambda each: each.stat().st_mtime_ns, reverse=True)[most:]:
        old.unlink(missing_ok=True)
