"""Saving runs, and what failed runs leave."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.errors import Fault, InputError, RunError, StrategyError
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import TRADE
from strategy_orchestrator.models.results import Decoded, OrchestratorResult
from strategy_orchestrator.store import check_seal, default_folder, is_sealed, load_run, save_failure, save_run
from strategy_orchestrator.store.describe import symbol_hashes, versions
from tests.unit.store.builders import HOSTILE, SYMBOLS, make_record, make_result

FILES = {
    "costs.parquet",
    "decisions.parquet",
    "equity.parquet",
    "events.jsonl",
    "gross.parquet",
    "prices.parquet",
    "run.json",
    "seal.json",
    "trades.parquet",
}


def names(folder: Path) -> set[str]:
    """Return the names in a folder."""
    return {path.name for path in folder.iterdir()}


def run_json(folder: Path) -> dict[str, Any]:
    """Read what a folder says about its run."""
    content: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return content


def disk_full(*_: object) -> None:
    """Refuse as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_saved_run_is_complete_and_sealed(tmp_path: Path) -> None:
    """All files are there, nothing else is left, and the seal holds."""
    folder = save_run(tmp_path / "deep" / "run", make_result(), {})
    assert folder == tmp_path / "deep" / "run"
    assert names(folder) == FILES
    assert names(folder.parent) == {"run"}
    assert check_seal(folder) == []


def test_the_description_says_how_the_run_came_about(tmp_path: Path) -> None:
    """Options, versions, plug-ins, hashes and the caller's context are in run.json."""
    data = tmp_path / "prices.csv"
    data.write_bytes(b"")
    context = {"files": [data, tmp_path / "gone.csv"], "run_file": {"seed": 1, "share": Decimal("0.10")}}
    content = run_json(save_run(tmp_path / "run", make_result(), context))
    assert content["config"] == OrchestratorConfig().resolved()
    assert {"python", "strategy-orchestrator", "numpy", "polars", "numba"} <= set(content["versions"])
    assert content["plugins"] == [{"distribution": "orchestrator-starter", "version": "0.1.0"}]
    assert content["context"] == {"run_file": {"seed": 1, "share": "0.1"}}
    hashed, gone = content["data"]["files"]
    assert hashed["sha256"] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (hashed["size"], gone["sha256"], gone["problem"]) == (0, None, "No such file or directory")
    assert [entry["symbol"] for entry in content["data"]["symbols"]] == list(SYMBOLS)


def test_one_file_may_be_named_without_a_list(tmp_path: Path) -> None:
    """A single path stands for a list of one."""
    content = run_json(save_run(tmp_path / "run", make_result(), {"files": str(tmp_path / "a.csv")}))
    assert len(content["data"]["files"]) == 1


def test_a_symbol_hash_depends_on_its_own_bars_only() -> None:
    """Another symbol beside it changes nothing."""
    both, alone = make_record().panel, make_record().panel.select(["AAPL"])
    assert next(symbol_hashes(both)) == next(symbol_hashes(alone))
    assert len(set(symbol_hashes(both))) == 2


def test_events_are_told_from_start_to_end(tmp_path: Path) -> None:
    """The first line is the start of the run and the last its end."""
    lines = (save_run(tmp_path / "run", make_result(), {}) / "events.jsonl").read_text().splitlines()
    told = [json.loads(line)["event"] for line in lines]
    assert (told[0], told[-1]) == ("orchestrator.backtest_started", "orchestrator.backtest_completed")
    assert "orchestrator.conflict_detected" in told


def test_an_existing_run_is_left_alone(tmp_path: Path) -> None:
    """The second and third run of a name are numbered, and the first is not touched."""
    folders = [save_run(tmp_path / "run", make_result(), {}) for _ in range(3)]
    assert [folder.name for folder in folders] == ["run", "run-2", "run-3"]
    assert all(is_sealed(folder) for folder in folders)


