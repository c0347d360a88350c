"""What must not matter of the way in which users hand things in: order, names, files, registration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings, strategies as st

from strategy_orchestrator import (
    OrchestratorConfig,
    OrchestratorResult,
    Panel,
    Rebalancer,
    RebalancerSpec,
    ResolverSpec,
    Signals,
    SignalStrategy,
    Sizer,
    SizerSpec,
    StrategyOrchestrator,
    hookimpl,
    load_panel,
)
from strategy_orchestrator.builtin.resolvers import NetSignal
from strategy_orchestrator.hooks import create_plugin_manager

quick = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
SYMBOLS: Final = ("A", "B", "C", "D")
MANAGER: Final = create_plugin_manager(autoload=False)


class Rises(SignalStrategy):
    """Buy what closed higher than so many bars ago and sell what did not, whatever it is called."""

    def __init__(self, lookback_bars: int, *, is_contrary: bool = False) -> None:
        self.lookback_bars, self.is_contrary = lookback_bars, is_contrary

    def signals(self, panel: Panel) -> Signals:
        """Return entries to both sides."""
        rises = np.zeros(panel.close.shape, np.bool_)
        rises[self.lookback_bars :] = panel.close[self.lookback_bars :] > panel.close[: -self.lookback_bars]
        up, down = (rises, ~rises) if not self.is_contrary else (~rises, rises)
        return Signals(up, down, down, up)


def table(seed: int, n_bars: int = 24) -> pl.DataFrame:
    """Return one long frame of daily prices with gaps, in the order of days and then of symbols."""
    random = np.random.default_rng(seed)
    rows = []
    for bar in range(n_bars):
        for place, symbol in enumerate(SYMBOLS):
            if bar and random.random() < 0.1:
                continue
            opening, close = (10 + 5 * place + random.integers(-300, 300, 2) / 100).tolist()
            high, low = max(opening, close) + 0.25, min(opening, close) - 0.25
            rows.append((START + timedelta(days=bar), symbol, opening, high, low, close, 100.0))
    names = ("timestamp", "symbol", "open", "high", "low", "close", "volume")
    return pl.DataFrame(rows, schema=list(names), orient="row")


def portfolio(labels: Sequence[str] = (), plugins: Sequence[object] = (), **options: Any) -> StrategyOrchestrator:
    """Return a portfolio of three strategies that meet in conflicts and are rebalanced."""
    pairs = [(Rises(1), "0.3"), (Rises(3), "0.2"), (Rises(2, is_contrary=True), "0.4")]
    manager = create_plugin_manager(plugins, autoload=False) if plugins else MANAGER
    options = {"commission_pct": "0.001", "slippage_pct": "0.0005", "rebalance_threshold": "0.02"} | options
    return StrategyOrchestrator(pairs, OrchestratorConfig(**options), labels=labels, manager=manager)


def run(prices: Any, **how: Any) -> OrchestratorResult:
    """Run the portfolio over prices."""
    return portfolio(**how).run(prices, "100000")


@quick
@given(st.integers(0, 2**32), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(seed: int, random: Any) -> None:
    """Rows of symbols mixed in any way, each symbol's own in time, give the same ledgers to the byte."""
    rows = table(seed)
    queues = {symbol: rows.filter(pl.col("symbol") == symbol).rows() for symbol in SYMBOLS}
    turns = [symbol for symbol, queue in queues.items() for _ in queue]
    random.shuffle(turns)
    waiting = {symbol: iter(queue) for symbol, queue in queues.items()}
    mixed = pl.DataFrame([next(waiting[symbol]) for symbol in turns], schema=rows.schema, orient="row")
    assert mixed.rows() != rows.rows()
    assert run(mixed).fingerprint == run(rows).fingerprint


