"""Text that cannot become markup."""

from __future__ import annotations

import pytest

from strategy_orchestrator.report.markup import (
    NOTHING,
    bullets,
    element,
    joined,
    label,
    name,
    number,
    paragraph,
    shortened,
    table,
    text,
    visible,
)
from tests.unit.report.reading import Page
from tests.unit.store.builders import HOSTILE


@pytest.mark.parametrize("hostile", [*HOSTILE, '"><img src=x>', "&lt;", "שלום"])
def test_names_come_back_as_text(hostile: str) -> None:
    """Whatever a name is, it is text in one element that keeps its direction to itself."""
    page = Page(name(hostile))
    assert page.tags == [("bdi", {})]
    assert page.words == shortened(hostile)
    page.words.encode("utf-8")


@pytest.mark.parametrize(
    ("given", "shown"),
    [("AAPL", "AAPL"), ("a\u202eb", "a\\u202eb"), ("a\nb\x00", "a\\nb\\x00"), ("\ud800", "\\ud800"), ("שלום", "שלום")],
)
def test_what_does_not_print_is_written_as_its_escape(given: str, shown: str) -> None:
    """Controls and marks of direction are seen; letters of any script are themselves."""
    assert visible(given) == shown


def test_long_names_are_shortened() -> None:
    """A mark shows that something is missing."""
    assert shortened("x" * 300, 5) == "xxxx…"
    assert shortened("xxxxx", 5) == "xxxxx"


def test_attributes_are_escaped() -> None:
    """A value cannot end its attribute."""
    page = Page(element("p", text("a < b"), {"title": '" onload="x'}))
    assert page.tags == [("p", {"title": '" onload="x'})]
    assert page.words == "a < b"


def test_a_table_says_what_its_cells_are() -> None:
    """Heads of columns and rows are marked as such, and the caption names what is scrolled."""
    heads = [label(text("Strategy")), number("Return")]
    made = table("Returns", heads, [[label(text("one")), number("1 %", "gain")]], [label(text("all")), number("2 %")])
    page = Page(made)
    assert page.tables == {"Returns": [["Strategy", "Return"], ["one", "1 %"], ["all", "2 %"]]}
    scopes = [attributes.get("scope") for tag, attributes in page.tags if tag == "th"]
    assert scopes == ["col", "col", "row", "row"]
    assert page.tags[0] == ("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Returns"})
    assert ("td", {"class": "number gain"}) in page.tags


def test_lists_and_paragraphs() -> None:
    """An empty list is nothing; a kind is a class."""
    assert bullets([]) == NOTHING
    assert bullets([text("a")], "note") == '<ul class="note"><li>a</li></ul>'
    assert bullets([text("a"), text("b")]) == "<ul><li>a</li>\n<li>b</li></ul>"
    assert paragraph(text("a")) == "<p>a</p>"
    assert paragraph(text("a"), "note") == '<p class="note">a</p>'
    assert joined([text("a"), text("b")], " & ") == "a &amp; b"
