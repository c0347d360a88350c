"""Strategies that decide bar by bar: asked at every close about every symbol that has a bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.clock import to_text
from strategy_orchestrator.engine.roster import Form, Member
from strategy_orchestrator.engine.views import Viewer
from strategy_orchestrator.errors import Fault, InputError, StrategyError
from strategy_orchestrator.hooks.guard import guarded, printable
from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.models.bars import BarHistory, PanelBar
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.trades import Position
from strategy_orchestrator.money import LIMIT, SCALE, round_down, to_decimal, to_exact

_REMEDY: Final = "Correct the strategy; error-log.md has the traceback where the run was saved"
_BOOLEANS: Final = (bool, np.bool_)
# Leading fields of a cell that a position is made of.
_OF_POSITION: Final = (at.CELL.names or ()).index("best")


class BarByBar:
    """Ask the strategies of a run that decide bar by bar.

    The history of a symbol is one growing list that all of them read; a bar is added once, whoever looks at it.
    """

    def __init__(self, panel: Panel, members: Sequence[Member], viewer: Viewer) -> None:
        self._panel = panel
        self._viewer = viewer
        self._asked = [(place, member) for place, member in enumerate(members) if member.form is Form.PER_BAR]
        self._histories = [BarHistory() for _ in panel.symbols]
        self._source = panel.shared().units
        self._traded = panel.traded
        self._positions: dict[tuple[int, int], tuple[tuple[int, ...], Position]] = {}
        self._at = "should_enter", 0

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
        symbols = self._traded[bar].nonzero()[0].tolist()
        for symbol in symbols:
            list.append(self._histories[symbol], PanelBar(self._source, bar, symbol))
        failed = {}
        standings = self._viewer.books.strategies["standing"].tolist()
        for place, member in self._asked:
            if standings[place] != at.ACTIVE or bar < member.warmup_bars:
                continue
            try:
                self._guarded(place, member, bar, symbols, codes[place])
            except StrategyError as error:
                codes[place] = 0
                failed[place] = error
        return failed

    def _guarded(self, place: int, member: Member, bar: int, symbols: list[int], codes: AnyArray) -> None:
        guarded(
            lambda: self._ask_one(place, member, bar, symbols, codes),
            lambda: self._where(member, bar),
            _REMEDY,
            StrategyError,
            passing=(KeyboardInterrupt, StrategyError),
            value=member.strategy_id,
        )

    def _ask_one(self, place: int, member: Member, bar: int, symbols: list[int], codes: AnyArray) -> None:
        strategy, histories = member.strategy, self._histories
        sides = self._viewer.books.cells["side"][place].tolist()
        for symbol in symbols:
            if sides[symbol] == 0:
                self._at = "should_enter", symbol
                answer, bit = strategy.should_enter(histories[symbol]), at.ENTRY_BIT
            else:
                self._at = "should_exit", symbol
                position = self._position(place, symbol)
                answer, bit = strategy.should_exit(position, histories[symbol]), at.EXIT_BIT
            if answer is False:
                continue
            if not isinstance(answer, _BOOLEANS):
                problem = f"it returned {printable(repr(answer))}; expected True or False"
                raise StrategyError(Fault(self._where(member, bar), problem, "Return a bool", member.strategy_id))
            if answer:
                codes[symbol] = bit

    def _position(self, place: int, symbol: int) -> Position:
        cell = self._viewer.books.cells[place, symbol].item()[:_OF_POSITION]
        known = self._positions.get((place, symbol))
        if known is None or known[0] != cell:
            known = self._positions[place, symbol] = cell, self._viewer.position(place, symbol)
        return known[1]

    def _where(self, member: Member, bar: int) -> str:
        method, symbol = self._at
        moment = to_text(int(self._panel.timestamps_ns[bar]))
        return f"strategy {member.strategy_id!r}, {self._panel.symbols[symbol]!r}, {moment} (bar {bar}), {method}"

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
