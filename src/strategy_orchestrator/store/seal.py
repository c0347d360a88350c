"""The seal of a run: what its files were when it was saved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.store.folder import RUN_FILE, FileSeal
from strategy_orchestrator.store.text import json_bytes, read_json

SEAL_FILE: Final = "seal.json"
"""The file that is written last."""
SEALED_FILES: Final = (
    RUN_FILE,
    "trades.parquet",
    "decisions.parquet",
    "equity.parquet",
    "gross.parquet",
    "prices.parquet",
    "costs.parquet",
    "events.jsonl",
)
"""The files that a seal must name."""

_FORMAT: Final = 1


def seal_bytes(seals: Mapping[str, FileSeal]) -> bytes:
    """Return the text of a seal."""
    files = {name: {"sha256": seal.sha256, "size": seal.size} for name, seal in sorted(seals.items())}
    return json_bytes({"format": _FORMAT, "algorithm": "sha256", "files": files})


def is_sealed(folder: Path | str) -> bool:
    """Tell whether a folder holds a complete run whose files are as they were saved."""
    return not check_seal(folder)


def check_seal(folder: Path | str, names: Sequence[str] = SEALED_FILES) -> list[Fault]:
    """List what keeps a folder from being sealed; empty when every file is as it was saved.

    Files that the seal does not name, a report for instance, are no fault.

    Parameters
    ----------
    names : sequence of str
        The files that the seal must name; those of a run unless given.
    """
    path = Path(folder)
    if not path.is_dir():
        return [Fault(str(path), "there is no such folder", "Give the folder of a saved run")]
    try:
        seals = _read_seal(path / SEAL_FILE)
    except DataError as error:
        return list(error.faults)
    missing = [name for name in names if name not in seals]
    faults = [Fault(str(path / SEAL_FILE), f"the seal does not name {name!r}") for name in missing]
    return [*faults, *(fault for name, seal in seals.items() for fault in _file_faults(path / name, seal))]


def _read_seal(path: Path) -> dict[str, FileSeal]:
    if not path.is_file():
        raise DataError(
            Fault(str(path), "the seal is missing: the run failed or was not saved to its end", "Run again")
        )
    content = read_json(path)
    files = content.get("files")
    if content.get("format") != _FORMAT or not isinstance(files, dict):
        raise DataError(Fault(str(path), f"the seal is not of format {_FORMAT}", "Use the version that wrote it"))
    return {name: _one_seal(path, name, entry) for name, entry in files.items()}


def _one_seal(path: Path, name: str, entry: object) -> FileSeal:
    sha256, size = (entry.get("sha256"), entry.get("size")) if isinstance(entry, dict) else (None, None)
    # A name with folders in it would make the check read files that are not the run's.
    if Path(name).name != name or not isinstance(sha256, str) or type(size) is not int:
        raise DataError(Fault(str(path), f"the entry {name!r} is not a file name with its sha256 and size"))
    return FileSeal(sha256, size)


def _file_faults(path: Path, seal: FileSeal) -> Iterator[Fault]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        yield Fault(str(path), f"the file cannot be read: {(error.strerror or str(error)).lower()}")
        return
    if size != seal.size:
        yield Fault(str(path), f"the file has {size} bytes; when it was sealed it had {seal.size}", value=size)
    elif digest != seal.sha256:
        problem = f"the file was changed after it was sealed: its SHA-256 is {digest}, not {seal.sha256}"
        yield Fault(str(path), problem, value=digest)
