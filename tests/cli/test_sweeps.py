"""What a worker says of a sweep is kept, and judged by what lies in the folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.cli import Interrupted, status_of, sweeps
from strategy_orchestrator.cli.messages import Job, Message, Spread, error_dict
from strategy_orchestrator.cli.supervise import Outcome
from strategy_orchestrator.errors import ConfigError, Fault, PluginError
from strategy_orchestrator.store import save_sweep
from strategy_orchestrator.sweep import described
from tests.unit.sweep.builders import row_of

Answer = Callable[[Job, Callable[[Message], None]], Outcome]
GRID: dict[str, list[object]] = {"momentum.fast": [5, 10]}
FAILED = {"kind": "RunError", "exit_status": 1, "message": "it broke"}
SHARPE = {"n_returns": 250, "skewness": 0.0, "kurtosis": 3.0}
MEASURES = {"total_return": "0.1", "max_drawdown": "0.2", "total_trades": "1234", "cagr": None}


def rows(*, fails: bool = False) -> list[dict[str, Any]]:
    """Return two rows, of which the second is the better one."""
    made = [
        row_of(
            run,
            {"momentum.fast": 5 * run},
            measures={**MEASURES, "sharpe_ratio": f"{run / 2}"},
            daily_sharpe={"ratio": run / 32, **SHARPE},
        )
        for run in (1, 2)
    ]
    if fails:
        made[1] |= {"error": FAILED, "fingerprint": None, "final_equity": None, "measures": {}, "daily_sharpe": None}
    return made


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
            asked.append(job)
            watch({"event": "stage", "name": "running"})
            return answer(job, watch)

        monkeypatch.setattr(sweeps, "supervise", supervise)
        return asked

    return install


Install = Callable[[Answer], list[Job]]


def told(watch: Callable[[Message], None], made: list[dict[str, Any]]) -> None:
    """Tell the grid and some rows."""
    watch({"event": "grid", "grid": GRID})
    for row in made:
        watch({"event": "row", "row": row})


def saves(made: list[dict[str, Any]]) -> Answer:
    """Return a worker that saves these rows."""

    def answer(job: Job, watch: Callable[[Message], None]) -> Outcome:
        told(watch, made)
        folder = save_sweep(job.out, described(GRID, made, []), None, {"run_id": job.run_id})
        return Outcome({"event": "saved", "folder": str(folder)}, 0, "saving")

    return answer


def test_the_best_run_is_shown_first(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """With its measures, what the best is worth, and the folder."""
    worker(saves(rows()))
    assert status_of(["sweep", "run.toml", "--out", "here"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out == (
        "2 runs; the best by sharpe_ratio first\n"
        "\n"
        "    momentum.                                         \n"
        "run      fast return Sharpe max DD trades final equity\n"
        "──────────────────────────────────────────────────────\n"
        "2          10  10.0%   1.00  20.0%  1,234     1,000.00\n"
        "1           5  10.0%   0.50  20.0%  1,234     1,000.00\n"
        "\n"
        "The best of many runs is partly luck: run 2 has the best Sharpe ratio of 2. That it is better than the best "
        "of as many without skill has the probability 78.9%; looked at alone, that it is above zero, 83.8% (deflated "
        "and probabilistic Sharpe ratio, Bailey and López de Prado 2014, 2012).\n"
        f"Fingerprint: {described(GRID, rows(), [])['fingerprint']}\n"
        "Sweep folder: here\n"
    )


def test_another_measure_ranks_them(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """It has a column of its own; what is undefined is n/a."""
    worker(saves(rows()))
    assert status_of(["sweep", "run.toml", "--sort", "cagr"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 runs; the best by cagr first"
    assert lines[3].split()[-3:] == ["cagr", "final", "equity"]
    assert lines[5].split()[0] == "1"
    assert "n/a" in lines[5]


def test_an_unknown_measure_is_refused(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """The sweep is saved all the same."""
    worker(saves(rows()))
    assert status_of(["sweep", "run.toml", "--sort", "sharpe", "--out", "here"]) == 2
    assert capsys.readouterr().err.startswith("--sort: no measure is called 'sharpe'; known: 'cagr', 'final_equity',")
    assert Path("here", "seal.json").is_file()


def test_json_is_one_document(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """All rows, the ranks and the folder."""
    worker(saves(rows()))
    assert status_of(["sweep", "run.toml", "--json", "--out", "here"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["folder"], document["sealed"], document["sort"]) == ("here", True, "sharpe_ratio")
    assert document["ranking"] == [2, 1]
    assert document["sweep"]["rows"] == rows()


def test_a_run_that_failed_exits_1(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are shown, and the failure is a line of its own."""
    worker(saves(rows(fails=True)))
    assert status_of(["sweep", "run.toml"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("2 runs, 1 failed; the best by sharpe_ratio first\n")
    assert "The best of many runs is partly luck; how much cannot be told from these." in captured.out
    assert captured.err == "run 2 (momentum.fast=10): it broke\n"


def test_many_rows_are_cut(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """The best twenty are shown."""
    worker(saves([row_of(run, {"momentum.fast": run}) for run in range(1, 23)]))
    assert status_of(["sweep", "run.toml"]) == 0
    assert "\n2 more runs: sweep.parquet has all\n" in capsys.readouterr().out


def test_quiet_prints_the_folder_alone(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing else."""
    worker(saves(rows()))
    assert status_of(["sweep", "run.toml", "--quiet", "--out", "here"]) == 0
    assert capsys.readouterr().out == "here\n"


def test_options_reach_the_worker(worker: Install) -> None:
    """How the runs are spread and where they are kept."""
    asked = worker(saves(rows()))
    options = ["--executor", "joblib", "--jobs", "3", "--keep-runs", "all", "--quiet"]
    assert status_of(["sweep", "run.toml", *options]) == 0
    assert (asked[0].task, asked[0].spread) == ("sweep", Spread("joblib", 3, "all"))


@pytest.mark.parametrize("option", ["--out", "--keep-runs"])
def test_a_folder_that_is_taken_is_refused(option: str, worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything runs."""
    Path("taken").mkdir()
    Path("taken", "mine").touch()
    asked = worker(saves(rows()))
    assert status_of(["sweep", "run.toml", option, "taken"]) == 2
    assert capsys.readouterr().err == (
        f"{option} taken: something is there already. Name a folder that is new or empty.\n"
    )
    assert asked == []


def test_an_interrupt_keeps_the_rows(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """What was done is saved without a seal, and said."""

    def answer(job: Job, watch: Callable[[Message], None]) -> Outcome:
        del job
        told(watch, rows()[:1])
        raise Interrupted(2)

    worker(answer)
    assert status_of(["sweep", "run.toml", "--out", "here", "--json"]) == 130
    captured = capsys.readouterr()
    assert captured.err == "orchestrate: interrupted; what was done is in here.\n"
    assert json.loads(captured.out)["folder"] == "here"
    kept = json.loads(Path("here", "sweep.json").read_text())
    assert kept["counts"] == {"runs": 2, "finished": 1, "failed": 0}
    assert not Path("here", "seal.json").exists()


def test_an_interrupt_before_the_first_row_keeps_nothing(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """There is no folder."""

    def answer(job: Job, watch: Callable[[Message], None]) -> Outcome:
        del job, watch
        raise Interrupted(15)

    worker(answer)
    assert status_of(["sweep", "run.toml"]) == 143
    assert capsys.readouterr().err == "orchestrate: interrupted; nothing was saved.\n"
    assert not Path("sweeps").exists()


def test_a_sweep_that_fails_keeps_the_rows(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken executor exits 3, with what it gave before."""

    def answer(job: Job, watch: Callable[[Message], None]) -> Outcome:
        del job
        told(watch, rows()[:1])
        error = PluginError(Fault("executor 'odd'", "it gave 1 of 2 runs"))
        return Outcome({"event": "failed", "folder": None, **error_dict(error)}, 3, "running")

    worker(answer)
    assert status_of(["sweep", "run.toml", "--out", "here"]) == 3
    assert capsys.readouterr().err == ("executor 'odd': it gave 1 of 2 runs.\nThe runs that were made are in here\n")


def test_a_worker_that_vanishes_keeps_the_rows(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """A crash in one run does not take the others along."""

    def answer(job: Job, watch: Callable[[Message], None]) -> Outcome:
        del job
        told(watch, rows()[:1])
        return Outcome(None, -11, "running")

    worker(answer)
    assert status_of(["sweep", "run.toml", "--out", "here"]) == 1
    told_lines = capsys.readouterr().err.splitlines()
    assert told_lines[0].startswith("run.toml: the process ended by SIGSEGV while running; no sealed result exists.")
    assert Path("here", "sweep.parquet").is_file()


def test_a_sweep_of_another_job_is_no_result(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """A worker is believed only if this job's sealed sweep is there."""

    def answer(job: Job, watch: Callable[[Message], None]) -> Outcome:
        del watch
        folder = save_sweep(job.out, described(GRID, rows(), []), None, {"run_id": "another"})
        return Outcome({"event": "saved", "folder": str(folder)}, 0, "saving")

    worker(answer)
    assert status_of(["sweep", "run.toml"]) == 1
    assert capsys.readouterr().err.startswith("run.toml: no sealed result exists: ")


def test_a_sweep_without_a_seal_is_no_result(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the worker says."""
    worker(lambda job, watch: Outcome({"event": "saved", "folder": "nowhere"}, 0, "saving"))  # noqa: ARG005  # as asked
    assert status_of(["sweep", "run.toml"]) == 1
    assert capsys.readouterr().err.startswith("run.toml: no sealed result exists. Run again.")


def planned(error: str | None = None) -> Answer:
    """Return a worker that plans two runs, of which one may be refused."""
    runs = [{"run": run, "params": {"momentum.fast": 5 * run}, "error": error if run == 2 else None} for run in (1, 2)]
    about = {"file": "run.toml", "executor": "executor 'local'", "grid": GRID, "runs": runs}
    return lambda job, watch: Outcome({"event": "planned", **about}, 0, "loading plug-ins")  # noqa: ARG005  # as asked


def test_a_dry_run_prints_the_combinations(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """And runs none."""
    asked = worker(planned())
    assert status_of(["sweep", "run.toml", "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        "run.toml: 2 runs by executor 'local'\n"
        "\n"
        "    momentum.\n"
        "run      fast\n"
        "─────────────\n"
        "1           5\n"
        "2          10\n"
    )
    assert asked[0].task == "plan"


def test_a_dry_run_tells_what_is_refused(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """With status 1, as the sweep would have."""
    worker(planned("fast must be below slow."))
    assert status_of(["sweep", "run.toml", "--dry-run"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "run 2 is refused: fast must be below slow."
    assert status_of(["sweep", "run.toml", "--dry-run", "--quiet"]) == 1
    assert capsys.readouterr().out == ""


def test_a_dry_run_in_json(worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """All that the worker told."""
    worker(planned())
    assert status_of(["sweep", "run.toml", "--dry-run", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [run["params"] for run in document["runs"]] == [{"momentum.fast": 5}, {"momentum.fast": 10}]


@pytest.mark.parametrize("ending", ["fails", "vanishes"])
def test_a_dry_run_that_fails_says_why(ending: str, worker: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """In the words of the worker, or those about its end."""
    error = ConfigError(Fault("run.toml: sweep.grid.lat.fast", "no strategy is called 'lat'"))
    final = {"event": "failed", "folder": None, **error_dict(error)} if ending == "fails" else None
    worker(lambda job, watch: Outcome(final, 2, "loading plug-ins"))  # noqa: ARG005  # as asked
    assert status_of(["sweep", "run.toml", "--dry-run"]) == (2 if ending == "fails" else 1)
    words = (
        "run.toml: sweep.grid.lat.fast: no" if ending == "fails" else "run.toml: the process ended with exit status 2"
    )
    assert capsys.readouterr().err.startswith(words)
