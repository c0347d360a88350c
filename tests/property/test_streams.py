"""A run over chunks is the run over the whole, whatever the world and wherever the chunks end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import numpy as np
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from strategy_orchestrator import (
    HistoricalDataBar,
    IStrategy,
    OrchestratorConfig,
    OrchestratorResult,
    Panel,
    PanelStream,
    Position,
    ProtectiveExits,
    Signals,
    SignalStrategy,
    StrategyOrchestrator,
    WeightStrategy,
)
from strategy_orchestrator.arrays import BoolArray, FloatArray
from tests.property.test_engine import as_users_can, engine_of, outcome_of, panel_of
from tests.property.worlds import worlds
from tests.reference.world import World
from tests.unit.engine.portfolios import bare_manager

quick = settings(suppress_health_check=[HealthCheck.too_slow])
SYMBOLS: Final = ("A", "B", "C", "D")


@quick
@given(worlds(), st.integers(1, 20))
def test_a_world_in_chunks_is_the_world(world: World, chunk_bars: int) -> None:
    """Every row, equity and ledger is the same, also with sizers, cost models, rebalancers and resolvers."""
    world = as_users_can(world)
    assume(all(spec.weight * world.capital >= 1 for spec in world.strategies))
    whole = engine_of(world).run()
    parts = engine_of(world, PanelStream.of_panel(panel_of(world), chunk_bars)).run()
    assert outcome_of(parts) == outcome_of(whole)


class Rises(SignalStrategy):
    """Enter where the close is above that of some rows before."""

    def __init__(self, n_bars: int, exits: ProtectiveExits | None = None) -> None:
        self.lookback_bars, self.protective_exits = n_bars, exits

    def signals(self, panel: Panel) -> Signals:
        """Compare rows of the time axis."""
        moves = np.full(panel.close.shape, np.nan)
        moves[self.lookback_bars :] = panel.close[self.lookback_bars :] - panel.close[: -self.lookback_bars or None]
        return Signals(entries=moves > 0, exits=moves < 0, short_entries=moves < -1)


class OwnRises(IStrategy):
    """Enter where the close is above that of some bars of the symbol before."""

    def __init__(self, n_bars: int) -> None:
        self.lookback_bars = n_bars

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Compare bars of the history."""
        return len(bars) > self.lookback_bars and bars[-1].close > bars[-1 - self.lookback_bars].close

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Look at the position too."""
        return bars[-1].close < position.entry_price and not self.should_enter(bars)


class Calm(WeightStrategy):
    """Hold more of what has moved less over some of its own bars."""

    def __init__(self, n_bars: int) -> None:
        self.lookback_bars = n_bars

    def weights(self, panel: Panel) -> FloatArray:
        """Go through the bars of each symbol."""
        weights = np.full(panel.close.shape, np.nan)
        for column in range(panel.n_symbols):
            rows = np.flatnonzero(panel.traded[:, column])
            close = panel.close[rows, column]
            moved = np.abs(close[self.lookback_bars :] / close[: max(0, len(close) - self.lookback_bars)] - 1)
            weights[rows[self.lookback_bars :], column] = 0.25 / (1 + 20 * moved)
        return weights


@st.composite
def prices(draw: st.DrawFn) -> Panel:
    """Draw walks with gaps, late beginnings and early ends."""
    n_bars, seed = draw(st.integers(2, 60)), draw(st.integers(0, 2**32))
    gaps = draw(st.sampled_from([0.0, 0.1, 0.6]))
    rng = np.random.default_rng(seed)
    shape = n_bars, len(SYMBOLS)
    close = np.round(50 * np.exp(np.cumsum(rng.normal(0, 0.03, shape), axis=0)), 2)
    opening = np.round(close * np.exp(rng.normal(0, 0.01, shape)), 2)
    there: BoolArray = rng.random(shape) >= gaps
    there[: rng.integers(0, n_bars), 1] = there[rng.integers(0, n_bars) :, 2] = False
    there[:, 0] |= ~there.any(axis=1)
    floats = {"open": opening, "high": np.maximum(opening, close), "low": np.minimum(opening, close), "close": close}
    days = np.datetime64("2024-01-01") + np.arange(n_bars)
    return Panel.from_arrays(days, SYMBOLS, **{name: np.where(there, each, np.nan) for name, each in floats.items()})


def run(panel: Any, lookbacks: list[int], options: dict[str, Any]) -> OrchestratorResult:
    """Run one strategy of each kind."""
    exits = ProtectiveExits(stop_loss=Decimal("0.05"), trailing_stop=Decimal("0.1"))
    strategies = [Rises(lookbacks[0]), OwnRises(lookbacks[1]), Calm(lookbacks[2]), Rises(lookbacks[3], exits)]
    config = OrchestratorConfig(slippage_pct=Decimal("0.001"), **options)
    return StrategyOrchestrator(strategies, config, equal_weights=True, manager=bare_manager()).run(panel, 10_000)


OPTIONS: Final = (
    {},
    {"fill_at": "close", "profit_policy": "sweep"},
    {"rebalance_threshold": Decimal("0.02"), "conflict_resolution_mode": "NET_SIGNAL"},
)


@quick
@given(prices(), st.integers(1, 70), st.lists(st.integers(0, 12), min_size=4, max_size=4), st.sampled_from(OPTIONS))
def test_a_run_in_chunks_is_the_run(
    panel: Panel, chunk_bars: int, lookbacks: list[int], options: dict[str, Any]
) -> None:
    """Strategies that count rows or own bars, and all measures, are the same; so are fingerprints."""
    whole, parts = (run(each, lookbacks, options) for each in (panel, PanelStream.of_panel(panel, chunk_bars)))
    assert parts.fingerprint == whole.fingerprint
    assert facts(parts) == facts(whole)


def facts(result: OrchestratorResult) -> dict[str, Any]:
    """Return what a result says, but for the time that it took."""
    exposure = result.exposure
    arrays = {name: getattr(exposure, name).tolist() for name in ("gross", "net", "crossed")}
    saved = {"saving": exposure.netting_saving, "rebalancing": result.rebalancing}
    table = {name: {key: str(value) for key, value in row.items()} for name, row in result.comparison_table.items()}
    extra = {key: str(value) for key, value in result.aggregate_metrics.extra.items()}
    return {**arrays, **saved, "table": table, "extra": extra, "conflicts": result.conflicts_detected}


class Liar(Rises):
    """Look back on more rows than it says."""

    def signals(self, panel: Panel) -> Signals:
        """Look back on five rows, whatever was said."""
        return Rises(5).signals(panel)


def test_a_look_back_that_is_too_short_is_another_run() -> None:
    """So the comparisons above do find what is not the same."""
    rng = np.random.default_rng(1)
    close = np.round(50 * np.exp(np.cumsum(rng.normal(0, 0.03, (40, 2)), axis=0)), 2)
    days = np.datetime64("2024-01-01") + np.arange(40)
    panel = Panel.from_arrays(days, ["A", "B"], open=close, high=close, low=close, close=close)
    found = {
        StrategyOrchestrator([strategy], equal_weights=True, manager=bare_manager()).run(each, 10_000).fingerprint
        for strategy, each in ((Rises(5), panel), (Liar(1), PanelStream.of_panel(panel, 3)))
    }
    assert len(found) == 2
