"""Run the worlds of the reference simulator through the kernel, and give back what it gives back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel import advance
from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import DECISION, TRADE, DecisionKind, Reason
from strategy_orchestrator.money import FRACTION_SCALE, WEIGHT_SCALE
from tests.reference.world import Decision, Outcome, PositionRow, Rebalance, StrategySpec, TradeRow, World

RESOLUTIONS = {"FIRST_WINS": at.FIRST_WINS, "NET_SIGNAL": at.NET_SIGNAL, "CANCEL_BOTH": at.CANCEL_BOTH}
STOPPED = {Status.DONE, Status.OVERFLOW, Status.PRICE_BELOW_QUANTUM}


def steps(value: Fraction, scale: int) -> int:
    """Return a fraction as a count, which it must be."""
    count = value * scale
    assert count.denominator == 1, value
    return int(count)


def grid(rows: Sequence[Sequence[int | None]]) -> IntArray:
    """Return prices as an array, 0 where there is none."""
    return np.array([[value or 0 for value in row] for row in rows], np.int64)


def market_of(world: World) -> at.Market:
    """Return the prices and costs of a world."""
    shape = world.n_bars, world.n_symbols
    open_, high, low, close = (grid(getattr(world, name)) for name in ("open", "high", "low", "close"))
    slippage = world.slippage_pct
    rows = [[slippage]] if isinstance(slippage, Fraction) else slippage
    sizer = np.zeros((0, 0), np.int64)
    if world.sizer is not None:
        sizer = np.array([[steps(each, WEIGHT_SCALE) for each in row] for row in world.sizer], np.int64).reshape(shape)
    scheduled = world.rebalance.scheduled if isinstance(world.rebalance, Rebalance) else None
    return at.Market(
        open_, high, low, close,
        slippage=np.array([[steps(each, FRACTION_SCALE) for each in row] for row in rows], np.int64),
        sizer=sizer,
        scheduled=np.array(scheduled if scheduled is not None else [], np.bool_),
    )  # fmt: skip


def spread(value: Any, n_symbols: int) -> list[Fraction]:
    """Return one value a symbol."""
    return [value] * n_symbols if isinstance(value, Fraction) else list(value)


def intents_of(world: World) -> at.Intents:
    """Return what the strategies of a world want."""
    codes = np.zeros((world.n_bars, len(world.strategies), world.n_symbols), np.int8)
    weighted = places_of_weights(world)
    weights = np.full((world.n_bars, len(weighted), world.n_symbols), at.NO_WEIGHT, np.int64)
    for place, spec in enumerate(world.strategies):
        write_wishes(spec, codes[:, place], weights[:, weighted.index(place)] if place in weighted else None)
    return at.Intents(codes, weights)


def places_of_weights(world: World) -> list[int]:
    """Return which strategies are of the form of weights."""
    return [place for place, spec in enumerate(world.strategies) if spec.form == "weights"]


def write_rules(world: World, rows: at.Rows) -> None:
    """Write the rules of the strategies and the terms of the symbols."""
    scale = math.lcm(*(spec.weight.denominator for spec in world.strategies))
    weighted = places_of_weights(world)
    for place, (spec, row) in enumerate(zip(world.strategies, rows.strategies, strict=True)):
        row[at.WEIGHT] = steps(spec.weight, WEIGHT_SCALE)
        row[at.VOTES] = int(spec.weight * scale)
        row[at.WARMUP] = spec.warmup_bars
        row[at.STOP_LOSS] = steps(spec.stop_loss or Fraction(0), FRACTION_SCALE)
        row[at.TAKE_PROFIT] = steps(spec.take_profit or Fraction(0), FRACTION_SCALE)
        row[at.TRAILING_STOP] = steps(spec.trailing_stop or Fraction(0), FRACTION_SCALE)
        row[at.MAX_HOLDING] = spec.max_holding_bars or 0
        row[at.WEIGHTS_PLACE] = weighted.index(place) if place in weighted else -1
        row[at.CASH] = row[at.ALLOCATED] = row[at.CONTRIBUTED] = row[at.EQUITY] = int(spec.weight * world.capital // 1)
    trade, share, rate = world.commission_per_trade, world.commission_per_share, world.commission_pct
    rows.symbols[:, at.LOT] = world.lots
    rows.symbols[:, at.PER_TRADE] = trade
    # Money a share, times millionths of a share, is millionths of money.
    rows.symbols[:, at.PER_SHARE] = [steps(each, 10**6) for each in spread(share, world.n_symbols)]
    rows.symbols[:, at.PER_NOTIONAL] = [steps(each, FRACTION_SCALE) for each in spread(rate, world.n_symbols)]


def write_wishes(spec: StrategySpec, codes: Any, weights: IntArray | None) -> None:
    """Write what one strategy wants."""
    if weights is not None:
        assert spec.weights is not None
        for bar, row in enumerate(spec.weights):
            weights[bar] = [at.NO_WEIGHT if each is None else steps(each, WEIGHT_SCALE) for each in row]
        return
    bits = (at.ENTRY_BIT, at.EXIT_BIT, at.SHORT_ENTRY_BIT, at.SHORT_EXIT_BIT)
    for bit, name in zip(bits, ("entries", "exits", "short_entries", "short_exits"), strict=True):
        marks = getattr(spec, name)
        if marks is not None:
            codes[np.array(marks, np.bool_)] |= bit


def memory_of(world: World) -> IntArray:
    """Return the memory of a world before its first bar."""
    memory = at.new_memory(len(world.strategies), world.n_symbols)
    write_rules(world, at.rows_of(memory))
    memory[at.N_BARS], memory[at.CAPITAL] = world.n_bars, world.capital
    memory[at.FILLS_AT_CLOSE] = world.fill_at == "close"
    memory[at.STAGE] = at.STAGE_PROTECT if world.fill_at == "close" else at.STAGE_TARGETS
    memory[at.SWEEPS] = world.profit_policy == "sweep"
    memory[at.CLOSES_AT_END] = world.close_at_end
    mode, rule = world.resolution, world.rebalance
    memory[at.RESOLUTION] = RESOLUTIONS[mode] if isinstance(mode, str) else at.ASK_RESOLVER
    is_asked = isinstance(rule, Rebalance)
    memory[at.REBALANCES] = at.NEVER if rule is None else at.ASK_REBALANCER if is_asked else at.TO_WEIGHTS
    threshold = rule.threshold if isinstance(rule, Rebalance) else rule
    memory[at.THRESHOLD] = -1 if threshold is None else steps(threshold, WEIGHT_SCALE)
    memory[at.ASKS] = any(spec.quarantine_at is not None for spec in world.strategies)
    memory[at.RESERVE] = world.capital - int(at.rows_of(memory).strategies[:, at.CASH].sum())
    return memory


@dataclass
class KernelRun:
    """One world on its way through the kernel.

    Attributes
    ----------
    chunk : int
        Bars that are handed to the kernel at once.
    pause : callable, optional
        Told the books at every stop; may return another one to go on with.
    """

    world: World
    chunk: int = 10**9
    pause: Callable[[at.Books], at.Books] | None = None
    rows: list[Any] = field(default_factory=list)
    trades: list[Any] = field(default_factory=list)
    curves: list[tuple[IntArray, IntArray, IntArray]] = field(default_factory=list)

    def go(self) -> tuple[Status, IntArray]:
        """Run to the end or to a fault."""
        market, intents = market_of(self.world), intents_of(self.world)
        books = at.new_books(memory_of(self.world))
        first, status = 0, Status.DONE
        while first < self.world.n_bars and status == Status.DONE:
            last = min(first + self.chunk, self.world.n_bars)
            books.memory[at.FIRST_BAR] = first
            state = at.State(books, at.new_curves(last - first, len(self.world.strategies)))
            status, books = self._chunk(state, cut_market(market, first, last), cut_intents(intents, first, last), last)
            self.curves.append(tuple(state.curves))
            first = last
        self._drain(books)
        return status, books.memory

    def _chunk(self, state: at.State, market: at.Market, intents: at.Intents, until: int) -> tuple[Status, at.Books]:
        while True:
            status = Status(advance(state, market, intents, until))
            if self.pause is not None:
                state = at.State(self.pause(state.books), state.curves)
            if status in STOPPED:
                return status, state.books
            self._answer(status, state.books)

    def _answer(self, status: Status, books: at.Books) -> None:
        if status == Status.BUFFER_FULL:
            self._drain(books)
            return
        bar, rows = int(books.memory[at.BAR]), at.rows_of(books.memory)
        if status == Status.ASK_STRATEGIES:
            for place, spec in enumerate(self.world.strategies):
                rows.strategies[place, at.IS_CONDEMNED] = spec.quarantine_at == bar
        elif status == Status.ASK_RESOLVER:
            self._resolve(rows, bar)
        elif status == Status.ASK_REBALANCER:
            self._propose(rows, bar)
        else:
            raise AssertionError(status, rows.run)
        books.memory[at.IS_ANSWERED] = 1

    def _resolve(self, rows: at.Rows, bar: int) -> None:
        symbol = int(rows.run[at.CURSOR])
        rivals = []
        place = int(rows.symbols[symbol, at.FIRST_RIVAL])
        while place >= 0:
            signal = rows.signals[place]
            rivals.append((place, int(signal[at.SIGNAL_STRATEGY]), int(signal[at.SIGNAL_DIRECTION])))
            place = int(signal[at.NEXT_RIVAL])
        assert callable(self.world.resolution)
        kept = self.world.resolution(bar, symbol, [rival[1:] for rival in rivals])
        for place, strategy, _ in rivals:
            rows.signals[place, at.IS_ALIVE] = strategy in kept

    def _propose(self, rows: at.Rows, bar: int) -> None:
        assert isinstance(self.world.rebalance, Rebalance)
        marks = rows.strategies[:, at.EQUITY].tolist()
        proposed = self.world.rebalance.propose(bar, marks, int(rows.run[at.RESERVE]))
        rows.strategies[:, at.PROPOSAL] = [steps(each, WEIGHT_SCALE) for each in proposed]

    def _drain(self, books: at.Books) -> None:
        self.rows += books.decisions[: books.memory[at.N_DECISIONS]].tolist()
        self.trades += books.trades[: books.memory[at.N_TRADES]].tolist()
        books.memory[at.N_DECISIONS] = books.memory[at.N_TRADES] = 0


def cut_market(market: at.Market, first: int, last: int) -> at.Market:
    """Return some bars of a market."""
    parts = {name: getattr(market, name) for name in market._fields}
    for name, array in parts.items():
        if array.shape[0] > 1:
            parts[name] = np.ascontiguousarray(array[first:last])
    return at.Market(**parts)


def cut_intents(intents: at.Intents, first: int, last: int) -> at.Intents:
    """Return some bars of the intents."""
    cut = (np.ascontiguousarray(array[first:last]) for array in (intents.codes, intents.weights))
    return at.Intents(*cut)


def kernel_outcome(world: World, chunk: int = 10**9, pause: Callable[[at.Books], at.Books] | None = None) -> Any:
    """Run a world through the kernel.

    Returns
    -------
    Outcome or Status
        What the reference gives, but for `largest`; the status when the kernel refuses an amount.
    """
    run = KernelRun(world, chunk, pause)
    status, memory = run.go()
    if status != Status.DONE:
        return status
    equity, gross, reserve = (np.concatenate(parts) for parts in zip(*run.curves, strict=True))
    sleeves = at.rows_of(memory).strategies
    return Outcome(
        equity=equity.tolist(),
        gross=gross.tolist(),
        reserve=reserve.tolist(),
        cash=sleeves[:, at.CASH].tolist(),
        used=sleeves[:, at.USED].tolist(),
        allocated=sleeves[:, at.ALLOCATED].tolist(),
        contributed=sleeves[:, at.CONTRIBUTED].tolist(),
        positions=positions_of(at.rows_of(memory)),
        trades=[trade_row(row) for row in run.trades],
        decisions=[decision_row(row) for row in run.rows],
        conflicts_detected=int(memory[at.N_CONFLICTS]),
        capital_limit_blocks=int(memory[at.N_BLOCKS]),
        largest=0,
    )


def decision_row(row: Any) -> Decision:
    """Return a row of the record in the words of the reference."""
    named = dict(zip(DECISION.names or (), row, strict=True))
    return Decision(
        named["bar"], DecisionKind(named["kind"]).name.lower(), Reason(named["reason"]).name.lower(), named["strategy"],
        named["symbol"], named["direction"], named["quantity"], named["price"], named["amount"], named["commission"],
    )  # fmt: skip


def trade_row(row: Any) -> TradeRow:
    """Return a trade in the words of the reference, the slippage of both sides in one."""
    named = dict(zip(TRADE.names or (), row, strict=True))
    return TradeRow(
        named["strategy"], named["symbol"], named["direction"], named["entry_bar"], named["entry_price"],
        named["entry_notional"], named["entry_commission"], named["exit_bar"], named["exit_price"], named["quantity"],
        named["exit_notional"], named["exit_commission"], named["pnl"], Reason(named["reason"]).name.lower(),
        named["slippage"], 0,
    )  # fmt: skip


def positions_of(table: at.Rows) -> list[PositionRow]:
    """Return what is open."""
    rows = []
    for strategy, symbol in np.argwhere(table.cells[:, :, at.SIDE] != 0).tolist():
        cell = table.cells[strategy, symbol].tolist()
        rows.append(
            PositionRow(
                strategy, symbol, cell[at.SIDE] * cell[at.QUANTITY], cell[at.AVERAGE],
                cell[at.NOTIONAL] + cell[at.COMMISSION], cell[at.NOTIONAL], cell[at.COMMISSION], cell[at.SLIPPAGE],
                cell[at.ENTRY_BAR],
            )
        )  # fmt: skip
    return rows


def differences(found: Outcome, expected: Outcome) -> list[str]:
    """Return the first difference in each field of two outcomes."""
    told = []
    for name in (
        "decisions",
        "trades",
        "equity",
        "gross",
        "reserve",
        "positions",
        "cash",
        "used",
        "allocated",
        "contributed",
    ):
        ours, theirs = getattr(found, name), getattr(expected, name)
        if name == "trades":
            theirs = [
                row._replace(entry_slippage=row.entry_slippage + row.exit_slippage, exit_slippage=0) for row in theirs
            ]
        if ours != theirs:
            places = [place for place, (one, two) in enumerate(zip(ours, theirs, strict=False)) if one != two]
            place = places[0] if places else min(len(ours), len(theirs))
            told.append(f"{name}[{place}]: kernel {ours[place : place + 1]}, reference {theirs[place : place + 1]}")
    for name in ("conflicts_detected", "capital_limit_blocks"):
        if getattr(found, name) != getattr(expected, name):
            told.append(f"{name}: kernel {getattr(found, name)}, reference {getattr(expected, name)}")
    return told
