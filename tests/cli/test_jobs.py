"""What a worker says is judged by what lies in the folder."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.cli import Interrupted, jobs, status_of
from strategy_orchestrator.cli.messages import Job, Message, error_dict
from strategy_orchestrator.cli.supervise import Outcome
from strategy_orchestrator.errors import ConfigError, Fault, StrategyError
from strategy_orchestrator.store import save_run
from tests.unit.store.builders import make_result

Answer = Callable[[Job], Outcome]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(name="worker")
def _worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], list[Job]]:
    """Return a function that puts an answer in the place of the worker, and gives the jobs that it was asked."""

    def install(answer: Answer) -> list[Job]:
        asked: list[Job] = []

        def supervise(job: Job, watch: Callable[[Message], None]) -> Outcome:
            watch({"event": "stage", "name": "running"})
            asked.append(job)
            return answer(job)

        monkeypatch.setattr(jobs, "supervise", supervise)
        return asked

    return install


Install = Callable[[Answer], list[Job]]


def saves(job: Job) -> Outcome:
    """Save a real run, as a worker does."""
    folder = save_run(job.out, make_result(), {"run_id": job.run_id})
    return Outcome({"event": "saved", "folder": str(folder.absolute())}, 0, "saving")


def test_a_sealed_run_is_printed_and_exits_0(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """The tables and the folder are shown."""
    worker(saves)
    assert status_of(["run", "run.toml"]) == 0
    captured = capsys.readouterr()
    folder = captured.out.splitlines()[-1].removeprefix("Run folder: ")
    assert Path(folder).parent == Path("runs")
    assert (Path(folder) / "seal.json").is_file()
    assert "portfolio" in captured.out
    assert captured.err == ""


def test_the_folder_can_be_named(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """--out makes the folder that is named, and --quiet prints it alone."""
    worker(saves)
    assert status_of(["run", "run.toml", "--out", "here/it", "--quiet"]) == 0
    assert capsys.readouterr().out == "here/it\n"


def test_a_folder_elsewhere_is_told_in_full(
    worker: Install, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A folder outside the current one is printed as an absolute path."""
    out = tmp_path_factory.mktemp("other") / "it"
    worker(saves)
    assert status_of(["run", "run.toml", "--out", str(out), "--quiet"]) == 0
    assert capsys.readouterr().out == f"{out}\n"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_folder_that_is_taken_is_refused_before_anything_runs(
    kind: str, worker: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is overwritten and no other name is chosen."""
    taken = Path("taken")
    if kind == "folder":
        taken.mkdir()
        taken /= "something"
    taken.write_text("mine")
    asked = worker(saves)
    assert status_of(["run", "run.toml", "--out", "taken"]) == 2
    assert capsys.readouterr().err == ("--out taken: something is there already. Name a folder that is new or empty.\n")
    assert asked == []


def test_json_is_one_document(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json standard output is one document with the summary."""
    worker(saves)
    assert status_of(["run", "run.toml", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["sealed"] is True
    assert document["summary"]["fingerprint"] == make_result().fingerprint
    assert (Path(document["folder"]) / "run.json").is_file()


def test_a_quarantined_strategy_exits_1(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """The run is saved, and the status says that not all is well."""

    def answer(job: Job) -> Outcome:
        result = make_result()
        name, strategy = next(iter(result.strategy_results.items()))
        results = {**result.strategy_results, name: replace(strategy, is_quarantined=True)}
        folder = save_run(job.out, replace(result, strategy_results=results), {"run_id": job.run_id})
        return Outcome({"event": "saved", "folder": str(folder)}, 0, "saving")

    worker(answer)
    assert status_of(["run", "run.toml", "--quiet"]) == 1
    assert "was quarantined" in capsys.readouterr().err


def changed(job: Job) -> Outcome:
    """Change a file of a run after it was sealed."""
    outcome = saves(job)
    assert outcome.final is not None
    path = Path(outcome.final["folder"]) / "trades.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    return outcome


def older(job: Job) -> Outcome:
    """Point to a sealed run of another job."""
    return saves(replace(job, run_id="another"))


def unsealed(job: Job) -> Outcome:
    """Claim a run that is not there."""
    del job
    return Outcome({"event": "saved", "folder": "nowhere"}, 0, "saving")


@pytest.mark.parametrize("answer", [changed, older, unsealed])
def test_a_run_that_is_not_sealed_exits_1_whatever_the_worker_says(
    answer: Answer, worker: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worker that claims a result is believed only if this job's sealed run is there."""
    worker(answer)
    assert status_of(["run", "run.toml"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("run.toml: no sealed result exists")


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "with exit status 0"), (7, "with exit status 7"), (-signal.SIGSEGV, "by SIGSEGV"), (-250, "by signal 250")],
)
def test_a_worker_that_vanishes_leaves_an_error_log(
    status: int, words: str, worker: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worker that ends while it runs, even with status 0, is a failed run with a folder."""
    worker(lambda _: Outcome(None, status, "running"))
    assert status_of(["run", "run.toml", "--out", "failed"]) == 1
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        (
            f"run.toml: the process ended {words} while running; no sealed result exists. Look for a plug-in or "
            "strategy that ends the program or crashes; block plug-ins one by one to find it."
        ),
        "What the run had, and error-log.md, are in failed",
    ]
    assert captured.out == ""
    assert Path("failed/error-log.md").is_file()


def test_a_worker_that_vanishes_before_the_run_leaves_nothing(
    worker: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plug-in that ends the program when it is loaded fails the command, and no run began."""
    worker(lambda _: Outcome(None, 0, "loading plug-ins"))
    assert status_of(["run", "run.toml", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert "while loading plug-ins; no sealed result exists" in document["error"]["message"]
    assert document["folder"] is None
    assert not Path("runs").exists()


def test_a_failed_run_tells_its_faults_and_its_folder(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """The error of the worker is shown as if it were ours, with its exit status."""
    error = StrategyError(Fault("Bad_0, AAPL, 2000-03-01", "it raised ZeroDivisionError", value="Bad_0"))
    final = {"event": "failed", "folder": "runs/x", **error_dict(error)}
    worker(lambda _: Outcome(final, 1, "running"))
    assert status_of(["run", "run.toml"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "Bad_0, AAPL, 2000-03-01: it raised ZeroDivisionError.",
        "What the run had, and error-log.md, are in runs/x",
    ]


def test_wrong_input_exits_2(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """Every fault is a line, and with --json a member of the list."""
    error = ConfigError([Fault("run.toml: a", "wrong"), Fault("run.toml: b", "wrong too", "Mend it")])
    worker(lambda _: Outcome({"event": "failed", "folder": None, **error_dict(error)}, 2, "loading"))
    assert status_of(["run", "run.toml", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "run.toml: a: wrong.\nrun.toml: b: wrong too. Mend it.\n"
    assert [fault["where"] for fault in json.loads(captured.out)["faults"]] == ["run.toml: a", "run.toml: b"]


FOUND: dict[str, Any] = {
    "event": "checked",
    "file": "run.toml",
    "strategies": {"A_0": "a"},
    "symbols": ["X"],
    "bars": 2,
    "first": "2020-01-01T00:00:00+00:00",
    "last": "2020-01-02T00:00:00+00:00",
    "data_warnings": [],
}


def test_a_check_prints_what_it_found(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without faults is told as such."""
    asked = worker(lambda _: Outcome(FOUND, 0, "loading prices"))
    assert status_of(["check", "run.toml"]) == 0
    assert capsys.readouterr().out.startswith("run.toml: no fault. 1 strategy, 1 symbol, 2 bars")
    assert [job.task for job in asked] == ["check"]


def test_a_check_answers_in_json(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """What was found is one document."""
    worker(lambda _: Outcome(FOUND, 0, "loading prices"))
    assert status_of(["check", "run.toml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {key: value for key, value in FOUND.items() if key != "event"}


def test_a_check_that_vanishes_fails(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """A plug-in that ends the program does not make a check succeed."""
    worker(lambda _: Outcome(None, 0, "loading plug-ins"))
    assert status_of(["check", "run.toml"]) == 1
    assert "the check is not complete" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_told_and_exits_with_its_number(
    number: int, status: int, worker: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interrupted run has its own exit status and document."""

    def answer(_: Job) -> Outcome:
        raise Interrupted(number)

    worker(answer)
    assert status_of(["run", "run.toml", "--json"]) == status
    captured = capsys.readouterr()
    assert captured.err == "orchestrate: interrupted; nothing was saved.\n"
    assert json.loads(captured.out)["error"]["exit_status"] == status


def test_an_interrupt_before_the_worker_exits_130(worker: Install) -> None:
    """Control-C at any time is 130."""

    def answer(_: Job) -> Outcome:
        raise KeyboardInterrupt

    worker(answer)
    assert status_of(["run", "run.toml"]) == 130


def test_the_demo_needs_its_wheel(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the starter wheel the demo says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert status_of(["demo"]) == 2
    assert capsys.readouterr().err == (
        "orchestrate demo: its strategies and prices are in the wheel orchestrator-starter, which is not installed. "
        "Run: pip install orchestrator-starter.\n"
    )


def test_the_demo_runs_the_file_in_its_wheel(
    worker: Install, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run file of the demo is found without importing the wheel."""
    package = tmp_path / "site" / "orchestrator_starter"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit")
    (package / "data" / "demo.toml").write_text("")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.delitem(sys.modules, "orchestrator_starter", raising=False)
    asked = worker(saves)
    assert status_of(["demo", "--quiet"]) == 0
    assert [job.path for job in asked] == [str(package / "data" / "demo.toml")]
    assert capsys.readouterr().out.startswith("runs/")
