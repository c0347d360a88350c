"""What was seen of the future: the answer that gave it away, and the bars that it depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing.answers import Answers, Difference, unlike, value_text
from strategy_orchestrator.testing.futures import LOWERED, RAISED, another_world, spliced
from strategy_orchestrator.testing.sights import Sight
from strategy_orchestrator.testing.trials import bar_text

MOST_NAMED: Final = 5
"""So many of the bars that an answer depends on are told."""

_MOST_BARS: Final = 400


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that another future changes.

    Attributes
    ----------
    difference : Difference
        The first answer that does.
    how : str
        What was done to the later bars, in words.
    bar : int
        The first of them.
    """

    difference: Difference
    how: str
    bar: int


@dataclass(frozen=True, slots=True)
class Peek:
    """A change and the bars behind it.

    Attributes
    ----------
    change : Change
        What was seen.
    bars : tuple of int or None
        The first later bars of which each changes the answer alone, at most `MOST_NAMED`; None when nobody looked.
    has_more : bool
        Whether there are others.
    """

    change: Change
    bars: tuple[int, ...] | None
    has_more: bool = False


def peeks_of(
    sight: Sight, panel: Panel, whole: Answers, changes: Sequence[Change], *, n_bars: int = _MOST_BARS
) -> list[Peek]:
    """Find the bars that answers depend on, by changing one bar at a time.

    Parameters
    ----------
    whole : Answers
        About the panel as it is.
    changes : sequence of Change
        The answers.
    n_bars : int
        How many of the bars after an answer are tried.
    """
    traces = [_Trace(change, sight.own_bar) for change in changes]
    if not traces:
        return []
    others = [another_world(panel, manner) for manner in (RAISED, LOWERED)]
    n_rows = max(trace.n_rows(panel.n_bars) for trace in traces)
    for bar in range(min(trace.start for trace in traces), panel.n_bars):
        open_traces = [trace for trace in traces if trace.wants(bar, n_bars)]
        if not open_traces:
            continue
        alone = np.arange(panel.n_bars) == bar
        answers = [sight.ask_until(spliced(panel, other, alone), n_rows) for other in others]
        for trace in open_traces:
            trace.look(bar, whole, answers)
    return [Peek(trace.change, tuple(trace.bars[:MOST_NAMED]), len(trace.bars) > MOST_NAMED) for trace in traces]


class _Trace:
    # The bars found behind one answer so far.
    def __init__(self, change: Change, own_bar: bool) -> None:  # noqa: FBT001  # as the sight has it
        self.change = change
        self.bars: list[int] = []
        bar = change.difference.bar
        self.start = 0 if bar is None else bar + (1 if own_bar else 0)

    def n_rows(self, n_bars: int) -> int:
        bar = self.change.difference.bar
        return n_bars if bar is None else bar + 1

    def wants(self, bar: int, n_bars: int) -> bool:
        return self.start <= bar < self.start + n_bars and len(self.bars) <= MOST_NAMED

    def look(self, bar: int, whole: Answers, answers: Sequence[Answers]) -> None:
        difference = self.change.difference
        mine = difference.value_in(whole)
        if any(unlike(mine, difference.value_in(each), exactly=False) for each in answers):
            self.bars.append(bar)


def describe(peek: Peek, panel: Panel) -> str:
    """Say what was seen, as the clause of a sentence."""
    change, found = peek.change, peek.change.difference
    seen, other = value_text(found.seen), value_text(found.other)
    is_fixed_by_symbol = found.bar is None and found.column is not None
    name = f"{found.name} of {panel.symbols[found.column or 0]!r}" if is_fixed_by_symbol else found.name
    problem = f"{name} is {seen}, but {other} when what comes from {bar_text(panel, change.bar)} on is {change.how}"
    if peek.bars is None:
        return problem
    if not peek.bars:
        return f"{problem}; no bar changes it alone"
    named = ", ".join(bar_text(panel, bar) for bar in peek.bars)
    return f"{problem}; it depends on {named}{' and others' if peek.has_more else ''}"
