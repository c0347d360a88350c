"""The Sharpe ratio with one more bar of lag."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pytest

from strategy_orchestrator.analysis.fills import fills_of
from strategy_orchestrator.analysis.lag import lag_charges
from strategy_orchestrator.analysis.returns import valuation_days
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import RunRecord
from tests.unit.analysis.builders import UNIT, K, R, fill, make_panel, make_record, measure, trade_rows

FillAt = Literal["next_open", "close"]


def market(seed: int = 5, n_bars: int = 300) -> tuple[Any, Any]:
    """Return opens and closes of one symbol, each of whole hundredths."""
    steps = np.random.default_rng(seed).normal(0, 0.01, (n_bars, 2))
    path = np.round(100 * np.exp(np.cumsum(steps.ravel())), 2).reshape(n_bars, 2)
    return path[:, 0], path[:, 1]


def traded(opens: Any, closes: Any, held: Any, fill_at: FillAt) -> RunRecord:
    """Make the record of holding `held` shares from each bar's fill on, without costs, out of 10,000."""
    prices = opens if fill_at == "next_open" else closes
    before = np.concatenate([[0], held[:-1]])
    rows: list[tuple[Any, ...]] = []
    trades: list[dict[str, int]] = []
    for bar, (now, then) in enumerate(zip(held.tolist(), before.tolist(), strict=True)):
        if now != then:
            is_entry = abs(now) > abs(then)
            side = 1 if now > then else -1
            rows.append(fill(bar, side, abs(now - then), prices[bar], kind=K.ENTRY if is_entry else K.EXIT))
            trades += [] if is_entry else [{}]
    last = np.concatenate([closes[:1], closes[:-1]])
    gains = before * (prices - last) + held * (closes - prices)
    panel = make_panel(closes[:, None], opens=opens[:, None])
    return make_record(10_000 + np.cumsum(gains), start=10_000, panel=panel, rows=rows, trades=trade_rows(trades))


def lagged_by_hand(record: RunRecord, held: Any, opens: Any, closes: Any, fill_at: FillAt) -> float:
    """Hold yesterday's shares, over the equity that there was."""
    late = np.concatenate([[0], held[:-1]])
    later = np.concatenate([[0, 0], held[:-2]])
    prices = opens if fill_at == "next_open" else closes
    last = np.concatenate([closes[:1], closes[:-1]])
    gains = later * (prices - last) + late * (closes - prices)
    base = np.concatenate([[10_000], record.equity[:-1, 0] / UNIT])
    returns = gains / base
    return float(returns.mean() / returns.std(ddof=1) * math.sqrt(252))


@pytest.mark.parametrize("fill_at", ["next_open", "close"])
def test_it_is_the_ratio_of_holding_every_position_one_bar_later(fill_at: FillAt) -> None:
    """The charges on fills come to the same as positions moved by one bar."""
    opens, closes = market()
    held = np.random.default_rng(6).integers(0, 4, len(opens)) * 10.0
    record = traded(opens, closes, held, fill_at)
    found = measure(record, fill_at=fill_at)
    expected = lagged_by_hand(record, held, opens, closes, fill_at)
    assert float(found.sleeves[0].extra["sharpe_ratio_lagged"]) == pytest.approx(expected, rel=1e-6)
    assert found.aggregate.extra["sharpe_ratio_lagged"] == found.sleeves[0].extra["sharpe_ratio_lagged"]


@pytest.mark.parametrize("fill_at", ["next_open", "close"])
def test_who_sees_ahead_by_one_bar_loses_the_ratio(fill_at: FillAt) -> None:
    """A fortune made of tomorrow's prices is gone with one more bar of lag."""
    opens, closes = market(n_bars=1000)
    ahead = closes > opens if fill_at == "next_open" else np.append(closes[1:] > closes[:-1], False)
    metrics = measure(traded(opens, closes, ahead * 50.0, fill_at), fill_at=fill_at).sleeves[0]
    assert metrics.sharpe_ratio > 7
    assert metrics.extra["sharpe_ratio_lagged"] < 2


def test_who_holds_for_long_keeps_the_ratio() -> None:
    """One bar is nothing to a position of a year."""
    opens, closes = market(n_bars=1000)
    metrics = measure(traded(opens, closes, np.full(1000, 50.0), "next_open")).sleeves[0]
    difference = metrics.sharpe_ratio - metrics.extra["sharpe_ratio_lagged"]
    assert abs(difference) < Decimal("0.1")


