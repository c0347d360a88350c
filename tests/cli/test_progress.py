"""Progress is shown on a terminal and nowhere else."""

from __future__ import annotations

import sys

import pytest

from strategy_orchestrator.cli import progress
from strategy_orchestrator.cli.progress import is_watched, watching


def test_pipes_are_not_watched() -> None:
    """Captured streams are no terminal."""
    assert not is_watched()


@pytest.mark.parametrize(("out", "err"), [(True, True), (True, False), (False, True)])
def test_both_streams_must_be_a_terminal(out: bool, err: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose output is piped shows no progress, even with errors on a terminal."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: out)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: err)
    assert is_watched() == (out and err)


def test_nothing_is_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    """Messages are swallowed."""
    with watching(is_shown=False) as watch:
        watch({"event": "progress", "done": 1, "total": 2})
    assert capsys.readouterr() == ("", "")


def test_stages_and_bars_are_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal, standard error shows the stage and how many bars are done."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with watching(is_shown=True) as watch:
        watch({"event": "stage", "name": "compiling"})
    assert progress._WORDS["compiling"] in capsys.readouterr().err  # noqa: SLF001  # the words have no other home
    with watching(is_shown=True) as watch:
        watch({"event": "progress", "done": 1500, "total": 2000})
        watch({"event": "other"})
    captured = capsys.readouterr()
    assert "Bar 1,500 of 2,000" in captured.err
    assert captured.out == ""
