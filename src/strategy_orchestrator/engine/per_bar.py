"""Strategies that decide bar by bar: asked at every close about every symbol that has a bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.clock import to_text
from strategy_orchestrator.engine.roster import Form, Member
from strategy_orchestrator.engine.tampering import APART_REMEDY
from strategy_orchestrator.engine.views import Viewer
from strategy_orchestrator.errors import Fault, InputError, RunError, StrategyError
from strategy_orchestrator.hooks.guard import guarded, shown
from strategy_orchestrator.kernel import layout as at, making
from strategy_orchestrator.models.bars import BarHistory, PanelBar
from strategy_orchestrator.models.streams import Chunk, Prices
from strategy_orchestrator.models.trades import Position
from strategy_orchestrator.money import LIMIT, SCALE, round_down, to_decimal, to_exact

_REMEDY: Final = "Correct the strategy; error-log.md has the traceback where the run was saved"
# The history refuses to be changed by strategies.
_append: Final = list.append
_BOOLEANS: Final = (bool, np.bool_)
_PASSING: Final = (KeyboardInterrupt, StrategyError)
# Leading fields of a cell that a position is made of.
_OF_POSITION: Final = (at.CELL.names or ()).index("best")
_STANDING: Final = (at.STRATEGY.names or ()).index("standing")
_N_OPEN: Final = (at.SLEEVE.names or ()).index("n_open")


class BarByBar:
    """Ask the strategies of a run that decide bar by bar.

    The history of a symbol is one growing list that all of them read; a bar is added once, whoever looks at it. With a
    new chunk it begins anew, with the bars of the symbol that the chunk brings from before.
    """

    def __init__(self, panel: Prices, members: Sequence[Member], viewer: Viewer) -> None:
        self._panel = panel
        self._viewer = viewer
        self._asked = [(place, member) for place, member in enumerate(members) if member.form is Form.PER_BAR]
        self._all_symbols = list(range(panel.n_symbols))
        self._histories: list[BarHistory] = []
        # The same bars in lists that no strategy was given: one that gets past the guard of a history harms all others.
        self._kept: list[list[PanelBar]] = []
        # One number at a time is read from a memory view in a third of the time that an array takes.
        self._rules: Any = making.words_of(viewer.books.strategies).data
        self._sleeves: Any = making.words_of(viewer.books.sleeves).data
        self._sides = viewer.books.cells["side"]
        self._positions: dict[tuple[int, int], tuple[tuple[int, ...], Position]] = {}
        # Where a call is at, for the guard around it and its error.
        self._pending: Iterator[tuple[int, Member]] = iter(())
        self._bar = 0
        self._symbols: list[int] = []
        self._codes: AnyArray = np.zeros((0, 0), np.int8)
        self._place = 0
        self._at = "should_enter", 0

    def enter(self, chunk: Chunk) -> None:
        """Go on with the next chunk."""
        if not self._asked:
            return
        self.check()
        panel = chunk.panel.shared()
        self._source, self._traded, self._shift = panel.units, panel.traded, chunk.n_before - chunk.first_bar
        self._is_whole: Any = panel.traded.all(axis=1).tolist()
        self._histories = [BarHistory() for _ in panel.symbols]
        self._kept = [[] for _ in panel.symbols]
        rows, columns = np.nonzero(self._traded[: chunk.n_before])
        for row, symbol in zip(rows.tolist(), columns.tolist(), strict=True):
            self._add(row, symbol)

    def _add(self, row: int, symbol: int) -> None:
        bar = PanelBar(self._source, row, symbol)
        _append(self._histories[symbol], bar)
        self._kept[symbol].append(bar)

    def check(self) -> None:
        """Refuse histories that hold something else than was put there.

        Raises
        ------
        RunError
            With the name of the symbol.
        """
        for symbol, (history, kept) in enumerate(zip(self._histories, self._kept, strict=True)):
            if not list.__eq__(history, kept):
                name = self._panel.symbols[symbol]
                problem = "the history that strategies share is not what it was; one of them wrote there"
                raise RunError(Fault(f"the bars of {name!r}, bar {self._bar}", problem, APART_REMEDY))

    def ask(self, bar: int, codes: AnyArray) -> dict[int, StrategyError]:
        """Write what every strategy wants at the close of a bar.

        Parameters
        ----------
        codes : ndarray
            int8, shape (N, S), zeros: bits of `Intents.codes`, written here.

        Returns
        -------
        dict
            By place of the strategy, why it failed; what it had said of this bar does not count.
        """
        self._bar, self._codes, row = bar, codes, bar + self._shift
        self._symbols = self._all_symbols if self._is_whole[row] else self._traded[row].nonzero()[0].tolist()
        for symbol in self._symbols:
            self._add(row, symbol)
        self._pending = iter(self._asked)
        failed: dict[int, StrategyError] = {}
        while True:
            try:
                guarded(self._ask_pending, self._where, _REMEDY, StrategyError, _PASSING, self._owner)
            except StrategyError as error:
                # Who stumbles over a history that another one spoilt is not to blame.
                self.check()
                codes[self._place] = 0
                failed[self._place] = error
            else:
                return failed

    def _ask_pending(self) -> None:
        # Those after one that failed are asked by another call.
        bar, rules, sleeves = self._bar, self._rules, self._sleeves
        for place, member in self._pending:
            if rules[place, _STANDING] == at.ACTIVE and bar >= member.warmup_bars:
                self._place = place
                if sleeves[place, _N_OPEN]:
                    self._ask_holder(place, member, self._sides[place].tolist())
                else:
                    self._ask_flat(place, member)

    def _ask_flat(self, place: int, member: Member) -> None:
        should_enter, histories = member.strategy.should_enter, self._histories
        for symbol in self._symbols:
            self._at = "should_enter", symbol
            answer = should_enter(histories[symbol])
            if answer is not False and self._is_yes(answer):
                self._codes[place, symbol] = at.ENTRY_BIT

    def _ask_holder(self, place: int, member: Member, sides: list[int]) -> None:
        strategy, histories = member.strategy, self._histories
        for symbol in self._symbols:
            if sides[symbol] == 0:
                self._at = "should_enter", symbol
                answer, bit = strategy.should_enter(histories[symbol]), at.ENTRY_BIT
            else:
                self._at = "should_exit", symbol
                position = self._position(place, symbol)
                answer, bit = strategy.should_exit(position, histories[symbol]), at.EXIT_BIT
            if answer is not False and self._is_yes(answer):
                self._codes[place, symbol] = bit

    def _is_yes(self, answer: object) -> bool:
        if not isinstance(answer, _BOOLEANS):
            problem = f"it returned {shown(answer)}; expected True or False"
            raise StrategyError(Fault(self._where(), problem, "Return a bool", self._owner()))
        return bool(answer)

    def _position(self, place: int, symbol: int) -> Position:
        cell = self._viewer.books.cells[place, symbol].item()[:_OF_POSITION]
        known = self._positions.get((place, symbol))
        if known is None or known[0] != cell:
            known = self._positions[place, symbol] = cell, self._viewer.position(place, symbol)
        return known[1]

    def _owner(self) -> str:
        return self._viewer.ids[self._place]

    def _where(self) -> str:
        method, symbol = self._at
        moment = to_text(int(self._panel.timestamps_ns[self._bar]))
        name = self._panel.symbols[symbol]
        return f"strategy {self._owner()!r}, {name!r}, {moment} (bar {self._bar}), {method}"

    def size(self, member: Member, symbol: int, bar: int, budget: int, price: int) -> int:
        """Return the quantity that a strategy wants to enter with, quanta.

        Raises
        ------
        StrategyError
            If it raises, or does not return a number from 0 up.
        """
        moment = to_text(int(self._panel.timestamps_ns[bar]))
        where = f"strategy {member.strategy_id!r}, {self._panel.symbols[symbol]!r}, {moment} (bar {bar}), position_size"
        answer = guarded(
            lambda: member.strategy.position_size(to_decimal(budget), to_decimal(price)),
            where,
            _REMEDY,
            StrategyError,
            value=member.strategy_id,
        )
        try:
            wanted = to_exact(answer, where)
        except InputError as error:
            raise StrategyError(_owned(error.faults, member)) from None
        if wanted < 0:
            problem = f"it returned {wanted}; a quantity from 0 up is expected"
            raise StrategyError(Fault(where, problem, _REMEDY, member.strategy_id))
        return min(round_down(wanted, SCALE), LIMIT)


def _owned(faults: Sequence[Fault], member: Member) -> list[Fault]:
    return [Fault(fault.where, fault.problem, fault.remedy, member.strategy_id) for fault in faults]
