"""Five lines from any prices to a result: every form of the same prices gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from orchestrator_starter import (
    BuyAndHoldSignals,
    BuyAndHoldStrategy,
    DemoPrices,
    MomentumSignals,
    MomentumStrategy,
    RSISignals,
    RSIStrategy,
)
from strategy_orchestrator import DataError, HistoricalDataBar, OrchestratorResult, Panel
from tests.unit.engine.portfolios import Asked, Says, run

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
# time, open, high, low, close; the second symbol begins a day later and has a gap.
ROWS: Final[dict[str, list[tuple[float, ...]]]] = {
    "A": [(0, 10, 11, 9, 10.5), (1, 10.5, 12, 10, 11), (2, 11, 11, 8, 9), (3, 9, 10, 9, 9.75), (4, 10, 10, 10, 10)],
    "B": [(1, 20, 21, 19, 20.25), (2, 20, 20, 18, 19), (4, 19, 22, 19, 21)],
}
COLUMNS: Final = ("timestamp", "open", "high", "low", "close", "volume")


def bars_of(symbol: str) -> list[HistoricalDataBar]:
    """Return the bars of a symbol."""
    bars = []
    for day, *prices in ROWS[symbol]:
        open_, high, low, close = map(decimal, prices)
        bars.append(HistoricalDataBar(symbol, START + timedelta(days=day), open_, high, low, close, Decimal(100)))
    return bars


def decimal(number: float) -> Decimal:
    """Return a price."""
    return Decimal(str(number))


def table(symbol: str) -> dict[str, list[Any]]:
    """Return the columns of a symbol."""
    rows = [(START + timedelta(days=day), *map(float, prices), 100.0) for day, *prices in ROWS[symbol]]
    return dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))


def long_table(name: str = "symbol") -> dict[str, list[Any]]:
    """Return the columns of both symbols, one under the other."""
    tables = {symbol: table(symbol) for symbol in ROWS}
    columns = {column: [value for each in tables.values() for value in each[column]] for column in COLUMNS}
    return {name: [symbol for symbol, each in tables.items() for _ in each["open"]], **columns}


def by_symbol(make: Callable[[dict[str, list[Any]]], Any]) -> dict[str, Any]:
    """Return a frame a symbol."""
    return {symbol: make(table(symbol)) for symbol in ROWS}


def shouted(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return columns called as other sources call them."""
    return {{"timestamp": "Date"}.get(name, name.capitalize()): values for name, values in columns.items()}


def wide() -> pd.DataFrame:
    """Return a frame with a column a field and symbol, as downloaders give it."""
    frames = {symbol: pd.DataFrame(table(symbol)).set_index("timestamp") for symbol in ROWS}
    return pd.concat(frames, axis=1)


def panel() -> Panel:
    """Return the panel."""
    return Panel.from_bars({symbol: bars_of(symbol) for symbol in ROWS})


FORMS: Final[dict[str, Callable[[], Any]]] = {
    "a panel": panel,
    "lists of bars": lambda: {symbol: bars_of(symbol) for symbol in reversed(ROWS)},
    "tuples of bars": lambda: {symbol: tuple(bars_of(symbol)) for symbol in ROWS},
    "frames of pandas": lambda: by_symbol(pd.DataFrame),
    "frames of pandas with an index of times": lambda: by_symbol(
        lambda each: pd.DataFrame(each).set_index("timestamp")
    ),
    "frames of polars": lambda: by_symbol(pl.DataFrame),
    "tables of pyarrow": lambda: by_symbol(pa.table),
    "frames of different libraries": lambda: {"A": pd.DataFrame(table("A")), "B": pa.table(table("B"))},
    "columns in capitals": lambda: by_symbol(lambda each: pd.DataFrame(shouted(each))),
    "one long frame of pandas": lambda: pd.DataFrame(long_table()),
    "one long frame of polars": lambda: pl.DataFrame(long_table("Ticker")),
    "one long table of pyarrow": lambda: pa.table(long_table()),
    "one wide frame": wide,
}


