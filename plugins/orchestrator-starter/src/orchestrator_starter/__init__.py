"""Three strategies, each in two forms that trade alike, and real daily prices to run them on."""

from __future__ import annotations

from orchestrator_starter.demo import DemoPrices
from orchestrator_starter.strategies import (
    BuyAndHoldSignals,
    BuyAndHoldStrategy,
    MomentumSignals,
    MomentumStrategy,
    RSISignals,
    RSIStrategy,
)

__all__ = [
    "BuyAndHoldSignals",
    "BuyAndHoldStrategy",
    "DemoPrices",
    "MomentumSignals",
    "MomentumStrategy",
    "RSISignals",
    "RSIStrategy",
]
