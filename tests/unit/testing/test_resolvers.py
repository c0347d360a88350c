"""Conflict resolvers that break the contract are found out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.models.signals import Direction
from strategy_orchestrator.testing import check_resolver, make_signals, resolver_checks
from tests.unit.testing.builders import failing, refusal

Rule = Callable[[str, Sequence[Any], Any], Any]


class Resolver:
    """Lets survive what a rule says."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def resolve(self, symbol: str, signals: Sequence[Any], state: Any) -> Any:
        """Ask the rule."""
        return self.rule(symbol, signals, state)


def buyers(symbol: str, signals: Sequence[Any], state: Any) -> Any:
    """Let those survive that buy."""
    assert symbol == "AAPL"
    assert state.pending_signals == signals
    return [signal for signal in signals if signal.direction is Direction.LONG]


HONEST: dict[str, Rule] = {
    "buyers": buyers,
    "nobody": lambda *_: (),
    "everybody": lambda _, signals, __: signals,
    "most allocated": lambda _, signals, state: [
        max(signals, key=lambda signal: (state.allocations[signal.strategy_id].allocated_capital, signal.weight))
    ],
    "last first": lambda _, signals, __: signals[::-1],
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_resolver_passes(name: str) -> None:
    """Nothing is said of it."""
    check_resolver(lambda: Resolver(HONEST[name]))


ANSWERS: dict[str, tuple[Rule, str]] = {
    "none": (lambda *_: None, "resolve returned None. Return a list of the signals that survive"),
    "text": (lambda symbol, *_: symbol, "resolve returned a str"),
    "one": (lambda _, signals, __: signals[0], "resolve returned a strategy_orchestrator.models.signals.Signal"),
    "a generator": (lambda _, signals, __: (each for each in signals), "resolve returned a generator"),
    "another": (
        lambda *_: make_signals([1, 1, 1])[2:],
        "resolve returned a signal of 'Strategy_2', which is none of those that it was given",
    ),
    "changed": (
        lambda _, signals, __: [replace(signals[0], weight=Decimal(1))],
        "resolve returned a signal of 'Strategy_0', which is none of those",
    ),
    "ids": (lambda _, signals, __: [signals[0].strategy_id], "resolve returned Strategy_0, which is none of those"),
    "twice": (lambda _, signals, __: [signals[0]] * 2, "resolve returned the signal of 'Strategy_0' twice"),
    "error": (lambda *_: 1 / 0, "resolve, asked about 2 signals, raised ZeroDivisionError: division by zero ("),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_is_no_subset_of_the_signals_is_refused(case: str) -> None:
    """The error says what came back."""
    rule, words = ANSWERS[case]
    error = refusal(resolver_checks(lambda: Resolver(rule)), "survivors-two")
    assert str(error).startswith("resolver 'Resolver', check 'survivors-two': ")
    assert words in str(error)


class Alternating:
    """Lets the first and the last one win in turn."""

    def __init__(self) -> None:
        self.turn = 0

    def resolve(self, symbol: str, signals: Sequence[Any], state: Any) -> Any:
        """Take turns."""
        del symbol, state
        self.turn += 1
        return [signals[0 if self.turn % 2 else -1]]


class Learning:
    """Lets nobody survive once it has seen more than ten signals."""

    def __init__(self) -> None:
        self.has_seen_many = False

    def resolve(self, symbol: str, signals: Sequence[Any], state: Any) -> Any:
        """Remember."""
        del symbol, state
        self.has_seen_many |= len(signals) > 10
        return [] if self.has_seen_many else signals


def test_a_resolver_that_remembers_is_found() -> None:
    """The same conflict has the same outcome."""
    error = refusal(resolver_checks(Alternating), "determinism")
    assert "the signals of ['Strategy_0'] survive at first, but those of ['Strategy_1'] when it is asked again" in str(
        error
    )
    error = refusal(resolver_checks(Learning), "memory")
    assert "survive at first, but those of [] after other conflicts" in str(error)


def spending(_: str, signals: Sequence[Any], state: Any) -> Any:
    """Use the money of a sleeve."""
    state.allocations[signals[0].strategy_id].allocate(Decimal(1))
    return signals


def weighing(_: str, signals: Sequence[Any], __: Any) -> Any:
    """Give a signal more weight."""
    object.__setattr__(signals[0], "weight", Decimal(1))
    return signals


@pytest.mark.parametrize(
    ("rule", "words"),
    [(spending, "it changed state.allocations.Strategy_0"), (weighing, "it changed signals.0.weight")],
)
def test_a_resolver_that_changes_what_it_is_given_is_found(rule: Rule, words: str) -> None:
    """Allocations have methods that change them, and frozen objects can be forced."""
    assert words in str(refusal(resolver_checks(lambda: Resolver(rule)), "mutation"))


def test_a_resolver_that_reads_a_file_is_found(tmp_path: Path) -> None:
    """It decides from what it is given."""
    path = tmp_path / "future.txt"
    path.write_text("1", encoding="utf-8")

    def reading(_: str, signals: Sequence[Any], __: Any) -> Any:
        return signals[: int(path.read_text(encoding="utf-8"))]

    assert failing(resolver_checks(lambda: Resolver(reading))) == {"outside"}


def test_the_signature_is_looked_at() -> None:
    """Three arguments, in this order."""
    kind = type("Odd", (), {"resolve": lambda _, signals: signals})
    error = refusal(resolver_checks(kind), "signature")
    assert "resolve(signals) cannot be called as resolve(symbol, signals, state)" in str(error)
    error = refusal(resolver_checks(type("Empty", (), {})), "signature")
    assert "its class, Empty, has no method resolve(symbol, signals, state). Write it." in str(error)
