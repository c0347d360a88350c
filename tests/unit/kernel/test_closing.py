"""Marks and records at the edge of what a ledger holds, and debts of one quantum."""

from __future__ import annotations

import numpy as np
import pytest

from strategy_orchestrator.kernel import layout as at, making
from strategy_orchestrator.kernel.books import blame_us
from strategy_orchestrator.kernel.closing import end_if_ruined, mark_all, record
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.money import LIMIT, SCALE
from tests.reference.cases import Case, says, units, world_of
from tests.unit.kernel.runs import KernelRun


def holding(n_symbols: int, close: int) -> at.Books:
    """Return the books of one strategy that holds one share of the last symbol, all of whose lots are whole."""
    books = making.new_books(1, n_symbols)
    books.run["whole_lots"], books.run["most_held"], books.run["highest_close"] = 1, 1, close
    books.closes[-1] = close
    books.sleeves["n_open"], books.held[0, -1] = 1, 1
    books.cells["side"][0, -1], books.cells["quantity"][0, -1] = 1, SCALE
    return books


@pytest.mark.parametrize("n_symbols", [1, 40], ids=["every symbol is looked at", "a list is followed"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_mark_is_cash_and_what_is_held(n_symbols: int, side: int) -> None:
    """Equity has the sign of the side, gross has none; the way that leads there does not matter."""
    books = holding(n_symbols, 7 * SCALE)
    books.sleeves["cash"], books.held[0, -1] = 100 * SCALE, side
    assert mark_all(books) == Status.RUNNING
    assert books.sleeves[["equity", "gross"]][0].item() == ((100 + 7 * side) * SCALE, 7 * SCALE)


@pytest.mark.parametrize(("cash", "status"), [(LIMIT - 5, Status.RUNNING), (LIMIT - 4, Status.OVERFLOW)])
def test_equity_that_does_not_fit_is_the_fault_of_its_sleeve(cash: int, status: Status) -> None:
    """Where no position can overflow, cash and positions together still can."""
    books = holding(1, 5)
    books.sleeves["cash"] = cash
    assert mark_all(books) == status
    if status == Status.OVERFLOW:
        assert books.run[["at_strategy", "at_symbol"]][0].item() == (0, -1)


@pytest.mark.parametrize(("close", "ruins"), [(5, 0), (6, 1)])
def test_worth_nothing_is_ruin(close: int, ruins: int) -> None:
    """A sleeve is worth nothing from zero down; one quantum is something."""
    books = holding(1, close)
    books.held[0, 0], books.sleeves["cash"] = -1, 6
    mark_all(books)
    assert books.run["ruins"] == ruins


def test_only_who_is_worth_nothing_is_ruined() -> None:
    """Where one sleeve is ruined, one that is left with a quantum is not."""
    books = making.new_books(2, 1)
    books.sleeves["equity"] = [1, 0]
    for strategy in range(2):
        end_if_ruined(books, 0, strategy)
    assert books.strategies["standing"].tolist() == [at.ACTIVE, at.RUINED]


@pytest.mark.parametrize("name", ["equity", "gross"])
@pytest.mark.parametrize(("amounts", "status"), [([LIMIT, 0], Status.RUNNING), ([LIMIT, 1], Status.OVERFLOW)])
def test_the_sum_of_all_sleeves_has_to_fit(name: str, amounts: list[int], status: Status) -> None:
    """What fits to the unit is recorded."""
    books = making.new_books(2, 1)
    books.sleeves[name] = amounts
    assert record(books, making.new_curves(1, 2), 0) == status


def test_the_first_broken_promise_is_told_with_its_own_amounts() -> None:
    """What is found later does not get in between."""
    books = making.new_books(1, 1)
    blame_us(books.run[0], Status.CASH_APART, 0, -1, 1, 2)
    blame_us(books.run[0], Status.OVERSPENT, 0, -1, 3, 4)
    assert books.run[["fault", "at_price", "at_amount"]][0].item() == (Status.CASH_APART, 1, 2)


def test_a_debt_of_a_quantum_is_a_debt() -> None:
    """A short that costs a quantum more than the sleeve had may leave it with less than nothing."""
    prices = ["10", "10", "10", "20.000001", "20.000001"]
    status, books = KernelRun(world_of(Case("", prices, [says("S.C..")], [], capital="10"))).go()
    assert status == Status.DONE
    assert books.sleeves["allocated"].tolist() == [units("-0.000001")]
    assert np.array_equal(books.sleeves["cash"], books.sleeves["allocated"])
