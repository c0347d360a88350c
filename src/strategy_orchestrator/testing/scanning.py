"""Look for look-ahead in a strategy on prices of the user's own, and report all that is found.

The checks of the kit (`strategies`) refuse at the first fault, on panels that we make. This goes on to the end, takes
what a run takes and hears what a run hears.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from strategy_orchestrator.errors import ContractError, StrategyError
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing.answers import Answers, Difference, differences, value_text
from strategy_orchestrator.testing.asking import Course, Factory, Subject
from strategy_orchestrator.testing.futures import RAISED, Future, another_world, futures_of
from strategy_orchestrator.testing.hearing import Hearing
from strategy_orchestrator.testing.look_ahead import MOST_BARS, changes_of, spread
from strategy_orchestrator.testing.opening import opened
from strategy_orchestrator.testing.peeks import Change, Peek, describe, peeks_of
from strategy_orchestrator.testing.trials import bar_text
from strategy_orchestrator.testing.watching import watched

Progress: TypeAlias = Callable[[int, int], None]
"""Told the questions asked and the questions of all."""

_MOST_SYMBOLS: Final = 8
_BARS_SEARCHED: Final = 400
_BARS_SEARCHED_DRIVEN: Final = 40
_ASKED_FIRST: Final = 4
_FAILURES: Final = (ContractError, StrategyError)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found about a strategy.

    Attributes
    ----------
    kind : {"look-ahead", "memory", "outside", "random", "raises"}
        An answer that depends on later bars; one that depends on an earlier run in the same process; something that it
        reads besides the bars; answers that differ when the same is asked again; a question that it cannot answer.
    text : str
        What was seen, as the clause of a sentence.
    symbol : str or None
        Of the answer.
    bar : int or None
        Of the answer.
    bars : tuple of int
        The first later bars of which each changes the answer alone; empty where none was found.
    """

    kind: str
    text: str
    symbol: str | None = None
    bar: int | None = None
    bars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about a strategy.

    Attributes
    ----------
    strategy : str
        What it is called.
    n_bars : int
        Bars of the panel.
    n_tried : int
        How many of the bars after the first were the first one to be cut off and changed.
    findings : tuple of Finding
        Empty when nothing was found; look-ahead by symbol, the earliest first.
    """

    strategy: str
    n_bars: int
    n_tried: int
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every bar was tried."""
        return self.n_tried == self.n_bars - 1


def find_look_ahead(  # what to look at and how far; names beside it
    factory: Factory,
    panel: Panel,
    *,
    bars: int | None = MOST_BARS,
    name: str = "",
    files: Sequence[str] = (),
    progress: Progress | None = None,
) -> Verdict:
    """Look for look-ahead in a strategy of any form: cut the panel off and change what comes later, bar by bar.

    Parameters
    ----------
    factory : callable
        Makes a new strategy each time.
    bars : int, optional
        How many bars of a longer panel to try: half of them where an answer has just changed, the others as even as
        possible. None tries every one. Strategies that decide bar by bar are tried at every one, for it costs no more.
    name : str
        What to call the strategy; by default its class and 0, as in a run.
    files : sequence of str
        Files from which the panel was read; who opens one of them is found, also when the strategy is made.
    progress : callable, optional
        Told the questions asked and the questions of all.

    Raises
    ------
    StrategyError
        If the strategy fails on the panel as it is, as it would in a run.

    Examples
    --------
    >>> from strategy_orchestrator import Signals
    >>> from strategy_orchestrator.testing import make_panel
    >>> class Peeking:
    ...     def signals(self, panel):
    ...         rises = np.append(panel.close[1:] > panel.close[:-1], [[False] * panel.n_symbols], axis=0)
    ...         return Signals(rises, ~rises)
    >>> verdict = find_look_ahead(Peeking, make_panel(40, 1))
    >>> [(finding.symbol, finding.bar, finding.bars) for finding in verdict.findings]
    [('S0', 0, (1,))]
    """
    with Subject(Kind.STRATEGY, factory, name).begin("look-ahead") as course:
        return _Scan(course, panel, name, progress).verdict(bars, files)


