"""Costs and roundings, worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.reference.arithmetic import commission_of, floor_to_lots, largest_entry, money, price_of_fill, split
from tests.reference.cases import Case, check_case, says, units, world_of
from tests.reference.simulator import simulate
from tests.reference.world import SCALE, TradeRow

UP = ["10", "10", "12"]

COSTS = {
    "commission by trade": Case(
        # (1000 - 7.5) / 10 = 99.25: 990 + 7.5 = 997.5. Back: 1188 - 7.5 = 1180.5; 2.5 + 1180.5.
        "7.5 a fill",
        UP,
        [says("EX.")],
        ["1 entry strategy_signal 0 0 1 99 10 990 7.5", "2 exit strategy_signal 0 0 -1 99 12 1188 7.5"],
        ["1000", "992.5", "1183"],
        {"allocated": "1183"},
        options={"commission_per_trade": units("7.5")},
    ),
    "commission by share": Case(
        # 1000 / 10.01 = 99.9: 990 + 0.99. Back 1188 - 0.99; 9.01 + 1187.01.
        "0.01 a share",
        UP,
        [says("EX.")],
        ["1 entry strategy_signal 0 0 1 99 10 990 0.99", "2 exit strategy_signal 0 0 -1 99 12 1188 0.99"],
        ["1000", "999.01", "1196.02"],
        options={"commission_per_share": Fraction("0.01")},
    ),
    "commission by notional": Case(
        # 1000 / 10.1 = 99.01: 990 + 9.9, 0.1 left. Back 1188 - 11.88 = 1176.12.
        "one per cent",
        UP,
        [says("EX.")],
        ["1 entry strategy_signal 0 0 1 99 10 990 9.9", "2 exit strategy_signal 0 0 -1 99 12 1188 11.88"],
        ["1000", "990.1", "1176.22"],
        options={"commission_pct": Fraction("0.01")},
    ),
    "three commissions": Case(
        # A share costs 10 + 0.02 + 0.05; (1000 - 1) / 10.07 = 99.2. 1 + 1.98 + 4.95 = 7.93.
        "1 a fill, 0.02 a share and half a per cent",
        UP,
        [says("E..")],
        ["1 entry strategy_signal 0 0 1 99 10 990 7.93"],
        options={
            "commission_per_trade": SCALE,
            "commission_per_share": Fraction("0.02"),
            "commission_pct": Fraction("0.005"),
        },
    ),
    "costs by symbol": Case(
        # Slots 500. First: (500 - 5) / 10 = 49.5. Second: 500 / 10.1 = 49.5, 4.9 of commission.
        "5 a fill for the first symbol, one per cent for the second",
        ["10|10", "10|10"],
        [says("E.", "E.")],
        ["1 entry strategy_signal 0 0 1 49 10 490 5", "1 entry strategy_signal 0 1 1 49 10 490 4.9"],
        options={"commission_per_trade": [5 * SCALE, 0], "commission_pct": [Fraction(0), Fraction("0.01")]},
    ),
    "slippage works against the trader": Case(
        # In at 10.1: 99 for 999.9. Out at 12 x 0.99 = 11.88: 1176.12.
        "one per cent of slippage",
        UP,
        [says("EX.")],
        ["1 entry strategy_signal 0 0 1 99 10.1 999.9", "2 exit strategy_signal 0 0 -1 99 11.88 1176.12"],
        ["1000", "990.1", "1176.22"],
        options={"slippage_pct": Fraction("0.01")},
    ),
    "slippage by bar": Case(
        # Bar 1 slips by 10 %: 1000 / 11 = 90.9. Bar 2 does not.
        "slippage of the bar of the fill",
        UP,
        [says("EX.")],
        ["1 entry strategy_signal 0 0 1 90 11 990", "2 exit strategy_signal 0 0 -1 90 12 1080"],
        options={"slippage_pct": [[Fraction(1, 2)], [Fraction(1, 10)], [Fraction(0)]]},
    ),
    "the end of the data costs like any exit": Case(
        # 1000 / 10.1: 98 at 10.1 = 989.8 + 5 = 994.8 (99 would need 1004.9). Last close 12 x 0.99 = 11.88: 1164.24 - 5.
        # Left: 5.2 + 1159.24.
        "one per cent of slippage and 5 a fill at the last close",
        ["10", "10", "11 12 11 12"],
        [says("E..")],
        ["1 entry strategy_signal 0 0 1 98 10.1 989.8 5", "2 exit end_of_data 0 0 -1 98 11.88 1164.24 5"],
        ["1000", "985.2", "1164.44"],
        options={"slippage_pct": Fraction("0.01"), "commission_per_trade": 5 * SCALE, "close_at_end": True},
    ),
    "the end of the data takes the last known close": Case(
        # 100 in at 10, last seen at 11.
        "a symbol without a bar at the end",
        ["10", "10 11 10 11", "-"],
        [says("E..")],
        ["1 entry strategy_signal 0 0 1 100 10 1000", "2 exit end_of_data 0 0 -1 100 11 1100"],
        ["1000", "1100", "1100"],
        options={"close_at_end": True},
    ),
}


@pytest.mark.parametrize("case", COSTS.values(), ids=COSTS)
def test_costs(case: Case) -> None:
    """Commissions and slippage are what was worked out."""
    check_case(case)


def test_a_trade_carries_both_sides() -> None:
    """In at 10.1 for 999.9 (9.9 lost to slippage), out at 11.88 for 1176.12 (11.88 lost), P&L 176.22."""
    outcome = simulate(world_of(COSTS["slippage works against the trader"]))
    expected = TradeRow(
        0, 0, 1, 1, units("10.1"), units("999.9"), 0,
        2, units("11.88"), units("99"), units("1176.12"), 0, units("176.22"), "strategy_signal",
        units("9.9"), units("11.88"),
    )  # fmt: skip
    assert outcome.trades == [expected]


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [
        # Half a share at 1, 3, 5 and 7 quanta: 0.5, 1.5, 2.5 and 3.5.
        (500_000, 1, 0),
        (500_000, 3, 2),
        (500_000, 5, 2),
        (500_000, 7, 4),
        (500_001, 1, 1),
        (-500_000, 3, -2),
        (-500_000, 5, -2),
        (10**15, 10**8, 10**17),
    ],
)
def test_notional_is_rounded_half_even(quantity: int, price: int, expected: int) -> None:
    """Quantity x price goes to the nearest quantum, halves to the even one, alike on both sides of zero."""
    assert money(quantity, price) == expected


@pytest.mark.parametrize(
    ("reference", "direction", "expected"),
    # 25 x 1.1 = 27.5, 25 x 0.9 = 22.5, 35 x 1.1 = 38.5, 35 x 0.9 = 31.5, 21 x 1.1 = 23.1.
    [(25, 1, 28), (25, -1, 22), (35, 1, 38), (35, -1, 32), (21, 1, 23)],
)
def test_fill_price_is_rounded_half_even(reference: int, direction: int, expected: int) -> None:
    """Slippage of a tenth moves the price, halves to the even quantum."""
    assert price_of_fill(reference, direction, Fraction(1, 10)) == expected


def test_commission_is_rounded_once() -> None:
    """Half a quantum by share and half by notional are one quantum, where two roundings would make none."""
    options = {"commission_per_share": Fraction("0.000001"), "commission_pct": Fraction("0.005")}
    world = world_of(Case("", ["10"], [says(".")], [], options=options))
    assert commission_of(world, 0, 500_000, 100) == 1


def test_the_largest_entry_knows_the_roundings() -> None:
    """With 2 quanta and shares at 1 quantum 2.5 shares still round to 2, and no more do."""
    world = world_of(Case("", ["10"], [says(".")], [], options={"lots": [100_000]}))
    assert largest_entry(world, 0, 1, 2) == 2_500_000
    # At 3.5 the half goes up to 4: 3.4 is the last that costs 3.
    assert largest_entry(world, 0, 1, 3) == 3_400_000


@pytest.mark.parametrize(
    ("total", "shares", "expected"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        # 10/7, 20/7, 40/7 = 1.43, 2.86, 5.71: two units left, to the second and the third.
        (10, [1, 2, 4], [1, 3, 6]),
        (5, [0, 1, 1], [0, 3, 2]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_split_by_largest_remainder(total: int, shares: list[int], expected: list[int]) -> None:
    """What floors leave goes to the largest remainders, the first of equals."""
    assert split(total, shares) == expected


def test_floor_to_lots() -> None:
    """1234/10 in lots of 50 is 100."""
    assert floor_to_lots(Fraction(1234, 10), 50) == 100
