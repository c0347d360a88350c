"""The plug-in in the box, registered through the same hooks as any other.

The engine knows the resolvers, the rebalancer and the sizer of this package by their exact types and runs them inside
the compiled loop; a class derived from one of them is a plug-in like any other.
"""

from __future__ import annotations

from strategy_orchestrator.builtin.costs import PerFillCosts, PerFillParameters
from strategy_orchestrator.builtin.executors import LocalExecutor, LocalParameters
from strategy_orchestrator.builtin.rebalancers import ThresholdParameters, ThresholdRebalancer
from strategy_orchestrator.builtin.resolvers import CancelBoth, FirstWins, NetSignal
from strategy_orchestrator.builtin.sizers import EqualSlots, FixedFraction, FixedFractionParameters
from strategy_orchestrator.builtin.sources import CsvSource, FileParameters, ParquetParameters, ParquetSource
from strategy_orchestrator.hooks.markers import hookimpl
from strategy_orchestrator.models.specs import (
    CostModelSpec,
    DataSourceSpec,
    ExecutorSpec,
    RebalancerSpec,
    ResolverSpec,
    SizerSpec,
)

__all__ = [
    "CancelBoth",
    "CsvSource",
    "EqualSlots",
    "FirstWins",
    "FixedFraction",
    "LocalExecutor",
    "NetSignal",
    "ParquetSource",
    "PerFillCosts",
    "ThresholdRebalancer",
]


@hookimpl
def orchestrator_conflict_resolvers() -> list[ResolverSpec]:
    """Offer the three ways to settle opposite signals."""
    return [
        ResolverSpec("FIRST_WINS", FirstWins, description="The direction of the earliest strategy in the list wins."),
        ResolverSpec("NET_SIGNAL", NetSignal, description="The direction with more weight wins; a draw drops all."),
        ResolverSpec("CANCEL_BOTH", CancelBoth, description="All signals on the symbol are dropped."),
    ]


@hookimpl
def orchestrator_rebalancers() -> list[RebalancerSpec]:
    """Offer rebalancing by drift."""
    description = "Back to the configured weights when a sleeve drifts further than the threshold."
    return [RebalancerSpec("THRESHOLD", ThresholdRebalancer, ThresholdParameters, description)]


@hookimpl
def orchestrator_sizers() -> list[SizerSpec]:
    """Offer equal slots, the default, and a fixed share."""
    return [
        SizerSpec("equal-slots", EqualSlots, description="An equal share of the sleeve for each symbol; the default."),
        SizerSpec("fixed-fraction", FixedFraction, FixedFractionParameters, "A fixed share of the sleeve an entry."),
    ]


@hookimpl
def orchestrator_cost_models() -> list[CostModelSpec]:
    """Offer the costs that the options of a run can state."""
    description = "Commission a fill, a unit of quantity and of the notional, and slippage of the price."
    return [CostModelSpec("per-fill", PerFillCosts, PerFillParameters, description)]


@hookimpl
def orchestrator_data_sources() -> list[DataSourceSpec]:
    """Offer files of prices."""
    return [
        DataSourceSpec("csv", CsvSource, FileParameters, "Prices in CSV files, long, wide or one file a symbol."),
        DataSourceSpec("parquet", ParquetSource, ParquetParameters, "Prices in Parquet files, as in csv, or streamed."),
    ]


@hookimpl
def orchestrator_executors() -> list[ExecutorSpec]:
    """Offer the processors of this machine."""
    return [ExecutorSpec("local", LocalExecutor, LocalParameters, "Processes on this machine.")]
