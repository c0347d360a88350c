"""Whether an answer changes when what comes later does: by cutting the panel short and by changing its later bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

import numpy as np

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing.answers import Answers, Ask, Difference, first_difference, unlike, value_text
from strategy_orchestrator.testing.futures import LOWERED, MANNERS, RAISED, another_world, spliced
from strategy_orchestrator.testing.trials import Place, Trial, bar_text

Vary: TypeAlias = Callable[[int], Panel]
"""Returns a panel that is the same in its first n bars, n ≥ 1, and another one from bar n on."""

_MOST_BARS: Final = 400
_BARS_TRIED: Final = 100
_MOST_NAMED: Final = 5


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
        About what it says when later bars vary, from whatever bar on; it is told of the panel and how to vary it.
    own_bar : bool
        Whether row t may use bar t.
    """

    ask: Ask
    ask_varied: Callable[[Panel, Vary], Iterator[Varied]]
    own_bar: bool = True

    @property
    def rule(self) -> str:
        """The rule in a sentence."""
        return f"Row t may use bars {'up to' if self.own_bar else 'before'} t only"


def sight_of(ask: Ask, *, own_bar: bool = True) -> Sight:
    """Return the sight of something that answers about a panel as a whole."""

    def ask_varied(panel: Panel, vary: Vary) -> Iterator[Varied]:
        # What may not use its own bar must not notice that this bar is the first to change.
        first = () if own_bar else (0,)
        for bar in (*first, *bars_tried(panel.n_bars)):
            changed = vary(bar)
            yield Varied(ask(changed), min(bar + len(first), changed.n_bars), bar)

    return Sight(ask, ask_varied, own_bar)


def bars_tried(n_bars: int) -> list[int]:
    """Return the bars from which on a panel is varied: every one, or a hundred of a long panel."""
    if n_bars <= _MOST_BARS:
        return list(range(1, n_bars))
    return sorted({*np.linspace(1, n_bars - 1, _BARS_TRIED).astype(int).tolist()})


@dataclass(frozen=True, slots=True)
class _Change:
    # A difference, what brought it about, and the first bar that was another one.
    difference: Difference
    how: str
    bar: int


def check_truncation(trial: Trial, sight: Sight, panel: Panel) -> None:
    """Refuse answers that change when the panel ends earlier, at whatever bar.

    Raises
    ------
    ContractError
        With the first bar and symbol at which they do.
    """
    whole = sight.ask(panel)
    changes = _changes(sight, whole, panel, lambda bar: panel.until(max(bar, 1)), "cut off")
    _refuse(trial, sight, panel, whole, [*changes])


def check_perturbation(trial: Trial, sight: Sight, panel: Panel) -> None:
    """Refuse answers that change when later bars do, from whatever bar on.

    Raises
    ------
    ContractError
        With the first bar and symbol at which they do.
    """
    whole = sight.ask(panel)
    changes: list[_Change] = []
    for manner in MANNERS:
        changes.extend(_changes(sight, whole, panel, _varied(panel, another_world(panel, manner)), manner.name))
    _refuse(trial, sight, panel, whole, changes)


def _varied(panel: Panel, other: Panel) -> Vary:
    places = np.arange(panel.n_bars)
    return lambda bar: spliced(panel, other, places >= bar)


def _changes(sight: Sight, whole: Answers, panel: Panel, vary: Vary, how: str) -> Iterator[_Change]:
    for varied in sight.ask_varied(panel, vary):
        found = first_difference(whole, varied.answers, varied.n_rows, exactly=False)
        if found is not None:
            own = 0 if found.bar is None else found.bar
            yield _Change(found, how, own + 1 if varied.bar is None else varied.bar)


def _refuse(trial: Trial, sight: Sight, panel: Panel, whole: Answers, changes: list[_Change]) -> None:
    if not changes:
        return
    first = min(changes, key=lambda change: change.difference.order)
    found = first.difference
    seen, other = value_text(found.seen), value_text(found.other)
    is_fixed_by_symbol = found.bar is None and found.column is not None
    name = f"{found.name} of {panel.symbols[found.column or 0]!r}" if is_fixed_by_symbol else found.name
    problem = f"{name} is {seen}, but {other} when what comes from {bar_text(panel, first.bar)} on is {first.how}"
    bars = list(islice(_bars_peeked_at(sight, panel, whole, found), _MOST_NAMED + 1))
    if bars:
        named = ", ".join(bar_text(panel, bar) for bar in bars[:_MOST_NAMED])
        problem += f"; it depends on {named}{' and others' if len(bars) > _MOST_NAMED else ''}"
    else:
        problem += "; no bar changes it alone"
    if found.bar is None:
        raise trial.failed(problem, "What holds for all bars may depend on none of them")
    raise trial.failed(problem, sight.rule, Place(panel, found.bar, found.column))


def _bars_peeked_at(sight: Sight, panel: Panel, whole: Answers, difference: Difference) -> Iterator[int]:
    # Those that change the answer when they alone are other ones.
    first = 0 if difference.bar is None else difference.bar + (1 if sight.own_bar else 0)
    mine = difference.value_in(whole)
    others = [another_world(panel, manner) for manner in (RAISED, LOWERED)]
    for bar in range(first, min(panel.n_bars, first + _MOST_BARS)):
        alone = np.arange(panel.n_bars) == bar
        answers = (sight.ask(spliced(panel, other, alone)) for other in others)
        if any(unlike(mine, difference.value_in(each), exactly=False) for each in answers):
            yield bar
