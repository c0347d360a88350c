"""What the package ships: prices, their provenance, the data source, the run file, the declarations."""

from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
import re
import subprocess
import sys
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pydantic import BaseModel

import orchestrator_starter
from orchestrator_starter import DemoPrices
from orchestrator_starter.plugin import orchestrator_data_sources, orchestrator_strategies
from strategy_orchestrator import ConfigError, DataSource, SignalStrategy

DATA = Path(str(files("orchestrator_starter"))) / "data"
SCRIPT = Path(__file__).parents[1] / "scripts" / "make_prices.py"
SAMPLE = importlib.util.find_spec("bokeh_sampledata")
SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
needs_sample = pytest.mark.skipif(SAMPLE is None, reason="needs bokeh_sampledata")


def sample_csv() -> Path:
    """Return the file from which the prices were taken."""
    assert SAMPLE is not None
    assert SAMPLE.origin is not None
    return Path(SAMPLE.origin).parent / "_data" / "stocks.csv.gz"


def rows() -> pl.DataFrame:
    """Return the prices that the package ships."""
    return pl.read_parquet(DATA / "stocks.parquet")


@needs_sample
def test_prices_are_those_of_the_source() -> None:
    """Every value equals what Python reads from the CSV, none added, none missing."""
    with gzip.open(sample_csv(), "rt", encoding="utf-8", newline="") as text:
        expected = [
            (
                *(row["Ticker"], date.fromisoformat(row["Date"])),
                *(float(row[name]) for name in ("Open", "High", "Low", "Close")),
                *(int(row["Volume"]), float(row["Adj Close"])),
            )
            for row in csv.DictReader(text)
        ]
    assert rows().rows() == sorted(expected)


@needs_sample
def test_the_script_makes_the_same_prices_again(tmp_path: Path) -> None:
    """The script, run as its usage says, writes equal values and reports the hash of what it wrote."""
    target = tmp_path / "stocks.parquet"
    command = [sys.executable, str(SCRIPT), str(sample_csv()), str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # our own script
    assert done.stdout.split() == [hashlib.sha256(target.read_bytes()).hexdigest(), "stocks.parquet"]
    assert pl.read_parquet(target).equals(rows())


def test_the_script_refuses_another_file(tmp_path: Path) -> None:
    """A source with other contents is named with both hashes and leaves no file."""
    source, target = tmp_path / "other.csv.gz", tmp_path / "stocks.parquet"
    source.write_bytes(gzip.compress(b"Ticker\n"))
    command = [sys.executable, str(SCRIPT), str(source), str(target)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # our own script
    assert done.returncode == 1
    assert re.search(r"other\.csv\.gz: .*SHA-256 [0-9a-f]{64}; expected [0-9a-f]{64}", done.stderr)
    assert not target.exists()


def test_the_note_states_the_hash_of_the_file() -> None:
    """SOURCE.md and the file belong together."""
    found = hashlib.sha256((DATA / "stocks.parquet").read_bytes()).hexdigest()
    assert found in (DATA / "SOURCE.md").read_text(encoding="utf-8")


def test_symbols_begin_when_they_were_listed() -> None:
    """Five symbols, 12 154 bars, one beginning each."""
    spans = rows().group_by("symbol", maintain_order=True).agg(pl.len(), first=pl.col("date").min())
    assert spans.rows() == [
        ("AAPL", 3270, date(2000, 3, 1)),
        ("FB", 196, date(2012, 5, 18)),
        ("GOOG", 2148, date(2004, 8, 19)),
        ("IBM", 3270, date(2000, 3, 1)),
        ("MSFT", 3270, date(2000, 3, 1)),
    ]
    assert rows()["date"].max() == date(2013, 3, 1)


def test_the_source_loads_adjusted_prices_of_all_symbols() -> None:
    """By default closes are the adjusted ones and the calendar is that of New York."""
    panel = DemoPrices().load()
    assert panel.symbols == SYMBOLS
    assert panel.calendar == "XNYS"
    assert panel.close.shape == (3270, 5)
    apple = rows().filter(pl.col("symbol") == "AAPL")
    assert np.allclose(panel.close[:, 0], apple["adj_close"].to_numpy(), rtol=1e-12, atol=5e-7)
    assert panel.traded[:, 1].sum() == 196


def test_the_source_loads_prices_as_traded_on_request() -> None:
    """With adjust none the splits are in the prices and the symbols are those asked for."""
    panel = DemoPrices(adjust="none", symbols=["MSFT", "AAPL"]).load()
    assert panel.symbols == ("AAPL", "MSFT")
    for symbol, closes in zip(panel.symbols, panel.close.T, strict=True):
        assert closes.tolist() == rows().filter(pl.col("symbol") == symbol)["close"].to_list()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"adjust": "adjclose"}, "DemoPrices.adjust: no value is called 'adjclose'; known: 'adj_close', 'none'."),
        ({"symbols": ["APPL"]}, "Did you mean 'AAPL'?"),
        ({"symbols": []}, "DemoPrices.symbols: [] was found; list should have at least 1 item"),
    ],
)
def test_the_source_refuses_what_it_does_not_have(options: dict[str, object], words: str) -> None:
    """The error names the option, what is known and the nearest."""
    with pytest.raises(ConfigError) as caught:
        DemoPrices(**options)  # type: ignore[arg-type]  # wrong on purpose
    assert words in str(caught.value)


def test_the_run_file_uses_only_what_the_package_offers() -> None:
    """The example names declared strategies with options that they accept, and weights that add up to 1."""
    document = tomllib.loads((DATA / "demo.toml").read_text(encoding="utf-8"))
    offered = {spec.name: spec for spec in orchestrator_strategies()}
    assert document["run"]["initial_capital"] == "100000"
    assert document["data"]["source"] in {spec.name for spec in orchestrator_data_sources()}
    assert [entry["use"] for entry in document["strategy"]] == ["buy-and-hold", "momentum", "rsi"]
    assert [entry["weight"] for entry in document["strategy"]] == ["0.33", "0.33", "0.34"]
    for entry in document["strategy"]:
        spec, params = offered[entry["use"]], entry.get("params", {})
        options = spec.parameters.model_validate(params).model_dump() if spec.parameters else {}
        assert options.items() >= params.items()
        assert isinstance(spec.factory(**options), SignalStrategy)


def test_every_declaration_can_be_made_with_its_defaults() -> None:
    """The factory accepts exactly what the model of the options says, and every option is described."""
    sources = orchestrator_data_sources()
    strategies = orchestrator_strategies()
    for spec in [*strategies, *sources]:
        defaults: BaseModel | None = spec.parameters() if spec.parameters else None
        made = spec.factory(**(defaults.model_dump() if defaults else {}))
        assert isinstance(made, DataSource) or hasattr(made, "signals") or hasattr(made, "should_enter")
        assert spec.description.endswith(".")
        if spec.parameters:
            assert all(option.description for option in spec.parameters.model_fields.values())
    assert len({spec.name for spec in strategies}) == 6


def test_public_names_are_those_listed() -> None:
    """Everything that the package exports exists."""
    assert all(hasattr(orchestrator_starter, name) for name in orchestrator_starter.__all__)
