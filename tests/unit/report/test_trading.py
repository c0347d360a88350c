"""Profit, correlation, and what was decided between the strategies."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from strategy_orchestrator.models.results import CorrelatedPair, Correlation, RebalancingCost
from strategy_orchestrator.report.trading import correlation_section, decision_section, profit_section
from tests.unit.report.reading import read
from tests.unit.store.builders import IDS, STORY, K, R, make_record, make_result

D = Decimal


def test_profit_adds_up_both_ways() -> None:
    """Symbols by what they made, strategies beside one another, sums at the edges."""
    profits = {"A": {"X": D(10), "Y": D(-4)}, "B": {"Y": D(1)}}
    rows = read(profit_section(replace(make_result(), profit_by_symbol=profits))).tables[
        "Realized profit, net of costs"
    ]
    assert rows == [
        ["Symbol", "A", "B", "All"],
        ["X", "10.00", "", "10.00"],
        ["Y", "−4.00", "1.00", "−3.00"],
        ["All", "6.00", "1.00", "7.00"],
    ]


def test_many_symbols_and_strategies_are_summed_up() -> None:
    """Those that made or lost most are shown, and nothing is missing from the sums."""
    profits = {f"S{place}": {f"X{each}": D(each - 50) for each in range(100)} for place in range(12)}
    rows = read(profit_section(replace(make_result(), profit_by_symbol=profits))).tables[
        "Realized profit, net of costs"
    ]
    assert rows[0][-2:] == ["2 other strategies", "All"]
    assert rows[-2][0] == "40 other symbols"
    assert len(rows) == 63
    assert rows[-1][-1] == "−600.00"


def test_without_trades_there_is_no_profit() -> None:
    """It is said."""
    page = read(profit_section(replace(make_result(), profit_by_symbol={"A": {}})))
    assert page.words == "No trade was closed."


def test_correlation_is_a_map_with_words() -> None:
    """Warm and cold cells, pairs that stand out, and those with few days."""
    pairs = (
        CorrelatedPair("A", "B", D("0.91"), 300, is_weak=False),
        CorrelatedPair("A", "C", D("-0.2"), 20, is_weak=True),
        CorrelatedPair("B", "C", D("NaN"), 300, is_weak=False),
    )
    result = make_result(make_record((), ids=("A", "B", "C")))
    page = read(correlation_section(replace(result, correlation=Correlation(pairs))))
    assert page.tables["Correlation of daily returns"][1:] == [
        ["1  A", "1.00", "0.91", "−0.20"],
        ["2  B", "0.91", "1.00", "n/a"],
        ["3  C", "−0.20", "n/a", "1.00"],
    ]
    assert "Diversifying, below 0.3: A and C (−0.20)" in page.words
    assert "Redundant, above 0.8: A and B (0.91)" in page.words
    assert "Weak: 1 pair with fewer than 30 common days." in page.words
    kinds = [attributes.get("class") for tag, attributes in page.tags if tag == "td"]
    assert kinds[:3] == ["number heat warm", "number heat warm", "number heat cold"]


def test_many_correlations_are_cut_short_and_counted() -> None:
    """Of the pairs that stand out the first are named."""
    ids = tuple(f"S_{place}" for place in range(24))
    pairs = tuple(CorrelatedPair(a, b, D("0.9"), 300, is_weak=False) for a in ids for b in ids if a < b)
    page = read(correlation_section(replace(make_result(make_record((), ids=ids)), correlation=Correlation(pairs))))
    assert len(page.tables["Correlation of daily returns"]) == 21
    assert "The first 20 strategies are shown; 4 more are not." in page.words
    assert "256 more" in page.words


def test_one_strategy_correlates_with_nothing() -> None:
    """It is said."""
    page = read(correlation_section(replace(make_result(), correlation=Correlation(()))))
    assert "There is one strategy" in page.words


def test_conflicts_blocks_and_transfers_of_a_story() -> None:
    """Every decision between strategies is told."""
    result = make_result()
    silent = replace(result.strategy_results[IDS[1]].activity, explanation="every entry was blocked")
    item = replace(result.strategy_results[IDS[1]], activity=silent)
    page = read(decision_section(replace(result, strategy_results={**result.strategy_results, IDS[1]: item})))
    assert "1 conflict, resolved by FIRST_WINS: buyers won 1, sellers won 0, neither 0." in page.words
    assert page.tables["Conflicts"][1:] == [["2024-01-02", "AAPL", "buyers won", IDS[1]]]
    assert page.tables["What became of the signals"][1] == [IDS[0], "3", "1", "1", "1", "1", "1", "1"]
    assert f"{IDS[1]} traded nothing: every entry was blocked" in page.words
    assert "1 entry was blocked (no cash 1); 1 entry was cut to what could be paid." in page.words
    assert "1 rebalance moved 2.50 between sleeves." in page.words
    assert page.tables["Transfers"][1:] == [
        ["2024-01-04", IDS[0], "−2.50"],
        ["2024-01-04", IDS[1], "1.50"],
        ["2024-01-04", "Reserve", "1.00"],
    ]


def test_a_quiet_run_says_so() -> None:
    """No conflict, no block, no transfer."""
    result = replace(make_result(make_record(())), rebalancing=RebalancingCost(0, *[D(0)] * 5))
    page = read(decision_section(result))
    assert "No two strategies wanted opposite things on one symbol at one bar (FIRST_WINS)." in page.words
    assert "0 entries were blocked; 0 entries were cut" in page.words
    assert "No money moved between sleeves." in page.words
    assert "Conflicts" not in page.tables


def test_many_conflicts_are_cut_short() -> None:
    """Where all of them are is told."""
    rows = (*STORY, *[(4, K.CONFLICT, R.NONE, -1, 0, 0)] * 30)
    page = read(decision_section(make_result(make_record(rows))))
    assert len(page.tables["Conflicts"]) == 26
    assert "The first 25 of 31; decisions.parquet in the run folder has all of them." in page.words
