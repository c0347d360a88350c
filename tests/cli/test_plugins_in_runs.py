"""What plug-ins do to runs that name them, and to those that do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.places import Place
from tests.unit.hooks.packs import pack

pytest.importorskip("strategy_orchestrator.orchestrator")

BARS = "".join(f"2020-01-{day:02d},{100 + day},{101 + day},{99 + day},{100 + day},1000\n" for day in range(1, 21))
RUN = """[run]
initial_capital = 100000
[data]
source = "csv"
path = "AAA.csv"
[[strategy]]
use = "{use}"
weight = 1
{rest}
"""


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    (tmp_path / "AAA.csv").write_text(f"date,open,high,low,close,volume\n{BARS}")
    place.site.install("pack-fine", pack("fine"))
    return place


def write(place: Place, use: str = "fine", rest: str = "") -> None:
    """Write a run file."""
    (place.folder / "run.toml").write_text(RUN.format(use=use, rest=rest))


CULPRITS = {
    "raises": ("1 / 0", "ZeroDivisionError: division by zero ({file}, line 1)"),
    "leaves": ("raise SystemExit(0)", "it asked to end the program, SystemExit(0) ({file}, line 1)"),
    "exits": ("import os; os._exit(0)", "its import ended the process with exit status 0 ({file}, line 1)"),
    "hangs": ("import time\ntime.sleep(600)", "its import did not end within 3 seconds ({file}, line 2)"),
    "crashes": ("import ctypes\nctypes.string_at(0)", "its import ended the process by SIGSEGV ({file}, line 2)"),
    "misspells": (
        "from strategy_orchestrator import hookimpl\n@hookimpl\ndef orchestrator_strategie(): return []",
        "there is no hook 'orchestrator_strategie'; did you mean 'orchestrator_strategies'? ({file}, line 2)",
    ),
}


@pytest.mark.parametrize("case", CULPRITS)
def test_a_culprit_harms_only_who_names_it(case: str, place: Place) -> None:
    """A run that does not name it succeeds; one that does gets one line about it, and status 3."""
    code, problem = CULPRITS[case]
    place.site.install("pack-odd", code)
    limit = {"ORCHESTRATE_IMPORT_SECONDS": "3"}
    write(place)
    done = place.run("run", "run.toml", "--json", **limit)
    assert (done.returncode, done.stderr) == (0, "")
    write(place, "pack-odd:odd")
    done = place.run("run", "run.toml", **limit)
    assert done.returncode == 3
    unknown, told = done.stderr.splitlines()
    assert unknown.startswith("run.toml: strategy[1].use: no strategy is called 'pack-odd:odd'; known: ")
    file = place.site.folder / "pack_odd.py"
    remedy = "Repair, upgrade or remove pack-odd, or block it: --block pack-odd"
    again = "; or look again: orchestrate list-plugins --refresh" if case == "hangs" else ""
    assert told == f"plug-in 'odd' (pack-odd 1.0): {problem.format(file=file)}. {remedy}{again}."


def test_a_run_names_the_plug_ins_that_took_part(place: Place) -> None:
    """With version and hash, and no others."""
    place.site.install("pack-idle", pack("idle"))
    write(place)
    done = place.run("run", "run.toml", "--out", "result")
    assert done.returncode == 0, done.stderr
    text = (place.folder / "result" / "run.json").read_text()
    assert "pack-fine" in text
    assert "pack-idle" not in text
    json.loads(text)


def test_options_come_before_the_environment_and_this_before_the_file(place: Place) -> None:
    """The file blocks, the environment blocks something else, the option nothing that matters."""
    write(place, rest='[plugins]\nblock = ["pack-fine"]')
    done = place.run("check", "run.toml")
    assert done.returncode == 2
    assert "These take no part: pack-fine 1.0 (by run.toml: plugins.block)." in done.stderr
    assert place.run("check", "run.toml", ORCHESTRATE_BLOCK="other").returncode == 0
    done = place.run("check", "run.toml", "--block", "fine", ORCHESTRATE_BLOCK="other")
    assert "pack-fine 1.0 (by --block)" in done.stderr


def test_a_changed_byte_is_refused_before_import(place: Place) -> None:
    """With the file that differs; the plug-in is not run."""
    write(place)
    assert place.run("plugins", "lock").returncode == 0
    assert place.run("run", "run.toml", "--locked").returncode == 0
    with (place.site.folder / "pack_fine.py").open("a") as stream:
        stream.write(f"\nopen({str(place.folder / 'ran')!r}, 'w')\n")
    done = place.run("run", "run.toml", "--locked")
    assert done.returncode == 3
    assert done.stderr.startswith("pack-fine 1.0: pack_fine.py was changed since orchestrate.lock was written. ")
    assert not (place.folder / "ran").exists()
    assert place.run("run", "run.toml").returncode == 0


LISTENER = """
import os
from strategy_orchestrator import hookimpl

@hookimpl
def orchestrator_run_started():
    os._exit(0)
"""


def test_a_listener_harms_only_who_names_it(place: Place) -> None:
    """One that ends the program when it hears of a run is not heard of where nobody names it."""
    place.site.install("pack-odd", LISTENER)
    write(place)
    assert place.run("run", "run.toml", "--quiet").returncode == 0
    done = place.run("run", "run.toml", "--listen", "pack-odd")
    assert done.returncode == 1
    assert done.stderr.startswith("run.toml: the process ended with exit status 0 while ")
