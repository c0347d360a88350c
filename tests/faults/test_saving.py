"""Whatever happens while a run is saved, the older one stays whole and the new one is whole or absent."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from strategy_orchestrator.errors import RunError
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.store import check_seal, load_run, save_run
from tests.faults.disks import Disk, on_disk, results

ROOT = Path(__file__).parents[2]
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
KILLS = 200 if IS_LONG else 1
FAULTS = {
    "a full disk": Disk(errno.ENOSPC),
    "a read-only disk": Disk(errno.EROFS),
    "a short write": Disk(errno.ENOSPC, is_short=True),
}


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def save_on(disk: Disk, folder: Path, result: OrchestratorResult, *, replaces: bool) -> str | None:
    """Save a run on a disk and return what is told of an error, None when there was none."""
    with on_disk(disk):
        try:
            save_run(folder, result, {}, replaces=replaces)
        except RunError as error:
            return str(error)
    return None


CASES = [(name, replaces) for name in FAULTS for replaces in (False, True)]


@pytest.mark.parametrize(("name", "replaces"), CASES if IS_LONG else [("a full disk", False), ("a short write", True)])
def test_an_error_at_every_single_request_harms_nothing(name: str, replaces: bool, tmp_path: Path) -> None:
    """The error is one line; the older run has the same bytes; the new one is sealed or absent; nothing else stays."""
    older, newer = results()
    folder = save_run(tmp_path / "runs" / "run", older, {})
    before = contents(folder)
    kind = FAULTS[name]
    done = Disk()
    with on_disk(done):
        other = save_run(tmp_path / "other" / "run", newer, {}, replaces=replaces)
    assert check_seal(other) == []
    # Where a run is replaced in one step there is no rename; making the parent folder is no request of this run.
    for place in range(len(done.requests) + 2):
        disk = Disk(kind.number, place, kind.is_short)
        told = save_on(disk, folder, newer, replaces=replaces)
        if told is None:
            assert len(disk.requests) <= place + kind.is_short
        else:
            assert len(told.splitlines()) == 1
            assert os.strerror(kind.number).lower() in told
        found = {path.name for path in folder.parent.iterdir()}
        assert found <= {"run", "run-2"}
        assert check_seal(folder) == []
        if replaces and load_run(folder).fingerprint == newer.fingerprint:
            save_run(folder, older, {}, replaces=True)
            continue
        assert contents(folder).keys() == before.keys()
        if not replaces:
            assert contents(folder) == before
        for rest in found - {"run"}:
            assert check_seal(folder.parent / rest) == []
            for path in (folder.parent / rest).iterdir():
                path.unlink()
            (folder.parent / rest).rmdir()


def test_a_file_that_may_not_grow_further_is_named(tmp_path: Path) -> None:
    """A limit of the system's own cuts a write short, and is told like a full disk."""
    older, newer = results()
    folder = save_run(tmp_path / "run", older, {})
    before = contents(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, hard))
    try:
        with pytest.raises(RunError, match="the run could not be saved: file too large"):
            save_run(folder, newer, {}, replaces=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_process_killed_at_a_random_moment_leaves_a_whole_run(seed: int, tmp_path: Path) -> None:
    """At the place of the run there is always one that is sealed; what was half-written has a hidden name."""
    folder = tmp_path / "run"
    fingerprints = {result.fingerprint for result in results()}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.disks", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.Random(seed).random() * 0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert check_seal(folder) == []
    assert load_run(folder).fingerprint in fingerprints
    others = {path.name for path in tmp_path.iterdir()} - {"run"}
    assert all(name.startswith(".run-") for name in others)
    assert len(others) <= 1
