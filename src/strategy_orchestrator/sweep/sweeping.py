"""Make all runs of a sweep."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from strategy_orchestrator.builtin import LocalExecutor
from strategy_orchestrator.errors import ConfigError, Fault
from strategy_orchestrator.hooks import PluginManager, guarded
from strategy_orchestrator.hooks.switches import ENVIRONMENT, RUN_FILE, Switches, decided, wish_of_environment
from strategy_orchestrator.market import panel_of
from strategy_orchestrator.models.contracts import Executor
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.run_file import document_of
from strategy_orchestrator.sweep.planning import SweepOfFile, plan_sweep, planned_runs
from strategy_orchestrator.sweep.prices import kept_prices
from strategy_orchestrator.sweep.result import SweepResult
from strategy_orchestrator.sweep.rows import SweepRow
from strategy_orchestrator.sweep.spreading import Spreader, Trial
from strategy_orchestrator.sweep.trials import Factory, Keep, TrialOfFactory, TrialOfFile

Hear = Callable[[SweepRow], None]
"""Told of every row, in the order of the runs."""


def sweep(
    factory: Factory,
    grid: Mapping[str, Sequence[object]],
    historical_data: Any,
    initial_capital: Decimal | int | str,
    executor: Executor | None = None,
) -> SweepResult:
    """Run what a function makes, for every combination of a grid.

    Parameters
    ----------
    factory : callable
        Called with the values of a combination as keywords; returns a new `StrategyOrchestrator`.
    grid : mapping
        The values by name, in order; the last name varies fastest.
    historical_data : Panel, dict, frame or path
        As `StrategyOrchestrator.run` takes it; loaded once.
    initial_capital : Decimal
        Money at the start.
    executor : Executor, optional
        What spreads the runs, for instance `builtin.LocalExecutor(workers=4)`; one after another in this process unless
        given. With an executor, the factory must be one that can be pickled: a function at the top of a module.

    Raises
    ------
    ConfigError
        If the grid has no values, or the factory cannot be pickled.
    DataError
        If the prices cannot be relied upon.
    PluginError
        If the executor raises, or gives other rows than those of the runs in their order.
    """
    _check_grid(grid)
    if executor is not None:
        _check_factory(factory)
    runs = planned_runs(grid)
    spreader = Spreader(LocalExecutor(1) if executor is None else executor, f"executor {type(executor).__name__}")
    with kept_prices(panel_of(historical_data)) as prices:
        rows = tuple(spreader.rows(TrialOfFactory(factory, prices, initial_capital), runs))
    return SweepResult({name: tuple(values) for name, values in grid.items()}, rows)


def sweep_file(path: Path | str, *, executor: str | None = None, jobs: int | None = None) -> SweepResult:
    """Run a run file for every combination of its table `[sweep]`, with the plug-ins that are installed.

    Parameters
    ----------
    executor : str, optional
        Name of an executor, in place of the one in the file.
    jobs : int, optional
        Runs at once, in place of those in the file.

    Raises
    ------
    OrchestratorError
        As `orchestrate sweep` reports it; a run that fails is a row.
    """
    document = document_of(path)
    table = document.draft().plan.plugins
    switches = decided((ENVIRONMENT, wish_of_environment()), (RUN_FILE, table.wish()))
    planned = plan_sweep(document, PluginManager((), switches), executor, jobs)
    return run_planned(planned, planned.load(), switches)


def run_planned(
    planned: SweepOfFile,
    panel: Panel,
    switches: Switches,
    hear: Hear | None = None,
    keep: Keep | None = None,
) -> SweepResult:
    """Make all runs of a file that was checked.

    Parameters
    ----------
    switches : Switches
        Which plug-ins take part; those handed in by code are not known in other processes.
    hear : callable, optional
        Told of every row, in the order of the runs, as soon as it is there.
    keep : callable, optional
        Told of every run that came to its end, in the process where it was made; it can be pickled.

    Raises
    ------
    PluginError
        If the executor raises, or gives other rows than those of the runs in their order.
    RunError
        If a process ended before its runs were made.
    """
    with kept_prices(panel) as prices:
        # Without the places of the switches, which only messages need.
        chosen = Switches(switches.blocked, switches.only, switches.autoload, switches.listen)
        trial = TrialOfFile(planned.document, planned.grid, prices, chosen, keep)
        rows = []
        for row in _rows(planned, trial):
            rows.append(row)
            if hear is not None:
                hear(row)
    return SweepResult({axis.name: axis.values for axis in planned.grid.axes}, tuple(rows))


def _rows(planned: SweepOfFile, trial: Trial) -> Iterator[SweepRow]:
    # Combinations that are refused need no executor.
    wanted = [each for each in planned.runs if each.run not in planned.refused]
    made = iter(planned.spreader.rows(trial, wanted))
    for each in planned.runs:
        error = planned.refused.get(each.run)
        yield next(made) if error is None else each.failed(error)
    # What comes after the last row is the executor's fault too.
    yield from made


def _check_grid(grid: Mapping[str, Sequence[object]]) -> None:
    faults = [
        Fault(f"grid[{name!r}]", f"{values!r} was found; expected a list of values", "Write [5, 10, 20]", values)
        for name, values in grid.items()
        if isinstance(values, str) or not values
    ]
    if not grid:
        faults.append(Fault("grid", "it is empty", "Write for instance {'fast': [5, 10, 20]}"))
    if faults:
        raise ConfigError(faults)


def _check_factory(factory: Factory) -> None:
    remedy = "Define it at the top of a module, or leave the executor out"
    guarded(lambda: pickle.dumps(factory), "factory", remedy, ConfigError)
