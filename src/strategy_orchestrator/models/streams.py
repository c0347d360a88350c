"""Prices that come in chunks: the time axis is known, the bars are read when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np

from strategy_orchestrator.arrays import IntArray, sealed
from strategy_orchestrator.clock import to_datetime
from strategy_orchestrator.errors import ConfigError, DataError, Fault
from strategy_orchestrator.models.overlap import Overlap, concatenated
from strategy_orchestrator.models.panel import DataWarning, Panel


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some bars of a run, with bars before them for those who look back.

    Attributes
    ----------
    panel : Panel
        First bars that were there before, then those of the chunk.
    n_before : int
        How many rows of the panel come before the chunk.
    first_bar : int
        Bar of the run at which the chunk begins.
    """

    panel: Panel
    n_before: int
    first_bar: int

    @property
    def own(self) -> Panel:
        """The bars of the chunk alone."""
        return self.panel.between(self.n_before, self.panel.n_bars) if self.n_before else self.panel

    @property
    def n_bars(self) -> int:
        """Number of bars of the chunk."""
        return self.panel.n_bars - self.n_before

    @property
    def end(self) -> int:
        """Bar of the run after the last one of the chunk."""
        return self.first_bar + self.n_bars


class Watcher(Protocol):
    """What looks for oddities in the chunks of a run."""

    lookback_bars: int
    """Bars before a chunk that it needs."""

    def take(self, chunk: Chunk, /) -> Iterable[DataWarning]:
        """Look at the next chunk, and tell what is known now."""
        ...


