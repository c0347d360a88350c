"""The panels on which plug-ins are tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing.panels import make_panel

USUAL_BARS: Final = 80
"""Length of the panels, besides the warm-up that a strategy names."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The panels on which one thing is tried.

    Attributes
    ----------
    n_bars : int or None
        Length of those that we make; 80 and what the thing names as its warm-up when None.
    more : mapping of Panel
        Those of the author, by name.
    """

    n_bars: int | None = None
    more: Mapping[str, Panel] = field(default_factory=dict)

    @property
    def main(self) -> tuple[str, ...]:
        """Names of the panels on which look-ahead is looked for."""
        return (*MAIN_PANELS, *self.more)

    def panel(self, label: str, made: object) -> Panel:
        """Return a panel by its name, long enough for a thing."""
        if label in self.more:
            return self.more[label]
        n_bars = USUAL_BARS + warm_up_of(made) if self.n_bars is None else self.n_bars
        return {**MAIN_PANELS, **EDGE_PANELS}[label](n_bars)


def warm_up_of(made: object) -> int:
    """Return the leading bars on which a thing says that it is not to be heard."""
    bars = getattr(made, "warmup_bars", 0)
    return bars if isinstance(bars, int) and bars > 0 else 0


MAIN_PANELS: Final[Mapping[str, Callable[[int], Panel]]] = {
    "daily": lambda n_bars: make_panel(n_bars, 3, seed=1),
    "gaps": lambda n_bars: make_panel(n_bars, 4, seed=2, gaps=True),
    "hourly": lambda n_bars: make_panel(n_bars, 2, seed=3, spacing="hourly"),
}
"""Where look-ahead is looked for, at every bar."""


def _without_bars(n_bars: int) -> Panel:
    # S1 begins so late in the whole panel that it has no bar in this part of it.
    return make_panel(3 * n_bars, 2, seed=5, gaps=True).until(n_bars)


def _of_one_price(n_bars: int) -> Panel:
    price = np.full((n_bars, 2), 100.0)
    panel = make_panel(n_bars, 2)
    arrays = dict.fromkeys(("open", "high", "low", "close"), price)
    return Panel.from_arrays(panel.timestamps_ns, panel.symbols, **arrays, volume=np.zeros_like(price))


def _without_volume(n_bars: int) -> Panel:
    panel = make_panel(n_bars, 2, seed=6)
    arrays = {name: getattr(panel, name) for name in ("open", "high", "low", "close")}
    return Panel.from_arrays(panel.timestamps_ns, panel.symbols, **arrays)


EDGE_PANELS: Final[Mapping[str, Callable[[int], Panel]]] = {
    "one-bar": lambda _: make_panel(1, 3),
    "two-bars": lambda _: make_panel(2, 3, gaps=True),
    "one-symbol": lambda n_bars: make_panel(n_bars, 1, seed=4),
    "many-symbols": lambda n_bars: make_panel(n_bars, 12, seed=4, gaps=True),
    "symbol-without-bars": _without_bars,
    "one-price": _of_one_price,
    "no-volume": _without_volume,
}
"""Panels at the edge of what there is, on which a plug-in need not say much but must answer."""
