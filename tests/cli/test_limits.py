"""A strategy that takes too long ends the run, whatever it does meanwhile, and is named."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from strategy_orchestrator.cli import limits
from strategy_orchestrator.cli.limits import Limit, Notes, Warden
from tests.cli.test_end_to_end import HOLD, ODD, Place, document, run_file

TIMES = [0, 86_400_000_000_000]


def limit_of(notes: Notes, seconds: float) -> Limit:
    """Return what the parent is told."""
    return Limit(seconds, f"{seconds}", notes.path, ["A_0", "B_0"], ["X", "Y"])


@pytest.fixture(name="notes")
def _notes() -> Notes:
    """Return the notes of a worker."""
    return Notes(TIMES)


@pytest.mark.parametrize(
    ("note", "where"),
    [
        ((1, 0, 1, 1), "strategy 'B_0', 'Y', 1970-01-02 (bar 1), should_enter"),
        ((0, 2, -1, -1), "strategy 'A_0', position_size"),
        ((0, 3, -1, -1), "strategy 'A_0', signals"),
    ],
)
def test_who_does_not_answer_is_ended_and_named(notes: Notes, note: tuple[int, int, int, int], where: str) -> None:
    """Strategy, symbol, bar and question are told."""
    ended = threading.Event()
    warden = Warden(limit_of(notes, 0.05), ended.set)
    notes.begin(*note)
    assert ended.wait(10)
    warden.dismiss()
    assert str(warden.verdict) == (
        f"{where}: it took longer than strategy_time_limit, 0.05 seconds, so the run was ended. "
        "Correct the strategy, or raise the limit."
    )


def test_who_answers_goes_on(notes: Notes) -> None:
    """Many short answers are no long one, and nobody is ended while nobody is asked."""
    warden = Warden(limit_of(notes, 0.1), pytest.fail)
    for _ in range(30):
        notes.begin(0, 0, 0, 0)
        threading.Event().wait(0.005)
        notes.end()
    threading.Event().wait(0.2)
    warden.dismiss()
    assert warden.verdict is None


def test_the_file_of_the_notes_is_removed(notes: Notes) -> None:
    """It is gone as soon as both have it."""
    assert Path(notes.path).is_file()
    Warden(limit_of(notes, 9), pytest.fail).dismiss()
    assert not Path(notes.path).exists()


def test_a_file_that_cannot_be_removed_stays(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some systems keep a file that is in use."""

    def refuse(path: Path) -> None:
        raise PermissionError(path)

    with monkeypatch.context() as patch:
        patch.setattr(limits.Path, "unlink", refuse)
        Warden(limit_of(notes, 9), pytest.fail).dismiss()
    Path(notes.path).unlink()


HANGS: dict[str, str] = {
    "in Python": "while len(bars) == 15: pass",
    "in C, which neither hears a signal nor lets a thread run": "len(bars) == 15 and sum(iter(int, 1))",
}


@pytest.mark.parametrize("hang", HANGS)
def test_a_strategy_that_hangs_ends_the_run(hang: str, place: Place) -> None:
    """One line names it, and the folder keeps the error log; quarantine cannot help, for it never comes back."""
    place.install_odd(at_bar=HANGS[hang])
    options = 'strategy_time_limit = "1.5"\non_strategy_error = "quarantine"'
    place.write(run_file(ODD + HOLD, run=options))
    done = place.run("run", "run.toml", "--out", "failed", "--json")
    assert done.returncode == 1
    (fault,) = document(done)["faults"]
    assert fault["where"] == "strategy 'Odd_0', 'IBM', 2000-03-21 (bar 14), should_enter"
    assert fault["problem"] == "it took longer than strategy_time_limit, 1.5 seconds, so the run was ended"
    assert "strategy_time_limit" in (place.folder / "failed" / "error-log.md").read_text()
    assert not (place.folder / "failed" / "seal.json").exists()


def test_a_run_within_its_limit_is_what_it_is_without(place: Place) -> None:
    """The limit changes nothing but the record of the options."""
    found: list[str] = []
    for options in ("", "strategy_time_limit = 30"):
        place.write(run_file(HOLD, run=options))
        done = place.run("run", "run.toml", "--json")
        assert done.returncode == 0, done.stderr
        found.append(document(done)["summary"]["fingerprint"])
    assert found[0] == found[1]
    kept = [json.loads((folder / "run.json").read_text())["context"]["config"] for folder in place.saved()]
    assert {config["strategy_time_limit"] for config in kept} == {None, "30"}


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    """Return a folder."""
    return Place(tmp_path)
