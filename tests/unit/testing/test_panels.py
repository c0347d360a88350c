"""The panels and bars that authors test with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.errors import ConfigError, DataError
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.testing import make_bars, make_panel, panel_of_text


def same(one: Panel, other: Panel) -> bool:
    """Tell whether two panels hold the same bars."""
    names = (*PRICE_FIELDS, "volume", "timestamps_ns")
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in names)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (2, 5), (80, 3), (300, 12)])
def test_a_panel_has_the_size_asked_for(size: tuple[int, int], gaps: bool) -> None:
    """T bars of S symbols, with prices that the kernel can count."""
    panel = make_panel(*size, gaps=gaps)
    assert panel.traded.shape == size
    assert panel.units.close.shape == size
    assert panel.traded[:, 0].all()
    assert panel.traded.all() or gaps


def test_the_seed_decides() -> None:
    """The same seed gives the same panel, another one another."""
    assert same(make_panel(seed=3, gaps=True), make_panel(seed=3, gaps=True))
    assert not same(make_panel(seed=3), make_panel(seed=4))


def test_symbols_sort_as_they_are_counted() -> None:
    """Numbers have leading zeros where needed."""
    assert make_panel(2, 11).symbols[:3] == ("S00", "S01", "S02")


def test_daily_bars_are_of_working_days() -> None:
    """From a Thursday on, weekends left out."""
    days = [moment.isoweekday() for moment in make_panel(4).timestamps]
    assert days == [4, 5, 1, 2]


def test_hourly_bars_are_seven_a_day() -> None:
    """The eighth is of the next day."""
    times = make_panel(8, spacing="hourly").timestamps
    assert [moment.hour for moment in times] == [15, 16, 17, 18, 19, 20, 21, 15]
    assert times[7] - times[6] == np.timedelta64(18, "h")


def test_an_awkward_panel_has_all_that_real_ones_have() -> None:
    """A late beginning, an early end, gaps, a pause, a halved price, a price that stands still, no volumes."""
    panel = make_panel(80, 4, gaps=True)
    _, late, early, odd = panel.traded.T
    assert not late[:26].any()
    assert late[26:].all()
    assert not early[60:].any()
    assert 0 < (~early[:60]).sum() < 30
    assert (~odd[20:28]).all()
    close = panel.close[:, 3]
    assert 0.4 < close[40] / close[39] < 0.6
    assert len(set(close[48:56].tolist())) == 1
    assert np.isnan(panel.volume[:, 3]).all()
    assert (panel.volume[:, 0] == 0).any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"n_bars": 0, "n_symbols": -1},
            "make_panel.n_bars: 0 is less than 1.\nmake_panel.n_symbols: -1 is less than 1.",
        ),
        (
            {"spacing": "dayly"},
            "make_panel.spacing: no spacing is called 'dayly'; known: 'daily', 'hourly'. Did you mean",
        ),
    ],
)
def test_a_panel_that_cannot_be_is_refused(options: dict[str, Any], words: str) -> None:
    """All that is wrong, at once."""
    with pytest.raises(ConfigError) as caught:
        make_panel(**options)
    assert words in str(caught.value)


def test_bars_open_at_the_close_before() -> None:
    """A list of bars of closes, one a day."""
    first, second = make_bars("AAPL", [10, "9.5"], start=datetime(2024, 1, 2, tzinfo=UTC))
    assert (first.open, first.close, second.open, second.close) == (10, 10, 10, Decimal("9.5"))
    assert (second.high, second.low) == (10, Decimal("9.5"))
    assert (second.timestamp - first.timestamp).days == 1


def test_a_close_that_is_no_price_is_refused() -> None:
    """The bar says which."""
    with pytest.raises(DataError, match=r"-1 is not a price"):
        make_bars("AAPL", [1, -1])


TEXT = """
                        B               A
    2024-01-02          10/12/9/11      -
    2024-01-03T15:30    12              5
"""


def test_text_is_read_as_written() -> None:
    """Symbols come in their order of names, times in UTC."""
    panel = panel_of_text(TEXT)
    assert panel.symbols == ("A", "B")
    assert panel.timestamps[1] == datetime(2024, 1, 3, 15, 30, tzinfo=UTC)
    assert [getattr(panel, name)[0, 1].item() for name in PRICE_FIELDS] == [10, 12, 9, 11]
    assert panel.traded.tolist() == [[False, True], [True, True]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  ", "panel_of_text: the text is empty. Name the symbols in the first line."),
        ("A B\n2024-01-02 1", "panel_of_text, bar 0: there are 1 cells for 2 symbols"),
        ("A\nyesterday 1", "panel_of_text, bar 0: 'yesterday' is no day or moment in ISO 8601"),
        ("A\n2024-01-02 1/2", "panel_of_text, bar 0: '1/2' is neither a close, nor open/high/low/close, nor '-'"),
        ("A\n2024-01-02 one", "panel_of_text, bar 0: 'one' is neither a close"),
        ("A", "there are 0 bars of 1 symbols"),
    ],
)
def test_text_that_is_no_panel_is_refused(text: str, words: str) -> None:
    """With the bar that is wrong."""
    with pytest.raises(DataError) as caught:
        panel_of_text(text)
    assert words in str(caught.value)
