"""Round trips and open positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.models.signals import Direction
from strategy_orchestrator.money import multiply_exactly, sum_exactly

_ROUNDING: Final = Decimal("0.000002")
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Position:
    """An open position of one sleeve.

    Attributes
    ----------
    shares : Decimal
        Quantity held, positive.
    entry_price : Decimal
        Average fill price.
    cost : Decimal
        Capital used: what was paid, commission included.
    """

    symbol: str
    strategy_id: str
    direction: Direction
    shares: Decimal
    entry_price: Decimal
    entry_date: datetime
    cost: Decimal

    def pnl_at(self, price: Decimal) -> Decimal:
        """Return the profit at a price, before costs."""
        return _gain(self.entry_price, price, self.shares, self.direction)


@dataclass(frozen=True, slots=True)
class Trade:
    """A round trip, or the part of a position that one exit closed.

    Attributes
    ----------
    direction : Direction
        Side of the position.
    shares : Decimal
        Quantity closed.
    pnl : Decimal
        Net of commission and slippage: ± (exit value − entry value) − commission, with the values as they were paid.
    pnl_pct : Decimal
        `pnl` over what was used for the entry, as a fraction.
    duration_days : int
        Whole days from entry to exit.
    exit_reason : str
        strategy_signal, stop_loss, take_profit, trailing_stop, max_holding, rebalance, end_of_data, ruin or quarantine.
    commission, slippage : Decimal
        Of both sides; the slippage is contained in the prices.
    metadata : mapping
        `entry_value` and `exit_value`, money as booked; quantity × average price gives them but for rounding.

    Raises
    ------
    DataError
        If the exit comes before the entry, or `pnl` does not follow from the other fields.
    """

    symbol: str
    strategy_id: str
    direction: Direction
    entry_date: datetime
    entry_price: Decimal
    exit_date: datetime
    exit_price: Decimal
    shares: Decimal
    pnl: Decimal
    pnl_pct: Decimal
    duration_days: int
    exit_reason: str
    commission: Decimal
    slippage: Decimal
    metadata: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        where = f"trade of {self.strategy_id!r} in {self.symbol!r}, entered {self.entry_date}"
        if self.exit_date < self.entry_date:
            raise DataError(Fault(where, f"the exit, {self.exit_date}, comes before the entry"))
        expected = self.recomputed_pnl()
        # The average price of several fills carries half a quantum a share.
        slack = multiply_exactly(_ROUNDING, sum_exactly([_ONE, self.shares.copy_abs()]))
        if sum_exactly([expected, self.pnl.copy_negate()]).copy_abs() > slack:
            raise DataError(Fault(where, f"the pnl {self.pnl} does not follow from the fields, which give {expected}"))

    def recomputed_pnl(self) -> Decimal:
        """Return ± (exit − entry) − commission, from the booked values if they are known, else from the prices."""
        entry, exit_ = self.metadata.get("entry_value"), self.metadata.get("exit_value")
        gain = _gain(self.entry_price, self.exit_price, self.shares, self.direction)
        if isinstance(entry, Decimal) and isinstance(exit_, Decimal):
            gain = _gain(entry, exit_, _ONE, self.direction)
        return sum_exactly([gain, self.commission.copy_negate()])


def _gain(before: Decimal, after: Decimal, times: Decimal, direction: Direction) -> Decimal:
    # Exactly, whatever the ambient context is.
    difference = sum_exactly([after, before.copy_negate()])
    return multiply_exactly(multiply_exactly(difference, times), Decimal(int(direction)))
