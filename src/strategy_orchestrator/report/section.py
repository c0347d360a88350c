"""A section of the page, and the figure of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strategy_orchestrator.report.markup import (
    NOTHING,
    Cell,
    Html,
    element,
    joined,
    label,
    number,
    paragraph,
    table,
    text,
    visible,
)

DATA_TYPE = "application/json"
"""Browsers run no script of this type."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the page.

    Attributes
    ----------
    anchor : str
        By which links find it.
    title : str
        Its heading.
    content : Html
        What stands below.
    """

    anchor: str
    title: str
    content: Html


@dataclass(frozen=True, slots=True)
class Sampled:
    """A chart in numbers: what stands in place of it for whoever does not see it.

    Attributes
    ----------
    times : sequence of str
        What the rows are called.
    columns : sequence of (str, sequence of str)
        Names and written values.
    """

    times: Sequence[str]
    columns: Sequence[tuple[str, Sequence[str]]]


def figure(title: str, chart: Html, said: str, numbers: Sampled, note: str = "") -> Html:
    """Return a chart with its title, what it shows in a sentence, and its numbers.

    Parameters
    ----------
    said : str
        Read out in place of the drawing.
    note : str
        Shown below.
    """
    drawing = element("div", NOTHING, {"class": "plot", "role": "img", "aria-label": visible(said)})
    data = element("script", chart, {"type": DATA_TYPE})
    caption = element("figcaption", text(title))
    rows = [
        [label(text(time)), *(number(values[place]) for _, values in numbers.columns)]
        for place, time in enumerate(numbers.times)
    ]
    heads = [label(text("Day")), *(named(name) for name, _ in numbers.columns)]
    below = paragraph(text(note), "note") if note else NOTHING
    listed = element("details", joined([element("summary", text("In numbers")), table(title, heads, rows)]))
    return element("figure", joined([caption, drawing, data, below, listed]), {"class": "chart"})


def named(title: str) -> Cell:
    """Return the head of a column of numbers that is called as somebody else likes."""
    from_others = element("bdi", text(title))
    return Cell(from_others, {"class": "number"})


def head(title: str) -> Cell:
    """Return the head of a column of numbers."""
    return Cell(text(title), {"class": "number"})
