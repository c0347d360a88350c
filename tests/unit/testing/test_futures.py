"""Panels with another future: the same up to a bar, other ones after it, and always panels."""

from __future__ import annotations

import numpy as np
import pytest

from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel, is_read_only
from strategy_orchestrator.testing import make_bars, make_panel
from strategy_orchestrator.testing.futures import (
    LOWERED,
    MANNERS,
    MOVED,
    RAISED,
    Manner,
    another_world,
    changed_from,
    spliced,
)

FIELDS = (*PRICE_FIELDS, "volume", "timestamps_ns")


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.name)
@pytest.mark.parametrize("bar", [1, 30, 79])
def test_earlier_bars_stay_and_later_ones_do_not(manner: Manner, bar: int) -> None:
    """Every later bar of every symbol that trades is another one."""
    panel = make_panel(80, 4, gaps=True)
    changed = changed_from(panel, bar, manner)
    for name in FIELDS:
        assert np.array_equal(getattr(changed, name)[:bar], getattr(panel, name)[:bar], equal_nan=True)
    assert np.array_equal(changed.units.close[:bar], panel.units.close[:bar])
    both = (panel.traded & changed.traded)[bar:]
    assert both.any()
    assert (changed.close[bar:] != panel.close[bar:])[both].all()


def test_prices_are_raised_or_lowered_as_the_name_says() -> None:
    """So a rule that compares with today's price goes both ways."""
    panel = make_panel(20)
    assert (changed_from(panel, 5, RAISED).low[5:] > panel.low[5:]).all()
    assert (changed_from(panel, 5, LOWERED).high[5:] < panel.high[5:]).all()


def test_bars_come_go_and_come_later() -> None:
    """Whether a symbol will trade, and when the next bar is, belongs to the future too."""
    panel = make_panel(60, 4, gaps=True)
    changed = changed_from(panel, 30, MOVED)
    assert (changed.traded & ~panel.traded)[30:].any()
    assert (panel.traded & ~changed.traded)[30:].any()
    assert (changed.timestamps_ns[30:] > panel.timestamps_ns[30:]).all()


def test_one_bar_alone_can_be_changed() -> None:
    """The later ones stay as well."""
    panel = make_panel(20)
    changed = spliced(panel, another_world(panel, RAISED), np.arange(20) == 7)
    assert np.flatnonzero((changed.close != panel.close).any(axis=1)).tolist() == [7]


def test_nothing_chosen_changes_nothing() -> None:
    """After the last bar there is no future."""
    panel = make_panel(20)
    changed = changed_from(panel, 20, RAISED)
    assert all(np.array_equal(getattr(changed, name), getattr(panel, name)) for name in FIELDS)


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.name)
def test_what_comes_out_is_a_panel(manner: Manner) -> None:
    """Read-only, and with prices that a panel may have."""
    changed = changed_from(make_panel(60, 4, gaps=True), 30, manner)
    assert is_read_only(changed)
    arrays = {name: getattr(changed, name) for name in (*PRICE_FIELDS, "volume")}
    checked = Panel.from_arrays(changed.timestamps_ns, changed.symbols, **arrays)
    assert np.array_equal(checked.traded, changed.traded)
    assert np.array_equal(checked.units.close, changed.units.close)


def test_exact_prices_of_earlier_bars_stay() -> None:
    """Decimals of bars are not rounded anew from floats."""
    # Between two floats lies more than a quantum: the float of the one is rounded to another count.
    panel = Panel.from_bars({"A": make_bars("A", ["9007199254.740993", "9007199254.740997", "3"])})
    changed = changed_from(panel, 2, RAISED)
    assert changed.units.close[:2, 0].tolist() == [9007199254740993, 9007199254740997]
    assert changed.units.close[2, 0] > panel.units.close[2, 0]
