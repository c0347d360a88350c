"""The decisions at the close: what strategies wish, which wishes survive, and the orders that they become."""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.books import blame, give_order, note
from strategy_orchestrator.kernel.checked import OVERFLOW
from strategy_orchestrator.kernel.closing import silence
from strategy_orchestrator.kernel.compiling import compiled
from strategy_orchestrator.kernel.layout import (
    ACTIVE,
    ASK_RESOLVER,
    ENTRY_BAR,
    ENTRY_BIT,
    EQUITY,
    EXIT_BIT,
    FILLS_AT_CLOSE,
    FIRST_BAR,
    FIRST_RIVAL,
    FIRST_WINS,
    IS_ALIVE,
    IS_ANSWERED,
    IS_CONDEMNED,
    LAST_RIVAL,
    LOT,
    MAX_HOLDING,
    N_BUYERS,
    N_CONFLICTS,
    N_OPEN,
    N_SELLERS,
    N_SIGNALS,
    N_SYMBOLS,
    NET_SIGNAL,
    NEXT_RIVAL,
    NO_ORDER,
    NO_WEIGHT,
    OPEN_SYMBOL,
    ORDER,
    ORDER_DIRECTION,
    ORDER_WEIGHT,
    QUANTITY,
    QUARANTINED,
    RESOLUTION,
    SHORT_ENTRY_BIT,
    SHORT_EXIT_BIT,
    SIDE,
    SIGNAL_CURSOR,
    SIGNAL_DIRECTION,
    SIGNAL_ORDER,
    SIGNAL_STRATEGY,
    SIGNAL_SYMBOL,
    SIGNAL_WEIGHT,
    STANDING,
    TO_END_HOLDING,
    TO_END_QUARANTINE,
    TO_ENTER,
    TO_EXIT,
    TO_REVERSE,
    TO_WEIGHT,
    VOTES,
    WARMUP,
    WEIGHTS_PLACE,
    Books,
    Intents,
    cell_at,
    signal_at,
    strategy_at,
    symbol_at,
)
from strategy_orchestrator.kernel.sizing import target_quantity
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import DecisionKind, Reason

_SIGNAL = int(DecisionKind.SIGNAL)
_CONTRADICTION = int(DecisionKind.CONTRADICTION)
_CONFLICT = int(DecisionKind.CONFLICT)
_DROPPED = int(DecisionKind.DROPPED)
_QUARANTINE = int(DecisionKind.QUARANTINE)
_NONE = int(Reason.NONE)
_OF_QUARANTINE = int(Reason.QUARANTINE)
_OF_CONFLICT = int(Reason.CONFLICT)
_OF_MAX_HOLDING = int(Reason.MAX_HOLDING)
_ENTER = int(Reason.ENTER)  # EXIT, REVERSE and WEIGHT follow it, as the orders do
_RUNNING = int(Status.RUNNING)
_ASK_RESOLVER = int(Status.ASK_RESOLVER)
_OVERFLOW = int(Status.OVERFLOW)

# What can be an intent, by side: while flat an entry; while held the own exit or the other side's entry.
_WHILE_FLAT = ENTRY_BIT | SHORT_ENTRY_BIT
_WHILE_LONG = EXIT_BIT | SHORT_ENTRY_BIT
_WHILE_SHORT = SHORT_EXIT_BIT | ENTRY_BIT


@compiled
def quarantine(books: Books, bar: int, strategy: int) -> None:
    """End the trading of a strategy that is condemned at this bar."""
    memory, sleeve = books.memory, strategy_at(strategy)
    if memory[sleeve + IS_CONDEMNED] == 1:
        memory[sleeve + IS_CONDEMNED] = 0
        memory[sleeve + STANDING] |= QUARANTINED
        silence(books, bar, strategy, _QUARANTINE, _OF_QUARANTINE, TO_END_QUARANTINE)