@quick
@given(st.integers(0, 2**32), st.permutations(SYMBOLS), st.permutations(range(7)))
def test_the_order_of_symbols_and_columns_does_not_matter(
    seed: int, symbols: Sequence[str], columns: Sequence[int]
) -> None:
    """Frames by symbol in any order, their columns in any order, give the same ledgers to the byte."""
    rows = table(seed)
    names = [rows.columns[place] for place in columns]
    frames = {symbol: rows.filter(pl.col("symbol") == symbol).select(names).drop("symbol") for symbol in symbols}
    assert run(frames).fingerprint == run(rows).fingerprint


def in_files(rows: pl.DataFrame, folder: Path, cuts: Sequence[int]) -> list[str]:
    """Write some rows after others into files, and return their paths."""
    stops = [0, *sorted({cut % rows.height for cut in cuts} - {0}), rows.height]
    paths = []
    for place, (first, last) in enumerate(pairwise(stops)):
        paths.append(str(folder / f"{place:03}.parquet"))
        rows[first:last].write_parquet(paths[-1])
    return paths


@quick
@given(st.integers(0, 2**32), st.lists(st.integers(0, 10**6), max_size=6))
def test_reading_in_parts_is_reading_at_once(seed: int, cuts: Sequence[int]) -> None:
    """Prices cut into files at any row, even inside a day, give the same ledgers as one file."""
    rows = table(seed)
    with TemporaryDirectory() as folder:
        parts = load_panel(in_files(rows, Path(folder), cuts))
        whole = load_panel(in_files(rows, Path(folder), ()))
    assert run(parts).fingerprint == run(whole).fingerprint == run(rows).fingerprint


@quick
@given(st.integers(0, 2**32))
def test_names_do_not_matter(seed: int) -> None:
    """Symbols and strategies with other names, in the same order, give the same ledgers but for the names."""
    rows = table(seed)
    names = dict(zip(SYMBOLS, ("../x", "<b>", "=1+1", "é" * 300), strict=True))
    one = portfolio()
    one.run(rows, "100000")
    other = portfolio(labels=["Zed", "Ärger", "a" * 200])
    other.run(rows.with_columns(pl.col("symbol").replace_strict(names)), "100000")
    assert one.record is not None
    assert other.record is not None
    for name in ("equity", "gross", "reserve", "trades", "decisions", "sleeves"):
        assert getattr(one.record, name).tobytes() == getattr(other.record, name).tobytes(), name


class Evenly(Rebalancer):
    """Propose one weight for all when they have drifted."""

    drift_tolerance = "0.01"

    def propose(self, state: Any) -> Any:
        """Return equal weights."""
        return dict.fromkeys(state.weights, 1 / len(state.weights) / 2)


class Halves(Sizer):
    """Offer half of the sleeve."""

    def fractions(self, panel: Panel) -> Any:
        """Return a half everywhere."""
        return np.full((panel.n_bars, panel.n_symbols), 0.5)


def pack(hook: str, spec: Callable[[], object]) -> object:
    """Return a plug-in that offers one thing."""

    def offer(self: object) -> list[object]:
        del self
        return [spec()]

    offer.__name__ = hook
    return type(f"Offers{hook}", (), {hook: hookimpl(offer)})()


@quick
@given(st.permutations(range(3)))
def test_the_order_of_registration_does_not_matter(order: Sequence[int]) -> None:
    """Plug-ins registered in any order give the same ledgers, and the result names them in the same order."""
    packs = [
        pack("orchestrator_conflict_resolvers", lambda: ResolverSpec("net", NetSignal, description="Net.")),
        pack("orchestrator_rebalancers", lambda: RebalancerSpec("even", Evenly, description="Even.")),
        pack("orchestrator_sizers", lambda: SizerSpec("half", Halves, description="Half.")),
    ]
    named = {"conflict_resolution_mode": "net", "rebalancer": "even", "sizer": "half", "rebalance_threshold": "0.02"}
    rows = table(7)
    one = run(rows, plugins=packs, **named)
    other = run(rows, plugins=[packs[place] for place in order], **named)
    assert other.fingerprint == one.fingerprint
    assert list(other.to_dict()["plugins"]) == list(one.to_dict()["plugins"])
