"""Machine code is kept between processes, made anew when what it was made of has changed, and called as arrays lie."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest
from llvmlite import ir

from strategy_orchestrator.engine import BacktestEngine
from strategy_orchestrator.kernel import is_compiled, lowered, machine
from strategy_orchestrator.kernel.machine import Keeper, Machine, slots_of
from tests.reference.cases import Case, says, world_of
from tests.unit.kernel.runs import KernelRun


def emitted(answer: int) -> bytes:
    """Return object code of a loop that adds a number to its last argument."""
    number = ir.IntType(64)
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(number, [number.as_pointer(), number]), lowered.LOOP)
    builder = ir.IRBuilder(function.append_basic_block())
    builder.ret(builder.add(function.args[1], number(answer)))
    code: bytes = machine.target_machine().emit_object(llvm.parse_assembly(str(module)))
    return code


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep machine code in a folder of the test."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def answer_of(keeper: Keeper) -> int:
    """Return what the loop answers to 0."""
    return keeper.machine().over(lowered.LOOP, [])(0)


def test_the_loop_is_ready_when_it_has_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine asks this before it tells the user to wait."""
    monkeypatch.undo()
    KernelRun(world_of(Case("", ["10"], [says(".")], []))).go()
    assert is_compiled()
    assert BacktestEngine.is_compiled()


def test_what_was_made_once_is_loaded_by_others(folder: Path) -> None:
    """A second process finds the code that the first one made, and makes none itself."""
    first = Keeper(lambda: emitted(7))
    assert not first.is_ready()
    assert answer_of(first) == 7
    assert first.is_ready()
    assert len(list(folder.iterdir())) == 1
    second = Keeper(lambda: emitted(8))
    assert second.is_ready()
    assert answer_of(second) == 7


def test_damaged_code_is_not_run(folder: Path) -> None:
    """A file that was cut or changed is made anew."""
    answer_of(Keeper(lambda: emitted(1)))
    (kept,) = folder.iterdir()
    for damage in (b"", kept.read_bytes()[:-1], kept.read_bytes()[:40] + b"x" + kept.read_bytes()[41:]):
        kept.write_bytes(damage)
        keeper = Keeper(lambda: emitted(2))
        assert not keeper.is_ready()
        assert answer_of(keeper) == 2


def test_code_is_for_one_version_of_the_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not outlive a change to what the loop calls, to its records or to its scales."""
    keys = {machine._path()}  # noqa: SLF001
    for source in lowered.SOURCES:
        monkeypatch.setattr(lowered, "SOURCES", (source,))
        keys.add(machine._path())  # noqa: SLF001
    monkeypatch.setattr(machine.importlib.metadata, "version", lambda name: f"{name} of tomorrow")
    keys.add(machine._path())  # noqa: SLF001
    assert len(keys) == 5
    assert {path.parent for path in keys if path} == {folder}


def test_old_code_is_thrown_away(folder: Path) -> None:
    """Eight versions are kept."""
    folder.mkdir()
    for number in range(12):
        path = folder / f"kernel-{number}.bin"
        path.touch()
        os.utime(path, (number, number))
    answer_of(Keeper(lambda: emitted(3)))
    assert {path.name for path in folder.iterdir()} >= {f"kernel-{number}.bin" for number in range(5, 12)}
    assert len(list(folder.iterdir())) == 8


def test_a_folder_that_cannot_be_written_costs_time_only(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    """The code is made again by each process, and the log says why."""
    folder.touch()
    keeper = Keeper(lambda: emitted(4))
    with caplog.at_level(logging.WARNING, "strategy_orchestrator"):
        assert answer_of(keeper) == 4
    assert "cannot be kept" in caplog.text
    assert not Keeper(lambda: emitted(4)).is_ready()


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no folder, and it runs all the same."""
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(machine, "cache_folder", lambda _part: None)
    keeper = Keeper(lambda: emitted(5))
    assert answer_of(keeper) == 5
    assert not Keeper(lambda: emitted(5)).is_ready()


def test_arrays_are_passed_by_address_and_shape() -> None:
    """Neither owner nor parent, then sizes, address, shape and strides."""
    array = np.zeros((2, 3), np.int32)
    assert list(slots_of([array])) == [0, 0, 6, 4, array.ctypes.data, 2, 3, 12, 4]


def test_an_array_that_is_not_contiguous_is_refused() -> None:
    """The code was made for those that are; others would be read wrongly."""
    with pytest.raises(ValueError, match=r"of shape \(2, 2\) is not contiguous"):
        Machine(emitted(6)).over(lowered.LOOP, [np.zeros((2, 4), np.int64)[:, ::2]])
