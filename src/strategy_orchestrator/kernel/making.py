"""The arrays of the loop, made and written before the first bar."""

from __future__ import annotations

from typing import Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray, IntArray
from strategy_orchestrator.kernel.layout import (
    BLOCK_CELLS,
    CELL,
    RUN,
    SIGNAL,
    SLEEVE,
    STRATEGY,
    SYMBOL,
    WORD_CELLS,
    Books,
    Curves,
    Intents,
    Records,
)
from strategy_orchestrator.memory import scratch
from strategy_orchestrator.models.records import DECISION, TRADE
from strategy_orchestrator.money import FRACTION_SCALE, SCALE

_LEAST_ROWS: Final = 16_384


def new_books(n_strategies: int, n_symbols: int) -> Books:
    """Return empty books that know their sizes, and buffers for rows that hold anything."""
    run = np.zeros(1, RUN)
    run["n_strategies"], run["n_symbols"] = n_strategies, n_symbols
    run["room"] = room = max(3 * n_symbols + n_strategies + 4, BLOCK_CELLS)
    shape = n_strategies, n_symbols
    return Books(
        run=run,
        sleeves=np.zeros(n_strategies, SLEEVE),
        strategies=np.zeros(n_strategies, STRATEGY),
        symbols=np.zeros(n_symbols, SYMBOL),
        cells=np.zeros(shape, CELL),
        closes=np.zeros(n_symbols, np.int64),
        held=np.zeros(shape, np.int64),
        open_symbols=np.zeros(shape, np.int64),
        order_symbols=np.zeros(shape, np.int64),
        contested=np.zeros((1, n_symbols), np.int64),
        busy=np.zeros((1, n_strategies), np.int64),
        spoken=np.zeros((1, BLOCK_CELLS // WORD_CELLS), np.int64),
        signals=np.zeros(n_strategies * n_symbols, SIGNAL),
        decisions=scratch((max(_LEAST_ROWS, 2 * room),), DECISION),
        trades=scratch((max(_LEAST_ROWS, 2 * n_symbols),), TRADE),
    )


def write_terms(books: Books, lots: IntArray, per_trade: IntArray, per_share: IntArray, per_notional: IntArray) -> None:
    """Write what fills of each symbol cost, and in what steps quantities are held, before the first bar.

    Parameters
    ----------
    lots, per_trade, per_share : ndarray
        int64, shape (S,), quanta.
    per_notional : ndarray
        int64, shape (S,), steps of 10⁻¹².
    """
    symbols, common = books.symbols, np.gcd(per_notional, FRACTION_SCALE)
    symbols["lot"], symbols["per_trade"], symbols["per_share"] = lots, per_trade, per_share
    symbols["per_notional"] = per_notional
    symbols["rate_top"], symbols["rate_bottom"] = per_notional // common, FRACTION_SCALE // common
    books.run["whole_lots"] = (symbols["lot"] % SCALE == 0).all()


def new_intents(n_bars: int, n_strategies: int, weights: IntArray) -> Intents:
    """Return intents without signals.

    Parameters
    ----------
    weights : ndarray
        As `Intents` has them.
    """
    n_words = -(-n_strategies * weights.shape[2] // WORD_CELLS)
    words = np.zeros((n_bars, n_words), np.int64)
    return Intents(words.view(np.int8), words, weights)


def codes_of(intents: Intents, n_strategies: int, n_symbols: int) -> AnyArray:
    """Return the codes by strategy and symbol: int8, shape (T, N, S), the same memory."""
    n_bars, width = intents.codes.shape
    return np.ndarray((n_bars, n_strategies, n_symbols), np.int8, intents.codes, strides=(width, n_symbols, 1))


def words_of(records: Records) -> IntArray:
    """Return an array of records of int64 fields as integers that share its memory, shape (number, fields)."""
    return records.view(np.int64).reshape(len(records), -1)


def copy_books(books: Books) -> Books:
    """Return a snapshot that shares nothing: taken at a pause, the run can go on from it."""
    return Books(*(array.copy() for array in books))


def new_curves(n_bars: int, n_strategies: int) -> Curves:
    """Return curves for a chunk; what they hold of a bar is not defined before it is recorded."""
    shape = n_bars, n_strategies
    return Curves(scratch(shape, np.int64), scratch(shape, np.int64), scratch((n_bars,), np.int64))
