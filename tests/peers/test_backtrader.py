"""backtrader: a fixed number of shares, market orders that fill at the next open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.peers.cases import (
    CAPITAL,
    FixedSize,
    Marks,
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


def frame_of(prices: Prices) -> pd.DataFrame:
    """Return bars as theirs are given."""
    names = {"open": prices.open, "high": prices.high, "low": prices.low, "close": prices.close}
    return pd.DataFrame(names, index=pd.DatetimeIndex([time.replace(tzinfo=None) for time in prices.times]))


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

    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.adddata(backtrader.feeds.PandasData(dataname=frame_of(prices)))
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


def test_an_order_for_all_of_the_cash_is_where_they_part() -> None:
    """Theirs is sized at the close and refused when the open is higher; ours is sized at the open."""
    prices = prices_of(1, n_bars=12)
    prices.open[4] = prices.high[4] = prices.close[3] + 5
    entries, none = np.zeros(12, np.bool_), np.zeros(12, np.bool_)
    entries[3] = True
    found = ours(prices.panel, [Marks(entries, none)])
    assert [row[0] for row in trades_of(found)] == [CAPITAL // prices.open[4]]
    refused: list[int] = []

    class AllIn(backtrader.Strategy):  # type: ignore[misc,name-defined]
        def next(self) -> None:
            if entries[len(self.data) - 1]:
                self.buy()

        def notify_order(self, order: Any) -> None:
            refused.append(order.status == order.Margin)

    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.adddata(backtrader.feeds.PandasData(dataname=frame_of(prices)))
    cerebro.addstrategy(AllIn)
    cerebro.addsizer(backtrader.sizers.AllInSizerInt)
    cerebro.broker.setcash(CAPITAL)
    cerebro.run()
    assert any(refused)
