"""vectorbt: signals filled at the close of their bar, whole shares, each strategy an account of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from strategy_orchestrator import ConflictResolver, OrchestratorResult, OrchestratorState, Signal
from strategy_orchestrator.arrays import FloatArray
from tests.peers.cases import CAPITAL, Marks, assert_same, equity_of, marks_of, ours, peer, prices_of, trades_of

vectorbt = peer("vectorbt")
pytestmark = pytest.mark.filterwarnings("ignore")


def theirs(close: Any, entries: Any, exits: Any, **options: Any) -> Any:
    """Run signals through theirs."""
    return vectorbt.Portfolio.from_signals(
        pd.DataFrame(close), pd.DataFrame(entries), pd.DataFrame(exits), size=np.inf, size_granularity=1.0, **options
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("fees", "slippage"), [(0, 0), (0.001, 0), (0, 0.001), (0.0005, 0.002)])
def test_long_only(seed: int, fees: float, slippage: float) -> None:
    """Trades and equity are the same, with commission and slippage."""
    prices = prices_of(seed)
    entries, exits = marks_of(seed, len(prices.close))
    found = ours(
        prices.panel, [Marks(entries, exits)],
        fill_at="close", commission_pct=str(fees), slippage_pct=str(slippage),
    )  # fmt: skip
    other = theirs(prices.close, entries, exits, init_cash=CAPITAL, fees=fees, slippage=slippage)
    assert_same(equity_of(found), other.value().to_numpy().ravel())
    records = other.trades.records
    assert_same(trades_of(found), records[["size", "entry_price", "exit_price", "pnl"]].to_numpy())


class KeepAll(ConflictResolver):
    """Let everybody have what they wish, as accounts that know nothing of one another would."""

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return all signals."""
        del symbol, state
        return signals


def five(mode: Any) -> tuple[OrchestratorResult, FloatArray]:
    """Return a run of five strategies, and the sum of five of their accounts."""
    prices = prices_of(11)
    marks = [marks_of(seed, len(prices.close)) for seed in range(5)]
    found = ours(
        prices.panel, [Marks(*each) for each in marks], ("0.2",) * 5,
        fill_at="close", commission_pct="0.001", capital=5 * CAPITAL, conflict_resolution_mode=mode,
    )  # fmt: skip
    columns = [np.column_stack(each) for each in zip(*marks, strict=True)]
    other = theirs(np.column_stack([prices.close] * 5), *columns, init_cash=CAPITAL, fees=0.001)
    return found, other.value().to_numpy().sum(axis=1)


def test_many_strategies_are_many_accounts() -> None:
    """The equity of five sleeves that keep all their signals is that of five accounts, added up at every bar."""
    found, expected = five(KeepAll())
    assert_same(equity_of(found), expected)


def test_a_conflict_is_where_they_part() -> None:
    """With FIRST_WINS the equities are the same up to the first conflict, which accounts know nothing of."""
    found, expected = five("FIRST_WINS")
    first = found.decisions.filter(found.decisions["kind"] == "conflict")["bar"][0]
    assert_same(equity_of(found)[:first], expected[:first])
    assert abs(equity_of(found)[-1] - expected[-1]) > 1
