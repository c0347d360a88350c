"""Results as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from strategy_orchestrator.models.results import CorrelatedPair, Correlation
from tests.unit.store.builders import IDS, make_record, make_result


def summary(**changes: Any) -> dict[str, Any]:
    """Summarize the story, changed."""
    return replace(make_result(), **changes).to_dict()


def test_a_summary_is_json() -> None:
    """Writing and reading it as strict JSON changes nothing."""
    content = summary()
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_an_undefined_measure_is_null_with_its_reason() -> None:
    """NaN becomes null, in the measures and in the comparison, and the reason stands beside it."""
    content = summary()
    metrics = content["strategies"][IDS[0]]["metrics"]
    assert metrics["sharpe_ratio"] is None
    assert metrics["undefined"] == {"sharpe_ratio": "the returns never change"}
    assert content["comparison_table"][IDS[0]]["sharpe_ratio"] is None
    assert content["aggregate"]["metrics"]["extra"] == {"sharpe_standard_error": "0.1"}


def test_weights_at_the_end_are_shares_of_the_whole() -> None:
    """The share is that of the sleeve's last equity, whatever the ambient precision."""
    with localcontext() as context:
        context.prec = 3
        strategy = summary()["strategies"][IDS[0]]
    assert strategy["weight_at_start"] == "0.4"
    expected = Decimal("4008.000024") / Decimal("10017.000051")
    assert Decimal(strategy["weight_at_end"]) == expected.quantize(Decimal("1e-12"))


def test_a_whole_without_equity_has_no_shares() -> None:
    """Nothing can be shared out when everything is lost."""
    record = make_record()
    ruined = replace(record, equity=np.zeros_like(record.equity), reserve=np.zeros_like(record.reserve))
    assert summary(record=ruined)["strategies"][IDS[0]]["weight_at_end"] is None


def test_money_at_both_ends_is_told() -> None:
    """Capital, equity and reserve are decimals as text."""
    aggregate = summary()["aggregate"]
    assert (aggregate["initial_capital"], aggregate["final_equity"]) == ("10000", "10017.000051")
    assert (aggregate["reserve_at_start"], aggregate["reserve_at_end"]) == ("2000", "2000")


def test_conflicts_and_limits_are_counted_by_who_and_why() -> None:
    """Counts come from the decisions."""
    content = summary()
    assert content["conflicts"] == {
        "mode": "FIRST_WINS",
        "detected": 1,
        "outcomes": {"sell": 0, "neither": 0, "buy": 1},
        "by_symbol": {"AAPL": 1},
        "dropped_by_strategy": {IDS[1]: 1},
    }
    assert content["capital_limit"] == {
        "blocked": 1,
        "blocked_by_reason": {"no_cash": 1},
        "blocked_by_strategy": {IDS[1]: 1},
        "cut": 1,
        "cut_by_strategy": {IDS[0]: 1},
    }
    assert content["counts"]["decisions"]["transfer"] == 3
    assert content["counts"]["bars"] == 5


def test_correlated_pairs_are_judged_and_undefined_ones_left_alone() -> None:
    """Pairs are redundant, diversifying or neither; one that is undefined is null."""
    pairs = (
        CorrelatedPair("a", "b", Decimal("0.9"), 40, is_weak=False),
        CorrelatedPair("a", "c", Decimal("-0.2"), 40, is_weak=False),
        CorrelatedPair("b", "c", Decimal("NaN"), 4, is_weak=True),
    )
    correlation = summary(correlation=Correlation(pairs))["correlation"]
    assert (correlation["redundant"], correlation["diversifying"]) == ([["a", "b"]], [["a", "c"]])
    assert correlation["pairs"][2] == {"first": "b", "second": "c", "value": None, "n_days": 4, "is_weak": True}


def test_what_explains_the_numbers_is_there() -> None:
    """Options, periods, activity, rebalancing, warnings, plug-ins and profit are part of it."""
    content = summary()
    assert content["options"]["fill_at"] == "next_open"
    assert (content["periods_per_year"], content["periods_source"]) == ("252", "the calendar XNYS")
    assert content["strategies"][IDS[0]]["activity"]["n_signals"] == 3
    assert content["rebalancing"]["transferred"] == "2.5"
    assert content["data_warnings"] == ["AAPL, 2024-01-02: odd"]
    assert content["plugins"] == [{"distribution": "orchestrator-starter", "version": "0.1.0"}]
    assert content["profit_by_symbol"] == {IDS[0]: {"AAPL": "10.5"}}
    assert content["completed_at"] == "2024-06-01T12:30:00Z"
    assert content["period"] == {"first": "2024-01-02T00:00:00Z", "last": "2024-01-06T00:00:00Z", "bars": 5}
