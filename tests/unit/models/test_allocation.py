"""The capital of one strategy: what may be used, what is, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from strategy_orchestrator import AllocationError, StrategyAllocation
from strategy_orchestrator.models.allocation import checked_weights

amounts = st.integers(0, 10**9).map(lambda units: Decimal(units).scaleb(-6))


def test_what_is_available_is_what_is_not_used() -> None:
    """Allocated less used; it falls on entry and rises on exit."""
    sleeve = StrategyAllocation("s", Decimal(1000), Decimal("100.5"))
    assert (sleeve.strategy_id, sleeve.allocated_capital, sleeve.used_capital) == ("s", Decimal(1000), Decimal("100.5"))
    assert sleeve.available_capital == Decimal("899.5")
    sleeve.allocate(Decimal(99))
    assert sleeve.available_capital == Decimal("800.5")
    sleeve.release(Decimal("199.5"))
    assert (sleeve.used_capital, sleeve.available_capital) == (Decimal(0), Decimal(1000))


def test_it_tells_what_it_can_pay() -> None:
    """Up to what is available, to the quantum; asking changes nothing."""
    sleeve = StrategyAllocation("s", Decimal(10), Decimal(4))
    assert sleeve.can_allocate(Decimal(6))
    assert not sleeve.can_allocate(Decimal("6.000001"))
    assert sleeve.used_capital == 4


def test_it_shows_its_numbers() -> None:
    """For whoever looks at it."""
    shown = repr(StrategyAllocation("s", Decimal(10), Decimal(4)))
    assert shown == "StrategyAllocation('s', allocated=10, used=4, available=6)"


MADE: dict[str, tuple[tuple[Any, ...], str]] = {
    "nothing allocated": (("s", Decimal(0)), "s, allocated_capital: 0 is not greater than 0"),
    "less than nothing": (("s", Decimal(-1)), "s, allocated_capital: -1 is not greater than 0"),
    "NaN": (("s", Decimal("NaN")), "s, allocated_capital: Decimal('NaN') is not finite"),
    "seven decimals": (("s", Decimal("0.0000001")), "s, allocated_capital: 1E-7 has more than 6 decimals"),
    "no number": (("s", "much"), "s, allocated_capital: 'much' is not a number"),
    "more used than allocated": (
        ("s", Decimal(1), Decimal(2)),
        "s, used_capital: 2 is not between 0 and the allocated",
    ),
    "less than nothing used": (("s", Decimal(1), Decimal(-1)), "s, used_capital: -1 is not between 0 and"),
    "no name": (("", Decimal(1)), "strategy_id: '' is no name"),
}


@pytest.mark.parametrize(("arguments", "problem"), MADE.values(), ids=MADE)
def test_what_breaks_a_rule_is_not_made(arguments: tuple[Any, ...], problem: str) -> None:
    """Allocated is above 0, used between 0 and it, both exact."""
    with pytest.raises(AllocationError) as caught:
        StrategyAllocation(*arguments)
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("method", "amount", "problem"),
    [
        ("allocate", Decimal(7), "s, allocate: 7 is more than is available, 6"),
        ("allocate", Decimal(-1), "s, amount: -1 is negative"),
        ("release", Decimal(5), "s, release: 5 is more than is used, 4"),
        ("release", Decimal(-1), "s, amount: -1 is negative"),
        ("can_allocate", Decimal("Infinity"), "s, amount: Decimal('Infinity') is not finite"),
    ],
)
def test_amounts_that_do_not_fit_change_nothing(method: str, amount: Decimal, problem: str) -> None:
    """What cannot be used or given back is refused."""
    sleeve = StrategyAllocation("s", Decimal(10), Decimal(4))
    with pytest.raises(AllocationError) as caught:
        getattr(sleeve, method)(amount)
    assert str(caught.value).startswith(problem)
    assert sleeve.used_capital == 4


def test_its_numbers_cannot_be_set() -> None:
    """They follow from what is allocated and released."""
    sleeve = StrategyAllocation("s", Decimal(10))
    for name in ("strategy_id", "allocated_capital", "used_capital", "available_capital"):
        with pytest.raises(AttributeError):
            setattr(sleeve, name, 1)


@given(st.lists(st.tuples(st.booleans(), amounts), max_size=20))
def test_used_is_always_between_nothing_and_all(steps: list[tuple[bool, Decimal]]) -> None:
    """Whatever is tried, in whatever order."""
    sleeve = StrategyAllocation("s", Decimal(500))
    for is_entry, amount in steps:
        fits = sleeve.can_allocate(amount) if is_entry else amount <= sleeve.used_capital
        if fits:
            (sleeve.allocate if is_entry else sleeve.release)(amount)
        else:
            with pytest.raises(AllocationError):
                (sleeve.allocate if is_entry else sleeve.release)(amount)
        assert 0 <= sleeve.used_capital <= sleeve.allocated_capital
        assert sleeve.available_capital == sleeve.allocated_capital - sleeve.used_capital


def test_all_weights_that_are_none_are_told_at_once() -> None:
    """Nothing, less than nothing and what is no number are refused, each by its name; the rest is not blamed."""
    with pytest.raises(AllocationError) as caught:
        checked_weights(["x", 0, "0.5", "-0.1", "y", "0"], list("ABCDEF"))
    assert [fault.where for fault in caught.value.faults] == [f"weight of {name}" for name in "ABDEF"]


def test_weights_may_be_as_small_as_anything_above_nothing() -> None:
    """The smallest step of a weight is one."""
    assert checked_weights(["0.000000000000000001"], ["A"]) == [Decimal("1e-18")]
