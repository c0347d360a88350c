"""The commands as a user calls them, with real plug-ins, prices and processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.errors import InputError

pytest.importorskip("strategy_orchestrator.hooks")
pytest.importorskip("strategy_orchestrator.orchestrator")

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src", ROOT / "plugins" / "orchestrator-starter" / "src")

PLUGIN = '''
import os, sys, time
from strategy_orchestrator import IStrategy, StrategySpec, hookimpl

{at_import}

class Odd(IStrategy):
    """A strategy that does what the test wants."""

    def __init__(self):
        {at_construction}

    def should_enter(self, bars):
        {at_bar}
        return len(bars) % 20 == 0

    def should_exit(self, position, bars):
        return len(bars) % 20 == 10

@hookimpl
def orchestrator_run_started(run):
    {at_start}

@hookimpl
def orchestrator_run_completed(result):
    {at_end}

@hookimpl
def orchestrator_strategies():
    return [StrategySpec("odd", Odd, description="Odd.")]
'''

Run = subprocess.CompletedProcess[str]


class Place:
    """A folder with plug-ins installed in it, in which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        self.site.mkdir()
        self._installed: list[str] = []
        self.install("orchestrator-starter", "starter = orchestrator_starter.plugin")

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment in which the plug-ins are found."""
        path = os.pathsep.join(str(item) for item in (*SOURCES, self.site))
        return {
            **os.environ,
            "PYTHONPATH": path,
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            # Others that are installed here would be looked at anew in every folder.
            "ORCHESTRATE_ONLY": ",".join(self._installed),
        }

    def install(self, distribution: str, entry_point: str) -> None:
        """Write what an installer writes of a distribution."""
        about = self.site / f"{distribution.replace('-', '_')}-0.1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1.0\n")
        (about / "entry_points.txt").write_text(f"[strategy_orchestrator]\n{entry_point}\n")
        (about / "RECORD").write_text("")
        self._installed.append(distribution)

    def install_odd(self, *, at_import: str = "", **moments: str) -> None:
        """Install a plug-in with a strategy `odd`, and code for moments: construction, start, bar, end."""
        wanted = dict.fromkeys(("at_construction", "at_start", "at_bar", "at_end"), "pass") | moments
        code = PLUGIN.format(at_import=at_import, **wanted)
        (self.site / "odd_plugin.py").write_text(code)
        self.install("orchestrator-odd", "odd = odd_plugin")

    def write(self, text: str, name: str = "run.toml") -> None:
        """Write a file."""
        (self.folder / name).write_text(text)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "strategy_orchestrator.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> Run:
        """Run a command to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def saved(self) -> list[Path]:
        """Return the folders of runs that were saved."""
        return sorted((self.folder / "runs").glob("*"))


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def run_file(strategies: str, data: str = 'source = "demo"\nsymbols = ["IBM"]', run: str = "") -> str:
    """Return a run file."""
    return f'[run]\ninitial_capital = "100000"\n{run}\n[data]\n{data}\n{strategies}'


ODD = '[[strategy]]\nuse = "odd"\nweight = "0.5"\n'
HOLD = '[[strategy]]\nuse = "buy-and-hold"\nweight = "0.5"\n'


def document(done: Run) -> Any:
    """Return the one document on standard output."""
    return json.loads(done.stdout)


def test_the_demo_runs_and_is_sealed(place: Place) -> None:
    """The first command of the README prints the comparison and saves the run."""
    done = place.run("demo")
    assert done.returncode == 0, done.stderr
    for words in ("BuyAndHold", "Momentum", "RSI", "portfolio", "reserve", "Conflicts: ", "Capital blocks: "):
        assert words in done.stdout
    assert done.stderr == ""
    folder = place.folder / done.stdout.splitlines()[-1].removeprefix("Run folder: ")
    assert (folder / "seal.json").is_file()
    assert place.saved() == [folder]


