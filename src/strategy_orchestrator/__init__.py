"""Run many trading strategies as one portfolio, in one backtest, exact to the unit.

The names below are the public interface. They are loaded when they are first used, so that importing the package
costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from strategy_orchestrator._version import __version__
from strategy_orchestrator.on_demand import loader_of

if TYPE_CHECKING:
    from strategy_orchestrator.engine import BacktestEngine as BacktestEngine
    from strategy_orchestrator.errors import (
        AllocationError as AllocationError,
        ConfigError as ConfigError,
        ContractError as ContractError,
        DataError as DataError,
        InputError as InputError,
        InvariantError as InvariantError,
        MissingExtraError as MissingExtraError,
        OrchestratorError as OrchestratorError,
        PluginError as PluginError,
        RunError as RunError,
        StrategyError as StrategyError,
    )
    from strategy_orchestrator.hooks import create_plugin_manager as create_plugin_manager, hookimpl as hookimpl
    from strategy_orchestrator.market import load_panel as load_panel, open_panel as open_panel
    from strategy_orchestrator.models.allocation import StrategyAllocation as StrategyAllocation
    from strategy_orchestrator.models.bars import HistoricalDataBar as HistoricalDataBar
    from strategy_orchestrator.models.config import OrchestratorConfig as OrchestratorConfig
    from strategy_orchestrator.models.contracts import (
        ConflictResolver as ConflictResolver,
        CostModel as CostModel,
        Costs as Costs,
        DataSource as DataSource,
        Rebalancer as Rebalancer,
        Sizer as Sizer,
    )
    from strategy_orchestrator.models.metrics import PerformanceMetrics as PerformanceMetrics
    from strategy_orchestrator.models.panel import Panel as Panel
    from strategy_orchestrator.models.results import (
        BacktestResult as BacktestResult,
        OrchestratorResult as OrchestratorResult,
    )
    from strategy_orchestrator.models.signals import (
        Direction as Direction,
        ProtectiveExits as ProtectiveExits,
        Signal as Signal,
        SignalKind as SignalKind,
        Signals as Signals,
    )
    from strategy_orchestrator.models.specs import (
        CostModelSpec as CostModelSpec,
        DataSourceSpec as DataSourceSpec,
        ExecutorSpec as ExecutorSpec,
        MetricSpec as MetricSpec,
        RebalancerSpec as RebalancerSpec,
        ReportSectionSpec as ReportSectionSpec,
        ResolverSpec as ResolverSpec,
        SizerSpec as SizerSpec,
        StrategySpec as StrategySpec,
    )
    from strategy_orchestrator.models.states import (
        BacktestState as BacktestState,
        OrchestratorState as OrchestratorState,
        RunState as RunState,
    )
    from strategy_orchestrator.models.strategies import (
        IStrategy as IStrategy,
        SignalStrategy as SignalStrategy,
        WeightStrategy as WeightStrategy,
    )
    from strategy_orchestrator.models.streams import PanelStream as PanelStream
    from strategy_orchestrator.models.trades import Position as Position, Trade as Trade
    from strategy_orchestrator.orchestrator import StrategyOrchestrator as StrategyOrchestrator


_HOMES: Final = {
    "engine": ("BacktestEngine",),
    "errors": (
        "AllocationError",
        "ConfigError",
        "ContractError",
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
    "market": ("load_panel", "open_panel"),
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
    "models.streams": ("PanelStream",),
    "models.strategies": ("IStrategy", "SignalStrategy", "WeightStrategy"),
    "models.trades": ("Position", "Trade"),
    "orchestrator": ("StrategyOrchestrator",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604  # names are listed once, above
    "__version__",
    *sorted(_HOME_OF),
]

if not TYPE_CHECKING:  # to a type checker any name would do
    __getattr__ = loader_of(__name__, _HOME_OF)


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
