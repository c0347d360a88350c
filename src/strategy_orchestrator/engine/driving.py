"""The driver: calls the kernel, answers when it pauses, and keeps the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.arrays import FloatArray, sealed
from strategy_orchestrator.clock import to_text
from strategy_orchestrator.engine.asking import ask_proposal
from strategy_orchestrator.engine.per_bar import BarByBar
from strategy_orchestrator.engine.roster import Member
from strategy_orchestrator.engine.rows import Rows
from strategy_orchestrator.engine.setup import Parts
from strategy_orchestrator.engine.snapshots import BUFFERS, Snapshot
from strategy_orchestrator.engine.views import Viewer
from strategy_orchestrator.errors import (
    Fault,
    InputError,
    InvariantError,
    OrchestratorError,
    PluginError,
    RunError,
    StrategyError,
)
from strategy_orchestrator.hooks.guard import guarded, shown
from strategy_orchestrator.kernel import layout as at, loop_over, making
from strategy_orchestrator.kernel.status import BROKEN, FAULTS, Status
from strategy_orchestrator.models.records import DecisionKind
from strategy_orchestrator.models.signals import Signal
from strategy_orchestrator.models.streams import Chunk, Prices
from strategy_orchestrator.money import plain, to_decimal

Progress = Callable[[int, int], None]
"""Told the number of bars done and of all bars."""

_BAR: Final = (at.RUN.names or ()).index("bar")
_IS_ANSWERED: Final = (at.RUN.names or ()).index("is_answered")
_AT_SYMBOL: Final = (at.RUN.names or ()).index("at_symbol")
_IS_ALIVE: Final = (at.SIGNAL.names or ()).index("is_alive")
# What the user wrote wrong in its options is the user's to mend, though a plug-in finds it late.
_PASSING: Final = (KeyboardInterrupt, InputError)
# Cells of work between two looks at the outside world: signals of the user, progress.
_CELLS_AT_ONCE: Final = 20_000_000


class Drive:
    """One run on its way through the kernel.

    Parameters
    ----------
    books : Books
        As `kernel.layout` says.
    stops : bool
        Whether an error of a strategy ends the run; else its sleeve is closed.

    Attributes
    ----------
    curves : Curves
        Of the whole run, not defined behind its last bar; `state` has the part of the chunk.
    failures : dict
        By strategy id, the errors of strategies that were quarantined.
    """

    def __init__(self, panel: Prices, members: Sequence[Member], parts: Parts, books: at.Books, *, stops: bool) -> None:
        self.curves = making.new_curves(panel.n_bars, len(members))
        self.state = at.State(books, self.curves)
        self.failures: dict[str, StrategyError] = {}
        self.viewer = Viewer(panel, members, books)
        self._panel = panel
        self._members = list(members)
        self._parts = parts
        self._stops = stops
        self._per_bar = BarByBar(panel, members, self.viewer)
        # One number at a time is read and written in a third of the time that an array takes.
        self._run: Any = making.words_of(books.run)[0].data
        self._signals: Any = making.words_of(books.signals).data
        self._first = self._end = 0
        self._curves = self.curves
        self._loop: Any = None  # over the state, while there is a chunk
        self._decisions, self._trades = Rows(books.decisions), Rows(books.trades)
        self._flows = np.zeros(self.curves.equity.shape, np.int64)  # of pages that come when they are written to

    def enter(self, chunk: Chunk, market: at.Market, intents: at.Intents) -> None:
        """Go on with the next chunk; what the kernel reads of it is cut to its bars."""
        self._first, self._end = chunk.first_bar, chunk.end
        self._curves = at.Curves(*(curve[chunk.first_bar : chunk.end] for curve in self.curves))
        self._drain()
        # A signal mostly becomes an order and a fill, and two of them a trade.
        n_signals = int(np.count_nonzero(intents.codes))
        self._decisions.reserve(3 * n_signals)
        self._trades.reserve(n_signals)
        self.state = at.State(self._books(), self._curves)
        self.state.books.run["first_bar"] = chunk.first_bar
        self._market, self._intents = market, intents
        self._codes = making.codes_of(intents, len(self._members), self._panel.n_symbols)
        self._per_bar.enter(chunk)

    @property
    def bar(self) -> int:
        """Bars that were completed, which is the index of the current one."""
        return int(self._run[_BAR])

    def condemn(self, strategy: int, error: StrategyError) -> None:
        """Quarantine a strategy at its next close, or end the run, as the options say.

        Raises
        ------
        StrategyError
            If an error of a strategy ends the run.
        """
        if self._stops:
            raise error
        self.failures.setdefault(self._members[strategy].strategy_id, error)
        self.state.books.strategies["is_condemned"][strategy] = 1

    def run(self, progress: Progress | None) -> None:
        """Run to the last bar of the chunk.

        Raises
        ------
        OrchestratorError
            As plug-ins and strategies cause it; `RunError` for amounts beyond what a ledger holds.
        """
        n_bars, cells = self._panel.n_bars, len(self._members) * self._panel.n_symbols
        step = max(1, _CELLS_AT_ONCE // cells)
        if progress is not None:
            step = min(step, max(1, n_bars // 100))
        self._loop = loop_over(self.state, self._market, self._intents)
        while self.bar < self._end:
            self._until(min(self.bar + step, self._end))
            if progress is not None:
                progress(self.bar, n_bars)
        self._per_bar.check()
        self._drain(is_last=self._end == n_bars)

    @property
    def asks_on_the_way(self) -> bool:
        """Whether strategies, resolvers or rebalancers are asked between the bars, and may remember what they said."""
        run = self.state.books.run[0]
        return bool(
            run["asks"]
            or run["resolution"] == at.ASK_RESOLVER
            or run["rebalances"] == at.ASK_REBALANCER
            or self.state.books.strategies["sizes"].any()
        )

    def snapshot(self) -> Snapshot:
        """Return where the run stands, between two bars; it shares nothing with the run."""
        self._drain()
        books, curves, bar = self.state.books, self.state.curves, self.bar
        arrays = {name: getattr(books, name).copy() for name in books._fields if name not in BUFFERS}
        arrays |= {name: getattr(curves, name)[:bar].copy() for name in curves._fields}
        return Snapshot(bar, {**arrays, "decisions": self.decisions(), "trades": self.trades()})

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from where another run of the same arrays stood."""
        books, curves = self.state.books, self.state.curves
        for name in books._fields:
            if name not in BUFFERS:
                getattr(books, name)[...] = snapshot.arrays[name]
        for name in curves._fields:
            getattr(curves, name)[: snapshot.bar] = snapshot.arrays[name]
        self._decisions.restore(snapshot.arrays["decisions"])
        self._trades.restore(snapshot.arrays["trades"])

    def _until(self, bar: int) -> None:
        while (status := self._loop(bar)) != Status.DONE:
            answer = _ANSWERS.get(status)
            if answer is None:
                raise self._fault(Status(status))
            answer(self)

    def curves_so_far(self) -> at.Curves:
        """Return the curves of the whole run; before its end, copies that are zero behind the bar where it stands."""
        bar = self.bar
        if bar == self._panel.n_bars:
            return self.curves
        copies = at.Curves(*map(np.zeros_like, self.curves))
        for copy, curve in zip(copies, self.curves, strict=True):
            copy[:bar] = curve[:bar]
        return copies

    def decisions(self) -> NDArray[Any]:
        """Return all decisions so far."""
        self._drain()
        return self._decisions.all()

    def decisions_of_chunk(self) -> NDArray[Any]:
        """Return the decisions since this was last asked for, or since the beginning."""
        self._drain()
        return self._decisions.fresh()

    def trades(self) -> NDArray[Any]:
        """Return all trades so far."""
        self._drain()
        return self._trades.all()

    def _drain(self, *, is_last: bool = False) -> None:
        run = self.state.books.run[0]
        n_decisions, n_trades = int(run["n_decisions"]), int(run["n_trades"])
        if n_decisions:
            rows = self._decisions.take(n_decisions, is_last=is_last)
            if self._parts.rebalancer is not None:
                self._note_flows(rows)
        if n_trades:
            self._trades.take(n_trades, is_last=is_last)
        run["n_decisions"] = run["n_trades"] = 0
        books = self.state.books
        if books.decisions is not self._decisions.buffer or books.trades is not self._trades.buffer:
            self.state = at.State(self._books(), self._curves)
            if self._loop is not None:
                self._loop = loop_over(self.state, self._market, self._intents)

    def _books(self) -> at.Books:
        return self.state.books._replace(decisions=self._decisions.buffer, trades=self._trades.buffer)

    def _ask_strategies(self) -> None:
        bar = self._run[_BAR]
        failed = self._per_bar.ask(bar, self._codes[bar - self._first])
        if failed:
            for place, error in failed.items():
                self.condemn(place, error)
        self._run[_IS_ANSWERED] = 1

    def _answered(self) -> None:
        self._run[_IS_ANSWERED] = 1

    def _ask_resolver(self) -> None:
        bar, symbol = self._run[_BAR], self._run[_AT_SYMBOL]
        places, signals = self.viewer.signals_on(symbol, bar)
        state = self.viewer.state(bar, signals)
        resolver, name = self._parts.resolver, self._panel.symbols[symbol]

        def where() -> str:
            return f"{self._parts.resolver_where}, {name!r}, {self._moment(bar)}"

        def asked() -> list[Any]:
            return list(resolver.resolve(name, signals, state))

        kept = guarded(asked, lambda: f"{where()}, resolve", passing=_PASSING)
        self.viewer.give_back()
        is_dropped = [True] * len(signals)
        for item in kept:
            order = _order_of(item, signals)
            if order is None:
                problem = f"it returned {shown(item)}, which is none of the {len(signals)} signals it was given"
                raise PluginError(Fault(where(), problem, "Return a subset of the signals"))
            if not is_dropped[order]:
                times = [_order_of(each, signals) for each in kept].count(order)
                problem = f"it returned the signal of {item.strategy_id!r} {times} times"
                raise PluginError(Fault(where(), problem, "Return each signal that survives once"))
            is_dropped[order] = False
        for place in compress(places, is_dropped):
            self._signals[place, _IS_ALIVE] = 0
        self._answered()

    def _ask_rebalancer(self) -> None:
        bar = self.bar
        state = self.viewer.state(bar, returns=self._returns(bar))
        where = f"{self._parts.rebalancer_where}, {self._moment(bar)}"
        proposed = ask_proposal(self._parts.rebalancer, state, where)
        self.viewer.give_back()
        for place, name in enumerate(self.viewer.ids):
            self.state.books.strategies["proposal"][place] = proposed.get(name, 0)
        self._answered()

    def _returns(self, bar: int) -> FloatArray:
        # Of the sleeves that still trade, from close to close; money moved into a sleeve at a bar is no return of it.
        self._drain()
        active = self.viewer.active()
        equity = self.curves.equity[: bar + 1, active].astype(np.float64)
        equity[bar] = self.state.books.sleeves["equity"][active]
        before = equity[:-1]
        earned = equity[1:] - self._flows[1 : bar + 1, active] - before
        return sealed(np.divide(earned, before, out=np.full_like(earned, np.nan), where=before > 0))

    def _note_flows(self, rows: NDArray[Any]) -> None:
        kinds = rows["kind"]
        moved = rows[((kinds == DecisionKind.TRANSFER) | (kinds == DecisionKind.SWEEP)) & (rows["strategy"] >= 0)]
        signs = np.where(moved["kind"] == DecisionKind.SWEEP, -1, 1)
        np.add.at(self._flows, (moved["bar"], moved["strategy"]), moved["amount"] * signs)

    def _ask_size(self) -> None:
        run, bar = self.state.books.run[0], self.bar
        place, symbol = int(run["at_strategy"]), int(run["at_symbol"])
        budget, price = int(run["at_amount"]), int(run["at_price"])
        run["answer"] = 0
        try:
            run["answer"] = self._per_bar.size(self._members[place], symbol, bar, budget, price)
        except StrategyError as error:
            self.condemn(place, error)
        self._answered()

    def _moment(self, bar: int) -> str:
        return f"{to_text(int(self._panel.timestamps_ns[bar]))} (bar {bar})"

    def _fault(self, status: Status) -> OrchestratorError:
        run = self.state.books.run[0]
        strategy, symbol = int(run["at_strategy"]), int(run["at_symbol"])
        owner = f"strategy {self.viewer.ids[strategy]!r}, " if strategy >= 0 else ""
        owner += f"{self._panel.symbols[symbol]!r}, " if symbol >= 0 else ""
        where = f"{owner}{self._moment(self.bar)}"
        if status in FAULTS:
            return RunError(Fault(where, FAULTS[status], "Scale prices, quantities and capital down"))
        amounts = {
            "found": plain(to_decimal(int(run["at_price"]))),
            "expected": plain(to_decimal(int(run["at_amount"]))),
        }
        return InvariantError(Fault(where, f"{BROKEN[status].format(**amounts)}; this is our defect", "Report it"))