def test_without_a_fill_it_is_the_ratio_itself() -> None:
    """There is nothing to delay."""
    metrics = measure(make_record([100, 110, 105, 120])).sleeves[0]
    assert metrics.extra["sharpe_ratio_lagged"] == metrics.sharpe_ratio
    assert charges_of(make_record([100] * 4, panel=gapped())) == [[0] * 4]


def charges_of(record: RunRecord, **options: Any) -> list[list[float]]:
    """Return the charges of each sleeve and day in whole units."""
    charges = lag_charges(record, fills_of(record), OrchestratorConfig(**options), valuation_days(record))
    everything = charges.of_sleeves(slice(0, len(record.strategy_ids)))
    assert charges.of_whole()[0] == pytest.approx(everything.sum(axis=0))
    rows: list[list[float]] = (everything / UNIT).tolist()
    return rows


def test_the_closings_at_the_end_of_the_data_are_not_delayed() -> None:
    """A mark of the books is no reaction; what the last bar filled was never bought."""
    panel = make_panel([[10.0], [12.0]], opens=[[10.0], [11.0]])
    rows = [fill(1, 1, 5, 11), fill(1, -1, 5, 12, reason=R.END_OF_DATA)]
    record = make_record([100, 105], panel=panel, rows=rows, trades=trade_rows([{}]))
    assert charges_of(record) == [[0, 5]]


def gapped() -> Panel:
    """Make a panel of two symbols, the second without bars 1 and 2."""
    gap = np.nan
    return make_panel([[10, 20], [11, gap], [12, gap], [13, 26]], opens=[[10, 20], [11, gap], [12, gap], [13, 25]])


def test_a_symbol_is_delayed_to_its_own_next_bar() -> None:
    """Bars of others are no bars of it."""
    rows = [fill(0, 1, 1, 20, symbol=1), fill(0, 1, 1, 10, strategy=1)]
    record = make_record([[100, 100]] * 4, panel=gapped(), rows=rows)
    assert charges_of(record) == [[0, 0, 0, 5], [0, 1, 0, 0]]


def test_a_symbol_without_a_next_bar_is_charged_to_the_close() -> None:
    """What cannot be delayed within the data is not bought at all."""
    panel = make_panel([[10, 21], [11, np.nan]], opens=[[10, 20], [11, np.nan]])
    record = make_record([100, 100], panel=panel, rows=[fill(0, 1, 3, 20, symbol=1)])
    assert charges_of(record) == [[3, 0]]


def test_slippage_stays_paid() -> None:
    """The charge starts at the price before slippage, also for the stops, whose level is not recorded."""
    panel = make_panel([[100.0], [90.0], [80.0]], opens=[[100.0], [99.0], [85.0]])
    rows = [
        fill(0, 1, 1, 101),
        fill(1, -1, 1, 95 * 0.99, reason=R.STOP_LOSS),
        fill(0, 1, 1, 101, strategy=1),
        fill(1, -1, 1, 95, strategy=1, reason=R.TAKE_PROFIT),
    ]
    stop = {"entry_notional": 101 * UNIT, "exit_notional": round(94.05 * UNIT), "slippage": round(1.95 * UNIT)}
    record = make_record([[1000, 1000]] * 3, panel=panel, rows=rows, trades=trade_rows([stop, stop]))
    stopped, taken = charges_of(record)
    # Entry: 0 in bar 0, 99 - 100 in bar 1. Exit: -(90 - 95) in bar 1, -(85 - 90) ... the open of bar 2 is 85, not 90.
    assert taken == pytest.approx([0, -1 + 5, 5])
    assert stopped == pytest.approx([0, -1 + 5, 5], abs=0.02)


def test_charges_fall_on_the_days_of_their_bars() -> None:
    """Intraday fills are charged to valuation days; some sleeves can be asked for alone."""
    panel = make_panel([[10.0], [11.0], [12.0], [13.0]], days=[0.2, 0.4, 1.2, 1.4])
    rows = [fill(1, 1, 1, 11, strategy=1)]
    record = make_record([[100, 100]] * 4, panel=panel, rows=rows)
    charges = lag_charges(record, fills_of(record), OrchestratorConfig(fill_at="close"), valuation_days(record))
    assert (charges.of_sleeves(slice(1, 2)) / UNIT).tolist() == [[0, 1]]
    assert charges.of_sleeves(slice(0, 1)).tolist() == [[0, 0]]
