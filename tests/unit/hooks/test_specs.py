"""Every hook of the contract does what it is for: one plug-in has all of them, and a run uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.errors import RunError
from strategy_orchestrator.hooks import PluginManager, create_plugin_manager, hookimpl, specs
from strategy_orchestrator.hooks.markers import PROJECT
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.signals import Signals
from strategy_orchestrator.models.specs import (
    CostModelSpec,
    DataSourceSpec,
    ExecutorSpec,
    MetricSpec,
    RebalancerSpec,
    ReportSectionSpec,
    ResolverSpec,
    RunInfo,
    SizerSpec,
    StrategySpec,
)
from strategy_orchestrator.orchestrator import StrategyOrchestrator
from strategy_orchestrator.testing import make_panel

HOOKS = sorted(name for name, value in vars(specs).items() if hasattr(value, f"{PROJECT}_spec"))
CALLS: Counter[str] = Counter()


class Swings:
    """Go long, then short, again and again."""

    def __init__(self, side: int = 1) -> None:
        self.side = side

    def signals(self, panel: Panel) -> Signals:
        """Return entries of both sides, one after the other."""
        early = (np.arange(panel.n_bars) % 6 == 1)[:, None] & panel.traded
        late = (np.arange(panel.n_bars) % 6 == 4)[:, None] & panel.traded
        buys, sells = (early, late) if self.side > 0 else (late, early)
        return Signals(buys, sells, short_entries=sells, short_exits=buys)


class Falls(Swings):
    """The other way round, and silent after some bars."""

    def __init__(self) -> None:
        super().__init__(-1)

    def signals(self, panel: Panel) -> Signals:
        """Return the first signals only."""
        found, early = super().signals(panel), (np.arange(panel.n_bars) < 6)[:, None]
        return Signals(*(each & early for each in (found.entries, found.exits, found.short_entries, found.short_exits)))


class Drops:
    """Resolve conflicts so that nothing is left."""

    def resolve(self, symbol: str, signals: Sequence[Any], state: Any) -> Sequence[Any]:
        """Return none of them."""
        del symbol, signals, state
        CALLS["resolve"] += 1
        return []


class Halves:
    """Propose half of the capital for each."""

    drift_tolerance = Decimal(0)

    def schedule(self, panel: Panel) -> Any:
        """Propose at the tenth bar."""
        return np.arange(panel.n_bars) == 10

    def propose(self, state: Any) -> Mapping[str, Decimal]:
        """Return the same weight for all."""
        CALLS["propose"] += 1
        return dict.fromkeys(state.weights, Decimal("0.4"))


class Quarters:
    """Size entries."""

    def fractions(self, panel: Panel) -> Any:
        """Return a quarter everywhere."""
        CALLS["fractions"] += 1
        return np.full((panel.n_bars, panel.n_symbols), 0.25)


class Dear:
    """Make fills cost."""

    def costs(self, panel: Panel) -> Costs:
        """Return one a trade."""
        del panel
        return Costs(commission_per_trade=Decimal(1))


class Prices:
    """Bring prices."""

    def load(self) -> Panel:
        """Return a small panel."""
        return make_panel(30, 2)


class InTurn:
    """Do things one after another."""

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Call the function on each."""
        return map(function, items)


def last(equity: Any, trades: Any) -> float:
    """Measure the last equity."""
    del trades
    return float(equity[-1])


def paragraph(result: OrchestratorResult) -> str:
    """Write a section."""
    return f"<p>{len(result.strategy_results)}</p>"


