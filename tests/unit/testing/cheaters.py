"""Strategies that see the future, keep state, change what they are given, or look elsewhere: all must be found out."""

# ruff: noqa: SLF001  # cheating begins there

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import Signals

Rows = Any
"""A frame or an array of the panel's shape."""


def closes(panel: Panel) -> pd.DataFrame:
    """Return the closes as a frame, as people are used to them."""
    index = pd.DatetimeIndex(panel.timestamps_ns.view("datetime64[ns]"))
    return pd.DataFrame(panel.close, index=index, columns=list(panel.symbols))


@dataclass
class Entering:
    """Enters where a rule says so, on bars that are there, and leaves elsewhere."""

    rule: Callable[[Panel], Rows]

    def signals(self, panel: Panel) -> Signals:
        """Ask the rule."""
        entries = np.asarray(self.rule(panel), np.bool_) & panel.traded
        return Signals(entries=entries, exits=~entries & panel.traded)


@dataclass
class Weighing:
    """Holds what a rule says."""

    rule: Callable[[Panel], Rows]

    def weights(self, panel: Panel) -> Rows:
        """Ask the rule."""
        return self.rule(panel)


def peek_at_one_bar(panel: Panel) -> Rows:
    """Decide honestly, but for one bar, at which tomorrow is known."""
    close = panel.close
    rising = np.zeros(close.shape, np.bool_)
    rising[1:] = close[1:] > close[:-1]
    if panel.n_bars > 31:
        rising[30] = close[31] > close[30]
    return rising


def peek_when_it_matters(panel: Panel) -> Rows:
    """Follow a rare rule, and drop the entries that would lose."""
    frame = closes(panel)
    rare = frame > frame.rolling(20).max().shift(1)
    return rare & (frame.shift(-1) > frame)


def last_of_month(panel: Panel) -> Rows:
    """Know that a bar is the last of its month because the next one is of another."""
    months = np.array([moment.month for moment in panel.timestamps])
    last = np.append(months[1:] != months[:-1], False)
    return np.repeat(last[:, None], panel.n_symbols, axis=1)


def weekly_close(panel: Panel) -> Rows:
    """Compare with the close of a week before the week is over."""
    frame = closes(panel)
    weekly = frame.resample("W").last()
    return frame < weekly.reindex(frame.index, method="bfill")


def daily_close(panel: Panel) -> Rows:
    """Compare with the close of the day before the day is over."""
    frame = closes(panel)
    return frame < frame.groupby(frame.index.date).transform("last")


def doomed(panel: Panel) -> Rows:
    """Avoid symbols that will cease to trade."""
    survives = panel.traded[::-1].cumsum(axis=0)[::-1] > 10
    return survives & (closes(panel).pct_change(fill_method=None) > 0)


def worst_ahead(panel: Panel) -> Rows:
    """Enter where the price will not fall by more than a twentieth."""
    frame = closes(panel)
    return frame[::-1].cummin()[::-1] > frame * 0.95


def smoothed_by_spectrum(panel: Panel) -> Rows:
    """Smooth with all frequencies of the whole sample."""
    filled = closes(panel).ffill().fillna(100.0).to_numpy()
    spectrum = np.fft.rfft(filled, axis=0)
    spectrum[5:] = 0
    return np.fft.irfft(spectrum, len(filled), axis=0) > filled


def z_score(panel: Panel) -> Rows:
    """Normalize by mean and deviation of the whole sample."""
    frame = closes(panel)
    return (frame - frame.mean()) / frame.std(ddof=0) < -1


