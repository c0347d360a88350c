"""What numba makes of the kernel lies beside it, and is taken where it fits."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import pytest

from strategy_orchestrator import kernel
from strategy_orchestrator.kernel import lower_kernel, lowered
from strategy_orchestrator.kernel.machine import Keeper, emit
from tests.reference.cases import check_case
from tests.unit.kernel.runs import kernel_outcome
from tests.unit.kernel.test_by_hand import CASES

ROOT = Path(__file__).parents[3]
HEADER, _ = lowered.unpacked(lowered.PATH.read_bytes())
PYTHON = ".".join(platform.python_version_tuple()[:2])
MADE_BY = {
    "numba": version("numba"),
    "llvmlite": version("llvmlite"),
    "system": platform.system(),
    "machine": platform.machine(),
}
IS_MADE_BY_THESE = HEADER["python"].startswith(f"{PYTHON}.") and HEADER.items() >= MADE_BY.items()
is_compiled_here = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")


def test_it_is_of_these_sources() -> None:
    """Whoever changes the kernel writes it anew: python -m scripts.write_kernel."""
    assert HEADER["sources"] == lowered.digest_of_sources()


@is_compiled_here
@pytest.mark.skipif(not IS_MADE_BY_THESE, reason="made by other versions or for another kind of machine")
def test_it_is_what_the_sources_come_to() -> None:
    """To the byte: nobody has to believe that it does what the sources say."""
    command = [sys.executable, "-m", "scripts.write_kernel", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what puts another file in its place, with parts of the header changed."""

    def rewrite(**changed: object) -> None:
        head, _, rest = lowered.PATH.read_bytes().partition(b"\n")
        other = tmp_path / "lowered.bin"
        other.write_bytes(json.dumps(json.loads(head) | changed).encode() + b"\n" + rest)
        monkeypatch.setattr(lowered, "PATH", other)

    return rewrite


HERE = {"system": platform.system(), "machine": platform.machine(), "llvm": llvm.llvm_version_info[0]}


def test_it_is_taken_where_it_fits(rewritten: Any) -> None:
    """By this LLVM or a later one."""
    rewritten(**HERE)
    assert lowered.kept() is not None
    rewritten(**HERE | {"llvm": 1})
    assert lowered.kept() is not None


@pytest.mark.parametrize(
    "other", [{"sources": "0" * 64}, {"system": "Plan 9"}, {"machine": "pdp11"}, {"llvm": 10_000}], ids=str
)
def test_it_is_passed_over_where_it_does_not_fit(other: dict[str, object], rewritten: Any) -> None:
    """Then numba is asked, which takes longer and comes to the same."""
    rewritten(**HERE | other)
    assert lowered.kept() is None


def test_it_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where somebody leaves it out of a package."""
    monkeypatch.setattr(lowered, "PATH", Path("nowhere"))
    assert lowered.kept() is None


@pytest.mark.parametrize("damage", [b"", b"{", b"7\n", b"{}\n", b"[]\nx", lowered.PATH.read_bytes()[:-1]], ids=len)
def test_it_is_passed_over_if_it_is_damaged(damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut or changed, it is none."""
    (tmp_path / "lowered.bin").write_bytes(damage)
    monkeypatch.setattr(lowered, "PATH", tmp_path / "lowered.bin")
    assert lowered.kept() is None


@is_compiled_here
@pytest.mark.skipif(IS_MADE_BY_THESE, reason="what numba lowers here is that, to the byte")
def test_what_numba_lowers_here_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing fits, decisions and ledgers are those on paper too."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(kernel, "_KEEPER", Keeper(lambda: emit(lower_kernel())))
    for case in CASES.values():
        check_case(case, kernel_outcome)
