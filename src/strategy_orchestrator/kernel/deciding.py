"""The decisions at the close: what strategies wish, which wishes survive, and the orders that they become."""

from __future__ import annotations

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel.books import blame, give_order, insert, list_open, note
from strategy_orchestrator.kernel.checked import OVERFLOW, round_down
from strategy_orchestrator.kernel.closing import silence
from strategy_orchestrator.kernel.compiled import compiled, trailing_zeros
from strategy_orchestrator.kernel.layout import (
    ACTIVE,
    ASK_RESOLVER,
    BLOCK_CELLS,
    BUYING,
    ENTRY_BIT,
    EXIT_BIT,
    FIRST_WINS,
    NET_SIGNAL,
    NO_ORDER,
    QUARANTINED,
    SELLING,
    SHORT_ENTRY_BIT,
    SHORT_EXIT_BIT,
    TO_END_HOLDING,
    TO_END_QUARANTINE,
    TO_ENTER,
    TO_EXIT,
    TO_REVERSE,
    TO_WEIGHT,
    WEIGHT_BIT,
    WORD_CELLS,
    Books,
    Intents,
    Record,
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
_BLOCK_WORDS = BLOCK_CELLS // WORD_CELLS
_CODE_SHIFT = 3
_CODE_BITS = 1 << _CODE_SHIFT
_CODE = (1 << _CODE_BITS) - 1
_CONTESTED = BUYING | SELLING

# What can be an intent, by side: while flat an entry; while held the own exit or the other side's entry.
_WHILE_FLAT = ENTRY_BIT | SHORT_ENTRY_BIT
_WHILE_LONG = EXIT_BIT | SHORT_ENTRY_BIT
_WHILE_SHORT = SHORT_EXIT_BIT | ENTRY_BIT


@compiled
def quarantine(books: Books, bar: int, strategy: int) -> None:
    """End the trading of a strategy that is condemned at this bar."""
    sleeve = books.strategies[strategy]
    if sleeve["is_condemned"] == 1:
        sleeve["is_condemned"] = 0
        sleeve["standing"] |= QUARANTINED
        silence(books, bar, strategy, _QUARANTINE, _OF_QUARANTINE, TO_END_QUARANTINE)


@compiled
def ask(books: Books, closes: IntArray, intents: Intents, bar: int, block: int) -> int:
    """Collect the wishes in a block of cells, for the symbols that have a bar."""
    run = books.run[0]
    local, first = bar - run["first_bar"], block * _BLOCK_WORDS
    # First the words that say anything, without a branch, for there is no guessing which they are.
    n_spoken = 0
    for word in range(first, min(first + _BLOCK_WORDS, intents.words.shape[1])):
        books.spoken[0, n_spoken] = word
        n_spoken += intents.words[local, word] != 0
    for number in range(n_spoken):
        place = books.spoken[0, number] * WORD_CELLS
        codes = intents.words[local, books.spoken[0, number]]
        while codes != 0:
            silent = trailing_zeros(codes) >> _CODE_SHIFT
            place, codes = place + silent, codes >> (silent << _CODE_SHIFT)
            _hear(books, closes, intents, bar, place, codes & _CODE)
            place, codes = place + 1, codes >> _CODE_BITS
    return run["fault"]


@compiled
def _hear(books: Books, closes: IntArray, intents: Intents, bar: int, place: int, code: int) -> None:
    run = books.run[0]
    strategy = round_down(place, run["n_symbols"])
    symbol = place - strategy * run["n_symbols"]
    rule, local = books.strategies[strategy], bar - run["first_bar"]
    close = closes[local, symbol]
    if rule["standing"] != ACTIVE or bar < rule["warmup"] or close == 0:
        return
    if code != WEIGHT_BIT:
        _read_code(books, bar, strategy, symbol, code)
        return
    weight, equity = intents.weights[local, rule["weights_place"], symbol], books.sleeves[strategy]["equity"]
    wanted = target_quantity(weight, equity, close, books.symbols[symbol]["lot"])
    if wanted == OVERFLOW:
        blame(run, _OVERFLOW, strategy, symbol)
        return
    cell = books.cells[strategy, symbol]
    held = cell["side"] * cell["quantity"]
    direction = 0 if wanted == held else (1 if wanted > held else -1)
    _signal(books, bar, strategy, symbol, TO_WEIGHT, direction, weight)


@compiled
def _read_code(books: Books, bar: int, strategy: int, symbol: int, code: int) -> None:
    held = books.held[strategy, symbol]
    if held == 0:
        wishes = code & _WHILE_FLAT
        if wishes == _WHILE_FLAT:
            note(books, bar, _CONTRADICTION, _NONE, strategy, symbol, 0, 0, 0, 0, 0)
        elif wishes != 0:
            _signal(books, bar, strategy, symbol, TO_ENTER, 1 if wishes == ENTRY_BIT else -1, 0)
        return
    wishes = code & (_WHILE_LONG if held > 0 else _WHILE_SHORT)
    if wishes != 0:
        order = TO_REVERSE if wishes & _WHILE_FLAT != 0 else TO_EXIT
        _signal(books, bar, strategy, symbol, order, -1 if held > 0 else 1, 0)


@compiled
def _signal(books: Books, bar: int, strategy: int, symbol: int, order: int, direction: int, weight: int) -> None:
    run, place = books.run[0], books.run[0]["n_signals"]
    signal, rivals = books.signals[place], books.symbols[symbol]
    if rivals["signal_bar"] != bar:
        rivals["signal_bar"], rivals["sides"] = bar, 0
    signal["strategy"], signal["symbol"] = strategy, symbol
    signal["order"], signal["direction"] = order, direction
    signal["weight"], signal["is_alive"], signal["next_rival"] = weight, 1, -1
    run["n_signals"] = place + 1
    note(books, bar, _SIGNAL, _ENTER + order - TO_ENTER, strategy, symbol, direction, 0, 0, 0, 0)
    if direction == 0:
        return
    before = rivals["sides"]
    if before == 0:
        rivals["first_rival"] = place
    else:
        books.signals[rivals["last_rival"]]["next_rival"] = place
    rivals["last_rival"] = place
    rivals["sides"] = before | (BUYING if direction > 0 else SELLING)
    if before != _CONTESTED and rivals["sides"] == _CONTESTED:
        run["n_contested"] = insert(books.contested, 0, run["n_contested"], symbol)


@compiled
def resolve(books: Books, bar: int, symbol: int) -> int:
    """Let the conflict on a symbol be decided; a resolver outside of the loop is paused for."""
    run, first = books.run[0], books.symbols[symbol]["first_rival"]
    if run["resolution"] == ASK_RESOLVER:
        if run["is_answered"] == 0:
            run["at_symbol"] = symbol
            return _ASK_RESOLVER
        run["is_answered"] = 0
    else:
        _let_win(books, first)
    _note_conflict(books, bar, symbol, first)
    return _RUNNING


@compiled
def _let_win(books: Books, first: int) -> None:
    run, winner, votes, place = books.run[0], 0, 0, first
    if run["resolution"] == FIRST_WINS:
        winner = books.signals[first]["direction"]
    elif run["resolution"] == NET_SIGNAL:
        while place >= 0:
            signal = books.signals[place]
            votes += signal["direction"] * books.strategies[signal["strategy"]]["votes"]
            place = signal["next_rival"]
        winner = 0 if votes == 0 else (1 if votes > 0 else -1)
    place = first
    while place >= 0:
        signal = books.signals[place]
        if signal["direction"] != winner:
            signal["is_alive"] = 0
        place = signal["next_rival"]


@compiled
def _note_conflict(books: Books, bar: int, symbol: int, first: int) -> None:
    run = books.run[0]
    n_buys, n_sells, place = 0, 0, first
    while place >= 0:
        signal = books.signals[place]
        if signal["direction"] > 0:
            n_buys += signal["is_alive"]
        else:
            n_sells += signal["is_alive"]
        place = signal["next_rival"]
    outcome = 0 if (n_buys > 0) == (n_sells > 0) else (1 if n_buys > 0 else -1)
    run["n_conflicts"] += 1
    note(books, bar, _CONFLICT, _NONE, -1, symbol, outcome, 0, 0, 0, 0)
    place = first
    while place >= 0:
        signal = books.signals[place]
        if signal["is_alive"] == 0:
            strategy, direction = signal["strategy"], signal["direction"]
            note(books, bar, _DROPPED, _OF_CONFLICT, strategy, symbol, direction, 0, 0, 0, 0)
        place = signal["next_rival"]


@compiled
def place_block(books: Books, bar: int, block: int) -> None:
    """Turn the surviving signals of a block into orders, where no strategy ends what was held for long."""
    for place in range(block * BLOCK_CELLS, min((block + 1) * BLOCK_CELLS, books.run[0]["n_signals"])):
        signal = books.signals[place]
        if signal["is_alive"] == 1:
            _place(books, bar, signal["strategy"], signal)


@compiled
def place_orders(books: Books, bar: int, strategy: int) -> None:
    """Turn the surviving signals of a strategy into orders, and end what was held for long enough."""
    run, n_held = books.run[0], 0
    while run["signal_cursor"] < run["n_signals"]:
        signal = books.signals[run["signal_cursor"]]
        if signal["strategy"] != strategy:
            break
        # In the order of symbols, whether a row comes of a signal or of a position held for long.
        n_held = _end_holdings(books, bar, strategy, n_held, signal["symbol"])
        if signal["is_alive"] == 1:
            _place(books, bar, strategy, signal)
        run["signal_cursor"] += 1
    _end_holdings(books, bar, strategy, n_held, run["n_symbols"])


@compiled
def _place(books: Books, bar: int, strategy: int, signal: Record) -> None:
    symbol = signal["symbol"]
    cell = books.cells[strategy, symbol]
    # Over an exit that waits only another exit or a reversal may come.
    if cell["order"] != NO_ORDER and signal["order"] == TO_WEIGHT:
        note(books, bar, _DROPPED, _OF_MAX_HOLDING, strategy, symbol, 0, 0, 0, 0, 0)
        return
    give_order(books, strategy, symbol, signal["order"])
    cell["order_direction"] = signal["direction"]
    cell["order_weight"] = signal["weight"]


@compiled
def _end_holdings(books: Books, bar: int, strategy: int, first: int, until: int) -> int:
    # Looks at the open positions from a place on whose symbols come before one; returns the place after them.
    run, place = books.run[0], first
    limit = books.strategies[strategy]["max_holding"]
    n_open = list_open(books, strategy) if limit > 0 else 0
    while place < n_open:
        symbol = books.open_symbols[strategy, place]
        if symbol >= until:
            break
        cell = books.cells[strategy, symbol]
        if bar - cell["entry_bar"] + 1 - run["fills_at_close"] >= limit:
            if cell["order"] == TO_WEIGHT:
                note(books, bar, _DROPPED, _OF_MAX_HOLDING, strategy, symbol, 0, 0, 0, 0, 0)
            if cell["order"] == NO_ORDER or cell["order"] == TO_WEIGHT:
                give_order(books, strategy, symbol, TO_END_HOLDING)
        place += 1
    return place
