"""`orchestrate compare`: saved runs side by side."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from strategy_orchestrator.cli import status_of
from strategy_orchestrator.errors import Fault, RunError
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.store import save_failure, save_run
from tests.unit.store.builders import HOSTILE, IDS, make_record, make_result


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Save a run, the same again with other options, and one with other strategies."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    plan = {"strategies": [{"params": {"fast": 10, "path": "x" * 80}}, {"params": {}}]}
    save_run("one", make_result(), {"run_file": plan})
    save_run("two", make_result(config=OrchestratorConfig(slippage_pct="0.001")), {"run_file": plan})
    save_run("other", make_result(make_record(ids=HOSTILE)), {})
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Return the lines that a comparison prints, spaces squeezed."""
    assert status_of(["compare", *arguments]) == 0
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("runs")
def test_measures_and_differences_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    """A column a run; what is the same in all is told as such."""
    lines = shown(capsys, "one", "two")
    assert "portfolio one two" in lines
    assert "final_equity 10,017.00 10,017.00" in lines
    assert "total_return 50.00% 50.00%" in lines
    assert "sharpe_ratio n/a n/a" in lines
    assert "sharpe_standard_error 0.1000 0.1000" in lines
    assert "Options that differ one two" in lines
    assert "slippage_pct 0 0.001" in lines
    assert "The same in all: strategies, data, plug-ins, versions" in lines
    assert lines[-1].startswith("Fingerprints agree: ")


@pytest.mark.usefixtures("runs")
def test_runs_of_other_strategies_are_compared_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Gaps are shown, names are one line, and long values are cut short."""
    lines = shown(capsys, "one", "other", "two")
    assert IDS[0] in lines
    assert "total_trades 1 n/a 1" in lines
    assert any(line.startswith("order ") for line in lines)
    assert any("..." in line for line in lines)
    assert any(line.endswith(" 10 - 10") for line in lines)
    assert lines[-4] == "Fingerprints differ:"
    assert [line.split()[-1] for line in lines[-3:]] == ["one", "other", "two"]


def test_runs_of_one_name_are_told_apart(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the paths as given."""
    (runs / "copies").mkdir()
    shutil.copytree("one", "copies/one")
    assert "portfolio one copies/one" in shown(capsys, "one", "copies/one")


@pytest.mark.usefixtures("runs")
def test_one_document_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    """All that is the comparison."""
    assert status_of(["compare", "one", "two", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["fingerprints_agree"] is True
    assert [run["name"] for run in found["runs"]] == ["one", "two"]
    assert found["differences"]["config"] == {"slippage_pct": ["0", "0.001"]}
    assert found["measures"]["strategies"][IDS[1]]["total_return"] == ["0.5", "0.5"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["one"], 2, "orchestrate compare: one run was given; expected two or more. Name another run."),
        (["one", "failed"], 4, "failed: the run failed; only complete runs are compared."),
        (["one", "nowhere"], 4, "nowhere: there is no saved run; run.json is missing."),
    ],
)
@pytest.mark.usefixtures("runs")
def test_what_cannot_be_compared_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, words: str
) -> None:
    """One run, a failed one, none."""
    save_failure("failed", RunError(Fault("a", "b")), None, {})
    assert status_of(["compare", *arguments]) == status
    assert words in capsys.readouterr().err