def result_of(data: Any) -> OrchestratorResult:
    """Run two strategies over the prices."""
    return run([Says("E.X..", ".E.X."), Asked(".E.X.", "E.X..")], data, 1000, commission_pct="0.001", lot_size="0.01")


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_every_form_of_prices_gives_the_same_result(make: Callable[[], Any]) -> None:
    """Dicts of lists and of frames, long and wide frames, of any library, in any usual case."""
    assert result_of(make()).fingerprint == result_of(panel()).fingerprint


def write_csv(folder: Path) -> Path:
    """Write one file for each symbol; return the pattern."""
    for symbol in ROWS:
        pl.DataFrame(shouted(table(symbol))).write_csv(folder / f"{symbol}.csv")
    return folder / "*.csv"


def write_long_csv(folder: Path) -> str:
    """Write one file for all symbols, the rows of both by time."""
    path = folder / "prices.csv"
    pl.DataFrame(long_table()).sort("timestamp", "symbol").write_csv(path)
    return str(path)


def write_parquet(folder: Path) -> Path:
    """Write one file for all symbols."""
    path = folder / "prices.parquet"
    pl.DataFrame(long_table()).write_parquet(path)
    return path


@pytest.mark.parametrize("write", [write_csv, write_long_csv, write_parquet])
def test_files_give_the_same_result(write: Callable[[Path], Any], tmp_path: Path) -> None:
    """CSV and Parquet, one file or several, by path or text."""
    assert result_of(write(tmp_path)).fingerprint == result_of(panel()).fingerprint


NO_PRICES: Final[dict[str, tuple[Any, str]]] = {
    "nothing": (None, "historical_data: NoneType is no type that prices come in"),
    "an empty dict": ({}, "historical_data: there is no symbol"),
    "an empty list": ({"A": []}, "bars of 'A': the list is empty"),
    "bars of another symbol": ({"A": bars_of("B")}, "bars of 'A', bar 0: its symbol is 'B'"),
    "unsorted bars": ({"A": bars_of("A")[::-1]}, "bars of 'A', bar 1: 2024-01-04 00:00:00+00:00 is earlier"),
    "a bar twice": (
        {"A": [*bars_of("A"), bars_of("A")[-1]]},
        "bars of 'A', bar 5: 2024-01-05 00:00:00+00:00 is the same",
    ),
    "a missing file": ("nowhere.csv", "nowhere.csv"),
    "numbers": ({"A": 7}, "historical_data['A']: int is no type that prices come in"),
}


@pytest.mark.parametrize(("data", "where"), NO_PRICES.values(), ids=NO_PRICES)
def test_prices_that_are_none_are_refused(data: Any, where: str) -> None:
    """Before anything runs, by place."""
    with pytest.raises(DataError) as caught:
        result_of(data)
    assert where in str(caught.value)


def test_real_prices_run_in_both_forms() -> None:
    """Five shares that begin at different dates: asked bar by bar, or once for all, the strategies trade alike."""
    prices = DemoPrices().load().until(700)
    weights = (Decimal("0.33"), Decimal("0.33"), Decimal("0.34"))
    asked = (BuyAndHoldStrategy(), MomentumStrategy(), RSIStrategy())
    vectorized = (BuyAndHoldSignals(), MomentumSignals(), RSISignals())
    first, second = (run(list(zip(each, weights, strict=True)), prices, 100_000) for each in (asked, vectorized))
    assert first.conflicts_detected == second.conflicts_detected > 0
    assert first.record.trades.tobytes() == second.record.trades.tobytes()
    assert first.record.decisions.tobytes() == second.record.decisions.tobytes()
    assert first.record.equity.tobytes() == second.record.equity.tobytes()
    assert "XNYS" in first.periods_source
    traded = {trade.symbol for item in first.strategy_results.values() for trade in item.trades}
    assert traded == {"AAPL", "IBM", "MSFT"}


def test_a_symbol_that_begins_later_is_bought_later() -> None:
    """GOOG has no price before 2004-08-19; its order comes with its first bar."""
    prices = DemoPrices(symbols=["AAPL", "GOOG"]).load()
    result = run([(BuyAndHoldSignals(), Decimal(1))], prices, 100_000)
    trades = result.strategy_results["BuyAndHoldSignals_0"].trades
    assert {trade.symbol: trade.entry_date.date().isoformat() for trade in trades} == {
        "AAPL": "2000-03-02",
        "GOOG": "2004-08-20",
    }
