"""Shares become exact weights: above zero, never more than the total, in the order given."""

from __future__ import annotations

import doctest
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, strategies as st

import orchestrator_allocation.schedules
import orchestrator_allocation.weights
from orchestrator_allocation.weights import PARTS, exact_weights, parts_per_million

SHARES = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=60).filter(lambda each: sum(each) > 0)
TOTALS = st.decimals(Decimal("0.001"), Decimal(1), allow_nan=False).map(lambda total: max(total, Decimal("0.001")))
PART_TABLE = {
    "shares that come out even": ([0.5, 0.3, 0.2], [500_000, 300_000, 200_000]),
    "not of sum one": ([3.0, 1.0], [750_000, 250_000]),
    "one left over, ties to the first": ([1.0, 1.0, 1.0], [333_334, 333_333, 333_333]),
    "one left over, to the largest remainder": ([1.0, 2.0], [333_333, 666_667]),
    "two left over": ([1.0] * 7, [142_858, *([142_857] * 6)]),
    "one strategy": ([0.1], [1_000_000]),
    "less than a part": ([1.0, 1e-9, 0.0], [999_998, 1, 1]),
}


@pytest.mark.parametrize(("shares", "parts"), PART_TABLE.values(), ids=PART_TABLE)
def test_shares_are_rounded_to_parts_per_million(shares: list[float], parts: list[int]) -> None:
    """Largest remainders first; nobody is left with nothing."""
    assert parts_per_million(np.array(shares)).tolist() == parts


def test_weights_are_parts_of_the_total_rounded_down_to_what_the_kernel_counts() -> None:
    """A third of 0.999...9 with 20 digits has 18 digits."""
    weights = exact_weights({"B": 1.0, "A": 1.0}, Decimal("0.99999999999999999999"))
    assert weights == {"B": Decimal("0.499999999999999999"), "A": Decimal("0.499999999999999999")}
    assert list(weights) == ["B", "A"]


@given(SHARES)
def test_parts_add_up_and_none_is_zero(shares: list[float]) -> None:
    """Exactly a million parts, each strategy having one at least; nobody gives more than others lack."""
    parts = parts_per_million(np.array(shares))
    assert parts.sum() == PARTS
    assert parts.min() >= 1
    exact = np.array(shares) / np.sum(shares) * PARTS
    assert np.abs(parts - exact).max() <= 1.001 + np.count_nonzero(exact < 1)


@given(SHARES, TOTALS)
def test_weights_are_positive_and_at_most_the_total(shares: list[float], total: Decimal) -> None:
    """The sum misses the total by less than 10⁻¹⁸ a strategy."""
    weights = exact_weights({f"S_{place}": share for place, share in enumerate(shares)}, total)
    assert min(weights.values()) > 0
    assert 0 <= total - sum(weights.values()) < len(shares) * Decimal("1e-18")


@pytest.mark.parametrize("module", [orchestrator_allocation.schedules, orchestrator_allocation.weights])
def test_examples_in_docstrings(module: object) -> None:
    """They print what they show."""
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
