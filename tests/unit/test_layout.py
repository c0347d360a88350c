"""Rules of size and shape that no other check holds."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from strategy_orchestrator._version import __version__
from strategy_orchestrator.hooks.markers import API_VERSION

ROOT = Path(__file__).parents[2]
CORE = ROOT / "src" / "strategy_orchestrator"
LONGEST_FILE = 400
LONGEST_FUNCTION = 80
BAR_LOOP = "advance"
"""The one function that may be longer, in kernel/."""
CATCHERS = {"cli/__init__.py", "hooks/guard.py"}
"""The one place that ends the program, and the guard around plug-ins."""
HEAVY = ("numba", "polars", "plotly", "pandas", "pyarrow", "narwhals", "joblib", "rich", "click")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the core or of a plug-in.

    Attributes
    ----------
    place : str
        Where it is, from the folder of the core if it is in it.
    text : str
        What it says.
    tree : Module
        The same, parsed.
    """

    place: str
    text: str
    tree: ast.Module

    @property
    def is_command_line(self) -> bool:
        """Whether it is in cli/, which nobody imports."""
        return self.place.startswith("cli/")

    @property
    def functions(self) -> list[Function]:
        """All functions."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def at(self, node: ast.stmt | ast.expr | ast.excepthandler) -> str:
        """Return where a node is."""
        return f"{self.place}:{node.lineno}"


def read(path: Path) -> Source:
    """Read a file."""
    text = path.read_text(encoding="utf-8")
    top = CORE if CORE in path.parents else ROOT
    return Source(path.relative_to(top).as_posix(), text, ast.parse(text))


SOURCES = [read(path) for path in sorted([*CORE.rglob("*.py"), *ROOT.glob("plugins/*/src/**/*.py")])]


def size(node: Function) -> int:
    """Return the lines that a function takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def public_functions(tree: ast.Module | ast.ClassDef) -> Iterator[Function]:
    """Yield what others may call: functions of the module, methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node)
        elif isinstance(node, Function) and (not node.name.startswith("_") or node.name == "__init__"):
            yield node


def catches_everything(node: ast.AST) -> bool:
    """Tell whether a node is an except clause that keeps every exception; one that raises it again keeps none."""
    if not isinstance(node, ast.ExceptHandler) or ast.unparse(node.body[-1]) == "raise":
        return False
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(each is None or ast.unparse(each) in {"Exception", "BaseException"} for each in caught)


def from_root(node: ast.AST) -> bool:
    """Tell whether a node imports what the root offers; modules may be imported from anywhere."""
    if not isinstance(node, ast.ImportFrom) or node.module != "strategy_orchestrator":
        return False
    return any(not ((CORE / name.name).is_dir() or (CORE / f"{name.name}.py").is_file()) for name in node.names)


def test_a_file_has_one_purpose() -> None:
    """Files are short."""
    sizes = {source.place: source.text.count("\n") for source in SOURCES}
    assert {place: size for place, size in sizes.items() if size > LONGEST_FILE} == {}


def test_a_function_fits_on_a_page() -> None:
    """Functions are short, but for the bar loop."""
    long = [(source, node) for source in SOURCES for node in source.functions if size(node) > LONGEST_FUNCTION]
    found = [
        source.at(node) for source, node in long if (source.place.split("/")[0], node.name) != ("kernel", BAR_LOOP)
    ]
    assert found == []


def test_only_the_command_line_prints() -> None:
    """A library does not write to the terminal of its user."""
    nodes = [(source, node) for source in SOURCES if not source.is_command_line for node in ast.walk(source.tree)]
    calls = [(source, node) for source, node in nodes if isinstance(node, ast.Call)]
    assert [source.at(node) for source, node in calls if ast.unparse(node.func) == "print"] == []


def test_everything_is_caught_in_two_places_only() -> None:
    """Elsewhere a handler names what it expects."""
    places = {source.place for source in SOURCES for node in ast.walk(source.tree) if catches_everything(node)}
    assert places <= CATCHERS


def test_public_signatures_name_their_parameters() -> None:
    """No `**kwargs`: a misspelt option would be taken in silence."""
    sources = [source for source in SOURCES if not source.is_command_line]
    public = [(source, node) for source in sources for node in public_functions(source.tree)]
    assert [source.at(node) for source, node in public if node.args.kwarg is not None] == []


def test_nothing_is_left_to_do() -> None:
    """No stub, no reminder."""
    nodes = [(source, node) for source in SOURCES for node in ast.walk(source.tree)]
    raised = [(source, node) for source, node in nodes if isinstance(node, ast.Raise) and node.exc is not None]
    assert [source.at(node) for source, node in raised if "NotImplementedError" in ast.unparse(node)] == []
    assert [source.place for source in SOURCES if re.search(r"\b(?:TODO|FIXME|XXX)\b", source.text)] == []


def test_the_root_is_for_users() -> None:
    """Inside the package nobody takes what the root offers, which would close a ring."""
    core = [source for source in SOURCES if not source.place.startswith("plugins/")]
    assert [source.place for source in core if any(map(from_root, ast.walk(source.tree)))] == []


def test_every_pack_is_tested_and_typed() -> None:
    """What tox installs and where mypy looks are the packs that there are."""
    packs = [path.parent.name for path in sorted(ROOT.glob("plugins/*/pyproject.toml"))]
    assert re.findall(r"\{tox_root\}/plugins/([\w-]+)", (ROOT / "tox.ini").read_text(encoding="utf-8")) == packs
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["mypy_path"] == ["src", *(f"plugins/{pack}/src" for pack in packs)]


def test_importing_the_package_is_cheap() -> None:
    """The root loads none of the heavy libraries."""
    code = f"import sys, strategy_orchestrator; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


RUN_ON_ARRAYS = """
import sys
import numpy as np
import strategy_orchestrator as so

class Buys(so.SignalStrategy):
    def signals(self, panel):
        return so.Signals(panel.close > 10.2, panel.close < 10.1)

close = np.array([10.0, 10.3, 10.4, 10.0, 10.0])[:, None]
times = np.arange("2024-01-01", "2024-01-06", dtype="datetime64[D]")
panel = so.Panel.from_arrays(times, ["A"], open=close, high=close, low=close, close=close)
result = so.StrategyOrchestrator([(Buys(), 0.5)]).run(panel, 1000)
print(len(result.record.trades), [name for name in {HEAVY} if name in sys.modules])
"""


def test_a_run_on_arrays_loads_nothing_that_reads_tables() -> None:
    """Frames and files cost their time to those who hand some in; numba is there if the kernel has to be compiled."""
    code = RUN_ON_ARRAYS.replace("{HEAVY}", repr(HEAVY[1:]))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 []"


PACKS = [*sorted(ROOT.glob("plugins/*/pyproject.toml")), ROOT / "tests" / "wheels" / "outside" / "pyproject.toml"]


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.parent.name)
def test_every_pack_says_for_which_contract_it_was_written(path: Path) -> None:
    """By the extra of the version that is current, so that another core refuses it before it is imported."""
    needed = tomllib.loads(path.read_text(encoding="utf-8"))["project"]["dependencies"]
    assert needed[0] == f"strategy-orchestrator[api-{API_VERSION}]>={__version__}"
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert extras[f"api-{API_VERSION}"] == []
