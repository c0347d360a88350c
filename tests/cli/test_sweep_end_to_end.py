"""Sweeps as a user makes them, with processes and with an executor of a plug-in."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import polars as pl
import pytest

from strategy_orchestrator.store import SEALED_SWEEP_FILES, check_seal, load_run
from tests.cli.test_end_to_end import ROOT, Place, csv_rows, document, run_file, wait_for

GRID = '[sweep]\njobs = 2\n[sweep.grid]\nmomentum.fast = [3, 9]\n"run.commission_pct" = ["0", "0.01"]\n'
MOMENTUM = '[[strategy]]\nuse = "momentum"\nweight = 1\nparams = { slow = 9 }\n'
PRICES = 'source = "csv"\npath = "AAA.csv"'


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.write(f"symbol,date,open,high,low,close,volume\n{csv_rows('AAA', 100)}\n", "AAA.csv")
    place.write(run_file(MOMENTUM, PRICES) + GRID)
    return place


def test_every_executor_gives_the_same_bytes(place: Place) -> None:
    """Two combinations are refused, so that the status is 1; the others stand, and every run can be kept."""
    pytest.importorskip("joblib")
    source = ROOT / "plugins" / "orchestrator-execution" / "src" / "orchestrator_execution"
    (place.site / "orchestrator_execution").symlink_to(source)
    place.install("orchestrator-execution", "execution = orchestrator_execution.plugin")
    ways = (["--jobs", "1"], ["--keep-runs", "all"], ["--executor", "joblib", "--jobs", "2"])
    for name, way in zip("abc", ways, strict=True):
        done = place.run("sweep", "run.toml", "--out", name, "--quiet", *way)
        assert (done.returncode, done.stdout) == (1, f"{name}\n")
        assert [line.partition(" (")[0] for line in done.stderr.splitlines()] == ["run 3", "run 4"]
    for name in "abc":
        assert check_seal(place.folder / name, SEALED_SWEEP_FILES) == []
        for file in ("sweep.json", "sweep.parquet"):
            assert (place.folder / name / file).read_bytes() == (place.folder / "a" / file).read_bytes()
    executors = [json.loads((place.folder / name / "context.json").read_text())["context"]["executor"] for name in "ac"]
    assert executors == [
        "executor 'local' (strategy-orchestrator 0.1.0)",
        "executor 'joblib' (orchestrator-execution 0.1.0)",
    ]
    frame = pl.read_parquet(place.folder / "a" / "sweep.parquet")
    kept = [load_run(folder) for folder in sorted((place.folder / "all").iterdir())]
    assert [run.fingerprint for run in kept] == frame["fingerprint"].to_list()[:2]
    assert kept[1].description["context"]["sweep"] == {
        "run": 2,
        "params": {"momentum.fast": 3, "run.commission_pct": "0.01"},
    }


def test_an_interrupt_keeps_what_is_there(place: Place) -> None:
    """The runs that came to their end are rows of a folder without a seal."""
    # The third run waits at its first bar; by then the rows of the others have been told.
    place.install_odd(at_bar="len(bars) == 1 and os.path.exists('all/2') and (open('begun', 'w'), time.sleep(60))")
    odd = '[[strategy]]\nuse = "odd"\nweight = 1\n'
    place.write(run_file(odd, PRICES) + "[sweep]\njobs = 1\n[sweep.grid]\nrun.seed = [1, 2, 3]\n")
    process = place.start("sweep", "run.toml", "--out", "part", "--keep-runs", "all", "--json")
    wait_for(lambda: (place.folder / "begun").exists() or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "orchestrate: interrupted; what was done is in part.\n")
    assert json.loads(out)["folder"] == "part"
    saved = json.loads((place.folder / "part" / "sweep.json").read_text())
    assert saved["state"] == "INCOMPLETE"
    assert saved["counts"] == {"runs": 3, "finished": 2, "failed": 0}
    assert not (place.folder / "part" / "seal.json").exists()
    assert document(place.run("sweep", "run.toml", "--dry-run", "--json"))["runs"][0]["params"] == {"run.seed": 1}
