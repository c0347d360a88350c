"""One row of the record as an event; `events` says what events are and tells whole ranges of rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import count
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.models.records import TRADE, DecisionKind, Reason, RunRecord
from strategy_orchestrator.models.streams import Prices
from strategy_orchestrator.money import SCALE

Event: TypeAlias = dict[str, object]

PREFIX: Final = "orchestrator."

_SIDES: Final = {1: "buy", -1: "sell", 0: None}
_HELD: Final = {1: "long", -1: "short"}
_REASONS: Final = {reason.value: reason.name.lower() for reason in Reason}


def money_text(units: int) -> str:
    """Write quanta as a decimal without trailing zeros."""
    whole, part = divmod(abs(units), SCALE)
    text = str(whole) if not part else f"{whole}.{part:06d}".rstrip("0")
    return f"-{text}" if units < 0 else text


def moment_text(panel: Prices, bar: int) -> str:
    """Write the close of a bar as ISO 8601 in UTC, to the nanosecond."""
    text = str(np.datetime64(int(panel.timestamps_ns[bar]), "ns"))
    return f"{text.rstrip('0').rstrip('.')}Z"


class DecisionRow(NamedTuple):
    """One decision, and its place in the record."""

    place: int
    bar: int
    kind: int
    reason: int
    strategy: int
    symbol: int
    direction: int
    quantity: int
    price: int
    amount: int
    commission: int


class Sides(NamedTuple):
    """The strategies in a conflict, as places in the list."""

    buyers: list[int]
    sellers: list[int]
    dropped: list[int]


class Book:
    """Tell rows of a record as events.

    Keeps what was looked up last: the conflicts of one bar and the text of one time.

    Parameters
    ----------
    mode : str or None
        Name of the resolver, when it is known.
    """

    def __init__(self, record: RunRecord, mode: str | None) -> None:
        self.record = record
        self.mode = mode
        self._told_bar = -1
        self._told_moment = ""
        self._sides_bar = -1
        self._sides: dict[int, Sides] = {}

    def tell(self, row: DecisionRow) -> Event | None:
        """Return the event of a row, or None when another row's event tells it."""
        return _TELLERS[row.kind](self, row)

    @cached_property
    def bars(self) -> IntArray:
        """Bar of every row: int64."""
        return np.ascontiguousarray(self.record.decisions["bar"], np.int64)

    @cached_property
    def exits(self) -> list[int]:
        """Places of the exits, which are in the order of the trades."""
        return np.flatnonzero(self.record.decisions["kind"] == DecisionKind.EXIT).tolist()

    @cached_property
    def rebalances(self) -> IntArray:
        """Places of the decisions to rebalance: int64."""
        return np.flatnonzero(self.record.decisions["kind"] == DecisionKind.REBALANCE)

    def rows(self, start: int, stop: int) -> Iterator[DecisionRow]:
        """Return some rows of the record."""
        table = self.record.decisions[start:stop]
        return map(DecisionRow._make, zip(count(start), *(table[name].tolist() for name in DecisionRow._fields[1:])))

    def moment(self, bar: int) -> str:
        """Write the close of a bar."""
        if bar != self._told_bar:
            self._told_bar, self._told_moment = bar, moment_text(self.record.panel, bar)
        return self._told_moment

    def name(self, strategy: int) -> str | None:
        """Return the id of a strategy, None for none or the reserve."""
        return self.record.strategy_ids[strategy] if strategy >= 0 else None

    def names(self, strategies: list[int]) -> list[str]:
        """Return the ids of strategies."""
        return [self.record.strategy_ids[place] for place in strategies]

    def head(self, event: str, row: DecisionRow) -> Event:
        """Return what every event has."""
        return {
            "event": PREFIX + event,
            "timestamp": self.moment(row.bar),
            "bar": row.bar,
            "strategy_id": self.name(row.strategy),
            "symbol": self.record.panel.symbols[row.symbol] if row.symbol >= 0 else None,
        }

    def sides(self, row: DecisionRow) -> Sides:
        """Return the signals of a symbol at a bar by direction, and which the resolver dropped."""
        if row.bar != self._sides_bar:
            self._sides_bar, self._sides = row.bar, {}
            first, last = np.searchsorted(self.bars, [row.bar, row.bar + 1]).tolist()
            for other in self.rows(first, last):
                sides = self._sides.setdefault(other.symbol, Sides([], [], []))
                if other.kind == DecisionKind.SIGNAL and other.direction:
                    (sides.buyers if other.direction > 0 else sides.sellers).append(other.strategy)
                elif other.kind == DecisionKind.DROPPED and other.reason == Reason.CONFLICT:
                    sides.dropped.append(other.strategy)
        return self._sides[row.symbol]


def _signal(book: Book, row: DecisionRow) -> Event:
    return book.head("strategy_signal", row) | {"direction": _SIDES[row.direction], "intent": _REASONS[row.reason]}


def _contradiction(book: Book, row: DecisionRow) -> Event:
    return book.head("signal_contradicted", row) | {"reason": "both sides entered while flat"}


def _conflict(book: Book, row: DecisionRow) -> Event:
    sides = book.sides(row)
    everyone = sorted(sides.buyers + sides.sellers)
    survivors = [place for place in everyone if place not in sides.dropped]
    return book.head("conflict_detected", row) | {
        "strategy_ids": book.names(everyone),
        "buyers": book.names(sides.buyers),
        "sellers": book.names(sides.sellers),
        "outcome": _SIDES[row.direction] or ("both" if survivors else "none"),
        "survivors": book.names(survivors),
        "dropped": book.names(sides.dropped),
        "mode": book.mode,
        "decided_by": _decider(book.mode, book.names(everyone[:1]), row.direction),
    }


