"""Executors that break the contract are found out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from strategy_orchestrator.testing import check_executor, executor_checks
from tests.unit.testing.builders import refusal


class Executor:
    """Maps as a rule says."""

    def __init__(self, rule: Callable[[Any, Any], Any]) -> None:
        self.rule = rule

    def map(self, function: Any, items: Any) -> Any:
        """Ask the rule."""
        return self.rule(function, items)


def threads(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    """Use threads."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(function, items)


@pytest.mark.parametrize("rule", [map, threads])
def test_an_honest_executor_passes(rule: Any) -> None:
    """Nothing is said of it."""
    check_executor(lambda: Executor(rule))


def backwards(function: Any, items: Any) -> Any:
    """Begin at the end."""
    return map(function, reversed(list(items)))


def eager(function: Any, items: Any) -> Any:
    """Fail before anything was given."""
    return iter([function(item) for item in items])


def silent(function: Any, items: Any) -> Any:
    """End where something fails."""
    try:
        for item in items:
            yield function(item)
    except ZeroDivisionError:
        return


def skipping(function: Any, items: Any) -> Any:
    """Put something in the place of what failed."""
    for item in items:
        try:
            yield function(item)
        except ZeroDivisionError:
            yield None


def twice(function: Any, items: Any) -> Any:
    """Do all twice, but for the first."""
    yield from (function(item) for item in items for _ in range(2 if item else 1))


class Growing:
    """Gives again what it gave before."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def map(self, function: Any, items: Any) -> Any:
        """Keep it."""
        self.given += map(function, items)
        return iter(list(self.given))


CASES: dict[str, tuple[Any, str, str]] = {
    "list": (lambda function, items: list(map(function, items)), "order", "map returned a list. Return an iterator"),
    "backwards": (backwards, "order", "map gave [121, 100, 81"),
    "twice": (twice, "order", "map gave [0, 1, 1, 4, 4"),
    "nothing for nothing": (lambda *_: iter([0]), "empty", "map gave [0] for no items. Yield nothing"),
    "eager": (eager, "error", "map raised ZeroDivisionError"),
    "silent": (silent, "error", "map gave nothing where the function raised. Raise it when its turn comes"),
    "skipping": (skipping, "error", "map gave None where the function raised"),
    "wrong before": (backwards, "error", "map, at item 0, before the error, raised ZeroDivisionError"),
    "other before": (lambda *_: iter(range(9)), "error", "map gave 2 for item 2, before the one that raises"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_executor_that_does_not_map_is_found(case: str) -> None:
    """In order, all of it, and errors when their turn comes."""
    rule, check, words = CASES[case]
    assert words in str(refusal(executor_checks(lambda: Executor(rule)), check))


def test_an_executor_that_remembers_is_found() -> None:
    """Each call stands for itself."""
    assert "two calls of map gave [1, 4] and [1, 4, 9]" in str(refusal(executor_checks(Growing), "reuse"))


def test_the_signature_is_looked_at() -> None:
    """A function and items."""
    kind = type("Odd", (), {"map": lambda _, items: items})
    assert "map(items) cannot be called as map(function, items)" in str(refusal(executor_checks(kind), "signature"))
