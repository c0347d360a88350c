"""What is told of plug-ins that do odd things when they are imported."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from strategy_orchestrator.errors import ConfigError
from strategy_orchestrator.hooks.learning import learn
from strategy_orchestrator.hooks.learnt import Learnt, Status
from strategy_orchestrator.hooks.plugin import Plugin
from tests.unit.hooks.packs import Site, pack


def plugin(module: str, name: str = "odd", distribution: str = "pack-odd") -> Plugin:
    """Return the name of a plug-in."""
    return Plugin(distribution, "1.0", name, module, "/site")


def learnt_of(site: Site, code: str) -> Learnt:
    """Return what is learnt of a plug-in with some code."""
    site.write("odd", code)
    (learnt,) = learn([plugin("odd")]).values()
    return learnt


@pytest.mark.parametrize(
    "words", ["", "print('x' * 100_000)", "import os, sys; os.write(1, b'x'); os.write(2, b'x'); sys.stderr.write('x')"]
)
def test_what_a_plug_in_prints_is_not_heard(words: str, site: Site) -> None:
    """A plug-in that prints is learnt like any other."""
    learnt = learnt_of(site, words + pack("trend", "Follows."))
    assert learnt.status is Status.ENABLED
    assert [(item.kind, item.name, item.description) for item in learnt.additions] == [
        ("strategy", "trend", "Follows.")
    ]


ENDINGS = {
    "exit": ("import os\n\nos._exit(0)", "its import ended the process with exit status 0 ({file}, line 3)"),
    "crash": ("import ctypes\n\n\nctypes.string_at(0)", "its import ended the process by SIGSEGV ({file}, line 4)"),
    "kill": ("import os\nos.kill(os.getpid(), 9)", "its import ended the process by SIGKILL"),
    "another signal": ("import os\nos.kill(os.getpid(), 40)", "its import ended the process by signal 40"),
    "abort": ("import os\nos.abort()", "its import ended the process by SIGABRT ({file}, line 2)"),
    "SystemExit": ("raise SystemExit(0)", "it asked to end the program, SystemExit(0) ({file}, line 1)"),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", "it raised KeyboardInterrupt while it was loaded"),
    "exception": (
        "import json\njson.loads('')",
        "JSONDecodeError: Expecting value: line 1 column 1 (char 0) ({file}, line 2)",
    ),
    "missing module": ("import nosuchthing", "ModuleNotFoundError: No module named 'nosuchthing' ({file}, line 1)"),
    "syntax": ("x = 1\nclass", "SyntaxError: invalid syntax (odd.py, line 2) ({file}, line 2)"),
    "base exception": ("class E(BaseException): ...\nraise E('a\\nb')", "E: a b ({file}, line 2)"),
    "fake answer": (
        (
            'import os\nfor n in range(3, 10):\n  try: os.write(n, b\'\\x1e{"place": 0, "learnt": 5}\\nnonsense\\n\')\n'
            "  except OSError: pass\nos._exit(3)"
        ),
        "its import ended the process with exit status 3 ({file}, line 5)",
    ),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_a_plug_in_that_ends_the_process_is_told_with_its_line(case: str, site: Site) -> None:
    """Whatever happens on import is one line: what, in which file and line, and what to do."""
    code, problem = ENDINGS[case]
    learnt = learnt_of(site, code)
    assert learnt.status is Status.BROKEN
    assert learnt.additions == ()
    told = problem.format(file=site.folder / "odd.py")
    remedy = "Repair, upgrade or remove pack-odd, or block it: --block pack-odd."
    assert str(learnt.faults[0]) == f"plug-in 'odd' (pack-odd 1.0): {told}. {remedy}"


@pytest.mark.parametrize("code", ["import time\n\ntime.sleep(600)", "import time\n\nwhile True: pass"])
def test_an_endless_import_is_ended(code: str, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time limit the process is ended and the line told at which it was."""
    monkeypatch.setenv("ORCHESTRATE_IMPORT_SECONDS", "0.5")
    learnt = learnt_of(site, code)
    told = f"its import did not end within 0.5 seconds ({site.folder / 'odd.py'}, line 3)"
    assert learnt.faults[0].problem == told
    assert learnt.faults[0].remedy.endswith("; or look again: orchestrate list-plugins --refresh")


