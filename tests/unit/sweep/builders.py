"""Strategies, run files and plug-ins of which sweeps are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, Field, model_validator

from strategy_orchestrator import (
    ExecutorSpec,
    Panel,
    Signals,
    SignalStrategy,
    StrategyOrchestrator,
    StrategySpec,
    hookimpl,
)

PACK = """
from tests.unit.sweep.builders import Pack
pack = Pack()
"""

RUN = """[run]
initial_capital = "1000"
[data]
source = "csv"
path = "AAA.csv"
[[strategy]]
use = "holds"
weight = "0.5"
[[strategy]]
use = "holds"
weight = "0.5"
label = "late"
params = {{ first = 2 }}
[sweep]
jobs = 1
{sweep}
"""
BARS = "".join(
    f"2020-01-{day:02d},{price},{price + 1},{price - 1},{price},1000\n"
    for day, price in enumerate((10, 11, 12, 11, 13, 14, 12, 15, 16, 15), 1)
)


class Parameters(BaseModel):
    """Options of a strategy, of which one must be below the other."""

    first: int = Field(default=1, ge=0, le=9)
    last: int = Field(default=5, ge=0, le=9)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first >= self.last:
            raise ValueError(f"first, {self.first}, must be below last, {self.last}")
        return self


class Holds(SignalStrategy):
    """Buys at one bar and sells at another; cannot begin at bar 4."""

    def __init__(self, first: int = 1, last: int = 5) -> None:
        self.first, self.last = first, last

    def signals(self, panel: Panel) -> Signals:
        """Return one entry and one exit."""
        if self.first == 4:
            raise ZeroDivisionError("four is bad luck")
        entries = np.zeros((panel.n_bars, panel.n_symbols), np.bool_)
        exits = entries.copy()
        entries[self.first], exits[self.last] = True, True
        return Signals(entries=entries, exits=exits)


class OddParameters(BaseModel):
    """How an executor goes wrong."""

    how: str = "order"


class Odd:
    """An executor that does what the test wants."""

    def __init__(self, how: str = "order") -> None:
        self.how = how

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Any:
        """Give something else than was asked for."""
        rows = [function(item) for item in items]
        if self.how == "raises":
            raise OSError("no machines")
        given: dict[str, Any] = {
            "order": iter(rows[::-1]),
            "fewer": iter(rows[:-1]),
            "more": iter(rows + rows[-1:]),
            "other": iter(["done"] * len(rows)),
            "list": rows,
            "nothing": None,
        }
        return given[self.how]


class Pack:
    """A plug-in with all of these."""

    @hookimpl
    def orchestrator_strategies(self) -> list[StrategySpec]:
        """Offer the strategy."""
        return [StrategySpec("holds", Holds, Parameters, "Holds.")]

    @hookimpl
    def orchestrator_executors(self) -> list[ExecutorSpec]:
        """Offer the executor, with and without its option."""
        return [ExecutorSpec("odd", Odd, OddParameters, "Odd."), ExecutorSpec("plain", Odd, None, "Odd.")]


def holding(first: int, last: int = 8) -> StrategyOrchestrator:
    """Make a portfolio of one strategy; it cannot begin at bar 3."""
    if first == 3:
        raise ValueError("three is a crowd")
    return StrategyOrchestrator([(Holds(first, last), "1")])


def prices(n_bars: int = 10) -> Panel:
    """Make a panel of one symbol that rises and falls."""
    close = np.array([10.0, 11, 12, 11, 13, 14, 12, 15, 16, 15])[:n_bars, None]
    times = np.datetime64("2020-01-01", "ns") + np.arange(n_bars) * np.timedelta64(1, "D")
    return Panel.from_arrays(times, ["AAA"], open=close, high=close + 1, low=close - 1, close=close)


def write(folder: Path, sweep: str = "[sweep.grid]\nlate.last = [5, 7]") -> Path:
    """Write a run file with its prices and return its path."""
    (folder / "AAA.csv").write_text(f"date,open,high,low,close,volume\n{BARS}")
    path = folder / "run.toml"
    path.write_text(RUN.format(sweep=sweep))
    return path


def row_of(run: int = 1, params: Mapping[str, object] | None = None, **fields: Any) -> dict[str, Any]:
    """Return a row as `sweep.json` has it."""
    return {
        "run": run,
        "params": {"fast": run} if params is None else dict(params),
        "fingerprint": f"{run:064}",
        "final_equity": "1000",
        "measures": {"sharpe_ratio": "0.5"},
        "undefined": {},
        "daily_sharpe": None,
        "error": None,
        **fields,
    }
