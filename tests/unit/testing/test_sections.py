"""Sections of the report that break the contract are found out."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.testing import check_report_section, make_result, report_section_checks
from tests.unit.testing.builders import failing, refusal

Rule = Callable[[Any], Any]


class Section:
    """Writes what a rule says."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __call__(self, result: Any) -> Any:
        """Ask the rule."""
        return self.rule(result)


def table(result: Any) -> str:
    """Write a table of names and trades, and a picture."""
    rows = "".join(f"<tr><td>{escape(name)}<td>{len(item.trades)}" for name, item in result.strategy_results.items())
    return f'<table>{rows}</table><p>of all<br><img src="data:,"><svg><path d="M0 0"/></svg>'


@pytest.mark.parametrize("rule", [table, lambda _: "", lambda result: f"{result.aggregate_metrics.sharpe_ratio}"])
def test_an_honest_section_passes(rule: Rule) -> None:
    """Elements that end by themselves may be left open."""
    check_report_section(lambda: Section(rule))
    check_report_section(lambda: rule)


TEXTS: dict[str, tuple[Rule, str, str]] = {
    "nothing": (lambda _: None, "html-usual", "it returned None. Return HTML as a str"),
    "bytes": (lambda _: b"", "html-usual", "it returned a bytes"),
    "open": (lambda _: "<div><p>x", "html-usual", "it leaves <div> open (line 1, column 10 of its text). Close each"),
    "closed": (lambda _: "x\n</div>", "html-usual", "it closes </div>, which is not open there (line 2, column 1"),
    "crossed": (lambda _: "<b><i></b></i>", "html-usual", "it closes </b>, which is not open there"),
    "page": (lambda _: "<html></html>", "html-usual", "it has an element <html>"),
    "names": (
        lambda result: "".join(result.strategy_results),
        "html-markup-in-names",
        "it wrote the name of a strategy as markup. Escape what you write into HTML: html.escape(name)",
    ),
    "no trade": (
        lambda result: str(next(iter(result.strategy_results.values())).trades[0]),
        "html-no-trades",
        "the section raised IndexError",
    ),
    "one bar": (lambda result: str(result.aggregate_equity_curve[1]), "html-one-bar", "the section raised IndexError"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_that_breaks_the_page_is_refused(case: str) -> None:
    """Or that names of the run could break."""
    rule, check, words = TEXTS[case]
    assert words in str(refusal(report_section_checks(lambda: Section(rule)), check))


class Numbering:
    """Numbers its texts."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, result: Any) -> str:
        """Count."""
        del result
        self.number += 1
        return str(self.number)


def test_a_section_that_remembers_is_found() -> None:
    """The same result gives the same text."""
    error = refusal(report_section_checks(Numbering), "determinism")
    assert "its text is another one after other results" in str(error)


def forget_conflicts(result: Any) -> str:
    """Change a count."""
    object.__setattr__(result, "conflicts_detected", 0)
    return ""


def forget_trades(result: Any) -> str:
    """Change the record."""
    object.__setattr__(result.record, "trades", result.record.trades[:1])
    return ""


@pytest.mark.parametrize(
    ("rule", "words"),
    [(forget_conflicts, "it changed the result"), (forget_trades, "it changed ")],
)
def test_a_section_that_changes_the_result_is_found(rule: Rule, words: str) -> None:
    """It writes about it."""
    assert words in str(refusal(report_section_checks(lambda: Section(rule)), "mutation"))


def test_a_section_that_reads_a_file_is_found(tmp_path: Path) -> None:
    """It writes about what it is given."""
    path = tmp_path / "text.html"
    path.write_text("x", encoding="utf-8")
    rule: Rule = lambda _: path.read_text(encoding="utf-8")  # noqa: E731
    assert failing(report_section_checks(lambda: Section(rule))) == {"outside"}


def test_the_signature_is_looked_at() -> None:
    """One result."""
    kind = type("Odd", (), {"__call__": lambda _: ""})
    assert "section() cannot be called as section(result)" in str(refusal(report_section_checks(kind), "signature"))
    shared = Section(table)
    assert "the same object twice" in str(refusal(report_section_checks(lambda: shared), "signature"))


def test_a_result_has_all_that_a_section_can_speak_of() -> None:
    """Trades long and short, conflicts, costs, a reserve."""
    result = make_result()
    assert result.conflicts_detected > 0
    directions = {int(trade.direction) for item in result.strategy_results.values() for trade in item.trades}
    assert directions == {1, -1}
    assert result.record.reserve[0] > 0
    assert not any(item.trades for item in make_result(is_silent=True).strategy_results.values())
