"""A strategy that takes too long ends the run, whatever it does meanwhile, and is named."""

from __future__ import annotations

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


def test_a_strategy_that_hangs_ends_the_run(place: Place) -> None:
    """It hangs in C, hears no signal and lets no thread run; quarantine cannot help, for it never comes back."""
    place.install_odd(at_bar="len(bars) == 15 and sum(iter(int, 1))")
    options = 'strategy_time_limit = "1.5"\non_strategy_error = "quarantine"'
    place.write(run_file(ODD + HOLD, run=options))
    done = place.run("run", "run.toml", "--out", "failed", "--json")
    assert done.returncode == 1
    (fault,) = document(done)["faults"]
    assert fault["where"] == "strategy 'Odd_0', 'IBM', 2000-03-21 (bar 14), should_enter"
    assert fault["problem"] == "it took longer than strategy_time_limit, 1.5 seconds, so the run was ended"
    assert "strategy_time_limit" in (place.folder / "failed" / "error-log.md").read_text()
    assert not (place.folder / "failed" / "seal.json").exists()


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    """Return a folder."""
    return Place(tmp_path)
