"""Float prices as exact counts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from strategy_orchestrator.models.quanta import nearest_units, price_units, weight_steps, widened


@pytest.mark.parametrize(
    ("price", "units"),
    [
        (100.1, 100_100_000),
        (0.0000005, 0),
        (0.0000015, 2),
        (1.0000005, 1_000_000),
        (1.0000015, 1_000_002),
        (9007199254.740993, 9_007_199_254_740_993),
        (9e12, 9 * 10**18),
        (9.3e12, -1),
        (float("nan"), 0),
    ],
)
def test_a_price_is_the_decimal_that_its_shortest_text_says(price: float, units: int) -> None:
    """Rounded half to even; NaN is 0, and what does not fit is -1."""
    assert price_units(np.array([price])).tolist() == [units]


@given(st.floats(1e-7, 9.2e12))
def test_rounding_agrees_with_exact_arithmetic(price: float) -> None:
    """For every float."""
    assert price_units(np.array([price])).item() == round(Fraction(Decimal(repr(price))) * 10**6)


@given(st.integers(1, 10**13), st.integers(6, 20))
def test_what_is_not_in_doubt_is_right(count: int, decimals: int) -> None:
    """For every decimal of which a float is the nearest."""
    exact = Fraction(count, 10**decimals)
    units, doubtful = nearest_units(np.array([float(exact)]))
    assert len(doubtful) or units.item() == round(exact * 10**6)


def test_doubt_has_its_place_whatever_the_block() -> None:
    """In the order of the flattened array."""
    prices = np.full((3, 50_000), 1.5)
    prices[0, 7], prices[1, 49_999], prices[2, 1] = 0.0000005, 1e9, np.nan
    units, doubtful = nearest_units(prices)
    assert doubtful.tolist() == [7, 99_999]
    assert (units[2, 1], units[2, 2]) == (0, 1_500_000)


def test_the_layout_in_memory_does_not_matter() -> None:
    """Columns or rows first."""
    prices = np.array([[1.0000005, 2.0], [3.0000015, 1.0000015]])
    assert np.array_equal(price_units(np.asfortranarray(prices)), price_units(prices))


@pytest.mark.parametrize(
    ("weight", "steps"), [(0.1, 10**17), (1 / 3, 333_333_333_333_333_300), (-1.0, -(10**18)), (0.0, 0)]
)
def test_a_weight_is_the_decimal_that_its_shortest_text_says(weight: float, steps: int) -> None:
    """In steps of 10⁻¹⁸."""
    assert weight_steps(np.array([weight])).tolist() == [steps]


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_a_narrow_float_is_widened_by_its_shortest_text(value: float) -> None:
    """Unless nine digits do not lead back, when it is the value itself."""
    (wide,) = widened(np.array([value], np.float32)).tolist()
    assert wide in (float(str(np.float32(value))), value)
    assert np.float32(wide) == np.float32(value)
