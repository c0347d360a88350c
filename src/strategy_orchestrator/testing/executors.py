"""The checks of an executor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.testing.asking import Course, Factory, Subject, check_factory, check_signature, described
from strategy_orchestrator.testing.trials import Check, run_all

_ITEMS: Final = 12
_REFUSED: Final = 3


def check_executor(factory: Factory) -> None:
    """Run all checks of an executor; the first that fails raises.

    Raises
    ------
    ContractError
        In one line: executor, check, what was seen, what is expected.
    """
    run_all(executor_checks(factory))


def executor_checks(factory: Factory, *, name: str = "") -> list[Check]:
    """Return the checks of an executor, one behavior each.

    Parameters
    ----------
    factory : callable
        Makes a new executor each time. If it starts processes, the test must be importable in them, as pytest's are.
    name : str
        What to call it in errors; the name of its class by default.
    """
    subject = Subject(Kind.EXECUTOR, factory, name)
    runs = {"signature": _signature, "order": _order, "empty": _empty, "error": _error, "reuse": _reuse}
    return [Check(check, partial(run, subject, check)) for check, run in runs.items()]


def squared(number: int) -> int:
    """Return the square of a number."""
    return number * number


def squared_but_three(number: int) -> int:
    """Return the square of a number, and raise for 3.

    Raises
    ------
    ZeroDivisionError
        If it is 3.
    """
    return number * number + 0 // (number - _REFUSED)


def _map(course: Course, executor: Any, function: Any, items: Iterable[int]) -> Iterator[Any]:
    found = course.trial.call(executor.map, function, items, what="map")
    if not isinstance(found, Iterator):
        raise course.trial.failed(f"map returned {described(found)}", "Return an iterator, for instance by yield")
    return found


def _all(course: Course, executor: Any, items: Iterable[int]) -> list[Any]:
    return course.trial.call(list, _map(course, executor, squared, items), what="what map returned")


def _signature(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        check_signature(course.trial, course.first, "map")
        check_factory(course)


def _order(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        wanted = [squared(number) for number in range(_ITEMS)]
        for items in (list(range(_ITEMS)), iter(range(_ITEMS))):
            found = _all(course, course.first, items)
            if found != wanted:
                raise course.trial.failed(f"map gave {found} for the squares of 0 to {_ITEMS - 1}", "Keep the order")


def _empty(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        found = _all(course, course.first, [])
        if found:
            raise course.trial.failed(f"map gave {found} for no items", "Yield nothing")


def _error(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        outcomes = _map(course, course.first, squared_but_three, range(_REFUSED + 1))
        for number in range(_REFUSED):
            found = course.trial.call(lambda: next(outcomes, None), what=f"map, at item {number}, before the error,")
            if found != squared(number):
                problem = f"map gave {found} for item {number}, before the one that raises"
                raise course.trial.failed(problem, "Yield what came before")
        try:
            found = next(outcomes)
        except ZeroDivisionError:
            return
        except StopIteration:
            found = "nothing"
        raise course.trial.failed(f"map gave {found} where the function raised", "Raise it when its turn comes")


def _reuse(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        one, two = _all(course, course.first, [1, 2]), _all(course, course.first, [3])
        if (one, two) != ([1, 4], [9]):
            raise course.trial.failed(f"two calls of map gave {one} and {two}", "Each call stands for itself")
