"""What the second accountant keeps of a sleeve."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Holding:
    """An open position: its side, and what was paid for it."""

    side: int
    entry_bar: int
    quantity: int = 0
    average: int = 0
    notional: int = 0
    commission: int = 0
    slippage: int = 0


@dataclass(slots=True)
class Sleeve:
    """The capital of one strategy; all in quanta."""

    cash: int
    allocated: int
    contributed: int
    used: int = 0
    is_active: bool = True
    holdings: dict[int, Holding] = field(default_factory=dict)

    @property
    def available(self) -> int:
        """What it may still spend."""
        return self.allocated - self.used
