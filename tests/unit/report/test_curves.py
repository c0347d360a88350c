"""What charts draw, and the months."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from strategy_orchestrator.analysis import returns
from strategy_orchestrator.models.records import DecisionKind, Reason, RunRecord
from strategy_orchestrator.report.curves import daily_curves, left_out, monthly_returns, sampled, thinned
from tests.unit.store.builders import make_record, make_result

UNIT = 10**6


def held(equity: list[list[int]], reserve: int = 0, rows: tuple[tuple[int, ...], ...] = ()) -> RunRecord:
    """Make a record of five bars with this equity, shape (5, N), in money."""
    units = np.array(equity) * UNIT
    ids = tuple(f"S_{place}" for place in range(units.shape[1]))
    record = make_record(rows, ids=ids)
    allocations = np.full(len(ids), 100 * UNIT)
    return replace(
        record,
        equity=units,
        reserve=np.full(5, reserve * UNIT),
        initial_allocations=allocations,
        initial_capital=int(allocations.sum()) + reserve * UNIT,
    )


def test_curves_by_hand() -> None:
    """One sleeve doubles and halves, the other stands still, the reserve is a third of the capital."""
    record = held([[100, 100], [200, 100], [100, 100], [50, 100], [100, 100]], reserve=100)
    curves = daily_curves(make_result(record))
    assert curves.names == ("S_0", "S_1")
    assert curves.whole.tolist() == [300, 400, 300, 250, 300]
    assert curves.equity[0].tolist() == [100, 200, 100, 50, 100]
    assert curves.drawdown.tolist() == [[0, 0, -0.5, -0.75, -0.5], [0] * 5]
    assert curves.whole_drawdown.tolist() == [0, 0, -0.25, -0.375, -0.25]
    assert curves.weight[:, 1].tolist() == [0.5, 0.25]
    assert curves.reserve_weight[1] == 0.25
    assert curves.days == ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-06"]
    assert curves.drawn.tolist() == [0, 1, 2, 3, 4]
    assert curves.left_out == ""


def test_money_that_was_moved_is_no_drawdown() -> None:
    """A transfer out of a sleeve lowers its equity and not its return."""
    moved = ((2, DecisionKind.TRANSFER, Reason.NONE, 0, -1, 0, 0, 0, -50 * UNIT),)
    curves = daily_curves(make_result(held([[100, 100], [100, 100], [50, 150], [50, 150], [50, 150]], rows=moved)))
    assert curves.drawdown[0].tolist() == [0] * 5
    assert curves.equity[0, 2] == 50


def test_of_a_whole_that_owes_there_are_no_shares() -> None:
    """Nothing is a part of zero or less."""
    curves = daily_curves(make_result(held([[100], [-5], [0], [1], [1]])))
    assert np.isnan(curves.weight[0]).tolist() == [False, True, True, False, False]


def test_only_the_first_sleeves_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are not is said, and those are not even looked at."""
    monkeypatch.setattr(returns, "_BLOCK_CELLS", 20)
    curves = daily_curves(make_result(held([[100] * 14] * 5)))
    assert len(curves.names) == len(curves.equity) == 12
    assert (curves.equity == 100).all()
    assert curves.left_out == "The first 12 strategies are shown; 2 more are not."
    assert left_out(["a"], 1) == ""


def test_long_curves_keep_their_lowest_and_highest_points() -> None:
    """Few points are drawn, and no peak is lost."""
    curve = np.random.default_rng(5).normal(size=100_000).cumsum()
    places = thinned(curve)
    assert len(places) <= 1501
    assert (np.diff(places) > 0).all()
    assert {0, 99_999, int(curve.argmin()), int(curve.argmax())} <= set(places.tolist())


@pytest.mark.parametrize(
    ("first", "n_days", "expected"),
    [
        ("2020-01-01", 3, ["2020-01-01", "2020-01-02", "2020-01-03"]),
        ("2020-01-30", 40, ["2020-01-31", "2020-02-29", "2020-03-09"]),
        ("2019-12-31", 400, ["2019-12-31", "2020-12-31", "2021-02-02"]),
    ],
)
def test_tables_have_a_day_a_year_or_a_month(first: str, n_days: int, expected: list[str]) -> None:
    """Whichever gives some rows; short runs show all days."""
    days = np.datetime64(first, "D").astype(np.int64) + np.arange(n_days)
    shown = days[sampled(days)].astype("datetime64[D]").astype(str).tolist()
    assert shown == expected


def test_months_chain_to_years() -> None:
    """The first month begins with the starting capital; what no bar was in is not defined."""
    record = held([[110], [121], [121], [242], [121]])
    days = np.array(["2023-11-30", "2023-12-15", "2023-12-29", "2024-02-01", "2024-02-29"], "datetime64[ns]")
    panel = replace(record.panel, timestamps_ns=days.astype(np.int64))
    (first, early, year), (second, late, half) = monthly_returns(make_result(replace(record, panel=panel)))
    assert (first, second) == (2023, 2024)
    assert np.allclose(early[10:], [0.1, 0.1])
    assert np.isnan(early[:10]).all()
    assert year == pytest.approx(0.21)
    assert late[1] == half == 0.0
    assert np.isnan(late[0])


def test_from_a_debt_no_return_follows() -> None:
    """The month after the ruin has none."""
    record = held([[100], [0], [0], [0], [0]])
    days = np.array(["2023-11-30", "2023-12-29", "2024-01-02", "2024-02-01", "2024-02-29"], "datetime64[ns]")
    panel = replace(record.panel, timestamps_ns=days.astype(np.int64))
    _, (_, months, year) = monthly_returns(make_result(replace(record, panel=panel)))
    assert np.isnan(months[0])
    assert np.isnan(year)
