"""Run many trading strategies as one portfolio, in one backtest, exact to the unit.

The names below are the public interface. They are loaded when they are first used, so that importing the package
costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from strategy_orchestrator._version import __version__

if TYPE_CHECKING:
    from strategy_orchestrator.engine import BacktestEngine
    from strategy_orchestrator.errors import (
        AllocationError,
        ConfigError,
        DataError,
        InputError,
        InvariantError,
        MissingExtraError,
        OrchestratorError,
        PluginError,
        RunError,
        StrategyError,
    )
    from strategy_orchestrator.hooks import create_plugin_manager, hookimpl
    from strategy_orchestrator.market import load_panel
    from strategy_orchestrator.models.allocation import StrategyAllocation
    from strategy_orchestrator.models.bars import HistoricalDataBar
    from strategy_orchestrator.models.config import OrchestratorConfig
    from strategy_orchestrator.models.contracts import ConflictResolver, CostModel, Costs, DataSource, Rebalancer, Sizer
    from strategy_orchestrator.models.metrics import PerformanceMetrics
    from strategy_orchestrator.models.panel import Panel
    from strategy_orchestrator.models.results import BacktestResult, OrchestratorResult
    from strategy_orchestrator.models.signals import Direction, ProtectiveExits, Signal, SignalKind, Signals
    from strategy_orchestrator.models.specs import (
        CostModelSpec,
        DataSourceSpec,
        ExecutorSpec,
        MetricSpec,
        RebalancerSpec,
        ReportSectionSpec,
        ResolverSpec,
        SizerSpec,
        StrategySpec,
    )
    from strategy_orchestrator.models.states import BacktestState, OrchestratorState, RunState
    from strategy_orchestrator.models.strategies import IStrategy, SignalStrategy, WeightStrategy
    from strategy_orchestrator.models.trades import Position, Trade
    from strategy_orchestrator.orchestrator import StrategyOrchestrator

_HOMES: Final = {
    "engine": ("BacktestEngine",),
    "errors": (
        "AllocationError",
        "ConfigError",
        "DataError",
        "InputError",
        "InvariantError",
        "MissingExtraError",
        "OrchestratorError",
        "PluginError",
        "RunError",
        "StrategyError",
    ),
    "hooks": ("create_plugin_manager", "hookimpl"),
    "market": ("load_panel",),
    "models.allocation": ("StrategyAllocation",),
    "models.bars": ("HistoricalDataBar",),
    "models.config": ("OrchestratorConfig",),
    "models.contracts": ("ConflictResolver", "CostModel", "Costs", "DataSource", "Rebalancer", "Sizer"),
    "models.metrics": ("PerformanceMetrics",),
    "models.panel": ("Panel",),
    "models.results": ("BacktestResult", "OrchestratorResult"),
    "models.signals": ("Direction", "ProtectiveExits", "Signal", "SignalKind", "Signals"),
    "models.specs": (
        "CostModelSpec",
        "DataSourceSpec",
        "ExecutorSpec",
        "MetricSpec",
        "RebalancerSpec",
        "ReportSectionSpec",
        "ResolverSpec",
        "SizerSpec",
        "StrategySpec",
    ),
    "models.states": ("BacktestState", "OrchestratorState", "RunState"),
    "models.strategies": ("IStrategy", "SignalStrategy", "WeightStrategy"),
    "models.trades": ("Position", "Trade"),
    "orchestrator": ("StrategyOrchestrator",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604  # names are listed once, above
    "__version__",
    *sorted(_HOME_OF),
]


def __getattr__(name: str) -> Any:
    """Load a public name from where it lives."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
