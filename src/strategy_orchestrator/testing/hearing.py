"""What a run hears of a strategy: nothing of a warm-up, nothing where a symbol has no bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from strategy_orchestrator.engine import Member, roster_of
from strategy_orchestrator.engine.asking import ask_strategy
from strategy_orchestrator.engine.roster import Form
from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.money import WEIGHT_SCALE
from strategy_orchestrator.testing.answers import Answers
from strategy_orchestrator.testing.asking import Course
from strategy_orchestrator.testing.driving import drive
from strategy_orchestrator.testing.futures import Future
from strategy_orchestrator.testing.sights import Sight, Varied, sight_of

_BITS: Final = {
    "entries": at.ENTRY_BIT,
    "exits": at.EXIT_BIT,
    "short_entries": at.SHORT_ENTRY_BIT,
    "short_exits": at.SHORT_EXIT_BIT,
}


class Hearing:
    """Asks strategies of one kind as a run asks them, and counts the questions.

    Parameters
    ----------
    course : Course
        Makes them.
    name : str
        What to call them; by default the class and 0, as in a run.
    tick : callable
        Called after every question.

    Attributes
    ----------
    member : Member
        One of them, as a run knows it.
    """

    def __init__(self, course: Course, name: str, tick: Callable[[], None]) -> None:
        (member,) = roster_of([course.first], (), equal_weights=True)[1]
        self.member = replace(member, strategy_id=name or member.strategy_id)
        self._course = course
        self._tick = tick

    @property
    def is_driven(self) -> bool:
        """Whether they are asked bar by bar."""
        return self.member.form is Form.PER_BAR

    def ask(self, made: Any, panel: Panel, *, future: Future | None = None, n_rows: int | None = None) -> Answers:
        """Ask one about a panel.

        Parameters
        ----------
        future, n_rows
            For one that is asked bar by bar, as `drive` takes them.

        Raises
        ------
        ContractError, StrategyError
            If it fails or answers with nonsense.
        """
        if self.is_driven:
            answers = drive(self._course.trial, made, panel, future=future, n_rows=n_rows)
        else:
            answers = _heard(replace(self.member, strategy=made), panel)
        self._tick()
        return answers

    def sight(self) -> Sight:
        """Return how look-ahead is looked for in them, each asked as the first one of a new process."""

        def ask(panel: Panel) -> Answers:
            return self.ask(self._course.fresh(), panel)

        if not self.is_driven:
            return sight_of(ask)

        def ask_varied(future: Future, bars: Sequence[int]) -> Iterator[Varied]:
            del bars
            yield Varied(self.ask(self._course.fresh(), future.panel, future=future), future.panel.n_bars)

        def ask_until(panel: Panel, n_rows: int) -> Answers:
            return self.ask(self._course.fresh(), panel, n_rows=n_rows)

        return Sight(ask, ask_varied, ask_until)


def _heard(member: Member, panel: Panel) -> Answers:
    given = ask_strategy(member, panel)
    is_heard = panel.traded & (np.arange(panel.n_bars) >= member.warmup_bars)[:, None]
    if member.form is Form.WEIGHTS:
        weights = np.where(is_heard & (given != at.NO_WEIGHT), given / WEIGHT_SCALE, np.nan)
        return Answers({"weights": weights}, {})
    return Answers({name: is_heard & (given & bit).astype(np.bool_) for name, bit in _BITS.items()}, {})