LOOKING_AHEAD: dict[str, Callable[[Panel], Rows]] = {
    "shift by minus one": lambda panel: closes(panel).shift(-1) > closes(panel),
    "next open": lambda panel: np.roll(panel.open, -1, axis=0) > panel.close,
    "one bar only": peek_at_one_bar,
    "only when it matters": peek_when_it_matters,
    "whole-sample normalization": z_score,
    "centered lookback": lambda panel: closes(panel).rolling(5, center=True, min_periods=1).mean() > closes(panel),
    "convolution of the same length": lambda panel: (
        np.stack([np.convolve(column, np.ones(3) / 3, "full")[1:-1] for column in panel.close.T], axis=1) > panel.close
    ),
    "back-fill": lambda panel: np.nan_to_num(closes(panel).bfill().rank(axis=1)) > 2,
    "interpolation": lambda panel: np.nan_to_num(closes(panel).interpolate(limit_direction="both").rank(axis=1)) > 2,
    "week's close": weekly_close,
    "day's close": daily_close,
    "global maximum": lambda panel: closes(panel) > 0.8 * closes(panel).max(),
    "global minimum": lambda panel: closes(panel) < 1.1 * closes(panel).min(),
    "sorting": lambda panel: np.sort(panel.close, axis=0) > panel.close,
    "rank in the sample": lambda panel: closes(panel).rank(pct=True) < 0.3,
    "wrapping around": lambda panel: panel.close > np.roll(panel.close, 5, axis=0),
    "worst that lies ahead": worst_ahead,
    "spectrum": smoothed_by_spectrum,
    "tomorrow's volume": lambda panel: np.roll(panel.volume, -1, axis=0) > panel.volume,
    "end of trading": doomed,
    "last bar of the month": last_of_month,
    "distance to the end": lambda panel: np.repeat(
        (panel.n_bars - np.arange(panel.n_bars) > 20)[:, None], panel.n_symbols, axis=1
    ),
    "number of bars": lambda panel: np.full(panel.traded.shape, panel.n_bars % 2 == 0),
}
"""Rules that read later bars."""


