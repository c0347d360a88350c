"""Folders that were tampered with and sealed anew: the first thing that does not add up is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from strategy_orchestrator.verify import verify_run
from tests.unit.verify.builders import edit_run, edit_table, row_of, saved, seal_again, with_value, without_row

KINDS: dict[str, dict[str, Any]] = {
    "rebalanced": {"rebalance_threshold": "0.02"},
    "swept": {"profit_policy": "sweep"},
    "open": {"fill_at": "close", "close_at_end": False},
    "fraction": {"sizer": "fixed-fraction"},
}


@pytest.fixture(name="runs", scope="module")
def _runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one saved run of each kind."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("rebalanced", "swept", "open"):
        saved(folder / name, **KINDS[name])
    return folder


@pytest.fixture(name="copy")
def _copy(runs: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that copies one of the runs."""
    return lambda name: Path(shutil.copytree(runs / name, tmp_path / "run"))


@pytest.mark.parametrize("name", ["rebalanced", "swept", "open"])
def test_what_was_not_touched_adds_up(name: str, runs: Path) -> None:
    """A run as it was saved is verified, and what was looked at is counted."""
    verdict = verify_run(runs / name)
    assert verdict.faults() == []
    assert verdict.is_verified
    assert verdict.counts["strategies"] == 3
    assert verdict.counts["fills"] > 30


def more(value: Any) -> Any:
    """Return a number that is larger by one step."""
    return value + Decimal("0.000001") if isinstance(value, Decimal) else value + 1


ENTRY, EXIT = {"kind": "entry"}, {"kind": "exit", "reason": "strategy_signal"}
# Table, row, column, new value, and what the first line says behind the folder.
VALUES: dict[str, tuple[str, dict[str, Any], str, Any, str]] = {
    "the price of an entry": ("decisions", ENTRY, "price", more, "price: {0} was found; {1} is expected (open or close"),
    "the price of an exit": ("decisions", EXIT, "price", more, "(the price of the bar with slippage)"),
    "the price of a stop": (
        "decisions",
        {"kind": "exit", "reason": "stop_loss"},
        "price",
        lambda price: price * 2,
        "slippage aside",
    ),
    "the price of a target": (
        "decisions",
        {"kind": "exit", "reason": "take_profit"},
        "price",
        lambda price: price * 2,
        "is expected",
    ),
    "a quantity": ("decisions", ENTRY, "quantity", more, "is no number of lots of 0.1"),
    "too large an exit": ("decisions", EXIT, "quantity", lambda held: held * 2, "held"),
    "a notional": ("decisions", ENTRY, "amount", more, "(quantity × price)"),
    "a commission": ("decisions", ENTRY, "commission", more, "(by costs.parquet)"),
    "a direction": ("decisions", ENTRY, "direction", 0, "direction: 0 was found; 1 or -1 is expected"),
    "the direction of an exit": ("decisions", EXIT, "direction", -3, "(against the side that is held)"),
    "the reason of an entry": ("decisions", ENTRY, "reason", "stop_loss", "reason: stop_loss was found; strategy_signal"),
    "the reason of an exit": ("decisions", EXIT, "reason", "below_lot", "reason: below_lot was found; end_of_data or"),
    "an early end": ("decisions", EXIT, "reason", "end_of_data", "the data ends at another bar"),
    "money of a signal": ("decisions", {"kind": "signal"}, "amount", more, "(no money moves)"),
    "a strategy": ("decisions", ENTRY, "strategy_id", None, "the row names no strategy"),
    "a symbol": ("decisions", ENTRY, "symbol", None, "the symbol has no bar at which this could fill"),
    "the symbol of an exit": ("decisions", EXIT, "symbol", None, "nothing is held that could be left"),
    "a bar": ("decisions", EXIT, "bar", 0, "(rows are in the order of time)"),
    "a bar that is not there": ("decisions", EXIT, "bar", 16, "bar: 16 was found; one from"),
    "a transfer": ("decisions", {"kind": "transfer"}, "amount", more, "the transfers of this rebalance sum to 0.000001"),
    "a gift": (
        "decisions",
        {"kind": "transfer"},
        "amount",
        Decimal(-9999999),
        "of",
    ),
    "a rebalance": ("decisions", {"kind": "rebalance"}, "amount", more, "(the sleeves that trade, and the reserve)"),
    "a rebalance's price": ("decisions", {"kind": "rebalance"}, "price", more, "price: 0.000001 was found; 0 is"),
    "a profit": ("trades", {}, "pnl", more, "pnl: {0} was found; {1} is expected (by row"),
    "an entry bar": ("trades", {}, "entry_bar", more, "entry_bar:"),
    "slippage": ("trades", {}, "slippage", more, "slippage: {0} was found; {1} is expected (of both sides)"),
    "a share of profit": ("trades", {}, "pnl_pct", more, "pnl_pct:"),
    "days": ("trades", {}, "duration_days", more, "duration_days:"),
    "an equity": ("equity", {}, "Tilt_0", more, "(cash and positions at the closes)"),
    "a reserve": ("equity", {}, "reserve", more, "(what was left, swept and transferred to it)"),
    "a total": ("equity", {}, "aggregate", more, "(the sum of the sleeves and the reserve)"),
    "a gross value": ("gross", {}, "Swing_0", more, "(positions at the closes)"),
    "a high": ("prices", {}, "high", more, "the row was changed: its check does not go with"),
    "a check": ("prices", {}, "check", lambda check: check ^ 1, "the row was changed"),
    "a lot": ("costs", {}, "lot", more, "(by the options)"),
    "a rate": ("costs", {}, "per_notional", more, "(by the options)"),
    "a slippage": ("costs", {}, "slippage", more, "slippage: 2000000001 was found; 2000000000 is expected"),
    "a cost that is not said": ("costs", {}, "bar", 3, "bar: 3 was found; bar 0 of 'AAPL' is expected"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_was_changed_is_named(name: str, copy: Callable[[str], Path]) -> None:
    """The first finding is about the row or the symbol, with the value seen and the one expected."""
    table, wanted, column, value, words = VALUES[name]
    folder = copy("rebalanced")
    frame = pl.read_parquet(folder / f"{table}.parquet")
    row = row_of(frame, **wanted) if wanted else 4 if frame.height > 4 else 0
    before = frame[column][row]
    edit_table(folder, table, lambda frame: with_value(frame, row, column, value))
    after = pl.read_parquet(folder / f"{table}.parquet")[column][row]
    verdict = verify_run(folder)
    assert not verdict.is_verified
    first = verdict.faults()[0]
    told = [f"{item.normalize():f}" if isinstance(item, Decimal) else str(item) for item in (after, before)]
    assert words.format(*told) in str(first)
    assert verdict.findings[0].row == row or table in {"costs"} or name in {"a transfer"}
