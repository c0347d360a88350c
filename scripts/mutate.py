"""Change the code in one place, see whether the tests notice, and do so for thousands of places.

    python -m scripts.mutate [--only NAME] [--module PATH] [--sample N] [--seed S]

The changes are those of cosmic-ray's operators. They are tried by a runner of our own, because cosmic-ray starts one
process for each, which takes longer to import numba than the tests take: here every mutant is a fork of a process that
has imported the libraries, with the changed module in place of the real one, so nothing is written to the sources. The
kernel runs interpreted; a run of many mutants never compiles anything.

Of each place and kind of change one is tried, drawn by the seed: `a + b` becomes one other operation, not eleven. A
mutant is killed by a test that fails or never ends, or by not being importable. Those that no test can tell from the
code are listed with their reasons in `equivalent_mutants.toml` and not counted.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

KNOWN: Final = Path(__file__).with_name("equivalent_mutants.toml")
SOURCES: Final = Path(__file__).parents[1] / "src"
PACKAGE: Final = "strategy_orchestrator"
LIBRARIES: Final = (
    "numba",
    "numpy",
    "polars",
    "pydantic",
    "pluggy",
    "narwhals",
    "hypothesis",
    "pytest",
    "_pytest.python",
)
# Numbers that are equal may be one object or two; the exceptions of a tuple cannot be replaced.
SKIPPED: Final = ("RemoveDecorator", "ExceptionReplacer", "_Is", "_IsNot")
MOST_SECONDS: Final = 20.0
"""Of computing that one test may take; none takes a quarter of it."""
KILLED, SURVIVED, TIMED_OUT, EQUIVALENT = "killed", "survived", "timed out", "equivalent"

KERNEL_TESTS: Final = (
    "tests/unit/kernel/test_by_hand.py",
    "tests/unit/kernel/test_sizing.py",
    "tests/unit/kernel/test_checked.py",
    "tests/unit/kernel/test_closing.py",
    "tests/unit/kernel/test_faults.py",
    "tests/unit/kernel/test_invariants.py",
    "tests/unit/kernel/test_pauses.py",
    "tests/unit/kernel/test_rebalancing.py",
    "tests/property/test_kernel.py::test_kernel_and_reference_agree",
    "tests/property/test_kernel.py::test_they_agree_on_larger_worlds[0]",
    "tests/property/test_kernel.py::test_they_agree_on_larger_worlds[1]",
    "tests/property/test_kernel.py::test_they_agree_where_there_are_many_symbols",
    "tests/property/test_kernel.py::test_they_agree_where_every_cell_has_a_signal",
)
GROUPS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "ledger": (("kernel/books.py", "kernel/closing.py", "kernel/checked.py"), KERNEL_TESTS),
    "capital": (("kernel/sizing.py", "kernel/filling.py", "kernel/rebalancing.py"), KERNEL_TESTS),
    "allocation": (
        ("models/allocation.py",),
        (
            "tests/unit/models/test_allocation.py",
            "tests/unit/test_orchestrator.py",
            # A process of its own has the real module.
            "--deselect=tests/unit/test_orchestrator.py::test_another_process_gives_the_same_fingerprint",
        ),
    ),
    "conflicts": (("kernel/deciding.py",), KERNEL_TESTS),
    "resolvers": (("builtin/resolvers.py",), ("tests/unit/builtin/test_resolvers.py", "tests/property/test_engine.py")),
    "curves": (("kernel/curves.py",), ("tests/property/test_curves.py", "tests/unit/analysis/test_metrics.py")),
    "metrics": (
        (
            "analysis/curve_measures.py",
            "analysis/trade_measures.py",
            "analysis/returns.py",
            "analysis/numbers.py",
            "analysis/exposure.py",
            "analysis/metrics.py",
        ),
        ("tests/unit/analysis", "tests/property/test_streams.py", "--deselect=tests/unit/analysis/test_periods.py"),
    ),
    "periods": (("analysis/periods.py",), ("tests/unit/analysis/test_periods.py",)),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One module with one change."""

    path: str
    operator: str
    line: int
    code: str

    @property
    def module(self) -> str:
        """Name of the module to replace."""
        return ".".join((PACKAGE, *Path(self.path).with_suffix("").parts)).removesuffix(".__init__")

    def changed(self) -> list[str]:
        """Return the changed lines, with the sign of the side that they are on."""
        before = (SOURCES / PACKAGE / self.path).read_text(encoding="utf-8").splitlines()
        lines = difflib.unified_diff(before, self.code.splitlines(), lineterm="", n=0)
        return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]

    def told(self) -> str:
        """Return where the change is and what it is."""
        return "\n".join([f"{self.path}:{self.line}  {self.operator}", *self.changed()])

    def is_in(self, known: Sequence[dict[str, str]]) -> bool:
        """Tell whether it is one of some known ones."""
        lines = [f"{line[0]}{line[1:].strip()}" for line in self.changed()]
        return any(self.path == each["path"] and lines == [f"-{each['before']}", f"+{each['after']}"] for each in known)


