"""The kinds of things that plug-ins offer, each with its hook, its declaration and what an object of it can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from strategy_orchestrator.models.specs import (
    CostModelSpec,
    DataSourceSpec,
    ExecutorSpec,
    MetricSpec,
    RebalancerSpec,
    ReportSectionSpec,
    ResolverSpec,
    SizerSpec,
    Spec,
    StrategySpec,
)


class Kind(StrEnum):
    """What an offer is."""

    STRATEGY = "strategy"
    RESOLVER = "resolver"
    REBALANCER = "rebalancer"
    SIZER = "sizer"
    COST_MODEL = "cost_model"
    DATA_SOURCE = "data_source"
    METRIC = "metric"
    REPORT_SECTION = "report_section"
    EXECUTOR = "executor"

    @property
    def word(self) -> str:
        """The kind in a sentence."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class KindRule:
    """What belongs to a kind.

    Attributes
    ----------
    hook : str
        The hook that returns its declarations.
    spec : type
        The declaration.
    forms : tuple of tuple of str
        Methods that an object of the kind has: those of one of these.
    """

    hook: str
    spec: type[Spec]
    forms: tuple[tuple[str, ...], ...]


RULES: Final[Mapping[Kind, KindRule]] = MappingProxyType(
    {
        Kind.STRATEGY: KindRule(
            "orchestrator_strategies", StrategySpec, (("should_enter", "should_exit"), ("signals",), ("weights",))
        ),
        Kind.RESOLVER: KindRule("orchestrator_conflict_resolvers", ResolverSpec, (("resolve",),)),
        Kind.REBALANCER: KindRule("orchestrator_rebalancers", RebalancerSpec, (("propose",),)),
        Kind.SIZER: KindRule("orchestrator_sizers", SizerSpec, (("fractions",),)),
        Kind.COST_MODEL: KindRule("orchestrator_cost_models", CostModelSpec, (("costs",),)),
        Kind.DATA_SOURCE: KindRule("orchestrator_data_sources", DataSourceSpec, (("load",),)),
        Kind.METRIC: KindRule("orchestrator_metrics", MetricSpec, (("__call__",),)),
        Kind.REPORT_SECTION: KindRule("orchestrator_report_sections", ReportSectionSpec, (("__call__",),)),
        Kind.EXECUTOR: KindRule("orchestrator_executors", ExecutorSpec, (("map",),)),
    }
)
EVENT_HOOKS: Final = (
    "orchestrator_run_started",
    "orchestrator_decisions",
    "orchestrator_run_completed",
    "orchestrator_run_failed",
)
"""The hooks that are told of a run."""
