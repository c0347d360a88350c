"""How long a strategy takes to answer: whoever watches is told before and after each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from time import perf_counter
from typing import Any, Final, Protocol

from strategy_orchestrator.engine.roster import Form, Member
from strategy_orchestrator.models.bars import PanelBar, place_of
from strategy_orchestrator.models.panel import Panel

QUESTIONS: Final = ("should_enter", "should_exit", "position_size", "signals", "weights")
"""What a strategy can be asked, by number."""
NOWHERE: Final = -1
"""In the place of bar and symbol, where a question has none."""


class Watch(Protocol):
    """Whoever looks at the clock."""

    def begin(self, strategy: int, question: int, bar: int, column: int) -> None:
        """Hear that a strategy is asked."""

    def end(self) -> None:
        """Hear that it has answered."""


class Stopwatch:
    """Fail a strategy that took too long, once it has answered.

    Nothing in a process can end compiled code that does not return; `orchestrate run` watches from outside.

    Parameters
    ----------
    limit : Decimal
        Seconds.
    """

    def __init__(self, limit: Decimal) -> None:
        self._limit = limit
        self._begun = 0.0

    def begin(self, strategy: int, question: int, bar: int, column: int) -> None:
        """Start."""
        del strategy, question, bar, column
        self._begun = perf_counter()

    def end(self) -> None:
        """Stop.

        Raises
        ------
        TimeoutError
            If it took longer than the limit.
        """
        taken = perf_counter() - self._begun
        if taken > self._limit:
            problem = f"it took {taken:.3g} seconds; strategy_time_limit is {self._limit}"
            raise TimeoutError(problem)


def watched(members: Sequence[Member], watch: Watch) -> list[Member]:
    """Return the strategies of a run so that somebody is told of every question to them."""
    return [
        replace(member, strategy=_WATCHED[member.form](member.strategy, watch, place))
        for place, member in enumerate(members)
    ]


class _Watched:
    # Whoever is asked.
    def __init__(self, strategy: Any, watch: Watch, place: int) -> None:
        self._strategy = strategy
        self._watch = watch
        self._place = place


class _PanelWatched(_Watched):
    # A strategy that is asked about the whole panel.
    def signals(self, panel: Panel) -> Any:
        self._watch.begin(self._place, 3, NOWHERE, NOWHERE)
        found = self._strategy.signals(panel)
        self._watch.end()
        return found

    def weights(self, panel: Panel) -> Any:
        self._watch.begin(self._place, 4, NOWHERE, NOWHERE)
        found = self._strategy.weights(panel)
        self._watch.end()
        return found


class _BarsWatched(_Watched):
    # A strategy that is asked bar by bar.
    def should_enter(self, bars: Sequence[PanelBar]) -> Any:
        self._watch.begin(self._place, 0, *place_of(bars[-1]))
        found = self._strategy.should_enter(bars)
        self._watch.end()
        return found

    def should_exit(self, position: object, bars: Sequence[PanelBar]) -> Any:
        self._watch.begin(self._place, 1, *place_of(bars[-1]))
        found = self._strategy.should_exit(position, bars)
        self._watch.end()
        return found

    def position_size(self, capital: object, price: object) -> Any:
        self._watch.begin(self._place, 2, NOWHERE, NOWHERE)
        found = self._strategy.position_size(capital, price)
        self._watch.end()
        return found


_WATCHED: Final = {Form.SIGNALS: _PanelWatched, Form.WEIGHTS: _PanelWatched, Form.PER_BAR: _BarsWatched}
