"""The record of a saved run, as the kernel left it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from strategy_orchestrator.arrays import AnyArray, IntArray, sealed
from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.models.records import DECISION, TRADE, RunRecord, Terms
from strategy_orchestrator.models.tables import equity_columns, printable, units_of
from strategy_orchestrator.money import SCALE, to_units
from strategy_orchestrator.store.describe import LEDGERS
from strategy_orchestrator.store.folder import RUN_FILE
from strategy_orchestrator.store.load import SavedRun

_SLEEVE: Final = np.dtype([(name, np.int64) for name in LEDGERS])
# What JSON of another form than ours causes when it is read as ours.
_MISFITS: Final = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
    pl.exceptions.PolarsError,
)
_TRADE_COLUMNS: Final = {
    "quantity": "shares",
    "entry_price": "entry_price",
    "exit_price": "exit_price",
    "entry_notional": "entry_value",
    "exit_notional": "exit_value",
    "entry_commission": "entry_commission",
    "exit_commission": "exit_commission",
    "slippage": "slippage",
    "pnl": "pnl",
}


def record_of(saved: SavedRun) -> RunRecord:
    """Make the record of a saved run again, to the unit; its fingerprint is that of the run.

    The panel has the prices that the kernel counted with, as quanta and as the floats nearest to them.

    Raises
    ------
    DataError
        If the run failed, or the files do not fit one another.
    """
    if not saved.is_sealed:
        raise DataError(Fault(str(saved.folder), "the run failed; only a complete run has its whole record"))
    try:
        return _record(saved)
    except _MISFITS as error:
        problem = f"the files do not fit one another: {' '.join(str(error).split())}"
        raise DataError(Fault(str(saved.folder / RUN_FILE), problem)) from None


def _record(saved: SavedRun) -> RunRecord:
    about: Mapping[str, Any] = saved.description["record"]
    ids, n_bars = saved.strategy_ids, int(about["n_bars"])
    panel = _panel(saved)
    sleeves = np.zeros(len(ids), _SLEEVE)
    for name in LEDGERS:
        sleeves[name] = [to_units(row[name], name) for row in about["sleeves"]]
    return RunRecord(
        panel=panel,
        strategy_ids=ids,
        weights=tuple(about["weights"]),
        initial_capital=to_units(about["initial_capital"], "initial_capital"),
        initial_allocations=np.array([to_units(item, "initial_allocations") for item in about["initial_allocations"]]),
        equity=_by_strategy(saved.equity, ids),
        gross=_by_strategy(saved.tables["gross"], ids),
        reserve=units_of(saved.equity["reserve"]),
        trades=_trades(saved.trades, ids, panel.symbols),
        decisions=_decisions(saved.decisions, ids, panel.symbols),
        sleeves=sleeves,
        n_conflicts=int(about["n_conflicts"]),
        n_blocks=int(about["n_blocks"]),
        n_bars=n_bars,
        notes=about["notes"],
        terms=_terms(saved, panel),
    )


def _panel(saved: SavedRun) -> Panel:
    about: Mapping[str, Any] = saved.description["data"]
    symbols = [entry["symbol"] for entry in about["symbols"]]
    prices = saved.prices
    bars = prices["bar"].to_numpy()
    columns = _places(prices["symbol"], symbols)
    axis = saved.equity["timestamp"].to_physical().to_numpy()
    units = {name: np.zeros((len(axis), len(symbols)), np.int64) for name in PRICE_FIELDS}
    for name, counts in units.items():
        counts[bars, columns] = prices[name].to_numpy()
    volume = np.full((len(axis), len(symbols)), np.nan)
    volume[bars, columns] = prices["volume"].to_numpy()
    floats = {name: np.where(counts > 0, counts / SCALE, np.nan) for name, counts in units.items()}
    panel = Panel.from_arrays(axis, symbols, **floats, volume=volume)
    return replace(
        panel,
        calendar=about["calendar"],
        is_split_adjusted=about["is_split_adjusted"],
        is_dividend_adjusted=about["is_dividend_adjusted"],
        _units={name: sealed(counts) for name, counts in units.items()},
    )


def _terms(saved: SavedRun, panel: Panel) -> Terms | None:
    costs = saved.tables["costs"]
    if costs.is_empty():
        return None
    places, bars = _places(costs["symbol"], panel.symbols), costs["bar"].to_numpy()
    if not np.array_equal(np.sort(places[bars == 0]), np.arange(panel.n_symbols)):
        problem = "costs.parquet does not say what every symbol costs from bar 0 on"
        raise ValueError(problem)
    fixed = {name: np.zeros(panel.n_symbols, np.int64) for name in ("lot", "per_trade", "per_share", "per_notional")}
    for name, counts in fixed.items():
        counts[places] = costs[name].to_numpy()
    # Each holds until the next one of its symbol.
    since = np.zeros((panel.n_bars if bars.any() else 1, panel.n_symbols), np.int64)
    since[bars, places] = bars
    slippage = np.zeros(since.shape, np.int64)
    slippage[bars, places] = costs["slippage"].to_numpy()
    since = np.maximum.accumulate(since, axis=0)
    return Terms(**fixed, slippage=slippage[since, np.arange(panel.n_symbols)])


def _by_strategy(frame: pl.DataFrame, ids: Sequence[str]) -> IntArray:
    columns = [units_of(frame[name]) for name in equity_columns(ids)]
    return np.stack(columns, axis=1)


def _trades(frame: pl.DataFrame, ids: Sequence[str], symbols: Sequence[str]) -> NDArray[Any]:
    rows = np.zeros(frame.height, TRADE)
    rows["strategy"], rows["symbol"] = _places(frame["strategy_id"], ids), _places(frame["symbol"], symbols)
    for name in ("entry_bar", "exit_bar"):
        rows[name] = frame[name].to_numpy()
    for name, column in _TRADE_COLUMNS.items():
        rows[name] = units_of(frame[column])
    rows["direction"] = np.where(frame["direction"].to_physical().to_numpy() == 0, -1, 1)
    rows["reason"] = frame["exit_reason"].to_physical().to_numpy()
    return rows


def _decisions(frame: pl.DataFrame, ids: Sequence[str], symbols: Sequence[str]) -> NDArray[Any]:
    rows = np.zeros(frame.height, DECISION)
    rows["strategy"], rows["symbol"] = _places(frame["strategy_id"], ids), _places(frame["symbol"], symbols)
    for name in ("bar", "direction"):
        rows[name] = frame[name].to_numpy()
    rows["kind"] = frame["kind"].to_physical().to_numpy() + 1
    rows["reason"] = frame["reason"].to_physical().to_numpy()
    for name in ("quantity", "price", "amount", "commission"):
        rows[name] = units_of(frame[name])
    return rows


def _places(names: pl.Series, known: Sequence[str]) -> AnyArray:
    table = {printable(name): place for place, name in enumerate(known)}
    return names.replace_strict(table, return_dtype=pl.Int32).fill_null(-1).to_numpy()
