"""Make strategies, ask them about panels, and read what they return as strictly as a run does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.engine.roster import METHODS, form_of as strategy_form
from strategy_orchestrator.hooks.kinds import RULES, Kind
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import Signals
from strategy_orchestrator.testing.answers import Answers
from strategy_orchestrator.testing.forgetting import Past
from strategy_orchestrator.testing.trials import Place, Trial

Factory: TypeAlias = Callable[[], Any]

_SIDES: Final = ("entries", "exits", "short_entries", "short_exits")
_ARGUMENTS: Final = {
    "should_enter": ("bars",),
    "should_exit": ("position", "bars"),
    "position_size": ("capital", "price"),
    "signals": ("panel",),
    "weights": ("panel",),
    "resolve": ("symbol", "signals", "state"),
    "schedule": ("panel",),
    "propose": ("state",),
    "fractions": ("panel",),
    "costs": ("panel",),
    "load": (),
    "map": ("function", "items"),
}
"""The methods of the contract and what they are called with, by position."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing of a plug-in that is looked at.

    Attributes
    ----------
    kind : Kind
        What it is.
    factory : callable
        Makes a new one.
    name : str
        What to call it; the name of its class when empty.
    """

    kind: Kind
    factory: Factory
    name: str = ""

    @contextmanager
    def begin(self, check: str) -> Iterator[Course]:
        """Make one, and forget at the end what it left in its class.

        Raises
        ------
        ContractError
            If the factory raises, or what it made has not the methods of its kind.
        """
        name = self.name or getattr(self.factory, "__name__", "?")
        first = Trial(f"{self.kind.word} {name!r}", check).call(self.factory, what="the factory")
        trial = Trial(f"{self.kind.word} {self.name or type(first).__name__!r}", check)
        past = Past.of(first)
        try:
            yield Course(trial, first, form_of(trial, self.kind, first), self.factory, past)
        finally:
            past.put_back()


@dataclass(frozen=True, slots=True)
class Course:
    """One check under way.

    Attributes
    ----------
    trial : Trial
        Names thing and check.
    first : object
        One of the things, which has not been asked before the check.
    form : tuple of str
        The methods by which it is asked.
    factory : callable
        Makes another one.
    past : Past
        What was before it was asked anything.
    """

    trial: Trial
    first: Any
    form: tuple[str, ...]
    factory: Factory
    past: Past

    def fresh(self) -> Any:
        """Make another one that has nothing to remember.

        Raises
        ------
        ContractError
            If the factory raises.
        """
        self.past.put_back()
        return self.trial.call(self.factory, what="the factory")


def check_factory(course: Course) -> None:
    """Refuse a factory that returns the same object twice, for then runs share it.

    A function may be shared, for it keeps nothing.

    Raises
    ------
    ContractError
        If it does.
    """
    if not inspect.isroutine(course.first) and course.fresh() is course.first:
        raise course.trial.failed("the factory returned the same object twice", "Make a new one each time")


def form_of(trial: Trial, kind: Kind, made: object) -> tuple[str, ...]:
    """Return the methods of the form in which a run asks an object.

    Raises
    ------
    ContractError
        If it has those of none.
    """
    forms = RULES[kind].forms
    found = [form for form in forms if all(callable(getattr(made, name, None)) for name in form)]
    if found:
        form = strategy_form(made) if kind is Kind.STRATEGY else None
        return found[0] if form is None else METHODS[form]
    wanted = " or ".join(" and ".join(call_text(name) for name in form) for form in forms)
    raise trial.failed(f"its class, {type(made).__name__}, has no method {wanted}", "Write it")


def call_text(name: str) -> str:
    """Return how a method of the contract is called."""
    return f"{name}({', '.join(_ARGUMENTS.get(name, ()))})"


def check_signature(trial: Trial, made: object, name: str) -> None:
    """Refuse a method that cannot be called as the contract calls it.

    Raises
    ------
    ContractError
        With the parameters that it has.
    """
    check_call(trial, getattr(made, name), name, _ARGUMENTS[name])


def check_call(trial: Trial, called: Any, name: str, arguments: Sequence[str]) -> None:
    """Refuse what cannot be called with so many arguments.

    Parameters
    ----------
    name : str
        What it is called in the error.
    arguments : sequence of str
        Names of the arguments, which are given by position.

    Raises
    ------
    ContractError
        With the parameters that it has.
    """
    wanted = f"{name}({', '.join(arguments)})"
    if inspect.iscoroutinefunction(called):
        raise trial.failed(f"{name} is a coroutine", f"Write {wanted} as a plain method")
    try:
        signature = inspect.signature(called)
    except (TypeError, ValueError):
        return  # compiled code may not tell
    try:
        signature.bind(*arguments)
    except TypeError as error:
        raise trial.failed(f"{name}{signature} cannot be called as {wanted}: {error}", f"Write {wanted}") from None


def read_signals(trial: Trial, found: object, panel: Panel) -> Answers:
    """Check what `signals` returned.

    Raises
    ------
    ContractError
        If it is no `Signals`, or an array has another shape or type than bool, (T, S).
    """
    if not isinstance(found, Signals):
        raise trial.failed(f"signals returned {described(found)}", "Return Signals(entries=, exits=)")
    rows = {}
    for name in _SIDES:
        array = getattr(found, name)
        if array is None and name.startswith("short"):
            array = np.zeros(panel.traded.shape, np.bool_)
        rows[name] = checked_array(trial, name, array, panel, np.bool_)
    return Answers(rows, {})


def read_weights(trial: Trial, found: object, panel: Panel) -> Answers:
    """Check what `weights` returned.

    Raises
    ------
    ContractError
        If it is no float64 array of shape (T, S), or a weight lies outside [-1, 1].
    """
    array = checked_array(trial, "weights", found, panel, np.float64)
    outside = np.abs(array) > 1
    if outside.any():
        bar, column = np.argwhere(outside)[0].tolist()
        problem = f"the weight is {array[bar, column]}; expected a share in [-1, 1], or NaN to leave things as they are"
        raise trial.failed(problem, place=Place(panel, bar, column))
    return Answers({"weights": array}, {})


def checked_array(trial: Trial, name: str, found: object, panel: Panel, dtype: type[np.generic]) -> AnyArray:
    """Copy an array if it has the type and the shape (T, S).

    Raises
    ------
    ContractError
        If it has not.
    """
    shape = panel.traded.shape
    wanted = f"an ndarray of {np.dtype(dtype).name} and shape {shape}, that is (T, S)"
    if not isinstance(found, np.ndarray):
        raise trial.failed(f"{name} is {described(found)}; expected {wanted}")
    if found.dtype != dtype or found.shape != shape:
        problem = f"{name} has {found.dtype} and shape {found.shape}; expected {wanted}"
        raise trial.failed(problem, _advice(found, shape))
    return found.copy()


def _advice(found: AnyArray, shape: Sequence[int]) -> str:
    if found.shape[1:] == tuple(shape[1:]) and len(found) < shape[0]:
        return "Keep the leading bars, where nothing can be said, and fill them with False, or NaN for weights"
    return ""


def described(found: object) -> str:
    """Say what kind of thing something is."""
    if found is None:
        return "None"
    kind = type(found)
    return f"a {kind.__qualname__}" if kind.__module__ == "builtins" else f"a {kind.__module__}.{kind.__qualname__}"
