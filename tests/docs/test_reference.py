"""The reference says what the code says: generated regions are fresh, and nothing is left out."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import strategy_orchestrator
from scripts import reference_api
from scripts.docstrings import docstring_of
from scripts.write_reference import FOLDER, PARTS, regions, written
from strategy_orchestrator import (
    IStrategy,
    OrchestratorConfig,
    PerformanceMetrics,
    ProtectiveExits,
    Signals,
    SignalStrategy,
    StrategyOrchestrator,
    WeightStrategy,
    errors,
)
from strategy_orchestrator.hooks import specs
from strategy_orchestrator.hooks.switches import BLOCK_VARIABLE, NO_AUTOLOAD_VARIABLE, ONLY_VARIABLE
from strategy_orchestrator.models.events import backtest_failed
from strategy_orchestrator.models.records import DecisionKind, Reason
from strategy_orchestrator.store import load_run, save_run
from strategy_orchestrator.store.seal import SEAL_FILE, SEALED_FILES

PAGES = sorted(FOLDER.glob("*.md"))


def page(name: str) -> str:
    """Return the text of a page."""
    return (FOLDER / name).read_text(encoding="utf-8")


def rows(name: str) -> list[list[str]]:
    """Return the cells of all table rows of a page."""
    lines = [line for line in page(name).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def codes(text: str) -> set[str]:
    """Return what stands in backticks."""
    return set(re.findall(r"`([^`]+)`", text))


class Says(SignalStrategy):
    """Say one letter a bar to every symbol."""

    def __init__(self, letters: str) -> None:
        self.letters = letters

    def signals(self, panel: Any) -> Signals:
        """Return the letters as signals; B enters both sides."""
        said = np.array(list(self.letters))[:, None].repeat(panel.n_symbols, axis=1)
        both = said == "B"
        return Signals((said == "E") | both, said == "X", (said == "S") | both, said == "C")


class Adds(WeightStrategy):
    """Want a little more at every bar, of a position that may not be held for long."""

    protective_exits = ProtectiveExits(max_holding_bars=1)

    def weights(self, panel: Any) -> Any:
        """Return rising target weights."""
        return np.linspace(0.5, 0.9, panel.n_bars)[:, None].repeat(panel.n_symbols, axis=1)


class Fails(IStrategy):
    """Raise at once."""

    def should_enter(self, bars: list[Any]) -> bool:
        """Raise."""
        raise ValueError(len(bars))

    def should_exit(self, position: Any, bars: list[Any]) -> bool:
        """Raise."""
        raise ValueError(position, len(bars))


def prices(*values: float) -> pl.DataFrame:
    """Return bars that do not move within the day."""
    days = pl.date(2024, 1, 1) + pl.duration(days=pl.int_range(pl.len()))
    return pl.DataFrame({"ACME": values}).with_columns(date=days)


def told() -> list[dict[str, Any]]:
    """Return the events of runs in which everything happens that can."""
    config = {"on_strategy_error": "quarantine", "profit_policy": "sweep", "rebalance_threshold": "0.05"}
    runs = [
        ([(Says("E..X.E"), "0.3"), (Says("SE..B."), "0.2"), (Fails(), "0.2")], (10, 10, 15, 16, 15, 15), config),
        ([(Says("S....."), "1")], (10, 10, 25, 25, 25, 25), {}),
        ([(Says("E....."), "1")], (2000, 2000, 2000, 2000, 2000, 2000), {}),
        ([(Says("B....."), "0.5"), (Adds(), "0.5")], (10, 10, 10, 10, 10, 10), {}),
        ([(Says("E....."), "0.5"), (Says("......"), "0.5")], (10, 10, 20, 20, 20, 20), {"rebalance_threshold": "0.1"}),
    ]
    heard: list[dict[str, Any]] = []
    listener = Listener(heard)
    for strategies, values, options in runs:
        orchestrator = StrategyOrchestrator(strategies, OrchestratorConfig(**options), plugins=[listener])
        orchestrator.run(prices(*values), "1000")
    return heard


class Listener:
    """Keep what event hooks are told."""

    def __init__(self, heard: list[dict[str, Any]]) -> None:
        self.heard = heard

    @strategy_orchestrator.hookimpl
    def orchestrator_decisions(self, decisions: Any) -> None:
        """Keep the events."""
        self.heard.extend(dict(event) for event in decisions)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_generated_regions_are_fresh(path: Path) -> None:
    """`python -m scripts.write_reference` would change nothing."""
    text = path.read_text(encoding="utf-8")
    assert written(text) == text, "run: python -m scripts.write_reference"


def test_every_part_is_on_a_page_once() -> None:
    """Nothing that can be made is left out, and nothing is said twice."""
    assert sorted(name for path in PAGES for name in regions(path.read_text(encoding="utf-8"))) == sorted(PARTS)


def test_every_option_is_documented() -> None:
    """The docstring of the config, of which the page is made, has every field."""
    named = {name for item in docstring_of(OrchestratorConfig).sections["Attributes"] for name in item.names}
    assert named == set(OrchestratorConfig.model_fields)


def test_every_public_name_is_documented() -> None:
    """Each stands in one group or on a page of its own."""
    groups = [*reference_api.GROUPS.values(), *reference_api.ELSEWHERE.values()]
    assert sorted(name for names in groups for name in names) == sorted(
        set(strategy_orchestrator.__all__) - {"__version__"}
    )


@pytest.mark.parametrize("name", [name for name in vars(specs) if name.startswith("orchestrator_")])
def test_every_hook_is_documented(name: str) -> None:
    """A hook has a section of its own."""
    assert f"### {name}\n" in page("hooks.md")


def test_every_error_is_drawn() -> None:
    """The tree has every error."""
    kinds = [name for name, value in vars(errors).items() if isinstance(value, type) and name.endswith("Error")]
    drawn = re.findall(r"^[│├└─ ]*(\w+Error)\b", page("errors.md"), re.MULTILINE)
    assert sorted(drawn) == sorted(kinds)


def test_every_exit_status_is_told() -> None:
    """The statuses of the errors have a row each."""
    statuses = {str(value.exit_status) for value in vars(errors).values() if hasattr(value, "exit_status")}
    assert statuses <= {cells[0] for cells in rows("errors.md")}


def test_every_kind_of_decision_has_a_row() -> None:
    """The table of the kinds is complete, and names every reason."""
    table = [cells for cells in rows("decisions.md") if len(cells) == 8]
    assert [cells[0].strip("`") for cells in table[1:]].count("signal") == 1
    assert {cells[0].strip("`") for cells in table[1:]} >= {kind.name.lower() for kind in DecisionKind}
    assert {reason.name.lower() for reason in Reason} <= set().union(*(codes(cells[2]) for cells in table))


def test_every_event_and_every_field_of_it_is_documented() -> None:
    """What is told in runs in which everything happens is on the page."""
    events = [*told(), backtest_failed(ValueError("no"))]
    known = {name: codes(cells[2]) for cells in rows("events.md") if len(cells) == 3 for name in codes(cells[0])}
    common = {"event", "timestamp", "bar", "strategy_id", "symbol"}
    names = {str(event["event"]).removeprefix("orchestrator.") for event in events}
    assert names == set(known) - {"backtest_started", "backtest_completed"}
    assert known["exit_filled"] == {"long", "short", "position", "pnl", "entry_bar", "entry_price"}
    known["exit_filled"] |= known["entry_filled"]
    for event in events:
        assert set(event) - common <= known[str(event["event"]).removeprefix("orchestrator.")]


def test_every_measure_is_documented() -> None:
    """Each field of the metrics, and each that stands beside them, has its rule."""
    extra = set(StrategyOrchestrator([(Says("E.."), 1)]).run(prices(1, 2, 3), 10).aggregate_metrics.extra)
    names = {item.name for item in fields(PerformanceMetrics)} - {"undefined", "extra"}
    told_in_rows = set().union(*(codes(cells[0]) for cells in rows("metrics.md")))
    assert names | extra <= told_in_rows


def test_every_file_and_key_of_a_run_folder_is_documented(tmp_path: Path) -> None:
    """The page names every file, and every key of `run.json`."""
    result = StrategyOrchestrator([(Says("E.."), 1)]).run(prices(1, 2, 3), 10)
    saved = load_run(save_run(tmp_path / "run", result, {}))
    words = set().union(*(codes(cells[0]) for cells in rows("run-folder.md")))
    assert {*SEALED_FILES, SEAL_FILE, *saved.description, "failed_at", "error"} <= words


def test_every_variable_of_the_environment_is_documented() -> None:
    """The switches have their variables on the page of the command line."""
    words = set().union(*(codes(cells[0]) for cells in rows("command-line.md")))
    assert {BLOCK_VARIABLE, ONLY_VARIABLE, NO_AUTOLOAD_VARIABLE} <= words


def test_the_glossary_is_sorted_and_says_each_word_once() -> None:
    """A reader finds a word by its letters, and no word is both used and refused."""
    words = [cells[0] for cells in rows("glossary.md") if len(cells) == 3][1:]
    words = [word for word in words if not word.startswith("---")]
    refused = {each.strip() for cells in rows("glossary.md") for each in cells[2].split(",") if each.strip()}
    assert words == sorted(words, key=str.casefold)
    assert not {part.strip() for word in words for part in word.split(",")} & refused
