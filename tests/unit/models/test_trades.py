"""Round trips and open positions follow from their own fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from strategy_orchestrator import DataError, Position, Trade
from strategy_orchestrator.models.signals import Direction

DAY = datetime(2024, 1, 2, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "symbol": "A", "strategy_id": "S_0", "direction": Direction.LONG, "entry_date": DAY, "entry_price": Decimal(10),
    "exit_date": DAY + timedelta(days=3), "exit_price": Decimal(12), "shares": Decimal(5), "pnl": Decimal(9),
    "pnl_pct": Decimal("0.18"), "duration_days": 3, "exit_reason": "stop_loss", "commission": Decimal(1),
    "slippage": Decimal(0),
}  # fmt: skip


def trade(**changes: Any) -> Trade:
    """Make a trade, changed."""
    return Trade(**FIELDS | changes)


def test_the_profit_recomputes_from_the_fields() -> None:
    """Prices times shares less commission; of a short with the other sign."""
    assert trade().recomputed_pnl() == 9
    assert trade(direction=Direction.SHORT, pnl=Decimal(-11)).recomputed_pnl() == -11


def test_booked_values_come_before_prices() -> None:
    """What was paid is exact where an average price is rounded."""
    values = {"entry_value": Decimal("50.000001"), "exit_value": Decimal(60)}
    made = trade(metadata=values, pnl=Decimal("8.999999"))
    assert made.recomputed_pnl() == Decimal("8.999999")


def test_a_profit_that_does_not_follow_is_refused() -> None:
    """Beyond the rounding of the average price."""
    assert trade(pnl=Decimal("9.000012")).pnl == Decimal("9.000012")
    with pytest.raises(DataError, match=r"trade of 'S_0' in 'A'.*: the pnl 9.000013 does not follow from the fields"):
        trade(pnl=Decimal("9.000013"))


def test_profits_are_exact_whatever_the_context() -> None:
    """Of a program that computes with four digits, too."""
    fields = {"exit_price": Decimal("12.000001"), "shares": Decimal("12345.678"), "pnl": Decimal("24690.368346")}
    position = Position("A", "S_0", Direction.LONG, Decimal("12345.678"), Decimal(10), DAY, Decimal(1))
    with localcontext() as context:
        context.prec = 4
        assert trade(**fields).recomputed_pnl() == Decimal("24690.368345678")
        assert position.pnl_at(Decimal("12.000001")) == Decimal("24691.368345678")


def test_an_exit_does_not_come_before_its_entry() -> None:
    """At the same moment it may: a stop within the bar of the entry."""
    assert trade(exit_date=DAY, duration_days=0).exit_date == DAY
    with pytest.raises(DataError, match=r"the exit, 2024-01-01 00:00:00\+00:00, comes before the entry"):
        trade(exit_date=DAY - timedelta(days=1))


def test_a_position_tells_its_profit() -> None:
    """At a price, before costs, with the sign of its side."""
    position = Position("A", "S_0", Direction.SHORT, Decimal(5), Decimal(10), DAY, Decimal(51))
    assert position.pnl_at(Decimal(8)) == 10
    with pytest.raises(AttributeError):
        position.shares = Decimal(6)  # type: ignore[misc]
