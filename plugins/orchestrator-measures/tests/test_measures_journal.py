"""The journal: silent unless asked for, one new file a run, nothing overwritten."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from orchestrator_measures import RunJournal
from orchestrator_measures.journal import VARIABLE, environment_journal
from strategy_orchestrator import OrchestratorConfig, OrchestratorResult, Panel
from strategy_orchestrator.models.records import DecisionKind
from strategy_orchestrator.models.specs import RunInfo

ResultOf = Callable[..., OrchestratorResult]
EVENTS = [
    MappingProxyType({"event": "orchestrator.strategy_signal", "bar": 0, "strategy_id": "A_0", "symbol": None}),
    {"event": "orchestrator.rebalanced", "transfers": [MappingProxyType({"amount": Decimal("1.50")})]},
]


def run_info() -> RunInfo:
    """Tell of a run of one strategy over two days."""
    prices = np.full((2, 1), 10.0)
    times = np.array(["2024-01-02", "2024-01-03"], "datetime64[ns]")
    panel = Panel.from_arrays(times, ["X"], open=prices, high=prices, low=prices, close=prices)
    config = OrchestratorConfig(slippage_pct=Decimal("0.001"))
    return RunInfo(("A_0",), {"A_0": Decimal("0.5")}, Decimal(1000), panel, config)


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Read a journal."""
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_from_its_beginning_to_its_end(tmp_path: Path, result_of: ResultOf) -> None:
    """Each event is one line, in order."""
    journal = RunJournal(tmp_path / "journals")
    journal.orchestrator_run_started(run_info())
    journal.orchestrator_decisions(EVENTS)
    journal.orchestrator_decisions(EVENTS[:1])
    result = result_of(["2024-01-02"], [[1.0]], start=[1.0])
    journal.orchestrator_run_completed(result)
    [path] = (tmp_path / "journals").iterdir()
    assert path.name == "run-000001.jsonl"
    begun, *decided, ended = lines_of(path)
    assert begun["event"] == "journal.run_started"
    assert begun["strategies"] == {"A_0": "0.5"}
    assert (begun["initial_capital"], begun["symbols"], begun["bars"]) == ("1000", ["X"], 2)
    assert (begun["first"], begun["last"]) == ("2024-01-02", "2024-01-03")
    assert begun["options"]["slippage_pct"] == "0.001"
    assert [event["event"] for event in decided] == [
        "orchestrator.strategy_signal",
        "orchestrator.rebalanced",
        "orchestrator.strategy_signal",
    ]
    assert decided[1]["transfers"] == [{"amount": "1.5"}]
    assert ended == {"event": "journal.run_completed", "summary": result.to_dict()}


def test_a_run_that_failed(tmp_path: Path) -> None:
    """The error is its last line."""
    journal = RunJournal(str(tmp_path))
    journal.orchestrator_run_started(run_info())
    journal.orchestrator_run_failed(ValueError("first\nsecond"))
    expected = {"event": "journal.run_failed", "error": "ValueError", "messages": ["first", "second"]}
    assert lines_of(tmp_path / "run-000001.jsonl")[-1] == expected


def test_every_run_gets_a_new_file(tmp_path: Path, result_of: ResultOf) -> None:
    """After those that are there, which stay as they are; a run that was cut off does not spoil the next."""
    (tmp_path / "run-000041.jsonl").write_text("mine\n")
    (tmp_path / "run-notes.jsonl").write_text("mine\n")
    journal = RunJournal(tmp_path)
    journal.orchestrator_run_started(run_info())
    journal.orchestrator_run_started(run_info())
    journal.orchestrator_run_completed(result_of(["2024-01-02"], [[1.0]], start=[1.0]))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "run-000041.jsonl",
        "run-000042.jsonl",
        "run-000043.jsonl",
        "run-notes.jsonl",
    ]
    assert (tmp_path / "run-000041.jsonl").read_text() == "mine\n"
    assert len(lines_of(tmp_path / "run-000042.jsonl")) == 1
    assert len(lines_of(tmp_path / "run-000043.jsonl")) == 2


def test_another_process_may_be_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that was free when the folder was read is not taken from its owner."""
    (tmp_path / "run-000001.jsonl").write_text("theirs\n")
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))  # noqa: ARG005  # the folder as it was before
    RunJournal(tmp_path).orchestrator_run_started(run_info())
    assert (tmp_path / "run-000001.jsonl").read_text() == "theirs\n"
    assert len(lines_of(tmp_path / "run-000002.jsonl")) == 1


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_written_for_those_who_do_not_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result_of: ResultOf, value: str | None
) -> None:
    """The wheel alone leaves no file, not in the working directory either."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    environment_journal.orchestrator_run_started(run_info())
    environment_journal.orchestrator_run_failed(ValueError())
    environment_journal.orchestrator_run_completed(result_of(["2024-01-02"], [[1.0]], start=[1.0]))
    assert list(tmp_path.iterdir()) == []


def test_the_environment_names_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result_of: ResultOf) -> None:
    """It is read when the run begins; the decisions come from the result."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "asked"))
    environment_journal.orchestrator_run_started(run_info())
    moved = [(0, DecisionKind.SWEEP, 0, 2.5)]
    environment_journal.orchestrator_run_completed(result_of(["2024-01-02"], [[1.0]], start=[1.0], moved=moved))
    _, swept, ended = lines_of(tmp_path / "asked" / "run-000001.jsonl")
    assert (swept["event"], swept["strategy_id"], swept["amount"]) == ("orchestrator.gain_swept", "A_0", "2.5")
    assert ended["event"] == "journal.run_completed"


def test_a_run_that_failed_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is told."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    environment_journal.orchestrator_run_started(run_info())
    environment_journal.orchestrator_run_failed(ValueError("why"))
    assert lines_of(tmp_path / "run-000001.jsonl")[1]["messages"] == ["why"]


def test_the_wheel_does_not_listen_to_decisions() -> None:
    """Telling them to one plug-in costs time in the runs of all."""
    assert not hasattr(environment_journal, "orchestrator_decisions")


def test_a_folder_below_one_that_is_missing_is_not_made(tmp_path: Path) -> None:
    """That looks like a mistake in the path; the orchestrator logs it, and the rest of the run writes nothing."""
    journal = RunJournal(tmp_path / "missing" / "journals")
    with pytest.raises(FileNotFoundError):
        journal.orchestrator_run_started(run_info())
    journal.orchestrator_decisions(EVENTS)
    assert list(tmp_path.iterdir()) == []


def test_what_json_cannot_hold_is_refused(tmp_path: Path) -> None:
    """It is not written as something else."""
    journal = RunJournal(tmp_path)
    journal.orchestrator_run_started(run_info())
    with pytest.raises(TypeError, match="a set has no place in JSON"):
        journal.orchestrator_decisions([{"event": {1}}])
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.orchestrator_decisions([{"event": float("nan")}])


def test_runs_in_two_threads_do_not_mix(tmp_path: Path) -> None:
    """Each thread writes to the file of its run."""
    journal = RunJournal(tmp_path)
    turns = threading.Barrier(2)

    def go_on(name: str) -> None:
        journal.orchestrator_run_started(run_info())
        turns.wait(30)
        journal.orchestrator_decisions([{"event": name}] * 3)
        turns.wait(30)
        journal.orchestrator_run_failed(ValueError(name))

    threads = [threading.Thread(target=go_on, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    written = [lines_of(path) for path in sorted(tmp_path.iterdir())]
    assert sorted(events[-1]["messages"][0] for events in written) == ["one", "two"]
    for events in written:
        assert [event["event"] for event in events[1:4]] == events[-1]["messages"] * 3
