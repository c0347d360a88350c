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

Gaps and standstill
    A symbol without a bar for a month, which is twenty times its usual step, and a symbol whose price never changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.clock import NS_PER_DAY, to_text
from strategy_orchestrator.models.panel import DataWarning, Panel

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
_GAP_NS: Final = 30 * NS_PER_DAY
_TIMES_USUAL_STEP: Final = 20
_STANDSTILL: Final = 20


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


def find_warnings(panel: Panel, factors: FloatArray | None = None) -> tuple[DataWarning, ...]:
    """Return what is odd about the bars of a panel, in the order of symbols and times.

    Parameters
    ----------
    panel : Panel
        Its prices as they will be traded.
    factors : ndarray, optional
        float64, shape (T, S): adjusted close ÷ close, of prices that were not adjusted.
    """
    found: list[DataWarning] = []
    for column, symbol in enumerate(panel.symbols):
        bars = np.flatnonzero(panel.traded[:, column])
        arrays = {name: getattr(panel, name)[bars, column] for name in ("open", "high", "low", "close", "volume")}
        arrays["factors"] = np.full(len(bars), np.nan) if factors is None else factors[bars, column]
        series = _Series(panel.timestamps_ns[bars], **arrays)
        told = [*_splits(series), *_gaps(series), *_standstill(series)]
        found.extend(DataWarning(symbol, int(series.times[bar]), problem) for bar, problem in sorted(told))
    return tuple(found)


def _splits(series: _Series) -> Iterator[tuple[int, str]]:
    falls = series.falls
    steps = np.log(series.factors[1:] / series.factors[:-1])
    is_evidence = bool(np.isfinite(steps).all() and (np.abs(steps) > _NEAR_FACTOR / 10).any())
    for place in np.flatnonzero(np.abs(falls) > _JUMP).tolist():
        fall = float(falls[place])
        ratio = _known_ratio(fall, float(steps[place])) if is_evidence else _likely_ratio(series, falls, place)
        if ratio is not None:
            before, now = series.close[place].item(), series.open[place + 1].item()
            jump = f"the price {'falls' if fall > 0 else 'rises'} from {before!r} to {now!r} between two bars"
            problem = f"{jump}, likely a {ratio[0]}:{ratio[1]} split that the prices are not adjusted for"
            yield place + 1, problem


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


def _gaps(series: _Series) -> Iterator[tuple[int, str]]:
    steps = np.diff(series.times)
    if len(steps) < _LEAST_AROUND:
        return
    long = (steps > _GAP_NS) & (steps > _TIMES_USUAL_STEP * np.median(steps))
    for place in np.flatnonzero(long).tolist():
        yield place + 1, f"there is no bar since {to_text(series.times[place].item())}"


def _standstill(series: _Series) -> Iterator[tuple[int, str]]:
    close = series.close
    if len(close) >= _STANDSTILL and (close == close[0]).all() and (series.high == series.low).all():
        yield 0, f"the price is {close[0].item()!r} in all {len(close)} bars"
