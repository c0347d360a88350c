"""A new plug-in is complete: it builds, is typed, lists, and passes its own tests as it is written."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import strategy_orchestrator
from strategy_orchestrator.cli import status_of
from strategy_orchestrator.cli.naming import KINDS, names_of
from strategy_orchestrator.cli.scaffold import rendered
from strategy_orchestrator.errors import InputError
from strategy_orchestrator.hooks import create_plugin_manager
from strategy_orchestrator.hooks.markers import API_VERSION

CORE = Path(strategy_orchestrator.__path__[0]).parent
MODULES = {"strategy": "strategies", "resolver": "resolvers", "rebalancer": "rebalancers", "source": "sources"}
MODULES["metric"] = "metrics"


def written(kind: str, place: Path, name: str = "orchestrator-week-end") -> Path:
    """Write a plug-in and return its folder."""
    assert status_of(["new-plugin", name, "--kind", kind, "--out", str(place)]) == 0
    return place / name


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of Python in the folder of a plug-in that is not installed."""
    paths = [str(folder / "src"), str(CORE), os.environ.get("PYTHONPATH", "")]
    # Where the core is installed mypy finds it by itself, and refuses to be told.
    typed = [path for path in paths[:2] if "site-packages" not in path]
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MYPYPATH": os.pathsep.join(typed)}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=here, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_all_that_a_distribution_has(kind: str, tmp_path: Path) -> None:
    """Project file, readme, package with marker, plug-in, tests, an example; nothing is left to fill in."""
    folder = written(kind, tmp_path)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    module = MODULES[kind]
    package = "src/orchestrator_week_end"
    assert files == sorted(
        [
            *(".gitignore", "README.md", "pyproject.toml", "run.toml"),
            *(f"{package}/{name}" for name in ("__init__.py", "plugin.py", "py.typed", f"{module}.py")),
            *("tests/test_contract.py", f"tests/test_{module}.py"),
        ]
    )
    texts = [(folder / name).read_text(encoding="utf-8") for name in files]
    assert not [text for text in texts if "$" in text or "TODO" in text]