def test_two_runs_of_one_file_agree(place: Place) -> None:
    """The same file gives the same fingerprint."""
    fingerprints = {document(place.run("demo", "--json"))["summary"]["fingerprint"] for _ in range(2)}
    assert len(fingerprints) == 1


def csv_rows(symbol: str, n_bars: int) -> str:
    """Return daily prices that rise and fall."""
    rows = []
    for day in range(n_bars):
        close = 100 + (day % 20) - (day % 7)
        rows.append(
            f"{symbol},2020-{1 + day // 28:02d}-{1 + day % 28:02d},{close},{close + 1},{close - 1},{close},1000"
        )
    return "\n".join(rows)


def test_a_file_of_prices_runs(place: Place) -> None:
    """Prices of the user's own in CSV files beside the run file are read by a pattern."""
    (place.folder / "prices").mkdir()
    for symbol in ("AAA", "BBB"):
        text = f"symbol,date,open,high,low,close,volume\n{csv_rows(symbol, 200)}\n"
        place.write(text, f"prices/{symbol}.csv")
    momentum = '[[strategy]]\nuse = "momentum"\nweight = 0.4\nparams = { fast = 3, slow = 9 }\n'
    place.write(run_file(momentum + HOLD, 'source = "csv"\npath = "prices/*.csv"'))
    done = place.run("run", "run.toml", "--json", "--out", "result")
    assert done.returncode == 0, done.stderr
    found = document(done)
    assert found["folder"] == "result"
    assert found["summary"]["counts"]["symbols"] == 2
    assert found["summary"]["counts"]["trades"] > 0
    run = json.loads((place.folder / "result" / "run.json").read_text())
    assert [Path(item["path"]).name for item in run["data"]["files"]] == ["run.toml", "AAA.csv", "BBB.csv"]
    assert run["context"]["run_file"]["strategies"][0]["params"] == {"fast": 3, "slow": 9}


def test_labels_exits_and_equal_weights_reach_the_run(place: Place) -> None:
    """What the file says of a strategy is in the result."""
    strategies = '[[strategy]]\nuse = "rsi"\nlabel = "Dips"\n[strategy.protective_exits]\nmax_holding_bars = 3\n'
    place.write(run_file(strategies, run="equal_weights = true"))
    found = document(place.run("run", "run.toml", "--json"))["summary"]
    assert found["strategy_ids"] == ["Dips_0"]
    assert found["strategies"]["Dips_0"]["weight_at_start"] == "1"


