"""backtesting.py: one strategy, one symbol, orders at the next open, all of the equity in whole shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from strategy_orchestrator import ProtectiveExits
from tests.peers.cases import CAPITAL, Marks, Prices, assert_same, equity_of, marks_of, ours, peer, prices_of, trades_of

backtesting = peer("backtesting")
pytestmark = pytest.mark.filterwarnings("ignore")


def theirs(prices: Prices, strategy: type, **options: Any) -> Any:
    """Run a strategy of theirs."""
    names = {"Open": prices.open, "High": prices.high, "Low": prices.low, "Close": prices.close}
    frame = pd.DataFrame(names, index=pd.DatetimeIndex([time.replace(tzinfo=None) for time in prices.times]))
    return backtesting.Backtest(frame, strategy, cash=CAPITAL, **options).run()


def follows(entries: Any, exits: Any, shorts: Any = None) -> type:
    """Return a strategy of theirs that follows marks, and reverses where it is told the other side."""

    class Follows(backtesting.Strategy):  # type: ignore[misc,name-defined]
        def init(self) -> None:
            pass

        def next(self) -> None:
            bar = len(self.data) - 1
            side = self.position.size
            if (side > 0 and exits[bar]) or (side > 0 and shorts is not None and shorts[bar]):
                self.position.close()
            if side < 0 and entries[bar]:
                self.position.close()
            if entries[bar] and side <= 0:
                self.buy()
            elif shorts is not None and shorts[bar] and side >= 0:
                self.sell()

    return Follows


def rows(stats: Any) -> list[tuple[float, ...]]:
    """Return their trades as ours are told."""
    columns = stats["_trades"][["Size", "EntryPrice", "ExitPrice", "PnL"]]
    return [tuple(row) for row in columns.to_numpy(np.float64)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("commission", [0, 0.001])
def test_long_only(seed: int, commission: float) -> None:
    """Trades and equity of a strategy that is long or flat are the same, with and without commission."""
    prices = prices_of(seed)
    entries, exits = marks_of(seed, len(prices.close))
    found = ours(prices.panel, [Marks(entries, exits)], commission_pct=str(commission))
    stats = theirs(prices, follows(entries, exits), commission=commission)
    assert_same(trades_of(found), rows(stats))
    assert_same(equity_of(found), stats["_equity_curve"]["Equity"])


@pytest.mark.parametrize("seed", range(4))
def test_long_and_short(seed: int) -> None:
    """So they are when a strategy also sells short, and reverses at one price."""
    prices = prices_of(seed)
    entries, exits = marks_of(seed, len(prices.close))
    shorts = np.roll(exits, 2) & ~entries & ~exits
    shorts[-8:] = False
    found = ours(prices.panel, [Marks(entries, exits, shorts)], commission_pct="0.001", close_at_end=False)
    stats = theirs(prices, follows(entries, exits, shorts), commission=0.001)
    assert_same(trades_of(found), rows(stats))
    assert_same(equity_of(found), stats["_equity_curve"]["Equity"])


def protected(entries: Any, opens: Any, stop: float, target: float) -> type:
    """Return a strategy of theirs whose levels are fractions of the price at which it will be filled."""

    class Protected(backtesting.Strategy):  # type: ignore[misc,name-defined]
        def init(self) -> None:
            pass

        def next(self) -> None:
            bar = len(self.data) - 1
            if entries[bar] and not self.position:
                price = opens[bar + 1]
                self.buy(sl=round(price * (1 - stop), 6), tp=round(price * (1 + target), 6))

    return Protected


@pytest.mark.parametrize("seed", range(4))
def test_protective_exits(seed: int) -> None:
    """Stops and targets, gaps past them included, end trades at the same prices."""
    prices = prices_of(seed)
    entries, _ = marks_of(seed, len(prices.close))
    none = np.zeros(len(entries), np.bool_)
    strategy = Marks(entries, none, protective_exits=ProtectiveExits(stop_loss="0.02", take_profit="0.03"))
    found = ours(prices.panel, [strategy], close_at_end=False)
    stats = theirs(prices, protected(entries, prices.open, 0.02, 0.03))
    assert_same(trades_of(found), rows(stats))


def test_the_end_of_the_data_is_where_they_part() -> None:
    """What is open at the end ours closes at the last close, theirs only when asked to, and at the last open."""
    prices = prices_of(0, n_bars=20)
    entries, none = np.zeros(20, np.bool_), np.zeros(20, np.bool_)
    entries[3] = True
    ((_, _, price, _),) = trades_of(ours(prices.panel, [Marks(entries, none)]))
    assert price == prices.close[-1]
    assert rows(theirs(prices, follows(entries, none))) == []
    ((_, _, price, _),) = rows(theirs(prices, follows(entries, none), finalize_trades=True))
    assert price == prices.open[-1]
