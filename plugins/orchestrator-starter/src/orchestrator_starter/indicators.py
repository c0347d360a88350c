"""The arithmetic that both forms of a strategy share; no opinion on what to buy lives here.

Closes are integers, counts of the quantum in which the kernel keeps prices, so that sums of them are exact in any
order. Wilder's averages are floats; both forms apply the same operations in the same order, hence to the same bits.

An indicator runs over a symbol's own bars. Arrays of shape (K, S) hold the k-th bar of each symbol in row k, whenever
it was; symbols with fewer than K bars are filled up with zeros, which never come back from `to_panel_rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from strategy_orchestrator import HistoricalDataBar, Panel
from strategy_orchestrator.arrays import AnyArray, BoolArray, FloatArray, IntArray
from strategy_orchestrator.money import LIMIT, SCALE, round_steps

Number = TypeVar("Number", float, FloatArray)
Count = TypeVar("Count", int, AnyArray)
History = TypeVar("History", bound="FollowedHistory")

_GAIN: Final = 0
_LOSS: Final = 1


def close_units(bar: HistoricalDataBar) -> int:
    """Return the close of a bar as quanta, rounded half to even as a panel does."""
    return round_steps(bar.close, SCALE)


def own_closes(panel: Panel) -> IntArray:
    """Return the closes of each symbol without the gaps.

    Returns
    -------
    ndarray
        int64, shape (K, S), quanta; K is the largest number of bars that a symbol has.
    """
    bars, columns = np.nonzero(panel.traded)
    places = _own_places(panel)[bars, columns]
    closes = np.zeros((int(places.max(initial=-1)) + 1, panel.n_symbols), np.int64)
    closes[places, columns] = panel.units.close[bars, columns]
    return closes


def to_panel_rows(flags: BoolArray, panel: Panel) -> BoolArray:
    """Put flags of each symbol's own bars on the panel's time axis.

    Parameters
    ----------
    flags : ndarray
        bool, shape (K, S), as `own_closes` arranges bars.

    Returns
    -------
    ndarray
        bool, shape (T, S); False where a symbol has no bar.
    """
    bars, columns = np.nonzero(panel.traded)
    rows = np.zeros(panel.traded.shape, np.bool_)
    rows[bars, columns] = flags[_own_places(panel)[bars, columns], columns]
    return rows


def _own_places(panel: Panel) -> IntArray:
    return np.cumsum(panel.traded, axis=0, dtype=np.int64) - 1


def lead(fast_sum: Count, slow_sum: Count, fast: int, slow: int) -> Count:
    """Compare two averages by their sums, without a division.

    Returns
    -------
    int or ndarray
        Has the sign of `fast_sum / fast - slow_sum / slow`, exactly.
    """
    ahead: Count = fast_sum * slow - slow_sum * fast
    return ahead


def leads(closes: IntArray, fast: int, slow: int) -> AnyArray:
    """Compare the fast with the slow moving average at every bar.

    Parameters
    ----------
    closes : ndarray
        int64, shape (K, S), quanta.
    fast, slow : int
        Numbers of bars, fast below slow.

    Returns
    -------
    ndarray
        Shape (K, S): the sign is that of fast average minus slow average; 0 for the first `slow - 1` bars. Python
        integers where 64 bits could not hold the products, int64 otherwise.
    """
    fits = int(closes.max(initial=0)) * fast * slow <= LIMIT
    sums = np.cumsum(closes if fits else closes.astype(object), axis=0)
    sums = np.concatenate([np.zeros_like(sums[:1]), sums])
    ahead = np.zeros_like(sums[1:])
    newest = sums[slow:]
    before_fast, before_slow = sums[slow - fast :][: len(newest)], sums[: len(newest)]
    ahead[slow - 1 :] = lead(newest - before_fast, newest - before_slow, fast, slow)
    return ahead


def wilder_step(average: Number, change: Number, n_changes: int, period: int) -> Number:
    """Take one more change into Wilder's average.

    The first `period` changes are averaged plainly; from then on each counts one part in `period` (J. Welles Wilder,
    New Concepts in Technical Trading Systems, 1978, section VI). Before that the value is the sum so far.

    Parameters
    ----------
    average : float or ndarray
        After the change before; 0 at the beginning.
    change : float or ndarray
        Not negative.
    n_changes : int
        How many changes there are with this one.
    """
    if n_changes < period:
        return average + change
    if n_changes == period:
        return (average + change) / period
    return (average * (period - 1) + change) / period


def wilder_averages(closes: IntArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Average the gains and the losses of the close at every bar.

    Parameters
    ----------
    closes : ndarray
        int64, shape (K, S), quanta.

    Returns
    -------
    gains, losses : ndarray
        float64, shape (K, S), quanta; 0 for the first `period` bars.
    """
    n_bars, n_symbols = closes.shape
    averages = np.zeros((n_bars, 2, n_symbols))
    moves = np.diff(closes, axis=0)
    changes = np.stack([np.maximum(moves, 0), np.maximum(-moves, 0)], axis=1).astype(np.float64)
    current: FloatArray = np.zeros((2, n_symbols))
    for bar in range(1, n_bars):
        current = wilder_step(current, changes[bar - 1], bar, period)
        if bar >= period:
            averages[bar] = current
    return averages[:, _GAIN], averages[:, _LOSS]


