"""The indicators against the formulas written out, in exact fractions."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from orchestrator_starter.indicators import (
    FollowedHistory,
    HistoryMemory,
    WilderHistory,
    close_units,
    is_rsi_above,
    is_rsi_below,
    leads,
    own_closes,
    to_panel_rows,
    wilder_averages,
)
from strategy_orchestrator import HistoricalDataBar, Panel

START = datetime(2020, 1, 1, tzinfo=UTC)
# Closes and the index after the 15th, as many textbooks print them for Wilder's method with a period of 14.
TEXTBOOK_CLOSES = (
    *("44.3389", "44.0902", "44.1497", "43.6124", "44.3278", "44.8264", "45.0955", "45.4245", "45.8433", "46.0826"),
    *("45.8931", "46.0328", "45.6140", "46.2820", "46.2820", "46.0028", "46.0328", "46.4116", "46.2222", "45.6439"),
)
TEXTBOOK_RSI = (70.53, 66.32, 66.55, 69.41, 66.36, 57.97)


def bars_of(closes: list[Decimal], symbol: str = "A") -> list[HistoricalDataBar]:
    """Make daily bars that never move between open and close."""
    return [
        HistoricalDataBar(symbol, START + timedelta(days=day), close, close, close, close)
        for day, close in enumerate(closes)
    ]


def panel_of(closes: list[list[float]]) -> Panel:
    """Make a panel of rows of closes, one row a day."""
    table = np.array(closes, np.float64)
    names = [f"S{column:03}" for column in range(table.shape[1])]
    times = [START + timedelta(days=day) for day in range(len(table))]
    return Panel.from_arrays(times, names, open=table, high=table, low=table, close=table)


def random_closes(n_bars: int, n_symbols: int) -> np.ndarray:
    """Draw closes, in quanta, the same ones each time."""
    return np.random.default_rng(5).integers(1_000_000, 200_000_000, (n_bars, n_symbols))


def naive_averages(closes: list[int], period: int) -> tuple[Fraction, Fraction]:
    """Return Wilder's averages of the gains and of the losses, as his formula is written."""
    moves = [after - before for before, after in pairwise(closes)]
    gain = Fraction(sum(max(move, 0) for move in moves[:period]), period)
    loss = Fraction(sum(max(-move, 0) for move in moves[:period]), period)
    for move in moves[period:]:
        gain = (gain * (period - 1) + max(move, 0)) / period
        loss = (loss * (period - 1) + max(-move, 0)) / period
    return gain, loss


@pytest.mark.parametrize(("fast", "slow"), [(1, 2), (3, 7), (10, 50)])
def test_lead_has_the_sign_of_the_difference_of_the_averages(fast: int, slow: int) -> None:
    """The sign is that of the two means in exact fractions, at every bar."""
    closes = random_closes(80, 3)
    found = leads(closes, fast, slow)
    for column in range(3):
        history = closes[:, column].tolist()
        for bar in range(slow - 1, 80):
            quick = Fraction(sum(history[bar + 1 - fast : bar + 1]), fast)
            calm = Fraction(sum(history[bar + 1 - slow : bar + 1]), slow)
            assert np.sign(found[bar, column]) == (quick > calm) - (quick < calm)


def test_lead_is_zero_before_the_slow_average_exists() -> None:
    """The first slow - 1 bars say nothing, also when there are no others."""
    assert not leads(random_closes(49, 2), 10, 50).any()
    assert not leads(random_closes(50, 2), 10, 50)[:49].any()
    assert leads(random_closes(50, 2), 10, 50)[49].all()


def test_lead_of_equal_averages_is_zero() -> None:
    """A price that never moves leads nothing, whatever floats would make of its mean."""
    assert not leads(np.full((30, 1), 100_000_1), 3, 7).any()


def test_lead_of_prices_beyond_the_products_of_64_bits_is_exact() -> None:
    """Closes near the largest that a ledger holds do not wrap."""
    top = 9 * 10**18
    closes = np.array([[top], [top], [top - 1], [top], [top]])
    assert [int(np.sign(value)) for value in leads(closes, 1, 3).ravel()] == [0, 0, -1, 1, 1]


