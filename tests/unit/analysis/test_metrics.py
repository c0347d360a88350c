"""The measures of equity curves, against formulas written out again."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from strategy_orchestrator.models.metrics import PerformanceMetrics
from tests.unit.analysis.builders import UNIT, R, fill, make_panel, make_record, measure, trades_of

P = 252
_OF_TRADES = ("win_rate", "profit_factor", "average_win", "average_loss", "expectancy")


def whole_of(equity: Any, **options: Any) -> PerformanceMetrics:
    """Return the measures of one sleeve with this equity, starting with 100 unless said otherwise."""
    start = options.pop("start", 100)
    return measure(make_record(equity, start=start), **options).sleeves[0]


def walk(n_days: int = 800, seed: int = 3) -> Any:
    """Return an equity curve that starts near 100,000."""
    return 100_000 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0004, 0.01, n_days)))


def simple_returns(equity: Any, start: float) -> Any:
    """Return simple returns, the first from the starting capital."""
    exact = np.round(np.asarray(equity) * UNIT) / UNIT
    return np.diff(np.concatenate([[start], exact])) / np.concatenate([[start], exact[:-1]])


def test_every_measure_follows_its_formula() -> None:
    """A random walk measured with the conventions, written out with numpy."""
    equity = walk()
    metrics = whole_of(equity, start=100_000, risk_free_rate="0.03")
    r = simple_returns(equity, 100_000)
    rf = 1.03 ** (1 / P) - 1
    curve = np.concatenate([[100_000], equity])
    depth = max(1 - curve[day] / curve[: day + 1].max() for day in range(len(curve)))
    cagr = (equity[-1] / 100_000) ** (365.25 / 799) - 1
    sharpe = (r - rf).mean() / (r - rf).std(ddof=1)
    expected = {
        "total_return": equity[-1] / 100_000 - 1,
        "annualized_return": r.mean() * P,
        "cagr": cagr,
        "volatility": r.std(ddof=1) * math.sqrt(P),
        "sharpe_ratio": sharpe * math.sqrt(P),
        "sortino_ratio": (r.mean() - rf) * P / (math.sqrt((np.minimum(r - rf, 0) ** 2).mean()) * math.sqrt(P)),
        "calmar_ratio": cagr / depth,
        "max_drawdown": depth,
    }
    for name, value in expected.items():
        assert float(getattr(metrics, name)) == pytest.approx(value, rel=1e-9), name
    assert float(metrics.extra["sharpe_standard_error"]) == pytest.approx(
        math.sqrt((1 + sharpe**2 / 2) / len(r)) * math.sqrt(P), rel=1e-9
    )
    assert metrics.extra["n_returns"] == 800


def test_a_single_sleeve_with_all_the_capital_is_the_whole() -> None:
    """The whole of one sleeve has its measures, to the last digit."""
    measures = measure(make_record(walk(), start=100_000))
    assert measures.aggregate == measures.sleeves[0]


def test_a_sleeve_is_measured_alike_whoever_stands_beside_it() -> None:
    """Neighbors change nothing, to the last digit."""
    curves = np.stack([walk(seed=seed) for seed in range(9)], axis=1)
    together = measure(make_record(curves, start=np.full(9, 100_000))).sleeves
    alone = [measure(make_record(curves[:, place], start=100_000)).sleeves[0] for place in range(9)]
    assert list(together) == alone


def test_one_bar_has_a_return_and_nothing_that_needs_two() -> None:
    """A run of one bar says why most of its measures are undefined."""
    metrics = whole_of([110])
    assert metrics.total_return == Decimal("0.1")
    assert float(metrics.annualized_return) == pytest.approx(25.2)
    few, short = "there are fewer than two returns", "the run covers less than one year; see total_return"
    assert {name: why for name, why in metrics.undefined.items() if "trade" not in why} == {
        "cagr": short,
        "calmar_ratio": "cagr is undefined",
        "volatility": few,
        "sharpe_ratio": few,
        "sortino_ratio": few,
        "sharpe_ratio_lagged": few,
        "sharpe_standard_error": few,
    }
    assert all(metrics.to_dict()[name].is_nan() for name in metrics.undefined)


def test_many_bars_of_one_day_are_one_return() -> None:
    """Intraday bars are one valuation day."""
    panel = make_panel(np.full((3, 1), 10.0), days=[0.1, 0.2, 0.3])
    metrics = measure(make_record([100, 300, 120], start=100, panel=panel)).sleeves[0]
    assert metrics.extra["n_returns"] == 1
    assert (metrics.total_return, metrics.max_drawdown) == (Decimal("0.2"), 0)


def test_an_equity_that_never_moves_has_no_ratios() -> None:
    """Without spread the ratios are undefined, the volatility is zero."""
    metrics = whole_of([100] * 500)
    assert (metrics.volatility, metrics.max_drawdown, metrics.cagr) == (0, 0, 0)
    assert metrics.undefined["sharpe_ratio"] == "the returns never change"
    assert metrics.undefined["sortino_ratio"] == "no return was below the risk-free rate"
    assert metrics.undefined["calmar_ratio"] == "there was no drawdown"
    assert metrics.max_drawdown_duration_days == 0
    assert metrics.extra["max_drawdown_is_open"] == 0


@pytest.mark.parametrize("rate", ["0", "0.02"])
def test_even_growth_has_no_sharpe_though_floats_differ(rate: str) -> None:
    """The spread of rounding alone is taken for zero, relative to the mean."""
    metrics = whole_of(100_000 * 1.001 ** np.arange(1, 400), start=100_000, risk_free_rate=rate)
    assert metrics.undefined["sharpe_ratio"] == "the returns never change"
    assert metrics.undefined["sharpe_standard_error"] == "the returns never change"


def test_growing_at_the_risk_free_rate_has_no_sharpe() -> None:
    """What is left of the returns is noise, and noise has no ratio."""
    metrics = whole_of(100_000 * 1.05 ** (np.arange(1, 400) / P), start=100_000, risk_free_rate="0.05")
    assert metrics.sharpe_ratio.is_nan()


def test_ruin_is_a_loss_of_everything() -> None:
    """A debt makes the growth rate −100 %, the drawdown 1, and the ratios undefined."""
    metrics = whole_of([100, 90, -5, *[-5] * 400])
    assert metrics.total_return == Decimal("-1.05")
    assert (metrics.cagr, metrics.max_drawdown) == (-1, 1)
    for name in ("annualized_return", "volatility", "sharpe_ratio", "sortino_ratio", "sharpe_ratio_lagged"):
        assert metrics.undefined[name] == "the equity fell to zero or below, and no return follows from there"
    assert (metrics.calmar_ratio, metrics.extra["max_drawdown_is_open"]) == (-1, 1)
    assert metrics.undefined["turnover"] == "the mean equity is not above zero"


def test_a_ruin_on_the_last_day_leaves_the_ratios_defined() -> None:
    """All returns exist when only the last equity is zero or less."""
    metrics = whole_of([100, 110, 0])
    assert metrics.sharpe_ratio.is_finite()


def test_a_failed_run_counts_its_completed_bars() -> None:
    """The bars behind the failure are not read."""
    equity = walk(30)
    failed = make_record([*equity[:20], *[0] * 10], start=100_000, n_bars=20)
    assert measure(failed).sleeves == measure(make_record(equity[:20], start=100_000)).sleeves


def test_a_run_without_a_completed_bar_has_no_measures() -> None:
    """Everything is undefined and says so."""
    measures = measure(make_record([[100, 100]], n_bars=0))
    for metrics in (*measures.sleeves, measures.aggregate):
        assert metrics.undefined["total_return"] == metrics.undefined["exposure"] == "no bar was completed"
        assert metrics.extra["max_drawdown_is_open"] == 0
        assert metrics.total_return.is_nan()
        assert metrics.extra["n_returns"] == metrics.max_drawdown_duration_days == 0


def test_a_sleeve_without_capital_has_no_return() -> None:
    """A start of zero divides nothing."""
    metrics = whole_of([0, 0], start=0)
    assert metrics.undefined["total_return"] == metrics.undefined["max_drawdown"] == "the starting capital is zero"
    assert metrics.undefined["exposure"] == "the equity was never above zero"


@pytest.mark.parametrize(
    ("equity", "depth", "days", "is_open"),
    [
        ([100, 100, 90, 95, 100, 99], 0.1, 3, 0),  # the last day at the high is the peak
        ([110, 55, 60, 54, 60], 1 - 54 / 110, 4, 1),  # never regained: to the last day
        ([90, 95, 100, 101], 0.1, 2, 0),  # the starting capital is a high of the first day
        ([80, 90], 0.2, 1, 1),
        ([100, 80, 100, 80, 80, 100], 0.2, 2, 0),  # of equals the earliest
        ([101, 102, 103], 0, 0, 0),
    ],
)
def test_the_deepest_drawdown_and_how_long_it_lasted(
    equity: list[float], depth: float, days: int, is_open: int
) -> None:
    """Peak to recovery in calendar days; one that is open is marked."""
    metrics = whole_of(equity)
    assert float(metrics.max_drawdown) == pytest.approx(depth)
    assert (metrics.max_drawdown_duration_days, metrics.extra["max_drawdown_is_open"]) == (days, is_open)


def test_drawdowns_last_calendar_days() -> None:
    """A weekend within a drawdown counts."""
    panel = make_panel(np.full((3, 1), 10.0), days=[4, 7, 8])
    assert measure(make_record([100, 90, 100], panel=panel)).aggregate.max_drawdown_duration_days == 4


def test_growth_per_year_needs_a_year() -> None:
    """The rate appears with the day that makes the year complete."""
    assert whole_of([100] * 365).cagr.is_nan()
    assert whole_of([100] * 365 + [110]).cagr == Decimal(repr(1.1 ** (365.25 / 365) - 1))


def test_exposure_is_the_mean_share_over_bars() -> None:
    """Every bar counts, intraday ones too; bars without equity are left out."""
    panel = make_panel(np.full((4, 1), 10.0), days=[0.1, 0.2, 1, 2])
    record = make_record(
        [[100, 100], [200, -50], [100, 100], [100, 100]], gross=[[50, 10], [50, 10], [0, 10], [75, 40]], panel=panel
    )
    measures = measure(record)
    assert [float(item.exposure) for item in measures.sleeves] == pytest.approx([0.375, 0.2])
    assert float(measures.aggregate.exposure) == pytest.approx((60 / 200 + 60 / 150 + 10 / 200 + 115 / 200) / 4)


def test_turnover_is_two_way_over_mean_equity_per_year() -> None:
    """Buys and sales of all fills, and a year has P valuation days."""
    rows = [fill(0, 1, 2, 10), fill(2, -1, 2, 12), fill(1, 1, 5, 10, strategy=1)]
    trades = trades_of([4])
    measures = measure(make_record([[100, 100], [100, 50], [100, 100]], rows=rows, trades=trades), periods=6)
    assert float(measures.sleeves[0].turnover) == pytest.approx(44 / 100 / (3 / 6))
    assert float(measures.aggregate.turnover) == pytest.approx(94 / (550 / 3) / (3 / 6))


def test_trades_are_counted_in_exact_money() -> None:
    """Profits of zero are flat; money is divided only at the end."""
    metrics = measure(make_record([100, 100], trades=trades_of([10, 5.000001, -4, 0, -2]))).sleeves[0]
    assert (metrics.total_trades, metrics.winning_trades, metrics.losing_trades, metrics.flat_trades) == (5, 2, 2, 1)
    assert metrics.win_rate == Decimal("0.4")
    assert metrics.profit_factor == Decimal("2.500000166667")
    assert metrics.average_win == Decimal("7.5000005")
    assert metrics.average_loss == Decimal(-3)
    assert metrics.expectancy == Decimal("1.8000002")


def test_trades_closed_by_the_end_of_the_data_can_be_left_out() -> None:
    """The second set of measures has other trades and the same curve."""
    trades = trades_of([10, -4, 7], reason=[R.STRATEGY_SIGNAL, R.STOP_LOSS, R.END_OF_DATA], strategy=[0, 1, 1])
    measures = measure(make_record([[100, 100]] * 3, trades=trades))
    assert [item.total_trades for item in measures.sleeves] == [1, 2]
    assert [item.total_trades for item in measures.sleeves_without_end_of_data] == [1, 1]
    assert measures.sleeves_without_end_of_data[1].undefined["average_win"] == "no trade won"
    assert (measures.aggregate.win_rate, measures.aggregate_without_end_of_data.win_rate) == (
        Decimal("0.666666666667"),
        Decimal("0.5"),
    )
    assert measures.aggregate_without_end_of_data.exposure == measures.aggregate.exposure


@pytest.mark.parametrize(
    ("pnls", "undefined"),
    [
        ([], dict.fromkeys(_OF_TRADES, "no trade was closed")),
        ([1], {"profit_factor": "no trade lost", "average_loss": "no trade lost"}),
        ([-1], {"average_win": "no trade won"}),
        ([0], {"average_win": "no trade won", "profit_factor": "no trade lost", "average_loss": "no trade lost"}),
    ],
)
def test_measures_of_trades_that_do_not_exist_are_undefined(pnls: list[float], undefined: dict[str, str]) -> None:
    """Each undefined measure says what is missing."""
    metrics = measure(make_record([100, 100], trades=trades_of(pnls))).sleeves[0]
    assert {name: why for name, why in metrics.undefined.items() if "trade" in why} == undefined


@settings(max_examples=25)
@given(
    st.lists(st.integers(50_000, 200_000), min_size=3, max_size=60).filter(lambda items: len(set(items)) > 1),
    st.sampled_from([2, 3, 10, 1000]),
)
def test_measures_do_not_depend_on_the_size_of_the_capital(equity: list[int], factor: int) -> None:
    """Twice the money is the same performance."""
    small = whole_of(equity, start=100_000).to_dict()
    large = whole_of([value * factor for value in equity], start=100_000 * factor).to_dict()
    for name, value in small.items():
        other = large[name]
        assert value.is_nan() == other.is_nan(), name
        assert value.is_nan() or float(value) == pytest.approx(float(other), rel=1e-9, abs=1e-12), name


@settings(max_examples=50)
@given(st.lists(st.integers(-1000, 100_000), min_size=1, max_size=40), st.integers(1, 1000))
def test_no_curve_makes_a_measure_infinite(equity: list[int], start: int) -> None:
    """A measure is a finite number, or NaN with a reason."""
    metrics = whole_of(equity, start=start)
    for name, value in metrics.to_dict().items():
        assert value.is_finite() or (value.is_nan() and metrics.undefined[name]), name
    assert metrics.max_drawdown.is_nan() or 0 <= metrics.max_drawdown <= 1
