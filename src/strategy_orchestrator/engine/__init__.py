"""One run of the kernel: what strategies say made arrays, questions answered, the record kept.

`roster` checks who takes part, `asking` what they say about the whole panel, `setup` makes the arrays, `driving` calls
the kernel and answers, with `per_bar` for strategies that are asked at every close and `views` for the states that
plug-ins read. `measuring` takes measures of plug-ins. `apart` keeps strategies from one another, `timing` tells
somebody who is being asked, `tampering` finds prices that were written to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.engine.apart import kept_apart
from strategy_orchestrator.engine.asking import ask_strategies
from strategy_orchestrator.engine.driving import Drive, Progress, final_sleeves, stacked
from strategy_orchestrator.engine.roster import Form, Member, roster_of
from strategy_orchestrator.engine.setup import Parts, books_of, capital_units_of, market_of
from strategy_orchestrator.engine.snapshots import Checkpoints, Snapshot, digests_of
from strategy_orchestrator.engine.tampering import PriceMark
from strategy_orchestrator.engine.timing import Stopwatch, Watch, watched
from strategy_orchestrator.errors import Fault, RunError, StrategyError
from strategy_orchestrator.kernel import is_compiled, layout as at
from strategy_orchestrator.models.allocation import StrategyAllocation
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import RunRecord, Terms
from strategy_orchestrator.models.states import BacktestState
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
    """Run strategies over a panel, once.

    Parameters
    ----------
    panel : Panel
        The prices.
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
        Seconds by stage: signals, simulation.

    Raises
    ------
    OrchestratorError
        As allocations, costs and plug-ins that are asked about the panel say.
    """

    def __init__(  # what a run is made of, and who looks at the clock
        self,
        panel: Panel,
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
        self.timing: dict[str, float] = {}
        self._parts = parts
        self._capital_units = capital_units
        self._books = books_of(panel, config, parts, members, capital_units)
        self.initial_allocations: IntArray = self._books.strategies["cash"].copy()
        self._market, terms = market_of(panel, config, parts)
        lots, per_trade, per_share, per_notional = terms.T.copy()
        self._terms = Terms(lots, per_trade, per_share, per_notional, self._market.slippage)
        for name in ("lot", "per_trade", "per_share", "per_notional"):
            self._books.symbols[name] = getattr(self._terms, name)
        self._drive: Drive | None = None

    def run(self, progress: Progress | None = None, checkpoints: Checkpoints | None = None) -> RunRecord:
        """Ask the vectorized strategies, then run all bars.

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
        if self.config.on_strategy_error == "stop":
            mark = PriceMark.of(self.panel)
            try:
                return self._run(self._timed(self.members), progress, checkpoints)
            finally:
                # Whatever went wrong, it did because of this.
                mark.check()
        members, streams = kept_apart(self.members, self.panel, self.config.seed)
        try:
            return self._run(self._timed(members), progress, checkpoints)
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
        started = perf_counter()
        intents, failed = self._intents(members)
        digests = {}
        if checkpoints is not None:
            digests = digests_of(self.panel, self.config, self._books, self._market, intents)
        state = at.State(self._books, at.new_curves(self.panel.n_bars, len(self.members)))
        stops = self.config.on_strategy_error == "stop"
        self._drive = Drive(self.panel, members, self._parts, state, self._market, intents, stops=stops)
        self.timing["signals"] = perf_counter() - started
        for place, error in failed.items():
            self._drive.condemn(place, error)
        if checkpoints is not None:
            progress = _keeping(self._drive, checkpoints, digests, progress)
        started = perf_counter()
        self._drive.run(progress)
        self.timing["simulation"] = perf_counter() - started
        return self.record

    def _intents(self, members: Sequence[Member]) -> tuple[at.Intents, dict[int, StrategyError]]:
        codes = np.zeros((self.panel.n_bars, len(members), self.panel.n_symbols), np.int8)
        weights: list[IntArray] = []
        failed = {}
        asked = [(place, member) for place, member in enumerate(members) if member.form is not Form.PER_BAR]
        answers = ask_strategies([member for _, member in asked], self.panel, most_threads=self._most_threads)
        for (place, member), answer in zip(asked, answers, strict=True):
            if isinstance(answer, StrategyError):
                failed[place] = answer
            if member.form is Form.WEIGHTS:
                weights.append(self._silence() if isinstance(answer, StrategyError) else answer)
            elif not isinstance(answer, StrategyError):
                codes[:, place] = answer
        return at.Intents(codes, stacked(weights, self.panel.n_bars, self.panel.n_symbols)), failed

    def _silence(self) -> IntArray:
        return np.full((self.panel.n_bars, self.panel.n_symbols), at.NO_WEIGHT, np.int64)

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
        run, curves = self._books.run[0], drive.state.curves
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
            notes={"conflict_resolution_mode": str(self.config.resolved()["conflict_resolution_mode"])},
            terms=self._terms,
        )

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
