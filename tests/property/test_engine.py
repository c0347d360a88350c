"""The engine, fed with the objects that users write, books what the reference books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np
from hypothesis import HealthCheck, assume, given, settings

from strategy_orchestrator import (
    ConflictResolver,
    CostModel,
    HistoricalDataBar,
    IStrategy,
    OrchestratorConfig,
    Panel,
    Position,
    ProtectiveExits,
    Rebalancer,
    Signals,
    SignalStrategy,
    Sizer,
    WeightStrategy,
)
from strategy_orchestrator.arrays import AnyArray, BoolArray, FloatArray
from strategy_orchestrator.builtin.resolvers import CancelBoth, FirstWins, NetSignal
from strategy_orchestrator.clock import NS_PER_DAY, to_ns
from strategy_orchestrator.engine import BacktestEngine, Parts, roster_of
from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.signals import Signal
from strategy_orchestrator.models.states import OrchestratorState
from strategy_orchestrator.models.streams import Prices
from strategy_orchestrator.money import to_units
from tests.property.worlds import worlds
from tests.reference.simulator import simulate
from tests.reference.world import Outcome, Rebalance, StrategySpec, World
from tests.unit.kernel.runs import decision_row, differences, spread, trade_row

quick = settings(suppress_health_check=[HealthCheck.too_slow])

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
RESOLVERS: Final[Mapping[str, type]] = {"FIRST_WINS": FirstWins, "NET_SIGNAL": NetSignal, "CANCEL_BOTH": CancelBoth}
FIELDS: Final = ("entries", "exits", "short_entries", "short_exits")


def exact(value: Fraction) -> Decimal:
    """Return a fraction as a decimal of at most eighteen places."""
    return Decimal(int(value * 10**18)).scaleb(-18)


def place_of(strategy_id: str) -> int:
    """Return the place of a strategy in the list, which its label tells."""
    return int(strategy_id.removesuffix("_0")[1:])


def exits_of(spec: StrategySpec) -> ProtectiveExits:
    """Return the protective exits of a strategy."""
    stop, target, trail = (
        None if each is None else exact(each) for each in (spec.stop_loss, spec.take_profit, spec.trailing_stop)
    )
    return ProtectiveExits(stop, target, trail, spec.max_holding_bars)


class Speaks(SignalStrategy):
    """Say what a spec says, for all bars at once."""

    lookback_bars = 0

    def __init__(self, spec: StrategySpec) -> None:
        self.spec, self.protective_exits, self.warmup_bars = spec, exits_of(spec), spec.warmup_bars

    def signals(self, panel: Panel) -> Signals:
        """Return the marks as arrays."""
        days = days_of(panel)
        marks = (getattr(self.spec, name) for name in FIELDS)
        return Signals(*[None if grid is None else np.array(grid, np.bool_)[days] for grid in marks])  # type: ignore[arg-type]


class IsAsked(IStrategy):
    """Say what a spec says on the long side, bar by bar."""

    lookback_bars = 0

    def __init__(self, spec: StrategySpec) -> None:
        self.spec, self.protective_exits, self.warmup_bars = spec, exits_of(spec), spec.warmup_bars

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether there is an entry."""
        return self._says(self.spec.entries, bars)

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Tell whether there is an exit."""
        assert position.symbol == bars[-1].symbol
        return self._says(self.spec.exits, bars)

    @staticmethod
    def _says(grid: Any, bars: list[HistoricalDataBar]) -> bool:
        return bool(grid[(bars[-1].timestamp - START).days][int(bars[-1].symbol)])


class Aims(WeightStrategy):
    """Give the target weights of a spec."""

    lookback_bars = 0

    def __init__(self, spec: StrategySpec) -> None:
        self.spec, self.protective_exits, self.warmup_bars = spec, exits_of(spec), spec.warmup_bars

    def weights(self, panel: Panel) -> FloatArray:
        """Return the weights as an array."""
        assert self.spec.weights is not None
        grid = [[np.nan if each is None else float(each) for each in row] for row in self.spec.weights]
        return np.array(grid)[days_of(panel)]


class Resolves(ConflictResolver):
    """Ask the resolver of a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return what survives."""
        assert callable(self.world.resolution)
        rivals = [(place_of(signal.strategy_id), int(signal.direction)) for signal in signals]
        kept = self.world.resolution(state.current_bar, int(symbol), rivals)
        return [signal for signal in signals if place_of(signal.strategy_id) in kept]


class Proposes(Rebalancer):
    """Ask the rebalancer of a world."""

    lookback_bars = 0

    def __init__(self, rule: Rebalance) -> None:
        self.rule = rule
        self.drift_tolerance = None if rule.threshold is None else exact(rule.threshold)

    def schedule(self, panel: Panel) -> BoolArray | None:
        """Return when to propose."""
        scheduled = self.rule.scheduled
        return None if scheduled is None else np.array(scheduled, np.bool_)[days_of(panel)]

    def propose(self, state: OrchestratorState) -> Mapping[str, Decimal]:
        """Return the weights of those that still trade."""
        marks = [to_units(sleeve.equity, "") for sleeve in state.strategy_states.values()]
        proposed = self.rule.propose(state.current_bar, marks, to_units(state.reserve, ""))
        return {name: exact(proposed[place_of(name)]) for name in state.weights}


class Sizes(Sizer):
    """Offer what the sizer of a world offers."""

    lookback_bars = 0

    def __init__(self, world: World) -> None:
        self.world = world

    def fractions(self, panel: Panel) -> FloatArray:
        """Return the shares as an array."""
        assert self.world.sizer is not None
        return np.array(self.world.sizer, np.float64)[days_of(panel)]


class Charges(CostModel):
    """Charge what a world charges."""

    lookback_bars = 0

    def __init__(self, world: World) -> None:
        self.world = world

    def costs(self, panel: Panel) -> Costs:
        """Return costs by symbol, and slippage by bar and symbol where it varies."""
        trade, n_symbols = self.world.commission_per_trade, panel.n_symbols
        trades = [trade] * n_symbols if isinstance(trade, int) else trade
        slippage = self.world.slippage_pct
        return Costs(
            [Decimal(each).scaleb(-6) for each in trades],
            [exact(each) for each in spread(self.world.commission_per_share, n_symbols)],
            [exact(each) for each in spread(self.world.commission_pct, n_symbols)],
            exact(slippage) if isinstance(slippage, Fraction) else np.array(slippage, np.float64)[days_of(panel)],
        )


def days_of(panel: Panel) -> AnyArray:
    """Return which bars of the world a panel has, or a part of it."""
    return (panel.timestamps_ns - to_ns(START)) // NS_PER_DAY


def panel_of(world: World) -> Panel:
    """Return the prices of a world; its symbols are called by their numbers."""
    grids = {name: getattr(world, name) for name in ("open", "high", "low", "close")}
    floats = {
        name: np.array([[value or np.nan for value in row] for row in grid]) / 1e6 for name, grid in grids.items()
    }
    times = [START + timedelta(days=bar) for bar in range(world.n_bars)]
    return Panel.from_arrays(times, [str(symbol) for symbol in range(world.n_symbols)], **floats)


def strategy_of(spec: StrategySpec, place: int) -> Any:
    """Return a spec as an object; every other one that is never short is asked bar by bar."""
    if spec.form == "weights":
        return Aims(spec)
    return IsAsked(spec) if spec.short_entries is None and place % 2 else Speaks(spec)


def engine_of(world: World, prices: Prices | None = None) -> BacktestEngine:
    """Return a run of a world, over its panel or the same prices in another form."""
    pairs = [(strategy_of(spec, place), exact(spec.weight)) for place, spec in enumerate(world.strategies)]
    _, members = roster_of(pairs, [f"S{place}" for place in range(len(pairs))], equal_weights=False)
    mode, rule = world.resolution, world.rebalance
    options: dict[str, Any] = {
        "fill_at": world.fill_at,
        "profit_policy": world.profit_policy,
        "close_at_end": world.close_at_end,
        "lot_size": {str(symbol): Decimal(lot).scaleb(-6) for symbol, lot in enumerate(world.lots)},
    }
    if isinstance(rule, Fraction):
        options["rebalance_threshold"] = exact(rule)
    parts = Parts(
        resolver=RESOLVERS[mode]() if isinstance(mode, str) else Resolves(world),
        rebalancer=Proposes(rule) if isinstance(rule, Rebalance) else None,
        sizer=None if world.sizer is None else Sizes(world),
        cost_model=Charges(world),
    )
    return BacktestEngine(prices or panel_of(world), members, OrchestratorConfig(**options), parts, world.capital)


def outcome_of(record: RunRecord) -> dict[str, Any]:
    """Return a record in the words of the reference."""
    sleeves = {name: record.sleeves[name].tolist() for name in record.sleeves.dtype.names or ()}
    return {
        **sleeves,
        "equity": record.equity.tolist(),
        "gross": record.gross.tolist(),
        "reserve": record.reserve.tolist(),
        "trades": [trade_row(row) for row in record.trades.tolist()],
        "decisions": [decision_row(row) for row in record.decisions.tolist()],
        "conflicts_detected": record.n_conflicts,
        "capital_limit_blocks": record.n_blocks,
    }


def as_users_can(world: World) -> World:
    """Return a world without what only the kernel allows: weights above 1 and quarantines out of the blue."""
    one = Fraction(1)
    specs = [
        replace(
            spec,
            quarantine_at=None,
            weights=None
            if spec.weights is None
            else [[None if each is None else max(min(each, one), -one) for each in row] for row in spec.weights],
        )
        for spec in world.strategies
    ]
    return replace(world, strategies=specs)


@quick
@given(worlds())
def test_the_engine_books_what_the_reference_books(world: World) -> None:
    """Strategies, resolvers, rebalancers, sizers and cost models as objects give every row and equity of the world."""
    world = as_users_can(world)
    expected = simulate(world)
    assume(expected.largest < 2**62)
    assume(all(spec.weight * world.capital >= 1 for spec in world.strategies))
    found = Outcome(**{**outcome_of(engine_of(world).run()), "positions": expected.positions, "largest": 0})
    assert differences(found, expected) == []
