"""What a rebalance decides, sells and shares, at the edges that drawn worlds hardly reach."""

from __future__ import annotations

import numpy as np
import pytest

from strategy_orchestrator.kernel import layout as at, making
from strategy_orchestrator.kernel.books import leave
from strategy_orchestrator.kernel.rebalancing import decide_rebalance, sell_for_rebalance, transfer
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import Reason
from strategy_orchestrator.money import LIMIT, SCALE, WEIGHT_SCALE

NEVER, ALWAYS = np.zeros(0, np.bool_), np.ones(1, np.bool_)


def books_at(weight: int, equity: int, reserve: int, threshold: int) -> at.Books:
    """Return the books of one strategy that is marked."""
    books = making.new_books(1, 1)
    books.strategies["weight"], books.sleeves["equity"] = weight, equity
    books.run["rebalances"], books.run["threshold"], books.run["reserve"] = at.TO_WEIGHTS, threshold, reserve
    return books


THIRD = WEIGHT_SCALE // 3


@pytest.mark.parametrize(
    ("weight", "equity", "reserve", "threshold", "is_due"),
    [
        # One of three units is 10⁻¹⁸ of a unit more than a third of them that is rounded down.
        (THIRD, 1, 2, 0, True),
        (THIRD, 1, 2, 1, False),
        # As far from the weight as the threshold allows, and no further.
        (WEIGHT_SCALE - 1, 1, 0, 1, False),
        (WEIGHT_SCALE - 1, 1, 0, 0, True),
        (WEIGHT_SCALE // 2, 3, 1, WEIGHT_SCALE // 4, False),
        (WEIGHT_SCALE // 2, 3, 1, WEIGHT_SCALE // 4 - 1, True),
        (WEIGHT_SCALE // 2, 1, 3, WEIGHT_SCALE // 4, False),
        (WEIGHT_SCALE // 2, 1, 3, WEIGHT_SCALE // 4 - 1, True),
    ],
)
def test_a_drift_is_compared_exactly(weight: int, equity: int, reserve: int, threshold: int, is_due: bool) -> None:
    """What is further than the threshold by a step of 10⁻¹⁸ is due; what is as far as it is not."""
    books = books_at(weight, equity, reserve, threshold)
    assert decide_rebalance(books, NEVER, 0) == Status.RUNNING
    assert books.run["is_pending"] == is_due
    assert books.run["n_decisions"] == is_due


def test_nobody_left_is_nobody_to_rebalance() -> None:
    """Where every sleeve has stopped trading, a rebalancer is not asked, though the reserve has money."""
    books = books_at(WEIGHT_SCALE // 2, 0, 1000, 0)
    books.run["rebalances"], books.strategies["standing"] = at.ASK_REBALANCER, at.QUARANTINED
    assert decide_rebalance(books, ALWAYS, 0) == Status.RUNNING
    assert (books.run["n_decisions"], books.run["is_pending"]) == (0, 0)


def market_at(prices: list[int]) -> at.Market:
    """Return one bar of each symbol that has a price, at that price alone."""
    bar, nothing = np.array([prices]), np.zeros((1, 1), np.int64)
    return at.Market(bar, bar, bar, bar, slippage=nothing, sizer=nothing, scheduled=NEVER)


def held_books(n_symbols: int, excess: int) -> at.Books:
    """Return the books of one strategy that holds five shares of each symbol, bought at 10, and nothing else."""
    books = making.new_books(1, n_symbols)
    books.symbols["lot"], books.closes[:] = SCALE, 10 * SCALE
    for name, value in {"side": 1, "quantity": 5 * SCALE, "average": 10 * SCALE, "notional": 50 * SCALE}.items():
        books.cells[name] = value
    books.held[:] = 5 * SCALE
    for name in ("allocated", "used"):
        books.sleeves[name] = n_symbols * 50 * SCALE
    books.sleeves["n_open"], books.strategies["excess"] = n_symbols, excess
    return books


@pytest.mark.parametrize(
    ("excess", "bars", "left"),
    [
        # A quantum less than all is four lots of five: the share is rounded down.
        (50 * SCALE - 1, [True], [1]),
        (50 * SCALE, [True], [0]),
        (40 * SCALE, [True], [1]),
        # More than there is takes all, of every symbol that has a bar.
        (200 * SCALE, [True, True], [0, 0]),
        (200 * SCALE, [False, True, True], [5, 0, 0]),
        (60 * SCALE, [True, True], [2, 2]),
        (0, [True, True], [5, 5]),
    ],
)
def test_what_is_sold_is_a_share_of_every_position(excess: int, bars: list[bool], left: list[int]) -> None:
    """Of each as much as what is lacking is of everything held, rounded down to lots."""
    books = held_books(len(bars), excess)
    market = market_at([10 * SCALE if each else 0 for each in bars])
    assert sell_for_rebalance(books, market, market.open, 0, 0) == Status.RUNNING
    assert (books.cells["quantity"][0] // SCALE).tolist() == left
    assert books.sleeves["cash"] == (5 * len(bars) - sum(left)) * 10 * SCALE


def test_a_position_worth_nothing_has_nothing_to_sell() -> None:
    """Where all that is held is worth less than half a quantum there is no share to work out."""
    books = held_books(1, SCALE)
    books.cells["quantity"], books.symbols["lot"] = 1, 1
    market = market_at([1])
    assert sell_for_rebalance(books, market, market.open, 0, 0) == Status.RUNNING
    assert books.cells["quantity"] == 1


def test_a_unit_that_cannot_be_shared_goes_to_the_first_who_lacks() -> None:
    """One unit for two who lack one each goes to the first of them, and never back to who gave it."""
    books = making.new_books(3, 1)
    books.strategies["excess"] = [2, 0, 0]
    books.strategies["lack"] = [0, 1, 1]
    for name in ("allocated", "cash"):
        books.sleeves[name] = [1, 0, 0]
    assert transfer(books, 0) == Status.RUNNING
    assert books.sleeves["cash"].tolist() == [0, 1, 0]
    assert books.strategies["contributed"].tolist() == [-1, 1, 0]
    assert (books.run["reserve"], books.run["n_decisions"]) == (0, 2)


@pytest.mark.parametrize("field", ["cash", "allocated", "contributed"])
def test_a_transfer_that_does_not_fit_names_its_sleeve(field: str) -> None:
    """An amount beyond what a ledger holds is blamed on the sleeve that gets it, and on no symbol."""
    books = making.new_books(2, 1)
    books.strategies["excess"], books.strategies["lack"] = [5, 0], [0, 5]
    books.sleeves["allocated"] = [5, 0]
    (books.strategies if field == "contributed" else books.sleeves)[field][1] = LIMIT
    assert transfer(books, 0) == Status.OVERFLOW
    assert books.run[["fault", "at_strategy", "at_symbol"]][0].item() == (Status.OVERFLOW, 1, -1)


def test_a_sweep_that_does_not_fit_names_its_sleeve() -> None:
    """So is a gain for which the reserve has no room."""
    books = held_books(1, 0)
    books.run["sweeps"], books.run["reserve"] = 1, LIMIT
    leave(books, market_at([11 * SCALE]), 0, 0, 0, 5 * SCALE, 11 * SCALE, 0, Reason.STRATEGY_SIGNAL)
    assert books.run[["fault", "at_strategy", "at_symbol"]][0].item() == (Status.OVERFLOW, 0, -1)
