"""Folders that were tampered with and sealed anew: the first thing that does not add up is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from strategy_orchestrator.builtin.sizers import FixedFraction
from strategy_orchestrator.verify import verify_run
from tests.unit.verify.builders import Rising, edit_run, edit_table, row_of, saved, with_value, without_row, write_lines

KINDS: dict[str, dict[str, Any]] = {
    "rebalanced": {"rebalance_threshold": "0.02"},
    "swept": {"profit_policy": "sweep"},
    "open": {"fill_at": "close", "close_at_end": False},
    "poor": {"commission_per_trade": 700, "slippage_pct": "0.9"},
    "sized": {"sizer": FixedFraction(Decimal("0.6")), "cost_model": Rising()},
}


@pytest.fixture(name="runs", scope="module")
def _runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one saved run of each kind."""
    folder = tmp_path_factory.mktemp("runs")
    for name, options in KINDS.items():
        saved(folder / name, **options)
    return folder


@pytest.fixture(name="copy")
def _copy(runs: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that copies one of the runs."""
    return lambda name: Path(shutil.copytree(runs / name, tmp_path / "run"))


@pytest.mark.parametrize("name", KINDS)
def test_what_was_not_touched_adds_up(name: str, runs: Path) -> None:
    """A run as it was saved is verified, and what was looked at is counted."""
    verdict = verify_run(runs / name)
    assert verdict.faults() == []
    assert verdict.is_verified
    assert verdict.counts["strategies"] == 3
    assert verdict.counts["bars"] == 16


def more(value: Any) -> Any:
    """Return a number that is larger by one step."""
    return value + Decimal("0.000001") if isinstance(value, Decimal) else value + 1


ENTRY, EXIT = {"kind": "entry"}, {"kind": "exit", "reason": "strategy_signal"}
# Table, row, column, new value, and what the first line says behind the folder.
VALUES: dict[str, tuple[str, dict[str, Any], str, Any, str]] = {
    "the price of an entry": (
        "decisions",
        ENTRY,
        "price",
        more,
        "price: {0} was found; {1} is expected (open or close",
    ),
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
    "the reason of an entry": (
        "decisions",
        ENTRY,
        "reason",
        "stop_loss",
        "reason: stop_loss was found; strategy_signal",
    ),
    "the reason of an exit": ("decisions", EXIT, "reason", "below_lot", "reason: below_lot was found; end_of_data or"),
    "an early end": ("decisions", EXIT, "reason", "end_of_data", "the data ends at another bar"),
    "money of a signal": ("decisions", {"kind": "signal"}, "amount", more, "(no money moves)"),
    "a strategy": ("decisions", ENTRY, "strategy_id", None, "the row names no strategy"),
    "a symbol": ("decisions", ENTRY, "symbol", None, "the symbol has no bar at which this could fill"),
    "the symbol of an exit": ("decisions", EXIT, "symbol", None, "nothing is held that could be left"),
    "a bar": ("decisions", EXIT, "bar", 0, "(rows are in the order of time)"),
    "a bar that is not there": ("decisions", EXIT, "bar", 16, "bar: 16 was found; one from"),
    "a transfer": (
        "decisions",
        {"kind": "transfer"},
        "amount",
        more,
        "the transfers of this rebalance sum to 0.000001",
    ),
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
    assert verdict.findings[0].row == row or table == "costs" or name == "a transfer"


def drop(table: str, **wanted: Any) -> Callable[[Path], None]:
    """Return what takes the first row with these values out of a table."""
    return lambda folder: edit_table(folder, table, lambda frame: without_row(frame, row_of(frame, **wanted)))


def put(table: str, column: str, value: Any, **wanted: Any) -> Callable[[Path], None]:
    """Return what writes a value into the first row with these values."""
    return lambda folder: edit_table(
        folder, table, lambda frame: with_value(frame, row_of(frame, **wanted), column, value)
    )


def last(table: str) -> Callable[[Path], None]:
    """Return what takes the last row out of a table."""
    return lambda folder: edit_table(folder, table, lambda frame: frame.head(-1))


def write(*path: str | int, value: Any) -> Callable[[Path], None]:
    """Return what writes a value into run.json; a callable is given the one that is there."""

    def edit(run: Any) -> None:
        holder = run
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = value(holder[path[-1]]) if callable(value) else value

    return lambda folder: edit_run(folder, edit)


def change_line(number: int, before: str, after: str) -> Callable[[Path], None]:
    """Return what changes a line of the events."""

    def edit(lines: list[str]) -> list[str]:
        assert before in lines[number - 1], lines[number - 1]
        return [*lines[: number - 1], lines[number - 1].replace(before, after, 1), *lines[number:]]

    return lambda folder: write_lines(folder, edit)


def spend_too_much(folder: Path) -> None:
    """Make the first entry ten times as large, with all that follows from that in its row."""

    def edit(frame: pl.DataFrame) -> pl.DataFrame:
        row = row_of(frame, kind="entry", symbol="AAPL")
        for column in ("quantity", "amount"):
            frame = with_value(frame, row, column, lambda value: value * 10)
        cost = Decimal(1) + frame["quantity"][row] / 100 + frame["amount"][row] / 1000
        return with_value(frame, row, "commission", round(cost, 6))

    edit_table(folder, "decisions", edit)


DECISIONS: str = "decisions.parquet"
# Which run, what is done to it, the file that the first line names, and what it says.
DEEDS: dict[str, tuple[str, Callable[[Path], object], str, str]] = {
    "a sweep is gone": ("swept", drop("decisions", kind="sweep"), DECISIONS, "was to be swept before this row"),
    "the last exit is gone": (
        "rebalanced",
        lambda folder: (last("decisions")(folder), last("trades")(folder)),
        DECISIONS,
        "still open after the last row",
    ),
    "all from a sweep on is gone": (
        "swept",
        lambda folder: edit_table(folder, "decisions", lambda frame: frame.head(row_of(frame, kind="sweep"))),
        DECISIONS,
        "was to be swept after this row",
    ),
    "all from the second transfer on is gone": (
        "rebalanced",
        lambda folder: edit_table(folder, "decisions", lambda frame: frame.head(row_of(frame, kind="transfer") + 1)),
        DECISIONS,
        "the transfers of this rebalance sum to",
    ),
    "a sweep of another": (
        "swept",
        put("decisions", "strategy_id", "Tilt_0", kind="sweep"),
        DECISIONS,
        "strategy_id: 1 was found; 0 is expected (as in the exit before it)",
    ),
    "a sweep is larger": ("swept", put("decisions", "amount", more, kind="sweep"), DECISIONS, "above what was contrib"),
    "an entry is gone": ("open", drop("decisions", kind="entry"), DECISIONS, "nothing is held that could be left"),
    "an exit is gone": ("rebalanced", drop("decisions", kind="exit"), "trades.parquet", "(by row"),
    "a trade is gone": ("rebalanced", last("trades"), DECISIONS, "trades.parquet has no trade for this exit"),
    "a trade too many": (
        "rebalanced",
        lambda folder: edit_table(folder, "trades", lambda frame: pl.concat([frame, frame.tail(1)])),
        "trades.parquet",
        "no exit in decisions.parquet belongs to this trade",
    ),
    "a transfer is gone": ("rebalanced", drop("decisions", kind="transfer"), DECISIONS, "0 is expected"),
    "the reserve gives too much": (
        "rebalanced",
        put("decisions", "amount", Decimal(-99999), kind="transfer", strategy_id=None),
        DECISIONS,
        "the reserve would be",
    ),
    "a cut": ("poor", put("decisions", "amount", more, kind="cut"), DECISIONS, "(the slot, or what is available)"),
    "the price of a cut": (
        "poor",
        put("decisions", "price", more, kind="cut"),
        DECISIONS,
        "(as in the entry before it)",
    ),
    "a cut without an entry": (
        "poor",
        lambda folder: edit_table(folder, "decisions", lambda frame: without_row(frame, row_of(frame, kind="cut") - 1)),
        DECISIONS,
        "no entry stands before it that was cut",
    ),
    "a sized cut": (
        "sized",
        put("decisions", "amount", Decimal(99999), kind="cut"),
        DECISIONS,
        "the budget is 99999;",
    ),
    "a sweep out of the blue": (
        "rebalanced",
        put("decisions", "kind", "sweep", kind="entry"),
        DECISIONS,
        "no exit before it left a gain to sweep",
    ),
    "an entry that cannot be paid": (
        "sized",
        spend_too_much,
        DECISIONS,
        "the sleeve has",
    ),
    "weights of more than all": (
        "open",
        lambda folder: (
            write("record", "weights", 0, value="0.6")(folder),
            write("record", "initial_allocations", 0, value="6000")(folder),
        ),
        "run.json",
        "the weights sum to 1.1; at most 1 is allowed",
    ),
    "a time of equities": (
        "open",
        lambda folder: edit_table(
            folder, "equity", lambda frame: frame.with_columns(pl.col("timestamp").dt.offset_by("1ns"))
        ),
        "prices.parquet",
        "(the bar's time in equity.parquet)",
    ),
    "a time of gross values": (
        "open",
        lambda folder: edit_table(
            folder, "gross", lambda frame: frame.with_columns(pl.col("timestamp").dt.offset_by("1ns"))
        ),
        "gross.parquet",
        "timestamp: 2024-01-01 00:00:00.000000001+00:00 was found",
    ),
    "costs that differ from bar to bar": (
        "sized",
        put("costs", "per_trade", 7, symbol="AAPL", bar=5),
        "costs.parquet",
        "per_trade: 7 was found",
    ),
    "costs that are said twice": (
        "open",
        lambda folder: edit_table(
            folder, "costs", lambda frame: pl.concat([frame, with_value(frame.tail(1), 0, "bar", 3)])
        ),
        "costs.parquet",
        "rows: 3 was found; 2 is expected",
    ),
    "a block": ("poor", put("decisions", "amount", more, kind="blocked"), DECISIONS, "is expected"),
    "the price of a block": ("poor", put("decisions", "price", more, kind="blocked"), DECISIONS, "with slippage"),
    "a ruin": ("poor", put("decisions", "amount", more, kind="ruin"), DECISIONS, "(cash and positions at the closes)"),
    "a weight": ("open", write("record", "weights", 0, value="0.41"), "run.json", "record.initial_allocations[0]"),
    "a weight that is none": ("open", write("record", "weights", 0, value="much"), "run.json", "is not a number"),
    "a weight of nothing": ("open", write("record", "weights", 0, value="-1"), "run.json", "4000 was found; 0 is"),
    "an allocation": ("open", write("record", "initial_allocations", 0, value="4001"), "run.json", "4001 was found"),
    "a ledger": ("open", write("record", "sleeves", 1, "cash", value="1"), "run.json", "record.sleeves[1].cash"),
    "a count": ("open", write("record", "n_conflicts", value=7), "run.json", "record.n_conflicts: 7 was found"),
    "a fingerprint": ("open", write("fingerprint", value="00"), "run.json", 'fingerprint: "00" was found'),
    "a hash of prices": (
        "open",
        write("data", "symbols", 0, "sha256", value="00"),
        "prices.parquet",
        "'AAPL', sha256: the bars of this symbol are not those of the run",
    ),
    "a hash of costs": (
        "open",
        write("record", "costs_sha256", value="0"),
        "costs.parquet",
        "its SHA-256 is not the one",
    ),
    "a measure": (
        "open",
        write("summary", "aggregate", "metrics", "volatility", value="0.5"),
        "run.json",
        'summary.aggregate.metrics.volatility: "0.5" was found',
    ),
    "a measure that is none": (
        "open",
        write("summary", "aggregate", "metrics", "volatility", value="much"),
        "run.json",
        '"much" was found',
    ),
    "a measure without an end": (
        "open",
        write("summary", "aggregate", "metrics", "volatility", value="Infinity"),
        "run.json",
        '"Infinity" was found',
    ),
    "a measure that is gone": (
        "open",
        write("summary", "aggregate", "metrics", value={}),
        "run.json",
        "summary.aggregate.metrics.total_return: nothing was found",
    ),
    "a list that is shorter": ("open", write("summary", "strategy_ids", value=[]), "run.json", "[] was found"),
    "a time that is none": ("open", write("completed_at", value="noon"), "run.json", "it is not as it was saved"),
    "an option": ("open", write("config", "seed", value=7), "run.json", "summary.options.seed: 0 was found; 7"),
    "an option twice": ("open", write("context", "config", "seed", value=7), "run.json", "context.config.seed: 7 was"),
    "options that are none": (
        "open",
        write("config", "fill_at", value="noon"),
        "run.json",
        "the options are not options",
    ),
    "no options": ("open", write("config", value=None), "run.json", "the options are not options"),
    "a format": ("open", write("format", value=9), "run.json", "the format is 9; expected 1"),
    "no costs": (
        "open",
        lambda folder: edit_table(folder, "costs", lambda frame: frame.clear()),
        "costs.parquet",
        "it does not say what fills cost",
    ),
    "costs of nobody": (
        "open",
        put("costs", "symbol", "ZZZ", symbol="MSFT"),
        "costs.parquet",
        "bar: 0 was found; bar 0 of 'MSFT' is expected",
    ),
    "costs of one more": (
        "open",
        lambda folder: edit_table(
            folder, "costs", lambda frame: pl.concat([frame, with_value(frame.tail(1), 0, "symbol", "ZZZ")])
        ),
        "costs.parquet",
        "no symbol of the run is called like this",
    ),
    "an event": ("open", change_line(4, '"buy"', '"sell"'), "events.jsonl", 'direction: "sell" was found; "buy" is'),
    "an event that is none": ("open", change_line(4, "{", ""), "events.jsonl", "the line is not JSON"),
    "an event written otherwise": ("open", change_line(4, ", ", ","), "events.jsonl", "not written as it was saved"),
    "the last event is gone": (
        "open",
        lambda folder: write_lines(folder, lambda lines: lines[:-1]),
        "events.jsonl",
        "the line is missing",
    ),
    "an event too many": (
        "open",
        lambda folder: write_lines(folder, lambda lines: [*lines, "{}"]),
        "events.jsonl",
        "no row tells this line",
    ),
    "a file without its seal": ("open", lambda folder: (folder / "seal.json").unlink(), "seal.json", "seal is missing"),
    "a file that was changed": (
        "open",
        lambda folder: (folder / "gross.parquet").write_bytes(b"?"),
        "gross.parquet",
        "the file has 1 bytes",
    ),
    "bars of nobody": (
        "open",
        put("prices", "symbol", "ZZZ", symbol="MSFT", bar=3),
        "prices.parquet",
        "this is no bar, or not the next one that was run",
    ),
    "a row of prices is gone": ("open", last("prices"), "", ""),
    "a row of gross values is gone": ("open", last("gross"), "gross.parquet", "rows: 15 was found; 16 is expected"),
    "bars that are not there": ("open", write("record", "n_bars", value=9), "equity.parquet", "16 was found; 9 is"),
}


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_is_found_and_named(name: str, copy: Callable[[str], Path]) -> None:
    """The first line names the file, and says what does not add up."""
    kind, do, file, words = DEEDS[name]
    folder = copy(kind)
    do(folder)
    verdict = verify_run(folder)
    assert not verdict.is_verified
    first = str(verdict.faults()[0])
    assert first.startswith(str(folder / file))
    assert words in first
