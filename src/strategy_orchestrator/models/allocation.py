"""The capital of one strategy, and the rules for weights and ids."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from strategy_orchestrator.errors import AllocationError, Fault, InputError
from strategy_orchestrator.money import sum_exactly, to_exact, to_units


class StrategyAllocation:
    """Account for what one strategy may use and uses of the capital.

    Parameters
    ----------
    strategy_id : str
        Not empty.
    allocated_capital : Decimal
        Greater than 0, at most six decimals.
    used_capital : Decimal
        Between 0 and the allocated capital.

    Raises
    ------
    AllocationError
        If a rule is broken.

    Examples
    --------
    >>> sleeve = StrategyAllocation("MomentumStrategy_0", Decimal(1000))
    >>> sleeve.allocate(Decimal(400))
    >>> sleeve.available_capital
    Decimal('600')
    """

    __slots__ = ("_allocated", "_strategy_id", "_used")

    def __init__(self, strategy_id: str, allocated_capital: Decimal, used_capital: Decimal = Decimal(0)) -> None:
        self._strategy_id = strategy_id
        self._allocated = self._money(allocated_capital, "allocated_capital")
        self._used = self._money(used_capital, "used_capital")
        if not strategy_id or not isinstance(strategy_id, str):
            raise AllocationError(Fault("strategy_id", f"{strategy_id!r} is no name", value=strategy_id))
        if self._allocated <= 0:
            raise AllocationError(
                Fault(f"{strategy_id}, allocated_capital", f"{self._allocated} is not greater than 0")
            )
        if not 0 <= self._used <= self._allocated:
            problem = f"{self._used} is not between 0 and the allocated capital, {self._allocated}"
            raise AllocationError(Fault(f"{strategy_id}, used_capital", problem))

    def _money(self, value: Decimal, name: str) -> Decimal:
        where = f"{self._strategy_id}, {name}"
        try:
            exact = to_exact(value, where)
            to_units(exact, where)
        except InputError as error:
            raise AllocationError(error.faults) from None
        return exact

    @property
    def strategy_id(self) -> str:
        """Id of the strategy that owns the sleeve."""
        return self._strategy_id

    @property
    def allocated_capital(self) -> Decimal:
        """Capital of the sleeve."""
        return self._allocated

    @property
    def used_capital(self) -> Decimal:
        """What open positions have been paid with."""
        return self._used

    @property
    def available_capital(self) -> Decimal:
        """Allocated less used."""
        return self._allocated - self._used

    def can_allocate(self, amount: Decimal) -> bool:
        """Tell whether the sleeve can pay an amount."""
        return self._money(amount, "amount") <= self.available_capital

    def allocate(self, amount: Decimal) -> None:
        """Use an amount.

        Raises
        ------
        AllocationError
            If the amount is negative or more than is available.
        """
        exact = self._not_negative(amount)
        if exact > self.available_capital:
            problem = f"{exact} is more than is available, {self.available_capital}"
            raise AllocationError(Fault(f"{self._strategy_id}, allocate", problem, value=amount))
        self._used += exact

    def release(self, amount: Decimal) -> None:
        """Give an amount back.

        Raises
        ------
        AllocationError
            If the amount is negative or more than is used.
        """
        exact = self._not_negative(amount)
        if exact > self._used:
            problem = f"{exact} is more than is used, {self._used}"
            raise AllocationError(Fault(f"{self._strategy_id}, release", problem, value=amount))
        self._used -= exact

    def _not_negative(self, amount: Decimal) -> Decimal:
        exact = self._money(amount, "amount")
        if exact < 0:
            raise AllocationError(Fault(f"{self._strategy_id}, amount", f"{exact} is negative", value=amount))
        return exact

    def __repr__(self) -> str:
        """Show the three numbers."""
        return (
            f"StrategyAllocation({self._strategy_id!r}, allocated={self._allocated}, used={self._used}, "
            f"available={self.available_capital})"
        )


def checked_weights(weights: Sequence[object], names: Sequence[str]) -> list[Decimal]:
    """Return the weights as exact decimals.

    Parameters
    ----------
    weights : sequence
        One a strategy; floats by their shortest repr, so 0.1 + 0.2 is 0.30000000000000004.
    names : sequence of str
        How to call each in an error.

    Raises
    ------
    AllocationError
        If a weight is no number or not greater than 0, or the sum exceeds 1 by however little.
    """
    faults: list[Fault] = []
    exact: list[Decimal] = []
    for weight, name in zip(weights, names, strict=True):
        try:
            value = to_exact(weight, f"weight of {name}")
        except InputError as error:
            faults.extend(error.faults)
            continue
        if value <= 0:
            faults.append(Fault(f"weight of {name}", f"{weight} is not greater than 0", value=weight))
        exact.append(value)
    total = sum_exactly(exact)
    if not faults and total > 1:
        listed = " + ".join(f"{value:f}" for value in exact)
        remedy = "Lower them, or give equal_weights=True; write decimals as text so that no float noise is added"
        faults.append(Fault("weights", f"the sum {listed} = {total:f} is more than 1", remedy, total))
    if faults:
        raise AllocationError(faults)
    return exact
