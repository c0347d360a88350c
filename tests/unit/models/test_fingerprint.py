"""The hash of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.models.records import DECISION
from tests.unit.store.builders import STORY, decision_rows, make_record, story_trade


def test_the_fingerprint_of_the_story_never_changes() -> None:
    """A change of this value is a change of what every saved run says about itself."""
    assert fingerprint_of(make_record()) == "b37f4ac8762ffd1fe89de8364a42b600cb8f3d9451cabc14565b42132492a5f3"


def test_byte_order_and_padding_do_not_matter() -> None:
    """Rows of a big-endian machine with rubbish in their padding have the same fingerprint."""
    record = make_record()
    foreign = record.decisions.astype(DECISION.newbyteorder(">"))
    foreign["padding"] = 7
    trades = record.trades.copy()
    trades["padding_"] = 9
    other = replace(
        record,
        decisions=foreign,
        trades=trades,
        equity=record.equity.astype(">i8"),
        reserve=record.reserve.astype(">i8"),
    )
    assert fingerprint_of(other) == fingerprint_of(record)


def test_bars_that_were_not_completed_do_not_matter() -> None:
    """What lies in the arrays behind the last completed bar is not hashed."""
    record = make_record(n_bars=3)
    equity = record.equity.copy()
    equity[3:] = -1
    assert fingerprint_of(replace(record, equity=equity)) == fingerprint_of(record)


def _changes() -> list[dict[str, Any]]:
    record = make_record()
    equity, reserve, trades = record.equity.copy(), record.reserve.copy(), story_trade()
    equity[4, 1] += 1
    reserve[0] -= 1
    trades["pnl"] += 1
    return [
        {"equity": equity},
        {"reserve": reserve},
        {"trades": trades},
        {"trades": trades[:0]},
        {"decisions": decision_rows(STORY[:-1])},
        {"strategy_ids": ("MomentumStrategy_0", "RSIStrategy_1")},
        {"strategy_ids": ("MomentumStrategy_0R", "SIStrategy_0")},
        {"n_bars": 4},
        {"panel": make_record(symbols=("AAPL", "MSFT")).panel},
    ]


@pytest.mark.parametrize("place", range(9))
def test_any_other_change_gives_another_fingerprint(place: int) -> None:
    """A unit of money, a row, a name or a bar changes the fingerprint."""
    record = make_record()
    assert fingerprint_of(replace(record, **_changes()[place])) != fingerprint_of(record)


def test_the_layout_in_memory_does_not_matter() -> None:
    """Equity in Fortran order has the same fingerprint."""
    record = make_record()
    other = replace(record, equity=np.asfortranarray(record.equity))
    assert fingerprint_of(other) == fingerprint_of(record)