class Replaced(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Import a mutant in place of the module that it was made of."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Take over one name."""
        del path, target
        if fullname != self.mutant.module:
            return None
        place = SOURCES / PACKAGE / self.mutant.path
        return importlib.util.spec_from_file_location(fullname, place, loader=self)  # type: ignore[arg-type]

    def get_source(self, fullname: str) -> str:
        """Return the changed code."""
        del fullname
        return self.mutant.code

    def get_filename(self, fullname: str) -> str:
        """Return the file of the real module."""
        del fullname
        return str(SOURCES / PACKAGE / self.mutant.path)


def without_words(code: str) -> str:
    """Return code without what cannot matter.

    That is docstrings; annotations, for they are never evaluated; decorators, which declare; and the place of the one
    record of a run.
    """
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = []
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "run":
            node.slice = ast.Constant(0)
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.dump(tree)


def mutants_of(path: str, rng: random.Random) -> Iterator[Mutant]:
    """Return one mutant for each place and kind of change."""
    source = (SOURCES / PACKAGE / path).read_text(encoding="utf-8")
    plain, tree = without_words(source), get_ast(source)
    places: dict[tuple[str, tuple[int, int]], list[tuple[str, int]]] = {}
    for name in operator_names():
        short = name.rpartition("/")[2]
        is_skipped = short.endswith(SKIPPED) and not short.endswith(("_Is_IsNot", "_IsNot_Is"))
        if is_skipped or get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        positions = (start for node in ast_nodes(tree) for start, _ in operator.mutation_positions(node))
        for occurrence, start in enumerate(positions):
            places.setdefault((short.split("_")[0], start), []).append((name, occurrence))
    for (_, start), choices in sorted(places.items()):
        rng.shuffle(choices)
        for name, occurrence in choices:
            code = mutate_code(source, get_operator(name)(), occurrence)
            if code is not None and is_another(code, plain):
                yield Mutant(path, name.rpartition("/")[2], start[0], code)
                break


def is_another(code: str, plain: str) -> bool:
    """Tell whether changed code can be read and says something else."""
    try:
        return without_words(code) != plain
    except SyntaxError:
        return False


class Clock:
    """End the process when one test computes for too long."""

    def pytest_runtest_setup(self) -> None:
        """Wind the clock; whoever does not stop it is ended by the signal."""
        signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)


def fate_of(mutant: Mutant | None, tests: Sequence[str]) -> str:
    """Run tests with a mutant in a process of its own."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(tested(mutant, tests))
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGVTALRM:
        return TIMED_OUT
    return KILLED if code else SURVIVED


def tested(mutant: Mutant | None, tests: Sequence[str]) -> int:
    """Run tests in this process, silently, up to the first that fails."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if mutant is not None:
        sys.meta_path.insert(0, Replaced(mutant))
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain"]
    return int(pytest.main([*options, *tests], [Clock()]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Try mutants, print what survived and how many were killed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--only", action="append", choices=GROUPS, help="a group of modules; all by default")
    parser.add_argument("--sample", type=int, default=0, help="how many mutants of a group; all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--module", help="one module of a group, such as kernel/books.py")
    options = parser.parse_args(arguments)
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    os.environ.setdefault("HYPOTHESIS_PROFILE", "small")
    for name in LIBRARIES:
        importlib.import_module(name)
    totals: Counter[str] = Counter()
    for group in options.only or GROUPS:
        paths, tests = GROUPS[group]
        totals += tried(group, [path for path in paths if options.module in {None, path}], tests, options)
    n_tried = totals.total() - totals[EQUIVALENT]
    share = 100 - 100 * totals[SURVIVED] / max(n_tried, 1)
    print(f"all: {n_tried} mutants, {totals[SURVIVED]} survived, {share:.1f} % killed")
    return int(totals[SURVIVED] * 10 > n_tried)


def tried(group: str, paths: Sequence[str], tests: Sequence[str], options: argparse.Namespace) -> Counter[str]:
    """Try the mutants of a group of modules."""
    rng = random.Random(options.seed)  # noqa: S311  # a seed makes a sample, no secret
    mutants = [mutant for path in paths for mutant in mutants_of(path, rng)]
    n_all = len(mutants)
    if options.sample and n_all > options.sample:
        mutants = rng.sample(mutants, options.sample)
    started = time.monotonic()
    if fate_of(None, tests) != SURVIVED:
        raise SystemExit(f"{group}: the tests fail without any change")
    known = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["mutant"]
    fates: Counter[str] = Counter()
    for mutant in mutants:
        fate = EQUIVALENT if mutant.is_in(known) else fate_of(mutant, tests)
        fates[fate] += 1
        if fate == SURVIVED:
            print(f"{mutant.told()}\n", flush=True)
    told = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()))
    print(
        f"{group}: {len(mutants)} of {n_all} mutants tried in {time.monotonic() - started:.0f} s: {told}\n", flush=True
    )
    return fates


if __name__ == "__main__":
    sys.exit(main())
