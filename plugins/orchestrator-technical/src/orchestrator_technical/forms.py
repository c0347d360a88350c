"""What strategies that look at one symbol at a time have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from orchestrator_technical.bars import OwnBars, each_block
from orchestrator_technical.parameters import Side
from strategy_orchestrator import Panel, Signals, SignalStrategy
from strategy_orchestrator.arrays import BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Wishes:
    """What a strategy wants of one symbol, or of a block, at the close of each of its bars.

    Attributes
    ----------
    entries, exits : ndarray
        bool, shape (K,) or, of a block, (B, K); (K,) for all of a block.
    short_entries, short_exits : ndarray or callable
        The same, or what makes them where they are asked for.
    """

    entries: BoolArray
    exits: BoolArray
    short_entries: BoolArray | Callable[[], BoolArray]
    short_exits: BoolArray | Callable[[], BoolArray]

    @classmethod
    def following(cls, up: BoolArray, down: BoolArray) -> Wishes:
        """Be long from `up` to `down`, and short from `down` to `up`."""
        return cls(up, down, down, up)


class OwnBarSignals(SignalStrategy):
    """Signals of each symbol from its own bars; another symbol makes no difference.

    Attributes
    ----------
    side : {"long", "both"}
        Whether what the strategy wants to sell short is asked for or left out.
    """

    side: Side = "long"

    @abstractmethod
    def wishes(self, bars: OwnBars) -> Wishes:
        """Return the wishes for one symbol or a block; those of a bar come from the bars up to it."""

    def signals(self, panel: Panel) -> Signals:
        """Ask for each symbol or block; nothing is wanted where a symbol has no bar."""
        n_sides = 1 if self.side == "long" else 2
        # A symbol is a row as long as somebody works on it.
        marks = np.zeros((2 * n_sides, panel.n_symbols, panel.n_bars), np.bool_)
        for bars in each_block(panel):
            wishes = self.wishes(bars)
            wanted = (wishes.entries, wishes.exits, wishes.short_entries, wishes.short_exits)
            for mark, wish in zip(marks, wanted, strict=False):
                mark[bars.column, bars.place] = wish() if callable(wish) else wish
        return Signals(*(mark.T for mark in marks))
