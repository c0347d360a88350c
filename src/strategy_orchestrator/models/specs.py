"""Declarations by which a plug-in offers something under a name, and what event hooks are told of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.contracts import (
    ConflictResolver,
    CostModel,
    DataSource,
    Executor,
    Metric,
    Rebalancer,
    ReportSection,
    Sizer,
)
from strategy_orchestrator.models.streams import Prices


@dataclass(frozen=True, slots=True)
class Spec:
    """Offer something under a name.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and hyphens (`risk-parity`), or capitals, digits and underscores (`FIRST_WINS`).
    factory : callable
        Called with the validated parameters as keywords.
    parameters : type of pydantic model, optional
        The options, each with a description and bounds; None for none.
    description : str
        One line.
    """

    name: str
    factory: Callable[..., Any]
    parameters: type[BaseModel] | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class StrategySpec(Spec):
    """Offer a strategy of any of the three forms."""


@dataclass(frozen=True, slots=True)
class ResolverSpec(Spec):
    """Offer a conflict resolver."""

    factory: Callable[..., ConflictResolver]


@dataclass(frozen=True, slots=True)
class RebalancerSpec(Spec):
    """Offer a rebalancer."""

    factory: Callable[..., Rebalancer]


@dataclass(frozen=True, slots=True)
class SizerSpec(Spec):
    """Offer a sizer."""

    factory: Callable[..., Sizer]


@dataclass(frozen=True, slots=True)
class CostModelSpec(Spec):
    """Offer a cost model."""

    factory: Callable[..., CostModel]


@dataclass(frozen=True, slots=True)
class DataSourceSpec(Spec):
    """Offer a data source."""

    factory: Callable[..., DataSource]


@dataclass(frozen=True, slots=True)
class MetricSpec(Spec):
    """Offer a measure: the factory returns a callable `(equity, trades) -> float`."""

    factory: Callable[..., Metric]


@dataclass(frozen=True, slots=True)
class ReportSectionSpec(Spec):
    """Offer a section of the report: the factory returns a callable `(result) -> str`."""

    factory: Callable[..., ReportSection]


@dataclass(frozen=True, slots=True)
class ExecutorSpec(Spec):
    """Offer an executor: the factory returns an object with `map(function, items)`.

    A parameter `workers` gets the number of jobs that a sweep is asked for.
    """

    factory: Callable[..., Executor]


@dataclass(frozen=True, slots=True, eq=False)
class RunInfo:
    """What a run is about, as event hooks see it when it begins.

    Attributes
    ----------
    strategy_ids : tuple of str
        In the order of the list.
    weights : mapping
        Configured weights by strategy id.
    initial_capital : Decimal
        Money at the start.
    panel : Panel or PanelStream
        The prices; arrays cannot be written to. What a stream holds is read with `chunks()`.
    config : OrchestratorConfig
        The options.
    """

    strategy_ids: tuple[str, ...]
    weights: Mapping[str, Decimal]
    initial_capital: Decimal
    panel: Prices
    config: OrchestratorConfig
