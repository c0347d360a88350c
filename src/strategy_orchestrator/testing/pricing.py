"""The checks of sizers and cost models, which price fills before they happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.errors import OrchestratorError
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.money import FRACTION_SCALE, SCALE, to_exact, to_steps
from strategy_orchestrator.testing.answers import Answers
from strategy_orchestrator.testing.asking import (
    Course,
    Factory,
    Subject,
    check_factory,
    check_signature,
    checked_array,
    described,
)
from strategy_orchestrator.testing.panel_checks import AskOne, question_of
from strategy_orchestrator.testing.stage import Stage
from strategy_orchestrator.testing.trials import Check, Place, Trial, run_all

_COMMISSIONS: Final = {
    "commission_per_trade": SCALE,
    "commission_per_share": SCALE,
    "commission_pct": FRACTION_SCALE,
}
"""With the number of steps in one."""


def check_sizer(factory: Factory, *, n_bars: int | None = None) -> None:
    """Run all checks of a sizer; the first that fails raises.

    Parameters
    ----------
    factory, n_bars
        As `sizer_checks` takes them.

    Raises
    ------
    ContractError
        In one line: sizer, check, symbol and bar, what was seen, what is expected.
    """
    run_all(sizer_checks(factory, n_bars=n_bars))


def sizer_checks(factory: Factory, *, n_bars: int | None = None, name: str = "") -> list[Check]:
    """Return the checks of a sizer, one behavior each; row t may use bars before t only.

    Parameters
    ----------
    factory : callable
        Makes a new sizer each time.
    n_bars : int, optional
        Length of the panels; 80 by default.
    name : str
        What to call it in errors; the name of its class by default.
    """
    return _checks(Subject(Kind.SIZER, factory, name), n_bars, _ask_fractions, "fractions")


def check_cost_model(factory: Factory, *, n_bars: int | None = None) -> None:
    """Run all checks of a cost model; the first that fails raises.

    Parameters
    ----------
    factory, n_bars
        As `cost_model_checks` takes them.

    Raises
    ------
    ContractError
        In one line: cost model, check, symbol and bar, what was seen, what is expected.
    """
    run_all(cost_model_checks(factory, n_bars=n_bars))


def cost_model_checks(factory: Factory, *, n_bars: int | None = None, name: str = "") -> list[Check]:
    """Return the checks of a cost model, one behavior each; slippage at row t may use bars before t only.

    What holds for all bars, such as commissions, may depend on no bar at all.

    Parameters
    ----------
    factory : callable
        Makes a new cost model each time.
    n_bars : int, optional
        Length of the panels; 80 by default.
    name : str
        What to call it in errors; the name of its class by default.
    """
    return _checks(Subject(Kind.COST_MODEL, factory, name), n_bars, _ask_costs, "costs")


def _checks(subject: Subject, n_bars: int | None, ask: AskOne, method: str) -> list[Check]:
    question = question_of(subject, Stage(n_bars), ask, own_bar=False)
    return [Check("signature", partial(_signature, subject, method)), *question.checks()]


def _signature(subject: Subject, method: str) -> None:
    with subject.begin("signature") as course:
        check_signature(course.trial, course.first, method)
        check_factory(course)


def _ask_fractions(course: Course, sizer: Any, panel: Panel) -> Answers:
    found = course.trial.call(sizer.fractions, panel, what=f"fractions, asked about {panel.n_bars} bars,")
    array = checked_array(course.trial, "fractions", found, panel, np.float64)
    _refuse_outside(course.trial, "fractions", array, panel, lambda values: (values >= 0) & (values <= 1), "[0, 1]")
    return Answers({"fractions": array}, {})


def _ask_costs(course: Course, model: Any, panel: Panel) -> Answers:
    found = course.trial.call(model.costs, panel, what=f"costs, asked about {panel.n_bars} bars,")
    if not isinstance(found, Costs):
        raise course.trial.failed(f"costs returned {described(found)}", "Return Costs(...)")
    fixed = {name: _commission(course.trial, name, getattr(found, name), panel) for name in _COMMISSIONS}
    return Answers({"slippage_pct": _slippage(course.trial, found.slippage_pct, panel)}, fixed)


def _slippage(trial: Trial, found: object, panel: Panel) -> AnyArray:
    name = "slippage_pct"
    if isinstance(found, list | tuple):
        found = np.array([_number(trial, name, value) for value in found])
    if not isinstance(found, np.ndarray):
        return np.full(panel.traded.shape, _number(trial, name, found))
    if found.shape == (panel.n_symbols,):
        found = np.broadcast_to(found, panel.traded.shape)
    array = checked_array(trial, name, found, panel, np.float64)
    _refuse_outside(trial, name, array, panel, lambda values: (values >= 0) & (values < 1), "[0, 1)")
    return array


def _commission(trial: Trial, name: str, found: object, panel: Panel) -> AnyArray:
    if isinstance(found, str) or not isinstance(found, Sequence | np.ndarray):
        return np.full(panel.n_symbols, _number(trial, name, found))
    if len(found) != panel.n_symbols:
        problem = f"{name} has {len(found)} numbers for {panel.n_symbols} symbols"
        raise trial.failed(problem, "Give one number, or one for each symbol of the panel")
    return np.array([_number(trial, name, value) for value in found])


def _number(trial: Trial, name: str, value: object) -> float:
    try:
        exact = to_exact(value, name)
        to_steps(exact, _COMMISSIONS.get(name, FRACTION_SCALE), name)
    except OrchestratorError as error:
        raise trial.failed(str(error.faults[0]).rstrip(".")) from None
    is_fraction = name.endswith("_pct")
    if exact < 0 or (is_fraction and exact >= 1):
        bounds = "from 0 to below 1; 0.001 is 0.1 %" if is_fraction else "0 or more"
        raise trial.failed(f"{name} is {value}; expected {bounds}")
    return float(exact)


def _refuse_outside(
    trial: Trial, name: str, array: AnyArray, panel: Panel, is_inside: Callable[[AnyArray], AnyArray], bounds: str
) -> None:
    outside = ~is_inside(array)
    if outside.any():
        bar, column = np.argwhere(outside)[0].tolist()
        problem = f"{name} is {array[bar, column]}; expected a number in {bounds} at every bar, traded or not"
        raise trial.failed(problem, place=Place(panel, bar, column))
