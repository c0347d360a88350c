"""Frames made of records by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from strategy_orchestrator.models.records import TRADE
from strategy_orchestrator.models.tables import MONEY, decimals, equity_columns, frames_of, units_of
from tests.unit.store.builders import IDS, STORY, make_record, make_result, story_trade, trade_row

LARGEST = 2**63 - 1


def test_decimals_are_exact_at_both_ends_of_64_bits() -> None:
    """The largest and the smallest counts become decimals and counts again without loss."""
    units = np.array([LARGEST, -LARGEST, -LARGEST - 1, 2**53 + 1, 1, 0, -1], np.int64)
    series = decimals("x", units)
    assert series.dtype == MONEY
    assert series.to_list() == [Decimal(int(count)).scaleb(-6) for count in units.tolist()]
    assert units_of(series).tolist() == units.tolist()


def test_many_random_counts_come_back() -> None:
    """A hundred thousand counts of all sizes survive the way to decimals and back."""
    units = np.random.default_rng(7).integers(-LARGEST, LARGEST, 100_000, dtype=np.int64)
    assert np.array_equal(units_of(decimals("x", units)), units)


def test_decisions_are_told_in_words() -> None:
    """Kinds and reasons are lower-case words, indices are names, and -1 is null."""
    frame = frames_of(make_record())["decisions"]
    assert frame.height == len(STORY)
    assert frame["kind"].to_list() == [row[1].name.lower() for row in STORY]
    assert frame["reason"].to_list() == [row[2].name.lower() for row in STORY]
    conflict = frame.row(4, named=True)
    assert (conflict["strategy_id"], conflict["symbol"], conflict["direction"]) == (None, "AAPL", 1)
    entry = frame.row(6, named=True)
    assert entry["timestamp"] == datetime(2024, 1, 3, tzinfo=UTC)
    assert [entry[name] for name in ("quantity", "price", "amount", "commission")] == [
        Decimal(10), Decimal("100.75"), Decimal("1007.5"), Decimal(1),
    ]  # fmt: skip
    reserve = frame.filter(pl.col("kind") == "transfer").row(2, named=True)
    assert (reserve["strategy_id"], reserve["amount"]) == (None, Decimal(1))


def test_a_result_gives_its_decisions() -> None:
    """The frame of a result is that of its record."""
    assert make_result().decisions.height == len(STORY)


def test_a_trade_has_the_fields_of_the_noun() -> None:
    """Every field of a trade is a column, with sides in words and money exact."""
    row = frames_of(make_record())["trades"].row(0, named=True)
    assert (row["symbol"], row["strategy_id"], row["direction"], row["exit_reason"]) == (
        "AAPL", IDS[0], "long", "stop_loss",
    )  # fmt: skip
    assert (row["entry_date"], row["exit_date"]) == (datetime(2024, 1, 3, tzinfo=UTC), datetime(2024, 1, 5, tzinfo=UTC))
    assert (row["duration_days"], row["shares"], row["commission"]) == (2, Decimal(10), Decimal(2))
    assert row["pnl"] == row["exit_value"] - row["entry_value"] - row["commission"] == Decimal("10.5")
    assert row["pnl_pct"] == (Decimal("10.5") / Decimal("1008.5")).quantize(Decimal("1e-12"))


@pytest.mark.parametrize(
    ("pnl", "used", "expected"),
    [
        (1, 2 * 10**12, "0.000000000000"),
        (3, 2 * 10**12, "0.000000000002"),
        (-1, 2 * 10**12, "0.000000000000"),
        (-3, 2 * 10**12, "-0.000000000002"),
        (-2, 3, "-0.666666666667"),
        (2**62, 1, "4611686018427387904"),
        (5, 0, None),
    ],
)
def test_the_return_of_a_trade_is_rounded_half_to_even(pnl: int, used: int, expected: str | None) -> None:
    """Halves go to the even neighbor on both sides of zero, and nothing used has no return."""
    frame = frames_of(make_record(trades=trade_row(pnl=pnl, entry_notional=used, direction=-1)))["trades"]
    assert frame["pnl_pct"].to_list() == [None if expected is None else Decimal(expected)]
    assert frame["direction"].to_list() == ["short"]


def test_equity_ends_with_the_last_completed_bar() -> None:
    """A failed run shows the bars that it completed, and the whole is the sum of its parts."""
    frame = frames_of(make_record(n_bars=3))["equity"]
    assert frame.columns == ["timestamp", *IDS, "reserve", "aggregate"]
    assert frame.height == 3
    assert (frame["aggregate"] == frame[IDS[0]] + frame[IDS[1]] + frame["reserve"]).all()


def test_strategies_called_like_columns_are_told_apart() -> None:
    """An id that is the name of another column is marked."""
    assert equity_columns(["reserve", "reserve (strategy)", "x"]) == [
        "reserve (strategy)", "reserve (strategy) (strategy)", "x",
    ]  # fmt: skip


def test_a_run_without_decisions_has_empty_frames() -> None:
    """No rows give frames with all their columns."""
    full, empty = frames_of(make_record()), frames_of(make_record((), trades=np.zeros(0, TRADE)))
    for name in ("decisions", "trades"):
        assert empty[name].height == 0
        assert empty[name].schema == full[name].schema


def test_half_a_surrogate_pair_in_a_name_is_escaped() -> None:
    """A name that is no proper text still gives a frame."""
    record = make_record(symbols=("A", "\ud800"), trades=story_trade())
    assert frames_of(record)["decisions"]["symbol"].to_list()[2] == "\\ud800"
