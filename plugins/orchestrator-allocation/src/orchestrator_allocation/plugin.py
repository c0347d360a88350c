"""What the package offers to the orchestrator."""

from __future__ import annotations

from orchestrator_allocation.parameters import CalendarParameters, CovarianceParameters, InverseVolatilityParameters
from orchestrator_allocation.rebalancers import (
    CalendarRebalancer,
    HierarchicalRiskParityRebalancer,
    InverseVolatilityRebalancer,
    MinimumVarianceRebalancer,
    RiskParityRebalancer,
)
from strategy_orchestrator import RebalancerSpec, hookimpl


@hookimpl
def orchestrator_rebalancers() -> list[RebalancerSpec]:
    """Offer one rebalancer by the calendar and four to estimated weights."""
    return [
        RebalancerSpec(
            "calendar",
            CalendarRebalancer,
            CalendarParameters,
            "Back to the configured weights each day, week, month, quarter or year.",
        ),
        RebalancerSpec(
            "inverse-volatility",
            InverseVolatilityRebalancer,
            InverseVolatilityParameters,
            "Weights in inverse proportion to the volatility of the sleeves.",
        ),
        RebalancerSpec(
            "risk-parity",
            RiskParityRebalancer,
            CovarianceParameters,
            "Weights with which every sleeve contributes equally to the variance of the whole.",
        ),
        RebalancerSpec(
            "minimum-variance",
            MinimumVarianceRebalancer,
            CovarianceParameters,
            "Weights of the least variance of the whole.",
        ),
        RebalancerSpec(
            "hierarchical-risk-parity",
            HierarchicalRiskParityRebalancer,
            CovarianceParameters,
            "Weights that split risk down the tree of the sleeves' correlations.",
        ),
    ]
