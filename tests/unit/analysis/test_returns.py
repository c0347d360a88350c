"""Equity on valuation days, and the returns between them."""

from __future__ import annotations

import numpy as np
import pytest

from strategy_orchestrator.analysis import returns as module
from strategy_orchestrator.analysis.returns import aggregate_curve, daily_returns, sleeve_curves, valuation_days
from tests.unit.analysis.builders import UNIT, K, R, make_panel, make_record


def test_intraday_bars_are_sampled_to_the_last_of_each_day() -> None:
    """A day's equity is that of its last bar; days without a bar do not exist."""
    panel = make_panel(np.full((5, 1), 10.0), days=[0.25, 0.75, 3.1, 3.2, 3.9])
    record = make_record([100, 110, 120, 130, 99], start=100, panel=panel)
    valuation = valuation_days(record)
    assert valuation.bars.tolist() == [1, 4]
    assert (valuation.days[1] - valuation.days[0], valuation.span) == (3, 3)
    assert valuation.of_bars(np.arange(5)).tolist() == [0, 0, 1, 1, 1]
    (curves,) = sleeve_curves(record, valuation)
    assert (curves.daily / UNIT).tolist() == [[100, 110, 99]]
    assert daily_returns(curves.daily)[0] == pytest.approx([0.1, -0.1])


def test_only_completed_bars_count() -> None:
    """What lies behind the last completed bar of a failed run is not read."""
    record = make_record([100, 110, 7, 7], start=100, n_bars=2)
    valuation = valuation_days(record)
    assert valuation.n_days == 2
    assert (aggregate_curve(record, valuation).daily / UNIT).tolist() == [[100, 100, 110]]


def test_the_whole_has_the_reserve() -> None:
    """Equity of the whole is the sum of the sleeves and the reserve."""
    record = make_record([[100, 50], [110, 40]], reserve=[10, 20], gross=[[1, 2], [3, 4]])
    whole = aggregate_curve(record, valuation_days(record))
    assert (whole.daily / UNIT).tolist() == [[160, 160, 170]]
    assert (whole.gross / UNIT).tolist() == [[3, 7]]


def test_no_return_follows_from_an_equity_of_zero() -> None:
    """After ruin returns are undefined for good, even when the equity comes back."""
    returns = daily_returns(np.array([[100.0, 50.0, 0.0, 10.0, 20.0], [100.0, 110.0, 121.0, 121.0, 121.0]]))
    assert returns[0, :2].tolist() == [-0.5, -1.0]
    assert np.isnan(returns[0, 2:]).all()
    assert returns[1] == pytest.approx([0.1, 0.1, 0, 0])


def test_sleeves_are_the_same_however_many_are_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are a matter of memory only."""
    rows = [(bar, K.TRANSFER, R.NONE, bar, -1, 0, 0, 0, 5 * UNIT) for bar in range(1, 7)]
    record = make_record(np.random.default_rng(1).uniform(50, 150, (20, 7)), start=np.full(7, 100), rows=rows)
    valuation = valuation_days(record)
    (at_once,) = sleeve_curves(record, valuation)
    monkeypatch.setattr(module, "_BLOCK_CELLS", 40)
    blocks = list(sleeve_curves(record, valuation))
    assert [item.places for item in blocks] == [slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 7)]
    for name in ("daily", "growth", "total_return"):
        assert np.array_equal(np.concatenate([getattr(item, name) for item in blocks]), getattr(at_once, name)), name


def test_money_moved_into_a_sleeve_is_no_return_of_it() -> None:
    """Growth goes on from what was earned: +10 %, then nothing but a transfer of 50, then +10 % again."""
    rows = [(1, K.TRANSFER, R.NONE, 0, -1, 0, 0, 0, 50 * UNIT), (1, K.TRANSFER, R.NONE, 1, -1, 0, 0, 0, -50 * UNIT)]
    record = make_record([[110, 100], [160, 50], [176, 50]], start=[100, 100], rows=rows)
    (curves,) = sleeve_curves(record, valuation_days(record))
    assert (curves.daily[0] / UNIT).tolist() == [100, 110, 160, 176]
    assert curves.growth[0] / UNIT == pytest.approx([100, 110, 110, 121])
    assert curves.total_return == pytest.approx([0.21, 0])
    assert daily_returns(curves.growth)[1] == pytest.approx([0, 0, 0])


def test_a_gain_that_is_swept_stays_a_return() -> None:
    """What went to the reserve was earned; the reserve itself is nobody's."""
    rows = [(1, K.SWEEP, R.NONE, 0, -1, 0, 0, 0, 20 * UNIT), (1, K.TRANSFER, R.NONE, -1, -1, 0, 0, 0, 5 * UNIT)]
    record = make_record([100, 100, 110], start=100, rows=rows)
    (curves,) = sleeve_curves(record, valuation_days(record))
    assert curves.growth[0] / UNIT == pytest.approx([100, 100, 120, 132])


def test_growth_ends_with_ruin() -> None:
    """Nothing grows from zero or less."""
    rows = [(0, K.TRANSFER, R.NONE, 0, -1, 0, 0, 0, 10 * UNIT)]
    record = make_record([110, -11, -13], start=100, rows=rows)
    (curves,) = sleeve_curves(record, valuation_days(record))
    assert curves.growth[0] / UNIT == pytest.approx([100, 100, -10, -10])
    assert np.isnan(daily_returns(curves.growth)[0, 2])


def test_growth_ends_with_the_last_unit() -> None:
    """Nothing grows from zero, exactly, even when money comes back."""
    rows = [(2, K.TRANSFER, R.NONE, 0, -1, 0, 0, 0, 10 * UNIT)]
    record = make_record([50, 0, 10, 20], start=100, rows=rows)
    (curves,) = sleeve_curves(record, valuation_days(record))
    assert (curves.growth[0] / UNIT).tolist() == [100, 50, 0, 0, 0]


def test_sleeves_without_transfers_keep_their_equity() -> None:
    """Their growth is their equity itself, to the last bit."""
    rows = [(1, K.TRANSFER, R.NONE, 0, -1, 0, 0, 0, 1)]
    record = make_record([[100, 101], [103, 107], [109, 113]], start=[99, 97], rows=rows)
    (curves,) = sleeve_curves(record, valuation_days(record))
    assert np.array_equal(curves.growth[1], curves.daily[1])
