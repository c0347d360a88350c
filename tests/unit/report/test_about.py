"""Warnings and assumptions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.report.about import assumption_section, warning_section
from tests.unit.report.reading import Page, read
from tests.unit.store.builders import HOSTILE, IDS, make_result

FACTS: dict[str, Any] = {
    "completed_at": "2024-06-01T12:30:00Z",
    "versions": {"numpy": "2.0", "numba": None},
    "data": {
        "calendar": "XNYS",
        "is_split_adjusted": True,
        "is_dividend_adjusted": True,
        "symbols": [{"symbol": name, "n_bars": 5, "sha256": "cd" * 32} for name in HOSTILE],
        "files": [{"path": "prices/<a>.csv", "size": 1234, "sha256": "ef" * 32}, {"path": "gone", "sha256": None}],
    },
    "context": {
        "run_file": {
            "strategies": [
                {"name": "momentum", "params": {"fast": 10}, "protective_exits": {"stop_loss": "0.1"}},
                {"name": "rsi", "params": {}, "protective_exits": None},
            ]
        }
    },
}


def about(facts: dict[str, Any], **options: Any) -> Page:
    """Read the assumptions of a run with these options."""
    return read(assumption_section(make_result(config=OrchestratorConfig(**options)), facts))


def test_all_that_numbers_depend_on_is_listed() -> None:
    """Options, strategies, data, plug-ins, versions, fingerprint."""
    page = about(FACTS, lot_size={"AAPL": "0.5"}, close_at_end=False)
    assert page.tables["Strategies"][1:] == [
        [IDS[0], "40.00 %", "4,000.00", "momentum", '{"fast": 10}', '{"stop_loss": "0.1"}'],
        [IDS[1], "40.00 %", "4,000.00", "rsi", "none", "none"],
    ]
    options = {row[0]: row[1:] for row in page.tables["Options"]}
    assert options["close_at_end"] == ["no", "yes"]
    assert options["lot_size"] == ['{"AAPL": "0.5"}', "yes"]
    assert options["seed"] == ["0", ""]
    assert page.tables["Plug-ins"][1][:2] == ["orchestrator-starter", "0.1.0"]
    assert page.tables["Versions"][1:] == [["numpy", "2.0"], ["numba", "none"]]
    assert page.tables["Files"][1:] == [["prices/<a>.csv", "1,234", "ef" * 32], ["gone", "0", ""]]
    assert page.tables["Prices"][2][0] == "<script>alert(1)</script>"
    assert "Prices adjusted for splits and dividends; calendar: XNYS." in page.words
    assert page.tables["The run"][1][1] == make_result().fingerprint
    assert "script" not in page.names()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Orders decided at the close of a bar fill at the open of the next one."),
        ({"fill_at": "close"}, "Orders fill at the close of the bar that decides them."),
        ({"slippage_pct": "0.0005"}, "and 0.050 % of the price in slippage"),
        ({"cost_model": "by-volume"}, "What fills cost was decided by the cost model by-volume."),
        ({"profit_policy": "sweep"}, "Realized gains go to the reserve."),
        ({"close_at_end": False}, "Open positions were marked at the last close, not closed."),
        ({"risk_free_rate": "0.02"}, "Risk-free rate: 2.00 % a year."),
    ],
)
def test_assumptions_are_sentences(options: dict[str, Any], words: str) -> None:
    """The most important ones can be read without a table."""
    assert words in about({}, **options).words


def test_a_run_saved_by_code_has_no_run_file() -> None:
    """What is not known is none; prices that are not adjusted are called so."""
    page = about({})
    assert page.tables["Strategies"][1][3:] == ["none", "none", "none"]
    assert "Prices not adjusted; calendar: none named." in page.words
    assert "Files" not in page.tables


def test_very_many_symbols_are_cut_short_and_counted() -> None:
    """run.json has all of them."""
    symbols = [{"symbol": f"X{place}", "n_bars": 1, "sha256": "ab"} for place in range(501)]
    page = about({"data": {"symbols": symbols}})
    assert len(page.tables["Prices"]) == 501
    assert "And 1 more symbol; run.json has all of them." in page.words


@pytest.mark.parametrize(
    ("warnings", "words"),
    [
        ((), "The prices gave no cause for a warning."),
        (("AAPL: <odd>",), "AAPL: <odd>"),
        (("odd",) * 202, "And 2 more warnings; run.json has all of them."),
    ],
)
def test_warnings_are_listed(warnings: tuple[str, ...], words: str) -> None:
    """As text, and none is left out in silence."""
    page = read(warning_section(replace(make_result(), data_warnings=warnings)))
    assert words in page.words
    assert page.names() <= {"p", "ul", "li", "bdi"}
