"""Sections of curves and of months."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from strategy_orchestrator.report.curves import daily_curves
from strategy_orchestrator.report.performance import drawdown_section, equity_section, month_section, weight_section
from tests.unit.report.reading import read
from tests.unit.report.test_curves import held
from tests.unit.store.builders import make_result

CURVES = daily_curves(make_result(held([[100, 100], [200, 100], [100, 100], [50, 100], [100, 100]], reserve=100)))


def test_equity_is_drawn_told_and_tabulated() -> None:
    """Whoever does not see the chart hears it, or reads its numbers."""
    page = read(equity_section(CURVES))
    (drawing,) = [attributes for tag, attributes in page.tags if attributes.get("role") == "img"]
    assert drawing["aria-label"] == (
        "Equity of the portfolio goes from 300.00 on 2024-01-02 to 300.00 on 2024-01-06; "
        "the lowest is 250.00, the highest 400.00."
    )
    assert page.tables["Equity at the close"][2] == ["2024-01-03", "400.00", "200.00", "100.00"]
    assert [trace["name"] for trace in json.loads(page.scripts[0])["data"]] == ["Portfolio", "S_0", "S_1"]


def test_the_deepest_day_is_told() -> None:
    """With its date."""
    page = read(drawdown_section(CURVES))
    assert any("on 2024-01-05, by 37.5 %." in (attributes.get("aria-label") or "") for _, attributes in page.tags)


def test_weights_are_stacked_with_the_reserve() -> None:
    """They make the whole."""
    page = read(weight_section(CURVES))
    traces = json.loads(page.scripts[0])["data"]
    assert [(trace["name"], "stackgroup" in trace) for trace in traces] == [
        ("S_0", True),
        ("S_1", True),
        ("Reserve", True),
    ]


def test_debts_are_not_stacked() -> None:
    """A negative weight is a line; a reserve that never was is not drawn."""
    page = read(weight_section(daily_curves(make_result(held([[100, 100], [-50, 100], *[[-50, 100]] * 3])))))
    traces = json.loads(page.scripts[0])["data"]
    assert [(trace["name"], "stackgroup" in trace) for trace in traces] == [("S_0", False), ("S_1", False)]


def test_months_are_tinted_by_their_sign() -> None:
    """Empty without a bar, without a tint when nothing is to be seen."""
    record = held([[110], [110], [99], [99], [99]])
    days = np.array(["2024-01-31", "2024-02-29", "2024-03-29", "2024-03-30", "2024-03-31"], "datetime64[ns]")
    result = make_result(replace(record, panel=replace(record.panel, timestamps_ns=days.astype(np.int64))))
    page = read(month_section(result))
    row = page.tables["Returns of the portfolio by month, in per cent"][1]
    assert row == ["2024", "10.0", "0.0", "−10.0", *[""] * 9, "−1.0"]
    kinds = [attributes.get("class") for tag, attributes in page.tags if tag == "td"]
    assert kinds[:4] == ["number month gain", "number month", "number month loss", "number"]
