"""Panels whose later bars are other ones: what a decision of today must not notice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import BoolArray, FloatArray, sealed
from strategy_orchestrator.clock import NS_PER_DAY
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel

_SMALLEST: Final = 1e-4
_LARGEST: Final = 9e12
_DELAY_NS: Final = 10 * NS_PER_DAY


@dataclass(frozen=True, slots=True)
class Manner:
    """How bars are changed.

    Attributes
    ----------
    name : str
        In words.
    low, high : float
        The price of each bar is multiplied by a number between these.
    volume : float
        Volumes are multiplied by this.
    moved : float
        Share of the cells in which a bar appears or disappears.
    delay_ns : int
        Added to their closing times.
    """

    name: str
    low: float
    high: float
    volume: float
    moved: float = 0.0
    delay_ns: int = 0


RAISED: Final = Manner("raised", 1.5, 4.0, 20.0)
LOWERED: Final = Manner("lowered", 0.2, 0.7, 0.05)
MOVED: Final = Manner("moved", 0.2, 4.0, 1.0, 0.3, _DELAY_NS)
MANNERS: Final = (RAISED, LOWERED, MOVED)


@dataclass(frozen=True, slots=True)
class Future:
    """What comes in the place of the later bars of a panel.

    Attributes
    ----------
    panel : Panel
        The panel.
    other : Panel or None
        Where the later bars come from; None when there are none.
    name : str
        What is done to them, in words.
    """

    panel: Panel
    other: Panel | None = None
    name: str = "cut off"

    def after(self, bar: int) -> Panel:
        """Return the panel with this future from `bar` on; the earlier bars are the same, to the bit."""
        if self.other is None:
            return self.panel.until(max(bar, 1))
        return spliced(self.panel, self.other, np.arange(self.panel.n_bars) >= bar)


def futures_of(panel: Panel) -> list[Future]:
    """Return the futures in which every later bar is another one."""
    return [Future(panel, another_world(panel, manner), manner.name) for manner in MANNERS]


def another_world(panel: Panel, manner: Manner) -> Panel:
    """Return a panel of the same symbols and about the same time, of which every bar is another one.

    Candles are turned upside down, moved and stretched; they stay candles.
    """
    generator = np.random.default_rng(panel.n_bars)
    factors = generator.uniform(manner.low, manner.high, panel.close.shape)
    filled = _filled(panel)
    middle = filled["high"] + filled["low"]
    mirrored = {"open": middle - filled["open"], "close": middle - filled["close"]}
    mirrored |= {"high": filled["high"], "low": filled["low"]}
    traded = panel.traded ^ (generator.random(panel.close.shape) < manner.moved)
    arrays = {
        name: np.where(traded, np.clip(np.round(values * factors, 6), _SMALLEST, _LARGEST), np.nan)
        for name, values in mirrored.items()
    }
    volume = np.where(traded, np.rint(panel.volume * manner.volume) + 1, np.nan)
    return Panel.from_arrays(panel.timestamps_ns + manner.delay_ns, panel.symbols, **arrays, volume=volume)


def spliced(panel: Panel, other: Panel, chosen: BoolArray) -> Panel:
    """Return a panel of which some bars are those of another one.

    Parameters
    ----------
    chosen : ndarray
        bool, shape (T,): the bars to take from the other one. If its bars come later they must be the last ones.
    """
    rows = chosen[:, None]
    arrays: dict[str, Any] = {
        name: sealed(np.where(rows, getattr(other, name), getattr(panel, name)))
        for name in (*PRICE_FIELDS, "volume", "traded")
    }
    units = {
        name: sealed(np.where(rows, getattr(other.units, name), getattr(panel.units, name))) for name in PRICE_FIELDS
    }
    times = sealed(np.where(chosen, other.timestamps_ns, panel.timestamps_ns))
    return replace(panel, timestamps_ns=times, warnings=(), _units=units, **arrays)


def changed_from(panel: Panel, bar: int, manner: Manner) -> Panel:
    """Return a panel whose bars from `bar` on are other ones; the earlier ones are the same, to the bit."""
    return Future(panel, another_world(panel, manner), manner.name).after(bar)


def _filled(panel: Panel) -> dict[str, FloatArray]:
    # A cell without a bar gets the candle of the last bar before it, or a plain one.
    places = np.where(panel.traded, np.arange(panel.n_bars)[:, None], -1)
    last = np.maximum.accumulate(places, axis=0)
    columns = np.arange(panel.n_symbols)
    return {name: np.where(last >= 0, getattr(panel, name)[last, columns], 100.0) for name in PRICE_FIELDS}