@dataclass
class KeepingScale:
    """Fits a scale once and keeps it."""

    scale: Rows = None

    def signals(self, panel: Panel) -> Signals:
        """Fit at the first call."""
        if self.scale is None:
            half = np.nan_to_num(panel.close[: max(1, panel.n_bars // 2)])
            self.scale = half.mean()
        entries = (panel.close < self.scale) & panel.traded
        return Signals(entries=entries, exits=~entries)


class KeepingScaleInClass(KeepingScale):
    """Keeps it for all objects."""

    def signals(self, panel: Panel) -> Signals:
        """Fit at the first call ever."""
        kind = type(self)
        if kind.scale is None:
            kind.scale = np.nanmean(panel.close, axis=0)
        self.scale = kind.scale
        return super().signals(panel)


SCALES: dict[str, Rows] = {}


class KeepingScaleInModule(KeepingScale):
    """Keeps it for all objects, by symbol."""

    def signals(self, panel: Panel) -> Signals:
        """Fit when a symbol is seen for the first time."""
        for symbol, column in zip(panel.symbols, panel.close.T, strict=True):
            SCALES.setdefault(symbol, np.nanmean(column))
        self.scale = np.array([SCALES[symbol] for symbol in panel.symbols])
        return super().signals(panel)


@cache
def scale_of(symbol: str, fit: Callable[[], float]) -> float:
    """Fit once a symbol."""
    del symbol
    return fit()


class KeepingScaleInCache(KeepingScale):
    """Keeps it in the cache of a function."""

    def signals(self, panel: Panel) -> Signals:
        """Fit when a symbol is seen for the first time."""
        columns = zip(panel.symbols, panel.close.T, strict=True)
        self.scale = np.array([scale_of(symbol, Fit(column)) for symbol, column in columns])
        return super().signals(panel)


@dataclass(eq=False)
class Fit:
    """Fits to closes; all fits are alike to a cache."""

    closes: Rows

    def __call__(self) -> float:
        """Return their mean."""
        return float(np.nanmean(self.closes))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fit)

    def __hash__(self) -> int:
        return 0


@dataclass
class Counting:
    """Speaks at every other call only."""

    calls: int = 0

    def signals(self, panel: Panel) -> Signals:
        """Count."""
        self.calls += 1
        entries = panel.traded & bool(self.calls % 2)
        return Signals(entries=entries, exits=~entries)


class Drawing:
    """Throws a coin."""

    def signals(self, panel: Panel) -> Signals:
        """Throw."""
        entries = np.random.default_rng().random(panel.traded.shape) < 0.5
        return Signals(entries=entries, exits=~entries)


@dataclass
class Reading:
    """Reads a file while it decides."""

    path: Path

    def signals(self, panel: Panel) -> Signals:
        """Look the answers up."""
        answers = np.load(self.path) if self.path.exists() else np.zeros((0, 0), np.bool_)
        entries = np.zeros(panel.traded.shape, np.bool_)
        rows, columns = (min(mine, known) for mine, known in zip(entries.shape, answers.shape, strict=True))
        entries[:rows, :columns] = answers[:rows, :columns]
        return Signals(entries=entries, exits=~entries)


class Calling:
    """Asks somebody else."""

    def signals(self, panel: Panel) -> Signals:
        """Try to connect to a place that is not there."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.connect("/nowhere/at/all")
        return Signals(entries=panel.traded, exits=~panel.traded)


def replace_closes(panel: Panel) -> None:
    """Put another array in the place of the closes."""
    object.__setattr__(panel, "close", panel.close * 2)


def replace_units(panel: Panel) -> None:
    """Change the mapping of exact prices."""
    panel._units["close"] = panel.units.close  # type: ignore[index]


def replace_integer_prices(panel: Panel) -> None:
    """Change the prices that the kernel counts with."""
    object.__setattr__(panel.units, "close", panel.units.close * 2)


def leave_a_note(panel: Panel) -> None:
    """Hang something on the panel."""
    panel.__dict__["note"] = 1


def write_in_place(panel: Panel) -> None:
    """Write to the array."""
    panel.close[0, 0] = 1.0


def make_writable(panel: Panel) -> None:
    """Ask for write access."""
    panel.close.flags.writeable = True


MUTATIONS: dict[str, Callable[[Panel], None]] = {
    "another array": replace_closes,
    "exact prices": replace_units,
    "integer prices": replace_integer_prices,
    "a note": leave_a_note,
}
"""Ways around the seal of a panel."""
REFUSED_MUTATIONS: dict[str, Callable[[Panel], None]] = {"in place": write_in_place, "writable": make_writable}
"""Ways that the seal does not allow."""


@dataclass
class Changing:
    """Changes what it is given."""

    change: Callable[[Panel], None]

    def signals(self, panel: Panel) -> Signals:
        """Change it and answer."""
        traded = panel.traded
        self.change(panel)
        return Signals(entries=traded, exits=~traded)


def _rises(bars: Any) -> bool:
    return len(bars) > 1 and bars[-1].close > bars[-2].close


@dataclass
class PerBar:
    """Answers as rules say."""

    enter: Callable[[Any], Any] = _rises
    leave: Callable[[Any, Any], Any] = field(default=lambda _, bars: not _rises(bars))

    def should_enter(self, bars: Any) -> Any:
        """Ask the rule."""
        return self.enter(bars)

    def should_exit(self, position: Any, bars: Any) -> Any:
        """Ask the rule."""
        return self.leave(position, bars)


def peek_through_a_bar(bars: Any) -> bool:
    """Read the arrays behind a bar."""
    bar = bars[-1]
    column = bar._source.close[:, bar._column]
    ahead = column[bar._bar + 1 : bar._bar + 2]
    return bool(len(ahead) and ahead[0] > column[bar._bar])


def append_past_the_guard(bars: Any) -> bool:
    """Call the method of the plain list."""
    list.append(bars, bars[-1])
    return True


def move_a_bar(bars: Any) -> bool:
    """Let a bar show another one's prices."""
    object.__setattr__(bars[0], "_bar", bars[-1]._bar)
    return True


def leave_dearer(position: Any, bars: Any) -> bool:
    """Change the price that was paid."""
    del bars
    object.__setattr__(position, "entry_price", position.entry_price * 2)
    return False


PER_BAR_MUTATIONS: dict[str, Callable[[], PerBar]] = {
    "history": lambda: PerBar(append_past_the_guard),
    "bar": lambda: PerBar(move_a_bar),
    "position": lambda: PerBar(leave=leave_dearer),
}
"""Per-bar strategies that change what they are given."""


@dataclass
class Remembering:
    """Enters once in its life."""

    has_entered: bool = False

    def should_enter(self, bars: Any) -> bool:
        """Enter at the fifth bar that it sees."""
        enters = not self.has_entered and len(bars) > 4
        self.has_entered |= enters
        return enters

    def should_exit(self, position: Any, bars: Any) -> bool:
        """Stay."""
        del position, bars
        return False
