"""The examples run as their first lines say, from any folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from strategy_orchestrator.store import is_sealed
from tests.docs.pages import ROOT

FOLDER = ROOT / "examples"
RUN_FILES = sorted(FOLDER.glob("*.toml"))
SCRIPTS = sorted(FOLDER.glob("*.py"))


def call(folder: Path, *arguments: str) -> str:
    """Run Python in a folder and return what it prints."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # our own
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", RUN_FILES, ids=lambda path: path.name)
def test_a_run_file_runs(path: Path, tmp_path: Path) -> None:
    """It makes a sealed run with trades of every strategy, and its prices look sound."""
    said = json.loads(call(tmp_path, "-m", "strategy_orchestrator.cli", "run", str(path), "--json"))
    assert is_sealed(tmp_path / said["folder"])
    strategies = said["summary"]["strategies"].values()
    assert all(strategy["metrics"]["total_trades"] > 0 for strategy in strategies)
    assert said["summary"]["data_warnings"] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_runs(path: Path, tmp_path: Path) -> None:
    """It ends well and tells where it saved what it did."""
    last = call(tmp_path, str(path)).splitlines()[-1]
    assert is_sealed(Path(last.removeprefix("saved in ")))


def test_the_readme_names_every_example() -> None:
    """Each has its row."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in (*RUN_FILES, *SCRIPTS) if f"]({path.name})" not in text] == []
