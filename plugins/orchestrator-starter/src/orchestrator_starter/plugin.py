"""What the package offers to the orchestrator."""

from __future__ import annotations

from orchestrator_starter.demo import DemoPrices
from orchestrator_starter.parameters import DemoParameters, MomentumParameters, RSIParameters
from orchestrator_starter.strategies import (
    BuyAndHoldSignals,
    BuyAndHoldStrategy,
    MomentumSignals,
    MomentumStrategy,
    RSISignals,
    RSIStrategy,
)
from strategy_orchestrator import DataSourceSpec, StrategySpec, hookimpl


@hookimpl
def orchestrator_strategies() -> list[StrategySpec]:
    """Offer each strategy in its vectorized form and, for comparison, bar by bar."""
    hold = "Buy at the first chance and never sell"
    cross = "Hold while the fast moving average is above the slow one"
    index = "Enter below, leave above a level of Wilder's relative strength index"
    return [
        StrategySpec("buy-and-hold", BuyAndHoldSignals, description=f"{hold}."),
        StrategySpec("buy-and-hold-per-bar", BuyAndHoldStrategy, description=f"{hold}, asked bar by bar."),
        StrategySpec("momentum", MomentumSignals, MomentumParameters, f"{cross}."),
        StrategySpec("momentum-per-bar", MomentumStrategy, MomentumParameters, f"{cross}, asked bar by bar."),
        StrategySpec("rsi", RSISignals, RSIParameters, f"{index}."),
        StrategySpec("rsi-per-bar", RSIStrategy, RSIParameters, f"{index}, asked bar by bar."),
    ]


@hookimpl
def orchestrator_data_sources() -> list[DataSourceSpec]:
    """Offer the prices that ship with the package."""
    description = "Daily prices of AAPL, FB, GOOG, IBM and MSFT, 2000-03-01 to 2013-03-01."
    return [DataSourceSpec("demo", DemoPrices, DemoParameters, description)]
