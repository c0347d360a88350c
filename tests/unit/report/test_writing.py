"""Pages that are put in their place complete or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from strategy_orchestrator.errors import InputError, RunError
from strategy_orchestrator.report import check_target, write_page
from strategy_orchestrator.report.page import MARK

PAGE = f"<!doctype html>\n{MARK}\n<p>ä</p>"


def test_a_page_is_written_and_written_again(tmp_path: Path) -> None:
    """A report takes the place of a report, and its folder is made."""
    path = tmp_path / "new" / "run.html"
    write_page(path, PAGE)
    write_page(path, PAGE + "again")
    assert path.read_text(encoding="utf-8") == PAGE + "again"
    assert [each.name for each in path.parent.iterdir()] == ["run.html"]


def test_what_is_no_report_is_not_replaced(tmp_path: Path) -> None:
    """Neither a file of the user's, nor a folder, nor a link to nowhere."""
    note, link = tmp_path / "note.html", tmp_path / "link.html"
    note.write_text("mine")
    link.symlink_to(tmp_path / "nowhere")
    for path, words in (
        (note, "is no report of ours"),
        (link, "is no report of ours"),
        (tmp_path, "there is a folder"),
    ):
        with pytest.raises(InputError, match=words):
            check_target(path)
        with pytest.raises(InputError, match=words):
            write_page(path, PAGE)
    assert note.read_text() == "mine"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report before is whole, and nothing else is left."""
    path = tmp_path / "run.html"
    write_page(path, PAGE)

    def full(handle: int) -> None:
        del handle
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        RunError, match=r"run\.html: the report could not be written: no space left on device\. Make room"
    ):
        write_page(path, PAGE + "again")
    assert path.read_text(encoding="utf-8") == PAGE
    assert [each.name for each in tmp_path.iterdir()] == ["run.html"]
