"""What moving money between the sleeves took."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from strategy_orchestrator.analysis.fills import fills_of, slippage_of
from strategy_orchestrator.analysis.numbers import NAN, from_float, sum_of
from strategy_orchestrator.analysis.returns import valuation_days
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import DecisionKind, Reason, RunRecord
from strategy_orchestrator.models.results import RebalancingCost
from strategy_orchestrator.money import to_decimal

_NOTHING: Final = to_decimal(0)


def rebalancing_of(record: RunRecord, config: OrchestratorConfig, periods: Decimal) -> RebalancingCost:
    """Return what the rebalances of a run moved, sold and cost.

    Commission and slippage are those of the sales themselves, exactly as booked; what the positions cost at their entry
    is not counted. The turnover is the value sold over the mean equity of the whole on valuation days, per year; NaN
    where that mean is not above zero or no bar was completed.

    Parameters
    ----------
    periods : Decimal
        Valuation days per year.
    """
    n_rebalances = int(np.count_nonzero(record.kinds == DecisionKind.REBALANCE))
    if not n_rebalances:
        return RebalancingCost(0, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _per_year(record, 0, float(periods)))
    moved = record.decisions["amount"][record.kinds == DecisionKind.TRANSFER]
    moved = moved[moved > 0]
    fills = fills_of(record)
    is_sale = fills.reason == Reason.REBALANCE
    sold = sum_of(fills.amount[is_sale])
    return RebalancingCost(
        n_rebalances=n_rebalances,
        transferred=to_decimal(sum_of(moved)),
        sold=to_decimal(sold),
        commission=to_decimal(sum_of(fills.commission[is_sale])),
        slippage=to_decimal(sum(slippage_of(record, fills, config, is_sale).values())),
        turnover=_per_year(record, sold, float(periods)),
    )


def _per_year(record: RunRecord, sold: int, periods: float) -> Decimal:
    valuation = valuation_days(record)
    if not valuation.n_days:
        return NAN
    mean = float(record.aggregate[valuation.bars].mean())
    return from_float(sold / mean / (valuation.n_days / periods)) if mean > 0 else NAN
