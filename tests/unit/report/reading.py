"""HTML read back: tags, tables by caption, attributes and text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from strategy_orchestrator.report.section import Section

_VOID = frozenset({"meta"})


class Page(HTMLParser):
    """Read HTML and refuse what is not nested as it should be.

    Attributes
    ----------
    tags : list of (str, dict)
        Every element with its attributes.
    tables : dict
        Rows of the texts of cells, the head first, by caption.
    words : str
        All text but that of scripts.
    scripts : list of str
        What stands in script elements.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.scripts: list[str] = []
        self.words = ""
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Begin an element."""
        self.tags.append((tag, dict(attrs)))
        if tag in _VOID:
            return
        self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._rows[-1].append("")
        elif tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        """End the element that was begun last."""
        assert self._open.pop() == tag
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data: str) -> None:
        """Add text to where it stands."""
        if "script" in self._open:
            self.scripts[-1] += data
            return
        self.words += data
        if "caption" in self._open:
            self._caption += data
        elif {"td", "th"} & set(self._open):
            self._rows[-1][-1] += data

    def names(self) -> set[str]:
        """Return the names of all elements."""
        return {tag for tag, _ in self.tags}


def read(section: Section) -> Page:
    """Read the content of a section."""
    return Page(section.content)