class Everything:
    """A plug-in with all hooks, which keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, object]] = []

    @hookimpl
    def orchestrator_strategies(self) -> list[StrategySpec]:
        """Offer two strategies."""
        return [StrategySpec("swings", Swings), StrategySpec("falls", Falls)]

    @hookimpl
    def orchestrator_conflict_resolvers(self) -> list[ResolverSpec]:
        """Offer a resolver."""
        return [ResolverSpec("drops", Drops)]

    @hookimpl
    def orchestrator_rebalancers(self) -> list[RebalancerSpec]:
        """Offer a rebalancer."""
        return [RebalancerSpec("halves", Halves)]

    @hookimpl
    def orchestrator_sizers(self) -> list[SizerSpec]:
        """Offer a sizer."""
        return [SizerSpec("quarters", Quarters)]

    @hookimpl
    def orchestrator_cost_models(self) -> list[CostModelSpec]:
        """Offer a cost model."""
        return [CostModelSpec("dear", Dear)]

    @hookimpl
    def orchestrator_data_sources(self) -> list[DataSourceSpec]:
        """Offer a data source."""
        return [DataSourceSpec("prices", Prices)]

    @hookimpl
    def orchestrator_metrics(self) -> list[MetricSpec]:
        """Offer a measure."""
        return [MetricSpec("last", lambda: last)]

    @hookimpl
    def orchestrator_report_sections(self) -> list[ReportSectionSpec]:
        """Offer a section."""
        return [ReportSectionSpec("paragraph", lambda: paragraph)]

    @hookimpl
    def orchestrator_executors(self) -> list[ExecutorSpec]:
        """Offer an executor."""
        return [ExecutorSpec("in-turn", InTurn)]

    @hookimpl
    def orchestrator_run_started(self, run: RunInfo) -> None:
        """Hear the beginning."""
        self.heard.append(("started", run))

    @hookimpl
    def orchestrator_decisions(self, decisions: Sequence[Mapping[str, object]]) -> None:
        """Hear what is decided."""
        self.heard.append(("decisions", len(decisions)))

    @hookimpl
    def orchestrator_run_completed(self, result: OrchestratorResult) -> None:
        """Hear the end."""
        self.heard.append(("completed", result))

    @hookimpl
    def orchestrator_run_failed(self, error: BaseException) -> None:
        """Hear of a failure."""
        self.heard.append(("failed", error))


@dataclass(frozen=True)
class Used:
    """A run with all that the plug-in offers."""

    manager: PluginManager
    result: OrchestratorResult
    heard: list[tuple[str, object]]

    def made(self, kind: str, name: str) -> Any:
        """Make something that the plug-in offers."""
        return self.manager.build(self.manager.find(kind, name, "here"), {}, "here")

    def told(self, what: str) -> list[object]:
        """Return what the plug-in heard of one kind."""
        return [facts for kind, facts in self.heard if kind == what]


@pytest.fixture(scope="module")
def used() -> Used:
    """Run everything that the plug-in offers."""
    CALLS.clear()
    plugin = Everything()
    manager = create_plugin_manager([plugin], autoload=False)
    config = OrchestratorConfig(
        conflict_resolution_mode="drops", rebalancer="halves", sizer="quarters", cost_model="dear", metrics=["last"]
    )
    strategies = [
        (manager.build(manager.find("strategy", name, "here"), {}, "here"), "0.5") for name in ("swings", "falls")
    ]
    panel: Any = manager.build(manager.find("data_source", "prices", "here"), {}, "here")
    orchestrator = StrategyOrchestrator(strategies, config, manager=manager)
    result = orchestrator.run(panel.load(), 10_000)
    manager.run_failed(RunError([]))
    return Used(manager, result, plugin.heard)


SEEN: dict[str, Callable[[Used], object]] = {
    "orchestrator_strategies": lambda used: used.result.record.strategy_ids == ("Swings_0", "Falls_0"),
    "orchestrator_conflict_resolvers": lambda used: CALLS["resolve"] == used.result.conflicts_detected > 0,
    "orchestrator_rebalancers": lambda used: CALLS["propose"] and used.result.rebalancing.n_rebalances,
    "orchestrator_sizers": lambda used: used.result and CALLS["fractions"],
    "orchestrator_cost_models": lambda used: set(used.result.record.trades["entry_commission"].tolist()) == {10**6},
    "orchestrator_data_sources": lambda used: used.result.record.panel.n_bars == 30,
    "orchestrator_metrics": lambda used: "last" in used.result.aggregate_metrics.extra,
    "orchestrator_report_sections": lambda used: used.made("report_section", "paragraph")(used.result) == "<p>2</p>",
    "orchestrator_executors": lambda used: [*used.made("executor", "in-turn").map(abs, [-1, 2])] == [1, 2],
    "orchestrator_run_started": lambda used: isinstance(used.told("started")[0], RunInfo),
    "orchestrator_decisions": lambda used: used.told("decisions"),
    "orchestrator_run_completed": lambda used: used.told("completed") == [used.result],
    "orchestrator_run_failed": lambda used: isinstance(used.told("failed")[0], RunError),
}
"""What shows that each hook is called and what it gave is used."""


def test_no_hook_is_without_a_test() -> None:
    """Who adds a hook adds a row."""
    assert sorted(SEEN) == HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_does_what_it_is_for(name: str, used: Used) -> None:
    """What it offers is used in a run, or it hears of the run."""
    assert SEEN[name](used)
