"""How a plug-in is asked while the future varies, and what its answers may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing.answers import Answers, Ask
from strategy_orchestrator.testing.futures import Future


@dataclass(frozen=True, slots=True)
class Varied:
    """Answers about a panel that was varied.

    Attributes
    ----------
    answers : Answers
        What was said.
    n_rows : int
        Rows that must be what they are without the variation.
    bar : int or None
        The first bar that is another one; None when for each row it is the one after it.
    """

    answers: Answers
    n_rows: int
    bar: int | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a row may read, and how the plug-in is asked.

    Attributes
    ----------
    ask : callable
        About a panel.
    ask_varied : callable
        About what it says in another future, from each of some bars on, or from all of them at once.
    ask_until : callable
        About a panel, when only the first rows of the answer are of interest.
    own_bar : bool
        Whether row t may use bar t.
    """

    ask: Ask
    ask_varied: Callable[[Future, Sequence[int]], Iterator[Varied]]
    ask_until: Callable[[Panel, int], Answers]
    own_bar: bool = True

    @property
    def rule(self) -> str:
        """The rule in a sentence."""
        return f"Row t may use bars {'up to' if self.own_bar else 'before'} t only"


def sight_of(ask: Ask, *, own_bar: bool = True) -> Sight:
    """Return the sight of something that answers about a panel as a whole."""

    def ask_varied(future: Future, bars: Sequence[int]) -> Iterator[Varied]:
        # What may not use its own bar must not notice that this bar is the first to change.
        first = () if own_bar else (0,)
        for bar in (*first, *bars):
            changed = future.after(bar)
            yield Varied(ask(changed), min(bar + len(first), changed.n_bars), bar)

    return Sight(ask, ask_varied, lambda panel, n_rows: ask(panel), own_bar)  # noqa: ARG005  # it says all at once
