"""Folders that appear complete or not at all."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Final

from strategy_orchestrator.errors import Fault, InputError, RunError

# Of renameat2(2): relative names begin in the working folder; both names change places.
_HERE: Final = -100
_EXCHANGE: Final = 2
_UNKNOWN_STEP: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
RUN_FILE: Final = "run.json"
"""The file by which a folder is known to be a run's."""


@dataclass(frozen=True, slots=True)
class FileSeal:
    """What a file must be: its SHA-256 in hexadecimal digits and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder under a passing name, filled file by file.

    Attributes
    ----------
    folder : Path
        Where the files are.
    wanted : Path
        What the folder shall be called; errors name it.
    seals : dict
        Hash and size of what was written, by name of the file.
    """

    folder: Path
    wanted: Path
    seals: dict[str, FileSeal] = field(default_factory=dict)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a file and see it to the disk.

        Raises
        ------
        RunError
            If the disk refuses, naming the file.
        """
        digest = hashlib.sha256()
        size = 0
        with disk_errors(self.wanted / name), (self.folder / name).open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        self.seals[name] = FileSeal(digest.hexdigest(), size)

    def take_in(self, name: str, make: Callable[[Path], None]) -> None:
        """Let a file be made that is too large to be handed over in pieces, and see it to the disk.

        Raises
        ------
        RunError
            If the disk refuses, naming the file.
        """
        path = self.folder / name
        with disk_errors(self.wanted / name):
            make(path)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
                os.fsync(file.fileno())
                self.seals[name] = FileSeal(digest.hexdigest(), file.tell())


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a file into a `RunError` of one line."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        remedy = "Make room or choose another folder, and run again"
        raise RunError(Fault(str(path), f"the run could not be saved: {reason}", remedy)) from error


@contextmanager
def staged(wanted: Path) -> Iterator[Staging]:
    """Offer an empty folder beside the one that is wanted; it is gone afterwards unless it was put into place."""
    staging = Staging(wanted.with_name(f".run-{secrets.token_hex(8)}.partial"), wanted)
    with disk_errors(wanted):
        wanted.parent.mkdir(parents=True, exist_ok=True)
        staging.folder.mkdir()
    try:
        yield staging
    finally:
        # Gone already when it was put into place; what cannot be removed has no seal and a passing name.
        shutil.rmtree(staging.folder, ignore_errors=True)


def put_in_place(staging: Staging, *, replaces: bool) -> Path:
    """Give a filled folder its name, with "-2", "-3", ... behind it where something is there already.

    Parameters
    ----------
    replaces : bool
        Take the place of a run that is there instead, in one step where the system has one. Elsewhere the old run is
        moved aside first, put back if that fails, and removed when the new one stands.

    Returns
    -------
    Path
        Where the folder is.

    Raises
    ------
    InputError
        If something else than a run would be replaced.
    RunError
        If the disk refuses.
    """
    wanted = staging.wanted
    with disk_errors(wanted):
        _sync_folder(staging.folder)
        if replaces and _is_taken(wanted):
            _replace(staging.folder, wanted)
            placed = wanted
        else:
            placed = next(name for name in _names(wanted) if _rename(staging.folder, name))
        _sync_folder(placed.parent)
    return placed


def _names(wanted: Path) -> Iterator[Path]:
    return chain((wanted,), (wanted.with_name(f"{wanted.name}-{number}") for number in count(2)))


def _is_taken(path: Path) -> bool:
    if not os.path.lexists(path):
        return False
    return path.is_symlink() or not path.is_dir() or any(path.iterdir())


def _rename(source: Path, target: Path) -> bool:
    if _is_taken(target):
        return False
    if target.exists():
        target.rmdir()
    try:
        source.rename(target)
    except OSError:
        # Another process took the name in between; anything else is an error.
        if _is_taken(target):
            return False
        raise
    return True


def _replace(source: Path, target: Path) -> None:
    if not (target / RUN_FILE).is_file() or target.is_symlink():
        problem = f"what is there is no folder of a run with a {RUN_FILE}, so it is not replaced"
        raise InputError(Fault(str(target), problem, "Choose another folder"))
    if _exchange(source, target):
        # What was replaced has the passing name now, and goes with it.
        return
    aside = target.with_name(f".run-{secrets.token_hex(8)}.replaced")
    target.rename(aside)
    try:
        source.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(left: Path, right: Path) -> bool:
    # In one step, so that whoever is killed leaves the old run or the new one, never none; where the system has no such
    # step, nothing is done.
    library = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    exchange = getattr(library, "renameat2", None)
    if exchange is None:
        return False
    if exchange(_HERE, os.fsencode(left), _HERE, os.fsencode(right), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN_STEP:
        return False
    raise OSError(number, os.strerror(number))


def _sync_folder(folder: Path) -> None:
    # Windows opens no folders; there a rename is written through by the file system.
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
