"""Sections that plug-ins write: asked for under guard, and shown where they cannot touch the page.

What a plug-in returns is HTML of its own. It is put into a frame without scripts, forms or links to elsewhere, and the
page's policy lets nothing be loaded from a network; so neither a hostile section nor a broken one changes or hides what
stands around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from strategy_orchestrator.errors import Fault, PluginError
from strategy_orchestrator.hooks.guard import guarded
from strategy_orchestrator.models.contracts import ReportSection
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.report.markup import element, joined, name, paragraph, shortened, text
from strategy_orchestrator.report.section import Section

MOST_LETTERS: Final = 20_000_000
"""A section longer than this is refused."""

_NARROW: Final = "body { overflow-x: auto; } th, td { padding-left: 0.4rem; padding-right: 0.4rem; }"
_REMEDY: Final = "Report it to the authors of the plug-in"


@dataclass(frozen=True, slots=True)
class ForeignSection:
    """A section of a plug-in, written or not.

    Attributes
    ----------
    title : str
        The name under which it is offered.
    owner : str
        The distribution and its version; empty when that is not known.
    content : str
        Its HTML; empty when it failed.
    problem : str
        Why there is none; empty when there is.
    """

    title: str
    owner: str = ""
    content: str = ""
    problem: str = ""


def written_by(section: ReportSection, result: OrchestratorResult, where: str) -> str:
    """Have a plug-in write its section.

    Raises
    ------
    PluginError
        If it raises, or returns anything but text of a reasonable length.
    """
    found: object = guarded(lambda: section(result), where)
    if not isinstance(found, str):
        raise PluginError(Fault(where, f"it returned {type(found).__name__}; expected HTML as a str", _REMEDY))
    # A subclass of str could behave differently when it is read; half a surrogate pair cannot be written.
    written = str.__str__(found).encode("utf-8", "replace").decode("utf-8")
    if len(written) > MOST_LETTERS:
        problem = f"it returned {len(written):,} letters; at most {MOST_LETTERS:,} are shown"
        raise PluginError(Fault(where, problem, _REMEDY))
    return written


def foreign_section(section: ForeignSection, place: int, style: str) -> Section:
    """Return what a plug-in wrote as a section of the page, or why it is missing.

    Parameters
    ----------
    place : int
        Its number among those of plug-ins.
    style : str
        The style sheet for the frame.
    """
    anchor, title = f"plug-in-{place}", shortened(section.title)
    by = joined([text("Written by the plug-in "), name(section.owner)], "") if section.owner else text("")
    if section.problem:
        said = joined([text("This section is missing: "), name(section.problem)], "")
        return Section(anchor, title, paragraph(said, "missing"))
    document = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>{text(title)}</title><style>{style}{_NARROW}</style><body>{section.content}</body></html>"
    )
    # Without allow-scripts nothing in it runs; with allow-same-origin the page can ask how high it is.
    frame = element(
        "iframe",
        attributes={
            "sandbox": "allow-same-origin",
            "title": title,
            "srcdoc": document,
            "referrerpolicy": "no-referrer",
        },
    )
    return Section(anchor, title, joined([paragraph(by, "note"), frame]))
