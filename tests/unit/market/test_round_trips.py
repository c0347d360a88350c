"""Whatever a panel is written to, it is read back to the unit, and no order that is not named matters."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from hypothesis import given, strategies as st

from strategy_orchestrator.market import load_panel, panel_of
from strategy_orchestrator.models.bars import HistoricalDataBar
from strategy_orchestrator.models.columns import PRICES
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.money import LIMIT, SCALE, to_decimal

Bars = dict[str, list[HistoricalDataBar]]
Names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8).filter(str.strip)


@st.composite
def markets(draw: st.DrawFn, most_units: int = LIMIT - SCALE) -> Bars:
    """Draw ragged bars of some symbols, with prices of any size."""
    found: Bars = {}
    for name in draw(st.lists(Names, min_size=1, max_size=4, unique=True)):
        days = sorted(draw(st.sets(st.integers(0, 10), min_size=1, max_size=5)))
        found[name] = [
            draw(bars(name, datetime(2024, 1, 1, 21, tzinfo=UTC) + timedelta(days=day), most_units)) for day in days
        ]
    return found


@st.composite
def bars(draw: st.DrawFn, symbol: str, time: datetime, most_units: int) -> HistoricalDataBar:
    """Draw one bar."""
    top = draw(st.sampled_from([10, 10**6, 10**8, 10**12, most_units]))
    low, first, second, high = sorted(draw(st.integers(1, min(top, most_units))) for _ in range(4))
    prices = (to_decimal(units) for units in (first, high, low, second))
    return HistoricalDataBar(symbol, time, *prices, volume=Decimal(draw(st.integers(0, 10**9))))


def frame_of(market: Bars) -> pl.DataFrame:
    """Write bars as text, by time and then by symbol."""
    listed = sorted(
        ((bar.timestamp, bar.symbol, bar) for items in market.values() for bar in items), key=lambda row: row[:2]
    )
    columns: dict[str, list[str]] = {
        "timestamp": [time.isoformat() for time, _, _ in listed],
        "symbol": [name for _, name, _ in listed],
    }
    columns |= {field: [f"{getattr(bar, field):f}" for _, _, bar in listed] for field in (*PRICES, "volume")}
    return pl.DataFrame(columns)


def with_decimals(frame: pl.DataFrame) -> pl.DataFrame:
    """Return text as times and decimals."""
    numbers = [pl.col(name).cast(pl.Decimal(38, 6)) for name in PRICES]
    return frame.with_columns(
        *numbers, pl.col("volume").cast(pl.Int64), pl.col("timestamp").str.to_datetime("%+", time_zone="UTC")
    )


def with_floats(frame: pl.DataFrame) -> pl.DataFrame:
    """Return text as times and floats."""
    return with_decimals(frame).with_columns(frame[name].cast(pl.Float64) for name in PRICES)


def loaded(name: str, write: Callable[[Path], object], symbols: list[str] | None = None) -> Panel:
    """Write a file and load it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return load_panel(path, symbols=symbols)


def agree(panel: Panel, expected: Panel) -> bool:
    """Tell whether two panels are the same to the unit."""
    columns = all(
        np.array_equal(getattr(panel, name), getattr(expected, name), equal_nan=True) for name in (*PRICES, "volume")
    )
    units = all(np.array_equal(getattr(panel.units, name), getattr(expected.units, name)) for name in PRICES)
    return columns and units and panel.symbols == expected.symbols and panel.timestamps == expected.timestamps


@given(markets())
def test_csv_keeps_every_unit(market: Bars) -> None:
    """However many digits a price has, and whatever a symbol is called."""
    assert agree(loaded("p.csv", frame_of(market).write_csv), Panel.from_bars(market))


@given(markets())
def test_decimals_of_parquet_keep_every_unit(market: Bars) -> None:
    """Read from a file or handed in."""
    frame = with_decimals(frame_of(market))
    assert agree(loaded("p.parquet", frame.write_parquet), Panel.from_bars(market))
    assert agree(Panel.from_frame(frame), Panel.from_bars(market))


@given(markets(most_units=10**14))
def test_floats_keep_every_unit_that_they_can_say(market: Bars) -> None:
    """Up to fifteen digits, in every library."""
    frame, expected = with_floats(frame_of(market)), Panel.from_bars(market)
    assert agree(loaded("p.parquet", frame.write_parquet), expected)
    for other in (frame, frame.to_pandas(), frame.to_arrow(), frame.lazy()):
        assert agree(panel_of(other), expected)


@given(markets(most_units=10**14))
def test_a_panel_survives_a_way_through_a_wide_frame(market: Bars) -> None:
    """Gaps are empty cells."""
    frame = with_floats(frame_of(market)).to_pandas().set_index(["timestamp", "symbol"])
    assert agree(Panel.from_frame(frame.unstack()), Panel.from_bars(market))


@given(markets(), st.randoms(use_true_random=False))
def test_no_order_but_that_of_time_matters(market: Bars, rng: random.Random) -> None:
    """Columns, symbols, and how the rows of symbols are mixed, are free."""
    expected = Panel.from_bars(market)
    columns = [*frame_of(market).columns]
    rng.shuffle(columns)
    names = [*market]
    rng.shuffle(names)
    grouped = pl.concat([frame_of({name: market[name]}) for name in names])
    mixed = [name for name, items in market.items() for _ in items]
    rng.shuffle(mixed)
    queues = {name: iter(frame_of({name: items}).rows()) for name, items in market.items()}
    woven = pl.DataFrame([next(queues[name]) for name in mixed], schema=grouped.schema, orient="row")
    for frame in (grouped, woven):
        assert agree(loaded("p.csv", frame.select(columns).write_csv), expected)
        assert agree(panel_of(frame.select(columns)), expected)
    assert agree(panel_of({name: market[name] for name in names}), expected)
    assert agree(panel_of({name: frame_of({name: market[name]}).drop("symbol") for name in names}), expected)


@given(markets())
def test_choosing_symbols_while_loading_is_choosing_them_later(market: Bars) -> None:
    """But for times at which only others have bars."""
    name = min(market)
    chosen = loaded("p.csv", frame_of(market).write_csv, symbols=[name])
    assert agree(chosen, Panel.from_bars({name: market[name]}))