def _decider(mode: str | None, first: list[str], direction: int) -> str:
    if mode == "FIRST_WINS":
        return f"the order of the list: {first[0]!r} comes first" if first else "the order of the list"
    if mode == "NET_SIGNAL":
        return f"the sum of direction × weight, which is {('zero', 'positive', 'negative')[direction]}"
    if mode == "CANCEL_BOTH":
        return "opposite signals cancel each other"
    return "the resolver" if mode is None else f"the resolver {mode!r}"


def _dropped(book: Book, row: DecisionRow) -> Event | None:
    if row.reason == Reason.CONFLICT:
        return None
    return book.head("order_dropped", row) | {"direction": _SIDES[row.direction], "reason": _REASONS[row.reason]}


def _fill(book: Book, row: DecisionRow, event: str) -> Event:
    return book.head(event, row) | {
        "direction": _SIDES[row.direction],
        "quantity": money_text(row.quantity),
        "price": money_text(row.price),
        "notional": money_text(row.amount),
        "commission": money_text(row.commission),
        "reason": _REASONS[row.reason],
    }


def _entry(book: Book, row: DecisionRow) -> Event:
    return _fill(book, row, "entry_filled")


def _exit(book: Book, row: DecisionRow) -> Event:
    event = _fill(book, row, "exit_filled")
    place = bisect_left(book.exits, row.place)
    # A run that failed may have told its last exit without its trade.
    if place < len(book.record.trades):
        trade = dict(zip(TRADE.names or (), book.record.trades[place].item(), strict=True))
        event["position"] = _HELD[trade["direction"]]
        event["pnl"] = money_text(trade["pnl"])
        event["entry_bar"] = trade["entry_bar"]
        event["entry_price"] = money_text(trade["entry_price"])
    return event


def _cut(book: Book, row: DecisionRow) -> Event:
    return _limit(book, row, "cut", filled=row.quantity, wanted=0)


def _blocked(book: Book, row: DecisionRow) -> Event:
    return _limit(book, row, "blocked", filled=0, wanted=row.quantity)


def _limit(book: Book, row: DecisionRow, outcome: str, *, filled: int, wanted: int) -> Event:
    return book.head("capital_limit_hit", row) | {
        "outcome": outcome,
        "direction": _SIDES[row.direction],
        # An entry of a slot wants what the slot pays for, which is no quantity of its own.
        "wanted": money_text(wanted) if wanted else None,
        "filled": money_text(filled),
        "price": money_text(row.price),
        "budget": money_text(row.amount),
        "reason": _REASONS[row.reason],
    }


def _sweep(book: Book, row: DecisionRow) -> Event:
    return book.head("gain_swept", row) | {"amount": money_text(row.amount)}


def _ruin(book: Book, row: DecisionRow) -> Event:
    return book.head("sleeve_ruined", row) | {"equity": money_text(row.amount)}


def _quarantine(book: Book, row: DecisionRow) -> Event:
    return book.head("strategy_quarantined", row) | {"equity": money_text(row.amount)}


def _rebalance(book: Book, row: DecisionRow) -> Event:
    return book.head("rebalance_decided", row) | {"total": money_text(row.amount)}


def _transfer(book: Book, row: DecisionRow) -> Event | None:
    table = book.record.decisions
    if row.place and _is_transfer_at(table[row.place - 1], row.bar):
        return None
    transfers = []
    for place in range(row.place, len(table)):
        other = table[place]
        if not _is_transfer_at(other, row.bar):
            break
        name = book.name(int(other["strategy"]))
        owner = "reserve" if name is None else "sleeve"
        transfers.append({"owner": owner, "strategy_id": name, "amount": money_text(int(other["amount"]))})
    decided = int(np.searchsorted(book.rebalances, row.place)) - 1
    event = book.head("rebalanced", row) | {"strategy_id": None, "transfers": transfers}
    event["strategy_ids"] = [item["strategy_id"] for item in transfers if item["strategy_id"] is not None]
    event["decided_bar"] = int(book.bars[book.rebalances[decided]]) if decided >= 0 else None
    return event


def _is_transfer_at(row: Any, bar: int) -> bool:
    return bool(row["kind"] == DecisionKind.TRANSFER and row["bar"] == bar)


def _expired(book: Book, row: DecisionRow) -> Event:
    what = "order" if row.strategy >= 0 else "rebalance"
    return book.head("order_expired", row) | {"what": what, "direction": _SIDES[row.direction]}


_TELLERS: Final[Mapping[int, Callable[[Book, DecisionRow], Event | None]]] = {
    DecisionKind.SIGNAL: _signal,
    DecisionKind.CONTRADICTION: _contradiction,
    DecisionKind.CONFLICT: _conflict,
    DecisionKind.DROPPED: _dropped,
    DecisionKind.EXIT: _exit,
    DecisionKind.ENTRY: _entry,
    DecisionKind.CUT: _cut,
    DecisionKind.BLOCKED: _blocked,
    DecisionKind.SWEEP: _sweep,
    DecisionKind.RUIN: _ruin,
    DecisionKind.QUARANTINE: _quarantine,
    DecisionKind.REBALANCE: _rebalance,
    DecisionKind.TRANSFER: _transfer,
    DecisionKind.EXPIRED: _expired,
}