@compiled
def ask(books: Books, closes: IntArray, intents: Intents, bar: int, strategy: int) -> int:
    """Collect what a strategy wishes for the symbols that have a bar."""
    memory, rule = books.memory, strategy_at(strategy)
    if memory[rule + STANDING] != ACTIVE or bar < memory[rule + WARMUP]:
        return _RUNNING
    local, place = bar - memory[FIRST_BAR], memory[rule + WEIGHTS_PLACE]
    for symbol in range(memory[N_SYMBOLS]):
        if place < 0:
            code = intents.codes[local, strategy, symbol]
            if code != 0 and closes[local, symbol] > 0:
                _read_code(books, bar, strategy, symbol, code)
        elif intents.weights[local, place, symbol] != NO_WEIGHT and closes[local, symbol] > 0:
            weight, equity = intents.weights[local, place, symbol], memory[rule + EQUITY]
            lot = memory[symbol_at(memory, symbol) + LOT]
            wanted = target_quantity(weight, equity, closes[local, symbol], lot)
            if wanted == OVERFLOW:
                return blame(memory, _OVERFLOW, strategy, symbol)
            cell = cell_at(memory, strategy, symbol)
            held = memory[cell + SIDE] * memory[cell + QUANTITY]
            direction = 0 if wanted == held else (1 if wanted > held else -1)
            _signal(books, bar, strategy, symbol, TO_WEIGHT, direction, weight)
    return _RUNNING


@compiled
def _read_code(books: Books, bar: int, strategy: int, symbol: int, code: int) -> None:
    side = books.memory[cell_at(books.memory, strategy, symbol) + SIDE]
    if side == 0:
        wishes = code & _WHILE_FLAT
        if wishes == _WHILE_FLAT:
            note(books, bar, _CONTRADICTION, _NONE, strategy, symbol, 0, 0, 0, 0, 0)
        elif wishes != 0:
            _signal(books, bar, strategy, symbol, TO_ENTER, 1 if wishes == ENTRY_BIT else -1, 0)
        return
    wishes = code & (_WHILE_LONG if side > 0 else _WHILE_SHORT)
    if wishes != 0:
        order = TO_REVERSE if wishes & _WHILE_FLAT != 0 else TO_EXIT
        _signal(books, bar, strategy, symbol, order, -side, 0)


@compiled
def _signal(books: Books, bar: int, strategy: int, symbol: int, order: int, direction: int, weight: int) -> None:
    memory, place = books.memory, books.memory[N_SIGNALS]
    signal, rivals = signal_at(memory, place), symbol_at(memory, symbol)
    memory[signal + SIGNAL_STRATEGY], memory[signal + SIGNAL_SYMBOL] = strategy, symbol
    memory[signal + SIGNAL_ORDER], memory[signal + SIGNAL_DIRECTION] = order, direction
    memory[signal + SIGNAL_WEIGHT], memory[signal + IS_ALIVE], memory[signal + NEXT_RIVAL] = weight, 1, -1
    memory[N_SIGNALS] = place + 1
    note(books, bar, _SIGNAL, _ENTER + order - TO_ENTER, strategy, symbol, direction, 0, 0, 0, 0)
    if direction == 0:
        return
    if memory[rivals + N_BUYERS] + memory[rivals + N_SELLERS] == 0:
        memory[rivals + FIRST_RIVAL] = place
    else:
        memory[signal_at(memory, memory[rivals + LAST_RIVAL]) + NEXT_RIVAL] = place
    memory[rivals + LAST_RIVAL] = place
    memory[rivals + (N_BUYERS if direction > 0 else N_SELLERS)] += 1


@compiled
def resolve(books: Books, bar: int, symbol: int) -> int:
    """Let a conflict on a symbol be decided, if there is one; a resolver outside of the loop is paused for."""
    memory, rivals = books.memory, symbol_at(books.memory, symbol)
    if memory[rivals + N_BUYERS] > 0 and memory[rivals + N_SELLERS] > 0:
        first = memory[rivals + FIRST_RIVAL]
        if memory[RESOLUTION] == ASK_RESOLVER:
            if memory[IS_ANSWERED] == 0:
                return _ASK_RESOLVER
            memory[IS_ANSWERED] = 0
        else:
            _let_win(memory, first)
        _note_conflict(books, bar, symbol, first)
    memory[rivals + N_BUYERS], memory[rivals + N_SELLERS] = 0, 0
    return _RUNNING


@compiled
def _let_win(memory: IntArray, first: int) -> None:
    winner, votes, place = 0, 0, first
    if memory[RESOLUTION] == FIRST_WINS:
        winner = memory[signal_at(memory, first) + SIGNAL_DIRECTION]
    elif memory[RESOLUTION] == NET_SIGNAL:
        while place >= 0:
            signal = signal_at(memory, place)
            votes += memory[signal + SIGNAL_DIRECTION] * memory[strategy_at(memory[signal + SIGNAL_STRATEGY]) + VOTES]
            place = memory[signal + NEXT_RIVAL]
        winner = 0 if votes == 0 else (1 if votes > 0 else -1)
    place = first
    while place >= 0:
        signal = signal_at(memory, place)
        if memory[signal + SIGNAL_DIRECTION] != winner:
            memory[signal + IS_ALIVE] = 0
        place = memory[signal + NEXT_RIVAL]


