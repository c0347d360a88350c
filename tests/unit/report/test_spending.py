"""Exposure and costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from strategy_orchestrator.models.results import Deferred, Exposure, RebalancingCost
from strategy_orchestrator.report.curves import daily_curves
from strategy_orchestrator.report.spending import cost_section, exposure_section
from tests.unit.report.reading import read
from tests.unit.report.test_curves import UNIT, held
from tests.unit.store.builders import IDS, make_record, make_result

D = Decimal


def test_exposure_is_shown_as_a_share_of_equity() -> None:
    """Gross, net and crossed, their means, and what netting would have saved."""
    result = make_result(held([[100, 100], [100, 100], [100, -100], [100, 100], [100, 100]]))
    gross, net = np.array([200, 100, 50, 0, 0]) * UNIT, np.array([100, 100, 50, 0, 0]) * UNIT
    exposure = Exposure(gross, net, gross - net, D("12.5"))
    result = replace(result, deferred_exposure=Deferred(lambda: exposure))
    page = read(exposure_section(result, daily_curves(result)))
    rows = page.tables["Market value held, as a share of equity"]
    assert rows[1:4] == [
        ["2024-01-02", "100.0 %", "50.0 %", "50.0 %"],
        ["2024-01-03", "50.0 %", "50.0 %", "0.0 %"],
        ["2024-01-04", "n/a", "n/a", "n/a"],
    ]
    assert "Mean over all bars: gross 37.5 %, net 25.0 %, crossed 12.5 %." in page.words
    assert "Netting would have saved 12.50" in page.words


def test_a_whole_that_always_owed_has_no_mean() -> None:
    """Nothing is a share of that."""
    result = make_result(held([[-1]] * 5))
    page = read(exposure_section(result, daily_curves(result)))
    assert "gross n/a, net n/a" in page.words


def test_costs_of_the_trades_and_of_rebalancing() -> None:
    """Each apart."""
    cost = RebalancingCost(2, D(1000), D(400), D(1), D("0.5"), D("0.031"))
    page = read(cost_section(replace(make_result(), rebalancing=cost)))
    assert page.tables["Costs of the closed trades"][1:] == [
        [IDS[0], "2.00", "5.00", "50.0 %"],
        [IDS[1], "0.00", "0.00", "50.0 %"],
        ["Portfolio", "2.00", "5.00", "50.0 %"],
    ]
    assert [row[1] for row in page.tables["Of that, due to rebalancing"][1:]] == [
        "2",
        "1,000.00",
        "400.00",
        "1.00",
        "0.50",
        "3.1 %",
    ]


def test_without_a_rebalance_nothing_is_due_to_it() -> None:
    """And very many strategies are cut short."""
    ids = tuple(f"S_{place}" for place in range(201))
    result = make_result(make_record((), ids=ids))
    page = read(cost_section(replace(result, rebalancing=RebalancingCost(0, *[D(0)] * 5))))
    assert "There was no rebalance" in page.words
    assert "The first 200 strategies are shown; 1 more are not." in page.words
