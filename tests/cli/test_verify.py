"""`orchestrate verify` tells whether a run adds up, in words and in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from strategy_orchestrator.cli import status_of
from tests.unit.verify.builders import edit_table, saved, with_value


@pytest.fixture(name="run", scope="module")
def _run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("runs") / "mine")


def test_a_run_that_adds_up_exits_0(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says what was looked at."""
    assert status_of(["verify", str(run)]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"{run}: everything adds up: 3 strategies, 2 symbols, 16 bars, ")
    assert told.err == ""


def test_a_run_that_does_not_add_up_exits_1(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The row is named on standard error; the document has it in parts."""
    before = pl.read_parquet(run / "gross.parquet")
    edit_table(run, "gross", lambda frame: with_value(frame, 3, "Swing_0", lambda value: value + 1))
    assert status_of(["verify", str(run), "--json"]) == 1
    told = capsys.readouterr()
    document = json.loads(told.out)
    edit_table(run, "gross", lambda _: before)
    assert told.err.startswith(f"{run}/gross.parquet, row 3, 'Swing_0', bar 3, Swing_0: ")
    assert document["is_verified"] is False
    assert {key: document["findings"][0][key] for key in ("file", "row", "strategy_id", "bar")} == {
        "file": "gross.parquet",
        "row": 3,
        "strategy_id": "Swing_0",
        "bar": 3,
    }
    assert document["findings"][0]["message"] == told.err.splitlines()[0]


def test_a_folder_without_a_run_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to verify."""
    assert status_of(["verify", str(tmp_path)]) == 2
    assert "there is no saved run; run.json is missing" in capsys.readouterr().err
