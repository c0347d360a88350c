"""Many runs, each as if it had been made alone."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator import ConfigError, OrchestratorResult, PluginError
from strategy_orchestrator.builtin import LocalExecutor
from strategy_orchestrator.errors import Fault, InputError, RunError
from strategy_orchestrator.hooks import create_plugin_manager
from strategy_orchestrator.run_file import document_of
from strategy_orchestrator.sweep import PlannedRun, SweepRow, plan_sweep, run_planned, sweep, sweep_file
from strategy_orchestrator.sweep.prices import KeptPrices
from tests.unit.hooks.packs import Site
from tests.unit.sweep.builders import PACK, Odd, holding, prices, write

GRID = {"first": [0, 1], "last": [5, 8]}


def test_every_combination_is_run_as_it_would_be_alone() -> None:
    """Rows come in the order of the combinations, the last name varying fastest, with the results of single runs."""
    result = sweep(holding, GRID, prices(), "1000")
    assert [dict(row.params) for row in result.rows] == [
        {"first": 0, "last": 5}, {"first": 0, "last": 8}, {"first": 1, "last": 5}, {"first": 1, "last": 8},
    ]  # fmt: skip
    for row in result.rows:
        alone = holding(**row.params).run(prices(), "1000")  # type: ignore[arg-type]
        assert row.fingerprint == alone.fingerprint
        assert row.final_equity == alone.aggregate_equity_curve[-1][1]
        assert {name: str(value) for name, value in row.measures.items()} == {
            name: str(value) for name, value in alone.aggregate_metrics.to_dict().items()
        }
        assert row.undefined == dict(alone.aggregate_metrics.undefined)


def test_processes_give_the_same_as_one() -> None:
    """The description of a sweep is the same whatever made it."""
    here = sweep(holding, GRID, prices(), "1000")
    assert sweep(holding, GRID, prices(), "1000", LocalExecutor(2)).to_dict() == here.to_dict()


def test_a_run_that_fails_is_a_row() -> None:
    """What the factory raises is told in the row, and the others stand."""
    result = sweep(holding, {"first": [1, 3]}, prices(), "1000")
    good, bad = result.rows
    assert good.fingerprint
    assert result.failed == (bad,)
    assert bad.error is not None
    assert bad.error["kind"] == "RunError"
    place = f"{Path(__file__).with_name('builders.py')}, line "
    assert str(bad.error["message"]).startswith(f"run 2, the factory: ValueError: three is a crowd ({place}")


def test_an_error_of_ours_is_told_as_it_is() -> None:
    """A factory whose options are refused gives the words of that."""
    result = sweep(holding, {"first": [1], "last": [8], "more": [1]}, prices(), "1000")
    assert result.rows[0].faults[0].problem.startswith("TypeError: holding() got an unexpected keyword argument 'more'")
    refused = sweep(_of_nothing, {"first": [1]}, prices(), "1000")
    assert refused.rows[0].faults[0].where == "strategies"


def _of_nothing(first: int) -> Any:
    # A function has no way between processes.
    raise InputError(Fault("strategies", f"none for {first}", value=lambda: first))


def test_rows_find_their_way_between_processes() -> None:
    """Whatever a fault has as its value, its row can be pickled."""
    row = sweep(_of_nothing, {"first": [1]}, prices(), "1000").rows[0]
    assert pickle.loads(pickle.dumps(row)) == row  # noqa: S301  # our own


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({}, "grid: it is empty. Write for instance {'fast': [5, 10, 20]}."),
        (
            {"first": [], "last": "57"},
            (
                "grid['first']: [] was found; expected a list of values. Write [5, 10, 20].\n"
                "grid['last']: '57' was found; expected a list of values. Write [5, 10, 20]."
            ),
        ),
        (
            {name: range(100) for name in "abc"},
            "grid: there are 1,000,000 combinations; at most 100,000 are allowed. Leave some of the values out.",
        ),
    ],
)
def test_a_grid_that_asks_for_nothing_is_refused(grid: dict[str, Sequence[object]], message: str) -> None:
    """All that is wrong with it is told."""
    with pytest.raises(ConfigError) as caught:
        sweep(holding, grid, prices(), "1000")
    assert str(caught.value) == message


def test_a_factory_that_cannot_travel_is_refused_before_anything_runs() -> None:
    """One that cannot be pickled runs here, and is refused where an executor would have to do so."""

    def factory(first: int) -> Any:
        return holding(first)

    assert len(sweep(factory, {"first": [1]}, prices(), "1000").rows) == 1
    with pytest.raises(ConfigError, match=r"^factory: .* at the top of a module, or leave the executor out\.$"):
        sweep(factory, {"first": [1]}, prices(), "1000", LocalExecutor(2))


def _ends(first: int) -> Any:
    if first == 2:
        os._exit(3)
    return holding(first)


def test_a_process_that_ends_is_told_in_one_line() -> None:
    """Nobody knows whose turn it was."""
    with pytest.raises(RunError) as caught:
        sweep(_ends, {"first": [2, 2, 2]}, prices(), "1000", LocalExecutor(2))
    assert str(caught.value) == (
        "executor 'local': a process ended while calls were made in it. Look for code that ends the program, crashes "
        "or uses up the memory; use one worker to find it."
    )


def installed(site: Site, folder: Path, grid: str) -> Path:
    """Write a run file and install its plug-in."""
    site.install("pack-holds", PACK, entry_points="holds = pack_holds:pack")
    return write(folder, grid)


def test_a_run_file_gives_what_the_file_with_its_values_gives(site: Site, tmp_path: Path) -> None:
    """A combination is the file with other values in the places that vary."""
    grid = '[sweep.grid]\nlate.last = [5, 7]\n"Holds_0.first" = [0, 1]\nrun.commission_pct = [0.0, 0.01]'
    path = installed(site, tmp_path, grid)
    result = sweep_file(path)
    assert not result.failed
    assert len({row.fingerprint for row in result.rows}) == 8
    one = write_again(path, late="params = { first = 2, last = 7 }", first="params = { first = 1 }", run="0.01")
    assert sweep_file(one).rows[0].fingerprint == result.rows[-1].fingerprint
    assert {plugin["distribution"] for plugin in result.rows[0].plugins} == {"pack-holds", "strategy-orchestrator"}


def write_again(path: Path, late: str, first: str, run: str) -> Path:
    """Write the file with the values of one combination in it and a grid of one."""
    text = path.read_text().partition("[sweep]")[0]
    text = text.replace("params = { first = 2 }", late).replace('weight = "0.5"', f'weight = "0.5"\n{first}', 1)
    text = text.replace("[data]", f"commission_pct = {run}\n[data]")
    path.write_text(f"{text}[sweep]\njobs = 1\n[sweep.grid]\nrun.seed = [0]")
    return path


def test_combinations_that_are_refused_are_rows_too(site: Site, tmp_path: Path) -> None:
    """What only some combinations get wrong is told in their rows, as is a strategy that raises."""
    path = installed(site, tmp_path, "[sweep.grid]\nlate.first = [2, 4]\nlate.last = [3, 7]")
    good, also, refused, raised = sweep_file(path).rows
    assert not good.has_failed
    assert not also.has_failed
    assert refused.error is not None
    assert refused.error["message"] == (
        f"{path}: strategy[2].params: {{'first': 4, 'last': 3}} was found; first, 4, must be below last, 3."
    )
    assert raised.error is not None
    assert raised.error["kind"] == "StrategyError"
    assert "four is bad luck" in str(raised.error["message"])


def test_rows_and_runs_are_told_as_they_come(site: Site, tmp_path: Path) -> None:
    """Whoever listens hears every row in order, and is handed every run that came to its end."""
    path = installed(site, tmp_path, "[sweep.grid]\nlate.first = [1, 4, 2]")
    manager = create_plugin_manager(only=["pack-holds"])
    planned = plan_sweep(document_of(path), manager, None, None)
    heard: list[SweepRow] = []
    kept: list[tuple[int, str]] = []

    def keep(each: PlannedRun, result: OrchestratorResult, context: Mapping[str, object]) -> None:
        assert "run_file" in context
        kept.append((each.run, result.fingerprint))

    result = run_planned(planned, planned.source.load(), manager.switches, heard.append, keep)
    assert tuple(heard) == result.rows
    assert kept == [(row.run, row.fingerprint) for row in result.rows if not row.has_failed]


EXECUTORS = {
    "order": "gave run 2 in the place of run 1; expected their order",
    "fewer": "gave 1 of 2 runs",
    "more": "gave more than the 2 runs that it was asked for",
    "other": "gave 'done' for run 1; expected what the run returned",
    "raises": "OSError: no machines",
    "nothing": "TypeError: 'NoneType' object is not iterable",
}


@pytest.mark.parametrize("how", EXECUTORS)
def test_a_broken_executor_is_told_in_one_line(how: str) -> None:
    """It is believed no further than the rows that it gives."""
    with pytest.raises(PluginError) as caught:
        sweep(holding, {"first": [1, 2]}, prices(), "1000", Odd(how))  # type: ignore[arg-type]  # it is none
    words = str(caught.value)
    assert words.startswith(f"executor Odd: it {EXECUTORS[how]}".replace("it O", "O").replace("it T", "T"))
    assert words.endswith("Report it to the authors of the executor, or use executor 'local'.")
    assert "\n" not in words


def test_an_executor_may_return_a_list() -> None:
    """Whatever can be gone through does, as long as the rows are right."""
    result = sweep(holding, {"first": [1, 2]}, prices(), "1000", Odd("list"))  # type: ignore[arg-type]  # as above
    assert result.to_dict() == sweep(holding, {"first": [1, 2]}, prices(), "1000").to_dict()


def test_a_defect_of_ours_is_a_row_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that goes wrong in one run takes the others along."""

    def broken(_: object) -> Any:
        raise KeyError("gone")

    monkeypatch.setattr(KeptPrices, "panel", broken)
    row = sweep(holding, {"first": [1]}, prices(), "1000").rows[0]
    assert row.error is not None
    assert (row.error["kind"], row.error["exit_status"]) == ("InvariantError", 6)
    assert str(row.error["message"]).startswith("run 1: KeyError: 'gone' (")
    assert "This is our defect" in str(row.error["message"])
