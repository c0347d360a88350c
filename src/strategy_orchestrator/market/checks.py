"""Look for what is possible in prices, but odd.

Jumps that look like splits
    A split moves the price overnight by a simple ratio and nothing else happens; a crash moves it by any ratio and
    everybody trades. A jump from the last close to the open is called a split when

    1. it is within 3 % of a simple ratio: 3:2, 2:1, 5:2, 3:1, 4:1, ..., 100:1, or one of these upside down;
    2. it is out of proportion: at least six times the median overnight move of the bars around it, no other jump of
       that kind is among them, and, below a price of 1, it is no matter of a few ticks;
    3. it lasts: five bars later less than half of it is undone (a wrong print is no split);
    4. the bar is quiet: its range is at most three times the median of the twenty bars before, and so is, at most four
       times, the value traded (volume × close, which a split leaves alone). Where volumes are unknown the jump must be
       within 2 % of the ratio instead.

    Apple on 2000-09-29 opened at 28.19 after 53.50: 5.2 % off 2:1, at eleven times the usual value traded. The splits
    of Apple (2000-06-21, 2005-02-28) and Microsoft (2003-02-18) opened 0.3, 0.4 and 1.9 % off 2:1, at a third to two
    thirds of the usual value. Ratios nearer to 1, such as 5:4, are left out: gaps after earnings are as large.

    Where the prices come with an adjusted close that knows of any event of the symbol, nothing is guessed: a split is
    where adjusted close ÷ close changes by a simple ratio and the price jumps against it.

Gaps and standstill are looked for in `silences`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import BoolArray, FloatArray, IntArray
from strategy_orchestrator.market.silences import Standstill, Steps, take_steps
from strategy_orchestrator.models.panel import DataWarning, Panel
from strategy_orchestrator.models.streams import Chunk

_SIMPLE: Final = (
    (3, 2),
    (2, 1),
    (5, 2),
    *((many, 1) for many in (3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 100)),
)
_RATIOS: Final = (*_SIMPLE, *((old, new) for new, old in _SIMPLE))
"""Shares after and before: (2, 1) halves the price."""
_LOGS: Final = np.log([new / old for new, old in _RATIOS])
_JUMP: Final = float(np.log(1.3))
_NEAR: Final = 0.03
_NEAR_WITHOUT_VOLUME: Final = 0.02
_NEAR_FACTOR: Final = 0.02
_AGAINST_FACTOR: Final = 0.2
_AROUND: Final = 20
_LEAST_AROUND: Final = 5
_TIMES_USUAL_MOVE: Final = 6.0
_TIMES_USUAL_VALUE: Final = 4.0
_TIMES_USUAL_RANGE: Final = 3.0
_LATER: Final = 5
_LEAST_TICKS: Final = 10
_PENNY: Final = 0.01


@dataclass(frozen=True, slots=True)
class _Series:
    # The bars of one symbol, without gaps; factors are adjusted close ÷ close, or NaN.
    times: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    factors: FloatArray

    @property
    def falls(self) -> FloatArray:
        # How far each open is below the close before it, as logarithm; positive for a fall.
        return np.log(self.close[:-1] / self.open[1:])

    @property
    def is_evidence(self) -> bool:
        # Whether the adjusted closes know of any event.
        steps = np.log(self.factors[1:] / self.factors[:-1])
        return bool(np.isfinite(steps).all() and (np.abs(steps) > _NEAR_FACTOR / 10).any())


def find_warnings(panel: Panel, factors: FloatArray | None = None) -> tuple[DataWarning, ...]:
    """Return what is odd about the bars of a panel, in the order of symbols and times.

    Parameters
    ----------
    panel : Panel
        Its prices as they will be traded.
    factors : ndarray, optional
        float64, shape (T, S): adjusted close ÷ close, of prices that were not adjusted.
    """
    found = Watch(panel.n_bars).take(Chunk(panel, 0, 0), factors)
    return tuple(sorted(found, key=lambda each: (each.symbol, each.timestamp_ns, each.problem)))


class Watch:
    """Look for what is odd in the chunks of a run, as if they were one panel.

    A jump is judged when the bars after it have come, a gap when all have. What is kept until then does not grow with
    the number of bars.

    Parameters
    ----------
    n_bars : int
        Of the run.
    """

    lookback_bars: int = 2 * _AROUND + 2
    """Bars before a chunk that are needed."""

    def __init__(self, n_bars: int) -> None:
        self._n_bars = n_bars
        self._waiting: list[_Jump] = []
        self._steps: list[Steps] = []
        self._still: Standstill | None = None

    def take(self, chunk: Chunk, factors: FloatArray | None = None) -> list[DataWarning]:
        """Look at the next chunk.

        Parameters
        ----------
        factors : ndarray, optional
            As `find_warnings` takes them, of a run in one chunk.

        Returns
        -------
        list of DataWarning
            What is known now.
        """
        panel, is_last = chunk.panel, chunk.end == self._n_bars
        told = self._judged(chunk, factors, is_last=is_last)
        self._steps = self._steps or [Steps() for _ in panel.symbols]
        take_steps(self._steps, chunk)
        self._still = self._still or Standstill(panel.n_symbols)
        self._still.take(chunk)
        if is_last:
            told.extend((column, *gap) for column, steps in enumerate(self._steps) for gap in steps.gaps())
            told.extend(self._still.found())
        return [DataWarning(panel.symbols[column], time, problem) for column, time, problem in told]

    def _judged(self, chunk: Chunk, factors: FloatArray | None, *, is_last: bool) -> list[tuple[int, int, str]]:
        jumps: dict[int, list[int]] = {}
        for row, column in _jumps(chunk):
            jumps.setdefault(column, []).append(row)
        waiting, self._waiting = self._waiting, []
        told: list[tuple[int, int, str]] = []
        for column in sorted({*jumps, *(jump.column for jump in waiting)}):
            rows = np.flatnonzero(chunk.panel.traded[:, column])
            mine = [jump for jump in waiting if jump.column == column]
            if len(rows) and rows[-1] >= chunk.n_before:
                series = _series(chunk.panel, column, rows, factors)
                times = [*(jump.time for jump in mine), *chunk.panel.timestamps_ns[jumps.get(column, [])].tolist()]
                places = np.searchsorted(series.times, times) - 1
                mine = [_Jump(column, series, int(place)) for place in places]
            for jump in mine:
                if is_last or len(jump.series.times) > jump.place + _AROUND + 1:
                    told.extend(jump.judged())
                else:
                    self._waiting.append(jump.alone())
        return told


@dataclass(frozen=True, slots=True)
class _Jump:
    # A jump from one bar of a series to the next.
    column: int
    series: _Series
    place: int

    @property
    def time(self) -> int:
        return int(self.series.times[self.place + 1])

    def judged(self) -> Iterator[tuple[int, int, str]]:
        series, fall = self.series, float(np.log(self.series.close[self.place] / self.series.open[self.place + 1]))
        if series.is_evidence:
            ratio = _known_ratio(fall, float(np.log(series.factors[self.place + 1] / series.factors[self.place])))
        else:
            ratio = _likely_ratio(series, series.falls, self.place)
        if abs(fall) > _JUMP and ratio is not None:
            before, now = series.close[self.place].item(), series.open[self.place + 1].item()
            jump = f"the price {'falls' if fall > 0 else 'rises'} from {before!r} to {now!r} between two bars"
            problem = f"{jump}, likely a {ratio[0]}:{ratio[1]} split that the prices are not adjusted for"
            yield self.column, self.time, problem

    def alone(self) -> _Jump:
        # With no more bars than the judgment needs.
        first = max(0, self.place - _AROUND)
        names = ("times", "open", "high", "low", "close", "volume", "factors")
        bars = {name: getattr(self.series, name)[first:].copy() for name in names}
        return _Jump(self.column, _Series(**bars), self.place - first)


def _jumps(chunk: Chunk) -> Iterator[tuple[int, int]]:
    # Rows and columns of bars whose open is far from the close before; those on the edge are looked at again.
    panel, first = chunk.panel, max(chunk.n_before, 1)
    rows = panel.traded[first - 1 :].all(axis=0)
    far = np.exp(_JUMP) * (1 - 1e-9)
    for columns, is_dense in ((np.flatnonzero(rows), True), (np.flatnonzero(~rows), False)):
        if not len(columns):
            continue
        whole = is_dense and len(columns) == panel.n_symbols
        close, opening = ((array if whole else array[:, columns]) for array in (panel.close, panel.open))
        before = close[first - 1 : -1] if is_dense else _last_known(close, panel.traded[:, columns])[first - 1 : -1]
        now = opening[first:]
        found = (before > now * far) | (now > before * far)
        bars, places = np.nonzero(found)
        yield from zip((bars + first).tolist(), columns[places].tolist(), strict=True)


def _last_known(close: FloatArray, traded: BoolArray) -> FloatArray:
    last = np.maximum.accumulate(np.where(traded, np.arange(len(close))[:, None], 0), axis=0)
    known: FloatArray = np.take_along_axis(close, last, axis=0)
    return known


def _series(panel: Panel, column: int, rows: IntArray, factors: FloatArray | None) -> _Series:
    arrays = {name: getattr(panel, name)[rows, column] for name in ("open", "high", "low", "close", "volume")}
    arrays["factors"] = np.full(len(rows), np.nan) if factors is None else factors[rows, column]
    return _Series(panel.timestamps_ns[rows], **arrays)


def _known_ratio(fall: float, step: float) -> tuple[int, int] | None:
    place = int(np.argmin(np.abs(_LOGS - step)))
    is_split = abs(_LOGS[place] - step) < _NEAR_FACTOR and abs(fall - step) < _AGAINST_FACTOR
    return _RATIOS[place] if is_split else None


def _likely_ratio(series: _Series, falls: FloatArray, place: int) -> tuple[int, int] | None:
    fall = float(falls[place])
    nearest = int(np.argmin(np.abs(_LOGS - fall)))
    distance = float(abs(_LOGS[nearest] - fall))
    if distance > _NEAR or not _is_out_of_proportion(series, falls, place) or not _lasts(series, falls, place):
        return None
    return _RATIOS[nearest] if _is_quiet(series, place + 1, distance) else None


def _is_out_of_proportion(series: _Series, falls: FloatArray, place: int) -> bool:
    first, end = max(0, place - _AROUND), place + _AROUND + 1
    others = np.abs(np.delete(falls[first:end], place - first))
    size = abs(float(falls[place]))
    if len(others) and (others.max() > _JUMP or size < _TIMES_USUAL_MOVE * float(np.median(others))):
        return False
    before, now = float(series.close[place]), float(series.open[place + 1])
    if min(before, now) >= 1:
        return True
    moves = np.abs(np.diff(series.close[first : end + 1]))
    moves = np.delete(moves, place - first)
    ticks = moves[moves > _PENNY / 1000]
    tick = min(float(ticks.min()), _PENNY) if len(ticks) else _PENNY
    return abs(before - now) >= _LEAST_TICKS * tick * (1 - 1e-9)


def _lasts(series: _Series, falls: FloatArray, place: int) -> bool:
    last = min(place + 1 + _LATER, len(series.close) - 1)
    undone = float(np.log(series.close[last] / series.open[place + 1]))
    fall = float(falls[place])
    return bool(undone * np.sign(fall) < abs(fall) / 2)


def _is_quiet(series: _Series, bar: int, distance: float) -> bool:
    first = max(0, bar - _AROUND)
    values = series.volume[first : bar + 1] * series.close[first : bar + 1]
    ranges = np.log(series.high[first : bar + 1] / series.low[first : bar + 1])
    is_value_usual = _is_usual(values, _TIMES_USUAL_VALUE)
    if is_value_usual is None:
        is_value_usual = distance <= _NEAR_WITHOUT_VOLUME
    return is_value_usual and _is_usual(ranges, _TIMES_USUAL_RANGE) is not False


def _is_usual(values: FloatArray, times: float) -> bool | None:
    # Whether the last value is not far above those before it; None when too little is known.
    before = values[:-1][values[:-1] > 0]
    if len(before) < _LEAST_AROUND or np.isnan(values[-1]):
        return None
    return bool(values[-1] <= times * np.median(before))
