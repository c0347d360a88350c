"""Books that were tampered with are found out at the end of the bar, with both sides of what does not add up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from strategy_orchestrator.kernel import closing, layout as at
from strategy_orchestrator.kernel.status import BROKEN, Status
from tests.reference.cases import Case, says, units, world_of
from tests.unit.kernel import runs
from tests.unit.kernel.runs import KernelRun, market_of

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


@pytest.mark.parametrize(
    ("field", "price", "nearest"), [("high", "9", "9"), ("low", "11", "11")], ids=["above the bar", "below the bar"]
)
def test_a_fill_outside_its_bar_is_found_out(
    field: str, price: str, nearest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fill at the open has to lie within low and high, which no panel breaks."""
    market = market_of(WORLD)
    getattr(market, field)[1] = units(price)
    monkeypatch.setattr(runs, "market_of", lambda _: market)
    status, books = KernelRun(WORLD).go()
    found = list(books.run[["bar", "at_strategy", "at_symbol", "at_price", "at_amount"]][0].item())
    assert (status, found) == (Status.FILL_OUTSIDE_BAR, [1, 0, 0, units("10"), units(nearest)])


def test_a_close_that_is_not_known_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is closed at the end without a bar of its own has to be closed at the last known close."""
    prices = ["10|10", "10|10", "10|10", "-|10"]
    world = world_of(Case("", prices, [says("E...", "....", weight="0.6")], [], options={"close_at_end": True}))
    leave = vars(closing)["leave"]

    def leave_dearer(books: at.Books, market: at.Market, *rest: int) -> None:
        bar, strategy, symbol, quantity, price, *more = rest
        leave(books, market, bar, strategy, symbol, quantity, price + 1, *more)

    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    monkeypatch.setattr(closing, "leave", leave_dearer)
    status, books = KernelRun(world).go()
    found = list(books.run[["bar", "at_price", "at_amount"]][0].item())
    assert (status, found) == (Status.FILL_OUTSIDE_BAR, [3, units("10.000001"), units("10")])


def test_time_runs_forward() -> None:
    """A position cannot be left before the bar of its entry."""

    def pause(books: at.Books) -> at.Books:
        books.cells["entry_bar"] = 9
        return books

    world = world_of(Case("", ["10", "10", "10", "10"], [says("E.X.")], []))
    status, books = KernelRun(world, chunk=2, pause=pause).go()
    found = list(books.run[["bar", "at_strategy", "at_symbol"]][0].item())
    assert (status, found) == (Status.LEFT_BEFORE_ENTERED, [3, 0, 0])


def test_every_broken_promise_is_tried() -> None:
    """No status of ours lacks its test."""
    at_fills = {Status.FILL_OUTSIDE_BAR, Status.LEFT_BEFORE_ENTERED}
    assert {status for status, *_ in TAMPERINGS.values()} | at_fills == BROKEN.keys()


def test_the_first_fault_is_the_one_that_is_told() -> None:
    """Books that were wrong when an amount did not fit are not blamed for it."""
    world = world_of(Case("", ["1", "1", "9000000000000"], [says("E..")], []))

    def pause(books: at.Books) -> at.Books:
        if books.run["bar"] == 2:
            take_from_the_market(books)
        return books

    status, _ = KernelRun(world, chunk=1, pause=pause).go()
    assert status == Status.OVERFLOW
