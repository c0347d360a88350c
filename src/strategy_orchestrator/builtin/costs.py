"""Costs by the fill, as the options of a run state them."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from strategy_orchestrator.models.contracts import CostModel, Costs
from strategy_orchestrator.models.panel import Panel


class PerFillParameters(BaseModel):
    """Options of `per-fill`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    commission_per_trade: Decimal = Field(
        default=Decimal(0), ge=0, decimal_places=6, description="Money for each fill, at most six decimals."
    )
    commission_per_share: Decimal = Field(
        default=Decimal(0), ge=0, decimal_places=6, description="Money for each unit of quantity, at most six decimals."
    )
    commission_pct: Decimal = Field(
        default=Decimal(0), ge=0, lt=1, decimal_places=12, description="Fraction of the notional: 0.001 is 0.1 %."
    )
    slippage_pct: Decimal = Field(
        default=Decimal(0), ge=0, lt=1, decimal_places=12, description="Fraction of the price, against the trader."
    )


class PerFillCosts(CostModel):
    """Charge every fill alike.

    Parameters
    ----------
    commission_per_trade, commission_per_share : Decimal
        Money a fill and a unit of quantity.
    commission_pct, slippage_pct : Decimal
        Fractions of the notional and of the price.
    """

    lookback_bars = 0

    def __init__(
        self,
        commission_per_trade: Decimal = Decimal(0),
        commission_per_share: Decimal = Decimal(0),
        commission_pct: Decimal = Decimal(0),
        slippage_pct: Decimal = Decimal(0),
    ) -> None:
        self._costs = Costs(commission_per_trade, commission_per_share, commission_pct, slippage_pct)

    def costs(self, panel: Panel) -> Costs:
        """Return the same costs for all symbols and bars."""
        del panel
        return self._costs
