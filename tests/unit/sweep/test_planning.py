"""Which runs a file asks for, and all that can be wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.errors import OrchestratorError, PluginError
from strategy_orchestrator.hooks import create_plugin_manager, hookimpl
from strategy_orchestrator.models.specs import StrategySpec
from strategy_orchestrator.run_file import document_of
from strategy_orchestrator.sweep import SweepOfFile, plan_sweep
from tests.unit.sweep.builders import Pack, write


def planned(path: Path, executor: str | None = None, jobs: int | None = None) -> SweepOfFile:
    """Plan the sweep of a file."""
    return plan_sweep(document_of(path), create_plugin_manager([Pack()], autoload=False), executor, jobs)


def faults_in(path: Path, executor: str | None = None, jobs: int | None = None) -> list[str]:
    """Return what is wrong with a file, without its folder."""
    with pytest.raises(OrchestratorError) as caught:
        planned(path, executor, jobs)
    told = str(caught.value).replace(f"{path.parent}/", "").splitlines()
    return [line.partition(" These take no part: ")[0] for line in told]


NAMES = {
    "a label": ("late.last", ("strategy", 1, "params", "last")),
    "an id": ('"Holds_0.last"', ("strategy", 0, "params", "last")),
    "the id of a label": ("late_0.last", ("strategy", 1, "params", "last")),
    "protective exits": ("late.protective_exits.stop_loss", ("strategy", 1, "protective_exits", "stop_loss")),
    "an option of the run": ("run.seed", ("run", "seed")),
    "an option of what the run names": ("sizer.fraction", ("sizer", "params", "fraction")),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_means_a_place(case: str, tmp_path: Path) -> None:
    """Strategies are named by label or id, options by their table; quotes make no difference."""
    name, place = NAMES[case]
    value = "0.5" if name.endswith(("fraction", "loss")) else "7"
    path = write(tmp_path, f"[sweep.grid]\n{name} = [{value}]")
    sizer = 'sizer = "fixed-fraction"\n' if "fraction" in name else ""
    path.write_text(path.read_text().replace("[data]", f"{sizer}[data]"))
    assert planned(path).grid.paths == (place,)


def test_the_name_that_a_strategy_is_used_by_will_do_when_only_one_is(tmp_path: Path) -> None:
    """With the distribution before it, too."""
    path = write(tmp_path, "[sweep.grid]\nholds.last = [5]\n")
    first, _, rest = path.read_text().partition('[[strategy]]\nuse = "holds"\nweight = "0.5"\n[[')
    path.write_text(f"{first}[[{rest}".replace('use = "holds"', 'use = "pack:holds"'))
    assert planned(path).grid.paths == (("strategy", 0, "params", "last"),)


FAULTS = {
    "unknown strategy": (
        "lat.last = [5]",
        (
            "run.toml: sweep.grid.lat.last: no strategy or table is called 'lat'; known: 'Holds_0', 'cost_model', "
            "'holds', 'late', 'late_0', 'rebalancer', 'resolver', 'run', 'sizer'. Did you mean 'late'?"
        ),
    ),
    "unknown parameter": (
        "late.lst = [5]",
        "run.toml: sweep.grid.late.lst[1]: no parameter is called 'lst'; known: 'first', 'last'. Did you mean 'last'?",
    ),
    "unknown option": (
        "run.sed = [5]",
        "run.toml: sweep.grid.run.sed[1]: no key is called 'sed'; known: {options}. Did you mean 'seed'?",
    ),
    "out of bounds": (
        "late.last = [5, 12, 7]",
        "run.toml: sweep.grid.late.last[2]: 12 was found; input should be less than or equal to 9.",
    ),
    "wrong in the run": (
        'run.commission_pct = ["0", "2"]',
        "run.toml: sweep.grid.run.commission_pct[2]: 2 is not from 0 to below 1. Write a fraction: 0.001 is 0.1 %.",
    ),
    "two of one name": (
        "holds.last = [5]",
        (
            "run.toml: sweep.grid.holds.last: 'holds' may mean strategy[1] and strategy[2]. Give each a label and name "
            "that."
        ),
    ),
    "the same twice": (
        "late.last = [5]\nlate_0.last = [7]",
        "run.toml: sweep.grid.late_0.last: it is the same as late.last. Leave one of the two out.",
    ),
    "no option": (
        '"late" = [5]',
        "run.toml: sweep.grid.late: 'late' alone names no option. Write late.<option> = [...].",
    ),
    "prices": (
        'data.path = ["BBB.csv"]',
        (
            "run.toml: sweep.grid.data.path: [data] cannot vary: the prices are loaded once for all runs. Vary [run] "
            "or the strategies."
        ),
    ),
    "every combination": (
        "late.first = [8, 9]\nlate.last = [3]",
        (
            "run.toml: strategy[2].params: {'first': 8, 'last': 3} was found; first, 8, must be below last, 3.\n"
            "run.toml: strategy[2].params: {'first': 9, 'last': 3} was found; first, 9, must be below last, 3."
        ),
    ),
    "too many": (
        f"late.last = [5, 7]\nrun.seed = {list(range(60_000))}",
        "grid: there are 120,000 combinations; at most 100,000 are allowed. Leave some of the values out.",
    ),
    "an option for nothing": (
        "sizer.fraction = [0.5]",
        (
            "run.toml: sizer: there are options, but run.sizer names nothing to give them to. "
            'Write sizer = "..." in [run].'
        ),
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_one_line_that_names_the_place(case: str, tmp_path: Path) -> None:
    """What is wrong with the grid is told where it stands in the grid."""
    grid, expected = FAULTS[case]
    found = faults_in(write(tmp_path, f"[sweep.grid]\n{grid}"))
    if "{options}" in expected:
        start, _, end = expected.partition("{options}")
        assert len(found) == 1
        assert found[0].startswith(start)
        assert found[0].endswith(end)
    else:
        assert found == expected.splitlines()


EXECUTORS = {
    "unknown": (
        'executor = "locl"',
        "run.toml: sweep.executor: no executor is called 'locl'; known: 'local', 'odd', 'plain'. Did you mean 'local'?",
    ),
    "unknown option": (
        "params = { worker = 2 }",
        "run.toml: sweep.params.worker: no parameter is called 'worker'; known: 'workers'. Did you mean 'workers'?",
    ),
    "jobs twice": (
        "params = { workers = 2 }",
        (
            "run.toml: sweep.jobs: the number of jobs is given beside the option 'workers' of the executor. Leave one "
            "of the two out."
        ),
    ),
    "jobs for nothing": (
        'executor = "plain"',
        (
            "run.toml: sweep.jobs: executor 'plain' has no option 'workers', so the number of jobs means nothing to "
            "it. Leave it out."
        ),
    ),
}


@pytest.mark.parametrize("case", EXECUTORS)
def test_the_executor_is_checked_too(case: str, tmp_path: Path) -> None:
    """Its name and its options are known before anything runs."""
    text, expected = EXECUTORS[case]
    path = write(tmp_path, f"{text}\n[sweep.grid]\nlate.last = [5]")
    if case == "unknown option":
        path.write_text(path.read_text().replace("jobs = 1\n", ""))
    assert faults_in(path) == [expected]


def test_options_come_before_the_file(tmp_path: Path) -> None:
    """Another executor gets none of the options of the one in the file."""
    path = write(tmp_path, 'executor = "odd"\nparams = { how = "order" }\n[sweep.grid]\nlate.last = [5]')
    made = planned(path, "local", 3)
    assert made.spreader.where == "executor 'local' (strategy-orchestrator 0.1.0)"
    assert getattr(made.spreader.executor, "workers", None) == 3
    assert faults_in(path, "plain", 2) == [
        "--jobs: executor 'plain' has no option 'workers', so the number of jobs means nothing to it. Leave it out."
    ]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Those of the file, of the grid, of the executor and of the source."""
    path = write(tmp_path, 'executor = "locl"\n[sweep.grid]\nlat.last = [5]\nlate.first = 5')
    path.write_text(path.read_text().replace('source = "csv"', 'source = "cvs"').replace("[data]", "sed = 1\n[data]"))
    assert [line.partition(": no ")[0].partition(": 5 was")[0] for line in faults_in(path)] == [
        "run.toml: sweep.grid.late.first",
        "run.toml: sweep.grid.lat.last",
        "run.toml: sweep.executor",
        "run.toml: data.source",
        "run.toml: run.sed",
    ]


