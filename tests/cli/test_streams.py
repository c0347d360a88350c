"""What needs prices that are loaded whole says so where they are streamed, and what to do."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.cli.test_end_to_end import HOLD, Place, csv_rows, document, run_file

WHOLE = 'source = "parquet"\npath = "prices.parquet"'
REMEDY = "Leave it out, and name some symbols if that is too much"


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    """Return a folder with a file that streams prices of two symbols."""
    place = Place(tmp_path)
    rows = "\n".join(csv_rows(symbol, 40) for symbol in ("AAA", "BBB"))
    text = f"symbol,date,open,high,low,close,volume\n{rows}\n"
    pl.read_csv(text.encode(), try_parse_dates=True).sort("date").write_parquet(place.folder / "prices.parquet")
    place.write(run_file(HOLD + "lookback_bars = 40\n", f"{WHOLE}\nstream = true\nchunk_bars = 16"))
    return place


def test_a_run_over_a_stream_is_the_run_over_the_whole(place: Place) -> None:
    """And a second one is not gone on with, for a stream takes no snapshots."""
    place.write(run_file(HOLD, WHOLE), "whole.toml")
    ran = (document(place.run("run", f"{name}.toml", "--out", name, "--json")) for name in ("run", "whole"))
    assert len({found["summary"]["fingerprint"] for found in ran}) == 1
    assert place.run("verify", "run").returncode == 0
    done = place.run("run", "run.toml", "--out", "c", "--resume")
    problem = "a run over prices that are streamed cannot be gone on with"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"--resume: {problem}. Run it from its beginning, or without stream.\n"
    assert not (place.folder / "c").exists()


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("lookahead", "look-ahead is looked for in prices that are loaded whole"),
        ("sweep", "the runs of a sweep share prices that are loaded whole"),
    ],
)
def test_what_needs_the_whole_refuses_a_stream(command: str, problem: str, place: Place) -> None:
    """One line, and nothing is written."""
    text = (place.folder / "run.toml").read_text()
    place.write(text + ("[sweep]\n[sweep.grid]\nrun.seed = [1, 2]\n" if command == "sweep" else ""))
    done = place.run(command, "run.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"data.stream: {problem}. {REMEDY}.\n")
    assert done.stderr.count("\n") == 1
