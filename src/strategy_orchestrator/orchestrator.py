"""One portfolio of strategies, from what the user hands in to the result."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final

from strategy_orchestrator.analysis import result_of
from strategy_orchestrator.engine import (
    BacktestEngine,
    Checkpoints,
    Parts,
    Progress,
    Watch,
    capital_units_of,
    roster_of,
)
from strategy_orchestrator.engine.measuring import NamedMetric, with_plugins
from strategy_orchestrator.errors import ConfigError, Fault, RunError
from strategy_orchestrator.hooks import PluginManager, create_plugin_manager
from strategy_orchestrator.kernel import sums_of_curves
from strategy_orchestrator.market import panel_of
from strategy_orchestrator.models.allocation import StrategyAllocation
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.events import (
    backtest_completed,
    backtest_failed,
    backtest_started,
    events_of,
    level_of,
)
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.results import BacktestResult, OrchestratorResult
from strategy_orchestrator.models.specs import RunInfo
from strategy_orchestrator.models.states import BacktestState, RunState
from strategy_orchestrator.models.streams import PanelStream, Prices
from strategy_orchestrator.models.validation import with_seed
from strategy_orchestrator.money import to_decimal

_CORE: Final = "strategy-orchestrator"
_LOG: Final = logging.getLogger("strategy_orchestrator")
_COST_OPTIONS: Final = ("commission_per_trade", "commission_per_share", "commission_pct", "slippage_pct")
_BATCH_ROWS: Final = 65_536


class StrategyOrchestrator:
    """Run many strategies over many symbols as one portfolio.

    Parameters
    ----------
    strategies : list
        (strategy, weight) pairs: each weight greater than 0, their sum at most 1, exactly; what is left is the reserve.
        With `equal_weights` the strategies alone.
    config : OrchestratorConfig, optional
        The options.
    equal_weights : bool
        Give every strategy the same weight.
    labels : sequence of str or None
        In place of the class names in the ids, one for each strategy; empty for none.
    plugins : iterable of object
        Plug-ins handed in by code: modules or objects with hooks.
    manager : PluginManager, optional
        The plug-ins to use; one with `plugins` and those installed is made unless it is given.

    Attributes
    ----------
    strategies : list of (strategy, Decimal)
        With their exact weights.
    state : RunState
        INITIAL, RUNNING, then COMPLETED or FAILED.
    engine : BacktestEngine or None
        Of the last run.
    watch : Watch or None
        Who is told of every question to a strategy where the options limit its time; None for a stopwatch.

    Raises
    ------
    AllocationError, ConfigError
        Both `ValueError`, with one fault for each thing wrong.
    PluginError
        If something that the options name cannot be loaded.
    """

    def __init__(  # what a portfolio is made of
        self,
        strategies: Sequence[Any],
        config: OrchestratorConfig | None = None,
        *,
        equal_weights: bool = False,
        labels: Sequence[str | None] = (),
        plugins: Iterable[object] = (),
        manager: PluginManager | None = None,
    ) -> None:
        self.config = OrchestratorConfig() if config is None else _checked(config)
        self.strategies, self._members = roster_of(strategies, labels, equal_weights=equal_weights)
        self._manager = create_plugin_manager(plugins) if manager is None else _without_more(manager, plugins)
        self._parts = _parts_of(self.config, self._manager)
        self._metrics = [_metric(self._manager, name) for name in self.config.metrics]
        self.state = RunState.INITIAL
        self.engine: BacktestEngine | None = None
        self.watch: Watch | None = None
        self._result: OrchestratorResult | None = None

    @property
    def strategy_ids(self) -> tuple[str, ...]:
        """Ids in the order of the list: class name or label, and index among those of the same name."""
        return tuple(member.strategy_id for member in self._members)

    @property
    def weights(self) -> dict[str, Decimal]:
        """Exact weights by strategy id."""
        return {member.strategy_id: member.weight for member in self._members}

    @property
    def results(self) -> Mapping[str, BacktestResult]:
        """What each strategy did in the last run that was completed; empty before."""
        return {} if self._result is None else self._result.strategy_results

    @property
    def allocations(self) -> dict[str, StrategyAllocation]:
        """Capital of each sleeve where the last run stands; empty before. A sleeve that owes has none."""
        return {} if self.engine is None or not self.engine.has_begun else self.engine.allocations

    @property
    def aggregate_state(self) -> BacktestState | None:
        """The whole where the last run stands; None before."""
        return None if self.engine is None or not self.engine.has_begun else self.engine.aggregate_state

    @property
    def record(self) -> RunRecord | None:
        """All that the last run decided and booked, also when it failed; None before."""
        return None if self.engine is None or not self.engine.has_begun else self.engine.record

    def run(
        self,
        historical_data: Any,
        initial_capital: Decimal | int | str,
        progress: Progress | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> OrchestratorResult:
        """Run the strategies over prices.

        Parameters
        ----------
        historical_data : Panel, PanelStream, dict, frame or path
            A panel; a stream, as `open_panel` makes it, for prices larger than memory; lists of bars or frames by
            symbol; one long or wide frame; a CSV or Parquet file, a folder or a pattern.
        initial_capital : Decimal
            Money at the start, greater than 0, at most six decimals.
        progress : callable, optional
            Told the bars done and the bars of all, from time to time.
        checkpoints : Checkpoints, optional
            Where snapshots of the run are kept, as `BacktestEngine.run` says; for instance `store.Unfinished`.

        Raises
        ------
        DataError
            If the prices cannot be relied upon.
        StrategyError
            If a strategy raises or answers with nonsense, unless the options say to quarantine it.
        OrchestratorError
            As the options, plug-ins and amounts cause it. `record` keeps what there was until then.
        """
        if self.state is RunState.RUNNING:
            raise RunError(Fault("run", "the orchestrator is running already", "Make another one for a second run"))
        started = perf_counter()
        capital = capital_units_of(initial_capital)
        panel = historical_data if isinstance(historical_data, PanelStream) else panel_of(historical_data)
        timing = {"prices": perf_counter() - started}
        self.engine, self._result, self.state = None, None, RunState.RUNNING
        try:
            self.engine = BacktestEngine(panel, self._members, self.config, self._parts, capital, watch=self.watch)
            self._begin(panel, capital)
            record = self.engine.run(progress, checkpoints)
            for name, seconds in self.engine.timing.items():
                timing[name] = timing.get(name, 0.0) + seconds
            self._result = self._measured(record, timing)
        except BaseException as error:
            self.state = RunState.FAILED
            self._failed(error, panel)
            raise
        self.state = RunState.COMPLETED
        self._complete(self._result)
        return self._result

    def _begin(self, panel: Prices, capital: int) -> None:
        info = RunInfo(
            self.strategy_ids, MappingProxyType(self.weights), to_decimal(capital), panel.shared(), self.config
        )
        self._manager.run_started(info)
        assert self.engine is not None  # noqa: S101  # made just before
        allocations = dict(zip(self.strategy_ids, self.engine.initial_allocations.tolist(), strict=True))
        self._log(backtest_started(panel, allocations, capital, self._mode))

    @property
    def _mode(self) -> str:
        return str(self.config.resolved()["conflict_resolution_mode"])

    def _measured(self, record: RunRecord, timing: dict[str, float]) -> OrchestratorResult:
        started = perf_counter()
        self._tell_decisions(record)
        timing["events"] = perf_counter() - started
        return result_of(
            record,
            self.config,
            lambda measures: with_plugins(measures, record, self._metrics),
            sums_of_curves=sums_of_curves,
            plugins=self._manager.used(),
            timing={name: Decimal(f"{value:.6f}") for name, value in timing.items()},
            completed_at=datetime.now(UTC),
        )

    def _complete(self, result: OrchestratorResult) -> None:
        if _is_heard(logging.INFO):
            self._log(backtest_completed(result))
        if self._manager.hears_completion:
            # What the run came to is told before others are handed its arrays.
            _ = result.fingerprint
        self._manager.run_completed(result)

    def _failed(self, error: BaseException, panel: Prices) -> None:
        if isinstance(error, KeyboardInterrupt):
            # Who interrupts wants the run to end, not to hear of it.
            return
        record = self.record
        if record is not None:
            self._tell_decisions(record)
        # Without a handler the error would be printed twice: here, and by whoever catches it.
        if _is_heard(logging.ERROR):
            self._log(backtest_failed(error, panel, 0 if record is None else record.n_bars), error)
        self._manager.run_failed(error)

    def _tell_decisions(self, record: RunRecord) -> None:
        # Rows are told only to those who listen: telling a million of them takes seconds.
        # No event is worse than an error, so CRITICAL asks for none.
        level = logging.getLevelName(self.config.logging_level)
        is_logged = level <= logging.ERROR and _is_heard(level)
        if not is_logged and not self._manager.hears_decisions:
            return
        for batch in _batches(record):
            self._manager.decisions(batch)
            if is_logged:
                for event in batch:
                    self._log(event)

    def _log(self, event: Mapping[str, object], error: BaseException | None = None) -> None:
        level = level_of(event)
        if level >= logging.getLevelName(self.config.logging_level):
            _LOG.log(level, "%s", json.dumps(dict(event)), exc_info=error)


def _checked(config: object) -> OrchestratorConfig:
    if not isinstance(config, OrchestratorConfig):
        problem = f"a {type(config).__name__} was given; expected OrchestratorConfig"
        raise ConfigError(Fault("config", problem, "Write for instance OrchestratorConfig(fill_at='close')", config))
    return config


def _without_more(manager: PluginManager, plugins: Iterable[object]) -> PluginManager:
    if list(plugins):
        problem = "plugins are given beside a manager, which has its own"
        raise ConfigError(Fault("plugins", problem, "Hand them to create_plugin_manager"))
    return manager


def _parts_of(config: OrchestratorConfig, manager: PluginManager) -> Parts:
    if config.cost_model is not None:
        beside = [name for name in _COST_OPTIONS if name in config.model_fields_set]
        if beside:
            problem = f"{beside[0]} is given beside a cost model, which decides what fills cost"
            raise ConfigError(Fault(beside[0], problem, "Leave one of the two out"))
    mode: Any = config.conflict_resolution_mode
    if "conflict_resolution_mode" not in config.model_fields_set:
        # Nobody named it, so no plug-in that offers something of the same name can get in the way.
        mode = f"{_CORE}:{mode}"
    part = partial(_part, manager, config.seed)
    resolver, resolver_where = part("resolver", mode, "conflict_resolution_mode")
    threshold = {"threshold": config.rebalance_threshold} if config.rebalancer == "THRESHOLD" else {}
    rebalancer, rebalancer_where = part("rebalancer", config.rebalancer, "rebalancer", threshold)
    sizer, sizer_where = part("sizer", config.sizer, "sizer")
    cost_model, cost_model_where = part("cost_model", config.cost_model, "cost_model")
    return Parts(
        resolver, rebalancer, sizer, cost_model, resolver_where, rebalancer_where, sizer_where, cost_model_where
    )


def _part(
    manager: PluginManager,
    seed: int,
    kind: str,
    given: Any,
    where: str,
    params: Mapping[str, object] = MappingProxyType({}),
) -> tuple[Any, str]:
    if given is None:
        return None, where
    if isinstance(given, str):
        offer = manager.find(kind, given, where)
        return manager.build(offer, with_seed(params, offer.spec.parameters, seed), where), offer.where
    return given, manager.owner_of(given) or f"{kind.replace('_', ' ')} {type(given).__name__}"


def _metric(manager: PluginManager, name: str) -> NamedMetric:
    offer = manager.find("metric", name, "metrics")
    return NamedMetric(name, manager.build(offer, {}, "metrics"), offer.where)


def _is_heard(level: int) -> bool:
    # Somebody has to have set up a handler; without one, warnings of a run would fill the terminal.
    if not _LOG.isEnabledFor(level) and not _LOG.isEnabledFor(logging.WARNING):
        return False
    logger: logging.Logger | None = _LOG
    while logger is not None:
        if any(not isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False


def _batches(record: RunRecord) -> Iterator[list[Mapping[str, object]]]:
    # A batch ends with a bar, so that a conflict and what was dropped in it are told together.
    rows, start = record.decisions, 0
    while start < len(rows):
        stop = min(start + _BATCH_ROWS, len(rows))
        while stop < len(rows) and rows["bar"][stop] == rows["bar"][stop - 1]:
            stop += 1
        yield [MappingProxyType(event) for event in events_of(record, start, stop)]
        start = stop