def test_values_that_are_wrong_are_told_with_all_else(tmp_path: Path) -> None:
    """A value that can never be right and a fault of the file in every combination."""
    path = write(tmp_path, "[sweep.grid]\nlate.last = [5, 12]\nlate.first = [1, 2]")
    path.write_text(path.read_text().replace("[[strategy]]", "[[strategy]]\nlabl = 1", 1))
    assert [line.partition(": no ")[0].partition(": 12")[0] for line in faults_in(path)] == [
        "run.toml: strategy[1].labl",
        "run.toml: sweep.grid.late.last[2]",
    ]


def test_a_file_without_the_table_is_refused(tmp_path: Path) -> None:
    """With the line to write."""
    path = write(tmp_path)
    path.write_text(path.read_text().partition("[sweep]")[0])
    assert faults_in(path) == [
        (
            "run.toml: sweep: the table [sweep] is missing. Write [sweep.grid] with a line for each thing that varies: "
            "momentum.fast = [5, 10, 20]."
        )
    ]


def test_a_file_without_strategies_is_refused(tmp_path: Path) -> None:
    """There is nothing that the names could mean."""
    path = write(tmp_path)
    text = path.read_text()
    path.write_text(text.partition("[[strategy]]")[0] + "[sweep]" + text.partition("[sweep]")[2])
    assert faults_in(path) == [
        "run.toml: strategy: there is no strategy. Write [[strategy]], in double brackets, once for each strategy."
    ]


def test_a_strategy_that_cannot_be_made_has_no_id(tmp_path: Path) -> None:
    """What is missing in the file may come from the grid; the others are known by their labels."""
    path = write(tmp_path, "[sweep.grid]\nholds.first = [1]")
    text = path.read_text().replace("params = { first = 2 }", "params = { first = 20 }")
    path.write_text(text.replace("label", "#label"))
    found = faults_in(path)
    assert found == [
        (
            "run.toml: sweep.grid.holds.first: 'holds' may mean strategy[1] and strategy[2]. Give each a label and "
            "name that."
        ),
        "run.toml: strategy[2].params.first: 20 was found; input should be less than or equal to 9.",
    ]


def _raises() -> Any:
    raise OSError("no license")


class BrokenPack(Pack):
    """A plug-in whose factory raises."""

    @hookimpl
    def orchestrator_strategies(self) -> list[StrategySpec]:
        """Offer the strategy."""
        return [StrategySpec("holds", _raises, None, "Holds.")]


def test_a_plugin_that_is_broken_is_to_blame(tmp_path: Path) -> None:
    """When nothing else is wrong, the exit status is that of plug-ins."""
    path = write(tmp_path, "[sweep.grid]\nrun.seed = [1, 2]")
    path.write_text(path.read_text().replace("params = { first = 2 }", ""))
    with pytest.raises(PluginError) as caught:
        plan_sweep(document_of(path), create_plugin_manager([BrokenPack()], autoload=False), None, None)
    assert "OSError: no license" in str(caught.value)
