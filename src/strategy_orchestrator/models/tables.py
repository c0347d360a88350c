"""The record of a run as polars frames.

The one module on this floor that loads polars; whoever needs frames imports it then.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from strategy_orchestrator.arrays import AnyArray, IntArray
from strategy_orchestrator.clock import NS_PER_DAY
from strategy_orchestrator.models.records import DecisionKind, Reason, RunRecord

MONEY: Final = pl.Decimal(38, 6)
"""Type of money, prices and quantities in frames."""
FRACTION: Final = pl.Decimal(38, 12)
"""Type of `pnl_pct`."""
MOMENT: Final = pl.Datetime("ns", "UTC")
"""Type of times in frames."""

_QUANTUM: Final = Decimal("0.000001")
_FRACTION_STEP: Final = Decimal("0.000000000001")
_FRACTION_STEPS: Final = 10**12
_TOTALS: Final = ("reserve", "aggregate")


def _words(enumeration: type[IntEnum], first: int) -> list[str]:
    words = {member.value: member.name.lower() for member in enumeration}
    return [words[value] for value in range(first, first + len(words))]


KIND: Final = pl.Enum(_words(DecisionKind, 1))
"""Type of the kinds of decisions."""
REASON: Final = pl.Enum(_words(Reason, 0))
"""Type of the reasons of decisions."""
SIDE: Final = pl.Enum(["short", "long"])
"""Type of the sides of positions."""


def frames_of(record: RunRecord) -> dict[str, pl.DataFrame]:
    """Return the record as frames.

    Returns
    -------
    dict
        "decisions", "trades" and "equity", as `decisions_frame`, `trades_frame` and `equity_frame` make them.
    """
    return {
        "decisions": decisions_frame(record),
        "trades": trades_frame(record),
        "equity": equity_frame(record),
    }


def decisions_frame(record: RunRecord) -> pl.DataFrame:
    """Return everything decided, one row each, in the order in which it happened.

    Columns: timestamp (close of the bar), bar, kind and reason in lower case, strategy_id (null: none, or the reserve
    in a transfer), symbol (null: none), direction (1 buys, -1 sells, 0 neither), quantity, price, amount, commission;
    docs/reference/decisions.md has their meaning by kind.
    """
    rows = record.decisions
    return pl.DataFrame(
        [
            _moments("timestamp", record, rows["bar"]),
            pl.Series("bar", _column(rows, "bar")),
            _word("kind", KIND, rows["kind"].astype(np.int64) - 1),
            _word("reason", REASON, rows["reason"]),
            _named("strategy_id", record.strategy_ids, rows["strategy"]),
            _named("symbol", record.panel.symbols, rows["symbol"]),
            pl.Series("direction", _column(rows, "direction")),
            *(decimals(name, rows[name]) for name in ("quantity", "price", "amount", "commission")),
        ]
    )


def trades_frame(record: RunRecord) -> pl.DataFrame:
    """Return the trades in the order of their exits.

    The columns are the fields of `Trade`, then those behind them: entry_bar, exit_bar, entry_value, exit_value,
    entry_commission, exit_commission. `pnl_pct` is rounded half to even to 12 decimals, and null where nothing was
    used for the entry.
    """
    rows = record.trades
    times = record.panel.timestamps_ns
    entry_commission, exit_commission = (decimals("", rows[f"{side}_commission"]) for side in ("entry", "exit"))
    days = np.floor_divide(times[rows["exit_bar"]] - times[rows["entry_bar"]], NS_PER_DAY)
    return pl.DataFrame(
        [
            _named("symbol", record.panel.symbols, rows["symbol"]),
            _named("strategy_id", record.strategy_ids, rows["strategy"]),
            _word("direction", SIDE, rows["direction"] > 0),
            _moments("entry_date", record, rows["entry_bar"]),
            decimals("entry_price", rows["entry_price"]),
            _moments("exit_date", record, rows["exit_bar"]),
            decimals("exit_price", rows["exit_price"]),
            decimals("shares", rows["quantity"]),
            decimals("pnl", rows["pnl"]),
            _fractions("pnl_pct", rows),
            pl.Series("duration_days", days),
            _word("exit_reason", REASON, rows["reason"]),
            (entry_commission + exit_commission).alias("commission"),
            decimals("slippage", rows["slippage"]),
            pl.Series("entry_bar", _column(rows, "entry_bar")),
            pl.Series("exit_bar", _column(rows, "exit_bar")),
            decimals("entry_value", rows["entry_notional"]),
            decimals("exit_value", rows["exit_notional"]),
            entry_commission.alias("entry_commission"),
            exit_commission.alias("exit_commission"),
        ]
    )


def equity_frame(record: RunRecord) -> pl.DataFrame:
    """Return equity at the close of every completed bar: timestamp, one column a strategy, reserve, aggregate.

    A strategy whose id is the name of another column has " (strategy)" behind it.
    """
    n_bars = record.n_bars
    columns = [
        decimals(name, record.equity[:n_bars, place]) for place, name in enumerate(equity_columns(record.strategy_ids))
    ]
    return pl.DataFrame(
        [
            pl.Series("timestamp", record.panel.timestamps_ns[:n_bars]).cast(MOMENT),
            *columns,
            decimals("reserve", record.reserve[:n_bars]),
            decimals("aggregate", record.aggregate[:n_bars]),
        ]
    )


def equity_columns(strategy_ids: Sequence[str]) -> list[str]:
    """Return the names under which the strategies stand in the equity frame, in their order."""
    taken = {"timestamp", *_TOTALS}
    names = []
    for strategy_id in strategy_ids:
        name = printable(strategy_id)
        while name in taken:
            name = f"{name} (strategy)"
        taken.add(name)
        names.append(name)
    return names


def decimals(name: str, units: AnyArray) -> pl.Series:
    """Return quanta as exact decimals with six places.

    Parameters
    ----------
    units : ndarray
        int64, one axis, quanta.
    """
    counts = pl.Series(name, np.ascontiguousarray(units, np.int64))
    # The factor has the digits that the type has, so nothing is rounded; checked up to 2⁶³ − 1.
    return (counts.cast(pl.Decimal(38, 0)) * _QUANTUM).cast(MONEY)


def units_of(series: pl.Series) -> IntArray:
    """Return what `decimals` was made of.

    Returns
    -------
    ndarray
        int64, quanta.
    """
    return series.cast(MONEY).to_physical().cast(pl.Int64).to_numpy()


def printable(name: str) -> str:
    """Return a name as columns of text can hold it: half a surrogate pair is written as its escape."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _column(rows: NDArray[Any], name: str) -> AnyArray:
    return np.ascontiguousarray(rows[name])


