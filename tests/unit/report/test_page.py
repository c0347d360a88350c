"""The whole page."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from strategy_orchestrator.report import ForeignSection, Report, page_of
from strategy_orchestrator.report.page import MARK
from strategy_orchestrator.testing import make_panel, make_result
from tests.unit.report.reading import Page

NAMES = ("<script>alert(1)</script>", "=cmd()", "שלום", "\u202egnp", '"><img src=x onerror=alert(1)>')


@pytest.fixture(scope="module")
def html() -> str:
    """Make the page of a real run whose strategies have harmful names."""
    result = make_result(labels=NAMES)
    facts = {"data": {"symbols": [{"symbol": "<svg onload=alert(1)>", "n_bars": 1, "sha256": "ab"}]}}
    sections = [ForeignSection("pack:odd", "pack 1.0", "<script>alert(1)</script>")]
    return page_of(Report("<title>\n", result, facts, sections))


def test_the_page_has_its_sections_and_nothing_of_others(html: str) -> None:
    """Elements are nested, and no name made one."""
    page = Page(html.removeprefix("<!doctype html>\n"))
    anchors = [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    assert anchors == [
        "summary",
        "equity",
        "drawdowns",
        "weights",
        "months",
        "profit",
        "correlation",
        "decisions",
        "exposure",
        "costs",
        "plug-in-1",
        "warnings",
        "assumptions",
    ]
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == [f"#{anchor}" for anchor in anchors]
    assert not {"img", "svg", "b", "object", "link"} & page.names()
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert f"{NAMES[0]}_0" in page.words
    assert "\\u202egnp_0" in page.words
    assert "\u202e" not in html


def test_no_script_runs_but_those_of_the_policy(html: str) -> None:
    """Each by its hash; charts are data that can be read."""
    page = Page(html.removeprefix("<!doctype html>\n"))
    kinds = [attributes.get("type") for tag, attributes in page.tags if tag == "script"]
    run = [script for script, kind in zip(page.scripts, kinds, strict=True) if kind is None]
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in run]
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert f"script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}';" in policy
    assert policy.startswith("default-src 'none'; ")
    charts = [json.loads(script) for script, kind in zip(page.scripts, kinds, strict=True) if kind is not None]
    assert (len(run), len(charts)) == (2, 4)
    assert charts[0]["data"][1]["name"] == "&lt;script&gt;alert(1)&lt;/script&gt;_0"


def test_nothing_is_loaded(html: str) -> None:
    """No element names an address; only the text of plotly does."""
    page = Page(html.removeprefix("<!doctype html>\n"))
    sources = {"src", "data", "action", "background", "poster"}
    assert not any(sources & set(attributes) for _, attributes in page.tags)
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_a_page_is_known_by_its_second_line(html: str) -> None:
    """So that nothing else is replaced by one."""
    assert html.splitlines()[:2] == ["<!doctype html>", MARK]
    html.encode("utf-8")


@pytest.mark.parametrize("is_silent", [False, True])
def test_short_runs_have_a_page(is_silent: bool) -> None:
    """One strategy and one bar, with trades or without, and the same again."""
    result = make_result(make_panel(1, 1), labels=["Alone"], is_silent=is_silent)
    pages = [page_of(Report("run", result, {})) for _ in range(2)]
    assert pages[0] == pages[1]
    assert "There is one strategy" in pages[0]
