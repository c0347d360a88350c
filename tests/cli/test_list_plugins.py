"""The list of plug-ins, as a person and as a program read it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from strategy_orchestrator.cli import jobs, status_of
from strategy_orchestrator.cli.plugin_tables import show_details, show_plugins
from strategy_orchestrator.hooks.learnt import Addition, Entry, Parameter, Status
from strategy_orchestrator.hooks.plugin import BUILT_IN, Plugin
from tests.cli.places import Place
from tests.unit.hooks.packs import Site, pack

TREND = Plugin("pack-trend", "1.0", "trend", "pack_trend", "/site")
ADDITIONS = (
    Addition(TREND, "strategy", "trend", "Follows the trend until it ends, and then a good deal longer than that."),
    Addition(
        TREND,
        "cost_model",
        "by-share",
        "So much a share.",
        (
            Parameter("rate", "Decimal", ("> 0",), is_required=True, default=None, description="Money a share."),
            Parameter("least", "int", (), is_required=False, default=1, description="At least."),
        ),
    ),
)


def console() -> tuple[Console, io.StringIO]:
    """Return a console that writes plain text 80 characters wide."""
    stream = io.StringIO()
    return Console(file=stream, width=80, markup=False, highlight=False, emoji=False), stream


def test_the_table_says_what_each_adds_and_what_is_wrong() -> None:
    """A headline, the state unless it is enabled, and aligned lines of what it adds."""
    target, stream = console()
    odd = Plugin("pack-odd", "2.0", "odd", "odd", "/site")
    entries = [
        Entry(BUILT_IN, Status.ENABLED, events=("orchestrator_run_started",)),
        Entry(TREND, Status.ENABLED, additions=ADDITIONS),
        Entry(odd, Status.BROKEN, f"[red]\x1b[31mit is{' very' * 80} broken."),
    ]
    show_plugins(entries, {ADDITIONS[0]: "trend", ADDITIONS[1]: "pack-trend:by-share"}, target)
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    assert lines == [
        f"{BUILT_IN.owner} (built in)",
        "  hears of runs through orchestrator_run_started",
        "",
        "pack-trend 1.0 (plug-in trend, from /site)",
        "   strategy    trend                Follows the trend until it ends, and then a",
        "                                    good deal longer than that.",
        "   cost model  pack-trend:by-share  So much a share.",
        "",
        "pack-odd 2.0 (plug-in odd, from /site)",
        f"  broken: [red] [31mit is{' very' * 80} broken.",
    ]


def test_the_details_say_what_can_be_set() -> None:
    """Types, defaults, bounds and descriptions; or that there is nothing to set."""
    target, stream = console()
    show_details(ADDITIONS, target)
    lines = [" ".join(line.split()) for line in stream.getvalue().splitlines()]
    assert lines == [
        "strategy trend, of pack-trend 1.0",
        "Follows the trend until it ends, and then a good deal longer than that.",
        "It has no parameters.",
        "",
        "cost model by-share, of pack-trend 1.0",
        "So much a share.",
        "",
        "parameter type default bounds description",
        "─" * 56,
        "rate Decimal required > 0 Money a share.",
        "least int 1 At least.",
    ]


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


HOSTILE = {
    "pack-prints": (f"print('x'); import os; os.write(1, b'y')\n{pack('loud')}", "enabled", ""),
    "pack-leaves": ("raise SystemExit(0)", "broken", "it asked to end the program, SystemExit(0) ("),
    "pack-exits": ("import os; os._exit(0)", "broken", "its import ended the process with exit status 0 ("),
    "pack-hangs": ("import time; time.sleep(600)", "broken", "its import did not end within 2 seconds ("),
    "pack-crashes": ("import ctypes; ctypes.string_at(0)", "broken", "its import ended the process by SIGSEGV ("),
    "pack-fine": (pack("trend", "Follows."), "enabled", ""),
}


def test_the_list_is_whole_whatever_plug_ins_do(place: Place) -> None:
    """Those that print, exit, hang or crash stand in it beside the others, and it is one document of JSON."""
    for distribution, (code, _, _) in HOSTILE.items():
        place.site.install(distribution, code)
    listed = place.listed(ORCHESTRATE_IMPORT_SECONDS="2")
    for distribution, (_, status, reason) in HOSTILE.items():
        item = listed[distribution]
        assert (item["status"], item["version"], item["location"]) == (status, "1.0", str(place.site.folder))
        assert item["reason"].startswith(reason)
    adds = [{key: item[key] for key in ("kind", "name", "use")} for item in listed["pack-fine"]["adds"]]
    assert adds == [{"kind": "strategy", "name": "trend", "use": "trend"}]
    assert listed["strategy-orchestrator"]["origin"] == "built-in"


def test_the_list_imports_no_plug_in_and_nothing_heavy(place: Place) -> None:
    """Not even into the process that makes it."""
    place.site.install("pack-fine", pack("trend"))
    code = (
        "import sys\n"
        "from strategy_orchestrator.cli import status_of\n"
        "status_of(['list-plugins', '--json'])\n"
        "odd = {'numpy', 'numba', 'polars', 'pydantic', 'rich', 'pack_fine', 'orchestrator_starter'}\n"
        "print(sorted(odd & set(sys.modules)), file=sys.stderr)\n"
    )
    path = os.pathsep.join([str(place.site.folder), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(place.folder)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_switches_are_obeyed_and_told(place: Place) -> None:
    """By option and by environment; nothing of a blocked plug-in is run."""
    place.site.install("pack-a", f"open({str(place.folder / 'ran')!r}, 'w')")
    place.site.install("pack-b", pack("b"))
    item = place.listed("--block", "pack-a")["pack-a"]
    assert (item["status"], item["reason"]) == ("blocked", "by --block")
    item = place.listed(ORCHESTRATE_BLOCK="a")["pack-a"]
    assert (item["status"], item["reason"]) == ("blocked", "by ORCHESTRATE_BLOCK")
    listed = place.listed("--only", "pack-b")
    assert (listed["pack-a"]["reason"], listed["pack-b"]["status"]) == ("not among those of --only", "enabled")
    listed = place.listed("--no-autoload")
    assert listed["pack-b"]["reason"] == "--no-autoload leaves installed plug-ins out"
    assert not (place.folder / "ran").exists()


def test_one_name_shows_what_it_means(place: Place) -> None:
    """A distribution, or something that is added, with its parameters."""
    place.site.install("pack-a", pack("trend"))
    place.site.install("pack-b", pack("trend"))
    done = place.run("list-plugins", "pack-a")
    assert done.stdout.startswith("pack-a 1.0 (plug-in a, from ")
    assert "pack-a:trend" in done.stdout
    assert "pack-b" not in done.stdout
    document = json.loads(place.run("list-plugins", "--json", "trend").stdout)
    assert [item["use"] for item in document["details"]] == ["pack-a:trend", "pack-b:trend"]
    document = json.loads(place.run("list-plugins", "--json", "THRESHOLD").stdout)
    assert [item["name"] for item in document["details"][0]["parameters"]] == ["threshold"]
    assert "threshold" in place.run("list-plugins", "THRESHOLD").stdout


def test_an_unknown_name_is_refused_with_the_nearest(place: Place) -> None:
    """And with the plug-ins that could not be asked."""
    done = place.run("list-plugins", "--only", "strategy-orchestrator", "THRESHOLT")
    assert done.returncode == 2
    assert "no plug-in or addition is called 'THRESHOLT'; " in done.stderr
    assert "Did you mean 'THRESHOLD'?" in done.stderr
    place.site.install("pack-odd", "1 / 0  # odd-strategy")
    done = place.run("list-plugins", "odd-strategy")
    assert done.returncode == 3
    assert "plug-in 'odd' (pack-odd 1.0): ZeroDivisionError: " in done.stderr


def test_a_cache_that_cannot_be_written_is_no_error(place: Place) -> None:
    """The list is the same."""
    (place.folder / "cache").write_text("")
    assert place.listed()["strategy-orchestrator"]["status"] == "enabled"


def test_a_lock_is_written_and_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """One file with all hashes; the audit tells what differs and exits 3 then."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.chdir(tmp_path)
    site = Site(folder)
    site.install("pack-a", pack("trend"))
    assert status_of(["plugins", "lock", "--only", "pack-a"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"pack-a 1.0: 3 files, sha256 {sha256_in(tmp_path / 'orchestrate.lock')}",
        "Lock: orchestrate.lock",
    ]
    assert status_of(["plugins", "lock", "--only", "pack-a", "--file", "other.lock", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [item["name"] for item in document["distributions"]] == ["strategy-orchestrator", "pack-a"]
    assert (tmp_path / "other.lock").read_text() == (tmp_path / "orchestrate.lock").read_text()
    assert status_of(["plugins", "audit"]) == 0
    assert "pack-a 1.0: as installed" in capsys.readouterr().out
    (folder / "pack_a.py").write_text("x = 1")
    assert status_of(["plugins", "audit"]) == 3
    text = capsys.readouterr().out
    assert "pack-a 1.0: differs from what was installed" in text
    assert "  changed: pack_a.py" in text
    assert "  entry point: a = pack_a" in text
    assert status_of(["plugins", "audit", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    audited = {item["name"]: item["is_as_recorded"] for item in document["distributions"]}
    assert audited["pack-a"] is False
    assert {"path", "sha256", "runs_code", "owner"} == set(document["start_files"][0])


def sha256_in(lock: Path) -> str:
    """Return the last hash of a distribution in a lock."""
    lines = [line for line in lock.read_text().splitlines() if line.startswith("sha256")]
    return lines[-1].partition('"')[2].rstrip('"')


def test_what_is_recorded_nowhere_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    """As in an editable installation."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    about = Site(folder).install("pack-a", pack("trend"))
    (about / "RECORD").write_text("")
    status_of(["plugins", "audit"])
    assert "pack-a 1.0: its modules are not recorded" in capsys.readouterr().out


def test_options_reach_the_job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Repeated and separated by commas; naming a lock asks for it."""
    asked = []

    def supervise(job: Any, watch: Any) -> Any:
        asked.append((job.wish.blocked, job.wish.only, job.wish.autoload, job.lock))
        raise KeyboardInterrupt(watch)

    monkeypatch.setattr(jobs, "supervise", supervise)
    monkeypatch.chdir(tmp_path)
    for line in (
        "run x.toml --block a --block b,c --only d --no-autoload --locked",
        "check x.toml --lock my.lock --autoload",
        "demo --block a",
        "run x.toml",
    ):
        assert status_of(line.split()) == 130
    assert asked == [
        (("a", "b", "c"), ("d",), False, "orchestrate.lock"),
        (None, None, True, "my.lock"),
        (("a",), None, None, None),
        (None, None, None, None),
    ]


@pytest.mark.parametrize("option", ["--json", "--autoload"])
def test_a_reader_that_has_enough_is_no_error(option: str, place: Place) -> None:
    """As when the list is piped into `head`, whoever prints."""
    command = f"{sys.executable} -m strategy_orchestrator.cli list-plugins --only builtin {option}"
    environment = {**os.environ, "XDG_CACHE_HOME": str(place.folder)}
    done = subprocess.run(
        ["bash", "-c", f"{command} | true; echo ${{PIPESTATUS[0]}}"],  # noqa: S607  # whichever bash there is
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("141\n", "")
