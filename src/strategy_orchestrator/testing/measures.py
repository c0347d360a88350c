"""The checks of a metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray, FloatArray, sealed
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.testing.asking import Course, Factory, Subject, check_call, check_factory
from strategy_orchestrator.testing.findings import refuse_reaching
from strategy_orchestrator.testing.portfolios import make_trades
from strategy_orchestrator.testing.trials import Check, run_all
from strategy_orchestrator.testing.watching import watched


def check_metric(factory: Factory) -> None:
    """Run all checks of a metric; the first that fails raises.

    Raises
    ------
    ContractError
        In one line: metric, check, what was seen, what is expected.
    """
    run_all(metric_checks(factory))


def metric_checks(factory: Factory, *, name: str = "") -> list[Check]:
    """Return the checks of a metric, one behavior each.

    Parameters
    ----------
    factory : callable
        Makes a new metric each time.
    name : str
        What to call it in errors; the name of its class by default.
    """
    subject = Subject(Kind.METRIC, factory, name)
    runs = {"signature": _signature, "determinism": _determinism, "outside": _outside, "defined": _defined}
    checks = [Check(check, partial(run, subject, check)) for check, run in runs.items()]
    return [*checks, *(Check(f"value-{case}", partial(_value, subject, f"value-{case}", case)) for case in _CASES)]


def _walk(n_bars: int) -> FloatArray:
    steps = np.random.default_rng(11).normal(0.001, 0.01, n_bars)
    equity: FloatArray = np.round(100_000 * np.cumprod(1 + steps), 2)
    return equity


_PNLS: Final = [120.5, -40, 33, 0, -12.25, 80, -5, 61]
_CASES: Final[Mapping[str, Callable[[], tuple[FloatArray, AnyArray]]]] = {
    "usual": lambda: (_walk(250), make_trades(_PNLS)),
    "one-bar": lambda: (_walk(1), make_trades([])),
    "two-bars": lambda: (_walk(2), make_trades([5])),
    "no-trades": lambda: (_walk(250), make_trades([])),
    "only-gains": lambda: (np.linspace(100.0, 200.0, 60), make_trades([10] * 5)),
    "only-losses": lambda: (np.linspace(200.0, 100.0, 60), make_trades([-10] * 5)),
    "unchanging": lambda: (np.full(60, 100_000.0), make_trades([0, 0])),
    "ruin": lambda: (np.linspace(100.0, -50.0, 60), make_trades([-150])),
}
"""Equity and trades, by what is odd about them."""


def _ask(course: Course, metric: Any, case: str) -> float:
    equity, trades = (sealed(array) for array in _CASES[case]())
    found = course.trial.call(metric, equity, trades, what=f"the metric, asked about the case {case!r},")
    if isinstance(found, bool) or not isinstance(found, float | int | np.floating | np.integer):
        raise course.trial.failed(
            f"in the case {case!r} it is {found!r}", "Return a float, NaN where it is not defined"
        )
    if math.isinf(found):
        raise course.trial.failed(f"in the case {case!r} it is {found}", "Return NaN where it is not defined")
    return float(found)


def _signature(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        check_call(course.trial, course.first, "measure", ("equity", "trades"))
        check_factory(course)


def _determinism(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        used = course.first
        for case in (*_CASES, *_CASES):
            one, two = _ask(course, course.fresh(), case), _ask(course, used, case)
            if one != two and not (math.isnan(one) and math.isnan(two)):
                problem = f"in the case {case!r} it is {one} at first, but {two} after other cases"
                raise course.trial.failed(problem, "The same question must get the same answer")


def _outside(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        with watched(course.first) as found:
            _ask(course, course.first, "usual")
        refuse_reaching(course.trial, found)


def _defined(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        if all(math.isnan(_ask(course, course.first, case)) for case in _CASES):
            raise course.trial.failed("it is NaN in every case", "Return a number where the measure is defined")


def _value(subject: Subject, check: str, case: str) -> None:
    with subject.begin(check) as course:
        _ask(course, course.first, case)