class _Scan:
    # One strategy over one panel.
    def __init__(self, course: Course, panel: Panel, name: str, progress: Progress | None) -> None:
        self._course = course
        self._panel = panel
        self._progress = progress
        self._hearing = Hearing(course, name, self._tick)
        self._sight = self._hearing.sight()
        self._findings: list[Finding] = []
        self._n_asked = 0
        self._n_questions = 0

    def verdict(self, limit: int | None, files: Sequence[str]) -> Verdict:
        whole = self._watched(files)
        bars = self._bars(whole, limit)
        futures = [Future(self._panel), *futures_of(self._panel)]
        self._n_questions = _ASKED_FIRST + len(futures) * (1 if self._hearing.is_driven else len(bars))
        n_tried = len(bars)
        if self._is_random(whole):
            n_tried = 0
        else:
            self._remembers(whole)
            changes = self._earliest(whole, futures, bars)
            self._findings.extend(map(self._look_ahead, self._peeks(whole, changes)))
        name = self._hearing.member.strategy_id
        return Verdict(name, self._panel.n_bars, n_tried, tuple(self._findings))

    def _tick(self) -> None:
        self._n_asked += 1
        # The search for the bars behind an answer comes on top, and nobody knows how long it takes.
        if self._progress is not None and self._n_questions:
            self._progress(min(self._n_asked, self._n_questions), self._n_questions)

    def _watched(self, files: Sequence[str]) -> Answers:
        with opened(files) as taken:
            made = self._course.fresh()
            with watched(made) as reached:
                try:
                    whole = self._hearing.ask(made, self._panel)
                except ContractError as error:
                    raise StrategyError(error.faults) from error.__cause__
            told = dict.fromkeys(f"while it decided it {what}" for what in reached)
            for path in taken():
                if not any(Path(path).name in text for text in told):
                    told[f"it read {path!r}, from which the prices of the run come"] = None
        self._findings.extend(Finding("outside", text) for text in told)
        return whole

    def _bars(self, whole: Answers, limit: int | None) -> list[int]:
        n_bars = self._panel.n_bars
        if limit is None or self._hearing.is_driven or n_bars - 1 <= limit:
            return list(range(1, n_bars))
        changing = np.zeros(n_bars, np.bool_)
        for rows in whole.rows.values():
            values = rows if rows.dtype.kind == "b" else np.nan_to_num(rows, nan=2.0)
            changing[1:] |= (values[1:] != values[:-1]).any(axis=1)
        after = np.flatnonzero(changing[:-1]) + 1
        n_chosen = min(len(after), limit // 2)
        chosen = after[np.linspace(0, len(after) - 1, n_chosen).astype(int)] if n_chosen else after[:0]
        return sorted({*chosen.tolist(), *spread(n_bars, limit - n_chosen)})

    def _is_random(self, whole: Answers) -> bool:
        try:
            again = self._sight.ask(self._panel)
        except _FAILURES as error:
            self._add("raises", f"asked the same again, {_problem(error)}")
            return True
        first = self._first(whole, again)
        if first is not None:
            seen, other = value_text(first.seen), value_text(first.other)
            text = f"{first.name} is {seen} at first, but {other} when the same is asked again, so nothing can be told"
            self._add("random", text, first)
        return first is not None

    def _remembers(self, whole: Answers) -> None:
        # Two objects one after the other in one process, as in a sweep: the second must know nothing of the first.
        other = another_world(self._panel, RAISED)
        try:
            self._hearing.ask(self._course.fresh(), other)
            again = self._hearing.ask(self._course.factory(), self._panel)
        except _FAILURES as error:
            self._add("raises", f"asked about other prices, or after them, {_problem(error)}")
            return
        first = self._first(whole, again)
        if first is not None:
            text = f"{first.name} is {value_text(first.seen)}, but {value_text(first.other)} for a second object made "
            self._add("memory", f"{text}after a run over other prices, which left something behind", first)

    def _first(self, seen: Answers, other: Answers) -> Difference | None:
        found = differences(seen, other, self._panel.n_bars, exactly=True)
        return min(found, key=lambda difference: difference.order, default=None)

    def _earliest(self, whole: Answers, futures: Sequence[Future], bars: Sequence[int]) -> list[Change]:
        first: dict[int | None, Change] = {}
        for future in futures:
            for change in self._changes(whole, future, bars):
                known = first.setdefault(change.difference.column, change)
                if change.difference.order < known.difference.order:
                    first[change.difference.column] = change
        return sorted(first.values(), key=lambda change: change.difference.order)

    def _changes(self, whole: Answers, future: Future, bars: Sequence[int]) -> Iterator[Change]:
        for bar in [None] if self._hearing.is_driven else bars:
            try:
                yield from changes_of(self._sight, whole, future, () if bar is None else (bar,))
            except _FAILURES as error:
                self._cannot_answer(error, future, bar)

    def _cannot_answer(self, error: ContractError | StrategyError, future: Future, bar: int | None) -> None:
        # Of so few bars nothing is heard.
        is_too_early = bar is not None and future.other is None and bar <= self._hearing.member.warmup_bars
        if is_too_early or any(finding.kind == "raises" for finding in self._findings):
            return
        what = "what comes later" if bar is None else f"what comes from {bar_text(self._panel, bar)} on"
        self._add("raises", f"when {what} is {future.name}, {_problem(error)}")

    def _peeks(self, whole: Answers, changes: Sequence[Change]) -> list[Peek]:
        n_bars = _BARS_SEARCHED_DRIVEN if self._hearing.is_driven else _BARS_SEARCHED
        try:
            found = peeks_of(self._sight, self._panel, whole, changes[:_MOST_SYMBOLS], n_bars=n_bars)
        except _FAILURES:
            found = []
        return [*found, *(Peek(change, None) for change in changes[len(found) :])]

    def _look_ahead(self, peek: Peek) -> Finding:
        difference = peek.change.difference
        return Finding(
            "look-ahead",
            describe(peek, self._panel),
            None if difference.column is None else self._panel.symbols[difference.column],
            difference.bar,
            peek.bars or (),
        )

    def _add(self, kind: str, text: str, difference: Difference | None = None) -> None:
        column, bar = (None, None) if difference is None else (difference.column, difference.bar)
        self._findings.append(Finding(kind, text, None if column is None else self._panel.symbols[column], bar))


def _problem(error: ContractError | StrategyError) -> str:
    return error.faults[0].problem