@pytest.mark.parametrize("system", ["with groups of processes", "without"])
def test_one_that_gets_around_the_limit_is_ended(system: str, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """By us, a while later."""
    monkeypatch.setenv("ORCHESTRATE_IMPORT_SECONDS", "0.5")
    monkeypatch.setattr("strategy_orchestrator.hooks.learning._START_SECONDS", 3)
    if system == "without":
        monkeypatch.delattr("os.killpg")
    learnt = learnt_of(site, "import faulthandler, time\nfaulthandler.cancel_dump_traceback_later()\ntime.sleep(600)")
    assert learnt.faults[0].problem == "its import did not end within 0.5 seconds"


def test_plug_ins_beside_a_broken_one_are_learnt(site: Site) -> None:
    """Of one distribution, the plug-ins before and after the one that ends the process are looked at."""
    site.write("first", pack("first"))
    site.write("odd", "import os; os._exit(1)")
    site.write("last", pack("last"))
    learnt = learn([plugin(name, name) for name in ("first", "odd", "last")])
    statuses = {key.name: item.status for key, item in learnt.items()}
    assert statuses == {"first": Status.ENABLED, "odd": Status.BROKEN, "last": Status.ENABLED}


def test_what_an_import_starts_ends_with_it(site: Site) -> None:
    """A process that a plug-in leaves behind is ended."""
    code = "import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    code += f"open({str(site.folder / 'pid')!r}, 'w').write(str(p.pid))\n"
    assert learnt_of(site, code + pack("trend")).status is Status.ENABLED
    process = Path("/proc", (site.folder / "pid").read_text())
    for _ in range(1_000):
        if not process.exists() or "\nState:\tZ" in (process / "status").read_text():
            return
        time.sleep(0.005)
    pytest.fail("it is still there")


def test_a_plug_in_that_asks_for_plug_ins_starts_no_further_processes(site: Site) -> None:
    """Within a look at a plug-in nothing else is looked at."""
    site.install("pack-trend", pack("trend"))
    code = "from strategy_orchestrator import create_plugin_manager\n"
    code += "entries = create_plugin_manager(only=['pack-trend']).entries\n"
    code += "raise ValueError([entry.reason for entry in entries if entry.plugin.distribution == 'pack-trend'])\n"
    learnt = learnt_of(site, code)
    assert "it was asked for while another plug-in was being imported" in learnt.faults[0].problem


def test_a_process_that_cannot_begin_is_told(site: Site) -> None:
    """When not even our own modules can be imported, the plug-in is broken and the reason told."""
    site.write("odd", "")
    site.write("importlib_metadata", "raise RuntimeError('no metadata today')")
    site.write("pluggy", "raise RuntimeError('no pluggy today')")
    (learnt,) = learn([plugin("odd")]).values()
    assert learnt.faults[0].problem.startswith("the process that was to look at it ended with exit status 1: ")
    assert "RuntimeError: no " in learnt.faults[0].problem


def test_without_an_interpreter_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started nothing can be learnt."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    (learnt,) = learn([plugin("odd")]).values()
    assert learnt.faults[0].problem.startswith("no process could be started to look at it: ")


def test_the_path_may_hold_anything_that_names_a_folder(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Path among the strings is understood."""
    monkeypatch.setattr("sys.path", [site.folder, *sys.path])
    assert learnt_of(site, pack("trend")).status is Status.ENABLED


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf"])
def test_a_limit_that_is_no_number_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time limit is a number of seconds above 0."""
    monkeypatch.setenv("ORCHESTRATE_IMPORT_SECONDS", text)
    with pytest.raises(ConfigError, match=r"ORCHESTRATE_IMPORT_SECONDS: .* is no number of seconds above 0"):
        learn([])
