"""Build the wheels of the core and of each plug-in, install them in a clean environment, and use them as a user would.

A script, run by `tox -e wheels`: it needs a package registry, which no test may.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
README_COMMAND: Final = "pip install . ./plugins/orchestrator-starter && orchestrate demo"
"""What README.md tells a newcomer to type; a test compares the two."""

OUTSIDE: Final = Path(__file__).with_name("outside")
"""A pack that uses only what is published, with a run of it."""

_CORE: Final = "strategy-orchestrator"
_SECTION: Final = "orchestrator-measures:monthly-returns"
# Bought at 12 after two rises, 83 shares of what 1,000 pays; sold at 14 after a fall; 4 were left over.
_OUTSIDE_EQUITY: Final = "1166"
_NEW_KINDS: Final = ("strategy", "resolver", "rebalancer", "source", "metric")
_WRONG_INPUT: Final = 2
_SHOWN_LINES: Final = 20
_SWEEP: Final = """
[run]
initial_capital = "100000"
[data]
source = "demo"
[[strategy]]
use = "momentum"
weight = 1
[sweep]
jobs = 2
[sweep.grid]
momentum.fast = [5, 10]
run.commission_pct = ["0", "0.001"]
"""
_LEFT_OUT: Final = shutil.ignore_patterns(".*", "__pycache__", "tests", "docs", "benchmarks", "runs", "build", "dist")


class CheckError(Exception):
    """Tell what a user would stumble over."""


@dataclass(frozen=True, slots=True)
class Place:
    """A virtual environment and a working directory away from the checkout.

    Attributes
    ----------
    commands : Path
        The folder of its programs.
    folder : Path
        Where they are run.
    """

    commands: Path
    folder: Path

    @classmethod
    def make(cls, top: Path) -> Place:
        """Make both in a folder."""
        venv.create(top / "venv", with_pip=True)
        folder = top / "work"
        folder.mkdir()
        return cls(top / "venv" / "bin", folder)

    def run(self, *command: str) -> str:
        """Run a program of the environment and return its standard output."""
        return self.shell(shlex.join(command))

    def shell(self, line: str, folder: Path | None = None, status: int = 0) -> str:
        """Run a line of a shell, as somebody types it who has activated the environment.

        Raises
        ------
        CheckError
            If it ends with another exit status.
        """
        tell(f"$ {line}")
        here = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        here |= {"PATH": os.pathsep.join([str(self.commands), os.environ["PATH"]]), "PYTHONUTF8": "1"}
        done = subprocess.run(  # noqa: S602  # our own lines
            line, shell=True, cwd=folder or self.folder, env=here, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != status:
            raise CheckError(f"{line}: exit status {done.returncode}\n{done.stdout}")
        return done.stdout

    def has(self, program: str) -> bool:
        """Tell whether the environment has a program."""
        return shutil.which(program, path=str(self.commands)) is not None


def tell(line: str) -> None:
    """Show what is being done."""
    print(line, flush=True)  # noqa: T201  # a script prints


def main() -> int:
    """Check the wheels and return the exit status."""
    projects = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]
    names = [_name_of(project) for project in projects]
    with tempfile.TemporaryDirectory() as top:
        place = Place.make(Path(top))
        try:
            wheels = build(projects, Path(top) / "wheels")
            check_wheels_install(place, wheels, names)
            check_report(place, wheels, check_commands_answer(place, names))
            check_sweep(place)
            check_outside_pack(place, Path(top))
            check_new_plugins(place, Path(top))
            check_removal_is_complete(place, names)
            check_first_command(place, Path(top) / "checkout")
        except CheckError as error:
            tell(f"FAILED: {error}")
            return 1
    tell(f"OK: {', '.join(names)}")
    return 0


def build(projects: list[Path], folder: Path) -> list[Path]:
    """Build a wheel of each project with its own build system."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    for project in projects:
        tell(f"building {project.name if project != ROOT else _CORE}")
        subprocess.run([*command, str(project)], check=True)  # our own projects
    wheels = sorted(folder.glob("*.whl"))
    if len(wheels) != len(projects):
        raise CheckError(f"{len(projects)} projects made {len(wheels)} wheels: {[wheel.name for wheel in wheels]}")
    return wheels


def check_wheels_install(place: Place, wheels: list[Path], names: list[str]) -> None:
    """Install all wheels with what they need, and look whether all is there and fits together."""
    place.run("pip", "install", "--quiet", *(str(wheel) for wheel in wheels))
    place.run("pip", "check")
    installed = {each["name"]: each for each in json.loads(place.run("pip", "list", "--format=json"))}
    for name in names:
        if name not in installed or "editable_project_location" in installed[name]:
            raise CheckError(f"{name} is not installed from its wheel")


def check_commands_answer(place: Place, names: list[str]) -> str:
    """List the plug-ins, none of them broken, run the demo, and return the folder of the run."""
    if not place.run("orchestrate", "--version").strip():
        raise CheckError("orchestrate --version prints nothing")
    words = set(_words(_plugins(place)))
    missing = [name for name in names if name != _CORE and name not in words]
    if missing or "broken" in words:
        raise CheckError(f"list-plugins: missing {missing}; all it says: {sorted(words)}")
    run = _document(place.run("orchestrate", "demo", "--json"))
    if run.get("sealed") is not True or not (place.folder / run["folder"]).is_dir():
        raise CheckError(f"demo: no sealed run in {run.get('folder')!r}")
    folder: str = run["folder"]
    return folder


