"""The checks of a section of the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from html.parser import HTMLParser
from typing import Any, Final

from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.summary import summary_of
from strategy_orchestrator.testing.asking import Course, Factory, Subject, check_call, check_factory, described
from strategy_orchestrator.testing.findings import refuse_changes, refuse_reaching
from strategy_orchestrator.testing.panels import make_panel
from strategy_orchestrator.testing.results import make_result
from strategy_orchestrator.testing.snapshots import taken_of
from strategy_orchestrator.testing.trials import Check, Trial, run_all
from strategy_orchestrator.testing.watching import watched

_HOSTILE: Final = '<i title="x">Sneaky</i>\'&amp;'
_CASES: Final[Mapping[str, Callable[[], OrchestratorResult]]] = {
    "usual": make_result,
    "no-trades": lambda: make_result(is_silent=True),
    "one-bar": lambda: make_result(make_panel(1, 2)),
    "one-strategy": lambda: make_result(labels=["Alone"]),
    "markup-in-names": lambda: make_result(labels=[_HOSTILE, "Plain"]),
}
_VOID: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_OPTIONAL: Final = frozenset(("colgroup", "dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"))
"""Elements that end by themselves."""


def check_report_section(factory: Factory) -> None:
    """Run all checks of a section of the report; the first that fails raises.

    Raises
    ------
    ContractError
        In one line: section, check, what was seen, what is expected.
    """
    run_all(report_section_checks(factory))


def report_section_checks(factory: Factory, *, name: str = "") -> list[Check]:
    """Return the checks of a section of the report, one behavior each.

    Parameters
    ----------
    factory : callable
        Makes a new section each time.
    name : str
        What to call it in errors; the name of its class by default.
    """
    subject = Subject(Kind.REPORT_SECTION, factory, name)
    runs = {"signature": _signature, "determinism": _determinism, "mutation": _mutation, "outside": _outside}
    checks = [Check(check, partial(run, subject, check)) for check, run in runs.items()]
    return [*checks, *(Check(f"html-{case}", partial(_html, subject, f"html-{case}", case)) for case in _CASES)]


def _ask(course: Course, section: Any, result: OrchestratorResult) -> str:
    found = course.trial.call(section, result, what="the section")
    if not isinstance(found, str):
        raise course.trial.failed(f"it returned {described(found)}", "Return HTML as a str")
    return found


def _signature(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        check_call(course.trial, course.first, "section", ("result",))
        check_factory(course)


def _determinism(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        results = [case() for case in _CASES.values()]
        used = course.first
        for result in (*results, *results):
            if _ask(course, used, result) != _ask(course, course.fresh(), result):
                problem = "its text is another one after other results"
                raise course.trial.failed(problem, "The same result must give the same text")


def _mutation(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        result = make_result()
        before = {"": taken_of(summary_of(result)), "record": taken_of(result.record)}
        _ask(course, course.first, result)
        after = taken_of(summary_of(result))
        if after.contents != before[""].contents:
            raise course.trial.failed("it changed the result", "What it is given is read-only")
        refuse_changes(course.trial, before["record"], "result.record")


def _outside(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        result = make_result()
        with watched(course.first) as found:
            _ask(course, course.first, result)
        refuse_reaching(course.trial, found)


def _html(subject: Subject, check: str, case: str) -> None:
    with subject.begin(check) as course:
        text = _ask(course, course.first, _CASES[case]())
        if _HOSTILE in text:
            remedy = "Escape what you write into HTML: html.escape(name)"
            raise course.trial.failed("it wrote the name of a strategy as markup", remedy)
        elements = _Elements(course.trial)
        elements.feed(text)
        elements.finish()


class _Elements(HTMLParser):
    # Looks whether what is opened is closed, so that the section does not break the page around it.
    def __init__(self, trial: Trial) -> None:
        super().__init__()
        self.trial = trial
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in {"html", "body", "head"}:
            raise self._failed(f"it has an element <{tag}>", "It is a part of a page, not a page")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag, attrs

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in _OPTIONAL:
            self.open.pop()
        if not self.open or self.open[-1] != tag:
            raise self._failed(f"it closes </{tag}>, which is not open there", "Close each element where it belongs")
        self.open.pop()

    def finish(self) -> None:
        self.close()
        left = [tag for tag in self.open if tag not in _OPTIONAL]
        if left:
            raise self._failed(f"it leaves <{left[-1]}> open", "Close each element")

    def _failed(self, problem: str, remedy: str) -> Exception:
        line, column = self.getpos()
        return self.trial.failed(f"{problem} (line {line}, column {column + 1} of its text)", remedy)
