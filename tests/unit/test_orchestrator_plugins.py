"""What the options name comes from plug-ins: built-in ones, objects handed in, and declarations under a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, Field

from strategy_orchestrator import (
    ConfigError,
    ConflictResolver,
    CostModel,
    CostModelSpec,
    OrchestratorConfig,
    OrchestratorState,
    PluginError,
    Rebalancer,
    RebalancerSpec,
    ResolverSpec,
    Signal,
    Sizer,
    SizerSpec,
    StrategyOrchestrator,
    hookimpl,
)
from strategy_orchestrator.builtin.resolvers import NetSignal
from strategy_orchestrator.models.contracts import Costs
from tests.unit.engine.portfolios import Says, make_panel, orchestrate, run, told

PANEL = make_panel("10", "10", "20", "20")
RIVALS = [("E...", "0.4"), ("S...", "0.5")]


def rivals() -> list[tuple[Says, str]]:
    """Return a buyer and a heavier seller."""
    return [(Says(text), weight) for text, weight in RIVALS]


class LastWins(ConflictResolver):
    """Follow the last strategy."""

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the signals of the last one's direction."""
        del symbol, state
        return [signal for signal in signals if signal.direction == signals[-1].direction]


class Pack:
    """Offer one thing of each kind that a run can name."""

    @hookimpl
    def orchestrator_conflict_resolvers(self) -> list[ResolverSpec]:
        """Offer a resolver."""
        return [ResolverSpec(name="last-wins", factory=LastWins, description="Follow the last.")]

    @hookimpl
    def orchestrator_rebalancers(self) -> list[RebalancerSpec]:
        """Offer a rebalancer."""
        return [RebalancerSpec(name="halves", factory=Halves, description="Go back to halves.")]

    @hookimpl
    def orchestrator_sizers(self) -> list[SizerSpec]:
        """Offer a sizer."""
        return [SizerSpec(name="tenth", factory=Tenths, description="A tenth.")]

    @hookimpl
    def orchestrator_cost_models(self) -> list[CostModelSpec]:
        """Offer a cost model."""
        return [CostModelSpec(name="flat", factory=Flat, description="One a fill.")]


class Halves(Rebalancer):
    """Propose halves at every bar."""

    def schedule(self, panel: Any) -> Any:
        """Return every bar."""
        return np.ones(panel.n_bars, np.bool_)

    def propose(self, state: OrchestratorState) -> Mapping[str, Decimal]:
        """Return halves."""
        return dict.fromkeys(state.weights, Decimal("0.5"))


class Tenths(Sizer):
    """Offer a tenth of the sleeve."""

    def fractions(self, panel: Any) -> Any:
        """Return a tenth everywhere."""
        return np.full((panel.n_bars, panel.n_symbols), 0.1)


class Flat(CostModel):
    """Charge one a fill."""

    def costs(self, panel: Any) -> Costs:
        """Return one."""
        del panel
        return Costs(commission_per_trade=Decimal(1))


NAMED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a resolver": (
        {"conflict_resolution_mode": "last-wins"},
        ["0 conflict none -1 0 -1", "0 dropped conflict 0 0 1", "1 entry strategy_signal 1 0 -1 50 10 500"],
    ),
    "a rebalancer": (
        {"rebalancer": "halves"},
        ["0 conflict none -1 0 1", "0 dropped conflict 1 0 -1", "0 rebalance none -1 -1 0 0 0 1000",
         "1 transfer none 0 -1 0 0 0 100", "1 transfer none -1 -1 0 0 0 -100",
         "1 entry strategy_signal 0 0 1 50 10 500"],
    ),
    "a sizer": (
        {"sizer": "tenth"},
        ["0 conflict none -1 0 1", "0 dropped conflict 1 0 -1", "1 entry strategy_signal 0 0 1 4 10 40"],
    ),
    "a cost model": (
        {"cost_model": "flat"},
        ["0 conflict none -1 0 1", "0 dropped conflict 1 0 -1", "1 entry strategy_signal 0 0 1 39 10 390 1"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "rows"), NAMED.values(), ids=NAMED)
def test_what_a_plugin_offers_can_be_named(options: dict[str, Any], rows: list[str]) -> None:
    """By its name alone, as the built-in ones are."""
    result = run(rivals(), PANEL, plugins=[Pack()], **options)
    assert told(result.record)[: len(rows)] == rows
    used = {plugin["name"] for plugin in result.plugins}
    assert "Pack" in used


def test_a_plugin_can_be_handed_to_the_portfolio() -> None:
    """`plugins=[...]` registers objects beside what is installed."""
    config = OrchestratorConfig(conflict_resolution_mode="last-wins")
    result = StrategyOrchestrator(rivals(), config, plugins=[Pack()]).run(PANEL, 1000)
    assert told(result.record)[0] == "0 conflict none -1 0 -1"


