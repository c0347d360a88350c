"""Sections that plug-ins write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from strategy_orchestrator.errors import PluginError
from strategy_orchestrator.report import foreign
from strategy_orchestrator.report.foreign import ForeignSection, foreign_section, written_by
from tests.unit.report.reading import Page
from tests.unit.store.builders import make_result

WHERE = "report section 'odd' (pack 1.0)"


def ends(result: Any) -> str:
    """End the program."""
    del result
    raise SystemExit(0)


def gives(answer: Any) -> Callable[[Any], Any]:
    """Make a section that returns this."""
    return lambda result: (result, answer)[1]


class Text(str):
    """Text that lies about its length."""

    __slots__ = ()

    def __len__(self) -> int:
        """Return nothing."""
        return 0

    def __str__(self) -> str:
        """Return something else."""
        return "<script>"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (lambda result: result / 0, "TypeError: unsupported operand"),
        (ends, "it asked to end the program, SystemExit(0)"),
        (gives(b"<p>"), "it returned bytes; expected HTML as a str"),
        (gives(None), "it returned NoneType; expected HTML as a str"),
        (gives(Text("x" * 50)), "it returned 50 letters; at most 40 are shown"),
    ],
)
def test_a_broken_section_is_one_line(
    section: Callable[[Any], Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names who wrote it."""
    monkeypatch.setattr(foreign, "MOST_LETTERS", 40)
    with pytest.raises(PluginError) as caught:
        written_by(section, make_result(), WHERE)
    assert str(caught.value).startswith(f"{WHERE}: {words}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "written"), [("<p>\ud800</p>", "<p>?</p>"), (Text("<p>"), "<p>")])
def test_what_is_written_can_be_saved(text: str, written: str) -> None:
    """Plain text that has an encoding."""
    found = written_by(gives(text), make_result(), WHERE)
    assert (found, type(found)) == (written, str)


def test_a_section_stands_in_a_frame_without_scripts() -> None:
    """Whatever it contains ends with the frame."""
    content = "</iframe></section>\n<script>alert(1)</script>" + '"' * 3
    made = foreign_section(ForeignSection("<b>", "pack <1>", content), 2, "td { color: red }")
    page = Page(made.content)
    assert [tag for tag, _ in page.tags] == ["p", "bdi", "iframe"]
    frame = page.tags[-1][1]
    assert frame["sandbox"] == "allow-same-origin"
    assert frame["title"] == "<b>"
    assert content in (frame["srcdoc"] or "")
    assert "td { color: red }" in (frame["srcdoc"] or "")
    assert (made.anchor, made.title) == ("plug-in-2", "<b>")
    assert page.words == "Written by the plug-in pack <1>\n"


def test_a_section_that_failed_is_a_line() -> None:
    """Its words are text."""
    made = foreign_section(ForeignSection("odd", problem="<i>it raised"), 1, "")
    assert Page(made.content).words == "This section is missing: <i>it raised"