@pytest.mark.parametrize("period", [2, 14])
def test_wilder_averages_follow_the_formula(period: int) -> None:
    """Floats agree with exact fractions to the last digits."""
    closes = random_closes(60, 2)
    gains, losses = wilder_averages(closes, period)
    for column in range(2):
        for bar in range(period, 60):
            gain, loss = naive_averages(closes[: bar + 1, column].tolist(), period)
            assert gains[bar, column] == pytest.approx(float(gain), rel=1e-12)
            assert losses[bar, column] == pytest.approx(float(loss), rel=1e-12)
    assert not gains[:period].any()
    assert not losses[:period].any()


def test_the_index_is_that_of_the_textbook() -> None:
    """The published values come out, to the two digits in which they are published."""
    units = np.array([[close_units(bar)] for bar in bars_of([Decimal(text) for text in TEXTBOOK_CLOSES])])
    gains, losses = wilder_averages(units, 14)
    for bar, expected in enumerate(TEXTBOOK_RSI, start=14):
        gain, loss = gains[bar, 0], losses[bar, 0]
        assert 100 * gain / (gain + loss) == pytest.approx(expected, abs=0.006)
        assert is_rsi_below(gain, loss, expected + 0.006)
        assert is_rsi_above(gain, loss, expected - 0.006)


def test_a_price_that_never_moved_is_on_neither_side() -> None:
    """Without gains and losses there is no index."""
    assert not is_rsi_below(0.0, 0.0, 100.0)
    assert not is_rsi_above(0.0, 0.0, 0.0)


def test_following_a_history_gives_the_bits_of_the_arrays() -> None:
    """Averages brought forward bar by bar equal those made at once, bit by bit."""
    closes = random_closes(300, 1)
    bars = bars_of([Decimal(close).scaleb(-6) for close in closes[:, 0].tolist()])
    gains, losses = wilder_averages(closes, 14)
    followed = WilderHistory(14)
    for bar in range(300):
        followed.follow(bars[: bar + 1])
        assert followed.averages == (gains[bar, 0], losses[bar, 0])
    assert followed.closes == closes[:, 0].tolist()


def test_a_followed_history_knows_its_own_continuation() -> None:
    """The same list, longer, and an equal list continue it; a shorter or a changed one does not."""
    bars = bars_of([Decimal(close) for close in range(10, 40)])
    growing = bars[:20]
    followed = FollowedHistory()
    assert followed.is_beginning_of([])
    followed.follow(growing)
    growing.extend(bars[20:])
    assert followed.is_beginning_of(growing)
    assert followed.is_beginning_of(bars_of([bar.close for bar in bars]))
    assert not followed.is_beginning_of(bars[:19])
    assert not followed.is_beginning_of(bars_of([Decimal(99), *(bar.close for bar in bars[1:])]))


def test_copies_of_a_memory_begin_empty() -> None:
    """What was followed of one run does not travel."""
    memory = HistoryMemory(FollowedHistory)
    memory.brought_to(bars_of([Decimal(10)]))
    assert len(memory) == 1
    assert len(copy.deepcopy(memory)) == 0
    assert len(pickle.loads(pickle.dumps(memory))) == 0  # noqa: S301  # our own bytes


def test_own_closes_leave_out_the_gaps() -> None:
    """Row k holds the k-th bar of each symbol, whenever it was."""
    gap = float("nan")
    panel = panel_of([[1.0, gap, gap], [gap, 2.0, gap], [3.0, 4.0, 5.0]])
    assert own_closes(panel).tolist() == [[1_000_000, 2_000_000, 5_000_000], [3_000_000, 4_000_000, 0]]
    flags = np.array([[True, False, True], [False, True, True]])
    assert to_panel_rows(flags, panel).tolist() == [[True, False, False], [False] * 3, [False, True, True]]
