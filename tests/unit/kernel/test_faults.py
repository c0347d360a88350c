"""Amounts beyond 64 bits and prices below one quantum end a run, and whose they were is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest

from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.kernel.status import BROKEN, FAULTS, Status
from strategy_orchestrator.money import LIMIT
from tests.reference.cases import Case, says, targets, world_of
from tests.reference.world import StrategySpec
from tests.unit.kernel.runs import QUESTIONS, KernelRun

MOST = "9000000000000"  # 2⁶³ quanta are 9.22 × 10¹²
HALF = "5000000000000"
MILLION = "1000000"
LOTS_OF_A_QUANTUM = {"lots": [1]}


@dataclass(frozen=True, slots=True)
class Refused:
    """A world that cannot go on.

    Attributes
    ----------
    place : tuple of int
        Bar, strategy and symbol that are blamed; -1 for none.
    """

    prices: Sequence[str]
    strategies: Sequence[StrategySpec]
    place: tuple[int, int, int]
    capital: str = MILLION
    options: dict[str, Any] = field(default_factory=dict)


def slips(text: str, **more: Any) -> dict[str, Any]:
    """Return options with slippage."""
    return {"slippage_pct": Fraction(text), **more}


OVERFLOWS = {
    "the price of an entry, by slippage": Refused(["1", MOST], [says("E.")], (1, 0, 0), options=slips("0.5")),
    "the price of an exit, by slippage": Refused(
        ["1", "1", "1", f"{MOST} {MOST} 1 1"],
        [says("S.C.")],
        (3, 0, 0),
        "10",
        slips("0.1"),
    ),
    "a quantity": Refused(["0.000001"] * 2, [says("E.")], (1, 0, 0), MOST, LOTS_OF_A_QUANTUM),
    "a quantity that a weight asks for, at the decision": Refused(
        ["0.000001"] * 2, [targets("1 .")], (0, 0, 0), MOST, LOTS_OF_A_QUANTUM
    ),
    "a quantity that a weight asks for, at the fill": Refused(
        ["10", "0.000001"], [targets("1 .")], (1, 0, 0), MOST, LOTS_OF_A_QUANTUM
    ),
    "the cash of a short": Refused(["10", "10"], [says("S.")], (1, 0, 0), MOST),
    "a value at the mark": Refused(["1", "1", MOST], [says("E..")], (2, 0, 0)),
    "the sum of values at the mark": Refused(["1|1", "1|1", "10000000|10000000"], [says("E..", "E..")], (2, 0, -1)),
    "a value at a fill": Refused(["1", "1", f"{MOST} {MOST} 1 1"], [targets("1 0.5 .")], (2, 0, 0)),
    "the sum of values at a fill": Refused(
        ["1|1", "1|1", "10000000 10000000 1 1|10000000 10000000 1 1"], [targets("0.5 0.1 .", "0.5 0.1 .")], (2, 0, -1)
    ),
    "what an exit brings": Refused(["1", "1", f"{MOST} {MOST} 1 1"], [says("EX.")], (2, 0, 0)),
    "the commission of an exit": Refused(
        # 4 x 10^12 to enter 10^12; 8 x 10^12 x 0.9 and 4 x 10^12 to leave.
        ["1", "1", "8"],
        [says("EX.")],
        (2, 0, 0),
        "6000000000000",
        {"commission_per_trade": 4 * 10**18, "commission_pct": Fraction(9, 10)},
    ),
    "the level of a target": Refused(
        [MOST, MOST], [says("E.", take_profit="0.1")], (1, 0, 0), "100000000", LOTS_OF_A_QUANTUM
    ),
    "a trailing level": Refused(
        [MOST, MOST], [says("S.", trailing_stop="0.1")], (1, 0, 0), "100000000", LOTS_OF_A_QUANTUM
    ),
    "the whole, at the end of a bar": Refused(
        ["1", "1", "10000000"], [says("E..", weight="0.5"), says("E..", weight="0.5")], (2, -1, -1)
    ),
    "the whole, at a rebalance": Refused(
        ["1", "1", "10000000"],
        [says("E..", weight="0.5"), says("E..", weight="0.5")],
        (2, -1, -1),
        options={"rebalance": Fraction(1, 2)},
    ),
    "the sum of what could be sold": Refused(
        # At bar 1 the first sleeve has 0.2 + 0.9 of 1.1 x 10^6; its weight is 0.1.
        ["1|1", "1|1", "10|10", "100000000 100000000 1 1|100000000 100000000 1 1"],
        [says("E...", "E...", weight="0.1"), says("....", "....", weight="0.9")],
        (3, 0, -1),
        options={"rebalance": Fraction(1, 10)},
    ),
}

NOTHINGS = {
    "of a short entry": Refused(["0.000001"] * 2, [says("S.")], (1, 0, 0), "1", slips("0.6")),
    "of an exit": Refused(["0.000001"] * 3, [says("EX.")], (2, 0, 0), "1", slips("0.6")),
    "of a closing trade": Refused(
        ["0.000001"] * 2, [says("E.")], (1, 0, 0), "1", slips("0.6", close_at_end=True)
    ),
    "of a stop": Refused(
        ["0.000001"] * 2, [says("E.", stop_loss="0.5")], (1, 0, 0), "1", slips("0.6")
    ),
}  # fmt: skip


def check(refused: Refused, status: Status) -> None:
    """Run a world and look at what is blamed, and that another call changes nothing."""
    case = Case("", refused.prices, refused.strategies, [], capital=refused.capital, options=refused.options)
    found, books = KernelRun(world_of(case)).go()
    place = books.run[["bar", "at_strategy", "at_symbol"]][0].item()
    assert (found, place) == (status, refused.place)


@pytest.mark.parametrize("refused", OVERFLOWS.values(), ids=OVERFLOWS)
def test_what_does_not_fit_is_refused(refused: Refused) -> None:
    """No amount wraps: the run ends at the bar and cell where one would."""
    check(refused, Status.OVERFLOW)


@pytest.mark.parametrize("refused", NOTHINGS.values(), ids=NOTHINGS)
def test_a_price_below_one_quantum_is_refused(refused: Refused) -> None:
    """Slippage that leaves nothing of a price ends the run."""
    check(refused, Status.PRICE_BELOW_QUANTUM)


def test_transfers_that_do_not_fit_are_refused() -> None:
    """What is lacking can only come to too much when somebody has tampered with it; even then nothing wraps."""
    world = world_of(Case("", ["10"] * 4, [says("....", weight="0.5")], [], options={"rebalance": Fraction(0)}))

    def tamper(books: at.Books) -> at.Books:
        if books.run["bar"] == 2:
            books.run["is_pending"] = 1
            books.run["reserve_lack"] = books.strategies["lack"] = LIMIT
        return books

    status, books = KernelRun(world, chunk=1, pause=tamper).go()
    assert (status, *books.run[["at_strategy", "at_symbol"]][0].item()) == (Status.OVERFLOW, -1, -1)


def test_nearly_all_that_fits_is_exact() -> None:
    """9 × 10¹² at work to the last unit is no fault."""
    case = Case("", ["3", "3", "3"], [says("EX.")], [], capital="9000000000000.000001")
    status, books = KernelRun(world_of(case)).go()
    assert status == Status.DONE
    assert books.sleeves["cash"].tolist() == [9 * 10**18 + 1]


def test_every_status_has_its_words() -> None:
    """A status is a question, an end, or something with a sentence for the user."""
    told = {Status.RUNNING, Status.DONE} | QUESTIONS | FAULTS.keys() | BROKEN.keys()
    assert told == set(Status)