@pytest.mark.parametrize("kind", KINDS)
def test_its_project_file_declares_the_entry_point(kind: str, tmp_path: Path) -> None:
    """By it, and by nothing else, the orchestrator finds the plug-in."""
    project = tomllib.loads((written(kind, tmp_path) / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["name"] == "orchestrator-week-end"
    assert project["project"]["entry-points"] == {"strategy_orchestrator": {"week-end": "orchestrator_week_end.plugin"}}
    core = f"strategy-orchestrator[api-{API_VERSION}]>={strategy_orchestrator.__version__}"
    assert core in project["project"]["dependencies"]


@pytest.mark.parametrize("kind", KINDS)
def test_it_compiles(kind: str, tmp_path: Path) -> None:
    """Every file is Python."""
    assert compileall.compile_dir(written(kind, tmp_path), quiet=2)


@pytest.mark.parametrize("kind", KINDS)
def test_it_passes_its_own_tests(kind: str, tmp_path: Path) -> None:
    """As written, warnings being errors."""
    done = python(written(kind, tmp_path), "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_it_is_typed(tmp_path: Path) -> None:
    """Strictly, its tests included; what mypy learns of the libraries serves all kinds."""
    for kind in KINDS:
        folder = written(kind, tmp_path, f"my-{kind}-pack")
        done = python(folder, "mypy", "--follow-imports=silent", "--cache-dir", str(tmp_path / "cache"))
        assert done.stdout == "Success: no issues found in 5 source files\n", done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_clean(kind: str, tmp_path: Path) -> None:
    """By the default rules and the default format of ruff."""
    folder = written(kind, tmp_path)
    for arguments in (["check"], ["check", "--select", "I"], ["format", "--check"]):
        done = python(folder, "ruff", arguments[0], "--isolated", "--no-cache", *arguments[1:], ".")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_it_registers_under_its_name(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it offers can be made with its defaults."""
    name = f"my-{kind}-pack"
    monkeypatch.syspath_prepend(written(kind, tmp_path, name) / "src")
    module = __import__(f"my_{kind}_pack.plugin", fromlist=["plugin"])
    manager = create_plugin_manager([module], autoload=False)
    host_kind = "data_source" if kind == "source" else kind
    offer = manager.find(host_kind, name, "the test")
    assert manager.build(offer, {}, "the test") is not None


def test_a_person_is_told_what_was_written_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A strategy, here, unless told otherwise."""
    monkeypatch.chdir(tmp_path)
    assert status_of(["new-plugin", "Week.End"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Wrote Week.End, a plug-in with the strategy 'week-end': 10 files in Week.End",
        "",
        "Next:",
        "  pip install --editable Week.End",
        "  orchestrate list-plugins week-end",
        "  orchestrate run Week.End/run.toml",
        "  pytest Week.End",
    ]
    assert (tmp_path / "Week.End" / "src" / "week_end" / "plugin.py").is_file()


def test_a_program_gets_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, folder and files."""
    assert status_of(["new-plugin", "my-pack", "--kind", "metric", "--out", str(tmp_path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    files = document.pop("files")
    assert document == {
        "distribution": "my-pack",
        "package": "my_pack",
        "kind": "metric",
        "name": "my-pack",
        "folder": str(tmp_path / "my-pack"),
    }
    assert len(files) == 10
    assert all((tmp_path / "my-pack" / name).is_file() for name in files)


NAMES = {
    "my-pack": ("my_pack", "my-pack", "MyPackStrategy"),
    "My_Pack": ("my_pack", "my-pack", "MyPackStrategy"),
    "orchestrator-trend": ("orchestrator_trend", "trend", "TrendStrategy"),
    "strategy-orchestrator-trend": ("strategy_orchestrator_trend", "trend", "TrendStrategy"),
    "golden-strategy": ("golden_strategy", "golden-strategy", "GoldenStrategy"),
    "orchestrator-7days": ("orchestrator_7days", "7days", "My7daysStrategy"),
    "orchestrator-signal": ("orchestrator_signal", "signal", "MySignalStrategy"),
    "x": ("x", "x", "XStrategy"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_follow_from_that_of_the_distribution(name: str) -> None:
    """Package, what users write, class."""
    names = names_of(name, "strategy")
    assert (names.package, names.thing, names.class_name) == NAMES[name]


REFUSED = {
    "my pack!": "NAME: 'my pack!' is no name for a distribution; expected letters, .* Did you mean 'my-pack'\\?",
    "-pack": "Did you mean 'pack'\\?",
    "..": "For instance 'my-strategies'\\.",
    "../up": "Did you mean 'up'\\?",
    "a" * 81: "80 characters at most",
    "7days": "makes a package '7days', which cannot be imported: it begins with a digit. Did you mean 'orchestrator-7d",
    "class": "makes a package 'class', which is a word of Python. Did you mean 'orchestrator-class'",
    "json": "makes a package 'json', which Python itself has. Did you mean 'orchestrator-json'",
    "numpy": "makes a package 'numpy', and a package of that name is installed. Did you mean 'orchestrator-numpy'",
    "strategy-orchestrator": "makes a package 'strategy_orchestrator', and a package of that name is installed",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_would_not_work_is_refused(name: str) -> None:
    """With one that would."""
    with pytest.raises(InputError, match=REFUSED[name]):
        names_of(name, "strategy")


def test_the_command_line_refuses_it_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With exit status 2, and nothing is written."""
    assert status_of(["new-plugin", "my pack", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """Click lists them."""
    assert status_of(["new-plugin", "my-pack", "--kind", "strategi"]) == 2
    assert "'strategy', 'resolver', 'rebalancer', 'source', 'metric'" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_there_is_not_touched(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even an empty folder."""
    place = tmp_path / "my-pack"
    if kind == "folder":
        place.mkdir()
    elif kind == "file":
        place.write_text("mine", encoding="utf-8")
    else:
        place.symlink_to(tmp_path / "nowhere")
    assert status_of(["new-plugin", "my-pack", "--out", str(tmp_path)]) == 2
    expected = f"{place}: there is something of this name already. Choose another name, or another place with --out.\n"
    assert capsys.readouterr().err == expected
    assert list(tmp_path.iterdir()) == [place]


def test_nothing_is_left_when_it_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where a folder is wanted."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert status_of(["new-plugin", "my-pack", "--out", str(tmp_path / "file")]) == 2
    assert "my-pack: it cannot be written: Not a directory. Choose another place with --out." in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("kind", KINDS)
def test_long_names_still_compile(kind: str) -> None:
    """Whatever it is called."""
    for path, text in rendered(names_of("orchestrator-" + "very-long-" * 6 + "name", kind), kind):
        if path.suffix == ".py":
            compile(text, str(path), "exec")