def _moments(name: str, record: RunRecord, bars: AnyArray) -> pl.Series:
    return pl.Series(name, record.panel.timestamps_ns[bars]).cast(MOMENT)


def _word(name: str, words: pl.Enum, codes: AnyArray) -> pl.Series:
    return pl.Series(name, words.categories, dtype=words).gather(codes.astype(np.uint32))


def _named(name: str, names: Sequence[str], places: AnyArray) -> pl.Series:
    known = pl.Series(name, [*map(printable, names), None], dtype=pl.String)
    return known.gather(np.where(places < 0, len(names), places).astype(np.uint32))


def _fractions(name: str, rows: NDArray[Any]) -> pl.Series:
    wide = pl.DataFrame({key: _column(rows, key) for key in ("pnl", "entry_notional", "entry_commission")}).cast(
        pl.Int128
    )
    used = pl.col("entry_notional") + pl.col("entry_commission")
    wide = wide.select(
        (pl.col("pnl") * pl.lit(_FRACTION_STEPS, pl.Int128)).alias("top"),
        pl.when(used > 0).then(used).otherwise(None).alias("used"),
    ).with_columns((pl.col("top") // pl.col("used")).alias("down"))
    twice = (pl.col("top") - pl.col("down") * pl.col("used")) * 2
    is_up = (twice > pl.col("used")) | ((twice == pl.col("used")) & (pl.col("down") % 2 == 1))
    steps = wide.select(pl.col("down") + is_up.cast(pl.Int128)).to_series()
    return (steps.cast(pl.Decimal(38, 0)) * _FRACTION_STEP).cast(FRACTION).alias(name)
