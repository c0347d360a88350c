"""bt: target weights of several symbols, rebalanced at the close of their bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from strategy_orchestrator import Panel
from tests.peers.cases import Targets, assert_same, equity_of, ours, peer, prices_of

bt = peer("bt")
pytestmark = pytest.mark.filterwarnings("ignore")

SYMBOLS = ("A", "B", "C")
# So much that a millionth of a share is less than a billionth of it.
CAPITAL = 10_000_000


def market(seed: int, n_bars: int = 80) -> tuple[Panel, pd.DataFrame]:
    """Return three symbols as a panel, and their closes as a frame."""
    each = [prices_of(seed * 10 + place, n_bars) for place in range(len(SYMBOLS))]
    grids = {
        name: np.column_stack([getattr(prices, name) for prices in each]) for name in ("open", "high", "low", "close")
    }
    times = pd.DatetimeIndex([time.replace(tzinfo=None) for time in each[0].times])
    return Panel.from_arrays(each[0].times, SYMBOLS, **grids), pd.DataFrame(grids["close"], times, SYMBOLS)


def targets(seed: int, n_bars: int = 80, first: int = 0, every: int = 8) -> Any:
    """Return weights that sum to less than 1 at some bars, NaN at all others."""
    random = np.random.default_rng(seed)
    grid = np.full((n_bars, len(SYMBOLS)), np.nan)
    for bar in range(first, n_bars - 1, every):
        drawn = np.round(random.dirichlet(np.ones(len(SYMBOLS))), 2)
        grid[bar] = [drawn[0], drawn[1], round(max(0.98 - drawn[0] - drawn[1], 0), 2)]
    return grid


def theirs(closes: pd.DataFrame, grid: Any, **options: Any) -> Any:
    """Run the weights in theirs, in fractions of shares, and return the equity of every day."""
    weights = pd.DataFrame(grid, closes.index, closes.columns).dropna()
    algos = [bt.algos.WeighTarget(weights), bt.algos.Rebalance()]
    test = bt.Backtest(
        bt.Strategy("weights", algos), closes, initial_capital=CAPITAL, integer_positions=False, **options
    )
    bt.run(test)
    # They put a day before the first.
    return np.array(test.strategy.values)[1:]


@pytest.mark.parametrize("seed", range(4))
def test_target_weights(seed: int) -> None:
    """The equity of a portfolio that is brought to weights now and then is the same at every bar."""
    panel, closes = market(seed)
    grid = targets(seed)
    found = ours(
        panel, [Targets(grid)], capital=CAPITAL, fill_at="close", lot_size="0.000001", close_at_end=False
    )  # fmt: skip
    assert_same(equity_of(found), theirs(closes, grid))


@pytest.mark.parametrize("seed", range(4))
def test_a_portfolio_of_portfolios(seed: int) -> None:
    """Two strategies with a sleeve each have the equity of two of theirs, added up."""
    panel, closes = market(seed)
    # Never on one bar, for then it would be a conflict, which they know nothing of.
    grids = [targets(seed + 100), targets(seed + 200, first=3)]
    found = ours(
        panel, [Targets(grid) for grid in grids], ("0.5", "0.5"), capital=2 * CAPITAL,
        fill_at="close", lot_size="0.000001", close_at_end=False,
    )  # fmt: skip
    assert_same(equity_of(found), sum(theirs(closes, grid) for grid in grids))


def test_weights_above_one_are_where_they_part() -> None:
    """Weights that sum to 150 % buy on credit there and are cut to what can be paid here."""
    panel, closes = market(0)
    grid = np.full((80, len(SYMBOLS)), np.nan)
    grid[0] = 0.5
    found = ours(
        panel, [Targets(grid)], capital=CAPITAL, fill_at="close", lot_size="0.000001", close_at_end=False
    )  # fmt: skip
    exposed = found.exposure.gross
    assert exposed[0] <= CAPITAL * 10**6
    weights = pd.DataFrame(grid, closes.index, closes.columns).dropna()
    algos = [bt.algos.WeighTarget(weights), bt.algos.Rebalance()]
    test = bt.Backtest(bt.Strategy("credit", algos), closes, initial_capital=CAPITAL, integer_positions=False)
    bt.run(test)
    held = (test.positions.iloc[-1] * closes.iloc[-1]).sum()
    assert held > 1.4 * test.strategy.value
