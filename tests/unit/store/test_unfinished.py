"""Snapshots of a run that is under way, as files."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.engine import Snapshot
from strategy_orchestrator.errors import InputError, RunError
from strategy_orchestrator.models.records import DECISION
from strategy_orchestrator.store import Unfinished, unfinished_path

DIGESTS = {"the prices": "a", "the options": "b"}


def snapshot(bar: int = 7) -> Snapshot:
    """Return a snapshot with an array of records."""
    rows = np.zeros(bar, DECISION)
    rows["amount"] = 2**62
    return Snapshot(bar, {"decisions": rows, "equity": np.arange(bar)})


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / ".run-0.unfinished"


def test_a_snapshot_comes_back_to_the_unit(path: Path) -> None:
    """It is the same, whoever reads it."""
    Unfinished(path, seconds=0).keep(DIGESTS, snapshot)
    kept = Unfinished(path, resumes=True)
    found = kept.last(DIGESTS)
    assert kept.found
    assert found is not None
    assert found.equals(snapshot())
    assert not found.equals(snapshot(8))
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_without_resume_a_snapshot_is_not_looked_at(path: Path) -> None:
    """A run begins at its beginning unless it is asked to go on."""
    Unfinished(path, seconds=0).keep(DIGESTS, snapshot)
    kept = Unfinished(path)
    assert kept.last(DIGESTS) is None
    assert kept.found is False


def test_where_there_is_none_a_run_begins_at_its_beginning(path: Path) -> None:
    """That is no error, and can be told."""
    kept = Unfinished(path, resumes=True)
    assert kept.found is None
    assert kept.last(DIGESTS) is None
    assert kept.found is False


def test_the_snapshot_of_another_run_is_refused(path: Path) -> None:
    """What changed is named."""
    Unfinished(path, seconds=0).keep(DIGESTS, snapshot)
    words = r"--resume: the run that was cut short was another one: the options changed since\. Run without --resume"
    with pytest.raises(InputError, match=words):
        Unfinished(path, resumes=True).last({**DIGESTS, "the options": "c"})


def garbage(path: Path) -> None:
    """Write something that is no snapshot."""
    path.write_bytes(b"garbage")


def half(path: Path) -> None:
    """Leave half of a snapshot."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    """Turn a bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def pickled(path: Path) -> None:
    """Put an object where numbers should be."""
    contents: dict[str, Any] = {"about": np.array([{"a": 1}], object)}
    with path.open("wb") as file:
        np.savez(file, **contents)


def of_the_future(path: Path) -> None:
    """Write another format."""
    with path.open("wb") as file:
        np.savez(file, about=np.frombuffer(b'{"format": 2, "bar": 1, "digests": {}}', np.uint8))


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "garbage": (garbage, "cannot be read"),
    "half of it": (half, "cannot be read"),
    "a bit": (flipped, "cannot be read"),
    "an object": (pickled, "cannot be read"),
    "another format": (of_the_future, "is not of format 1"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_snapshot_that_was_damaged_is_refused(name: str, path: Path) -> None:
    """Nothing of it is used."""
    Unfinished(path, seconds=0).keep(DIGESTS, lambda: snapshot(200))
    damage, words = DAMAGES[name]
    damage(path)
    with pytest.raises(InputError, match=words):
        Unfinished(path, resumes=True).last(DIGESTS)


def test_snapshots_are_taken_from_time_to_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before the time is up, and then not for twenty times as long as the last one took."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    taken = []

    def take() -> Snapshot:
        taken.append(now[0])
        now[0] += 1.0
        return snapshot()

    kept = Unfinished(path, seconds=5)
    for seconds in (0.0, 4.0, 2.0, 6.0, 13.9, 0.2):
        now[0] += seconds
        kept.keep(DIGESTS, take)
    assert taken == pytest.approx([106.0, 127.1])


def test_a_disk_that_refuses_a_snapshot_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as much an error as one at the end would be; the snapshot before stays."""
    Unfinished(path, seconds=0).keep(DIGESTS, snapshot)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(RunError, match="no space left on device"):
        Unfinished(path, seconds=0).keep(DIGESTS, lambda: snapshot(9))
    found = Unfinished(path, resumes=True).last(DIGESTS)
    assert found is not None
    assert found.bar == 7


def test_what_was_kept_is_removed(path: Path) -> None:
    """A second time is no error."""
    kept = Unfinished(path, seconds=0)
    kept.keep(DIGESTS, snapshot)
    kept.remove()
    kept.remove()
    assert list(path.parent.iterdir()) == []


def test_each_file_and_place_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of two files, or in two folders, do not meet; the names are hidden and beside the run."""
    monkeypatch.chdir(tmp_path)
    places = [unfinished_path("a.toml", None), unfinished_path("b.toml", None), unfinished_path("a.toml", "deep/out")]
    assert len(set(places)) == 3
    assert [place.parent for place in places] == [tmp_path / "runs", tmp_path / "runs", tmp_path / "deep"]
    assert all(place.name.startswith(".run-") for place in places)
    assert unfinished_path(tmp_path / "a.toml", "runs/mine") == places[0]
