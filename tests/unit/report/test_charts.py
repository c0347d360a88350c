"""Charts as data for plotly."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.errors import MissingExtraError
from strategy_orchestrator.report.charts import Line, color_of, library, lines, require_plotly, shares

DAYS = ["2024-01-02", "2024-01-03"]


def drawn(*labels: str) -> list[Line]:
    """Return lines of these names."""
    return [Line(label, np.array([1.0, np.nan]), color_of(place)) for place, label in enumerate(labels)]


def test_a_chart_is_data_that_cannot_end_its_element() -> None:
    """Names are text for the browser and for plotly, which reads some HTML."""
    written = lines(DAYS, drawn("</script><b>", "a & b"), ",.0f")
    assert not {"<", ">", "&"} & set(written)
    traces = json.loads(written)["data"]
    assert [trace["name"] for trace in traces] == ["&lt;/script&gt;&lt;b&gt;", "a &amp; b"]
    assert traces[0]["x"] == DAYS


def test_wide_lines_lie_above() -> None:
    """The whole is not hidden by its parts."""
    wide = Line("whole", np.ones(2), "#000000", 2.6)
    traces = json.loads(lines(DAYS, [wide, *drawn("part")], ".0%", is_low=True))["data"]
    assert [trace["zorder"] for trace in traces] == [1, 0]


def test_shares_are_stacked() -> None:
    """They make a whole, in the colors of their lines."""
    (trace,) = json.loads(shares(DAYS, drawn("one"), ".0%"))["data"]
    assert trace["stackgroup"] == "whole"
    assert trace["fillcolor"] == "rgba(217,143,43,0.55)"


def test_one_day_is_a_point() -> None:
    """A line through one point would not be seen, and one name needs no legend."""
    figure = json.loads(lines(DAYS[:1], [Line("one", np.ones(1), "#000000")], ",.0f"))
    assert figure["data"][0]["mode"] == "markers"
    assert figure["layout"]["showlegend"] is False
    assert figure["layout"]["yaxis"]["hoverformat"] == ",.2f"


def test_colors_begin_again_when_they_are_used_up() -> None:
    """There are as many as lines are drawn."""
    assert color_of(12) == color_of(0)
    assert len({color_of(place) for place in range(12)}) == 12


def test_the_library_is_a_script_that_cannot_end_its_element() -> None:
    """It is put into the page as it is."""
    source = library()
    assert "plotly.js" in source[:200]
    assert "</script" not in source
    assert "\r" not in source


def test_without_plotly_the_line_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    require_plotly("orchestrate report")

    def find(name: str) -> Any:
        del name

    monkeypatch.setattr(importlib.util, "find_spec", find)
    with pytest.raises(MissingExtraError) as caught:
        require_plotly("orchestrate report")
    assert str(caught.value) == (
        "orchestrate report: the charts need the optional library plotly. "
        'Run: pip install "strategy-orchestrator[report]".'
    )
