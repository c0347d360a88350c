"""Prices larger than memory, streamed from Parquet: `python -m benchmarks.streaming [--full]`.

Five strategies over 1,000 symbols, for two lengths of which one is four times the other: peak memory must not grow with
it, but for the file's index, curves and decisions, and the time beside the same run in memory, loading included, is the
price of streaming. Each run is a process of its own; fingerprints are compared before anything is told.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from strategy_orchestrator import Panel, Signals, SignalStrategy, StrategyOrchestrator, load_panel, open_panel

N_SYMBOLS = 1_000
QUICK = (2_000, 8_000)
FULL = (25_000, 100_000)
LOOKBACKS = (20, 40, 60, 80, 100)
_ROWS_AT_ONCE = 500
_MB = 1024


class Breakout(SignalStrategy):
    """Enter a tenth above the close of some bars before, leave below it: trades are few, cells many."""

    def __init__(self, n_bars: int) -> None:
        self.lookback_bars = n_bars

    def signals(self, panel: Panel) -> Signals:
        """Compare rows of the time axis."""
        n_bars = self.lookback_bars
        entries, exits = np.zeros_like(panel.traded), np.zeros_like(panel.traded)
        np.greater(panel.close[n_bars:], panel.close[:-n_bars] * 1.1, out=entries[n_bars:])
        np.less(panel.close[n_bars:], panel.close[:-n_bars] * 0.9, out=exits[n_bars:])
        return Signals(entries=entries, exits=exits)


def write_prices(path: Path, n_bars: int) -> None:
    """Write a long file of hourly bars, in the order of time, a part at a time."""
    rng = np.random.default_rng(7)
    last = np.full(N_SYMBOLS, 100.0)
    names = [f"S{place:04d}" for place in range(N_SYMBOLS)]

    def parts(*_: object) -> object:
        nonlocal last
        for first in range(0, n_bars, _ROWS_AT_ONCE):
            n_rows = min(_ROWS_AT_ONCE, n_bars - first)
            close = np.round(last * np.exp(np.cumsum(rng.normal(0, 0.004, (n_rows, N_SYMBOLS)), axis=0)), 2) + 0.01
            opening = np.round(close * (1 + rng.normal(0, 0.001, close.shape)), 2) + 0.01
            last = close[-1]
            times = np.datetime64("2000-01-01", "us") + np.arange(first, first + n_rows) * np.timedelta64(1, "h")
            yield pl.DataFrame(
                {
                    "timestamp": np.repeat(times, N_SYMBOLS),
                    "symbol": names * n_rows,
                    "open": opening.ravel(),
                    "high": np.maximum(opening, close).ravel(),
                    "low": np.minimum(opening, close).ravel(),
                    "close": close.ravel(),
                    "volume": rng.integers(1, 1_000, close.size).astype(np.float64),
                }
            )

    kinds = dict.fromkeys(("open", "high", "low", "close", "volume"), pl.Float64)
    schema = {"timestamp": pl.Datetime("us"), "symbol": pl.String, **kinds}
    pl.io.plugins.register_io_source(parts, schema=schema).sink_parquet(path, row_group_size=250_000)


def run_once(path: Path, how: str) -> dict[str, object]:
    """Run in this process, and tell time, memory above that of the libraries, and fingerprint."""
    one = np.ones((2, 1))
    tiny = Panel.from_arrays(np.array([0, 3_600 * 10**9]), ["X"], open=one, high=one, low=one, close=one)
    # Loads what any run loads.
    StrategyOrchestrator([Breakout(1)], equal_weights=True).run(tiny, Decimal(1))
    before, started = _peak(), time.perf_counter()
    prices = open_panel(path) if how == "stream" else load_panel(path)
    strategies = [Breakout(n_bars) for n_bars in LOOKBACKS]
    result = StrategyOrchestrator(strategies, equal_weights=True).run(prices, Decimal(10**7))
    return {
        "seconds": time.perf_counter() - started,
        "peak_mb": _peak() - before,
        "fingerprint": result.fingerprint,
        "trades": sum(len(each.trades) for each in result.strategy_results.values()),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB


def measured(path: Path, how: str) -> dict[str, float]:
    """Run in a process of its own, after one that has filled the caches."""
    command = [sys.executable, "-m", "benchmarks.streaming", "--one", how, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Measure, compare and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streaming", description=__doc__)
    parser.add_argument("--full", action="store_true", help="100,000 bars; in memory only a quarter of them is tried")
    parser.add_argument("--one", nargs=2, metavar=("HOW", "PATH"), help="run once and tell in JSON")
    options = parser.parse_args()
    if options.one is not None:
        how, path = options.one
        print(json.dumps(run_once(Path(path), how)))
        return
    lengths = FULL if options.full else QUICK
    print(f"{len(LOOKBACKS)} strategies x {N_SYMBOLS:,} symbols; peak memory is above that of the libraries")
    print(f"{'bars':>8} {'how':>8} {'seconds':>9} {'bars/s':>9} {'M cells/s':>10} {'peak MB':>9} {'arrays MB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for n_bars in lengths:
            path = Path(folder, f"{n_bars}.parquet")
            write_prices(path, n_bars)
            in_memory = not options.full or n_bars == lengths[0]
            found = {how: measured(path, how) for how in ("stream", *(["memory"] if in_memory else []))}
            if len({each["fingerprint"] for each in found.values()}) > 1:
                raise SystemExit("the runs are not equal")
            for how, each in found.items():
                print(_line(n_bars, how, each))
            if in_memory:
                print(f"{'':>8} stream / memory: {found['stream']['seconds'] / found['memory']['seconds']:.2f}")


def _line(n_bars: int, how: str, found: dict[str, float]) -> str:
    speed, arrays = n_bars / found["seconds"], n_bars * N_SYMBOLS * 41 / 2**20
    cells = speed * N_SYMBOLS * len(LOOKBACKS) / 1e6
    numbers = f"{found['seconds']:9.2f} {speed:9,.0f} {cells:10.1f} {found['peak_mb']:9,.0f} {arrays:10,.0f}"
    return f"{n_bars:8,} {how:>8} {numbers}"


if __name__ == "__main__":
    main()
