"""Keep strategies apart: prices, histories and random numbers of its own for each.

What is handed out is read-only, and that is enough for who keeps to the rules. With `on_strategy_error = "quarantine"`
the others must be what they are without the culprit, whatever it did: written through `ctypes` to the memory of an
array, appended to a history by `list.append`, seeded the generators that all code of a process shares.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.random import mtrand

from strategy_orchestrator.arrays import sealed
from strategy_orchestrator.engine.roster import Form, Member
from strategy_orchestrator.models.bars import BarHistory, PanelBar, PanelBars, place_of
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel

_OF_BARS: Final = (*PRICE_FIELDS, "volume", "timestamps_ns")


def kept_apart(members: Sequence[Member], panel: Panel, seed: int) -> tuple[list[Member], Streams]:
    """Return the strategies of a run so that none can reach what another one reads, and their random numbers.

    Parameters
    ----------
    seed : int
        What they draw from the generators of a process (`random`, `np.random`) follows from it and their ids.
    """
    streams = Streams(seed, [member.strategy_id for member in members])
    apart = [
        replace(member, strategy=_APART[member.form](member.strategy, panel, streams, place))
        for place, member in enumerate(members)
    ]
    return apart, streams


class Streams:
    """The random numbers of each strategy: the state of the generators that a process shares, changed at its turn.

    Parameters
    ----------
    names : sequence of str
        Ids of the strategies.
    """

    def __init__(self, seed: int, names: Sequence[str]) -> None:
        seeds = [int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:16]) for name in names]
        self._python = [random.Random(number).getstate() for number in seeds]  # noqa: S311  # for nothing secret
        self._numpy = [np.random.MT19937(number) for number in seeds]
        self._turn = -1
        self._outside: tuple[Any, Any] | None = None

    def turn_to(self, place: int) -> None:
        """Let a strategy draw from its own numbers."""
        if place == self._turn:
            return
        if self._outside is None:
            self._outside = random.getstate(), mtrand.get_bit_generator()
        else:
            self._python[self._turn] = random.getstate()
        random.setstate(self._python[place])
        mtrand.set_bit_generator(self._numpy[place])
        self._turn = place

    def put_back(self) -> None:
        """Let the process draw from where it stood."""
        if self._outside is None:
            return
        self._python[self._turn] = random.getstate()
        python, numpy = self._outside
        random.setstate(python)
        mtrand.set_bit_generator(numpy)
        self._turn, self._outside = -1, None


class _PanelApart:
    # A strategy that is asked about the whole panel.
    def __init__(self, strategy: Any, panel: Panel, streams: Streams, place: int) -> None:
        self._strategy = strategy
        self._streams = streams
        self._place = place
        del panel

    def signals(self, panel: Panel) -> Any:
        self._streams.turn_to(self._place)
        # As it is after its last bar: a copy.
        return self._strategy.signals(panel.until(panel.n_bars))

    def weights(self, panel: Panel) -> Any:
        self._streams.turn_to(self._place)
        return self._strategy.weights(panel.until(panel.n_bars))

    def enter(self, panel: Panel) -> None:
        # The next chunk comes with the question.
        del panel


class _BarsApart:
    # A strategy that is asked bar by bar.
    def __init__(self, strategy: Any, panel: Panel, streams: Streams, place: int) -> None:
        self._strategy = strategy
        self._streams = streams
        self._place = place
        self.enter(panel)

    def enter(self, panel: Panel) -> None:
        self._source = _copied(panel.units)
        self._histories = [BarHistory() for _ in panel.symbols]

    def should_enter(self, bars: Sequence[PanelBar]) -> Any:
        self._streams.turn_to(self._place)
        return self._strategy.should_enter(self._own(bars))

    def should_exit(self, position: object, bars: Sequence[PanelBar]) -> Any:
        self._streams.turn_to(self._place)
        return self._strategy.should_exit(position, self._own(bars))

    def position_size(self, capital: object, price: object) -> Any:
        self._streams.turn_to(self._place)
        return self._strategy.position_size(capital, price)

    def _own(self, bars: Sequence[PanelBar]) -> BarHistory:
        column = place_of(bars[-1])[1]
        history = self._histories[column]
        for bar in islice(bars, len(history), None):
            list.append(history, PanelBar(self._source, *place_of(bar)))
        return history


_APART: Final = {Form.SIGNALS: _PanelApart, Form.WEIGHTS: _PanelApart, Form.PER_BAR: _BarsApart}


def _copied(source: PanelBars) -> PanelBars:
    arrays: dict[str, Any] = {name: sealed(getattr(source, name)) for name in _OF_BARS}
    return replace(source, **arrays)
