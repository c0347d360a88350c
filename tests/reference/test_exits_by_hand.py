"""Protective exits, holding limits, ruin and quarantine, worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.reference.cases import Case, check_case, says, targets, told, world_of
from tests.reference.simulator import simulate

ENTRY = "1 entry strategy_signal 0 0 1 100 10 1000"
SHORT = "1 entry strategy_signal 0 0 -1 100 10 1000"
CLOSE_ENTRY = "0 entry strategy_signal 0 0 1 100 10 1000"
CLOSE = {"fill_at": "close"}
SLIP = {"slippage_pct": Fraction("0.01")}

# Everyone here enters 100 at 10 with all of 1000, unless the case says otherwise.
PROTECTION = {
    "a gap past the stop fills at the open": Case(
        "stop 9, open 8.5",
        ["10", "10", "8.5 9.5 8 9"],
        [says("E..", stop_loss="0.1")],
        [ENTRY, "2 exit stop_loss 0 0 -1 100 8.5 850"],
        ["1000", "1000", "850"],
    ),
    "a touched stop fills at its level": Case(
        "stop 9, low 9",
        ["10", "10", "10 10 9 10"],
        [says("E..", stop_loss="0.1")],
        [ENTRY, "2 exit stop_loss 0 0 -1 100 9 900"],
    ),
    "a stop one quantum away holds": Case(
        "stop 9, low 9.000001",
        ["10", "10", "10 10 9.000001 10"],
        [says("E..", stop_loss="0.1")],
        [ENTRY],
    ),
    "stops slip": Case(
        # In at 10.1: 99 for 999.9. Stop 9.09, low 9: out at 9.09 x 0.99 = 8.9991, 890.9109.
        "one per cent of slippage on both fills; the level comes from the fill price",
        ["10", "10", "10 10 9 9.5"],
        [says("E..", stop_loss="0.1")],
        ["1 entry strategy_signal 0 0 1 99 10.1 999.9", "2 exit stop_loss 0 0 -1 99 8.9991 890.9109"],
        ["1000", "990.1", "891.0109"],
        options=SLIP,
    ),
    "a stop that slips by a gap": Case(
        # Stop 9.09; open 9: 9 x 0.99 = 8.91, 882.09.
        "the open is the reference of a gap, and slips",
        ["10", "10", "9"],
        [says("E..", stop_loss="0.1")],
        ["1 entry strategy_signal 0 0 1 99 10.1 999.9", "2 exit stop_loss 0 0 -1 99 8.91 882.09"],
        options=SLIP,
    ),
    "targets do not slip": Case(
        # Target 10.1 x 1.1 = 11.11: 99 x 11.11 = 1099.89.
        "the target is touched, one per cent of slippage",
        ["10", "10", "10 11.11 10 10"],
        [says("E..", take_profit="0.1")],
        ["1 entry strategy_signal 0 0 1 99 10.1 999.9", "2 exit take_profit 0 0 -1 99 11.11 1099.89"],
        options=SLIP,
    ),
    "a gap past the target fills at the open": Case(
        "target 11, open 12; no slippage either",
        ["10", "10", "12"],
        [says("E..", take_profit="0.1")],
        ["1 entry strategy_signal 0 0 1 99 10.1 999.9", "2 exit take_profit 0 0 -1 99 12 1188"],
        options=SLIP,
    ),
    "the stop wins inside one bar": Case(
        "stop 9 and target 11 are both touched",
        ["10", "10", "10 11 9 10"],
        [says("E..", stop_loss="0.1", take_profit="0.1")],
        [ENTRY, "2 exit stop_loss 0 0 -1 100 9 900"],
    ),
    "the open is looked at before the bar": Case(
        "opened past the target, though the low passed the stop later",
        ["10", "10", "11.5 12 8 9"],
        [says("E..", stop_loss="0.1", take_profit="0.1")],
        [ENTRY, "2 exit take_profit 0 0 -1 100 11.5 1150"],
    ),
    "an open at the target is past it": Case(
        "opened at 11, the target, and fell through the stop later",
        ["10", "10", "11 11 8 9"],
        [says("E..", stop_loss="0.1", take_profit="0.1")],
        [ENTRY, "2 exit take_profit 0 0 -1 100 11 1100"],
    ),
    "the bar of the entry protects": Case(
        "in at the open of bar 1, whose low is 9",
        ["10", "10 10 9 10"],
        [says("E.", stop_loss="0.1")],
        [ENTRY, "1 exit stop_loss 0 0 -1 100 9 900"],
        ["1000", "900"],
    ),
    "an entry at the close is protected from the next bar": Case(
        "the low of bar 0 came before the entry",
        ["10 10 5 10", "10 10 9 10"],
        [says("E.", stop_loss="0.1")],
        [CLOSE_ENTRY, "1 exit stop_loss 0 0 -1 100 9 900"],
        options=CLOSE,
    ),
    "a trailing stop follows the bars before": Case(
        # Bar 1 looks at 9 (from 10), bar 2 at 10.8 (from 12), bar 3 at 11.7 (from 13): low 11.5.
        "ten per cent below the best price so far",
        ["10", "10 12 10 12", "12 13 11 12", "12 12 11.5 12"],
        [says("E...", trailing_stop="0.1")],
        [ENTRY, "3 exit trailing_stop 0 0 -1 100 11.7 1170"],
        ["1000", "1200", "1200", "1170"],
    ),
    "an entry at the close trails from its price": Case(
        # The high of 20 came before the entry: the level is 9, not 18.
        "the entry bar's high never counts",
        ["10 20 10 10", "10 10 9.5 10", "10 10 9 9"],
        [says("E..", trailing_stop="0.1")],
        [CLOSE_ENTRY, "2 exit trailing_stop 0 0 -1 100 9 900"],
        options=CLOSE,
    ),
    "equal levels are the stop's": Case(
        "both at 9",
        ["10", "10 10 9 9"],
        [says("E.", stop_loss="0.1", trailing_stop="0.1")],
        [ENTRY, "1 exit stop_loss 0 0 -1 100 9 900"],
    ),
    "the nearer of stop and trail acts": Case(
        # Best 12 after bar 1: trail 12 x 0.8 = 9.6 above the stop at 9.
        "a wide trail has passed the stop",
        ["10", "10 12 10 12", "12 12 9 10"],
        [says("E..", stop_loss="0.1", trailing_stop="0.2")],
        [ENTRY, "2 exit trailing_stop 0 0 -1 100 9.6 960"],
    ),
    "a short is stopped above": Case(
        # Cash 2000 after the entry, 1100 to cover.
        "short at 10, stop 11, high 11",
        ["10", "10", "10 11 10 10"],
        [says("S..", stop_loss="0.1")],
        [SHORT, "2 exit stop_loss 0 0 1 100 11 1100"],
        ["1000", "1000", "900"],
    ),
    "a short takes its profit below": Case(
        "short at 10, target 9, low 8.5",
        ["10", "10", "10 10 8.5 9"],
        [says("S..", take_profit="0.1")],
        [SHORT, "2 exit take_profit 0 0 1 100 9 900"],
    ),
    "a short trails from below": Case(
        # Lowest 8 after bar 1: 8 x 1.1 = 8.8.
        "short at 10, best 8",
        ["10", "10 10 8 8", "8 9 8 9"],
        [says("S..", trailing_stop="0.1")],
        [SHORT, "2 exit trailing_stop 0 0 1 100 8.8 880"],
    ),
    "levels are rounded half-even": Case(
        # 0.000025 x 0.9 = 22.5 quanta: the level is 22, and a low of 23 does not touch it.
        # 1000 / 0.000025 = 40 000 000 shares, at 22 quanta 880.
        "the halves of a quantum",
        ["0.000025", "0.000025 0.000025 0.000023 0.000025", "0.000025 0.000025 0.000022 0.000025"],
        [says("E..", stop_loss="0.1")],
        ["1 entry strategy_signal 0 0 1 40000000 0.000025 1000", "2 exit stop_loss 0 0 -1 40000000 0.000022 880"],
    ),
    "added quantity moves the level": Case(
        # 50 at 10, 28 more at 14 (equity 1200, 0.92 x 1200 / 14 = 78.9: 28 more, 392). Average 892 / 78 = 11.435897.
        # Stop 0.9 x 11.435897 = 10.2923073: 10.292307. 78 x 10.292307 = 802.799946.
        "the stop stands below the average price",
        ["10", "10", "14", "14 14 10 11"],
        [targets("0.5 0.92 . .", stop_loss="0.1")],
        [
            "1 entry strategy_signal 0 0 1 50 10 500",
            "2 entry strategy_signal 0 0 1 28 14 392",
            "3 exit stop_loss 0 0 -1 78 10.292307 802.799946",
        ],
    ),
}

HOLDING = {
    "held for two bars": Case(
        # In at bar 1: one bar at its close, two at the close of bar 2; out at the open of bar 3.
        "max_holding_bars 2 at next opens",
        ["10", "10", "11", "12"],
        [says("E...", max_holding_bars=2)],
        [ENTRY, "3 exit max_holding 0 0 -1 100 12 1200"],
    ),
    "held for two closes": Case(
        "in at the close of bar 0, out at that of bar 2",
        ["10", "10", "11", "12"],
        [says("E...", max_holding_bars=2)],
        [CLOSE_ENTRY, "2 exit max_holding 0 0 -1 100 11 1100"],
        options=CLOSE,
    ),
    "bars without the symbol count": Case(
        # Held 1, 2 at the closes of bars 1 and 2; the exit waits for bar 3.
        "the limit is reached where the symbol has no bar",
        ["10", "10", "-", "12"],
        [says("E...", max_holding_bars=2)],
        [ENTRY, "3 exit max_holding 0 0 -1 100 12 1200"],
    ),
    "a weight gives way to the limit": Case(
        # At the close of bar 1 the strategy asks for a half, and the limit of one bar ends the position.
        "a target weight of the same bar is dropped",
        ["10", "10", "10"],
        [targets("1 0.5 .", max_holding_bars=1)],
        [ENTRY, "1 dropped max_holding 0 0", "2 exit max_holding 0 0 -1 100 10 1000"],
    ),
    "a reversal stands over the limit": Case(
        "the strategy's own reversal is what fills",
        ["10", "10", "10"],
        [says("ES.", max_holding_bars=1)],
        [
            ENTRY,
            "2 exit strategy_signal 0 0 -1 100 10 1000",
            "2 entry strategy_signal 0 0 -1 100 10 1000",
            # The new short was held for one bar at the close of bar 2, the last.
            "2 expired none 0 0",
        ],
    ),
    "no resolver holds up the limit": Case(
        # Bar 1: the first strategy buys, the second wants out and loses, but it has held for its one bar.
        "an exit lost in a conflict happens all the same",
        ["10", "10", "10"],
        [says(".E.", weight="0.5"), says("EX.", weight="0.5", max_holding_bars=1)],
        [
            "1 entry strategy_signal 1 0 1 50 10 500",
            "1 conflict none -1 0 1",
            "1 dropped conflict 1 0 -1",
            "2 exit max_holding 1 0 -1 50 10 500",
            "2 entry strategy_signal 0 0 1 50 10 500",
        ],
    ),
    "a stop overtakes a waiting exit": Case(
        # The limit is reached at bar 1, which has no bar; bar 2 opens at 8, past the stop at 9.
        "at closes: the protective exit comes first and the order is dropped",
        ["10", "-", "8"],
        [says("E..", max_holding_bars=1, stop_loss="0.1")],
        [CLOSE_ENTRY, "2 exit stop_loss 0 0 -1 100 8 800", "2 dropped protective_exit 0 0"],
        options=CLOSE,
    ),
    "the strategy's exit replaces a waiting one": Case(
        "at closes: the exit of bar 2 is its own, and nothing is dropped",
        ["10", "-", "11"],
        [says("E.X", max_holding_bars=1)],
        [CLOSE_ENTRY, "2 exit strategy_signal 0 0 -1 100 11 1100"],
        options=CLOSE,
    ),
    "a weight cannot replace a waiting exit": Case(
        "at closes: the weight of bar 2 is dropped",
        ["10", "-", "11"],
        [targets("1 . 0.5", max_holding_bars=1)],
        [CLOSE_ENTRY, "2 dropped max_holding 0 0", "2 exit max_holding 0 0 -1 100 11 1100"],
        options=CLOSE,
    ),
}

ENDINGS = {
    "a short ruins its sleeve": Case(
        # 2000 - 100 x 25 = -500. Covered at 25; the entries of bars 2 and 3 are not heard, the debt stays.
        "equity below zero",
        ["10", "10", "25", "25", "10"],
        [says("S.EE.")],
        [SHORT, "2 ruin none 0 -1 0 0 0 -500", "3 exit ruin 0 0 1 100 25 2500"],
        ["1000", "1000", "-500", "-500", "-500"],
        {"cash": "-500", "allocated": "-500", "used": "0"},
    ),
    "a target of nothing": Case(
        # Bar 1 closes at 10: equity 1000. At the open of bar 2 it is 2000 - 2500 < 0: target 0.
        "a sleeve that is worth nothing at the fill closes",
        ["10", "10", "25", "25"],
        [targets("-1 -0.5 . .")],
        [SHORT, "2 exit strategy_signal 0 0 1 100 25 2500", "2 ruin none 0 -1 0 0 0 -500"],
    ),
    "ruin is zero too, and once": Case(
        # 2000 - 100 x 20 = 0; there is no bar to cover at, and zero again at bar 3.
        "equity of exactly zero",
        ["10", "10", "20", "-"],
        [says("S...")],
        [SHORT, "2 ruin none 0 -1", "3 expired none 0 0"],
        ["1000", "1000", "0", "0"],
    ),
    "ruin drops what waits": Case(
        # Two symbols, 500 each: 50 short of the first. At 30 equity is 1500 - 1500 = 0; the entry of the second waits.
        "a waiting entry goes with the sleeve",
        ["10|10", "10|-", "30|-", "30|10"],
        [says("S...", "E...")],
        [
            "1 entry strategy_signal 0 0 -1 50 10 500",
            "2 ruin none 0 -1",
            "2 dropped ruin 0 1 1",
            "3 exit ruin 0 0 1 50 30 1500",
        ],
    ),
    "ruin at the close covers at that close": Case(
        "with fill_at close the order of the mark fills in the same bar",
        ["10", "25"],
        [says("S.")],
        ["0 entry strategy_signal 0 0 -1 100 10 1000", "1 ruin none 0 -1 0 0 0 -500", "1 exit ruin 0 0 1 100 25 2500"],
        options=CLOSE,
    ),
    "a quarantine closes and silences": Case(
        # Commanded at bar 2: the exit of that bar is not heard, the position goes at the open of bar 3 for 1200.
        "nothing of the bar of the quarantine counts",
        ["10", "10", "11", "12", "12"],
        [says("E.XEE", quarantine_at=2)],
        [ENTRY, "2 quarantine none 0 -1 0 0 0 1100", "3 exit quarantine 0 0 -1 100 12 1200"],
        ["1000", "1000", "1100", "1200", "1200"],
    ),
    "a quarantine drops what waits": Case(
        "the entry waits for its symbol until the quarantine of bar 2",
        ["10", "-", "-", "10"],
        [says("E...", quarantine_at=2)],
        ["2 quarantine none 0 -1 0 0 0 1000", "2 dropped quarantine 0 0 1"],
    ),
    "nothing is left at the end": Case(
        # Expiry comes before the closing trade: an exit of the last bar is not that of the strategy.
        "the exit decided at the last bar expires, then the data ends",
        ["10", "10", "11"],
        [says("E.X")],
        [ENTRY, "2 expired none 0 0 -1", "2 exit end_of_data 0 0 -1 100 11 1100"],
        ["1000", "1000", "1100"],
        options={"close_at_end": True},
    ),
}


@pytest.mark.parametrize("case", PROTECTION.values(), ids=PROTECTION)
def test_protective_exits(case: Case) -> None:
    """Stops, targets and trails act at the level and in the order that was worked out."""
    check_case(case)


@pytest.mark.parametrize("case", HOLDING.values(), ids=HOLDING)
def test_holding_limit(case: Case) -> None:
    """A position ends after its number of bars, whatever else was decided."""
    check_case(case)


@pytest.mark.parametrize("case", ENDINGS.values(), ids=ENDINGS)
def test_endings(case: Case) -> None:
    """Ruin, quarantine and the end of the data end what they must."""
    check_case(case)


def test_signals_are_told_before_they_are_resolved() -> None:
    """Entry, reversal and exit have their words and the way their orders trade."""
    outcome = simulate(world_of(Case("", ["10"] * 4, [says("ESC.")], [])))
    assert told(outcome, signals=True) == ["0 signal enter 0 0 1", "1 signal reverse 0 0 -1", "2 signal exit 0 0 1"]
