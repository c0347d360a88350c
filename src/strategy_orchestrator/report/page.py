"""The report as one page of HTML that needs nothing else, and loads nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.report import charts
from strategy_orchestrator.report.about import assumption_section, warning_section
from strategy_orchestrator.report.curves import daily_curves
from strategy_orchestrator.report.foreign import ForeignSection, foreign_section
from strategy_orchestrator.report.markup import Html, element, joined, name, shortened, text
from strategy_orchestrator.report.overview import headline, overview
from strategy_orchestrator.report.performance import drawdown_section, equity_section, month_section, weight_section
from strategy_orchestrator.report.section import Section
from strategy_orchestrator.report.spending import cost_section, exposure_section
from strategy_orchestrator.report.trading import correlation_section, decision_section, profit_section

MARK: Final = "<!-- a report of strategy-orchestrator -->"
"""The second line of every report, by which one is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What a report is made of.

    Attributes
    ----------
    title : str
        What the run is called: its folder.
    result : OrchestratorResult
        The run.
    facts : mapping
        The contents of its `run.json`.
    sections : sequence of ForeignSection
        What plug-ins wrote, in the order in which they are shown.
    """

    title: str
    result: OrchestratorResult
    facts: Mapping[str, Any]
    sections: Sequence[ForeignSection] = ()


def page_of(report: Report) -> str:
    """Return the page; the same run makes the same page.

    Raises
    ------
    MissingExtraError
        If plotly is not installed.
    """
    charts.require_plotly("report")
    sections = _sections(report)
    style = _asset("tables.css") + _asset("page.css")
    scripts = [charts.library(), _asset("page.js")]
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{text(shortened(report.title))}</title>",
        f"<style>{style}</style>",
    ]
    body = element("div", joined([_header(report), _contents(sections), _main(sections), _footer()]), {"class": "page"})
    ran = [f"<script>{script}</script>" for script in scripts]
    return "\n".join(
        [
            "<!doctype html>",
            MARK,
            '<html lang="en">',
            "<head>",
            *head,
            "</head>",
            "<body>",
            body,
            *ran,
            "</body>",
            "</html>\n",
        ]
    )


def _sections(report: Report) -> list[Section]:
    result = report.result
    curves = daily_curves(result)
    style = _asset("tables.css")
    return [
        overview(result),
        equity_section(curves),
        drawdown_section(curves),
        weight_section(curves),
        month_section(result),
        profit_section(result),
        correlation_section(result),
        decision_section(result),
        exposure_section(result, curves),
        cost_section(result),
        *(foreign_section(section, place, style) for place, section in enumerate(report.sections, 1)),
        warning_section(result),
        assumption_section(result, report.facts),
    ]


def _asset(file: str) -> str:
    return files(__package__).joinpath("assets", file).read_text(encoding="utf-8").strip()


def _policy(scripts: Sequence[str]) -> str:
    # No script runs but these, byte for byte, whatever else finds its way into the page; nothing is loaded.
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def _header(report: Report) -> Html:
    lead = element("p", text(headline(report.result)), {"class": "lead"})
    finger = element("p", joined([text("Fingerprint "), text(report.result.fingerprint)], ""), {"class": "finger"})
    return element("header", joined([element("h1", name(report.title)), lead, finger]))


def _contents(sections: Sequence[Section]) -> Html:
    links = [element("li", element("a", name(each.title), {"href": f"#{each.anchor}"})) for each in sections]
    return element("nav", element("ul", joined(links)), {"aria-label": "Sections"})


def _main(sections: Sequence[Section]) -> Html:
    parts = [
        element("section", joined([element("h2", name(each.title)), each.content]), {"id": each.anchor})
        for each in sections
    ]
    return element("main", joined(parts))


def _footer() -> Html:
    words = "Made by strategy-orchestrator from a sealed run folder. Nothing on this page is loaded from a network."
    return element("footer", text(words))
