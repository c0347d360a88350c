"""One run of the kernel: what strategies say made arrays, questions answered, the record kept.

`roster` checks who takes part, `asking` what they say about a panel, `setup` makes the arrays, `driving` calls the
kernel and answers, with `per_bar` for strategies that are asked at every close and `views` for the states that plug-ins
read. `looking_back` tells how many bars before a chunk are needed, `measuring` takes measures of plug-ins. `apart`
keeps strategies from one another, `timing` tells somebody who is being asked, `tampering` finds prices that were
written to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np

from strategy_orchestrator.analysis import FillWatch
from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.engine.apart import kept_apart
from strategy_orchestrator.engine.asking import ask_strategies
from strategy_orchestrator.engine.driving import Drive, Progress, final_sleeves
from strategy_orchestrator.engine.looking_back import lookback_in_chunks
from strategy_orchestrator.engine.roster import Form, Member, roster_of
from strategy_orchestrator.engine.setup import Parts, books_of, capital_units_of, market_of
from strategy_orchestrator.engine.snapshots import Checkpoints, Snapshot, digests_of
from strategy_orchestrator.engine.tampering import PriceMark
from strategy_orchestrator.engine.timing import Stopwatch, Watch, watched
from strategy_orchestrator.errors import Fault, InputError, PluginError, RunError, StrategyError
from strategy_orchestrator.kernel import is_compiled, layout as at, making
from strategy_orchestrator.models.allocation import StrategyAllocation
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import FillPrices, RunRecord, Terms
from strategy_orchestrator.models.states import BacktestState
from strategy_orchestrator.models.streams import Chunk, PanelStream, Prices, chunks_of
from strategy_orchestrator.money import plain

__all__ = [
    "BacktestEngine",
    "Checkpoints",
    "Member",
    "Parts",
    "Progress",
    "Snapshot",
    "Watch",
    "capital_units_of",
    "roster_of",
]


class BacktestEngine:
    """Run strategies over a panel or a stream, once.

    Parameters
    ----------
    panel : Panel or PanelStream
        The prices; a panel is one chunk.
    members : sequence of Member
        The strategies, as `roster_of` makes them.
    config : OrchestratorConfig
        The options; plug-ins that they name are taken from `parts`.
    parts : Parts
        The resolver, and the rebalancer, sizer and cost model if there are any.
    capital_units : int
        Money at the start, quanta.
    watch : Watch, optional
        Told of every question to a strategy where the options limit its time; a stopwatch by default.

    Attributes
    ----------
    initial_allocations : ndarray
        int64, shape (N,), quanta.
    timing : dict
        Seconds by stage: prices of a stream, signals, simulation.

    Raises
    ------
    ConfigError
        If prices come in chunks and somebody does not say on how many bars it looks back.
    OrchestratorError
        As the first chunk, allocations, costs and plug-ins that are asked about it say.
    """

    def __init__(  # what a run is made of, and who looks at the clock
        self,
        panel: Prices,
        members: Sequence[Member],
        config: OrchestratorConfig,
        parts: Parts,
        capital_units: int,
        *,
        watch: Watch | None = None,
    ) -> None:
        self.panel = panel
        self.members = list(members)
        self._watch = watch
        self.config = config
        self.timing = dict.fromkeys(("prices", "signals", "simulation"), 0.0)
        self._parts = parts
        self._capital_units = capital_units
        self._books = books_of(panel, config, parts, members, capital_units)
        self.initial_allocations: IntArray = self._books.sleeves["cash"].copy()
        self._fill_watch: FillWatch | None = None
        self._chunks = chunks_of(panel)
        if isinstance(panel, PanelStream):
            self._fill_watch = FillWatch(panel.n_bars, config)
            self._chunks = panel.chunks(lookback_in_chunks(members, parts), self._held)
        self._chunk = self._next_chunk()
        self._market, self._terms = market_of(self._chunk, config, parts)
        making.write_terms(self._books, *self._terms.T)
        self._apart: list[Member] = []
        self._drive: Drive | None = None

    def run(self, progress: Progress | None = None, checkpoints: Checkpoints | None = None) -> RunRecord:
        """Ask the vectorized strategies, then run all bars, chunk by chunk.

        Parameters
        ----------
        checkpoints : Checkpoints, optional
            Where snapshots are kept, and one may wait to be gone on from. Where anybody is asked between the bars the
            run begins at its beginning all the same, for what they remember is in no snapshot; its books must then be
            those of the snapshot when it comes by.

        Raises
        ------
        OrchestratorError
            As strategies, plug-ins and amounts cause it; `record` has what there was. `RunError` also if a run comes by
            its snapshot with other books.
        """
        if checkpoints is not None and self._fill_watch is not None:
            problem = "a run over prices that are streamed cannot be gone on with"
            raise InputError(Fault("checkpoints", problem, "Leave them out, or load the prices whole"))
        if self.config.on_strategy_error == "stop":
            return self._run(self._timed(self.members), progress, checkpoints)
        self._apart, streams = kept_apart(self.members, self._chunk.panel, self.config.seed)
        try:
            return self._run(self._timed(self._apart), progress, checkpoints)
        finally:
            streams.put_back()

    @property
    def _most_threads(self) -> int | None:
        # Random numbers of a process, and whoever looks at the clock, attend to one strategy at a time.
        is_free = self.config.on_strategy_error == "stop" and self.config.strategy_time_limit is None
        return None if is_free else 1

    def _timed(self, members: list[Member]) -> list[Member]:
        limit = self.config.strategy_time_limit
        return members if limit is None else watched(members, self._watch or Stopwatch(limit))

    def _run(self, members: list[Member], progress: Progress | None, checkpoints: Checkpoints | None) -> RunRecord:
        stops = self.config.on_strategy_error == "stop"
        self._drive = drive = Drive(self.panel, members, self._parts, self._books, stops=stops)
        while True:
            mark = PriceMark(self._chunk.panel) if stops else None
            try:
                self._run_chunk(drive, members, mark, progress, checkpoints)
            finally:
                # Whatever went wrong, it did because of this.
                if mark is not None:
                    mark.check()
            if self._chunk.end == self.panel.n_bars:
                return self.record
            self._chunk = self._next_chunk()
            for member in self._apart:
                member.strategy.enter(self._chunk.panel)
            self._market = self._market_of_chunk()

    def _held(self) -> IntArray:
        # What the closing of a position costs may depend on the bars of a symbol that has had none for long.
        return np.flatnonzero((self._books.cells["side"] != 0).any(axis=0))

    def _next_chunk(self) -> Chunk:
        started = perf_counter()
        chunk = next(self._chunks)
        self.timing["prices"] += perf_counter() - started
        return chunk

    def _market_of_chunk(self) -> at.Market:
        market, terms = market_of(self._chunk, self.config, self._parts)
        if not np.array_equal(terms, self._terms):
            problem = f"its commissions change at bar {self._chunk.first_bar}; those of a symbol hold for the whole run"
            raise PluginError(Fault(self._parts.cost_model_where, problem, "Correct it, or run without streaming"))
        return market

    def _run_chunk(
        self,
        drive: Drive,
        members: list[Member],
        mark: PriceMark | None,
        progress: Progress | None,
        checkpoints: Checkpoints | None,
    ) -> None:
        started = perf_counter()
        intents, failed = self._intents(members)
        digests = {}
        if checkpoints is not None:
            digests = digests_of(self._chunk.panel, self.config, self._books, self._market, intents)
        drive.enter(self._chunk, self._market, intents)
        self.timing["signals"] += perf_counter() - started
        for place, error in failed.items():
            drive.condemn(place, error)
        if checkpoints is not None:
            progress = _keeping(drive, checkpoints, digests, progress)
        started = perf_counter()
        if mark is not None and not drive.asks_on_the_way:
            mark.look()
        drive.run(progress)
        self.timing["simulation"] += perf_counter() - started
        if self._fill_watch is not None:
            self._fill_watch.take(self._chunk, drive.decisions_of_chunk())

    def _intents(self, members: Sequence[Member]) -> tuple[at.Intents, dict[int, StrategyError]]:
        chunk = self._chunk
        shape = chunk.n_bars, chunk.panel.n_symbols
        n_weighted = sum(member.form is Form.WEIGHTS for member in members)
        weights = np.full((shape[0], n_weighted, shape[1]), at.NO_WEIGHT, np.int64)
        intents = making.new_intents(shape[0], len(members), weights)
        codes, weighted = making.codes_of(intents, len(members), shape[1]), iter(range(n_weighted))
        failed = {}
        asked = [
            (place, member)
            for place, member in enumerate(members)
            # Who has failed is not asked again.
            if member.form is not Form.PER_BAR and member.strategy_id not in self.failures
        ]
        found = ask_strategies([member for _, member in asked], chunk.panel, most_threads=self._most_threads)
        answers = {place: answer for (place, _), answer in zip(asked, found, strict=True)}
        for place, member in enumerate(members):
            answer = answers.get(place)
            if isinstance(answer, StrategyError):
                failed[place], answer = answer, None
            column = next(weighted) if member.form is Form.WEIGHTS else -1
            if answer is None:
                continue
            own = answer[chunk.n_before :]
            if column < 0:
                codes[:, place] = own
            else:
                weights[:, column] = own
                codes[:, place] = (own != at.NO_WEIGHT) * np.int8(at.WEIGHT_BIT)
        return intents, failed

    @staticmethod
    def is_compiled() -> bool:
        """Tell whether the kernel can run at once; else the first run compiles it, which takes some seconds."""
        return is_compiled()

    @property
    def failures(self) -> Mapping[str, StrategyError]:
        """By strategy id, the errors of strategies that were quarantined."""
        return {} if self._drive is None else self._drive.failures

    @property
    def aggregate_state(self) -> BacktestState:
        """The whole where the run stands."""
        assert self._drive is not None  # noqa: S101  # asked for by who has run it
        return self._drive.viewer.whole(self._drive.bar - 1)

    @property
    def allocations(self) -> dict[str, StrategyAllocation]:
        """The capital of every sleeve that has some, where the run stands."""
        assert self._drive is not None  # noqa: S101  # asked for by who has run it
        return self._drive.viewer.allocations()

    @property
    def record(self) -> RunRecord:
        """All that was decided and booked so far."""
        drive = self._drive
        assert drive is not None  # noqa: S101  # asked for by who has run it
        run, curves = self._books.run[0], drive.curves_so_far()
        return RunRecord(
            panel=self.panel,
            strategy_ids=tuple(member.strategy_id for member in self.members),
            weights=tuple(plain(member.weight) for member in self.members),
            initial_capital=self._capital_units,
            initial_allocations=self.initial_allocations,
            equity=curves.equity,
            gross=curves.gross,
            reserve=curves.reserve,
            trades=drive.trades(),
            decisions=drive.decisions(),
            sleeves=final_sleeves(self._books),
            n_conflicts=int(run["n_conflicts"]),
            n_blocks=int(run["n_blocks"]),
            n_bars=drive.bar,
            fill_prices=self._fill_prices,
            notes={"conflict_resolution_mode": str(self.config.resolved()["conflict_resolution_mode"])},
            terms=self._record_terms(),
        )

    def _record_terms(self) -> Terms | None:
        # Slippage by bar is as large as the prices, and what is streamed is not kept.
        slippage = self._market.slippage
        if self._fill_watch is not None and len(slippage) > 1:
            return None
        lots, per_trade, per_share, per_notional = self._terms.T.copy()
        return Terms(lots, per_trade, per_share, per_notional, slippage)

    @property
    def _fill_prices(self) -> FillPrices | None:
        drive, watch = self._drive, self._fill_watch
        is_complete = drive is not None and drive.bar == self.panel.n_bars
        return watch.prices() if watch is not None and is_complete else None

    @property
    def has_begun(self) -> bool:
        """Whether there is a record."""
        return self._drive is not None


def _keeping(drive: Drive, checkpoints: Checkpoints, digests: Mapping[str, str], progress: Progress | None) -> Progress:
    # Goes on from the last snapshot, or comes by it, and has more taken between the bars.
    last, is_asked = checkpoints.last(digests), drive.asks_on_the_way
    if last is not None and not is_asked:
        drive.restore(last)

    def tell(done: int, total: int) -> None:
        if is_asked and last is not None and done == last.bar and not drive.snapshot().equals(last):
            problem = f"the run that was cut short had other books after {done} bars"
            remedy = "A strategy or plug-in does not repeat what it said; run without --resume"
            raise RunError(Fault("resume", problem, remedy))
        if done < total and (last is None or done > last.bar):
            checkpoints.keep(digests, drive.snapshot)
        if progress is not None:
            progress(done, total)

    return tell
