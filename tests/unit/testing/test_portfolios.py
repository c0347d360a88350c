"""States, signals and trades that authors test with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from strategy_orchestrator.arrays import is_sealed
from strategy_orchestrator.errors import AllocationError, ConfigError
from strategy_orchestrator.models.signals import Direction, SignalKind
from strategy_orchestrator.testing import make_signals, make_state, make_trades


def test_signals_are_as_told() -> None:
    """Direction, kind, weight, symbol and time."""
    first, second = make_signals([1, -1], weights=["0.2", 0.5], kinds=["enter", "exit"], symbol="X", bar=2)
    assert (first.direction, first.kind, first.weight) == (Direction.LONG, SignalKind.ENTER, Decimal("0.2"))
    assert (second.direction, second.kind, second.strategy_id) == (Direction.SHORT, SignalKind.EXIT, "Strategy_1")
    assert (second.symbol, second.timestamp) == ("X", datetime(2020, 1, 6, tzinfo=UTC))


def test_equal_weights_are_rounded_down() -> None:
    """Three thirds are not more than one."""
    weights = [signal.weight for signal in make_signals([1, 1, -1])]
    assert weights == [Decimal("0.333333")] * 3


def test_a_state_adds_up() -> None:
    """Sleeves and reserve are the whole."""
    state = make_state({"A_0": 100, "B_0": "50.5"}, reserve=10, signals=make_signals([1, -1]))
    assert state.aggregate_state.equity == Decimal("160.5")
    assert state.strategy_states["B_0"].available_capital == Decimal("50.5")
    assert state.allocations["A_0"].available_capital == 100
    assert (state.current_bar, len(state.pending_signals), state.sleeve_returns.shape) == (0, 2, (0, 2))


def test_returns_say_which_bar_it_is() -> None:
    """As many rows as bars before; read-only."""
    state = make_state({"A_0": 100}, returns=np.zeros((5, 1)))
    assert (state.current_bar, state.timestamp) == (5, datetime(2020, 1, 9, tzinfo=UTC))
    assert is_sealed(state.sleeve_returns)


def test_what_does_not_fit_is_refused() -> None:
    """Numbers of weights, kinds and columns."""
    with pytest.raises(ConfigError, match=r"make_signals\.weights: there are 1 for 2 strategies"):
        make_signals([1, -1], weights=[1])
    with pytest.raises(ConfigError, match=r"make_signals\.kinds: there are 1 for 2 strategies"):
        make_signals([1, -1], kinds=["exit"])
    with pytest.raises(ConfigError, match=r"make_state\.returns: the shape is \(2,\); expected \(T, 1\)"):
        make_state({"A_0": 1}, returns=np.zeros(2))
    with pytest.raises(AllocationError, match="more than 1"):
        make_state({"A_0": 1}, weights={"A_0": 2})


def test_trades_are_those_of_a_record() -> None:
    """Profit in quanta, prices that give it, read-only."""
    trades = make_trades([5, "-2.5"])
    assert trades["pnl"].tolist() == [5_000_000, -2_500_000]
    assert (trades["exit_notional"] - trades["entry_notional"]).tolist() == trades["pnl"].tolist()
    assert is_sealed(trades)
    assert make_trades([]).shape == (0,)
