"""States of a portfolio, signals and trades to test resolvers, rebalancers and measures with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.arrays import FloatArray, sealed
from strategy_orchestrator.clock import to_datetime
from strategy_orchestrator.errors import ConfigError, Fault
from strategy_orchestrator.models.allocation import StrategyAllocation, checked_weights
from strategy_orchestrator.models.records import TRADE, Reason
from strategy_orchestrator.models.signals import Direction, Signal, SignalKind
from strategy_orchestrator.models.states import BacktestState, OrchestratorState
from strategy_orchestrator.money import to_exact, to_units
from strategy_orchestrator.testing.panels import closing_times

Number = Decimal | float | str

_DIGITS: Final = 6


def make_signals(
    directions: Sequence[int],
    *,
    weights: Sequence[Number] | None = None,
    kinds: Sequence[str] | None = None,
    symbol: str = "AAPL",
    bar: int = 0,
) -> tuple[Signal, ...]:
    """Make the signals of several strategies on one symbol at one bar.

    Parameters
    ----------
    directions : sequence of int
        1 buys, -1 sells; one a strategy. The strategies are Strategy_0, Strategy_1, ...
    weights : sequence, optional
        Their configured weights; equal ones by default.
    kinds : sequence of str, optional
        "enter", "exit", "reverse" or "weight"; all entries by default.
    bar : int
        Working days since 2020-01-02.

    Raises
    ------
    ConfigError
        If there are not as many weights or kinds as directions.
    AllocationError
        If a weight is not greater than 0, or their sum is more than 1.

    Examples
    --------
    >>> [(signal.strategy_id, signal.direction.name) for signal in make_signals([1, -1])]
    [('Strategy_0', 'LONG'), ('Strategy_1', 'SHORT')]
    """
    names = [f"Strategy_{place}" for place in range(len(directions))]
    shares = _equal(names) if weights is None else _checked("make_signals.weights", weights, names)
    words = ["enter"] * len(names) if kinds is None else list(kinds)
    _refuse_other_length("make_signals.kinds", words, names)
    moment = to_datetime(closing_times(bar + 1)[bar].item())
    return tuple(
        Signal(name, symbol, Direction(direction), SignalKind(word), share, moment)
        for name, direction, word, share in zip(names, directions, words, shares, strict=True)
    )


def make_state(
    equities: Mapping[str, Number],
    *,
    weights: Mapping[str, Number] | None = None,
    reserve: Number = 0,
    returns: FloatArray | None = None,
    signals: Sequence[Signal] = (),
) -> OrchestratorState:
    """Make the state of a portfolio in which all is cash.

    Parameters
    ----------
    equities : mapping
        Equity by strategy id, in the order of the list; at most six decimals.
    weights : mapping, optional
        Configured weights, of those that still trade; equal ones of all by default.
    reserve : Decimal
        Money allocated to no strategy.
    returns : ndarray, optional
        float64, shape (T, N): what each strategy in `weights` earned at each bar so far; none by default. The number
        of the current bar is T.
    signals : sequence of Signal
        Those that wait for a resolver.

    Raises
    ------
    ConfigError
        If the returns have not one column for each weight.
    AllocationError
        If a weight is not greater than 0, or their sum is more than 1.

    Examples
    --------
    >>> state = make_state({"Trend_0": 600, "Value_0": 400})
    >>> state.aggregate_state.equity, state.weights["Value_0"]
    (Decimal('1000'), Decimal('0.5'))
    """
    money = {name: to_exact(equity, f"make_state.equities.{name}") for name, equity in equities.items()}
    names = list(money if weights is None else weights)
    shares = _equal(names) if weights is None else _checked("make_state.weights", list(weights.values()), names)
    past = np.zeros((0, len(names))) if returns is None else np.asarray(returns, np.float64)
    if past.ndim != 2 or past.shape[1] != len(names):  # noqa: PLR2004  # bars and strategies
        problem = f"the shape is {past.shape}; expected (T, {len(names)}), a column for each weight"
        raise ConfigError(Fault("make_state.returns", problem))
    bar = len(past)
    moment = to_datetime(closing_times(bar + 1)[bar].item())
    left = to_exact(reserve, "make_state.reserve")
    states = {
        name: BacktestState(moment, equity, equity, equity, Decimal(0), MappingProxyType({}))
        for name, equity in money.items()
    }
    total = sum(money.values(), left)
    whole = BacktestState(moment, total, total, total - left, Decimal(0), MappingProxyType({}))
    return OrchestratorState(
        current_bar=bar,
        timestamp=moment,
        weights=MappingProxyType(dict(zip(names, shares, strict=True))),
        allocations=MappingProxyType({name: StrategyAllocation(name, equity) for name, equity in money.items()}),
        strategy_states=MappingProxyType(states),
        aggregate_state=whole,
        reserve=left,
        pending_signals=tuple(signals),
        sleeve_returns=sealed(past),
    )


def make_trades(pnls: Sequence[Number]) -> NDArray[Any]:
    """Make closed trades of their profits, one a bar, as measures get them.

    Returns
    -------
    ndarray
        Structured as `models.records.TRADE`, read-only.

    Examples
    --------
    >>> make_trades([12.5, -3])["pnl"].tolist()
    [12500000, -3000000]
    """
    table = np.zeros(len(pnls), TRADE)
    units = [to_units(pnl, f"make_trades, trade {place}") for place, pnl in enumerate(pnls)]
    price = to_units(100, "price")
    table["entry_bar"] = np.arange(len(pnls))
    table["exit_bar"] = np.arange(1, len(pnls) + 1)
    table["quantity"] = to_units(1, "quantity")
    table["entry_price"] = table["entry_notional"] = price
    table["exit_price"] = table["exit_notional"] = price + np.array(units, np.int64)
    table["pnl"] = units
    table["direction"] = Direction.LONG
    table["reason"] = Reason.STRATEGY_SIGNAL
    return sealed(table)


def _equal(names: Sequence[str]) -> list[Decimal]:
    # Rounded down, so that the sum is not above 1.
    return [Decimal(10**_DIGITS // max(1, len(names))).scaleb(-_DIGITS).normalize()] * len(names)


def _checked(where: str, weights: Sequence[Number], names: Sequence[str]) -> list[Decimal]:
    _refuse_other_length(where, weights, names)
    return checked_weights(weights, names)


def _refuse_other_length(where: str, values: Sequence[object], names: Sequence[str]) -> None:
    if len(values) != len(names):
        raise ConfigError(Fault(where, f"there are {len(values)} for {len(names)} strategies"))
