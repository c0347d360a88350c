"""Gross, net and crossed exposure, and what netting would have saved."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from strategy_orchestrator.analysis import exposure_of
from strategy_orchestrator.models.config import OrchestratorConfig
from tests.unit.analysis.builders import UNIT, K, R, fill, make_panel, make_record, trade_rows

CONFIG = OrchestratorConfig()


def test_positions_of_sleeves_against_one_another_are_netted() -> None:
    """A long and a short of one symbol are gross twice and net the difference."""
    panel = make_panel([[10.0, 5.0], [11.0, 5.0], [12.0, 6.0]])
    rows = [
        fill(0, 1, 10, 10),
        fill(1, -1, 4, 11, strategy=1, kind=K.ENTRY),
        fill(1, 1, 2, 5, symbol=1, strategy=1),
        fill(2, -1, 10, 12, reason=R.END_OF_DATA),
    ]
    gross = [[100, 0], [110, 54], [0, 60]]
    found = exposure_of(
        make_record([[200, 200]] * 3, gross=gross, panel=panel, rows=rows, trades=trade_rows([{}])), CONFIG
    )
    assert (found.gross / UNIT).tolist() == [100, 164, 60]
    assert (found.net / UNIT).tolist() == [100, 6 * 11 + 10, 4 * 12 + 12]
    assert (found.crossed / UNIT).tolist() == [0, 88, 0]


def test_a_symbol_without_a_bar_is_marked_at_its_last_close() -> None:
    """Positions keep their value over a gap."""
    panel = make_panel([[10.0, 5.0], [11.0, np.nan], [np.nan, 6.0]])
    rows = [fill(0, 1, 1, 10), fill(0, 1, 1, 5, symbol=1)]
    found = exposure_of(make_record([100] * 3, gross=[15, 16, 17], panel=panel, rows=rows), CONFIG)
    assert (found.net / UNIT).tolist() == [15, 16, 17]


def test_net_is_never_more_than_gross() -> None:
    """Rounding of single positions cannot make crossed exposure negative."""
    panel = make_panel([[0.5]])
    rows = [fill(0, 1, 0.000001, 0.5), fill(0, 1, 0.000002, 0.5, strategy=1)]
    record = make_record([[1, 1]], gross=[[0, 0.000001]], panel=panel, rows=rows)
    found = exposure_of(record, CONFIG)
    assert (found.net.tolist(), found.crossed.tolist()) == ([1], [0])


def test_only_completed_bars_are_told() -> None:
    """Fills of the bar in which a run failed are left out."""
    panel = make_panel([[10.0], [11.0]])
    record = make_record([100, 100], gross=[10, 99], panel=panel, rows=[fill(0, 1, 1, 10), fill(1, 1, 1, 11)], n_bars=1)
    assert exposure_of(record, CONFIG).net.tolist() == [10 * UNIT]


def test_opposite_fills_of_different_sleeves_could_have_met() -> None:
    """The matched quantity saves its share of commission and slippage of both sides."""
    panel = make_panel([[100.0], [110.0], [110.0]], opens=[[100.0], [110.0], [110.0]])
    rows = [
        fill(0, 1, 8, 101, commission=2),
        fill(1, 1, 4, 111, strategy=1, commission=1),
        fill(1, -1, 8, 108, commission=2),
    ]
    # Slippage of the exit is what the trade has beyond that of its entry: 24 - 8 = 16.
    trades = trade_rows([{"slippage": 24 * UNIT}])
    record = make_record([[1000, 1000]] * 3, gross=np.full((3, 2), 5000), panel=panel, rows=rows, trades=trades)
    assert exposure_of(record, CONFIG).netting_saving == Decimal(1 + 4) + Decimal(2 + 16) / 2


def test_the_slippage_of_entries_is_released_as_positions_shrink() -> None:
    """Partial exits release what entries lost pro rata, so the last exit's own slippage is exact."""
    panel = make_panel(np.full((4, 1), 10.0))
    rows = [
        fill(0, 1, 3, 10.1),
        fill(1, 1, 3, 10.2),
        fill(2, -1, 4, 10, strategy=0),
        fill(3, -1, 2, 9.5, strategy=0),
        fill(3, 1, 2, 10, strategy=1),
    ]
    # Entries lost 0.3 + 0.6; the first exit releases 0.6 of it, the last 0.3, and loses 1 by itself.
    trades = trade_rows([{"slippage": 600_000}, {"slippage": 1_300_000}])
    record = make_record([[100, 100]] * 4, gross=np.full((4, 2), 90), panel=panel, rows=rows, trades=trades)
    assert exposure_of(record, CONFIG).netting_saving == 1


def test_fills_at_the_close_lose_against_the_close() -> None:
    """The reference of an entry is the price that the run fills at."""
    panel = make_panel([[12.0]], opens=[[10.0]])
    rows = [fill(0, 1, 1, 12, commission=1), fill(0, -1, 1, 12, strategy=1, kind=K.ENTRY, commission=1)]
    record = make_record([[100, 100]], gross=[[12, 12]], panel=panel, rows=rows)
    assert exposure_of(record, OrchestratorConfig(fill_at="close")).netting_saving == 2
    assert exposure_of(record, CONFIG).netting_saving == 2 + 2 + 2


def test_a_sleeve_does_not_meet_itself() -> None:
    """An entry that is stopped in its bar has nothing to be netted with, beyond what others trade."""
    panel = make_panel([[10.0]])
    own = [fill(0, 1, 5, 10, commission=5), fill(0, -1, 5, 9, reason=R.STOP_LOSS, commission=5)]
    alone = make_record([100], panel=panel, rows=own, trades=trade_rows([{}]))
    assert exposure_of(alone, CONFIG).netting_saving == 0
    other = fill(0, 1, 2, 10, strategy=1, commission=2)
    both = make_record([[100, 100]], panel=panel, rows=[*own, other], trades=trade_rows([{}]))
    assert exposure_of(both, CONFIG).netting_saving == 2 + 2


@pytest.mark.parametrize("n_bars", [0, 2])
def test_without_fills_there_is_nothing(n_bars: int) -> None:
    """A run that never traded has no exposure."""
    found = exposure_of(make_record([100, 100], n_bars=n_bars), CONFIG)
    assert found.gross.tolist() == found.net.tolist() == found.crossed.tolist() == [0] * n_bars
    assert found.netting_saving == 0
