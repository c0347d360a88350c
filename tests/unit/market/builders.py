"""Small prices in every form that they come in, and what is said about them when they are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from strategy_orchestrator.errors import OrchestratorError
from strategy_orchestrator.models.panel import Panel

HEADER = "date,symbol,open,high,low,close,volume"
GOOD = (
    "2024-01-02,AAPL,10.10,10.50,9.90,10.20,100",
    "2024-01-02,MSFT,20,21,19,20.5,200",
    "2024-01-03,AAPL,10.20,10.60,10.00,10.30,110",
)


def csv_text(*lines: str, header: str = HEADER) -> str:
    """Return a CSV file of a header and lines."""
    return "".join(f"{line}\n" for line in (header, *lines))


def write_csv(folder: Path, *lines: str, header: str = HEADER, name: str = "prices.csv") -> Path:
    """Write a CSV file into a folder."""
    path = folder / name
    path.write_text(csv_text(*lines, header=header), encoding="utf-8")
    return path


def long_frame() -> pl.DataFrame:
    """Return the good lines as a long frame of polars."""
    return pl.read_csv(csv_text(*GOOD).encode(), schema_overrides={"date": pl.Date})


def one_frame(symbol: str = "AAPL") -> pl.DataFrame:
    """Return the bars of one symbol, without its name."""
    return long_frame().filter(pl.col("symbol") == symbol).drop("symbol")


def faults_of(make: Callable[[], Panel], folder: Path | None = None) -> list[str]:
    """Return what is said, one line each, about prices that are refused; without the folder that they lie in."""
    try:
        made = make()
    except OrchestratorError as error:
        lines = [str(fault) for fault in error.faults]
        return lines if folder is None else [line.replace(f"{folder}/", "") for line in lines]
    raise AssertionError(made)


def units_of(panel: Panel) -> dict[str, list[list[int]]]:
    """Return all prices as quanta."""
    return {name: getattr(panel.units, name).tolist() for name in ("open", "high", "low", "close")}
