"""Find out which runs a run file asks for, with all that is wrong told at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

from strategy_orchestrator.errors import ConfigError, Fault, InputError, OrchestratorError, PluginError, shortened
from strategy_orchestrator.hooks import PluginManager
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.models.contracts import DataSource
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.streams import PanelStream
from strategy_orchestrator.models.validation import known_keys
from strategy_orchestrator.orchestrator import StrategyOrchestrator
from strategy_orchestrator.run_file import (
    Change,
    Document,
    Draft,
    GridAxis,
    Named,
    PreparedRun,
    RunPlan,
    SweepPlan,
    context_of,
    prepare_draft,
    prepare_part,
)
from strategy_orchestrator.sweep.axes import Path, known_ids, paths_of
from strategy_orchestrator.sweep.rows import PlannedRun
from strategy_orchestrator.sweep.spreading import Spreader

MOST_RUNS: Final = 100_000
"""Combinations that one sweep may have."""

_WORKERS: Final = "workers"


@dataclass(frozen=True, slots=True)
class Grid:
    """What varies, and where it stands in the file.

    Attributes
    ----------
    axes : tuple of GridAxis
        What varies, in the order of the file.
    paths : tuple
        The place of each.
    """

    axes: tuple[GridAxis, ...]
    paths: tuple[Path, ...]

    def runs(self) -> list[PlannedRun]:
        """Return all combinations; the last name varies fastest."""
        return planned_runs({axis.name: axis.values for axis in self.axes})

    def changes(self, planned: PlannedRun) -> list[Change]:
        """Return what a run changes in the file."""
        return [Change(path, planned.params[axis.name]) for axis, path in zip(self.axes, self.paths, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class SweepOfFile:
    """All that a sweep needs, checked.

    Attributes
    ----------
    plan : RunPlan
        The file, without what varies.
    runs : list of PlannedRun
        All combinations.
    refused : mapping
        For each combination that its strategies or the options refuse, by number, why. Its row tells that.
    source : DataSource
        Where the prices come from.
    spreader : Spreader
        The executor.
    """

    document: Document
    plan: RunPlan
    grid: Grid
    runs: list[PlannedRun]
    refused: Mapping[int, OrchestratorError]
    source: DataSource
    spreader: Spreader

    def load(self) -> Panel:
        """Load the prices, which all runs share.

        Raises
        ------
        ConfigError
            If they are streamed.
        OrchestratorError
            As the source does.
        """
        prices = self.source.load()
        if isinstance(prices, PanelStream):
            problem = "the runs of a sweep share prices that are loaded whole"
            raise ConfigError(Fault("data.stream", problem, "Leave it out, and name some symbols if that is too much"))
        return prices

    def context(self) -> dict[str, object]:
        """Return what belongs to the sweep beside its result: the run file, the executor, and files to hash."""
        return {**context_of(self.plan), "executor": self.spreader.where}


def planned_runs(grid: Mapping[str, Sequence[object]]) -> list[PlannedRun]:
    """Return the combinations of a grid; the last name varies fastest.

    Raises
    ------
    ConfigError
        If there are too many.
    """
    n_runs = math.prod(len(values) for values in grid.values())
    if n_runs > MOST_RUNS:
        problem = f"there are {n_runs:,} combinations; at most {MOST_RUNS:,} are allowed"
        raise ConfigError(Fault("grid", problem, "Leave some of the values out", n_runs))
    return [
        PlannedRun(number, dict(zip(grid, values, strict=True)))
        for number, values in enumerate(product(*grid.values()), 1)
    ]


def plan_sweep(document: Document, manager: PluginManager, executor: str | None, jobs: int | None) -> SweepOfFile:
    """Check a run file with a table `[sweep]`, all combinations included.

    What is wrong in every combination, and every value that can never be right, is wrong with the file; what is wrong
    in some combinations only is told in their rows.

    Parameters
    ----------
    executor : str or None
        In place of the one that the file names, with the options of the file only if it is the same.
    jobs : int or None
        In place of those of the file.

    Raises
    ------
    OrchestratorError
        With one fault for each thing wrong.
    """
    base = document.draft()
    sweep = base.plan.sweep
    if sweep is None:
        remedy = "Write [sweep.grid] with a line for each thing that varies: momentum.fast = [5, 10, 20]"
        raise InputError([*base.faults, Fault(f"{document.path}: sweep", "the table [sweep] is missing", remedy)])
    grid, faults = _grid(document, base, sweep, manager)
    wrong: list[OrchestratorError] = [InputError(faults)] if faults else []
    spreader, source = (
        _attempted(wrong, make)
        for make in (
            lambda: _spreader(document, sweep, manager, executor, jobs),
            lambda: (
                prepare_part(base.plan.source, Kind.DATA_SOURCE, manager, base.plan.config.seed)
                if base.plan.source
                else None
            ),
        )
    )
    runs = [] if faults else _attempted(wrong, grid.runs) or []
    # Without a grid that can be understood, the file as it is shows what else is wrong.
    tried = {each.run: _refusal(document.draft(grid.changes(each)), manager) for each in runs} or {
        0: _refusal(base, manager)
    }
    refused = {run: error for run, error in tried.items() if error is not None}
    _raise_common(document, grid, runs, tried, wrong)
    return SweepOfFile(document, base.plan, grid, runs, refused, source, spreader)


def prepared(draft: Draft, manager: PluginManager) -> tuple[PreparedRun, StrategyOrchestrator]:
    """Make the strategies of one combination, but not its source: the prices are there already.

    Raises
    ------
    OrchestratorError
        With one fault for each thing wrong.
    """
    made = prepare_draft(replace(draft, plan=replace(draft.plan, source=None)), manager)
    orchestrator = StrategyOrchestrator(
        made.weighted(), made.config, equal_weights=made.plan.equal_weights, labels=made.labels, manager=manager
    )
    return made, orchestrator


def _grid(document: Document, base: Draft, sweep: SweepPlan, manager: PluginManager) -> tuple[Grid, list[Fault]]:
    if not base.plan.strategies:
        return Grid((), ()), [*base.faults]
    tables: Any = document.tables
    paths, faults = paths_of(sweep.axes, tables, _ids(base.plan, manager))
    of_table = [fault for fault in base.faults if fault.where.startswith(f"{document.path}: sweep")]
    return Grid(sweep.axes if not faults else (), tuple(paths) if not faults else ()), [*of_table, *faults]


def _ids(plan: RunPlan, manager: PluginManager) -> list[str | None]:
    made: list[object] = []
    for strategy in plan.strategies:
        unheard: list[OrchestratorError] = []
        made.append(_attempted(unheard, lambda use=strategy.use: use and prepare_part(use, Kind.STRATEGY, manager)))
    labels = [
        each.label or getattr(strategy, "label", None) for each, strategy in zip(plan.strategies, made, strict=True)
    ]
    return known_ids([None if each is None else type(each).__name__ for each in made], labels)


def _spreader(
    document: Document, sweep: SweepPlan, manager: PluginManager, executor: str | None, jobs: int | None
) -> Spreader:
    named = sweep.executor
    if executor is not None and executor != named.name:
        named = Named("--executor", executor, {}, f"{document.path}: sweep.params")
    offer = manager.find(Kind.EXECUTOR, named.name, named.where)
    wanted, where = (sweep.jobs, f"{document.path}: sweep.jobs") if jobs is None else (jobs, "--jobs")
    params = dict(named.params)
    if wanted is not None:
        model = offer.spec.parameters
        if model is None or _WORKERS not in known_keys(model):
            problem = f"executor {named.name!r} has no option {_WORKERS!r}, so the number of jobs means nothing to it"
            raise ConfigError(Fault(where, problem, "Leave it out", wanted))
        if _WORKERS in params:
            problem = f"the number of jobs is given beside the option {_WORKERS!r} of the executor"
            raise ConfigError(Fault(where, problem, "Leave one of the two out", wanted))
        params[_WORKERS] = wanted
    return Spreader(prepare_part(replace(named, params=params), Kind.EXECUTOR, manager), offer.where)


def _attempted(wrong: list[OrchestratorError], make: Any) -> Any:
    try:
        return make()
    except OrchestratorError as error:
        wrong.append(error)
        return None


def _refusal(draft: Draft, manager: PluginManager) -> OrchestratorError | None:
    found: list[OrchestratorError] = []
    _attempted(found, lambda: prepared(draft, manager))
    return found[0] if found else None


def _raise_common(
    document: Document,
    grid: Grid,
    runs: Sequence[PlannedRun],
    tried: Mapping[int, OrchestratorError | None],
    wrong: list[OrchestratorError],
) -> None:
    errors = [error for error in tried.values() if error is not None]
    of_values = dict(_of_values(document, grid, runs, tried))
    # Compared by their words, for their values may be anything.
    told = [set(map(str, error.faults)) if error else set() for error in tried.values()]
    first = {str(fault): fault for error in errors[:1] for fault in error.faults}
    everywhere = [
        fault for words, fault in first.items() if words not in of_values and all(words in each for each in told)
    ]
    if not everywhere and not of_values and len(errors) == len(tried):
        # Each is refused for a reason of its own.
        everywhere = shortened([*{str(fault): fault for error in errors for fault in error.faults}.values()])
    known = {str(fault) for error in wrong for fault in error.faults}
    faults = [fault for fault in (*everywhere, *of_values.values()) if str(fault) not in known]
    if not faults and not wrong:
        return
    are_plugins = [isinstance(error, PluginError) for error in (*wrong, *(errors if faults else []))]
    kind = PluginError if all(are_plugins) else InputError
    raise kind([*(fault for error in wrong for fault in error.faults), *faults])


def _of_values(
    document: Document, grid: Grid, runs: Sequence[PlannedRun], tried: Mapping[int, OrchestratorError | None]
) -> Iterator[tuple[str, Fault]]:
    # A fault in the very place that varies is one of the value, whatever the others are.
    for planned in runs:
        error = tried[planned.run]
        for change, axis in zip(grid.changes(planned), grid.axes, strict=True) if error else ():
            place = f"{document.path}: {change.place}"
            for fault in error.faults if error else ():
                if fault.where == place or fault.where.startswith((f"{place}.", f"{place}[")):
                    number = next(place for place, value in enumerate(axis.values, 1) if value is change.value)
                    yield str(fault), replace(fault, where=f"{axis.where}[{number}]")
