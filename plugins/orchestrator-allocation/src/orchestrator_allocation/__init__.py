"""Rebalancers: back to the configured weights by the calendar, and to weights estimated from the sleeves' returns."""

from __future__ import annotations

from orchestrator_allocation.rebalancers import (
    CalendarRebalancer,
    HierarchicalRiskParityRebalancer,
    InverseVolatilityRebalancer,
    MinimumVarianceRebalancer,
    RiskParityRebalancer,
)

__all__ = [
    "CalendarRebalancer",
    "HierarchicalRiskParityRebalancer",
    "InverseVolatilityRebalancer",
    "MinimumVarianceRebalancer",
    "RiskParityRebalancer",
]
