"""Conflicts, rebalancing and the profit policy, worked out by hand: what couples the sleeves."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.reference.cases import Case, check_case, equity_text, says, targets, told, world_of
from tests.reference.simulator import simulate
from tests.reference.world import Rebalance, StrategySpec

FLAT = ["10", "10"]


def rivals(second: str = "0.5", third: str = "0.2") -> list[StrategySpec]:
    """Return a buyer, a seller and a buyer, the first with a weight of 0.3."""
    return [says("E.", weight="0.3"), says("S.", weight=second), says("E.", weight=third)]


FIRST_BUYS = "1 entry strategy_signal 0 0 1 30 10 300"
THIRD_BUYS = "1 entry strategy_signal 2 0 1 20 10 200"
SECOND_SELLS = "1 entry strategy_signal 1 0 -1 50 10 500"
DROPS = ["0 dropped conflict 0 0 1", "0 dropped conflict 1 0 -1", "0 dropped conflict 2 0 1"]

CONFLICTS = {
    "the first wins": Case(
        "the direction of the first strategy; the third goes with it",
        FLAT,
        rivals(),
        ["0 conflict none -1 0 1", DROPS[1], FIRST_BUYS, THIRD_BUYS],
        options={"resolution": "FIRST_WINS"},
    ),
    "weights that balance drop all": Case(
        "0.3 - 0.5 + 0.2 = 0",
        FLAT,
        rivals(),
        ["0 conflict none -1 0", *DROPS],
        options={"resolution": "NET_SIGNAL"},
    ),
    "the heavier side wins": Case(
        "0.3 - 0.5 + 0.199999999999999999 < 0, by 10^-18",
        FLAT,
        rivals(third="0.199999999999999999"),
        ["0 conflict none -1 0 -1", DROPS[0], DROPS[2], SECOND_SELLS],
        options={"resolution": "NET_SIGNAL"},
    ),
    "all cancel": Case(
        "nobody trades",
        FLAT,
        rivals(),
        ["0 conflict none -1 0", *DROPS],
        options={"resolution": "CANCEL_BOTH"},
    ),
    "a resolver from outside keeps a side": Case(
        "it sees (strategy, direction) of all three and keeps the second",
        FLAT,
        rivals(),
        ["0 conflict none -1 0 -1", DROPS[0], DROPS[2], SECOND_SELLS],
        options={"resolution": lambda _bar, _symbol, signals: {signals[1][0]}},
    ),
    "a resolver from outside keeps both sides": Case(
        "both directions survive: the row has none",
        FLAT,
        rivals(),
        ["0 conflict none -1 0", DROPS[2], FIRST_BUYS, SECOND_SELLS],
        options={"resolution": lambda _bar, _symbol, _signals: {0, 1}},
    ),
    "an exit conflicts with an entry": Case(
        # The first is long and leaves at bar 1, where the second enters: the first wins, the entry is dropped.
        "exits count",
        ["10", "10", "10"],
        [says("EX.", weight="0.5"), says(".E.", weight="0.5")],
        [
            "1 entry strategy_signal 0 0 1 50 10 500",
            "1 conflict none -1 0 -1",
            "1 dropped conflict 1 0 1",
            "2 exit strategy_signal 0 0 -1 50 10 500",
        ],
    ),
    "a weight without direction has no part": Case(
        # At bar 1 the first asks for the half it has: no signal against the second's short.
        "a target that is met neither makes nor suffers a conflict",
        ["10", "10", "10"],
        [targets("0.5 0.5 .", weight="0.5"), says(".S.", weight="0.5")],
        ["1 entry strategy_signal 0 0 1 25 10 250", "2 entry strategy_signal 1 0 -1 50 10 500"],
    ),
    "a weight's direction is judged at the close": Case(
        # Bar 1 closes at 20: equity 250 + 25 x 20 = 750, 0.5 x 750 / 20 = 18 < 25 sells; the second buys: dropped.
        # The sleeve keeps its 25: 500 + 250. Slot of the second 500 at 20: 25.
        "the same weight sells after a rise",
        ["10", "10 20 10 20", "20"],
        [says(".E.", weight="0.5"), targets("0.5 0.5 .", weight="0.5")],
        [
            "1 entry strategy_signal 1 0 1 25 10 250",
            "1 conflict none -1 0 1",
            "1 dropped conflict 1 0 -1",
            "2 entry strategy_signal 0 0 1 25 20 500",
        ],
        ["500 500", "500 750", "500 750"],
    ),
    "symbols conflict apart": Case(
        "the second symbol has no rival; slots of 250",
        ["10|10", "10|10"],
        [says("E.", "..", weight="0.5"), says("S.", "S.", weight="0.5")],
        [
            "0 conflict none -1 0 1",
            "0 dropped conflict 1 0 -1",
            "1 entry strategy_signal 0 0 1 25 10 250",
            "1 entry strategy_signal 1 1 -1 25 10 250",
        ],
    ),
}

TWO_SLEEVES = [says("E...", weight="0.5"), says("....", weight="0.5")]
BOUGHT = "1 entry strategy_signal 0 0 1 100 10 1000"

STILL_DRIFTED = ["3 rebalance none -1 -1 0 0 0 1120", "3 expired none -1 -1"]

REBALANCES = {
    "an overweight sleeve sells and gives": Case(
        # Close of bar 2: 1600 and 1000, each should have 1300; 300 > 0.1 x 2600. Nothing is free:
        # 100 x 300 / 1600 = 18.75, 18 go at 16 for 288. All 288 move. 82 x 16 = 1312 stay.
        "sales at the next open, then the transfer",
        ["10", "10", "16", "16"],
        TWO_SLEEVES,
        [
            BOUGHT,
            "2 rebalance none -1 -1 0 0 0 2600",
            "3 exit rebalance 0 0 -1 18 16 288",
            "3 transfer none 0 -1 0 0 0 -288",
            "3 transfer none 1 -1 0 0 0 288",
        ],
        ["1000 1000", "1000 1000", "1600 1000", "1312 1288"],
        # 1000 + 108 of profit - 288; used 1000 - 180.
        {"allocated": "820 1288", "used": "820 0", "contributed": "712 1288", "cash": "0 1288", "reserve": "0"},
        capital="2000",
        options={"rebalance": Fraction(1, 10)},
    ),
    "at the close it fills at once": Case(
        "decided and filled at the close of bar 2",
        ["10", "10", "16", "16"],
        TWO_SLEEVES,
        [
            "0 entry strategy_signal 0 0 1 100 10 1000",
            "2 rebalance none -1 -1 0 0 0 2600",
            "2 exit rebalance 0 0 -1 18 16 288",
            "2 transfer none 0 -1 0 0 0 -288",
            "2 transfer none 1 -1 0 0 0 288",
        ],
        ["1000 1000", "1000 1000", "1312 1288", "1312 1288"],
        capital="2000",
        options={"rebalance": Fraction(1, 10), "fill_at": "close"},
    ),
    "a drift equal to the threshold is none": Case(
        "1500 and 1000: 250 is a tenth of 2500, not more",
        ["10", "10", "15", "15"],
        TWO_SLEEVES,
        [BOUGHT],
        capital="2000",
        options={"rebalance": Fraction(1, 10)},
    ),
    "free cash goes first": Case(
        # Half invested: 50 at 10. At 22: 500 + 1100 = 1600 against 1000, excess 300, and 500 are free: nothing is sold.
        "no sale when cash suffices",
        ["10", "10", "22", "22"],
        [targets("0.5 . . .", weight="0.5"), says("....", weight="0.5")],
        [
            "1 entry strategy_signal 0 0 1 50 10 500",
            "2 rebalance none -1 -1 0 0 0 2600",
            "3 transfer none 0 -1 0 0 0 -300",
            "3 transfer none 1 -1 0 0 0 300",
        ],
        capital="2000",
        options={"rebalance": Fraction(1, 10)},
    ),
    "the price at the fill decides what is sold": Case(
        # Excess fixed at 300. The open is 12: 100 x 300 / 1200 = 25 go for 300.
        "amounts are fixed, quantities are not",
        ["10", "10", "16", "12"],
        TWO_SLEEVES,
        [
            BOUGHT,
            "2 rebalance none -1 -1 0 0 0 2600",
            "3 exit rebalance 0 0 -1 25 12 300",
            "3 transfer none 0 -1 0 0 0 -300",
            "3 transfer none 1 -1 0 0 0 300",
        ],
        ["1000 1000", "1000 1000", "1600 1000", "900 1300"],
        capital="2000",
        # 900 and 1300 of 2200 drift by 200 < 220.
        options={"rebalance": Fraction(1, 10)},
    ),
    "the unit left goes to the first": Case(
        # 40 at 10 in the first. At 13: 520, 300, 300 of 1120; targets 448, 336, 336: excess 72, lacks 36 and 36.
        # Open 13.000001: gross 520.00004, 40 x 72 / 520.00004 = 5.5: 5 go for 65.000005, which halves to 32.5000025.
        "an odd quantum between two that lack the same",
        ["10", "10", "13", "13.000001"],
        [says("E...", weight="0.4"), says("....", weight="0.3"), says("....", weight="0.3")],
        [
            "1 entry strategy_signal 0 0 1 40 10 400",
            "2 rebalance none -1 -1 0 0 0 1120",
            "3 exit rebalance 0 0 -1 5 13.000001 65.000005",
            "3 transfer none 0 -1 0 0 0 -65.000005",
            "3 transfer none 1 -1 0 0 0 32.500003",
            "3 transfer none 2 -1 0 0 0 32.500002",
        ],
        options={"rebalance": Fraction(1, 20)},
    ),
    "the reserve gives": Case(
        # 50 at 10 of a sleeve of 500. At 5: 250 and 500 of 750, each should have 375; 125 > 75.
        "the reserve is overweight",
        ["10", "10", "5", "5"],
        [says("E...", weight="0.5")],
        [
            "1 entry strategy_signal 0 0 1 50 10 500",
            "2 rebalance none -1 -1 0 0 0 750",
            "3 transfer none 0 -1 0 0 0 125",
            "3 transfer none -1 -1 0 0 0 -125",
        ],
        ["500", "500", "250", "375"],
        {"reserve": "375", "allocated": "625", "contributed": "625"},
        options={"rebalance": Fraction(1, 10)},
    ),
    "what was given can be spent at once": Case(
        # As above; the sleeve enters the other symbol at bar 3. Slots of bar 1: 250, 25 at 10. At 2: 250 + 50 = 300 and
        # 500 of 800: targets 400, excess 100. Transfer, then allocated 600, slot 300: 30 at 10.
        "entries come after transfers",
        ["10|10", "10|10", "2|10", "2|10"],
        [says("E...", "..E.", weight="0.5")],
        [
            "1 entry strategy_signal 0 0 1 25 10 250",
            "2 rebalance none -1 -1 0 0 0 800",
            "3 transfer none 0 -1 0 0 0 100",
            "3 transfer none -1 -1 0 0 0 -100",
            "3 entry strategy_signal 0 1 1 30 10 300",
        ],
        options={"rebalance": Fraction(1, 10)},
    ),
    "a symbol without a bar sells nothing": Case(
        # Two symbols, 50 at 10 each. At 16: 1600 and 1000 as before, shortfall 300 of 1600: 50 x 300 / 1600 = 9.4 each;
        # only the first has a bar: 9 for 144.
        "each position's part is its own; no order stays behind",
        ["10|10", "10|10", "16|16", "16|-"],
        [says("E...", "E...", weight="0.5"), says("....", "....", weight="0.5")],
        [
            "1 entry strategy_signal 0 0 1 50 10 500",
            "1 entry strategy_signal 0 1 1 50 10 500",
            "2 rebalance none -1 -1 0 0 0 2600",
            "3 exit rebalance 0 0 -1 9 16 144",
            "3 transfer none 0 -1 0 0 0 -144",
            "3 transfer none 1 -1 0 0 0 144",
        ],
        capital="2000",
        options={"rebalance": Fraction(1, 10)},
    ),
    "less than a lot stays": Case(
        # One lot of 40 shares at 10 is 400 of 400. At 13: 520, 600: 0.4 x 1120 = 448, 72 too much.
        # 40 x 72 / 520 = 5.5 is no lot.
        "nothing is sold, nothing can be given",
        ["10", "10", "13", "13"],
        [says("E...", weight="0.4"), says("....", weight="0.6")],
        ["1 entry strategy_signal 0 0 1 40 10 400", "2 rebalance none -1 -1 0 0 0 1120", *STILL_DRIFTED],
        options={"rebalance": Fraction(1, 20), "lots": [40_000_000]},
    ),
    "a rebalancer from outside": Case(
        # At bar 1 it proposes 0.2 and 0.3 of 1000: the first gives 300, the second 200, the reserve gets 500.
        "on its schedule, to its own weights",
        ["10", "10", "10"],
        [says("...", weight="0.5"), says("...", weight="0.5")],
        [
            "1 rebalance none -1 -1 0 0 0 1000",
            "2 transfer none 0 -1 0 0 0 -300",
            "2 transfer none 1 -1 0 0 0 -200",
            "2 transfer none -1 -1 0 0 0 500",
        ],
        options={
            "rebalance": Rebalance(
                propose=lambda _bar, _equities, _reserve: [Fraction(1, 5), Fraction(3, 10)],
                scheduled=[False, True, False],
            )
        },
    ),
    "a rebalance of the last bar expires": Case(
        "there is no next open",
        ["10", "10", "16"],
        [says("E..", weight="0.5"), says("...", weight="0.5")],
        [BOUGHT, "2 rebalance none -1 -1 0 0 0 2600", "2 expired none -1 -1"],
        capital="2000",
        options={"rebalance": Fraction(1, 10)},
    ),
    "a quarantined sleeve takes no part": Case(
        # Alone with the reserve: 500 and 0, weight 0.5 of 500 is 250: 250 go to the reserve.
        "its weight counts as the reserve's and its equity not at all",
        ["10", "10"],
        [says("..", weight="0.5", quarantine_at=0), says("..", weight="0.5")],
        [
            "0 quarantine none 0 -1 0 0 0 500",
            "0 rebalance none -1 -1 0 0 0 500",
            "1 transfer none 1 -1 0 0 0 -250",
            "1 transfer none -1 -1 0 0 0 250",
        ],
        options={"rebalance": Fraction(1, 10)},
    ),
}

SWEEPS = {
    "gains go to the reserve": Case(
        # 100 at 10, out at 12: 200 swept. In again at 10, out at 9: allocated 900. 100 at 9, out at 9.5: 950,
        # still below 1000.
        "only what is above the contribution",
        ["10", "10", "12", "10", "9", "9", "9.5"],
        [says("EXEXEX.")],
        [
            "1 entry strategy_signal 0 0 1 100 10 1000",
            "2 exit strategy_signal 0 0 -1 100 12 1200",
            "2 sweep none 0 -1 0 0 0 200",
            "3 entry strategy_signal 0 0 1 100 10 1000",
            "4 exit strategy_signal 0 0 -1 100 9 900",
            "5 entry strategy_signal 0 0 1 100 9 900",
            "6 exit strategy_signal 0 0 -1 100 9.5 950",
        ],
        ["1000", "1000", "1000", "1000", "900", "900", "950"],
        {"reserve": "200", "contributed": "1000", "allocated": "950"},
        options={"profit_policy": "sweep"},
    ),
    "the end of the data sweeps too": Case(
        "closing at 12 leaves 200 to the reserve before the last record",
        ["10", "10", "12"],
        [says("E..")],
        [
            "1 entry strategy_signal 0 0 1 100 10 1000",
            "2 exit end_of_data 0 0 -1 100 12 1200",
            "2 sweep none 0 -1 0 0 0 200",
        ],
        ["1000", "1000", "1000"],
        {"reserve": "200"},
        options={"profit_policy": "sweep", "close_at_end": True},
    ),
}


@pytest.mark.parametrize("case", CONFLICTS.values(), ids=CONFLICTS)
def test_conflicts(case: Case) -> None:
    """What survives a conflict is what was worked out."""
    check_case(case)


@pytest.mark.parametrize("case", REBALANCES.values(), ids=REBALANCES)
def test_rebalances(case: Case) -> None:
    """Sales and transfers are what was worked out."""
    check_case(case)


@pytest.mark.parametrize("case", SWEEPS.values(), ids=SWEEPS)
def test_sweeps(case: Case) -> None:
    """Profits are swept as was worked out."""
    check_case(case)


def test_conflicts_are_counted_by_symbol_and_bar() -> None:
    """Two symbols in conflict at one bar are two."""
    case = Case("", ["10|10", "10|10"], [says("E.", "S.", weight="0.5"), says("S.", "E.", weight="0.5")], [])
    assert simulate(world_of(case)).conflicts_detected == 2


def test_a_rounding_of_targets_takes_nothing_from_an_empty_reserve() -> None:
    """Targets that round up to one quantum more than there is leave the reserve's at -1, which gives nothing."""
    # 999.999999 in all after a commission of one quantum: 0.5 x 999999999 = 499999999.5, to the even 500000000, twice.
    case = Case(
        "",
        ["10", "10", "10"],
        [says("E..", weight="0.5"), says("...", weight="0.5")],
        [],
        options={"rebalance": Fraction(0), "commission_per_trade": 1},
    )
    outcome = simulate(world_of(case))
    # 49 at 10 and one quantum: 500 - 0.000001. It lacks one quantum; nobody has one to give.
    assert equity_text(outcome) == ["500 500", "499.999999 500", "499.999999 500"]
    assert told(outcome) == [
        "1 entry strategy_signal 0 0 1 49 10 490 0.000001",
        "1 rebalance none -1 -1 0 0 0 999.999999",
        "2 rebalance none -1 -1 0 0 0 999.999999",
        "2 expired none -1 -1",
    ]
