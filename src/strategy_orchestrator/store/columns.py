"""The record of a run as Parquet, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.streams import Prices, chunks_of
from strategy_orchestrator.models.tables import (
    FRACTION,
    KIND,
    MOMENT,
    MONEY,
    REASON,
    SIDE,
    decimals,
    equity_columns,
    frames_of,
    printable,
)

_MIXER: Final = np.uint64(0x9E3779B97F4A7C15)  # an odd number whose bits are spread, from the golden ratio
TABLES: Final = ("trades", "decisions", "equity", "gross", "prices", "costs")
"""Names of the tables; each is a file `name.parquet`."""

_COMPRESSION: Final = "zstd"
_LEVEL: Final = 3

_MONEY_OF_DECISIONS: Final = ("quantity", "price", "amount", "commission")
_MONEY_OF_TRADES: Final = (
    "entry_price",
    "exit_price",
    "shares",
    "pnl",
    "commission",
    "slippage",
    "entry_value",
    "exit_value",
    "entry_commission",
    "exit_commission",
)


def tables_of(record: RunRecord) -> dict[str, pl.DataFrame]:
    """Return the tables of a record by name, without the prices."""
    return {**frames_of(record), "gross": gross_frame(record), "costs": costs_frame(record)}


def gross_frame(record: RunRecord) -> pl.DataFrame:
    """Return gross market value at every completed bar: timestamp and one column a strategy."""
    n_bars = record.n_bars
    columns = enumerate(equity_columns(record.strategy_ids))
    times = pl.Series("timestamp", record.panel.timestamps_ns[:n_bars]).cast(MOMENT)
    return pl.DataFrame([times, *(decimals(name, record.gross[:n_bars, place]) for place, name in columns)])


def write_prices(prices: Prices, path: Path) -> None:
    """Write the prices that a run was made over as Parquet, those of a stream chunk by chunk."""

    def frames(*_: object) -> Iterator[pl.DataFrame]:
        return (prices_frame(chunk.own, chunk.first_bar) for chunk in chunks_of(prices))

    source = pl.io.plugins.register_io_source(frames, schema=schema_of("prices", ()))
    source.sink_parquet(path, compression=_COMPRESSION, compression_level=_LEVEL)


def prices_frame(panel: Panel, first_bar: int = 0) -> pl.DataFrame:
    """Return the prices that the kernel counts with, one row a bar and symbol, symbol by symbol.

    Columns: symbol, timestamp, bar, open, high, low, close (int64, counts of 10⁻⁶), volume (NaN where not known), check
    (`row_checks`).

    Parameters
    ----------
    first_bar : int
        Bar of the run with which the panel begins.
    """
    places, bars = np.nonzero(panel.traded.T)
    names = pl.Series("symbol", [printable(name) for name in panel.symbols], dtype=pl.String)
    prices = {name: getattr(panel.units, name)[bars, places] for name in PRICE_FIELDS}
    frame = pl.DataFrame(
        [
            names.gather(places.astype(np.uint32)),
            pl.Series("timestamp", panel.timestamps_ns[bars]).cast(MOMENT),
            pl.Series("bar", (bars + first_bar).astype(np.int32)),
            *(pl.Series(name, units) for name, units in prices.items()),
            pl.Series("volume", panel.volume[bars, places]),
        ]
    )
    return frame.with_columns(row_checks(frame))


def row_checks(prices: pl.DataFrame) -> pl.Series:
    """Return sixteen bits of a hash of the numbers of every row, by which a row that was changed can be told.

    The hash of a symbol's bars in `run.json` tells that one of them was changed, not which.
    """
    mixed = np.zeros(prices.height, np.uint64)
    for name in ("timestamp", "bar", *PRICE_FIELDS, "volume"):
        column = prices[name].to_physical().fill_null(0)
        # NaN has many bit patterns.
        column = column.fill_nan(-1.0) if column.dtype.is_float() else column.cast(pl.Int64)
        mixed = (mixed ^ column.to_numpy().view(np.uint64)) * _MIXER
        mixed ^= mixed >> np.uint64(32)
    return pl.Series("check", mixed.astype(np.uint16))


def costs_frame(record: RunRecord) -> pl.DataFrame:
    """Return what fills cost: one row a symbol, and one more at each bar from which its slippage is another.

    Columns: symbol, bar, lot, per_trade, per_share (int64, counts of 10⁻⁶), per_notional, slippage (int64, counts of
    10⁻¹²). No rows when the record does not say.
    """
    panel, terms = record.panel, record.terms
    if terms is None:
        return pl.DataFrame(schema=schema_of("costs", record.strategy_ids))
    slippage = np.broadcast_to(terms.slippage, (len(terms.slippage), panel.n_symbols))
    is_new = np.ones(slippage.shape, np.bool_)
    is_new[1:] = slippage[1:] != slippage[:-1]
    places, bars = np.nonzero(is_new.T)
    names = pl.Series("symbol", [printable(name) for name in panel.symbols], dtype=pl.String)
    fixed = {name: getattr(terms, name)[places] for name in ("lot", "per_trade", "per_share", "per_notional")}
    return pl.DataFrame(
        [
            names.gather(places.astype(np.uint32)),
            pl.Series("bar", bars.astype(np.int32)),
            *(pl.Series(name, counts) for name, counts in fixed.items()),
            pl.Series("slippage", slippage[bars, places]),
        ]
    )


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet."""
    buffer = BytesIO()
    frame.write_parquet(buffer, compression=_COMPRESSION, compression_level=_LEVEL)
    return buffer.getvalue()


