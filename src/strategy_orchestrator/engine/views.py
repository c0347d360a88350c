"""The kernel's books as states that plug-ins and users read; made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.engine.lazy import LazyLedger, LazyMapping, LazyState
from strategy_orchestrator.engine.roster import Member
from strategy_orchestrator.kernel import layout as at, making
from strategy_orchestrator.models.allocation import StrategyAllocation
from strategy_orchestrator.models.signals import Direction, Signal, SignalKind
from strategy_orchestrator.models.states import NO_RETURNS, BacktestState, OrchestratorState
from strategy_orchestrator.models.streams import Prices
from strategy_orchestrator.models.trades import Position
from strategy_orchestrator.money import to_decimal

Value = TypeVar("Value")

_SIDES: Final = {direction.value: direction for direction in Direction}
_SLEEVE: Final = at.SLEEVE.names or ()
_MONEY: Final = {
    "cash": _SLEEVE.index("cash"),
    "equity": _SLEEVE.index("equity"),
    "allocated_capital": _SLEEVE.index("allocated"),
    "used_capital": _SLEEVE.index("used"),
}
_RESERVE: Final = (at.RUN.names or ()).index("reserve")
_STANDING: Final = (at.STRATEGY.names or ()).index("standing")
_FIRST_RIVAL: Final = (at.SYMBOL.names or ()).index("first_rival")
_KINDS: Final = {
    at.TO_ENTER: SignalKind.ENTER,
    at.TO_EXIT: SignalKind.EXIT,
    at.TO_REVERSE: SignalKind.REVERSE,
    at.TO_WEIGHT: SignalKind.WEIGHT,
}


class Viewer:
    """Read the books of one run as decimals, positions and states.

    Parameters
    ----------
    books : Books
        As `kernel.layout` says.
    """

    def __init__(self, panel: Prices, members: Sequence[Member], books: at.Books) -> None:
        self.panel = panel
        self.members = list(members)
        self.ids = [member.strategy_id for member in members]
        self.books = books
        self._places = {name: place for place, name in enumerate(self.ids)}
        self._columns = {name: column for column, name in enumerate(panel.symbols)}
        self._run: Any = making.words_of(books.run)[0].data
        self._sleeves = making.words_of(books.sleeves)
        self._signals = making.words_of(books.signals)
        self._symbols: Any = making.words_of(books.symbols).data
        self._standings = making.words_of(books.strategies)[:, _STANDING]
        self._weights: tuple[bytes, dict[str, Decimal]] = (b"", {})
        self._lent: list[LazyMapping[Any]] = []
        self._turn = 0

    def position(self, strategy: int, symbol: int) -> Position:
        """Return an open position."""
        cell = _fields(self.books.cells[strategy, symbol])
        return Position(
            symbol=self.panel.symbols[symbol],
            strategy_id=self.ids[strategy],
            direction=_SIDES[cell["side"]],
            shares=to_decimal(cell["quantity"]),
            entry_price=to_decimal(cell["average"]),
            entry_date=self.panel.timestamps[cell["entry_bar"]],
            cost=to_decimal(cell["notional"] + cell["commission"]),
        )

    def open_symbols(self, strategy: int) -> list[str]:
        """Return the symbols in which a strategy has a position, sorted."""
        return [self.panel.symbols[symbol] for symbol in self.books.held[strategy].nonzero()[0].tolist()]

    def active(self) -> list[int]:
        """Return the strategies that still trade."""
        return [place for place, standing in enumerate(self._standings.tolist()) if standing == at.ACTIVE]

    def weights(self) -> dict[str, Decimal]:
        """Return the weights of the strategies that still trade, by their ids."""
        standings = self._standings.tobytes()
        if self._weights[0] != standings:
            members = map(self.members.__getitem__, self.active())
            self._weights = standings, {member.strategy_id: member.weight for member in members}
        return dict(self._weights[1])

    def sleeve(self, strategy: int, bar: int) -> BacktestState:
        """Return the ledger of a sleeve at its last mark; `bar` is the last completed or current one, -1 for none."""
        row = _fields(self.books.sleeves[strategy])
        return BacktestState(
            timestamp=self.panel.timestamps[bar] if bar >= 0 else None,
            cash=to_decimal(row["cash"]),
            equity=to_decimal(row["equity"]),
            allocated_capital=to_decimal(row["allocated"]),
            used_capital=to_decimal(row["used"]),
            positions=self._lend(
                lambda: self.open_symbols(strategy),
                lambda symbol: self.position(strategy, self._columns[symbol]),
                self._turn,
            ),
        )

    def whole(self, bar: int) -> BacktestState:
        """Return the ledger of all sleeves and the reserve; positions by "strategy id/symbol"."""
        return self._whole(bar, self._sleeves.copy(), self._run[_RESERVE], self._turn)

    def _whole(self, bar: int, sleeves: IntArray, reserve: int, turn: int) -> BacktestState:
        def amount(name: str) -> Decimal:
            # Integers without bounds: what all sleeves have together need not fit one ledger.
            total = sum(sleeves[:, _MONEY[name]].tolist())
            return to_decimal(total if name == "used_capital" else total + reserve)

        moment = self.panel.timestamps[bar] if bar >= 0 else None
        return LazyLedger.of(moment, self._lend(self._open_keys, self._position_of, turn), amount)

    def _open_keys(self) -> list[str]:
        return [f"{name}/{symbol}" for place, name in enumerate(self.ids) for symbol in self.open_symbols(place)]

    def _position_of(self, key: str) -> Position:
        # Symbols may have a slash in them, ids too: the longest id that leaves the name of a symbol is the owner.
        parts = ((name, key.removeprefix(f"{name}/")) for name in self.ids if key.startswith(f"{name}/"))
        owner, symbol = max((part for part in parts if part[1] in self._columns), key=lambda part: len(part[0]))
        return self.position(self._places[owner], self._columns[symbol])

    def allocation(self, strategy: int) -> StrategyAllocation:
        """Return the capital of a sleeve that has some."""
        row = _fields(self.books.sleeves[strategy])
        return StrategyAllocation(self.ids[strategy], to_decimal(row["allocated"]), to_decimal(row["used"]))

    def allocations(self) -> dict[str, StrategyAllocation]:
        """Return the capital of every sleeve that has some: a sleeve that owes has none to speak of."""
        rows = self.books.sleeves
        sound = (rows["allocated"] > 0) & (rows["used"] <= rows["allocated"])
        return {self.ids[place]: self.allocation(place) for place in sound.nonzero()[0].tolist()}

    def state(self, bar: int, signals: tuple[Signal, ...] = (), returns: FloatArray = NO_RETURNS) -> OrchestratorState:
        """Return the whole portfolio at the close of a bar; `give_back` ends it."""
        weights, turn = self.weights(), self._turn
        # What they are now is kept; few resolvers look at it.
        sleeves, reserve = self._sleeves.copy(), self._run[_RESERVE]

        def make(field: str) -> Any:
            if field == "reserve":
                return to_decimal(reserve)
            if field == "aggregate_state":
                return self._whole(bar, sleeves, reserve, turn)
            if field == "strategy_states":
                return self._lend(lambda: self.ids, lambda name: self.sleeve(self._places[name], bar), turn)
            return self._lend(
                lambda: [name for name in self._weights[1] if self._has_capital(self._places[name])],
                lambda name: self.allocation(self._places[name]),
                turn,
            )

        return LazyState.of(bar, self.panel.timestamps[bar], weights, signals, returns, make)

    def _has_capital(self, strategy: int) -> bool:
        row = self.books.sleeves[strategy]
        return bool(0 < row["allocated"] >= row["used"])

    def signals_on(self, symbol: int, bar: int) -> tuple[list[int], tuple[Signal, ...]]:
        """Return the signals of this bar on a symbol: their places in the books, and themselves."""
        places, signals = [], []
        name, moment = self.panel.symbols[symbol], self.panel.timestamps[bar]
        place = self._symbols[symbol, _FIRST_RIVAL]
        while place >= 0:
            strategy, _, order, direction, _, _, following = self._signals[place].tolist()
            member = self.members[strategy]
            places.append(place)
            signals.append(Signal(member.strategy_id, name, _SIDES[direction], _KINDS[order], member.weight, moment))
            place = following
        return places, tuple(signals)

    def give_back(self) -> None:
        """End all states that were handed out."""
        for mapping in self._lent:
            mapping.close()
        self._lent.clear()
        self._turn += 1

    def _lend(self, keys: Callable[[], Iterable[str]], make: Callable[[str], Value], turn: int) -> LazyMapping[Value]:
        # A part of a state that was handed out in an earlier turn is past before it is made.
        mapping = LazyMapping(keys, make)
        if turn == self._turn:
            self._lent.append(mapping)
        else:
            mapping.close()
        return mapping


def _fields(record: at.Record) -> dict[str, int]:
    return dict(zip(record.dtype.names, record.item(), strict=True))
