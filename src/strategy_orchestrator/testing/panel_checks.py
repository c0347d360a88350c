"""The checks of whatever answers about a panel: strategies, sizers, cost models, schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.strategies import lookback_of
from strategy_orchestrator.models.streams import PanelStream
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
AskInChunks: TypeAlias = Callable[[Course, Any, Panel, int], Answers]
"""Does so in chunks of some bars."""

_LOOK_FARTHER: Final = "Say a larger number, or None when all bars before count"
_HIGHER: Final = Manner("higher", 40.0, 60.0, 50.0)
_CHUNKS: Final = (("gaps", 1), ("daily", 7), ("hourly", 31))
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
    ask_in_chunks : callable
        Puts the question chunk by chunk, and returns one answer.
    """

    subject: Subject
    stage: Stage
    ask: AskOne
    ask_closely: AskOne
    sight: Callable[[Course], Sight]
    ask_in_chunks: AskInChunks

    def checks(self) -> Iterator[Check]:
        """Yield the checks."""
        named = {"determinism": self._determinism, "memory": self._memory, "mutation": self._mutation}
        for check, run in {**named, "outside": self._outside, "looking-back": self._looking_back}.items():
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

    def _looking_back(self, check: str) -> None:
        with self.subject.begin(check) as course:
            n_bars = lookback_of(course.first)
            if n_bars is None:
                return
            for label, size in _CHUNKS:
                panel = self.stage.panel(label, course.first)
                whole = self.ask(course, course.fresh(), panel)
                parts = self.ask_in_chunks(course, course.fresh(), panel, size)
                when = f"when only the {n_bars} bars before a chunk are seen, which its lookback_bars says to be enough"
                refuse_difference(course.trial, panel, whole, parts, when, remedy=_LOOK_FARTHER)

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

    return PanelQuestion(subject, stage, ask, ask, sight, partial(ask_in_chunks, ask))


def ask_in_chunks(ask: AskOne, course: Course, made: Any, panel: Panel, size: int) -> Answers:
    """Ask a thing about chunks of a panel, each with as many bars before it as it says that it looks back on.

    Returns
    -------
    Answers
        The rows of all chunks, one after another; what holds for all bars, of the last.
    """
    # What holds for a symbol without a bar in the chunk counts as well: a position in it may be closed there.
    stream, everything = PanelStream.of_panel(panel, size), np.arange(panel.n_symbols)
    chunks = stream.chunks(lookback_of(made) or 0, lambda: everything)
    parts = [(ask(course, made, chunk.panel), chunk.n_before) for chunk in chunks]
    names = parts[0][0].rows
    rows = {name: np.concatenate([answers.rows[name][n_before:] for answers, n_before in parts]) for name in names}
    return Answers(rows, parts[-1][0].fixed)
