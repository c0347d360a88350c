"""Books that were tampered with are found out at the end of the bar, with both sides of what does not add up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.kernel.status import BROKEN, Status
from tests.reference.cases import Case, says, units, world_of
from tests.unit.kernel.runs import KernelRun

# 400 of 1000 are the reserve. At 10 the sleeve buys 60, for all it has.
WORLD = world_of(Case("", ["10", "10", "10", "10"], [says("E...", weight="0.6")], []))


def take_from_the_market(books: at.Books) -> None:
    """Forget a quantum that was paid."""
    books.run["paid_away"] -= 1


def spend_twice(books: at.Books) -> None:
    """Use a quantum more than is allocated, as if it had been paid."""
    books.sleeves["used"] += 1
    books.sleeves["cash"] -= 1
    books.run["paid_away"] += 1


def find_cash(books: at.Books) -> None:
    """Give the sleeve a quantum of the reserve without a transfer."""
    books.sleeves["cash"] += 1
    books.run["reserve"] -= 1


def borrow_from_nobody(books: at.Books) -> None:
    """Give the sleeve more than the reserve has."""
    for ledger, column in ((books.sleeves, "cash"), (books.sleeves, "allocated"), (books.strategies, "contributed")):
        ledger[column] += units("400.000001")
    books.run["reserve"] -= units("400.000001")


TAMPERINGS = {
    # what is wrong, whose it is, what was found, what was expected
    take_from_the_market: (Status.MONEY_NOT_CONSERVED, -1, "999.999999", "1000"),
    spend_twice: (Status.OVERSPENT, 0, "600.000001", "600"),
    find_cash: (Status.CASH_APART, 0, "0.000001", "0"),
    borrow_from_nobody: (Status.RESERVE_NEGATIVE, -1, "-0.000001", "0"),
}


@pytest.mark.parametrize(("tamper", "expected"), TAMPERINGS.items(), ids=[each.__name__ for each in TAMPERINGS])
def test_tampering_is_found_out(tamper: Callable[[at.Books], None], expected: tuple[Status, int, str, str]) -> None:
    """The run stops at the bar that ends with wrong books."""

    def pause(books: at.Books) -> at.Books:
        if books.run["bar"] == 2:
            tamper(books)
        return books

    status, books = KernelRun(WORLD, chunk=1, pause=pause).go()
    found = list(books.run[["bar", "fault", "at_strategy", "at_symbol", "at_price", "at_amount"]][0].item())
    assert status == expected[0]
    assert found == [2, status, expected[1], -1, units(expected[2]), units(expected[3])]


def test_every_broken_promise_is_tried() -> None:
    """No status of ours lacks its test."""
    assert {status for status, *_ in TAMPERINGS.values()} == BROKEN.keys()


def test_the_first_fault_is_the_one_that_is_told() -> None:
    """Books that were wrong when an amount did not fit are not blamed for it."""
    world = world_of(Case("", ["1", "1", "9000000000000"], [says("E..")], []))

    def pause(books: at.Books) -> at.Books:
        if books.run["bar"] == 2:
            take_from_the_market(books)
        return books

    status, _ = KernelRun(world, chunk=1, pause=pause).go()
    assert status == Status.OVERFLOW
