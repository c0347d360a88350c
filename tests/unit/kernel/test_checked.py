"""The arithmetic of money gives what integers without bounds give, or says that it does not fit."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import assume, example, given, strategies as st

from strategy_orchestrator.kernel import checked
from strategy_orchestrator.money import FRACTION_SCALE, LIMIT, SCALE, WEIGHT_SCALE
from tests.unit.kernel.inside import inside

fits, add, round_down = inside(checked.fits), inside(checked.add), inside(checked.round_down)
nearest_even, move, shift = inside(checked.nearest_even), inside(checked.move), inside(checked.shift)
multiply_divide, multiply_price = inside(checked.multiply_divide), inside(checked.multiply_price)
take_fraction, take_weight, weigh = inside(checked.take_fraction), inside(checked.take_weight), inside(checked.weigh)
value_at = inside(checked.value_at)

Share = Callable[[int, int], tuple[int, int]]

# From here to 2⁶³ - 1 a product may be given or refused: floats decide whether it fits.
CERTAIN: Final = 9_190_000_000_000_000_000
EDGES: Final = (0, 1, 2, SCALE - 1, SCALE, SCALE + 1, 2**31, 2**32, 2**53 - 1, 2**53 + 1, 10**12, 10**18, CERTAIN)


def counts(least: int = 0, most: int = LIMIT - 1) -> st.SearchStrategy[int]:
    """Return a hypothesis strategy of counts of every size, with the ones at which something changes."""
    of_bits = st.integers(0, 63).flatmap(lambda bits: st.integers(2**bits // 2, 2**bits - 1))
    return (st.sampled_from(EDGES) | of_bits).filter(lambda count: least <= count <= most)


def signed() -> st.SearchStrategy[int]:
    """Return a hypothesis strategy of counts of both signs."""
    return st.builds(lambda count, sign: sign * count, counts(), st.sampled_from([1, -1]))


def is_told(found: int, exact: int) -> bool:
    """Tell whether a result is exact, or a refusal of what may be refused."""
    if found == checked.OVERFLOW:
        return abs(exact) > CERTAIN
    return found == exact


@given(signed(), signed())
def test_a_product_that_is_said_to_fit_does(left: int, right: int) -> None:
    """What fits is below 2⁶³, and what does not is close to it or above."""
    product = abs(left * right)
    assert product <= LIMIT if fits(left, right) else product > CERTAIN


@given(signed(), signed())
def test_sums_are_exact_or_refused(left: int, right: int) -> None:
    """A sum of any signs is exact, up to the largest amount there is."""
    total = left + right
    assert add(left, right) == (total if abs(total) <= LIMIT else checked.OVERFLOW)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (LIMIT, 0, LIMIT),
        (LIMIT, 1, checked.OVERFLOW),
        (-LIMIT, -1, checked.OVERFLOW),
        (-LIMIT, LIMIT, 0),
        (checked.OVERFLOW, 5, checked.OVERFLOW),
        (5, checked.OVERFLOW, checked.OVERFLOW),
        (checked.OVERFLOW, -5, checked.OVERFLOW),
    ],
)
def test_sums_at_the_edge(left: int, right: int, expected: int) -> None:
    """The largest amount can be reached, not passed; what did not fit before does not fit after."""
    assert add(left, right) == expected


@given(counts(), counts(least=1))
def test_division_rounds_down(top: int, bottom: int) -> None:
    """What is less than 1 is left out."""
    assert round_down(top, bottom) == top // bottom


@given(st.integers(-(10**15), 10**15), counts(least=1), st.data())
def test_halves_go_to_the_even_neighbor(base: int, bottom: int, data: st.DataObject) -> None:
    """The nearest integer, and of two equally near ones the even one, on both sides of zero."""
    half = bottom // 2
    top = data.draw(st.integers(0, bottom - 1) | st.sampled_from([half, min(half + 1, bottom - 1)]))
    assert nearest_even(base, top, bottom) == round(base + Fraction(top, bottom))


@given(counts(), counts(), counts(least=1))
def test_products_are_divided_exactly(left: int, right: int, bottom: int) -> None:
    """Quotient and remainder are those of the full product, which may need 126 bits."""
    quotient, rest = multiply_divide(left, right, bottom)
    exact = divmod(left * right, bottom)
    assert is_told(quotient, exact[0])
    assert quotient == checked.OVERFLOW or rest == exact[1]


@pytest.mark.parametrize(
    ("taken", "scale"), [(take_fraction, FRACTION_SCALE), (take_weight, WEIGHT_SCALE)], ids=["fraction", "weight"]
)
@given(counts(), counts())
def test_shares_are_taken_exactly(
    taken: Callable[[int, int], tuple[int, int]], scale: int, amount: int, steps: int
) -> None:
    """A share of an amount and its remainder are exact, for shares above 1 too."""
    whole, rest = taken(amount, steps)
    exact = divmod(amount * steps, scale)
    assert is_told(whole, exact[0])
    assert whole == checked.OVERFLOW or rest == exact[1]


@given(counts(), counts(most=WEIGHT_SCALE))
def test_weighing_rounds_half_to_even(amount: int, steps: int) -> None:
    """The share that a weight is of an amount is the nearest count."""
    assert is_told(weigh(amount, steps), round(Fraction(amount * steps, WEIGHT_SCALE)))


def test_a_weight_of_too_much_is_refused() -> None:
    """Nine times nearly all that there is does not fit."""
    assert weigh(CERTAIN, 9 * WEIGHT_SCALE) == checked.OVERFLOW


@given(counts(), counts())
def test_quantity_times_price_is_exact(quantity: int, price: int) -> None:
    """Value and remainder are those of the full product."""
    value, rest = multiply_price(quantity, price)
    exact = divmod(quantity * price, SCALE)
    assert is_told(value, exact[0])
    assert value == checked.OVERFLOW or rest == exact[1]


@given(counts(), counts())
def test_values_are_rounded_half_to_even(quantity: int, price: int) -> None:
    """What a quantity is worth is the nearest quantum."""
    assert is_told(value_at(quantity, price), round(Fraction(quantity * price, SCALE)))


@pytest.mark.parametrize(("quantity", "price", "expected"), [(500_000, 1, 0), (500_000, 3, 2), (1_500_000, 1, 2)])
def test_half_a_quantum_of_value(quantity: int, price: int, expected: int) -> None:
    """0.5 and 1.5 quanta are worth 0 and 2."""
    assert value_at(quantity, price) == expected


@given(counts(), st.sampled_from([1, -1]), counts(most=2 * FRACTION_SCALE))
@example(CERTAIN, -1, 1_001_088_139_282)
def test_prices_are_shifted_exactly(price: int, sign: int, steps: int) -> None:
    """A price moved up or down by a fraction is rounded once; by so much that it may not fit, it may be refused."""
    moved, shifted = price * Fraction(steps, FRACTION_SCALE), shift(price, sign, steps)
    may_be_refused = shifted == checked.OVERFLOW and moved > CERTAIN
    assert may_be_refused or is_told(shifted, round(price + sign * moved))


@given(counts(), st.sampled_from([1, -1]), counts(), counts(least=1), st.data())
def test_moves_are_rounded_once(base: int, sign: int, whole: int, bottom: int, data: st.DataObject) -> None:
    """A base and a mixed number, added or taken off, make the nearest count."""
    assume(base + whole < LIMIT)
    top = data.draw(st.integers(0, bottom - 1))
    assert move(base, sign, whole, top, bottom) == round(base + sign * (whole + Fraction(top, bottom)))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_refusal_is_passed_on(sign: int) -> None:
    """What does not fit is not moved."""
    assert move(1, sign, checked.OVERFLOW, 0, 1) == checked.OVERFLOW


def test_a_sum_that_does_not_fit_is_not_rounded() -> None:
    """Neither is what came to be too large by the move."""
    assert move(LIMIT, 1, 1, 0, 1) == checked.OVERFLOW
