"""Docstrings in the form of NumPy, taken apart."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

_UNDERLINE: Final = re.compile(r"-{3,}")
_NAMED: Final = ("Parameters", "Attributes", "Raises")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a section: names, type and what is said of them."""

    names: tuple[str, ...]
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Docstring:
    """A docstring.

    Attributes
    ----------
    summary : str
        Its first paragraph, on one line.
    text : str
        What follows until the first section.
    sections : dict
        Entries of Parameters, Attributes and Raises by the name of the section.
    returns : str
        What is said of the value, on one line.
    """

    summary: str
    text: str = ""
    sections: dict[str, list[Item]] = field(default_factory=dict)
    returns: str = ""


def docstring_of(target: object) -> Docstring:
    """Take the docstring of an object apart; one that has none is a mistake of ours."""
    lines = (inspect.getdoc(target) or "").splitlines()
    heads = [place for place in range(1, len(lines)) if _UNDERLINE.fullmatch(lines[place])]
    bounds = [place - 1 for place in heads] + [len(lines)]
    paragraphs = "\n".join(lines[: bounds[0]]).strip().split("\n\n")
    bodies = {lines[start]: lines[start + 2 : end] for start, end in pairwise(bounds)}
    return Docstring(
        summary=joined(paragraphs[0].splitlines()),
        text="\n\n".join(paragraphs[1:]),
        sections={name: _items(bodies[name]) for name in _NAMED if name in bodies},
        returns=_returns(bodies.get("Returns", [])),
    )


def joined(lines: list[str]) -> str:
    """Return lines as one."""
    return " ".join(" ".join(lines).split())


def _items(lines: list[str]) -> list[Item]:
    starts = [place for place, line in enumerate(lines) if line and not line.startswith(" ")]
    found = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        names, _, kind = lines[start].partition(" : ")
        found.append(Item(tuple(name.strip() for name in names.split(",")), kind, joined(lines[start + 1 : end])))
    return found


def _returns(lines: list[str]) -> str:
    # A type, then what it is; several of these for a tuple.
    return joined([line if line.startswith(" ") else f"{line}:" for line in lines if line.strip()])
