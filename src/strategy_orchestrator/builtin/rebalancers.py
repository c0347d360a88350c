"""Rebalancing by drift."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from strategy_orchestrator.models.contracts import Rebalancer
from strategy_orchestrator.models.states import OrchestratorState


class ThresholdParameters(BaseModel):
    """Options of THRESHOLD."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: Decimal = Field(
        default=Decimal("0.10"), ge=0, le=1, description="Drift of a share from its weight above which money moves."
    )


class ThresholdRebalancer(Rebalancer):
    """Go back to the configured weights when a sleeve's share drifts further from its weight than the threshold.

    Parameters
    ----------
    threshold : Decimal
        In [0, 1]; 0.10 is ten percentage points of the whole.
    """

    def __init__(self, threshold: Decimal = Decimal("0.10")) -> None:
        self.drift_tolerance = threshold

    def propose(self, state: OrchestratorState) -> Mapping[str, Decimal]:
        """Return the configured weights."""
        return state.weights
