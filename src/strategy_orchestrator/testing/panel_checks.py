"""The checks of whatever answers about a panel: strategies, sizers, cost models, schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing.answers import Answers
from strategy_orchestrator.testing.asking import Course, Subject
from strategy_orchestrator.testing.findings import refuse_changes, refuse_difference, refuse_reaching
from strategy_orchestrator.testing.futures import Manner, changed_from
from strategy_orchestrator.testing.look_ahead import check_perturbation, check_truncation
from strategy_orchestrator.testing.sights import Sight, sight_of
from strategy_orchestrator.testing.snapshots import taken_of
from strategy_orchestrator.testing.stage import EDGE_PANELS, Stage
from strategy_orchestrator.testing.trials import Check, Trial
from strategy_orchestrator.testing.watching import watched

AskOne: TypeAlias = Callable[[Course, Any, Panel], Answers]
"""Asks one thing about a panel and checks what it returns."""

_HIGHER: Final = Manner("higher", 40.0, 60.0, 50.0)
_WAYS: Final = {"truncation": check_truncation, "perturbation": check_perturbation}


@dataclass(frozen=True, slots=True)
class PanelQuestion:
    """A question about panels, put to things of a plug-in.

    Attributes
    ----------
    subject : Subject
        Who is asked.
    stage : Stage
        About which panels.
    ask : callable
        Puts the question.
    ask_closely : callable
        Puts it and looks at once whether something was changed.
    sight : callable
        Returns how look-ahead is looked for.
    """

    subject: Subject
    stage: Stage
    ask: AskOne
    ask_closely: AskOne
    sight: Callable[[Course], Sight]

    def checks(self) -> Iterator[Check]:
        """Yield the checks."""
        named = {"determinism": self._determinism, "memory": self._memory, "mutation": self._mutation}
        for check, run in {**named, "outside": self._outside}.items():
            yield Check(check, partial(run, check))
        for label in self.stage.main:
            for way, find in _WAYS.items():
                yield Check(f"{way}-{label}", partial(self._look_ahead, f"{way}-{label}", label, find))
        for label in EDGE_PANELS:
            yield Check(f"answers-{label}", partial(self._answers, f"answers-{label}", label))

    def _determinism(self, check: str) -> None:
        with self.subject.begin(check) as course:
            for label in ("gaps", *self.stage.more):
                panel = self.stage.panel(label, course.first)
                made = course.fresh()
                first = self.ask(course, made, panel)
                refuse_difference(course.trial, panel, first, self.ask(course, made, panel), "when it is asked again")
                other = self.ask(course, course.fresh(), panel)
                refuse_difference(course.trial, panel, first, other, "from a second one made alike")

    def _memory(self, check: str) -> None:
        with self.subject.begin(check) as course:
            whole = self.stage.panel("gaps", course.first)
            panels = {
                "a run over other prices": self.stage.panel("daily", course.first),
                "a run over higher prices": changed_from(whole, 0, _HIGHER),
                "a run over a part of the bars": whole.until(max(1, whole.n_bars // 2)),
            }
            for what, other in panels.items():
                fresh = self.ask(course, course.fresh(), whole)
                made = course.fresh()
                self.ask(course, made, other)
                refuse_difference(course.trial, whole, fresh, self.ask(course, made, whole), f"after {what}")

    def _mutation(self, check: str) -> None:
        with self.subject.begin(check) as course:
            panel = self.stage.panel("gaps", course.first)
            before = taken_of(panel)
            self.ask_closely(course, course.first, panel)
            refuse_changes(course.trial, before, "panel")

    def _outside(self, check: str) -> None:
        with self.subject.begin(check) as course:
            panel = self.stage.panel("gaps", course.first)
            with watched(course.first) as found:
                self.ask(course, course.first, panel)
            refuse_reaching(course.trial, found)

    def _look_ahead(self, check: str, label: str, find: Callable[[Trial, Sight, Panel], None]) -> None:
        with self.subject.begin(check) as course:
            find(course.trial, self.sight(course), self.stage.panel(label, course.first))

    def _answers(self, check: str, label: str) -> None:
        with self.subject.begin(check) as course:
            self.ask(course, course.first, self.stage.panel(label, course.first))


def question_of(subject: Subject, stage: Stage, ask: AskOne, *, own_bar: bool = True) -> PanelQuestion:
    """Return a question that is put once a panel.

    Parameters
    ----------
    own_bar : bool
        Whether the answer at bar t may use bar t.
    """

    def sight(course: Course) -> Sight:
        return sight_of(lambda panel: ask(course, course.fresh(), panel), own_bar=own_bar)

    return PanelQuestion(subject, stage, ask, ask, sight)