def test_a_name_of_another_manager_is_unknown() -> None:
    """Two managers in one process share nothing."""
    run(rivals(), PANEL, plugins=[Pack()], conflict_resolution_mode="last-wins")
    with pytest.raises(ConfigError, match="no resolver is called 'last-wins'"):
        orchestrate(rivals(), conflict_resolution_mode="last-wins")


def test_a_name_that_is_offered_twice_is_refused() -> None:
    """With both owners; the qualified name works."""
    twice = [Pack(), SimplePack()]
    with pytest.raises(PluginError, match=r"'Pack' \(pack\) and by plug-in 'SimplePack' \(simplepack\)"):
        orchestrate(rivals(), plugins=twice, conflict_resolution_mode="last-wins")
    for name in ("pack:last-wins", "simplepack:last-wins"):
        assert run(rivals(), PANEL, plugins=twice, conflict_resolution_mode=name).conflicts_detected == 1


class SimplePack:
    """Offer a name that another offers too."""

    @hookimpl
    def orchestrator_conflict_resolvers(self) -> list[ResolverSpec]:
        """Offer a resolver."""
        return [ResolverSpec(name="last-wins", factory=NetSignal, description="Another.")]


def offering(factory: Callable[..., Any], parameters: type[BaseModel] | None = None) -> Any:
    """Return a plug-in with one resolver."""

    class Offers:
        @hookimpl
        def orchestrator_conflict_resolvers(self) -> list[ResolverSpec]:
            return [ResolverSpec(name="own", factory=factory, parameters=parameters, description="Own.")]

    return Offers()


class Needs(BaseModel):
    """Options that have to be given."""

    table: list[str] = Field(description="Who goes first.")


def stumble() -> None:
    """Fail."""
    raise OSError("no network")


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "a factory that raises": (offering(stumble), PluginError, "OSError: no network"),
    "a factory that leaves": (offering(lambda: exec("raise SystemExit")), PluginError, "SystemExit"),  # noqa: S102
    "an object of another kind": (offering(dict), PluginError, "resolve"),
    "options that nobody gave": (offering(lambda table: table, Needs), ConfigError, "table"),
}


@pytest.mark.parametrize(("pack", "kind", "problem"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_made_fails_the_portfolio(pack: Any, kind: type[Exception], problem: str) -> None:
    """When the portfolio is made, before any prices are read."""
    with pytest.raises(kind) as caught:
        orchestrate(rivals(), plugins=[pack], conflict_resolution_mode="own")
    assert problem in str(caught.value)


def test_the_order_of_registration_is_no_matter() -> None:
    """Plug-ins that are not named change nothing, in whatever order they come."""
    packs = [Pack(), offering(LastWins)]
    prints = {
        run(rivals(), PANEL, plugins=order, conflict_resolution_mode="own", rebalancer="halves").fingerprint
        for order in (packs, packs[::-1])
    }
    assert len(prints) == 1


@pytest.mark.parametrize("threshold", ["0.05", "0.6"])
def test_the_threshold_rebalancer_by_name_is_that_of_the_options(threshold: str) -> None:
    """Named, or by its threshold alone, or both: the same money moves."""
    strategies = [(Says("E..."), "0.5"), (Says("...."), "0.5")]
    by_threshold = run(strategies, PANEL, rebalance_threshold=threshold)
    by_name = run(strategies, PANEL, rebalancer="THRESHOLD", rebalance_threshold=threshold)
    assert by_name.fingerprint == by_threshold.fingerprint
    assert by_name.rebalancing.n_rebalances == (1 if threshold == "0.05" else 0)


def test_the_threshold_rebalancer_alone_uses_a_tenth() -> None:
    """The default of the option; without either there is no rebalancing."""
    strategies = [(Says("E..."), "0.5"), (Says("...."), "0.5")]
    assert run(strategies, PANEL, rebalancer="THRESHOLD").rebalancing.n_rebalances == 1
    assert run(strategies, PANEL).rebalancing.n_rebalances == 0


def test_options_are_recorded_by_name() -> None:
    """Objects by their class, so that a saved run says what it was."""
    result = run(rivals(), PANEL, conflict_resolution_mode=LastWins(), rebalancer=Halves())
    options = result.to_dict()["options"]
    assert options["conflict_resolution_mode"].endswith("test_orchestrator_plugins.LastWins")
    assert options["rebalancer"].endswith("test_orchestrator_plugins.Halves")
    assert result.record.notes["conflict_resolution_mode"].endswith("LastWins")