def is_rsi_below(gain: Number, loss: Number, level: float) -> bool | BoolArray:
    """Tell whether the relative strength index, 100 × gain ÷ (gain + loss), is below a level.

    Written without the division, so that a price that has never moved is below no level and above none.
    """
    return 100.0 * gain < level * (gain + loss)


def is_rsi_above(gain: Number, loss: Number, level: float) -> bool | BoolArray:
    """Tell whether the relative strength index, 100 × gain ÷ (gain + loss), is above a level."""
    return 100.0 * gain > level * (gain + loss)


class FollowedHistory:
    """The closes of one growing history as quanta, brought forward by the bars that are new.

    It holds nothing that the same bars would not give from scratch, to the bit; it only saves the way there.
    """

    __slots__ = ("_bars", "_seen", "closes")

    def __init__(self) -> None:
        self.closes: list[int] = []
        self._seen: list[HistoricalDataBar] = []
        self._bars: Sequence[HistoricalDataBar] = self._seen

    def is_beginning_of(self, bars: Sequence[HistoricalDataBar]) -> bool:
        """Tell whether the bars followed so far are the first ones of `bars`.

        The kernel hands out one history a symbol, which only grows: there the last bar seen is proof, in constant
        time. Of any other list all bars are compared.
        """
        n_seen = len(self._seen)
        if n_seen > len(bars):
            return False
        if bars is self._bars and n_seen and bars[n_seen - 1] is self._seen[-1]:
            return True
        return list(bars[:n_seen]) == self._seen

    def follow(self, bars: Sequence[HistoricalDataBar]) -> None:
        """Take in the bars that are new."""
        self._bars = bars
        for place in range(len(self._seen), len(bars)):
            self._take(close_units(bars[place]))
            self._seen.append(bars[place])

    def _take(self, close: int) -> None:
        self.closes.append(close)


class WilderHistory(FollowedHistory):
    """Wilder's averages of one growing history, to the bits that `wilder_averages` gives.

    Parameters
    ----------
    period : int
        Of the averages.
    """

    __slots__ = ("_gain", "_loss", "_period")

    def __init__(self, period: int) -> None:
        super().__init__()
        self._period = period
        self._gain = self._loss = 0.0

    @property
    def averages(self) -> tuple[float, float]:
        """The averages of gains and of losses, quanta; 0 for the first `period` bars."""
        return (self._gain, self._loss) if len(self.closes) > self._period else (0.0, 0.0)

    def _take(self, close: int) -> None:
        n_changes = len(self.closes)
        if n_changes:
            move = close - self.closes[-1]
            self._gain = wilder_step(self._gain, float(max(move, 0)), n_changes, self._period)
            self._loss = wilder_step(self._loss, float(max(-move, 0)), n_changes, self._period)
        super()._take(close)


class HistoryMemory(Generic[History]):
    """One followed history for each symbol; copies and pickles begin empty.

    Parameters
    ----------
    begin : callable
        Makes a history that has seen no bar.
    """

    def __init__(self, begin: Callable[[], History]) -> None:
        self._begin = begin
        self._histories: dict[str, History] = {}

    def __reduce__(self) -> tuple[type[HistoryMemory[History]], tuple[Callable[[], History]]]:
        return type(self), (self._begin,)

    def __len__(self) -> int:
        return len(self._histories)

    def brought_to(self, bars: Sequence[HistoricalDataBar]) -> History:
        """Return what has been followed of a symbol, with all of `bars`; made anew when it is another history."""
        symbol = bars[-1].symbol
        history = self._histories.get(symbol)
        if history is None or not history.is_beginning_of(bars):
            history = self._histories[symbol] = self._begin()
        history.follow(bars)
        return history
