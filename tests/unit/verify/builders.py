"""Small saved runs in which much happens, and the means to tamper with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from strategy_orchestrator import (
    CostModel,
    OrchestratorConfig,
    Panel,
    ProtectiveExits,
    Signals,
    SignalStrategy,
    StrategyOrchestrator,
    WeightStrategy,
)
from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.store import save_run
from strategy_orchestrator.store.folder import Staging
from strategy_orchestrator.store.seal import SEAL_FILE, SEALED_FILES, seal_bytes

N_BARS = 16
SYMBOLS = ("AAPL", "MSFT")


class Swing(SignalStrategy):
    """Go long and short in turns; stops and targets end some of it."""

    protective_exits = ProtectiveExits(stop_loss=Decimal("0.05"), take_profit=Decimal("0.08"))

    def signals(self, panel: Panel) -> Signals:
        """Return entries every few bars."""
        bars = np.arange(panel.n_bars)[:, None]
        shape = panel.n_bars, panel.n_symbols
        long, short = (np.broadcast_to(bars % 6 == start, shape) for start in (0, 3))
        return Signals(entries=long, exits=np.broadcast_to(bars % 6 == 5, shape), short_entries=short)


class Tilt(WeightStrategy):
    """Change the weights of both symbols now and then."""

    def weights(self, panel: Panel) -> FloatArray:
        """Return weights at every fourth bar."""
        weights = np.full((panel.n_bars, panel.n_symbols), np.nan)
        weights[1::4] = (0.6, 0.3)
        weights[3::4] = (0.2, 0.5)
        return weights


class Thirsty(SignalStrategy):
    """Enter everything at once, at each bar; most of it finds no money."""

    def signals(self, panel: Panel) -> Signals:
        """Return entries everywhere, and exits at some bars."""
        shape = panel.n_bars, panel.n_symbols
        exits = np.zeros(shape, np.bool_)
        exits[4::5] = True
        return Signals(entries=~exits, exits=exits)


class Rising(CostModel):
    """Charge a slippage that rises every fifth bar."""

    def costs(self, panel: Panel) -> Costs:
        """Return costs by symbol, and slippage by bar and symbol."""
        slippage = np.repeat((np.arange(panel.n_bars) // 5 / 1000)[:, None], panel.n_symbols, axis=1)
        return Costs([Decimal(1), Decimal(2)], Decimal("0.01"), [Decimal("0.001"), Decimal(0)], slippage)


def panel() -> Panel:
    """Return bars that go up and down; MSFT has none at bar 7 and the last bar."""
    bars = np.arange(N_BARS)
    close = np.stack([100 + 9 * np.sin(bars), 50 + 6 * np.cos(bars * 1.3)], axis=1).round(2)
    opening = np.roll(close, 1, axis=0)
    opening[0] = close[0]
    close[[7, -1], 1] = opening[[7, -1], 1] = np.nan
    high, low = np.maximum(opening, close) + 1.5, np.minimum(opening, close) - 1.5
    days = np.datetime64("2024-01-01", "ns") + bars * np.timedelta64(1, "D")
    return Panel.from_arrays(days, SYMBOLS, open=opening, high=high, low=low, close=close, volume=close * 1000)


def saved(folder: Path, **options: Any) -> Path:
    """Run three strategies with costs and save what comes of it."""
    costs = {} if "cost_model" in options else {"commission_per_trade": 1, "commission_pct": "0.001"}
    costs |= {} if "cost_model" in options else {"slippage_pct": "0.002"}
    config = OrchestratorConfig(**{**costs, "lot_size": "0.1", **options})
    pairs = [(Swing(), "0.4"), (Tilt(), "0.3"), (Thirsty(), "0.2")]
    strategies = [(strategy, Decimal(weight)) for strategy, weight in pairs]
    result = StrategyOrchestrator(strategies, config).run(panel(), 10_000)
    return save_run(folder, result, {"config": config.resolved()})


def write_lines(folder: Path, edit: Callable[[list[str]], list[str]]) -> None:
    """Change the lines of the events, and the seal with them."""
    path = folder / "events.jsonl"
    path.write_text("".join(f"{line}\n" for line in edit(path.read_text().splitlines())))
    seal_again(folder)


def seal_again(folder: Path) -> None:
    """Make the seal that the files have now."""
    again = Staging(folder, folder)
    for name in SEALED_FILES:
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        again.write(name, [content])
    (folder / SEAL_FILE).write_bytes(seal_bytes(again.seals))


def edit_table(folder: Path, name: str, edit: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change a table, and the seal with it."""
    path = folder / f"{name}.parquet"
    edit(pl.read_parquet(path)).write_parquet(path)
    seal_again(folder)


def edit_run(folder: Path, edit: Callable[[Any], object]) -> None:
    """Change run.json, and the seal with it."""
    path = folder / "run.json"
    run = json.loads(path.read_bytes())
    edit(run)
    path.write_text(json.dumps(run, indent=2) + "\n")
    seal_again(folder)


def row_of(frame: pl.DataFrame, **wanted: Any) -> int:
    """Return the first row with these values."""
    row = frame.select(
        pl.all_horizontal(pl.col(name).eq_missing(value) for name, value in wanted.items()).arg_true().first()
    )
    found = row.item()
    assert isinstance(found, int), wanted
    return found


def with_value(frame: pl.DataFrame, row: int, column: str, value: Any) -> pl.DataFrame:
    """Return a frame with another value in a row; a callable is given the one that is there."""
    values = frame[column].to_list()
    values[row] = value(values[row]) if callable(value) else value
    return frame.with_columns(pl.Series(column, values, dtype=frame.schema[column], strict=False))


def without_row(frame: pl.DataFrame, row: int) -> pl.DataFrame:
    """Return a frame without one row."""
    return pl.concat([frame.head(row), frame.slice(row + 1)])
