"""Run the worlds of the reference simulator through the kernel, and give back what it gives back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.kernel import layout as at, loop_over, making
from strategy_orchestrator.kernel.status import Status
from strategy_orchestrator.models.records import DECISION, TRADE, DecisionKind, Reason
from strategy_orchestrator.money import FRACTION_SCALE, WEIGHT_SCALE
from tests.reference.world import Decision, Outcome, PositionRow, Rebalance, StrategySpec, TradeRow, World

RESOLUTIONS = {"FIRST_WINS": at.FIRST_WINS, "NET_SIGNAL": at.NET_SIGNAL, "CANCEL_BOTH": at.CANCEL_BOTH}
QUESTIONS = {
    Status.BUFFER_FULL, Status.ASK_STRATEGIES, Status.ASK_RESOLVER, Status.ASK_REBALANCER, Status.ASK_SIZE,
}  # fmt: skip


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
    weighted = places_of_weights(world)
    weights = np.full((world.n_bars, len(weighted), world.n_symbols), at.NO_WEIGHT, np.int64)
    intents = making.new_intents(world.n_bars, len(world.strategies), weights)
    codes = making.codes_of(intents, len(world.strategies), world.n_symbols)
    for place, spec in enumerate(world.strategies):
        write_wishes(spec, codes[:, place], weights[:, weighted.index(place)] if place in weighted else None)
    return intents


def places_of_weights(world: World) -> list[int]:
    """Return which strategies are of the form of weights."""
    return [place for place, spec in enumerate(world.strategies) if spec.form == "weights"]


def write_rules(world: World, books: at.Books) -> None:
    """Write the rules of the strategies and the terms of the symbols."""
    scale = math.lcm(*(spec.weight.denominator for spec in world.strategies))
    weighted = places_of_weights(world)
    for place, (spec, row) in enumerate(zip(world.strategies, books.strategies, strict=True)):
        row["weight"] = steps(spec.weight, WEIGHT_SCALE)
        row["votes"] = int(spec.weight * scale)
        row["warmup"] = spec.warmup_bars
        row["stop_loss"] = steps(spec.stop_loss or Fraction(0), FRACTION_SCALE)
        row["take_profit"] = steps(spec.take_profit or Fraction(0), FRACTION_SCALE)
        row["trailing_stop"] = steps(spec.trailing_stop or Fraction(0), FRACTION_SCALE)
        row["max_holding"] = spec.max_holding_bars or 0
        row["weights_place"] = weighted.index(place) if place in weighted else -1
        row["contributed"] = int(spec.weight * world.capital // 1)
    for name in ("cash", "allocated", "equity"):
        books.sleeves[name] = books.strategies["contributed"]
    trade, share, rate = world.commission_per_trade, world.commission_per_share, world.commission_pct
    # Money a share, times millionths of a share, is millionths of money.
    shares = [steps(each, 10**6) for each in spread(share, world.n_symbols)]
    rates = [steps(each, FRACTION_SCALE) for each in spread(rate, world.n_symbols)]
    making.write_terms(books, *(np.array(each, np.int64) for each in (world.lots, trade, shares, rates)))


def write_wishes(spec: StrategySpec, codes: Any, weights: IntArray | None) -> None:
    """Write what one strategy wants."""
    if weights is not None:
        assert spec.weights is not None
        for bar, row in enumerate(spec.weights):
            weights[bar] = [at.NO_WEIGHT if each is None else steps(each, WEIGHT_SCALE) for each in row]
        codes[weights != at.NO_WEIGHT] = at.WEIGHT_BIT
        return
    bits = (at.ENTRY_BIT, at.EXIT_BIT, at.SHORT_ENTRY_BIT, at.SHORT_EXIT_BIT)
    for bit, name in zip(bits, ("entries", "exits", "short_entries", "short_exits"), strict=True):
        marks = getattr(spec, name)
        if marks is not None:
            codes[np.array(marks, np.bool_)] |= bit


def books_of(world: World) -> at.Books:
    """Return the books of a world before its first bar."""
    books = making.new_books(len(world.strategies), world.n_symbols)
    write_rules(world, books)
    run, mode, rule = books.run[0], world.resolution, world.rebalance
    run["n_bars"], run["capital"] = world.n_bars, world.capital
    run["fills_at_close"] = world.fill_at == "close"
    run["stage"] = at.STAGE_PROTECT if world.fill_at == "close" else at.STAGE_TARGETS
    run["sweeps"] = world.profit_policy == "sweep"
    run["closes_at_end"] = world.close_at_end
    run["resolution"] = RESOLUTIONS[mode] if isinstance(mode, str) else at.ASK_RESOLVER
    is_asked = isinstance(rule, Rebalance)
    run["rebalances"] = at.NEVER if rule is None else at.ASK_REBALANCER if is_asked else at.TO_WEIGHTS
    threshold = rule.threshold if isinstance(rule, Rebalance) else rule
    run["threshold"] = -1 if threshold is None else steps(threshold, WEIGHT_SCALE)
    run["asks"] = any(spec.quarantine_at is not None for spec in world.strategies)
    run["reserve"] = world.capital - int(books.sleeves["cash"].sum())
    return books


@dataclass
class KernelRun:
    """One world on its way through the kernel.

    Attributes
    ----------
    chunk : int
        Bars that are handed to the kernel at once.
    pause : callable, optional
        Told the books at every stop; may return another one to go on with.
    new_books : callable
        Makes the books of the world.
    size : callable, optional
        Makes every strategy of signals size its entries: (strategy, symbol, price, budget) -> quantity.
    stops : list of Status
        Why the kernel stopped, each time.
    """

    world: World
    chunk: int = 10**9
    pause: Callable[[at.Books], at.Books] | None = None
    new_books: Callable[[World], at.Books] = books_of
    size: Callable[[int, int, int, int], int] | None = None
    stops: list[Status] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    trades: list[Any] = field(default_factory=list)
    curves: list[at.Curves] = field(default_factory=list)

    def go(self) -> tuple[Status, at.Books]:
        """Run to the end or to a fault."""
        market, intents = market_of(self.world), intents_of(self.world)
        books = self.new_books(self.world)
        books.strategies["sizes"] = self.size is not None
        first, status = 0, Status.DONE
        while first < self.world.n_bars and status == Status.DONE:
            last = min(first + self.chunk, self.world.n_bars)
            books.run["first_bar"] = first
            state = at.State(books, making.new_curves(last - first, len(self.world.strategies)))
            status, books = self._chunk(state, cut_market(market, first, last), cut_intents(intents, first, last), last)
            self.curves.append(state.curves)
            first = last
        self._drain(books)
        return status, books

    def _chunk(self, state: at.State, market: at.Market, intents: at.Intents, until: int) -> tuple[Status, at.Books]:
        while True:
            status = Status(loop_over(state, market, intents)(until))
            self.stops.append(status)
            if self.pause is not None:
                state = at.State(self.pause(state.books), state.curves)
            if status not in QUESTIONS:
                return status, state.books
            self._answer(status, state.books)

    def _answer(self, status: Status, books: at.Books) -> None:
        if status == Status.BUFFER_FULL:
            self._drain(books)
            return
        bar = int(books.run["bar"][0])
        if status == Status.ASK_STRATEGIES:
            for place, spec in enumerate(self.world.strategies):
                books.strategies["is_condemned"][place] = spec.quarantine_at == bar
        elif status == Status.ASK_RESOLVER:
            self._resolve(books, bar)
        elif status == Status.ASK_REBALANCER:
            self._propose(books, bar)
        else:
            assert status == Status.ASK_SIZE
            assert self.size is not None
            question = books.run[["at_strategy", "at_symbol", "at_price", "at_amount"]][0].item()
            books.run["answer"] = self.size(*question)
        books.run["is_answered"] = 1

    def _resolve(self, books: at.Books, bar: int) -> None:
        symbol = int(books.run["at_symbol"][0])
        rivals = []
        place = int(books.symbols["first_rival"][symbol])
        while place >= 0:
            signal = books.signals[place]
            rivals.append((place, int(signal["strategy"]), int(signal["direction"])))
            place = int(signal["next_rival"])
        assert callable(self.world.resolution)
        kept = self.world.resolution(bar, symbol, [rival[1:] for rival in rivals])
        for place, strategy, _ in rivals:
            books.signals["is_alive"][place] = strategy in kept

    def _propose(self, books: at.Books, bar: int) -> None:
        assert isinstance(self.world.rebalance, Rebalance)
        marks = books.sleeves["equity"].tolist()
        proposed = self.world.rebalance.propose(bar, marks, int(books.run["reserve"][0]))
        books.strategies["proposal"] = [steps(each, WEIGHT_SCALE) for each in proposed]

    def _drain(self, books: at.Books) -> None:
        run = books.run[0]
        self.rows += books.decisions[: run["n_decisions"]].tolist()
        self.trades += books.trades[: run["n_trades"]].tolist()
        run["n_decisions"] = run["n_trades"] = 0


def cut_market(market: at.Market, first: int, last: int) -> at.Market:
    """Return some bars of a market."""
    parts = {name: getattr(market, name) for name in market._fields}
    for name, array in parts.items():
        if array.shape[0] > 1:
            parts[name] = np.ascontiguousarray(array[first:last])
    return at.Market(**parts)


def cut_intents(intents: at.Intents, first: int, last: int) -> at.Intents:
    """Return some bars of the intents."""
    words, weights = (np.ascontiguousarray(array[first:last]) for array in (intents.words, intents.weights))
    return at.Intents(words.view(np.int8), words, weights)


def smallest_books(world: World) -> at.Books:
    """Return books with buffers that hold no more than one step of a stage can write."""
    books = books_of(world)
    n_decisions, n_trades = int(books.run["room"][0]) + 1, world.n_symbols + 1
    return books._replace(decisions=books.decisions[:n_decisions].copy(), trades=books.trades[:n_trades].copy())


def kernel_outcome(world: World, **how: Any) -> Any:
    """Run a world through the kernel, as the fields of `KernelRun` say.

    Returns
    -------
    Outcome or Status
        What the reference gives, but for `largest`; the status when the kernel refuses an amount.
    """
    run = KernelRun(world, **how)
    status, books = run.go()
    if status != Status.DONE:
        return status
    equity, gross, reserve = (np.concatenate(parts) for parts in zip(*run.curves, strict=True))
    sleeves = books.sleeves
    return Outcome(
        equity=equity.tolist(),
        gross=gross.tolist(),
        reserve=reserve.tolist(),
        cash=sleeves["cash"].tolist(),
        used=sleeves["used"].tolist(),
        allocated=sleeves["allocated"].tolist(),
        contributed=books.strategies["contributed"].tolist(),
        positions=positions_of(books),
        trades=[trade_row(row) for row in run.trades],
        decisions=[decision_row(row) for row in run.rows],
        conflicts_detected=int(books.run["n_conflicts"][0]),
        capital_limit_blocks=int(books.run["n_blocks"][0]),
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


def positions_of(books: at.Books) -> list[PositionRow]:
    """Return what is open."""
    rows = []
    for strategy, symbol in np.argwhere(books.cells["side"] != 0).tolist():
        cell = dict(zip(at.CELL.names or (), books.cells[strategy, symbol].item(), strict=True))
        rows.append(
            PositionRow(
                strategy, symbol, cell["side"] * cell["quantity"], cell["average"],
                cell["notional"] + cell["commission"], cell["notional"], cell["commission"], cell["slippage"],
                cell["entry_bar"],
            )
        )  # fmt: skip
    return rows


_COUNTS = ("conflicts_detected", "capital_limit_blocks")


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
    counts = [(name, getattr(found, name), getattr(expected, name)) for name in _COUNTS]
    return told + [f"{name}: kernel {ours}, reference {theirs}" for name, ours, theirs in counts if ours != theirs]
