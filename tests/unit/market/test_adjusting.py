"""Prices adjusted by the adjusted close beside them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, strategies as st

from strategy_orchestrator.market import load_panel
from strategy_orchestrator.market.adjusting import adjusted_units
from strategy_orchestrator.models.columns import PRICES
from strategy_orchestrator.models.frames import blocks_of_frame
from strategy_orchestrator.models.rows import gathered
from tests.unit.market.builders import faults_of, units_of, write_csv

HEADER = "date,open,high,low,close,volume,adj close"


def test_all_four_prices_are_adjusted_and_volume_is_not(tmp_path: Path) -> None:
    """Each price times adjusted close over close."""
    path = write_csv(tmp_path, "2024-01-02,10,12,8,10,100,5", "2024-01-03,6,7,5,6,50,6", header=HEADER, name="A.csv")
    panel = load_panel(path, adjust="adj_close")
    assert (panel.open[:, 0].tolist(), panel.high[:, 0].tolist()) == ([5.0, 6.0], [6.0, 7.0])
    assert (panel.low[:, 0].tolist(), panel.close[:, 0].tolist()) == ([4.0, 5.0], [5.0, 6.0])
    assert panel.volume[:, 0].tolist() == [100.0, 50.0]
    assert panel.is_split_adjusted
    assert panel.is_dividend_adjusted


def test_nothing_is_adjusted_unless_asked(tmp_path: Path) -> None:
    """The column of adjusted closes alone changes nothing."""
    path = write_csv(tmp_path, "2024-01-02,10,12,8,10,100,5", header=HEADER, name="A.csv")
    panel = load_panel(path)
    assert panel.close.item() == 10.0
    assert not panel.is_split_adjusted


@st.composite
def written_bars(draw: st.DrawFn) -> list[Decimal]:
    """Draw open, high, low, close and adjusted close, of up to nine decimals, many of them near ties."""
    scale = draw(st.sampled_from([10**2, 10**6, 10**9]))
    low, first, second, high = sorted(draw(st.integers(scale, 10**3 * scale)) for _ in range(4))
    open_, close = draw(st.permutations((first, second)))
    adjusted = draw(st.one_of(st.sampled_from([close, 2 * close, 5 * close]), st.integers(scale, 10**3 * scale)))
    return [Decimal(value) / scale for value in (open_, high, low, close, adjusted)]


@given(st.lists(written_bars(), min_size=1, max_size=4))
def test_adjusting_is_exact(bars: list[list[Decimal]]) -> None:
    """It agrees with rational arithmetic rounded once, and keeps the order of the prices of a bar."""
    columns = dict(zip((*PRICES, "adj_close"), zip(*bars, strict=True), strict=True))
    texts = {name: [f"{value:f}" for value in values] for name, values in columns.items()}
    frame = pl.DataFrame({"date": [f"2024-01-0{day + 1}" for day in range(len(bars))], **texts})
    units = adjusted_units(gathered(blocks_of_frame(frame, "A", "frame")))
    for place, name in enumerate(PRICES):
        factors = [Fraction(bar[4]) / Fraction(bar[3]) for bar in bars]
        exact = [Fraction(bar[place]) * factor * 10**6 for bar, factor in zip(bars, factors, strict=True)]
        assert units[name].tolist() == [round(value) for value in exact]
    assert (units["low"] <= np.minimum(units["open"], units["close"])).all()
    assert (units["high"] >= np.maximum(units["open"], units["close"])).all()


def test_a_tie_is_rounded_to_even(tmp_path: Path) -> None:
    """Half a quantum of the exact product, which no float says."""
    rows = ["2024-01-02,3,3,3,3,1,1.0000005", "2024-01-03,3,3,3,3,1,1.0000015"]
    panel = load_panel(write_csv(tmp_path, *rows, header=HEADER, name="A.csv"), adjust="adj_close")
    assert panel.units.close[:, 0].tolist() == [1_000_000, 1_000_002]


def test_the_floats_are_the_units(tmp_path: Path) -> None:
    """What strategies see is what the kernel trades at."""
    path = write_csv(tmp_path, "2024-01-02,10,12,8,9,100,7.123456789", header=HEADER, name="A.csv")
    panel = load_panel(path, adjust="adj_close")
    units = units_of(panel)
    assert all(getattr(panel, name).item() == units[name][0][0] / 10**6 for name in PRICES)


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("", "column 'adj close': there is no price for 'A'. Write the price, or leave the row out."),
        ("x", "column 'adj close': 'x' for 'A' is not a number. Correct the row, or leave the symbol out."),
        (
            "-1",
            (
                "column 'adj close': -1 for 'A' is not a price; prices are greater than 0. "
                "Correct the row, or leave the symbol out."
            ),
        ),
        (
            "0.000001",
            (
                "column 'low': 0.1 × 0.000001 ÷ 10, adjusted for 'A', is less than half a quantum. "
                "Load the prices without adjust, or leave the symbol out."
            ),
        ),
        (
            "9000000000000",
            (
                "column 'high': 12 × 9000000000000 ÷ 10, adjusted for 'A', does not fit 64 bits. "
                "Load the prices without adjust, or leave the symbol out."
            ),
        ),
    ],
)
def test_adjusted_closes_are_checked_when_they_are_needed(cell: str, line: str, tmp_path: Path) -> None:
    """By row; without adjust they do not matter."""
    path = write_csv(tmp_path, f"2024-01-02,10,12,0.1,10,1,{cell}", header=HEADER, name="A.csv")
    assert faults_of(lambda: load_panel(path, adjust="adj_close"), tmp_path) == [f"A.csv, line 2, {line}"]
    assert load_panel(path).close.item() == 10.0


def test_each_file_without_adjusted_closes_is_named(tmp_path: Path) -> None:
    """All at once, with the other faults."""
    write_csv(tmp_path, "2024-01-02,1,1,1,1,1,x", header=HEADER, name="A.csv")
    for name in ("B.csv", "C.csv"):
        write_csv(tmp_path, "2024-01-02,1,1,1,1", header="date,open,high,low,close", name=name)
    needed = "there is no column 'adj_close', which adjust='adj_close' needs"
    problem = f"{needed}. Add the column, or load the prices without adjust."
    assert faults_of(lambda: load_panel(tmp_path, adjust="adj_close"), tmp_path) == [
        f"B.csv: {problem}",
        f"C.csv: {problem}",
        "A.csv, line 2, column 'adj close': 'x' for 'A' is not a number. Correct the row, or leave the symbol out.",
    ]