def test_what_is_no_run_is_left_alone(tmp_path: Path) -> None:
    """A file, a folder with something in it and a dangling link keep their names."""
    (tmp_path / "run").write_text("mine")
    (tmp_path / "run-2").mkdir()
    (tmp_path / "run-2" / "mine").write_text("mine")
    (tmp_path / "run-3").symlink_to(tmp_path / "nowhere")
    assert save_run(tmp_path / "run", make_result(), {}).name == "run-4"
    assert names(tmp_path) == {"run", "run-2", "run-3", "run-4"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    """A folder that was made for the run is used."""
    (tmp_path / "run").mkdir()
    assert save_run(tmp_path / "run", make_result(), {}) == tmp_path / "run"


def test_the_working_folder_itself_is_never_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving to "." makes a folder of the default name in it."""
    monkeypatch.chdir(tmp_path)
    result = make_result()
    assert save_run(".", result, {}) == tmp_path / f"20240601T123000Z-{result.fingerprint[:8]}"


def test_the_default_name_is_time_and_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder the run goes to runs/, named in UTC."""
    monkeypatch.chdir(tmp_path)
    result = make_result()
    folder = save_run(None, result, {})
    assert folder.relative_to(tmp_path).as_posix() == f"runs/20240601T123000Z-{result.fingerprint[:8]}"
    elsewhere = datetime(2024, 6, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    assert default_folder(elsewhere, "failed").as_posix() == "runs/20240601T123000Z-failed"


def test_a_run_is_replaced_when_asked(tmp_path: Path) -> None:
    """The new run stands under the name and the old one is gone."""
    save_run(tmp_path / "run", make_result(), {"number": 1})
    folder = save_run(tmp_path / "run", make_result(), {"number": 2}, replaces=True)
    assert names(tmp_path) == {"run"}
    assert run_json(folder)["context"] == {"number": 2}
    assert is_sealed(folder)


def test_only_a_run_can_be_replaced(tmp_path: Path) -> None:
    """A folder of other things is refused and left as it was."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match=r"run: what is there is no folder of a run .* so it is not replaced\. Choose"):
        save_run(tmp_path / "run", make_result(), {}, replaces=True)
    assert names(tmp_path / "run") == {"thesis.tex"}
    assert names(tmp_path) == {"run"}


def test_a_replacement_that_fails_puts_the_old_run_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the new run cannot get its name, the old one has it again."""
    folder = save_run(tmp_path / "run", make_result(), {})
    rename = Path.rename

    def refuse(source: Path, target: Path) -> Path:
        if source.name.endswith(".partial"):
            disk_full()
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr("strategy_orchestrator.store.folder._exchange", lambda *_: False)
    with pytest.raises(RunError, match="run: the run could not be saved: no space left on device"):
        save_run(folder, make_result(), {}, replaces=True)
    monkeypatch.undo()
    assert names(tmp_path) == {"run"}
    assert is_sealed(folder)


def test_a_full_disk_leaves_nothing_and_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is one line with the file as the user knows it, and no half-written folder stays."""
    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(RunError) as caught:
        save_run(tmp_path / "run", make_result(), {})
    line = str(caught.value)
    assert line.startswith(str(tmp_path / "run" / "decisions.parquet"))
    assert "no space left on device" in line
    assert "\n" not in line
    assert names(tmp_path) == set()


def test_a_file_in_place_of_the_parent_folder_is_named(tmp_path: Path) -> None:
    """A path that leads through a file is refused in one line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="could not be saved"):
        save_run(tmp_path / "file" / "run", make_result(), {})


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control-C in the middle of saving removes what was written."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("strategy_orchestrator.store.save.seal_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_run(tmp_path / "run", make_result(), {})
    assert names(tmp_path) == set()


def test_a_disk_that_fails_at_the_last_step_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the folder cannot be renamed, it is removed and the run is named."""
    monkeypatch.setattr(Path, "rename", disk_full)
    with pytest.raises(RunError, match="run: the run could not be saved: no space left on device"):
        save_run(tmp_path / "run", make_result(), {})
    assert names(tmp_path) == set()


def test_a_library_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its version is null."""

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("strategy_orchestrator.store.describe.version", missing)
    assert versions()["numba"] is None


def test_a_name_taken_in_between_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that takes the name first keeps it."""
    rename = Path.rename

    def outrun(source: Path, target: Path) -> Path:
        if target.name == "run":
            target.mkdir()
            (target / "theirs").write_text("")
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", outrun)
    assert save_run(tmp_path / "run", make_result(), {}).name == "run-2"
    assert names(tmp_path / "run") == {"theirs"}


def hostile_result() -> OrchestratorResult:
    """Make a run whose symbols and strategies have harmful names."""
    record = make_record(ids=tuple(f"{name}_0" for name in HOSTILE), symbols=HOSTILE)
    return make_result(record)


def test_harmful_names_do_no_harm(tmp_path: Path) -> None:
    """Names never become files or markup, and come back as they were."""
    result = hostile_result()
    folder = save_run(tmp_path / "run", result, {"note": HOSTILE})
    assert names(folder) == FILES
    assert names(tmp_path) == {"run"}
    for name in ("run.json", "events.jsonl", "seal.json"):
        text = (folder / name).read_bytes()
        assert b"<" not in text
        assert text.isascii()
    saved = load_run(folder)
    assert saved.strategy_ids == result.record.strategy_ids
    assert {entry["symbol"] for entry in saved.description["data"]["symbols"]} == set(HOSTILE)
    assert set(saved.trades["symbol"]) <= set(HOSTILE)


def raised() -> StrategyError:
    """Make the error of a strategy that raised."""

    def should_enter() -> None:
        raise KeyError("``` <script>\u202e")

    try:
        should_enter()
    except KeyError as cause:
        error = StrategyError(Fault("Strategy 'x_0', symbol 'A', bar 3", "it raised", "Correct it", value="x_0"))
        error.__cause__ = cause
    return error


def test_a_failed_run_keeps_what_it_had(tmp_path: Path) -> None:
    """Tables, events and the error are saved, without a seal, and can be read."""
    context = {"config": OrchestratorConfig(seed=5), "symbol": "A\u202e", "bar": 3, "plugins": [{"name": "p"}]}
    folder = save_failure(tmp_path / "run", raised(), make_record(n_bars=3), context)
    assert names(folder) == (FILES | {"error-log.md"}) - {"seal.json"}
    assert not is_sealed(folder)
    content = run_json(folder)
    assert (content["state"], content["config"]["seed"], content["plugins"]) == ("FAILED", 5, [{"name": "p"}])
    assert content["error"]["type"] == "StrategyError"
    saved = load_run(folder)
    assert (saved.state, saved.is_sealed, saved.fingerprint, dict(saved.summary)) == ("FAILED", False, None, {})
    assert (saved.equity.height, saved.trades.height) == (3, 1)
    last = (folder / "events.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["strategy_id"] == "x_0"


def test_the_error_log_is_for_people(tmp_path: Path) -> None:
    """It has the error, the place, the strategy's own traceback, options and versions, and foreign text is fenced."""
    context = {"config": OrchestratorConfig(seed=5), "symbol": "A\u202e", "bar": 3}
    text = (save_failure(tmp_path / "run", raised(), make_record(n_bars=3), context) / "error-log.md").read_text()
    assert "strategy_id: x_0\nsymbol: A\\u202e\nbar: 3\n" in text
    assert "Strategy 'x_0', symbol 'A', bar 3: it raised. Correct it." in text
    assert "last completed bar: 2, 2024-01-04" in text
    assert "in should_enter" in text
    assert "seed: 5" in text
    assert "python: 3." in text
    assert "\u202e" not in text
    assert "````text\nTraceback" in text


def test_a_run_that_failed_before_its_first_bar_has_only_the_error(tmp_path: Path) -> None:
    """Without a record there are the log, the description and the events."""
    folder = save_failure(tmp_path / "run", RunError(()), None, {"config": "unknown"})
    assert names(folder) == {"error-log.md", "events.jsonl", "run.json"}
    text = (folder / "error-log.md").read_text()
    assert "before its first bar" in text
    assert "config: unknown" in text
    saved = load_run(folder)
    assert saved.strategy_ids == ()
    with pytest.raises(ValueError, match="the run failed before it had any trades"):
        _ = saved.trades


def test_a_failure_in_the_first_bar_is_saved(tmp_path: Path) -> None:
    """A record without a completed bar has empty curves."""
    record = replace(make_record((), trades=np.zeros(0, TRADE)), n_bars=0, notes={})
    folder = save_failure(tmp_path / "run", RunError(Fault("a", "b")), record, {})
    assert load_run(folder).equity.height == 0
    assert "last completed bar: none" in (folder / "error-log.md").read_text()


def test_an_error_that_is_not_ours_keeps_its_traceback(tmp_path: Path) -> None:
    """Any exception can be saved, under the time of the failure by default."""
    try:
        int("missing")
    except ValueError as error:
        caught = error
    folder = save_failure(tmp_path / "run", caught, None, {"failed_at": datetime(2024, 6, 1, tzinfo=UTC)})
    text = (folder / "error-log.md").read_text()
    assert "## Where it was raised" in text
    assert "ValueError: invalid literal for int() with base 10: 'missing'" in text
    assert run_json(folder)["failed_at"] == "2024-06-01T00:00:00Z"


def traceback_of(cause: ValueError, folder: Path) -> str:
    """Save the error of a strategy that raised, its traceback without the frame of the test, and return the log."""
    cause.__traceback__ = cause.__traceback__.tb_next if cause.__traceback__ else None
    error = StrategyError(Fault("a", "b", value="x"))
    error.__cause__ = cause
    return (save_failure(folder, error, None, {}) / "error-log.md").read_text()


def test_the_frames_that_lead_to_the_strategy_are_left_out(tmp_path: Path) -> None:
    """A traceback that begins in the package is shown from its first frame outside of it."""

    def signals(_: int) -> int:
        raise ValueError("mine")

    try:
        _ = Decoded(1, signals)[0]
    except ValueError as cause:
        text = traceback_of(cause, tmp_path / "run")
    assert "in signals" in text
    assert "results.py" not in text


def test_a_traceback_within_the_package_is_whole(tmp_path: Path) -> None:
    """A strategy of the package itself has only such frames, which are kept."""
    try:
        load_run(tmp_path)
    except ValueError as cause:
        text = traceback_of(cause, tmp_path / "run")
    assert "load.py" in text
