"""The summary of a run."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.report.overview import headline, overview
from tests.unit.report.reading import read
from tests.unit.store.builders import IDS, make_metrics, make_record, make_result


def ended(result: OrchestratorResult, **changes: object) -> OrchestratorResult:
    """Return the result with its curve, which a result by hand lacks, and other changes."""
    curve = [(result.record.panel.timestamps[-1], Decimal("10001.5"))]
    return replace(result, aggregate_equity_curve=curve, **changes)  # type: ignore[arg-type]


def test_a_row_a_strategy_and_one_for_the_portfolio() -> None:
    """What is not defined is n/a, and why is said once."""
    page = read(overview(ended(make_result())))
    rows = page.tables["Strategies and portfolio"]
    assert [row[0] for row in rows] == ["Strategy", *IDS, "Portfolio"]
    assert rows[1][4] == "n/a"
    assert rows[-1][-1] == "10,001.50"
    assert f"n/a: sharpe_ratio of {IDS[0]}, {IDS[1]}: the returns never change" in page.words
    assert "Measures of plug-ins" not in page.tables


def test_the_conventions_stand_beside_the_numbers() -> None:
    """Periods per year and their source are told."""
    page = read(overview(ended(make_result())))
    assert "252 periods per year (the calendar XNYS), risk-free rate 0.00 % a year" in page.words
    assert "Sharpe 1994" in page.words


def test_measures_of_plugins_have_a_table() -> None:
    """A strategy for which one is missing has n/a there."""
    result = ended(make_result(), aggregate_metrics=make_metrics(extra={"ulcer-index": Decimal("0.25")}))
    rows = read(overview(result)).tables["Measures of plug-ins"]
    assert rows[0] == ["Strategy", "ulcer-index"]
    assert [row[1] for row in rows[1:]] == ["n/a", "n/a", "0.2500"]


def test_trades_closed_by_the_end_are_told_apart() -> None:
    """Only for strategies that had some."""
    result = ended(make_result())
    item = result.strategy_results[IDS[0]]
    own = make_metrics(total_trades=0, win_rate=Decimal("NaN"))
    results = {**result.strategy_results, IDS[0]: replace(item, metrics_without_end_of_data=own)}
    rows = read(overview(replace(result, strategy_results=results))).tables[
        "Trades that the strategies closed themselves"
    ]
    assert [row[:4] for row in rows[1:]] == [[IDS[0], "1", "0", "n/a"]]


def test_ruined_and_quarantined_strategies_are_marked() -> None:
    """And a drawdown that is not over has a plus."""
    result = ended(make_result())
    item = result.strategy_results[IDS[0]]
    metrics = make_metrics(extra={"max_drawdown_is_open": Decimal(1)}, max_drawdown_duration_days=7)
    changed = replace(item, is_ruined=True, is_quarantined=True, metrics=metrics, metrics_without_end_of_data=metrics)
    results = {**result.strategy_results, IDS[0]: changed}
    row = read(overview(replace(result, strategy_results=results))).tables["Strategies and portfolio"][1]
    assert row[0] == f"{IDS[0]} ruined quarantined"
    assert row[6] == "7+"


def test_very_many_strategies_are_cut_short_and_counted() -> None:
    """The page stays one that can be read."""
    ids = tuple(f"S_{place}" for place in range(205))
    page = read(overview(ended(make_result(make_record((), ids=ids)))))
    assert len(page.tables["Strategies and portfolio"]) == 202
    assert "The first 200 strategies are shown; 5 more are not." in page.words
    assert "S_7, 197 more: the returns never change" in page.words


def test_the_headline_counts() -> None:
    """Strategies, symbols, bars and days."""
    assert headline(make_result()) == "2 strategies over 2 symbols, 5 bars, 2024-01-02 to 2024-01-06"
