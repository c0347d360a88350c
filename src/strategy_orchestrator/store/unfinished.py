"""What is kept of a run that is under way, so that it can be gone on with when it is cut short."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.engine import Snapshot
from strategy_orchestrator.errors import Fault, InputError
from strategy_orchestrator.store.folder import disk_errors

SNAPSHOT_SECONDS: Final = 5.0
"""Seconds between two snapshots, unless somebody says otherwise."""

_FORMAT: Final = 1
# Writing may take one part in so many of the time of a run.
_SHARE: Final = 20
_ABOUT: Final = "about"
_NAME_DIGITS: Final = 16


class Unfinished:
    """Keep snapshots of a run in one hidden file, each in the place of the one before.

    Parameters
    ----------
    path : Path
        The file; `unfinished_path` says which.
    seconds : float
        At least so long between two snapshots, and twenty times as long as the last one took.
    resumes : bool
        Whether to go on from the snapshot that is there; else it is only replaced.

    Attributes
    ----------
    found : bool or None
        Whether there was a snapshot to go on from; None before anybody has looked.
    """

    def __init__(self, path: Path, *, seconds: float = SNAPSHOT_SECONDS, resumes: bool = False) -> None:
        self.found: bool | None = None
        self._path = path
        self._seconds = seconds
        self._resumes = resumes
        self._next = time.monotonic() + seconds

    def last(self, digests: Mapping[str, str]) -> Snapshot | None:
        """Return the snapshot to go on from.

        Raises
        ------
        InputError
            If it is that of another run, or cannot be read.
        """
        self.found = self._resumes and self._path.is_file()
        if not self.found:
            return None
        about, arrays = _read(self._path)
        different = [name for name, digest in digests.items() if about["digests"].get(name) != digest]
        if different:
            problem = f"the run that was cut short was another one: {', '.join(different)} changed since"
            raise InputError(Fault("--resume", problem, "Run without --resume, which begins again"))
        return Snapshot(about["bar"], arrays)

    def keep(self, digests: Mapping[str, str], take: Callable[[], Snapshot]) -> None:
        """Take a snapshot if it is time to, and write it whole.

        Raises
        ------
        RunError
            If the disk refuses, naming the file.
        """
        begun = time.monotonic()
        if begun < self._next:
            return
        snapshot = take()
        about = json.dumps({"format": _FORMAT, "bar": snapshot.bar, "digests": dict(digests)})
        contents: dict[str, Any] = {_ABOUT: np.frombuffer(about.encode(), np.uint8), **snapshot.arrays}
        passing = self._path.with_name(f"{self._path.name}.new")
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with passing.open("wb") as file:
                np.savez(file, **contents)
                file.flush()
                os.fsync(file.fileno())
            passing.replace(self._path)
        ended = time.monotonic()
        self._next = ended + max(self._seconds, _SHARE * (ended - begun))

    def remove(self) -> None:
        """Remove what was kept; a run that came to its end has no use for it."""
        for path in (self._path, self._path.with_name(f"{self._path.name}.new")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def unfinished_path(run_file: Path | str, out: Path | str | None) -> Path:
    """Return where snapshots of a run file are kept: in the folder where the run will be, one for each file."""
    folder = Path("runs").resolve() if out is None else Path(out).resolve().parent
    name = hashlib.sha256(os.fsencode(Path(run_file).resolve())).hexdigest()[:_NAME_DIGITS]
    return folder / f".run-{name}.unfinished"


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    try:
        # Without pickles, and with a checksum for each array.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as content:
            arrays = {name: content[name] for name in content.files}
        about = json.loads(arrays.pop(_ABOUT).tobytes())
        if about["format"] == _FORMAT and isinstance(about["bar"], int) and isinstance(about["digests"], dict):
            return about, arrays
        problem = f"the snapshot {path} is not of format {_FORMAT}"
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        problem = f"the snapshot {path} cannot be read: {' '.join(str(error).split())}"
    raise InputError(Fault("--resume", problem, "Run without --resume, which begins again"))
