"""Where the user's cache lies, and how files get into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from strategy_orchestrator.folders import cache_folder, keep_newest, write_whole

FOLDERS = {
    "as the user says": ({"XDG_CACHE_HOME": "/somewhere"}, "/somewhere/strategy-orchestrator/part"),
    "a relative folder is none": (
        {"XDG_CACHE_HOME": "here", "HOME": "/home/me"},
        "/home/me/.cache/strategy-orchestrator/part",
    ),
    "on Windows": ({"LOCALAPPDATA": "/appdata"}, "/appdata/strategy-orchestrator/part"),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_the_place_of_the_folder(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is where caches of a user are."""
    environment, folder = FOLDERS[case]
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert cache_folder("part") == Path(folder)


def test_there_may_be_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is no folder."""
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)

    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder("part") is None


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    """Nothing else is left in it."""
    write_whole(tmp_path / "new" / "file.bin", b"data")
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "new").iterdir()] == [("file.bin", b"data")]


def test_the_newest_files_stay(tmp_path: Path) -> None:
    """The others are deleted."""
    paths = [tmp_path / str(number) for number in range(5)]
    for number, path in enumerate(paths):
        path.touch()
        os.utime(path, (number, number))
    keep_newest(paths, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3", "4"]
