"""The command proves that the strategies of a file do not look ahead, or says which does and where."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from strategy_orchestrator.cli import jobs, status_of
from strategy_orchestrator.cli.looked_tables import show_looked
from strategy_orchestrator.cli.looking import looked_at
from strategy_orchestrator.cli.messages import Job
from strategy_orchestrator.cli.supervise import Outcome
from strategy_orchestrator.errors import InputError
from tests.cli.test_end_to_end import HOLD, Place, csv_rows, document, run_file

PEEKING = """
import numpy as np
from strategy_orchestrator import Signals, StrategySpec, hookimpl

class Peeking:
    def signals(self, panel):
        rises = np.zeros(panel.traded.shape, np.bool_)
        if panel.n_bars > 8:
            rises[7] = panel.close[8] > panel.close[7]
        return Signals(rises, ~rises)

@hookimpl
def orchestrator_strategies():
    return [StrategySpec("peeking", Peeking, description="Peeks at one bar.")]
"""
PEEK = '[[strategy]]\nuse = "peeking"\nweight = "0.5"\n'
MOMENTUM = '[[strategy]]\nuse = "momentum-per-bar"\nweight = "0.5"\nparams = { fast = 3, slow = 9 }\n'


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    """Return a folder with a plug-in that peeks, and prices of two symbols."""
    place = Place(tmp_path)
    (place.site / "peeking_pack.py").write_text(PEEKING)
    place.install("orchestrator-peeking", "peeking = peeking_pack")
    rows = "\n".join(csv_rows(symbol, 40) for symbol in ("AAA", "BBB"))
    place.write(f"symbol,date,open,high,low,close,volume\n{rows}\n", "prices.csv")
    return place


def of(*strategies: str) -> str:
    """Return a run file."""
    return run_file("".join(strategies), 'source = "csv"\npath = "prices.csv"')


def test_a_strategy_that_peeks_is_found_with_both_bars(place: Place) -> None:
    """One document says which strategy, symbol and bar, and the bar that was read."""
    place.write(of(PEEK, MOMENTUM))
    done = place.run("lookahead", "run.toml", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    found = document(done)
    assert (found["bars"], found["symbols"], found["is_clean"]) == (40, ["AAA", "BBB"], False)
    assert found["strategies"]["MomentumStrategy_0"] == {
        "use": "momentum-per-bar",
        "bars_tried": 39,
        "is_every_bar": True,
        "findings": [],
    }
    finding = found["strategies"]["Peeking_0"]["findings"][0]
    assert {key: finding[key] for key in ("kind", "symbol", "bar", "time", "depends_on")} == {
        "kind": "look-ahead",
        "symbol": "AAA",
        "bar": 7,
        "time": "2020-01-08",
        "depends_on": [{"bar": 8, "time": "2020-01-09"}],
    }


def test_strategies_that_keep_to_their_bars_pass(place: Place) -> None:
    """The number of bars that were tried is told; who is not named is left alone."""
    place.write(of(MOMENTUM, HOLD.replace("0.5", "0.4"), PEEK.replace("0.5", "0.1")))
    chosen = ("--strategy", "MomentumStrategy_0", "--strategy", "BuyAndHoldSignals_0", "--bars", "5")
    done = place.run("lookahead", "run.toml", *chosen)
    assert (done.returncode, done.stderr) == (0, "")
    head, first, second, last = done.stdout.splitlines()
    assert head == "run.toml: 2 strategies, 2 symbols, 40 bars, 2020-01-01 to 2020-02-12."
    assert first == "  MomentumStrategy_0: no look-ahead; cut off and changed at every bar"
    assert second.startswith("  BuyAndHoldSignals_0: no look-ahead; cut off and changed at ")
    assert second.endswith(" of 39 bars")
    assert last == "Nothing was found to look ahead where it was tried; --all tries every bar."


def test_a_strategy_that_is_not_there_is_told_with_the_nearest() -> None:
    """Before anything is asked."""
    job = Job("lookahead", "run.toml", None, "1", debug=False, strategies=("Peking_0",))
    nothing: Any = None
    with pytest.raises(InputError, match=r"^run\.toml, --strategy: no strategy is called 'Peking_0'.*'Peeking_0'\?$"):
        looked_at(job, nothing, ["Peeking_0", "Other_0"], nothing, nothing, nothing)


def test_two_numbers_of_bars_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Some or all."""
    assert status_of(["lookahead", "run.toml", "--bars", "3", "--all"]) == 2
    assert (
        capsys.readouterr().err
        == "orchestrate lookahead: --bars and --all were both given. Leave one of the two out.\n"
    )


def test_a_worker_that_ends_early_proves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A strategy that ends the process does not pass."""
    asked: list[Job] = []

    def supervise(job: Job, watch: object) -> Outcome:
        del watch
        asked.append(job)
        return Outcome(None, 0, "looking at Odd_0")

    monkeypatch.setattr(jobs, "supervise", supervise)
    assert status_of(["lookahead", "run.toml", "--strategy", "A_0", "--strategy", "B_0"]) == 1
    words = "run.toml: the process ended with exit status 0 while looking at Odd_0; the check is not complete."
    assert capsys.readouterr().err.startswith(words)
    assert [(job.task, job.strategies, job.n_bars) for job in asked] == [("lookahead", ("A_0", "B_0"), 400)]


def test_a_whole_proof_is_told_as_such() -> None:
    """Where every bar was tried there is nothing left to try."""
    found = looked()
    found["strategies"]["[b]\u202eName_0"]["is_every_bar"] = True
    assert printed(found)[1:] == [
        "  [b]\\u202eName_0: no look-ahead; cut off and changed at every bar",
        "Nothing looks ahead.",
    ]


def looked(*findings: dict[str, Any]) -> dict[str, Any]:
    """Return what a worker tells."""
    return {
        "file": "run.toml",
        "symbols": ["\x1b[31mA"],
        "bars": 1001,
        "first": "2020-01-01T00:00:00+00:00",
        "last": "2022-01-01T00:00:00+00:00",
        "strategies": {"[b]\u202eName_0": {"bars_tried": 400, "is_every_bar": False, "findings": [*findings]}},
    }


def printed(found: dict[str, Any]) -> list[str]:
    """Return the lines that are printed."""
    console = Console(file=io.StringIO(), width=80, markup=False, highlight=False, emoji=False)
    show_looked(found, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_what_was_found_is_told_line_by_line() -> None:
    """With the place, if there is one; names move no cursor and turn no text around."""
    peek = {"kind": "look-ahead", "symbol": "\x1b[31mA", "bar": 3, "time": "2020-01-06", "problem": "it peeks"}
    lines = printed(looked(peek, {"kind": "outside", "symbol": None, "bar": None, "problem": "it reads"}))
    assert lines[1:4] == [
        "  [b]\\u202eName_0: 2 findings; cut off and changed at 400 of 1,000 bars",
        "    '\\x1b[31mA', bar 3 (2020-01-06): it peeks.",
        "    it reads.",
    ]
    assert lines[4].startswith(
        "1 of 1 strategy did not pass. An answer at a bar may follow from the bars up to it only."
    )


def test_what_to_look_for_is_told_of_look_ahead_only() -> None:
    """Chance and files need another remedy."""
    found = looked({"kind": "random", "symbol": None, "bar": None, "problem": "it differs"})
    assert printed(found)[-1] == "1 of 1 strategy did not pass."
