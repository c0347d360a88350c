"""The table of monthly returns: by hand, without transfers, harmless whatever strategies are called."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from orchestrator_measures import MonthlyReturns
from strategy_orchestrator import ConfigError, OrchestratorResult
from strategy_orchestrator.models.records import DecisionKind

ResultOf = Callable[..., OrchestratorResult]
DAYS = ("2023-11-30", "2023-12-28", "2023-12-29", "2024-02-01")
# 100 -> 110 -> 99 -> 121 -> 60.5
CURVE = [[110.0], [99.0], [121.0], [60.5]]
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a&b", "\u202egnp.exe", "a\nb\ud800")


class Tables(HTMLParser):
    """Read the cells of tables, and note every tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.tables: list[list[list[str]]] = []
        self.captions: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Begin a table, a row or a cell."""
        del attrs
        self.tags.add(tag)
        self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        elif tag == "caption":
            self.captions.append("")

    def handle_endtag(self, tag: str) -> None:
        """End what was begun last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Add text to where it stands."""
        if self.open and self.open[-1] in {"td", "th"}:
            self.tables[-1][-1][-1] += data
        elif self.open and self.open[-1] == "caption":
            self.captions[-1] += data


def test_months_and_years_by_hand(result_of: ResultOf) -> None:
    """November 10 %, December 10 %, together 21 %; nothing in January, half lost in February."""
    read = Tables(MonthlyReturns()(result_of(DAYS, CURVE, start=[100.0])))
    head, first, second = read.tables[0]
    assert head == ["Year", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Whole"]
    assert first == ["2023", *[""] * 10, "10.00%", "10.00%", "21.00%"]
    assert second == ["2024", "", "-50.00%", *[""] * 10, "-50.00%"]
    assert read.tables[1] == read.tables[0]
    assert read.captions == ["Portfolio", "A_0"]
    assert not read.open


def test_the_reserve_is_part_of_the_portfolio(result_of: ResultOf) -> None:
    """Ten per cent of a half are five of the whole."""
    read = Tables(MonthlyReturns()(result_of(["2024-01-02"], [[110.0]], start=[100.0], reserve=100.0)))
    assert [table[1][-1] for table in read.tables] == ["5.00%", "10.00%"]


def test_money_moved_is_no_return(result_of: ResultOf) -> None:
    """A sleeve that gives 50 to the other and 10 to the reserve, and earns 10 %, has 50 left of 100."""
    moved = [
        (1, DecisionKind.TRANSFER, 0, -50.0),
        (1, DecisionKind.TRANSFER, 1, 50.0),
        (1, DecisionKind.SWEEP, 0, 10.0),
        (1, DecisionKind.ENTRY, 0, 77.0),
    ]
    result = result_of(["2024-01-02", "2024-01-03"], [[100, 100], [50, 150]], start=[100, 100], moved=moved)
    read = Tables(MonthlyReturns()(result))
    assert [table[1][1] for table in read.tables] == ["0.00%", "10.00%", "0.00%"]


def test_bars_of_a_run_that_failed(result_of: ResultOf) -> None:
    """Only completed ones count, and without any there is no table."""
    read = Tables(MonthlyReturns()(result_of(DAYS, CURVE, start=[100.0], n_bars=1)))
    assert read.tables[0][1:] == [["2023", *[""] * 10, "10.00%", "", "10.00%"]]
    assert MonthlyReturns()(result_of(DAYS, CURVE, start=[100.0], n_bars=0)) == "<p>No bar was completed.</p>"


def test_nothing_follows_from_debt(result_of: ResultOf) -> None:
    """From an equity of zero on, cells are empty."""
    read = Tables(MonthlyReturns()(result_of(["2024-01-02", "2024-02-01"], [[0.0], [0.0]], start=[100.0])))
    assert read.tables[0][1][1:4] == ["-100.00%", "", ""]
    assert read.tables[0][1][-1] == ""


@pytest.mark.parametrize(
    ("end", "cell"),
    [
        (101.0, '<td class="gain">1.00%</td>'),
        (99.0, '<td class="loss">-1.00%</td>'),
        (100.0, '<td class="flat">0.00%</td>'),
        (99.999, '<td class="flat">0.00%</td>'),
        (100.001, '<td class="flat">0.00%</td>'),
    ],
)
def test_cells_say_their_sign(result_of: ResultOf, end: float, cell: str) -> None:
    """What is too small to be shown has none."""
    assert cell in MonthlyReturns()(result_of(["2024-01-02"], [[end]], start=[100.0]))


def test_names_are_escaped(result_of: ResultOf) -> None:
    """No name adds a tag, a control character or half of one."""
    text = MonthlyReturns()(result_of(["2024-01-02"], [[1.0] * 5], start=[1.0] * 5, ids=HOSTILE))
    read = Tables(text)
    assert read.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert read.captions[1:4] == list(HOSTILE[:3])
    assert read.captions[4:] == ["\ufffdgnp.exe", "a\ufffdb\ufffd"]
    assert re.search(r"[^\n\x20-\x7e\ufffd]", text) is None
    text.encode("utf-8")


@pytest.mark.parametrize(
    ("shown", "said"), [(1, "1 more strategy is not shown."), (0, "2 more strategies are not shown."), (2, None)]
)
def test_strategies_beyond_the_number_are_counted(result_of: ResultOf, shown: int, said: str | None) -> None:
    """None is left out in silence."""
    text = MonthlyReturns(strategies=shown)(result_of(["2024-01-02"], [[1.0, 1.0]], start=[1.0, 1.0]))
    assert len(Tables(text).tables) == 1 + shown
    assert (f"<p>{said}</p>" in text) if said else ("shown" not in text)


def test_months_before_1970(result_of: ResultOf) -> None:
    """Negative month numbers belong to the right year."""
    read = Tables(MonthlyReturns()(result_of(["1969-01-02", "1969-12-31"], [[101.0], [101.0]], start=[100.0])))
    assert read.tables[0][1] == ["1969", "1.00%", *[""] * 10, "0.00%", "1.00%"]


def test_years_are_chained_from_their_months(result_of: ResultOf) -> None:
    """Over random curves, year by year, the last equity over that of the year before."""
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2023-01-01"), 7).astype(str).tolist()
    curve = 100.0 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, len(days))))
    read = Tables(MonthlyReturns()(result_of(days, curve[:, None], start=[100.0])))
    ends = [max(place for place, day in enumerate(days) if day < f"{year}-01-01") for year in (2021, 2022, 2023)]
    levels = [100.0, *curve[ends].tolist()]
    expected = [f"{after / before - 1:.2%}" for before, after in pairwise(levels)]
    assert [row[-1] for row in read.tables[0][1:]] == expected


def test_options_out_of_bounds_are_refused() -> None:
    """There is no negative number of strategies."""
    with pytest.raises(ConfigError, match=r"MonthlyReturns\.strategies: -1 was found"):
        MonthlyReturns(strategies=-1)
