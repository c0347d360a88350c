"""Books know their sizes, and a copy of them shares nothing."""

from __future__ import annotations

import numpy as np
import pytest

from strategy_orchestrator.kernel import layout as at, making
from strategy_orchestrator.models.records import DECISION, TRADE


def test_books_know_their_sizes() -> None:
    """N, S and the room that a step needs stand in the record of the run; the rest is empty, but for the buffers."""
    books = making.new_books(3, 4)
    assert books.run[["n_strategies", "n_symbols"]][0].item() == (3, 4)
    assert books.run["room"] > 3 * 4
    assert (books.strategies.shape, books.symbols.shape, books.cells.shape) == ((3,), (4,), (3, 4))
    others = ("run", "decisions", "trades")
    ledgers = [array for name, array in books._asdict().items() if name not in others]
    assert not any(array.view(np.uint8).any() for array in ledgers)


@pytest.mark.parametrize("n_symbols", [1, 20_000])
def test_buffers_hold_more_than_one_step_writes(n_symbols: int) -> None:
    """However many symbols there are, a pause finds room for the next step."""
    books = making.new_books(1, n_symbols)
    assert len(books.decisions) > books.run["room"][0]
    assert len(books.trades) > n_symbols


def test_a_copy_shares_nothing() -> None:
    """What happens to the books after a snapshot does not happen to it."""
    books = making.new_books(2, 2)
    snapshot = making.copy_books(books)
    before = [array.tobytes() for array in snapshot]
    for array in books:
        array.view(np.uint8)[...] += 1
    assert [array.tobytes() for array in snapshot] == before


@pytest.mark.parametrize("dtype", [at.RUN, at.STRATEGY, at.SYMBOL, at.CELL, at.SIGNAL, DECISION, TRADE])
def test_records_have_no_hidden_bytes(dtype: np.dtype[np.void]) -> None:
    """Every byte of a record has a name, so that equal runs have equal bytes."""
    assert sum(dtype[name].itemsize for name in dtype.names or ()) == dtype.itemsize
    assert dtype.itemsize % 8 == 0
