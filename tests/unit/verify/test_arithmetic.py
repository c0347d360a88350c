"""Exact arithmetic, beyond 64 bits too."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from strategy_orchestrator.verify.arithmetic import (
    can_have_slipped,
    commission_of,
    half_even,
    market_values,
    references_of,
    running,
    slipped,
    summed,
    value_of,
)

LARGE = st.integers(0, 2**63 - 1)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**12))
def test_halves_go_to_the_even_number(top: int, bottom: int) -> None:
    """Rounding is that of Python's round on fractions."""
    assert half_even(top, bottom) == round(Fraction(top, bottom))


@example([(2**62, 3)], 0, 0)
@example([(1, 2**62)], 0, 0)
@given(st.lists(st.tuples(LARGE, LARGE), max_size=4), st.integers(0, 62), st.integers(0, 62))
def test_values_of_arrays_are_those_of_numbers(pairs: list[tuple[int, int]], left: int, right: int) -> None:
    """Arrays are exact whether the products fit 64 bits or not."""
    quantities, prices = ([pair[side] >> shift for pair in pairs] for side, shift in ((0, left), (1, right)))
    values = market_values(np.array(quantities, np.int64), np.array(prices, np.int64))
    assert values.tolist() == [value_of(*pair) for pair in zip(quantities, prices, strict=True)]


@pytest.mark.parametrize("step", [1, 2**62])
def test_sums_do_not_wrap(step: int) -> None:
    """Sums beyond 64 bits are Python integers."""
    values = np.full((4, 1), step, np.int64)
    assert summed(values, axis=0).tolist() == [4 * step]
    assert running(values)[:, 0].tolist() == [step, 2 * step, 3 * step, 4 * step]


@given(st.integers(1, 10**12), st.sampled_from([1, -1]), st.integers(0, 10**12 - 1), st.integers(0, 9))
def test_the_reference_behind_a_fill_is_found(reference: int, direction: int, slippage: int, width: int) -> None:
    """The prices that slip to a fill price are those between low and high that do."""
    low, price = max(reference - width, 1), slipped(reference, direction, slippage)
    every = range(low, reference + width + 1)
    expected = [each for each in every if slipped(each, direction, slippage) == price]
    assert list(references_of(price, direction, slippage, low, reference + width)) == expected


def test_slippage_may_come_of_any_reference_in_question() -> None:
    """Whatever one of the references would have lost is possible, and nothing else."""
    references = range(99, 102)
    notional = value_of(5_000_000, 100)
    possible = [lost for lost in range(-20, 20) if can_have_slipped(lost, 5_000_000, notional, references)]
    assert possible == [-5, 0, 5]


def test_commission_is_rounded_once() -> None:
    """Three parts that are a third of a quantum each are one quantum."""
    assert commission_of(500_000, 500_000_000_000, (0, 1, 1)) == 1
