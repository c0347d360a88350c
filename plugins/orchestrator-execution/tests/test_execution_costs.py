"""Costs by the estimated spread: by hand, near the truth where it is known, blind to later bars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from orchestrator_execution import HalfSpreadCosts
from orchestrator_execution.costs import half_spreads
from strategy_orchestrator import ConfigError, Costs, Panel

START = datetime(2024, 1, 1, tzinfo=UTC)


def panel_of(high: Any, low: Any, close: Any) -> Panel:
    """Make daily bars of one symbol that open where they close."""
    highs, lows, closes = (np.array(each, np.float64).reshape(-1, 1) for each in (high, low, close))
    times = [START + timedelta(days=day) for day in range(len(closes))]
    return Panel.from_arrays(times, ["A"], open=closes, high=highs, low=lows, close=closes)


def quoted_panel(spread: float, n_bars: int = 3_000, n_steps: int = 200) -> Panel:
    """Make bars of trades that hit bid or ask, half a spread off a random walk, at random."""
    generator = np.random.default_rng(1)
    middle = np.cumsum(generator.normal(0.0, 0.01 / n_steps**0.5, n_bars * n_steps))
    trades = middle + generator.choice([-0.5, 0.5], middle.shape) * spread
    prices = 100.0 * np.exp(trades.reshape(n_bars, n_steps))
    return panel_of(prices.max(axis=1), prices.min(axis=1), prices[:, -1])


def test_the_estimate_by_hand() -> None:
    """With middles of 0, 0.01 and 0.005, in logs, the products are 0.0002 and 0.00015."""
    logs = {"high": [0.02, 0.02, 0.02], "low": [-0.02, 0.0, -0.01], "close": [0.02, 0.02, 0.0]}
    panel = panel_of(*(np.exp(each) for each in logs.values()))
    assert half_spreads(panel, 1).ravel()[1:] == pytest.approx([0.0002**0.5, 0.00015**0.5])
    assert half_spreads(panel, 2).ravel()[2] == pytest.approx(0.000175**0.5)
    assert np.isnan(half_spreads(panel, 2).ravel()[:2]).all()


def test_a_negative_square_is_no_spread() -> None:
    """A close above one middle and below the next is a trend, not a bounce."""
    panel = panel_of([1.01, 1.05], [0.99, 1.03], [1.005, 1.04])
    assert half_spreads(panel, 1).ravel()[1] == 0.0


@pytest.mark.parametrize("spread", [0.005, 0.01, 0.02])
def test_the_estimate_is_near_a_known_spread(spread: float) -> None:
    """Over three thousand days, within a fifth."""
    panel = quoted_panel(spread)
    assert 2.0 * half_spreads(panel, panel.n_bars - 1)[-1, 0] == pytest.approx(spread, rel=0.2)


def test_slippage_is_what_was_known_before_the_bar_and_bounded() -> None:
    """The least until the lookback is filled, never more than the most."""
    panel = quoted_panel(0.02, n_bars=60)
    costs = HalfSpreadCosts(lookback=10, least=0.004, most=0.01).costs(panel)
    slippage = costs.slippage_pct
    assert slippage.shape == (60, 1)
    assert slippage[:11].ravel().tolist() == [0.004] * 11
    expected = np.clip(half_spreads(panel, 10)[10:-1], 0.004, 0.01)
    assert np.array_equal(slippage[11:], expected)
    assert slippage.min() == 0.004
    assert slippage.max() == 0.01


def test_slippage_does_not_depend_on_the_bar_itself_or_later_ones() -> None:
    """Cut short, the same rows; changed from bar 30 on, the same up to row 30."""
    panel = quoted_panel(0.01, n_bars=50)
    whole = HalfSpreadCosts(lookback=5).costs(panel).slippage_pct
    assert np.array_equal(HalfSpreadCosts(lookback=5).costs(panel.until(30)).slippage_pct, whole[:30])
    later = np.where(np.arange(50) < 30, 1.0, 1.5)
    changed = panel_of(panel.high.ravel() * later**2, panel.low.ravel(), panel.close.ravel() * later)
    assert np.array_equal(HalfSpreadCosts(lookback=5).costs(changed).slippage_pct[:31], whole[:31])


def test_commissions_are_handed_on() -> None:
    """A cost model takes the place of the options of the run."""
    model = HalfSpreadCosts(
        commission_per_trade=Decimal(1), commission_per_share=Decimal("0.005"), commission_pct=Decimal("0.001")
    )
    costs = model.costs(panel_of([1.0], [1.0], [1.0]))
    assert replace(costs, slippage_pct=Decimal(0)) == Costs(Decimal(1), Decimal("0.005"), Decimal("0.001"))


def test_options_out_of_bounds_are_refused() -> None:
    """The bounds must not cross, and money has six decimals."""
    with pytest.raises(ConfigError, match=r"least, 0\.2, must not be above most, 0\.1"):
        HalfSpreadCosts(least=0.2, most=0.1)
    with pytest.raises(ConfigError) as caught:
        HalfSpreadCosts(lookback=0, commission_per_trade=Decimal("0.0000001"), commission_pct=Decimal(1))
    assert len(caught.value.faults) == 3
