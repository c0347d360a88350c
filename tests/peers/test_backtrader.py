"""backtrader: a fixed number of shares, market orders that fill at the next open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.peers.cases import (
    CAPITAL,
    FixedSize,
    Prices,
    assert_same,
    equity_of,
    marks_of,
    ours,
    peer,
    prices_of,
    trades_of,
)

backtrader = peer("backtrader")
pytestmark = pytest.mark.filterwarnings("ignore")

SIZE = 100


def theirs(prices: Prices, entries: Any, exits: Any, commission: float, slippage: float) -> tuple[Any, Any]:
    """Run marks in theirs; return the value at every bar, and (entry price, exit price, profit) of every trade."""
    values: list[float] = []
    trades: list[tuple[float, ...]] = []

    class Follows(backtrader.Strategy):  # type: ignore[misc,name-defined]
        def next(self) -> None:
            bar = len(self.data) - 1
            values.append(self.broker.getvalue())
            if self.position and exits[bar]:
                self.close()
            elif not self.position and entries[bar]:
                self.buy(size=SIZE)

        def notify_trade(self, trade: Any) -> None:
            if trade.isclosed:
                trades.append((trade.pnlcomm,))

    names = {"open": prices.open, "high": prices.high, "low": prices.low, "close": prices.close}
    frame = pd.DataFrame(names, index=pd.DatetimeIndex([time.replace(tzinfo=None) for time in prices.times]))
    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.adddata(backtrader.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(Follows)
    cerebro.broker.setcash(CAPITAL)
    cerebro.broker.setcommission(commission=commission)
    cerebro.broker.set_slippage_perc(slippage, slip_open=True, slip_match=True, slip_out=True)
    cerebro.run()
    return values, trades


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("commission", "slippage"), [(0, 0), (0.001, 0), (0.001, 0.002)])
def test_a_fixed_size(seed: int, commission: float, slippage: float) -> None:
    """Value at every bar and profit of every trade are the same, with commission and slippage."""
    prices = prices_of(seed)
    entries, exits = marks_of(seed, len(prices.close))
    found = ours(
        prices.panel, [FixedSize(entries, exits, SIZE)], commission_pct=str(commission), slippage_pct=str(slippage)
    )
    values, trades = theirs(prices, entries, exits, commission, slippage)
    assert_same(equity_of(found), values)
    assert_same([row[-1:] for row in trades_of(found)], np.array(trades))
