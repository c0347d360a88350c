"""Realized profit by strategy and symbol."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from strategy_orchestrator.analysis import profit_by_symbol
from tests.unit.analysis.builders import make_panel, make_record, trade_rows


def test_profits_are_added_up_exactly_by_strategy_and_symbol() -> None:
    """Sums do not wrap; a strategy without trades is there, empty."""
    most = 2**62
    trades = trade_rows(
        [
            {"strategy": 2, "symbol": 1, "pnl": most},
            {"strategy": 2, "symbol": 1, "pnl": most},
            {"strategy": 0, "symbol": 2, "pnl": -1},
            {"strategy": 2, "symbol": 0, "pnl": 5},
        ]
    )
    record = make_record([[1, 1, 1]], panel=make_panel(np.full((1, 3), 10.0)), trades=trades)
    assert profit_by_symbol(record) == {
        "Strategy_0": {"C": Decimal("-0.000001")},
        "Strategy_1": {},
        "Strategy_2": {"A": Decimal("0.000005"), "B": Decimal(2 * most).scaleb(-6)},
    }


def test_a_run_without_trades_has_no_profits() -> None:
    """Every strategy is there all the same."""
    assert profit_by_symbol(make_record([[1, 1]])) == {"Strategy_0": {}, "Strategy_1": {}}