def read_table(path: Path, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Read a Parquet file that must have these columns.

    Raises
    ------
    DataError
        If it cannot be read, or has other columns or types.
    """
    try:
        frame = pl.read_parquet(BytesIO(path.read_bytes()))
    except OSError as error:
        raise DataError(
            Fault(str(path), f"the file cannot be read: {(error.strerror or str(error)).lower()}")
        ) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = " ".join(str(error).split())
        raise DataError(Fault(str(path), f"the file is not Parquet as it was saved: {reason}")) from None
    if dict(frame.schema) != schema:
        found = next(
            (
                f"the column {name!r} is {frame.schema.get(name)}; expected {dtype}"
                for name, dtype in schema.items()
                if frame.schema.get(name) != dtype
            ),
            f"the columns are {', '.join(frame.columns)}; expected {', '.join(schema)}",
        )
        raise DataError(Fault(str(path), found))
    return frame


def schema_of(name: str, strategy_ids: Sequence[str]) -> dict[str, pl.DataType]:
    """Return the columns of a table and their types."""
    ids = equity_columns(strategy_ids)
    moment, integer, text = {"timestamp": MOMENT}, pl.Int32(), pl.String()
    schemas: dict[str, dict[str, pl.DataType]] = {
        "equity": {**moment, **dict.fromkeys([*ids, "reserve", "aggregate"], MONEY)},
        "gross": {**moment, **dict.fromkeys(ids, MONEY)},
        "prices": {
            "symbol": text,
            **moment,
            "bar": integer,
            **dict.fromkeys(PRICE_FIELDS, pl.Int64()),
            "volume": pl.Float64(),
            "check": pl.UInt16(),
        },
        "costs": {
            "symbol": text,
            "bar": integer,
            **dict.fromkeys(("lot", "per_trade", "per_share", "per_notional", "slippage"), pl.Int64()),
        },
        "decisions": {
            **moment,
            "bar": integer,
            "kind": KIND,
            "reason": REASON,
            "strategy_id": text,
            "symbol": text,
            "direction": pl.Int8(),
            **dict.fromkeys(_MONEY_OF_DECISIONS, MONEY),
        },
        "trades": {
            "symbol": text,
            "strategy_id": text,
            "direction": SIDE,
            **dict.fromkeys(("entry_date", "exit_date"), MOMENT),
            **dict.fromkeys(_MONEY_OF_TRADES, MONEY),
            "pnl_pct": FRACTION,
            "duration_days": pl.Int64(),
            "exit_reason": REASON,
            **dict.fromkeys(("entry_bar", "exit_bar"), integer),
        },
    }
    return schemas[name]