@compiled
def _note_conflict(books: Books, bar: int, symbol: int, first: int) -> None:
    memory = books.memory
    n_buys, n_sells, place = 0, 0, first
    while place >= 0:
        signal = signal_at(memory, place)
        if memory[signal + SIGNAL_DIRECTION] > 0:
            n_buys += memory[signal + IS_ALIVE]
        else:
            n_sells += memory[signal + IS_ALIVE]
        place = memory[signal + NEXT_RIVAL]
    outcome = 0 if (n_buys > 0) == (n_sells > 0) else (1 if n_buys > 0 else -1)
    memory[N_CONFLICTS] += 1
    note(books, bar, _CONFLICT, _NONE, -1, symbol, outcome, 0, 0, 0, 0)
    place = first
    while place >= 0:
        signal = signal_at(memory, place)
        if memory[signal + IS_ALIVE] == 0:
            strategy, direction = memory[signal + SIGNAL_STRATEGY], memory[signal + SIGNAL_DIRECTION]
            note(books, bar, _DROPPED, _OF_CONFLICT, strategy, symbol, direction, 0, 0, 0, 0)
        place = memory[signal + NEXT_RIVAL]


@compiled
def place_orders(books: Books, bar: int, strategy: int) -> None:
    """Turn the surviving signals of a strategy into orders, and end what was held for long enough."""
    memory, n_held = books.memory, 0
    while memory[SIGNAL_CURSOR] < memory[N_SIGNALS]:
        signal = signal_at(memory, memory[SIGNAL_CURSOR])
        if memory[signal + SIGNAL_STRATEGY] != strategy:
            break
        # In the order of symbols, whether a row comes of a signal or of a position held for long.
        n_held = _end_holdings(books, bar, strategy, n_held, memory[signal + SIGNAL_SYMBOL])
        if memory[signal + IS_ALIVE] == 1:
            _place(books, bar, strategy, signal)
        memory[SIGNAL_CURSOR] += 1
    _end_holdings(books, bar, strategy, n_held, memory[N_SYMBOLS])


@compiled
def _place(books: Books, bar: int, strategy: int, signal: int) -> None:
    memory, symbol = books.memory, books.memory[signal + SIGNAL_SYMBOL]
    cell = cell_at(memory, strategy, symbol)
    # Over an exit that waits only another exit or a reversal may come.
    if memory[cell + ORDER] != NO_ORDER and memory[signal + SIGNAL_ORDER] == TO_WEIGHT:
        note(books, bar, _DROPPED, _OF_MAX_HOLDING, strategy, symbol, 0, 0, 0, 0, 0)
        return
    give_order(memory, strategy, symbol, memory[signal + SIGNAL_ORDER])
    memory[cell + ORDER_DIRECTION] = memory[signal + SIGNAL_DIRECTION]
    memory[cell + ORDER_WEIGHT] = memory[signal + SIGNAL_WEIGHT]


@compiled
def _end_holdings(books: Books, bar: int, strategy: int, first: int, until: int) -> int:
    # Looks at the open positions from a place on whose symbols come before one; returns the place after them.
    memory, place = books.memory, first
    limit = memory[strategy_at(strategy) + MAX_HOLDING]
    while limit > 0 and place < memory[strategy_at(strategy) + N_OPEN]:
        symbol = memory[cell_at(memory, strategy, place) + OPEN_SYMBOL]
        if symbol >= until:
            break
        cell = cell_at(memory, strategy, symbol)
        if bar - memory[cell + ENTRY_BAR] + 1 - memory[FILLS_AT_CLOSE] >= limit:
            if memory[cell + ORDER] == TO_WEIGHT:
                note(books, bar, _DROPPED, _OF_MAX_HOLDING, strategy, symbol, 0, 0, 0, 0, 0)
            if memory[cell + ORDER] == NO_ORDER or memory[cell + ORDER] == TO_WEIGHT:
                give_order(memory, strategy, symbol, TO_END_HOLDING)
        place += 1
    return place