def test_a_check_runs_nothing(place: Place) -> None:
    """A file without faults is told as such and no folder is made."""
    place.write(run_file(HOLD))
    done = place.run("check", "run.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("run.toml: no fault. 1 strategy, 1 symbol, ")
    assert place.saved() == []
    assert document(place.run("check", "run.toml", "--json"))["symbols"] == ["IBM"]


@pytest.mark.parametrize("command", ["run", "check"])
def test_all_faults_of_a_file_are_told_at_once(command: str, place: Place) -> None:
    """Wrong values, unknown names and wrong options are lines of one answer."""
    strategies = '[[strategy]]\nuse = "momentun"\nweight = 0.5\n[[strategy]]\nuse = "momentum"\nparams = { fast = 0 }\n'
    place.write(run_file(strategies, run='fill_at = "later"\nsizer = "none"\nrebalancer = "none"\ncost_model = "none"'))
    done = place.run(command, "run.toml", "--json")
    assert done.returncode == InputError.exit_status
    places = sorted(fault["where"].removeprefix("run.toml: ") for fault in document(done)["faults"])
    assert places == [
        "run.cost_model",
        "run.fill_at",
        "run.rebalancer",
        "run.sizer",
        "strategy[1].use",
        "strategy[2].params.fast",
        "strategy[2].weight",
    ]
    assert len(done.stderr.splitlines()) == len(places)
    assert "Did you mean 'momentum'?" in done.stderr


def test_missing_prices_exit_4(place: Place) -> None:
    """A pattern that matches nothing is a data error."""
    place.write(run_file(HOLD, 'source = "csv"\npath = "none/*.csv"'))
    done = place.run("run", "run.toml")
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_strategy_that_raises_fails_the_run(place: Place) -> None:
    """The error names strategy, symbol and bar, and the folder keeps the error log."""
    place.install_odd(at_bar="1 / (len(bars) - 35)")
    place.write(run_file(ODD + HOLD))
    done = place.run("run", "run.toml", "--out", "failed")
    assert done.returncode == 1
    assert "Odd_0" in done.stderr
    assert "IBM" in done.stderr
    assert "odd_plugin.py" in done.stderr
    assert "Traceback" not in done.stderr
    assert (place.folder / "failed" / "error-log.md").is_file()
    assert not (place.folder / "failed" / "seal.json").exists()


def test_a_traceback_is_shown_when_asked_for(place: Place) -> None:
    """With --debug the strategy's own lines are on standard error."""
    place.install_odd(at_bar="1 / (len(bars) - 35)")
    place.write(run_file(ODD))
    assert "Traceback" in place.run("run", "run.toml", "--debug").stderr


ENDINGS = {
    "import": {"at_import": "os._exit(0)"},
    "construction": {"at_construction": "os._exit(0)"},
    "bar": {"at_bar": "os._exit(0)"},
    "bar, by SystemExit": {"at_bar": "raise SystemExit(0)"},
    "construction, by SystemExit": {"at_construction": "raise SystemExit(0)"},
    "crash": {"at_bar": "import ctypes; ctypes.string_at(0)"},
}
LATER_ENDINGS = {
    "start": {"at_start": "os._exit(0)"},
    "end": {"at_end": "os._exit(0)"},
    "end, by a crash": {"at_end": "import ctypes; ctypes.string_at(0)"},
}


@pytest.mark.parametrize("moment", ENDINGS)
@pytest.mark.parametrize("command", ["run", "check"])
def test_no_plug_in_makes_a_command_succeed_by_ending_it(command: str, moment: str, place: Place) -> None:
    """A plug-in that ends the process with status 0 does not make a result."""
    place.install_odd(**ENDINGS[moment])
    place.write(run_file(ODD))
    done = place.run(command, "run.toml")
    if command == "check" and ("bar" in moment or moment == "crash"):
        assert done.returncode == 0
        return
    assert done.returncode in {1, 3}
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not list(place.folder.glob("runs/*/seal.json"))


@pytest.mark.parametrize("moment", LATER_ENDINGS)
def test_an_end_that_comes_late_is_no_success_either(moment: str, place: Place) -> None:
    """Until a run is sealed, whatever ends the process leaves no result and another status than 0."""
    place.install_odd(**LATER_ENDINGS[moment])
    place.write(run_file(ODD))
    done = place.run("run", "run.toml")
    assert not list(place.folder.glob("runs/*/seal.json"))
    assert done.returncode in {1, 3}
    assert "Traceback" not in done.stderr


BUSY = {
    "looping": (signal.SIGINT, "[None for _ in iter(int, 1)]"),
    "in C, with the lock": (signal.SIGTERM, "import ctypes; ctypes.PyDLL(None).sleep(60)"),
}


@pytest.mark.parametrize("name", BUSY)
def test_a_busy_strategy_does_not_delay_a_signal(name: str, place: Place) -> None:
    """However a strategy computes, and even where Python cannot interrupt it, the run ends within two seconds."""
    number, busy = BUSY[name]
    place.install_odd(at_bar=f"open('begun', 'w').write(str(os.getpid())); {busy}")
    place.write(run_file(ODD))
    process = place.start("run", "run.toml")
    begun = place.folder / "begun"
    wait_for(lambda: begun.exists() and begun.read_text() != "")
    sent = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - sent < 2
    assert (process.returncode, err) == (128 + number, "orchestrate: interrupted; nothing was saved.\n")
    assert place.saved() == []


DIE_ONCE = """
def die():
    if not os.path.exists("went"):
        open("went", "w").close()
        os.kill(os.getpid(), 9)
"""


def test_a_run_that_was_killed_is_gone_on_with(place: Place) -> None:
    """With --resume it comes to the bytes of a run that was not killed, and leaves nothing else."""
    place.install_odd(
        at_import=DIE_ONCE,
        at_bar="len(bars) == 2000 and die()",
    )
    place.write(run_file(ODD))
    assert place.run("run", "run.toml", "--snapshot-seconds", "0").returncode == 1
    (kept,) = (place.folder / "runs").glob(".*.unfinished")
    resumed = place.run("run", "run.toml", "--resume", "--out", "runs/resumed")
    straight = place.run("run", "run.toml", "--resume", "--out", "runs/straight")
    assert (resumed.returncode, resumed.stderr) == (0, "")
    assert straight.returncode == 0
    assert straight.stderr == "run.toml: there is nothing to go on with, so it ran from its beginning.\n"
    assert not kept.exists()
    folders = [place.folder / "runs" / name for name in ("resumed", "straight")]
    for file in (path.name for path in folders[0].glob("*.parquet")):
        assert (folders[0] / file).read_bytes() == (folders[1] / file).read_bytes()


def test_a_run_of_something_else_is_not_gone_on_with(place: Place) -> None:
    """What changed since is named, and nothing is saved."""
    place.install_odd(at_bar="len(bars) == 2000 and os.kill(os.getpid(), 9)")
    place.write(run_file(ODD))
    assert place.run("run", "run.toml", "--snapshot-seconds", "0").returncode == 1
    place.write(run_file(ODD, run='fill_at = "close"'))
    done = place.run("run", "run.toml", "--resume", "--out", "runs/other")
    assert done.returncode == 2
    assert "--resume: the run that was cut short was another one: the options" in done.stderr
    assert not (place.folder / "runs" / "other").exists()


def test_what_plug_ins_print_does_not_reach_standard_output(place: Place) -> None:
    """With --json standard output is one document, whatever is printed and however."""
    words = "print('a'); os.write(1, b'b'); os.system('echo c')"
    place.install_odd(
        at_import=words, at_construction=words, at_bar="len(bars) == 1 and (print('d'), os.write(1, b'e'))"
    )
    place.write(run_file(ODD))
    done = place.run("run", "run.toml", "--json")
    assert done.returncode == 0, done.stderr
    assert document(done)["sealed"] is True
    assert "a\n" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_within_two_seconds(number: signal.Signals, place: Place) -> None:
    """An interrupted run exits 128 + the signal's number, and leaves no process and no folder."""
    place.install_odd(at_bar="open('begun', 'w').write(str(os.getpid())); time.sleep(60)")
    place.write(run_file(ODD))
    process = place.start("run", "run.toml")
    begun = place.folder / "begun"
    end = time.monotonic() + 60
    while not (begun.exists() and begun.read_text()):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.02)
    sent = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert time.monotonic() - sent < 2
    assert (process.returncode, out, err) == (128 + number, "", "orchestrate: interrupted; nothing was saved.\n")
    assert place.saved() == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)


def test_a_worker_whose_parent_is_gone_ends(place: Place) -> None:
    """Nobody waits for the result of a worker whose parent was killed."""
    place.install_odd(at_bar="open('begun', 'w').write(str(os.getpid())); time.sleep(60)")
    place.write(run_file(ODD))
    process = place.start("run", "run.toml")
    begun = place.folder / "begun"
    wait_for(lambda: begun.exists() and begun.read_text() != "")
    process.kill()
    process.communicate(timeout=10)
    worker = int(begun.read_text())
    wait_for(lambda: not Path(f"/proc/{worker}").exists())


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
