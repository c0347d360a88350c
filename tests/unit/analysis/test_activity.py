"""What became of the signals, and why a strategy traded nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.analysis import activities
from strategy_orchestrator.models.config import OrchestratorConfig
from tests.unit.analysis.builders import UNIT, K, R, fill, make_panel, make_record

PANEL = make_panel(np.full((4, 2), 10.0))


def signal(reason: R = R.ENTER, bar: int = 0) -> tuple[Any, ...]:
    """Make the row of a signal."""
    return bar, K.SIGNAL, reason, 0, 0, 1


def blocked(reason: R, price: float, budget: float, *, bar: int = 1, symbol: int = 0) -> tuple[Any, ...]:
    """Make the row of an entry that got nothing."""
    return bar, K.BLOCKED, reason, 0, symbol, 1, 0, round(price * UNIT), round(budget * UNIT)


def explained(rows: Sequence[tuple[Any, ...]], **options: Any) -> str:
    """Return why nothing was traded."""
    (activity,) = activities(make_record([100] * 4, panel=PANEL, rows=rows), OrchestratorConfig(**options))
    return activity.explanation


def test_everything_is_counted_by_strategy() -> None:
    """Rows of other strategies and of none are left alone."""
    rows = [
        signal(),
        signal(),
        signal(bar=1),
        (0, K.SIGNAL, R.ENTER, 1, 0, -1),
        (0, K.CONFLICT, R.NONE, -1, 0, 1),
        (0, K.DROPPED, R.CONFLICT, 1, 0, -1),
        (1, K.CONTRADICTION, R.NONE, 0, 1),
        fill(1, 1, 1, 10),
        (1, K.CUT, R.CAPITAL, 0, 0, 1),
        blocked(R.NO_CASH, 10, 0),
        (2, K.DROPPED, R.PROTECTIVE_EXIT, 0, 0, 1),
        (3, K.EXPIRED, R.NONE, 0, 1, 1),
        (3, K.EXPIRED, R.NONE, -1, -1),
    ]
    first, second = activities(make_record([[100, 100]] * 4, panel=PANEL, rows=rows), OrchestratorConfig())
    assert (first.strategy_id, first.n_signals, first.n_entries, first.n_cut, first.n_blocked) == (
        "Strategy_0",
        3,
        1,
        1,
        1,
    )
    assert (first.n_dropped_by_conflict, first.n_expired, first.n_contradictions, first.explanation) == (0, 1, 1, "")
    assert (second.n_signals, second.n_entries, second.n_dropped_by_conflict) == (1, 0, 1)
    assert second.explanation == "Of 1 signal, 1 dropped in conflicts with other strategies."


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "It gave no signal in 4 bars."),
        (
            [(0, K.CONTRADICTION, R.NONE, 0, 0)] * 2,
            "It gave no signal but asked for a long and a short entry at once, 2 times, which is no intent.",
        ),
        (
            [(1, K.QUARANTINE, R.NONE, 0, -1)],
            "It failed on 2024-01-02, before its first signal.",
        ),
        (
            [signal(), (1, K.DROPPED, R.QUARANTINE, 0, 0, 1)],
            "Of 1 signal, 1 dropped when the strategy failed.",
        ),
        (
            [signal(), (1, K.DROPPED, R.RUIN, 0, 0, 1)],
            "Of 1 signal, 1 dropped when its equity fell to zero or below.",
        ),
        (
            [signal(), (3, K.EXPIRED, R.NONE, 0, 0, 1)],
            "Of 1 signal, 1 still waiting for a bar when the data ended.",
        ),
        ([signal(), blocked(R.NO_CASH, 10, 0)], "Of 1 signal, 1 blocked: it had no free capital."),
        ([signal()], "Its 1 signal had not come to a fill when the run stopped."),
        ([signal(R.WEIGHT)] * 3, "Its 3 target weights called for no position of at least one lot."),
    ],
)
def test_a_strategy_that_traded_nothing_says_why(rows: list[tuple[Any, ...]], words: str) -> None:
    """One sentence for each reason."""
    assert explained(rows) == words


def test_a_slot_below_one_lot_names_the_nearest_miss() -> None:
    """Price × lot stands against the slot, so that the user sees how much is lacking."""
    rows = [signal(), signal(), blocked(R.BELOW_LOT, 210, 33.5), blocked(R.BELOW_LOT, 185.2, 33.5, bar=2, symbol=1)]
    assert explained(rows) == (
        "Of 2 signals, 2 blocked: its slot is worth less than one lot; the nearest was 'B' on 2024-01-03, "
        "where 1 × 185.2 = 185.2 before commission stood against 33.5."
    )


def test_lots_by_symbol_are_taken_into_account() -> None:
    """A lot of a hundred is dearer than a share of a dearer symbol."""
    rows = [signal(), signal(), blocked(R.BELOW_LOT, 2, 50), blocked(R.BELOW_LOT, 80, 50, symbol=1)]
    assert "'B' on 2024-01-02, where 1 × 80 = 80 before" in explained(rows, lot_size={"A": 100})


def test_reasons_are_told_together() -> None:
    """Signals that ended differently are counted apart."""
    rows = [
        *[signal()] * 4,
        (0, K.DROPPED, R.CONFLICT, 0, 0, 1),
        blocked(R.CAPITAL, 10, 9, bar=1),
        blocked(R.NO_CASH, 10, 0, bar=2),
        (3, K.EXPIRED, R.NONE, 0, 0, 1),
    ]
    assert explained(rows) == (
        "Of 4 signals, 2 blocked: its free capital pays for less than one lot; the nearest was 'A' on 2024-01-02, "
        "where 1 × 10 = 10 before commission stood against 9; 1 time it had no free capital, "
        "1 dropped in conflicts with other strategies, 1 still waiting for a bar when the data ended."
    )
