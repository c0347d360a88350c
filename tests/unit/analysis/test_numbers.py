"""Exact sums, divisions and products."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, strategies as st

from strategy_orchestrator.analysis.numbers import from_float, half_even, market_values, ratio, sum_of, sums_by
from strategy_orchestrator.money import SCALE

_AMOUNTS = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.tuples(st.integers(0, 3), _AMOUNTS)))
def test_sums_by_group_are_those_of_python_integers(rows: list[tuple[int, int]]) -> None:
    """Sums are exact even where 64 bits would wrap."""
    places = np.array([place for place, _ in rows], np.int64)
    units = np.array([amount for _, amount in rows], np.int64)
    assert sums_by(places, units, 4) == [sum(amount for place, amount in rows if place == group) for group in range(4)]
    assert sum_of(units) == sum(amount for _, amount in rows)


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_market_values_are_rounded_once_half_to_even(quantity: int, price: int) -> None:
    """A product of quanta is exact before its one rounding."""
    if quantity * price // SCALE >= 2**63:
        quantity = quantity // 10**6
    value = market_values(np.array([quantity]), np.array([price]))
    assert value.tolist() == [half_even(quantity * price, SCALE)]


def test_market_values_take_ties_to_even() -> None:
    """Half a quantum goes to the even neighbor, whole parts included."""
    quantities = np.array([1, 3, 1_000_001, 1_000_003])
    assert market_values(quantities, np.full(4, 500_000)).tolist() == [0, 2, 500_000, 500_002]


def test_ratios_have_twelve_decimals_and_floats_their_shortest_text() -> None:
    """Decimals are made without noise and without negative zero."""
    assert ratio(2, 3) == Decimal("0.666666666667")
    assert str(from_float(-0.0)) == "0.0"
    assert from_float(1e-7) == Decimal("0.0000001")


@pytest.mark.parametrize(
    ("top", "bottom", "expected"),
    [(5, 2, 2), (7, 2, 4), (1, 2, 0), (3, 2, 2), (-5, 2, -2), (-3, 2, -2), (7, 3, 2), (8, 3, 3), (4, 3, 1), (6, 3, 2)],
)
def test_halves_go_to_the_even_neighbor(top: int, bottom: int, expected: int) -> None:
    """A half is rounded to the even of its neighbors, everything else to the nearer."""
    assert half_even(top, bottom) == expected
