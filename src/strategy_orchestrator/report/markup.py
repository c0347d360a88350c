"""HTML that cannot be broken by what strategies, symbols and files are called.

Text becomes `Html` by `text` or `name` alone, and only `Html` goes into elements; the type checker holds this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, NewType

Html = NewType("Html", str)
"""Markup that is safe as it is."""

NOTHING: Final = Html("")
"""No markup."""

_MOST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    content : Html
        What it shows.
    attributes : mapping
        Attributes of HTML.
    """

    content: Html
    attributes: Mapping[str, str]


def visible(value: object) -> str:
    r"""Return text with every letter that does not print written as its escape.

    Letters that turn the direction of writing and halves of surrogate pairs count among them.

    Examples
    --------
    >>> visible("AAPL" + chr(0x202E) + "gnp")
    'AAPL\\u202egnp'
    """
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in str(value))


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def shortened(value: object, most: int = _MOST_SHOWN) -> str:
    """Return visible text of at most so many letters."""
    shown = visible(value)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def text(value: object) -> Html:
    """Return words of ours, or numbers, as HTML."""
    return Html(escape(visible(value)))


def name(value: object) -> Html:
    """Return text of somebody else as HTML: shortened, and apart from the direction of the text around it.

    Examples
    --------
    >>> name("<script>")
    '<bdi>&lt;script&gt;</bdi>'
    """
    return Html(f"<bdi>{escape(shortened(value))}</bdi>")


def element(tag: str, content: Html = NOTHING, attributes: Mapping[str, str] | None = None) -> Html:
    """Return an element with its content; the values of the attributes are escaped.

    Examples
    --------
    >>> element("p", text("1 < 2"), {"class": "note"})
    '<p class="note">1 &lt; 2</p>'
    """
    written = "".join(f' {key}="{escape(value)}"' for key, value in (attributes or {}).items())
    return Html(f"<{tag}{written}>{content}</{tag}>")


def joined(parts: Iterable[Html], between: str = "\n") -> Html:
    """Put pieces of HTML after one another."""
    return Html(escape(between).join(parts))


def paragraph(words: Html, kind: str = "") -> Html:
    """Return a paragraph."""
    return element("p", words, {"class": kind} if kind else None)


def bullets(items: Iterable[Html], kind: str = "") -> Html:
    """Return a list; nothing when there are no items."""
    rows = [element("li", item) for item in items]
    return element("ul", joined(rows), {"class": kind} if kind else None) if rows else NOTHING


def label(content: Html) -> Cell:
    """Return a cell of text."""
    return Cell(content, {})


def number(shown: str, kind: str = "") -> Cell:
    """Return a cell of a number, aligned to the right."""
    return Cell(text(shown), {"class": f"number {kind}".rstrip()})


def table(caption: str, heads: Sequence[Cell], rows: Iterable[Sequence[Cell]], foot: Sequence[Cell] = ()) -> Html:
    """Return a table whose first column names its rows.

    Parameters
    ----------
    caption : str
        What the table shows; read out before it.
    foot : sequence of Cell
        A row that is set apart, for totals.
    """
    head = element("thead", element("tr", joined([_cell("th", cell, "col") for cell in heads], "")))
    body = element("tbody", joined(map(_row, rows)))
    last = element("tfoot", _row(foot)) if foot else NOTHING
    inside = joined([element("caption", text(caption)), head, body, last])
    # What is wider than the page is scrolled by itself; the tabindex lets a keyboard do it.
    attributes = {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption}
    return element("div", element("table", inside), attributes)


def _row(cells: Sequence[Cell]) -> Html:
    first, *others = cells
    return element("tr", joined([_cell("th", first, "row"), *(_cell("td", cell) for cell in others)], ""))


def _cell(tag: str, cell: Cell, scope: str = "") -> Html:
    return element(tag, cell.content, {**({"scope": scope} if scope else {}), **cell.attributes})
