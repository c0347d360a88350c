"""What moving money between the sleeves took."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strategy_orchestrator.analysis import rebalancing_of
from strategy_orchestrator.models.config import OrchestratorConfig
from tests.unit.analysis.builders import UNIT, K, R, fill, make_panel, make_record, trade_rows

CONFIG = OrchestratorConfig()


def transfer(bar: int, strategy: int, amount: int) -> tuple[object, ...]:
    """Make the row of a transfer in whole units."""
    return bar, K.TRANSFER, R.NONE, strategy, -1, 0, 0, 0, amount * UNIT


def test_transfers_sales_and_their_costs_are_added_up() -> None:
    """Money counts once however many sleeves it is shared among; only the sales' own costs count."""
    rows = [
        fill(0, 1, 10, 10.1, commission=3),
        (1, K.REBALANCE, R.NONE, -1, -1, 0, 0, 0, 300 * UNIT),
        fill(2, -1, 4, 11.5, reason=R.REBALANCE, commission=2),
        transfer(2, 0, -50),
        transfer(2, 1, 30),
        transfer(2, -1, 20),
        fill(3, -1, 6, 12, commission=9),
    ]
    panel = make_panel([[10.0], [12.0], [12.0], [12.0]])
    # The entry lost 1; the sale releases 0.4 of it and loses 2 by itself.
    trades = trade_rows([{"slippage": 2_400_000}, {"slippage": 600_000}])
    record = make_record([[100, 100]] * 4, reserve=100, panel=panel, rows=rows, trades=trades)
    found = rebalancing_of(record, CONFIG, Decimal(8))
    assert (found.n_rebalances, found.transferred, found.sold) == (1, 50, 46)
    assert (found.commission, found.slippage) == (2, 2)
    assert float(found.turnover) == pytest.approx(46 / 300 / (4 / 8))


def test_a_run_without_rebalances_has_none() -> None:
    """All is zero."""
    found = rebalancing_of(make_record([100, 100]), CONFIG, Decimal(252))
    assert (found.n_rebalances, found.transferred, found.sold, found.turnover) == (0, 0, 0, 0)


def test_the_turnover_of_a_run_without_bars_or_equity_is_undefined() -> None:
    """Nothing is divided by nothing."""
    assert rebalancing_of(make_record([100], n_bars=0), CONFIG, Decimal(252)).turnover.is_nan()
    assert rebalancing_of(make_record([-5], start=100), CONFIG, Decimal(252)).turnover.is_nan()
