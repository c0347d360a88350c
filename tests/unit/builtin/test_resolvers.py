"""How the built-in resolvers settle opposite signals."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from strategy_orchestrator.builtin import CancelBoth, FirstWins, NetSignal
from strategy_orchestrator.models.contracts import ConflictResolver
from strategy_orchestrator.models.signals import Direction, Signal, SignalKind

STATE: Any = None
"""No built-in resolver looks at the portfolio."""


def signals(*wishes: tuple[int, str]) -> list[Signal]:
    """Return signals of strategies 0, 1, ... by direction and weight."""
    when = datetime(2020, 1, 2, tzinfo=UTC)
    return [
        Signal(f"S_{place}", "A", Direction(direction), SignalKind.ENTER, Decimal(weight), when)
        for place, (direction, weight) in enumerate(wishes)
    ]


def survivors(resolver: ConflictResolver, *wishes: tuple[int, str]) -> list[int]:
    """Return the places of the signals that survive."""
    given = signals(*wishes)
    return [given.index(signal) for signal in resolver.resolve("A", given, STATE)]


THREE = ((-1, "0.2"), (1, "0.5"), (-1, "0.2"))


@pytest.mark.parametrize(
    ("resolver", "wishes", "places"),
    [
        (FirstWins(), THREE, [0, 2]),
        (FirstWins(), THREE[1:], [0]),
        (NetSignal(), THREE, [1]),
        (NetSignal(), ((1, "0.1"), (-1, "0.3"), (1, "0.1")), [1]),
        (NetSignal(), ((1, "0.3"), (-1, "0.1"), (-1, "0.2")), []),
        (CancelBoth(), THREE, []),
    ],
)
def test_the_survivors(resolver: ConflictResolver, wishes: tuple[tuple[int, str], ...], places: list[int]) -> None:
    """The first, the heavier side, or none."""
    assert survivors(resolver, *wishes) == places


@pytest.mark.parametrize("resolver", [NetSignal(), CancelBoth()])
def test_the_order_of_strategies_does_not_matter(resolver: ConflictResolver) -> None:
    """Unless it is what counts, as for the first."""
    given = signals(*THREE)
    outcomes = {
        frozenset(signal.strategy_id for signal in resolver.resolve("A", order, STATE))
        for order in itertools.permutations(given)
    }
    assert len(outcomes) == 1


def test_weights_are_summed_exactly() -> None:
    """Three times 0.1 against 0.3 is a draw."""
    assert survivors(NetSignal(), (1, "0.1"), (1, "0.1"), (1, "0.1"), (-1, "0.3")) == []
