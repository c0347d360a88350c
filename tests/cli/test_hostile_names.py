"""Names of symbols and strategies are text and nothing else: no path, no markup, no formula, nothing to a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strategy_orchestrator.store.seal import SEAL_FILE, SEALED_FILES
from tests.cli.test_end_to_end import Place, csv_rows, run_file
from tests.unit.store.builders import HOSTILE

NAMES = [name for name in HOSTILE if name.isprintable() or "\u202e" in name]
"""Those that CSV and TOML can hold."""


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    """Return a folder with prices of symbols with hostile names, and strategies with such labels."""
    (tmp_path / "inside").mkdir()
    place = Place(tmp_path / "inside")
    rows = "\n".join(csv_rows(f'"{name}"', 60) for name in NAMES)
    place.write(f"symbol,date,open,high,low,close,volume\n{rows}\n", "prices.csv")
    strategies = "".join(
        f"[[strategy]]\nuse = 'momentum'\nweight = 0.1\nlabel = {json.dumps(name)}\nparams = {{ fast = 3, slow = 9 }}\n"
        for name in NAMES
    )
    place.write(run_file(strategies, 'source = "csv"\npath = "prices.csv"'))
    return place


def test_a_run_writes_its_own_files_and_no_other(place: Place) -> None:
    """However a symbol is called."""
    before = set(place.folder.parent.rglob("*"))
    done = place.run("run", "run.toml", "--out", "result")
    assert done.returncode == 0, done.stderr
    made = {path for path in place.folder.parent.rglob("*") if path not in before and "cache" not in path.parts}
    folder = place.folder / "result"
    assert made - {folder} == {folder / name for name in (*SEALED_FILES, SEAL_FILE)}
    assert all(line.isprintable() for line in done.stdout.split("\n"))
    text = (folder / "run.json").read_text() + (folder / "events.jsonl").read_text()
    assert "<script>" not in text
    assert "\u202e" not in text


def test_what_is_printed_is_text(place: Place) -> None:
    """No line moves the cursor or turns text around."""
    done = place.run("check", "run.toml")
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in done.stdout.split("\n"))
