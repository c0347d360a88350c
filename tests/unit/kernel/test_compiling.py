"""Machine code is kept between processes, and thrown away when anything that it was made of has changed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from strategy_orchestrator.engine import BacktestEngine
from strategy_orchestrator.kernel import compiling, is_compiled
from strategy_orchestrator.kernel.compiling import is_kept
from tests.reference.cases import Case, says, world_of
from tests.unit.kernel.runs import KernelRun


def step(number: int) -> int:
    """Return the next number."""
    return number + 1


def dispatcher(folder: Path | None, signatures: tuple[str, ...] = ()) -> SimpleNamespace:
    """Return what stands for a compiled function."""
    return SimpleNamespace(signatures=signatures, stats=SimpleNamespace(cache_path=folder), py_func=step)


def test_a_function_that_was_compiled_is_ready() -> None:
    """It has a signature; a plain function, as it is without compilation, needs none."""
    assert is_kept(dispatcher(None, ("int64",)))
    assert is_kept(step)


def test_machine_code_on_the_disk_is_found(tmp_path: Path) -> None:
    """In its folder, under the name of the function; nothing is found where nothing is kept."""
    assert not is_kept(dispatcher(None))
    assert not is_kept(dispatcher(tmp_path))
    (tmp_path / "advance.another-12.py311.nbi").touch()
    assert not is_kept(dispatcher(tmp_path))
    (tmp_path / "advance.step-12.py311.nbi").touch()
    assert is_kept(dispatcher(tmp_path))


def test_the_loop_is_ready_when_it_has_run() -> None:
    """The engine asks this before it tells the user to wait."""
    KernelRun(world_of(Case("", ["10"], [says(".")], []))).go()
    assert is_compiled()
    assert BacktestEngine.is_compiled()


def test_every_source_of_the_kernel_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept must not outlive a change to what the loop calls, or to its records and scales."""
    whole = compiling._digest()  # noqa: SLF001
    digests = {whole}
    for source in compiling._SOURCES:  # noqa: SLF001
        monkeypatch.setattr(compiling, "_SOURCES", (source,))
        digests.add(compiling._digest())  # noqa: SLF001
    assert len(digests) == 1 + 3
    assert all(len(digest) == 64 for digest in digests)


def test_the_digest_is_part_of_the_stamp() -> None:
    """Numba looks at the stamp before it takes machine code from the disk."""
    cache = getattr(compiling.compiled_and_kept(step), "_cache", None)
    stamp = getattr(getattr(cache, "_cache_file", None), "_source_stamp", (None, compiling._digest()))  # noqa: SLF001
    assert stamp[1] == compiling._digest()  # noqa: SLF001
