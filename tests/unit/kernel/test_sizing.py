"""An entry is as large as its budget allows, and a target weight asks for what it says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given, strategies as st

from strategy_orchestrator.kernel import sizing
from strategy_orchestrator.kernel.books import commission_of as commission_in_kernel
from strategy_orchestrator.kernel.checked import OVERFLOW
from strategy_orchestrator.kernel.layout import Record
from strategy_orchestrator.kernel.making import new_books
from strategy_orchestrator.money import LIMIT, SCALE, WEIGHT_SCALE
from tests.reference import arithmetic
from tests.reference.arithmetic import commission_of, floor_to_lots, money, sign
from tests.reference.world import StrategySpec, World
from tests.unit.kernel.inside import inside
from tests.unit.kernel.runs import write_rules

largest_entry, affordable, is_paid = inside(sizing.largest_entry), inside(sizing.affordable), inside(sizing.is_paid)
target_quantity = inside(sizing.target_quantity)

FREE: Final = World([[1]], [[1]], [[1]], [[1]], [StrategySpec(Fraction(1))], 1, lots=[SCALE])

lots = st.sampled_from([1, 100, 333_333, SCALE // 10, SCALE, 100 * SCALE])
prices = st.integers(1, 100) | st.integers(1, 10**12)
budgets = st.integers(0, 10**4) | st.integers(0, 10**15)
terms = st.builds(
    lambda lot, per_trade, per_share, rate: replace(
        FREE,
        lots=[lot],
        commission_per_trade=per_trade,
        commission_per_share=Fraction(per_share, SCALE),
        commission_pct=Fraction(rate),
    ),
    lots,
    st.sampled_from([0, 1, SCALE, 10**9]),
    st.sampled_from([0, 1, 5_000, 10**6]),
    st.sampled_from(["0", "0.001", "0.000123456789", "0.1", "0.999"]),
)


def terms_of(world: World) -> Record:
    """Return the terms of the one symbol."""
    blank = new_books(1, 1)
    write_rules(world, blank)
    return blank.symbols[0]


@given(terms, prices, budgets)
def test_the_largest_entry_is_that_of_the_reference(world: World, price: int, budget: int) -> None:
    """No lot more would be paid for, and none less was possible."""
    expected = arithmetic.largest_entry(world, 0, price, budget)
    found = largest_entry(terms_of(world), price, budget)
    assert found == expected or (found == OVERFLOW and expected > LIMIT // 2)


@pytest.mark.parametrize(
    ("per_share", "rate", "expected"),
    # Halves of a quantum go to the even neighbor, once, after all parts are added.
    [(1, 0, 2), (0, 1, 2), (3, 0, 4), (0, 3, 4), (1, 1, 3), (2, 1, 4)],
)
def test_the_smallest_commissions_count(per_share: int, rate: int, expected: int) -> None:
    """A millionth of a quantum a share, or a billionth of a thousandth of the notional, is charged and rounded once."""
    world = replace(FREE, commission_per_share=Fraction(per_share, SCALE), commission_pct=Fraction(rate, 10**12))
    quantity, notional = 3 * SCALE // 2, 3 * 10**12 // 2
    assert commission_in_kernel(terms_of(world), quantity, notional) == expected


def test_a_lot_that_is_rounded_up_twice_may_be_none() -> None:
    """Half a share at 3 is 1.5, rounded to 2, and three tenths of that are 0.6, rounded to 1: 2 do not pay for it."""
    world = replace(FREE, lots=[SCALE // 2], commission_pct=Fraction("0.3"))
    assert [largest_entry(terms_of(world), 3, budget) for budget in (1, 2, 3)] == [0, 0, SCALE // 2]


def test_an_entry_may_be_as_large_as_a_quantity_can_be() -> None:
    """More than half of what 64 bits hold is no overflow."""
    world, budget = replace(FREE, lots=[1]), 7 * 10**12
    found = largest_entry(terms_of(world), 1, budget)
    assert LIMIT // 2 < found == arithmetic.largest_entry(world, 0, 1, budget)


@given(terms, prices, budgets, st.integers(0, 10**9))
def test_what_is_paid_for_is_what_it_costs(world: World, price: int, budget: int, n_lots: int) -> None:
    """An entry is paid for when notional and commission are within the budget."""
    quantity = n_lots * world.lots[0]
    notional = money(quantity, price)
    cost = notional + commission_of(world, 0, quantity, notional)
    assert is_paid(terms_of(world), quantity, price, budget) == (cost <= budget)


@given(terms, prices, budgets, st.integers(1, 10**9))
def test_what_is_wanted_is_cut_to_the_budget(world: World, price: int, budget: int, n_lots: int) -> None:
    """An entry gets what it wants, or the largest quantity that is paid for."""
    wanted = n_lots * world.lots[0]
    most = arithmetic.largest_entry(world, 0, price, budget)
    assert affordable(terms_of(world), price, wanted, budget) == (min(wanted, most) if budget > 0 else 0)


def test_rounding_can_make_an_entry_smaller() -> None:
    """A price of 11, a tenth of it and 1 a share are 13.1; roundings leave less than the 28 / 13.1 that seem to fit."""
    world = replace(FREE, lots=[100], commission_per_share=Fraction(1, SCALE), commission_pct=Fraction(1, 10))
    assert 28 * SCALE / 13.1 > 2_136_300
    assert largest_entry(terms_of(world), 11, 28) == 2_136_300


def test_a_budget_for_more_than_a_quantity_can_be_is_refused() -> None:
    """A thousand billion at one quantum a share would buy more than 64 bits count."""
    assert largest_entry(terms_of(replace(FREE, lots=[1])), 1, 10**18) == OVERFLOW


def test_a_cost_that_does_not_fit_is_not_paid_for() -> None:
    """Neither a notional nor a commission beyond 64 bits is within a budget."""
    dear = replace(FREE, commission_per_share=Fraction(LIMIT, SCALE))
    assert not is_paid(terms_of(FREE), LIMIT, LIMIT, LIMIT)
    assert not is_paid(terms_of(dear), 10**12, 1, LIMIT)


@given(
    st.integers(-WEIGHT_SCALE, WEIGHT_SCALE) | st.sampled_from([WEIGHT_SCALE // 3, -WEIGHT_SCALE // 2]),
    budgets | st.integers(-(10**12), 10**17),
    prices,
    lots,
)
def test_a_target_weight_is_exact(weight: int, equity: int, price: int, lot: int) -> None:
    """The weight of the equity at the price, toward zero to lots, however large the product."""
    exact = 0
    if equity > 0:
        exact = sign(weight) * floor_to_lots(Fraction(abs(weight) * equity, WEIGHT_SCALE) * SCALE / price, lot)
    found = target_quantity(weight, equity, price, lot)
    assert found == exact or (found == OVERFLOW and abs(exact) > LIMIT // 2)


def test_the_last_quantum_of_a_target_counts() -> None:
    """Half of three quanta at one quantum a share is 1.5 shares: what is below a quantum of money is not lost."""
    assert target_quantity(WEIGHT_SCALE // 2, 3, 1, 100_000) == 1_500_000


def test_a_target_of_more_than_a_quantity_can_be_is_refused() -> None:
    """So is a weight of more money than fits."""
    assert target_quantity(WEIGHT_SCALE, 10**18, 1, 1) == OVERFLOW
    assert target_quantity(9 * WEIGHT_SCALE, 9 * 10**18, 10**18, 1) == OVERFLOW
