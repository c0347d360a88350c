"""The contract with plug-ins: every hook, when it is called, what it may read, what it must return.

A plug-in is a module or an object with functions of these names, each marked with `hookimpl`. The nine registration
hooks take nothing; they are called once, when the plug-in is loaded, must not depend on anything but the installation,
and return a list, empty for none. The event hooks are called per run, never per bar, in the order below, for runs that
name the plug-in: that use something of it, name it as a listener, or were handed it. What they return is not looked at,
and when one raises, that is logged and the run goes on.
"""

# mypy: disable-error-code=empty-body
# Specifications are never called.

from __future__ import annotations

from collections.abc import Mapping, Sequence

from strategy_orchestrator.hooks.markers import hookspec
from strategy_orchestrator.models.results import OrchestratorResult
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


@hookspec
def orchestrator_strategies() -> list[StrategySpec]:
    """Offer strategies; called once on loading, reads nothing, returns a list of `StrategySpec`."""


@hookspec
def orchestrator_conflict_resolvers() -> list[ResolverSpec]:
    """Offer conflict resolvers; called once on loading, reads nothing, returns a list of `ResolverSpec`."""


@hookspec
def orchestrator_rebalancers() -> list[RebalancerSpec]:
    """Offer rebalancers; called once on loading, reads nothing, returns a list of `RebalancerSpec`."""


@hookspec
def orchestrator_sizers() -> list[SizerSpec]:
    """Offer sizers; called once on loading, reads nothing, returns a list of `SizerSpec`."""


@hookspec
def orchestrator_cost_models() -> list[CostModelSpec]:
    """Offer cost models; called once on loading, reads nothing, returns a list of `CostModelSpec`."""


@hookspec
def orchestrator_data_sources() -> list[DataSourceSpec]:
    """Offer data sources; called once on loading, reads nothing, returns a list of `DataSourceSpec`."""


@hookspec
def orchestrator_metrics() -> list[MetricSpec]:
    """Offer measures; called once on loading, reads nothing, returns a list of `MetricSpec`."""


@hookspec
def orchestrator_report_sections() -> list[ReportSectionSpec]:
    """Offer report sections; called once on loading, reads nothing, returns a list of `ReportSectionSpec`."""


@hookspec
def orchestrator_executors() -> list[ExecutorSpec]:
    """Offer executors; called once on loading, reads nothing, returns a list of `ExecutorSpec`."""


@hookspec
def orchestrator_run_started(run: RunInfo) -> None:
    """Hear that a run begins; called before its first bar, may read `run`, returns nothing."""


@hookspec
def orchestrator_decisions(decisions: Sequence[Mapping[str, object]]) -> None:
    """Hear what was decided; called with one batch after another, each event once and in order, returns nothing.

    The events are those of `events.jsonl`, read-only.
    """


@hookspec
def orchestrator_run_completed(result: OrchestratorResult) -> None:
    """Hear that a run came to its end; called after its measures were taken, may read `result`, returns nothing."""


@hookspec
def orchestrator_run_failed(error: BaseException) -> None:
    """Hear that a run failed; called before the error is raised, may read `error`, returns nothing."""
