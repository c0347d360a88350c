"""Entries of equal risk: by hand, within bounds, blind to the bar that they size and to later ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from orchestrator_execution import VolatilitySizer
from strategy_orchestrator import ConfigError, Panel

START = datetime(2024, 1, 1, tzinfo=UTC)
GAP = np.nan


def panel_of(high: Any, low: Any, close: Any) -> Panel:
    """Make daily bars that open where they close."""
    highs, lows, closes = (np.array(each, np.float64) for each in (high, low, close))
    times = [START + timedelta(days=day) for day in range(len(closes))]
    names = [f"S{column}" for column in range(closes.shape[1])]
    return Panel.from_arrays(times, names, open=closes, high=highs, low=lows, close=closes)


def random_panel(seed: int, n_bars: int = 80) -> Panel:
    """Make a panel with gaps and a late beginning."""
    generator = np.random.default_rng(seed)
    closes = 50.0 * np.exp(np.cumsum(generator.normal(0.0, [0.01, 0.02, 0.04], (n_bars, 3)), axis=0))
    closes[generator.random(closes.shape) < 0.1] = np.nan
    closes[:30, 2] = np.nan
    spread = np.exp(np.abs(generator.normal(0.0, 0.01, closes.shape)))
    return panel_of(closes * spread, closes / spread, closes)


def test_the_true_range_by_hand() -> None:
    """Ranges of 12 over 100 and of 21 over 105 are 0.12 and 0.2; from their mean on, two cost 0.04."""
    # The second range reaches down to the close before, the first up from it.
    panel = panel_of([[102], [108], [126], [126]], [[99], [96], [110], [126]], [[100], [105], [120], [126]])
    shares = VolatilitySizer(risk=0.04, multiple=2.0, lookback=2).fractions(panel)
    # Until two ranges are known, before bar 3, the one symbol gets all.
    assert shares.ravel().tolist() == pytest.approx([1.0, 1.0, 1.0, 0.04 / (2 * 0.16)])


def test_the_deviation_by_hand() -> None:
    """Returns of 10 % and -10 % deviate by the root of 0.02."""
    closes = [[100], [110], [99], [99]]
    shares = VolatilitySizer(risk=0.01, multiple=1.0, lookback=2, volatility="deviation").fractions(
        panel_of(closes, closes, closes)
    )
    assert shares[3, 0] == pytest.approx(0.01 / 0.02**0.5)


def test_a_gap_keeps_what_was_known() -> None:
    """An order that waits for the symbol's next bar is sized by the bars before it."""
    closes = [[100], [110], [GAP], [GAP], [121]]
    shares = VolatilitySizer(risk=0.05, multiple=1.0, lookback=2).fractions(panel_of(closes, closes, closes))
    assert shares.ravel().tolist() == [1.0] * 5
    more = [*closes, [121]]
    shares = VolatilitySizer(risk=0.05, multiple=1.0, lookback=2).fractions(panel_of(more, more, more))
    assert shares[5, 0] == pytest.approx(0.5)


def test_without_an_estimate_an_entry_gets_an_equal_slot() -> None:
    """A quarter each of four symbols, or the most that is allowed."""
    flat = np.full((3, 4), 10.0)
    panel = panel_of(flat, flat, flat)
    assert VolatilitySizer(lookback=5).fractions(panel).tolist() == [[0.25] * 4] * 3
    assert VolatilitySizer(lookback=5, most=0.1).fractions(panel).tolist() == [[0.1] * 4] * 3


@pytest.mark.parametrize("volatility", ["true-range", "deviation"])
def test_what_does_not_move_gets_the_most(volatility: Any) -> None:
    """No risk is no reason to divide by zero."""
    flat = np.full((6, 1), 10.0)
    shares = VolatilitySizer(lookback=3, volatility=volatility, most=0.6).fractions(panel_of(flat, flat, flat))
    assert shares.ravel().tolist() == [0.6] * 6


@pytest.mark.parametrize("volatility", ["true-range", "deviation"])
@pytest.mark.parametrize("seed", range(4))
def test_shares_are_bounded_and_made_of_bars_before(volatility: Any, seed: int) -> None:
    """Cut short after bar t the panel gives the same row t + 1, so bar t + 1 itself has no say."""
    panel = random_panel(seed)
    sizer = VolatilitySizer(lookback=10, volatility=volatility, most=0.5)
    shares = sizer.fractions(panel)
    assert shares.shape == panel.close.shape
    assert 0.0 < shares.min() < shares.max() <= 0.5
    changed = panel_of(
        *(np.where(np.arange(80)[:, None] < 40, each, each * 3) for each in (panel.high, panel.low, panel.close))
    )
    assert np.array_equal(sizer.fractions(changed)[:41], shares[:41])
    assert not np.array_equal(sizer.fractions(changed)[:42], shares[:42])
    for n_bars in (1, 11, 40):
        assert np.array_equal(sizer.fractions(panel.until(n_bars)), shares[:n_bars])


@pytest.mark.parametrize("volatility", ["true-range", "deviation"])
def test_calm_symbols_get_more(volatility: Any) -> None:
    """The third symbol moves four times as much as the first."""
    shares = VolatilitySizer(risk=0.005, lookback=20, volatility=volatility).fractions(random_panel(9))
    calm, _, wild = shares[-1]
    assert calm > 1.5 * wild


def test_options_out_of_bounds_are_all_reported() -> None:
    """One line for each."""
    with pytest.raises(ConfigError) as caught:
        VolatilitySizer(risk=0.0, multiple=float("inf"), lookback=1, volatility="atr", most=2.0)  # type: ignore[arg-type]
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert lines[3].startswith("VolatilitySizer.volatility: no value is called 'atr'; known: 'deviation', 'true-range'")
