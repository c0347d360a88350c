"""Fills, the capital limit and target weights, worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.reference.cases import Case, check_case, says, targets, told, units, world_of
from tests.reference.simulator import simulate
from tests.reference.world import SCALE

FILLS = {
    "an order fills at the next open": Case(
        # 1000 / 11 = 90.9: 90 shares for 990, 10 left. Marked at 12: 10 + 1080. Out at 13: 10 + 1170.
        "entry decided at bar 0 pays the open of bar 1, not its close",
        ["10", "11 12 10 12", "13 14 13 14"],
        [says("EX.")],
        ["1 entry strategy_signal 0 0 1 90 11 990", "2 exit strategy_signal 0 0 -1 90 13 1170"],
        ["1000", "1090", "1180"],
        {"cash": "1180", "used": "0", "allocated": "1180", "contributed": "1000"},
    ),
    "an order fills at the close of its bar": Case(
        # 100 shares at 10 take all; 100 x 12 = 1200 come back at the close that decided the exit.
        "with fill_at close the deciding bar's close is paid",
        ["9 10 9 10", "11 12 10 12", "13"],
        [says("EX.")],
        ["0 entry strategy_signal 0 0 1 100 10 1000", "1 exit strategy_signal 0 0 -1 100 12 1200"],
        ["1000", "1200", "1200"],
        options={"fill_at": "close"},
    ),
    "an order waits for its symbol": Case(
        # No bar at 1: the order of bar 0 fills at bar 2, 83 x 12 = 996. Bar 3 has none: marked at the last close, 13.
        "a gap delays the fill and keeps the last close as the mark",
        ["10", "-", "12 13 12 13", "-"],
        [says("E...")],
        ["2 entry strategy_signal 0 0 1 83 12 996"],
        ["1000", "1000", "1083", "1083"],
    ),
    "entries go by strategy, then symbol": Case(
        # Slots are 250 each: 500 a sleeve over two symbols.
        "the order of fills in one bar",
        ["10|10", "10|25"],
        [says("E.", "E.", weight="0.5"), says("..", "E.", weight="0.5")],
        [
            "1 entry strategy_signal 0 0 1 25 10 250",
            "1 entry strategy_signal 0 1 1 10 25 250",
            "1 entry strategy_signal 1 1 1 10 25 250",
        ],
    ),
    "exits go before entries": Case(
        # The exit of the last cell comes first: 25 x 12 = 300. Allocated 550 then, slots 275: 27 at 10.
        "what an exit frees and earns is there for the entries of the bar",
        ["10|10", "10|10", "10|12"],
        [says("...", "...", weight="0.5"), says(".E.", "EX.", weight="0.5")],
        [
            "1 entry strategy_signal 1 1 1 25 10 250",
            "2 exit strategy_signal 1 1 -1 25 12 300",
            "2 entry strategy_signal 1 0 1 27 10 270",
        ],
        end={"allocated": "500 550", "cash": "500 280"},
    ),
    "a long is reversed in one fill": Case(
        # Out: 100 x 12 = 1200, allocated 1200. Short: slot 1200 pays for 100 at 12; cash 1200 + 1200.
        # At 11: 2400 - 1100.
        "exit, then an entry of the other side, both at one open",
        ["10", "10", "12 12 11 11"],
        [says("ES.")],
        [
            "1 entry strategy_signal 0 0 1 100 10 1000",
            "2 exit strategy_signal 0 0 -1 100 12 1200",
            "2 entry strategy_signal 0 0 -1 100 12 1200",
        ],
        ["1000", "1000", "1300"],
        {"used": "1200", "allocated": "1200", "cash": "2400"},
    ),
    "an entry short beats an exit": Case(
        # Exit and short entry in one bar while long are the reversal: 100 out at 10, 100 short at 10.
        "short entry while long is a reversal whatever exits say",
        ["10", "10", "10"],
        [says("ER.")],
        [
            "1 entry strategy_signal 0 0 1 100 10 1000",
            "2 exit strategy_signal 0 0 -1 100 10 1000",
            "2 entry strategy_signal 0 0 -1 100 10 1000",
        ],
    ),
    "a short holds back what it sold": Case(
        # 99 x 10 + 10 = 1000. Cash 1000 + 990 - 10 = 1980, used 1000. Covered at 8: 792 + 10; P&L 980 - 802 = 178.
        "short entry and exit with 10 a fill",
        ["10", "10", "8"],
        [says("SC.")],
        ["1 entry strategy_signal 0 0 -1 99 10 990 10", "2 exit strategy_signal 0 0 1 99 8 792 10"],
        ["1000", "990", "1178"],
        {"allocated": "1178", "cash": "1178", "used": "0"},
        options={"commission_per_trade": 10 * SCALE},
    ),
    "signals of both sides are none": Case(
        "both sides entered while flat is recorded and does nothing",
        ["10", "10"],
        [says("B.")],
        ["0 contradiction none 0 0"],
        ["1000", "1000"],
    ),
    "nobody speaks while warming up": Case(
        # Bars 0 and 1 are silent; the entry of bar 2 fills at bar 3.
        "warm-up of two bars",
        ["10", "10", "10", "10"],
        [says("EEE.", warmup_bars=2)],
        ["3 entry strategy_signal 0 0 1 100 10 1000"],
    ),
    "what the last bar decides expires": Case(
        "an order without a bar left, and one that waited in vain",
        ["10|10", "10|-"],
        [says(".E", "S.")],
        ["1 expired none 0 0 1", "1 expired none 0 1 -1"],
        ["1000", "1000"],
    ),
}

LOSS = ["10|10", "10|10", "10|8", "10|8"]
LOSER = [says("E...", "EXE.")]
LOSS_ROWS = [
    "1 entry strategy_signal 0 0 1 50 10 500",
    "1 entry strategy_signal 0 1 1 50 10 500",
    "2 exit strategy_signal 0 1 -1 50 8 400",
]

LIMITS = {
    "an entry is cut": Case(
        # The loss of 100 leaves allocated 900, slot 450; 500 are used, so 400 are there: 50 at 8.
        "less than the slot is available",
        LOSS,
        LOSER,
        [*LOSS_ROWS, "3 entry strategy_signal 0 1 1 50 8 400", "3 cut capital 0 1 1 50 8 400"],
        ["1000", "1000", "900", "900"],
    ),
    "an entry is blocked by what is left": Case(
        # 400 are there, the slot would have been 450: one share costs 420.
        "one lot costs more than is available, though not more than the slot",
        ["10|10", "10|10", "10|8", "10|420"],
        LOSER,
        [*LOSS_ROWS, "3 blocked capital 0 1 1 0 420 400"],
    ),
    "an entry is blocked by its slot": Case(
        "one lot costs more than the whole slot",
        ["1500", "1500"],
        [says("E.")],
        ["1 blocked below_lot 0 0 1 0 1500 1000"],
    ),
    "an entry is blocked without cash": Case(
        # 100 at 10 take all. The second wish is 0.5 x 1000 / 10 = 50 shares, and nothing is left.
        "a target weight after all was spent",
        ["10|10", "10|10", "10|10"],
        [targets("1 . .", ". 0.5 .")],
        ["1 entry strategy_signal 0 0 1 100 10 1000", "2 blocked no_cash 0 1 1 50 10"],
    ),
    "a slot follows the sizer": Case(
        # A quarter of 1000 at the bar of the fill: 25 at 10. The rows of other bars are not read.
        "the sizer's share of allocated capital",
        ["10", "10"],
        [says("E.")],
        ["1 entry strategy_signal 0 0 1 25 10 250"],
        options={"sizer": [[Fraction(1)], [Fraction(1, 4)]]},
    ),
    "lots may be parts of a share": Case(
        # 1000 / 33.333333 = 30.0000003: 30.0 in tenths; 30 x 33.333333 = 999.99999.
        "lots of a tenth",
        ["33.333333", "33.333333"],
        [says("E.")],
        ["1 entry strategy_signal 0 0 1 30 33.333333 999.99999"],
        options={"lots": [SCALE // 10]},
    ),
    "a millionth of a share": Case(
        # 1000 / 3 = 333.333333 shares, notional 999.999999. One lot more costs 1000.000002.
        "the finest lot leaves one quantum",
        ["3", "3"],
        [says("E.")],
        ["1 entry strategy_signal 0 0 1 333.333333 3 999.999999"],
        end={"cash": "0.000001"},
        options={"lots": [1]},
    ),
    "capital is divided by floors": Case(
        # A third of 100 quanta is 33 each; 1 stays in the reserve.
        "the reserve keeps what floors leave",
        ["10"],
        [says(".", weight="0.333333333333333333")] * 3,
        [],
        ["0.000033 0.000033 0.000033"],
        {"reserve": "0.000001"},
        capital="0.0001",
    ),
}

WEIGHTS = {
    "a weight is raised, lowered and crossed": Case(
        # Bar 1: 0.5 x 1000 / 10 = 50. Bar 2: equity 500 + 600 = 1100, 0.8 x 1100 / 12 = 73.3: 23 more for 276.
        # Bar 3: equity 224 + 730 = 954, 0.2 x 954 / 10 = 19.08: 54 go, releasing 776 x 54 / 73 = 574.027397.
        # Bar 4: equity 954, -0.5 x 954 / 10 = -47.7: the 19 go, 47 are sold short.
        "target weights over four fills",
        ["10", "10", "12", "10", "10"],
        [targets("0.5 0.8 0.2 -0.5 .")],
        [
            "1 entry strategy_signal 0 0 1 50 10 500",
            "2 entry strategy_signal 0 0 1 23 12 276",
            "3 exit strategy_signal 0 0 -1 54 10 540",
            "4 exit strategy_signal 0 0 -1 19 10 190",
            "4 entry strategy_signal 0 0 -1 47 10 470",
        ],
        ["1000", "1000", "1100", "954", "954"],
        {"allocated": "954", "used": "470", "cash": "1424"},
    ),
    "a short weight is lowered": Case(
        # Bar 1: 100 short, cash 2000. Bar 2: equity 2000 - 800 = 1200, -0.5 x 1200 / 8 = -75: cover 25 for 200.
        # Released 250: P&L 50. Cash 1800, allocated 1050, used 750.
        "a quarter of a short is covered",
        ["10", "10", "8"],
        [targets("-1 -0.5 .")],
        ["1 entry strategy_signal 0 0 -1 100 10 1000", "2 exit strategy_signal 0 0 1 25 8 200"],
        ["1000", "1000", "1200"],
        {"allocated": "1050", "used": "750", "cash": "1800"},
    ),
    "a weight of zero closes": Case(
        "target 0 sells all",
        ["10", "10", "11"],
        [targets("1 0 .")],
        ["1 entry strategy_signal 0 0 1 100 10 1000", "2 exit strategy_signal 0 0 -1 100 11 1100"],
    ),
    "a weight is cut by costs": Case(
        # 100 wanted at 10; with one per cent only 99 fit: 990 + 9.9.
        "all of the equity, but the commission must be paid too",
        ["10", "10"],
        [targets("1 .")],
        ["1 entry strategy_signal 0 0 1 99 10 990 9.9", "1 cut capital 0 0 1 99 10 1000"],
        options={"commission_pct": Fraction("0.01")},
    ),
    "no leverage": Case(
        # 150 wanted, 100 paid for.
        "a weight above 1 buys what there is",
        ["10", "10"],
        [targets("1.5 .")],
        ["1 entry strategy_signal 0 0 1 100 10 1000", "1 cut capital 0 0 1 100 10 1000"],
    ),
    "weights sell before they buy": Case(
        # Equity 1000 at bar 2: 50 of the second are wanted, 50 of the first are sold first and pay for them.
        "a switch from one symbol to the other in one bar",
        ["10|10", "10|10", "10|10"],
        [targets(". 0.5 .", "1 0.5 .")],
        [
            "1 entry strategy_signal 0 1 1 100 10 1000",
            "2 exit strategy_signal 0 1 -1 50 10 500",
            "2 entry strategy_signal 0 0 1 50 10 500",
        ],
    ),
    "equity for weights takes the last close of a gap": Case(
        # Bar 2: the first symbol has no bar, 50 x 12 = 600 by its last close; equity 1100, half of it 550 = 55 at 10.
        # Only 500 are there: 50.
        "a symbol without a bar counts at its last close",
        ["10|10", "10 12 10 12|10", "-|10"],
        [targets("0.5 . .", ". 0.5 .")],
        [
            "1 entry strategy_signal 0 0 1 50 10 500",
            "2 entry strategy_signal 0 1 1 50 10 500",
            "2 cut capital 0 1 1 50 10 500",
        ],
    ),
}


@pytest.mark.parametrize("case", FILLS.values(), ids=FILLS)
def test_fills(case: Case) -> None:
    """Orders fill when, where and in the order that was worked out."""
    check_case(case)


@pytest.mark.parametrize("case", LIMITS.values(), ids=LIMITS)
def test_limits(case: Case) -> None:
    """Budgets, blocks and lots are what was worked out."""
    check_case(case)


@pytest.mark.parametrize("case", WEIGHTS.values(), ids=WEIGHTS)
def test_weights(case: Case) -> None:
    """Target weights become the quantities that were worked out."""
    check_case(case)


def test_a_weight_that_is_met_says_so_and_does_nothing() -> None:
    """A target equal to the holding is a signal without direction and leaves no other row."""
    case = Case("", ["10", "10", "10"], [targets("0.5 0.5 .")], [])
    outcome = simulate(world_of(case))
    assert told(outcome) == ["1 entry strategy_signal 0 0 1 50 10 500"]
    assert told(outcome, signals=True) == ["0 signal weight 0 0 1", "1 signal weight 0 0"]


def test_the_average_price_is_rounded_half_even() -> None:
    """50 at 10 and 23 at 12 average 776 / 73 = 10.6301369863."""
    case = Case("", ["10", "10", "12"], [targets("0.5 0.8 .")], [])
    (position,) = simulate(world_of(case)).positions
    assert position.average_price == units("10.630137")
    assert (position.quantity, position.used) == (units("73"), units("776"))


def test_an_average_is_averaged_again() -> None:
    """What is added meets the rounded average, not what was paid."""
    # In quanta and millions of shares: 100 at 3, 100 at 4 average 3.5, rounded to 4; 25 at 12: 1100 / 225 = 4.9, so 5.
    # From what was paid, 300 + 400 + 300, it would have been 4.4. Equity at the fills: 1000, 700 + 400, 300 + 2400.
    prices = ["0.000003", "0.000003", "0.000004", "0.000012"]
    (position,) = simulate(world_of(Case("", prices, [targets("0.3 8/11 1 .")], []))).positions
    assert (position.quantity, position.used) == (units("225000000"), units("1000"))
    assert position.average_price == 5


def test_partial_exits_release_by_floors() -> None:
    """54 of 73 shares release 574.027397 of 776; the fraction of a quantum stays with the last 19."""
    outcome = simulate(world_of(WEIGHTS["a weight is raised, lowered and crossed"]))
    assert [trade.entry_notional for trade in outcome.trades] == [units("574.027397"), units("201.972603")]
    assert [trade.pnl for trade in outcome.trades] == [units("-34.027397"), units("-11.972603")]
    assert {trade.entry_price for trade in outcome.trades} == {units("10.630137")}


def test_a_released_commission_is_floored_first() -> None:
    """3 shares at 10 with 1 of commission use 31; one share releases 10 of notional and 0.333333 of commission."""
    # Equity 1000, 0.03 of it is 30: 3 shares. At bar 2 it is 969 + 27 = 996: 0.02 x 996 / 9 = 2.2, 1 goes.
    case = Case("", ["10", "10", "9"], [targets("0.03 0.02 .")], [], options={"commission_per_trade": SCALE})
    (trade,) = simulate(world_of(case)).trades
    assert (trade.quantity, trade.entry_notional, trade.entry_commission) == (SCALE, units("10"), units("0.333333"))
    # 9 - 1 came back, 10.333333 were used.
    assert trade.pnl == units("-2.333333")


def test_blocks_are_counted_and_cuts_are_not() -> None:
    """A cut entry is no block; a blocked one counts once."""
    cut = simulate(world_of(LIMITS["an entry is cut"]))
    blocked = simulate(world_of(LIMITS["an entry is blocked by what is left"]))
    assert (cut.capital_limit_blocks, blocked.capital_limit_blocks) == (0, 1)
