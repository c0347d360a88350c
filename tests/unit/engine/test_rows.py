"""Rows are taken out of a buffer without copying many of them, and without keeping memory for few."""

from __future__ import annotations

import numpy as np
import pytest

from strategy_orchestrator.engine import rows as module
from strategy_orchestrator.engine.rows import Rows
from strategy_orchestrator.models.records import DECISION

MANY = (1 << 22) // DECISION.itemsize + 1


def rows_of(length: int) -> Rows:
    """Return rows whose bars are their places in the buffer."""
    made = Rows(np.zeros(length, DECISION))
    made.buffer["bar"] = np.arange(length)
    return made


def test_few_rows_leave_the_buffer_as_it_is() -> None:
    """However large it is: who is asked at every bar would else keep one for each."""
    rows = rows_of(2 * MANY)
    buffer = rows.buffer
    for _ in range(3):
        rows.take(2)
    assert rows.buffer is buffer
    assert not np.shares_memory(rows.all(), buffer)
    assert rows.all()["bar"].tolist() == [0, 1] * 3


def test_many_rows_are_handed_over_with_the_buffer() -> None:
    """What is written next is written elsewhere."""
    rows = rows_of(MANY)
    buffer = rows.buffer
    assert np.shares_memory(rows.take(MANY), buffer)
    assert not np.shares_memory(rows.buffer, buffer)
    assert len(rows.buffer) == MANY
    assert np.array_equal(rows.all()["bar"], np.arange(MANY))


def test_the_last_rows_are_handed_over_if_they_fill_much_of_the_buffer() -> None:
    """Nothing is written any more, so few rows need not be copied either; an empty buffer is not kept for them."""
    for length, is_shared in ((4, True), (8, True), (9, False)):
        rows = rows_of(length)
        assert rows.take(2, is_last=True)["bar"].tolist() == [0, 1]
        assert np.shares_memory(rows.all(), rows.buffer) == is_shared


def test_what_is_fresh_is_told_once() -> None:
    """Also where everything was joined in between."""
    rows = rows_of(9)
    rows.take(2)
    assert rows.fresh()["bar"].tolist() == [0, 1]
    rows.take(3)
    assert len(rows.all()) == 5
    rows.take(1)
    assert rows.fresh()["bar"].tolist() == [0, 1, 2, 0]
    assert len(rows.fresh()) == 0


def test_no_more_is_reserved_than_a_run_can_take_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals at every bar are no orders; a buffer never becomes smaller."""
    monkeypatch.setattr(module, "_MOST_RESERVED_BYTES", 20 * DECISION.itemsize)
    rows = rows_of(4)
    rows.reserve(10**15)
    assert len(rows.buffer) == 20
    rows.reserve(1)
    assert len(rows.buffer) == 20