# By function, not by bound method: a run that refers to itself would keep its arrays until the collector comes by.
_ANSWERS: Final[dict[int, Callable[[Drive], None]]] = {
    Status.BUFFER_FULL: Drive._drain,  # noqa: SLF001  # its own
    Status.ASK_STRATEGIES: Drive._ask_strategies,  # noqa: SLF001
    Status.ASK_RESOLVER: Drive._ask_resolver,  # noqa: SLF001
    Status.ASK_REBALANCER: Drive._ask_rebalancer,  # noqa: SLF001
    Status.ASK_SIZE: Drive._ask_size,  # noqa: SLF001
}


def _order_of(item: Any, signals: Sequence[Signal]) -> int | None:
    for order, signal in enumerate(signals):
        if signal is item:
            return order
    # A copy will do. An array compares with anything, and answers with neither yes nor no.
    return signals.index(item) if isinstance(item, Signal) and item in signals else None


def final_sleeves(books: at.Books) -> NDArray[Any]:
    """Return the ledgers as the record keeps them."""
    names = ("cash", "used", "allocated", "contributed")
    sleeves = np.zeros(len(books.sleeves), [(name, np.int64) for name in names])
    for name in names:
        sleeves[name] = (books.strategies if name == "contributed" else books.sleeves)[name]
    return sleeves