def check_report(place: Place, wheels: list[Path], folder: str) -> None:
    """Write the report of a run, with a section of a pack, and compare the run with itself."""
    (core,) = [wheel for wheel in wheels if wheel.name.startswith(f"{_CORE.replace('-', '_')}-")]
    place.run("pip", "install", "--quiet", f"{core}[report]")
    told = _document(place.run("orchestrate", "report", folder, "--section", _SECTION, "--json"))
    page = (place.folder / told["report"]).read_text(encoding="utf-8")
    (section,) = told["sections"]
    if section["problem"] or "monthly-returns&quot;&gt;" not in page or "Plotly" not in page:
        raise CheckError(f"report: {_SECTION} is not in the page: {section}")
    compared = _document(place.run("orchestrate", "compare", folder, folder, "--json"))
    if compared["fingerprints_agree"] is not True or any(compared["differences"].values()):
        raise CheckError(f"compare: a run differs from itself: {compared['differences']}")


def check_sweep(place: Place) -> None:
    """Have the executor of a wheel make the runs of a sweep; whoever makes them, the bytes are the same."""
    (place.folder / "sweep.toml").write_text(_SWEEP, encoding="utf-8")
    for executor in ("local", "joblib"):
        sweep = _document(
            place.run("orchestrate", "sweep", "sweep.toml", "--executor", executor, "--out", executor, "--json")
        )
        if sweep.get("sealed") is not True or sweep["sweep"]["counts"] != {"runs": 4, "finished": 4, "failed": 0}:
            raise CheckError(f"sweep by {executor}: {sweep.get('sweep', {}).get('counts')}")
    for name in ("sweep.json", "sweep.parquet"):
        if len({(place.folder / executor / name).read_bytes() for executor in ("local", "joblib")}) != 1:
            raise CheckError(f"sweep: {name} differs between executors")
    context = json.loads((place.folder / "joblib" / "context.json").read_text(encoding="utf-8"))["context"]
    if "orchestrator-execution" not in context["executor"]:
        raise CheckError(f"sweep: the executor was {context['executor']}")


def check_outside_pack(place: Place, top: Path) -> None:
    """Build a pack in a folder that knows nothing of the checkout, use it in a run, and remove it again."""
    pack = top / "outside"
    shutil.copytree(OUTSIDE, pack)
    name = _name_of(pack)
    (wheel,) = build([pack], top / "outside-wheels")
    place.run("pip", "install", "--quiet", str(wheel))
    listed = {each["distribution"]: each for each in _plugins(place)}
    if listed.get(name, {}).get("status") != "enabled":
        raise CheckError(f"list-plugins: {name} is not enabled: {listed.get(name)}")
    line = f"orchestrate run {shlex.quote(str(pack / 'example' / 'run.toml'))} --json"
    run = _document(place.shell(line))
    equity = run["summary"]["aggregate"]["final_equity"]
    if equity != _OUTSIDE_EQUITY:
        raise CheckError(f"{name}: the run ends with {equity}; expected {_OUTSIDE_EQUITY}")
    taken = json.loads((place.folder / run["folder"] / "run.json").read_text(encoding="utf-8"))["plugins"]
    if name not in _words(taken):
        raise CheckError(f"{name}: run.json does not name it: {taken}")
    place.run("pip", "uninstall", "--quiet", "--yes", name)
    if name in _words(_plugins(place)):
        raise CheckError(f"list-plugins: {name} is there after its removal")
    place.shell(line, status=_WRONG_INPUT)


def check_new_plugins(place: Place, top: Path) -> None:
    """Write a plug-in of each kind, build it, use it in the run that comes with it, and remove it again."""
    names = [f"my-{kind}-pack" for kind in _NEW_KINDS]
    for name, kind in zip(names, _NEW_KINDS, strict=True):
        place.run("orchestrate", "new-plugin", name, "--kind", kind, "--out", str(top / "new"))
    wheels = build([top / "new" / name for name in names], top / "new-wheels")
    place.run("pip", "install", "--quiet", *(str(wheel) for wheel in wheels))
    listed = {each["distribution"]: each["status"] for each in _plugins(place)}
    for name in names:
        if listed.get(name) != "enabled":
            raise CheckError(f"list-plugins: {name} is {listed.get(name)}")
        run = _document(place.run("orchestrate", "run", str(top / "new" / name / "run.toml"), "--json"))
        taken = json.loads((place.folder / run["folder"] / "run.json").read_text(encoding="utf-8"))["plugins"]
        if name not in _words(taken):
            raise CheckError(f"{name}: run.json does not name it: {taken}")
    place.run("pip", "uninstall", "--quiet", "--yes", *names)


def check_removal_is_complete(place: Place, names: list[str]) -> None:
    """Uninstall all of ours and look whether anything is left."""
    place.run("pip", "uninstall", "--quiet", "--yes", *names)
    modules = [name.replace("-", "_") for name in names]
    left = place.run("python", "-c", f"import importlib.util as u; print([m for m in {modules} if u.find_spec(m)])")
    if place.has("orchestrate") or left.strip() != "[]":
        raise CheckError(f"after removal there are left: {left.strip()}")


def check_first_command(place: Place, checkout: Path) -> None:
    """Type the first command of README.md in a copy of the checkout."""
    shutil.copytree(ROOT, checkout, ignore=_LEFT_OUT)
    said = place.shell(README_COMMAND, checkout)
    tell("\n".join(said.splitlines()[-_SHOWN_LINES:]))


def _name_of(project: Path) -> str:
    name: str = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    return name


def _document(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise CheckError(f"not one JSON document: {error}\n{text}") from None
    return found if isinstance(found, dict) else {"items": found}


def _plugins(place: Place) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _document(place.run("orchestrate", "list-plugins", "--json"))["plugins"]
    return found


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)


if __name__ == "__main__":
    sys.exit(main())
