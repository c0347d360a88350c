"""The market around the fills of a run: gathered chunk by chunk, so that all prices need not be at hand later."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.analysis.fills import Fills
from strategy_orchestrator.analysis.numbers import groups_of
from strategy_orchestrator.arrays import BoolArray, IntArray
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import DecisionKind, FillPrices, RunRecord
from strategy_orchestrator.models.streams import Chunk
from strategy_orchestrator.threads import each_in_threads

_FIELDS: Final = ("market", "close", "next_bar", "later")
_FROM_AFAR: Final = 8
"""Bytes that come from memory for each that is wanted."""


def fill_prices_of(record: RunRecord, fills: Fills, config: OrchestratorConfig) -> FillPrices:
    """Return the market around every fill, as it was gathered or else from the panel.

    These are the prices that fills were counted with, of which a saved run has no others.
    """
    if record.fill_prices is not None:
        return record.fill_prices
    panel = record.panel
    assert isinstance(panel, Panel)  # noqa: S101  # the fill prices of a stream are gathered on the way
    # Arrays of a panel are contiguous, so that a place is one number.
    closes = panel.units.close.ravel()
    prices = panel.units.open.ravel() if config.fill_at == "next_open" else closes
    places = fills.bar * panel.n_symbols + fills.symbol
    next_bars = _next_bars(panel.traded, fills.bar + 1, fills.symbol)
    is_there = next_bars < panel.n_bars
    next_places = np.where(is_there, next_bars, 0) * panel.n_symbols + fills.symbol
    wanted = ((prices, next_places), (prices, places), (closes, places))
    # Most of the time goes into waiting for memory that nobody has looked at lately.
    later, market, close = each_in_threads(lambda each: each[0].take(each[1]), wanted, places.nbytes * _FROM_AFAR)
    return FillPrices(market, close, next_bars, np.where(is_there, later, 0))


class FillWatch:
    """Gather the market around fills as the chunks of a run pass.

    Parameters
    ----------
    n_bars : int
        Of the run.
    config : OrchestratorConfig
        Says at which point of a bar orders fill.
    """

    def __init__(self, n_bars: int, config: OrchestratorConfig) -> None:
        self._n_bars = n_bars
        self._field = "open" if config.fill_at == "next_open" else "close"
        nothing = np.zeros(0, np.int64)
        self._parts: list[tuple[IntArray, ...]] = [(nothing,) * len(_FIELDS)]
        self._n_fills = 0
        # Fills whose symbol has not had its next bar yet, and what was found for such later.
        self._waiting = nothing, nothing
        self._found: list[tuple[IntArray, IntArray, IntArray]] = []

    def take(self, chunk: Chunk, decisions: NDArray[Any]) -> None:
        """Look at a chunk and all that was decided in it; chunks come in their order."""
        kinds = decisions["kind"]
        rows = decisions[(kinds == DecisionKind.EXIT) | (kinds == DecisionKind.ENTRY)]
        symbols, own = rows["symbol"].astype(np.int64), rows["bar"].astype(np.int64) - chunk.first_bar
        places = self._n_fills + np.arange(len(rows))
        self._n_fills += len(rows)
        self._find_next(
            chunk,
            np.concatenate([self._waiting[0], places]),
            np.concatenate([self._waiting[1], symbols]),
            np.concatenate([np.zeros(len(self._waiting[0]), np.int64), own + 1]),
        )
        units, bars = chunk.panel.units, own + chunk.n_before
        market, close = getattr(units, self._field)[bars, symbols], units.close[bars, symbols]
        self._parts.append((market, close, np.full(len(rows), self._n_bars), np.zeros(len(rows), np.int64)))

    def _find_next(self, chunk: Chunk, places: IntArray, symbols: IntArray, following: IntArray) -> None:
        following = _next_bars(chunk.panel.traded[chunk.n_before :], following, symbols)
        is_here = following < chunk.n_bars
        bars, columns = following[is_here], symbols[is_here]
        later = getattr(chunk.panel.units, self._field)[bars + chunk.n_before, columns]
        self._found.append((places[is_here], bars + chunk.first_bar, later))
        self._waiting = places[~is_here], symbols[~is_here]

    def prices(self) -> FillPrices:
        """Return what was gathered."""
        columns = [np.concatenate(column) for column in zip(*self._parts, strict=True)]
        fields = dict(zip(_FIELDS, columns, strict=True))
        for places, bars, later in self._found:
            fields["next_bar"][places], fields["later"][places] = bars, later
        return FillPrices(**fields)


def _next_bars(traded: BoolArray, following: IntArray, symbols: IntArray) -> IntArray:
    # The first bar of its symbol for each place on the axis from which one is looked for.
    if traded.all():
        return following
    found = following.copy()
    for symbol, mine in groups_of(symbols):
        with_bar = np.append(np.flatnonzero(traded[:, symbol]), len(traded))
        found[mine] = with_bar[np.searchsorted(with_bar, following[mine])]
    return found
