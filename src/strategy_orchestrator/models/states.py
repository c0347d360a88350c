"""Where a run stands: read-only snapshots, made when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import FloatArray, sealed
from strategy_orchestrator.models.allocation import StrategyAllocation
from strategy_orchestrator.models.signals import Signal
from strategy_orchestrator.models.trades import Position

NO_RETURNS: Final = sealed(np.zeros((0, 0)))


def _no_returns() -> FloatArray:
    return NO_RETURNS


class RunState(StrEnum):
    """Stages of a `StrategyOrchestrator`: INITIAL, RUNNING, then COMPLETED or FAILED."""

    INITIAL = "INITIAL"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class BacktestState:
    """Ledger of one sleeve, or of the whole, at one bar.

    Attributes
    ----------
    timestamp : datetime or None
        Close of the last bar that was completed; None before the first.
    cash, equity : Decimal
        Money; equity is cash plus market value at the last known closes.
    allocated_capital, used_capital : Decimal
        Capital of the sleeve and what open positions were paid with.
    positions : mapping
        Open positions by symbol; for the whole by "strategy id/symbol".
    """

    timestamp: datetime | None
    cash: Decimal
    equity: Decimal
    allocated_capital: Decimal
    used_capital: Decimal
    positions: Mapping[str, Position]

    @property
    def available_capital(self) -> Decimal:
        """Allocated less used; negative when losses exceed what is not in use."""
        return self.allocated_capital - self.used_capital


@dataclass(frozen=True, slots=True)
class OrchestratorState:
    """The whole portfolio at one bar, as resolvers and rebalancers see it.

    Attributes
    ----------
    current_bar : int
        Index of the bar in the panel.
    timestamp : datetime
        Its close, aware, UTC.
    weights : mapping
        Configured weights by strategy id, of the strategies that still trade.
    reserve : Decimal
        Money allocated to no strategy.
    pending_signals : tuple of Signal
        Signals of this bar that wait for a resolver.
    sleeve_returns : ndarray
        float64, shape (current_bar, N), columns in the order of `weights`: row k is what each sleeve earned from the
        close of bar k to that of bar k + 1, over its equity at bar k. Money transferred or swept in between is no
        return. Read-only; rebalancers get it, for resolvers it is empty, of shape (0, 0).
    """

    current_bar: int
    timestamp: datetime
    weights: Mapping[str, Decimal]
    allocations: Mapping[str, StrategyAllocation]
    strategy_states: Mapping[str, BacktestState]
    aggregate_state: BacktestState
    reserve: Decimal
    pending_signals: tuple[Signal, ...] = ()
    sleeve_returns: FloatArray = field(default_factory=_no_returns, compare=False, repr=False)
