"""The checks of a strategy, of whichever form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import BoolArray
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.models.bars import HistoricalDataBar, PanelBar, place_of
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import ProtectiveExits
from strategy_orchestrator.models.strategies import lookback_of
from strategy_orchestrator.testing.answers import Answers
from strategy_orchestrator.testing.asking import (
    Course,
    Factory,
    Subject,
    check_factory,
    check_signature,
    read_signals,
    read_weights,
)
from strategy_orchestrator.testing.driving import Asked, Forget, drive, sight_of_driven
from strategy_orchestrator.testing.panel_checks import PanelQuestion, ask_in_chunks
from strategy_orchestrator.testing.sights import Sight, sight_of
from strategy_orchestrator.testing.stage import Stage, warm_up_of
from strategy_orchestrator.testing.trials import Check, Trial, run_all

_PER_BAR: Final = ("should_enter", "should_exit")
_READERS: Final[Mapping[tuple[str, ...], Callable[[Trial, object, Panel], Answers]]] = {
    ("signals",): read_signals,
    ("weights",): read_weights,
}


def check_strategy(factory: Factory, *, n_bars: int | None = None, panels: Mapping[str, Panel] | None = None) -> None:
    """Run all checks of a strategy; the first that fails raises.

    Parameters
    ----------
    factory, n_bars, panels
        As `strategy_checks` takes them.

    Raises
    ------
    ContractError
        In one line: strategy, check, symbol and bar, what was seen, what is expected.
    """
    run_all(strategy_checks(factory, n_bars=n_bars, panels=panels))


def strategy_checks(
    factory: Factory, *, n_bars: int | None = None, panels: Mapping[str, Panel] | None = None, name: str = ""
) -> list[Check]:
    """Return the checks of a strategy, one behavior each.

    Parameters
    ----------
    factory : callable
        Makes a new strategy each time, of any of the three forms. Short lookbacks let it speak on few bars.
    n_bars : int, optional
        Length of the panels on which it is tried; 80 more than its `warmup_bars` by default.
    panels : mapping of Panel, optional
        Further panels by name, for instance of real prices. Of one with more than 400 bars a hundred are tried.
    name : str
        What to call the strategy in errors; the name of its class by default.

    Examples
    --------
    With pytest, all at once::

        @pytest.mark.parametrize("check", strategy_checks(lambda: MyStrategy(fast=3, slow=8)), ids=str)
        def test_contract(check):
            check()
    """
    subject, stage = Subject(Kind.STRATEGY, factory, name), Stage(n_bars, dict(panels or {}))
    question = PanelQuestion(subject, stage, _ask, _ask_closely, _sight, _ask_in_chunks)
    return [
        Check("signature", partial(_signature, subject)),
        Check("speaks", partial(_speaks, subject, stage)),
        *question.checks(),
    ]


def _ask(course: Course, strategy: Any, panel: Panel) -> Answers:
    if course.form == _PER_BAR:
        return drive(course.trial, strategy, panel)
    method = course.form[0]
    found = course.trial.call(getattr(strategy, method), panel, what=f"{method}, asked about {panel.n_bars} bars,")
    return _READERS[course.form](course.trial, found, panel)


def _ask_closely(course: Course, strategy: Any, panel: Panel) -> Answers:
    if course.form == _PER_BAR:
        return drive(course.trial, strategy, panel, look=partial(_look_at_question, course.trial))
    return _ask(course, strategy, panel)


def _ask_in_chunks(course: Course, strategy: Any, panel: Panel, size: int) -> Answers:
    if course.form == _PER_BAR:
        return drive(course.trial, strategy, panel, forget=Forget(size, lookback_of(strategy) or 0))
    return ask_in_chunks(_ask, course, strategy, panel, size)


def _look_at_question(trial: Trial, asked: Asked) -> None:
    if not (list.__eq__(asked.history, asked.bars) and _places(asked.history) == _places(asked.bars)):
        remedy = "Copy it first: list(bars)"
        raise trial.failed(f"{asked.question} changed the history or a bar of it", remedy, asked.place)
    if asked.position != asked.kept_position:
        raise trial.failed(f"{asked.question} changed the position", "Positions are read-only", asked.place)


def _places(bars: list[HistoricalDataBar]) -> list[object]:
    # A bar that was moved still shows what had been read from it before.
    return [place_of(bar) if isinstance(bar, PanelBar) else None for bar in bars]


def _sight(course: Course) -> Sight:
    if course.form == _PER_BAR:
        return sight_of_driven(course.trial, course.fresh)
    return sight_of(lambda panel: _ask(course, course.fresh(), panel))


def _signature(subject: Subject) -> None:
    with subject.begin("signature") as course:
        made, trial = course.first, course.trial
        for name in (*course.form, *(name for name in ("position_size",) if hasattr(made, name))):
            check_signature(trial, made, name)
        warm_up = getattr(made, "warmup_bars", 0)
        if isinstance(warm_up, bool) or not isinstance(warm_up, int) or warm_up < 0:
            raise trial.failed(f"warmup_bars is {warm_up!r}", "Give the number of leading bars to ignore, 0 or more")
        lookback = getattr(made, "lookback_bars", None)
        if lookback is not None and lookback_of(made) is None:
            problem = f"lookback_bars is {lookback!r}"
            raise trial.failed(problem, "Give the number of bars before the current one that count, or None for all")
        exits = getattr(made, "protective_exits", None)
        if exits is not None and not isinstance(exits, ProtectiveExits):
            raise trial.failed(f"protective_exits is {exits!r}", "Give a ProtectiveExits, or None")
        label = getattr(made, "label", None)
        if label is not None and (not isinstance(label, str) or not label):
            raise trial.failed(f"label is {label!r}", "Give a text, or None")
        check_factory(course)


def _speaks(subject: Subject, stage: Stage) -> None:
    with subject.begin("speaks") as course:
        panels = [stage.panel(label, course.first) for label in stage.main]
        for panel in panels:
            heard = panel.traded & (np.arange(panel.n_bars) >= warm_up_of(course.first))[:, None]
            if any((heard & wish).any() for wish in _wishes(_ask(course, course.fresh(), panel))):
                return
        n_bars = max(panel.n_bars for panel in panels)
        remedy = "Give n_bars, or a factory with shorter lookbacks, so that the other checks have something to look at"
        raise course.trial.failed(f"it enters nowhere on panels of up to {n_bars} bars", remedy)


def _wishes(answers: Answers) -> Iterator[BoolArray]:
    # Exits say nothing by themselves: nothing is held.
    for name, array in answers.rows.items():
        if name == "should_enter":
            yield array == str(True)
        elif name == "weights":
            yield ~np.isnan(array)
        elif name in {"entries", "short_entries"}:
            yield array