class PanelStream:
    """Hold the time axis of prices that are read in chunks.

    Make one with `open_panel`, which reads Parquet. The times, of a minute's bars of a year some megabytes, are in
    memory; the prices are not.

    Parameters
    ----------
    timestamps_ns : ndarray
        int64, shape (T,), nanoseconds since 1970 UTC, strictly rising.
    symbols : tuple of str
        S names, sorted.
    read : callable
        Begins anew each time: yields panels of all symbols whose times, one panel after another, are the time axis.
    calendar : str, optional
        Trading calendar that the source names.
    watch : callable, optional
        Makes what looks for oddities, of the number of bars of the whole.
    is_adjusted : bool
        Whether prices are adjusted for splits and dividends.

    Raises
    ------
    DataError
        If there is no bar.
    """

    def __init__(
        self,
        timestamps_ns: IntArray,
        symbols: tuple[str, ...],
        read: Callable[[], Iterator[Panel]],
        calendar: str | None = None,
        *,
        watch: Callable[[int], Watcher] | None = None,
        is_adjusted: bool = False,
    ) -> None:
        if not len(timestamps_ns) or not symbols:
            problem = f"there are {len(timestamps_ns)} bars of {len(symbols)} symbols; expected at least one of each"
            raise DataError(Fault("stream", problem))
        self.timestamps_ns: IntArray = sealed(timestamps_ns)
        self.symbols = symbols
        self.calendar = calendar
        self.is_split_adjusted = self.is_dividend_adjusted = is_adjusted
        self._read = read
        self._watch = watch
        self._warnings: tuple[DataWarning, ...] = ()
        self._n_looked_at = 0

    @classmethod
    def of_panel(cls, panel: Panel, chunk_bars: int) -> PanelStream:
        """Return a panel as a stream, for instance to try how a strategy fares in chunks."""
        size = checked_chunk(chunk_bars)

        def read() -> Iterator[Panel]:
            for first in range(0, panel.n_bars, size):
                yield replace(panel.between(first, first + size), warnings=panel.warnings if not first else ())

        return cls(
            panel.timestamps_ns,
            panel.symbols,
            read,
            panel.calendar,
            is_adjusted=panel.is_split_adjusted and panel.is_dividend_adjusted,
        )

    @property
    def n_bars(self) -> int:
        """Number of time steps, T."""
        return len(self.timestamps_ns)

    @property
    def n_symbols(self) -> int:
        """Number of symbols, S."""
        return len(self.symbols)

    @cached_property
    def timestamps(self) -> tuple[datetime, ...]:
        """The T closing times as aware datetimes, UTC."""
        return tuple(to_datetime(ns) for ns in self.timestamps_ns.tolist())

    @property
    def warnings(self) -> tuple[DataWarning, ...]:
        """What was found odd in the bars read so far, in the order of symbols and times; all once all were read."""
        return self._warnings

    def shared(self) -> PanelStream:
        """Return the stream: what it yields is made anew for everybody who reads it."""
        return self

    def whole(self) -> Panel:
        """Read all prices into memory, for those that fit."""
        panel = concatenated([chunk.own for chunk in self.chunks()])
        return replace(panel, calendar=self.calendar, warnings=self.warnings)

    def through(self, change: Callable[[Panel], Panel]) -> PanelStream:
        """Return a stream of the same prices, each part of which goes through a function when it is read."""

        def read() -> Iterator[Panel]:
            return map(change, self._read())

        is_adjusted = self.is_split_adjusted
        return PanelStream(
            self.timestamps_ns, self.symbols, read, self.calendar, watch=self._watch, is_adjusted=is_adjusted
        )

    def chunks(self, lookback_bars: int = 0, held: Callable[[], IntArray] | None = None) -> Iterator[Chunk]:
        """Read the bars from the first to the last.

        Parameters
        ----------
        lookback_bars : int
            Bars before each chunk that its panel begins with, as far as there are any: of the time axis, and of every
            symbol that has a bar in the chunk as many of its own. So the rows before the chunk can be more, with gaps.
        held : callable, optional
            Asked at each chunk for the columns of further symbols whose own bars are needed: int64.

        Raises
        ------
        DataError
            As the reading finds out.
        """
        first = 0
        found: list[DataWarning] = []
        watch = None if self._watch is None or self._n_looked_at == self.n_bars else self._watch(self.n_bars)
        overlap = Overlap(max(lookback_bars, 0 if watch is None else watch.lookback_bars))
        for read in self._read():
            expected = self.timestamps_ns[first : first + read.n_bars]
            if read.symbols != self.symbols or not np.array_equal(read.timestamps_ns, expected):
                problem = "a chunk has other times or symbols than the stream was opened with"
                raise DataError(Fault(f"bar {first}", problem, "Open the stream again"))
            found.extend(read.warnings)
            n_bars = read.n_bars
            chunk = Chunk(*overlap.joined(read, None if held is None else held()), first)
            del read
            if watch is not None:
                found.extend(watch.take(chunk))
            self._look(found, first + n_bars)
            yield chunk
            overlap.keep(chunk.panel)
            first += n_bars
            del chunk
        if first != self.n_bars:
            problem = f"the bars end after {first} of {self.n_bars}"
            raise DataError(Fault("stream", problem, "Open the stream again"))

    def _look(self, found: list[DataWarning], n_bars: int) -> None:
        if n_bars > self._n_looked_at:
            self._n_looked_at = n_bars
            self._warnings = tuple(sorted(found, key=lambda each: (each.symbol, each.timestamp_ns, each.problem)))


Prices: TypeAlias = Panel | PanelStream
"""What a run is made over: prices in memory, or in chunks."""


def chunks_of(prices: Prices) -> Iterator[Chunk]:
    """Read the bars of a stream; a panel is one chunk."""
    return prices.chunks() if isinstance(prices, PanelStream) else iter([Chunk(prices, 0, 0)])


def checked_chunk(chunk_bars: object) -> int:
    """Return a number of bars as it was given.

    Raises
    ------
    ConfigError
        If it is no integer from 1 up.
    """
    if isinstance(chunk_bars, bool) or not isinstance(chunk_bars, int) or chunk_bars < 1:
        problem = f"{chunk_bars!r} is no number of bars; an integer from 1 up is expected"
        raise ConfigError(Fault("chunk_bars", problem, "Leave it out, or write for instance 1000", chunk_bars))
    return chunk_bars
