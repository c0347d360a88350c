"""What the best of many Sharpe ratios is worth, against the example of the paper."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest

from strategy_orchestrator.analysis import daily_sharpe, deflated_sharpe
from strategy_orchestrator.analysis.deflation import DailySharpe, expected_best, probability_above
from strategy_orchestrator.models.config import OrchestratorConfig
from tests.unit.analysis.builders import make_record, measure

YEAR = 250
PICKED = DailySharpe(2.5 / math.sqrt(YEAR), 1250, skewness=-3.0, kurtosis=10.0)


@pytest.mark.parametrize(
    ("n_trials", "skewness", "kurtosis", "expected"),
    [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)],
)
def test_the_example_of_the_paper(n_trials: int, skewness: float, kurtosis: float, expected: float) -> None:
    """A ratio of 2.5 a year over five years, the best of so many whose variance is 1/2."""
    picked = DailySharpe(PICKED.ratio, PICKED.n_returns, skewness, kurtosis)
    assert probability_above(picked, expected_best(n_trials, 0.5 / YEAR)) == pytest.approx(expected, abs=5e-5)


def test_the_best_is_deflated_by_the_number_and_the_spread_of_all() -> None:
    """The more were tried, and the more they differ, the less the same ratio is worth."""
    few, many, apart = (
        deflated_sharpe(PICKED, [PICKED.ratio, *others]) for others in ([0.1], [0.1] * 9, [-0.1, 0.0] * 9)
    )
    assert few is not None
    assert many is not None
    assert apart is not None
    assert (few.n_trials, many.n_trials, apart.n_trials) == (2, 10, 19)
    assert few.expected_best < many.expected_best < apart.expected_best
    assert few.probability > many.probability > apart.probability
    assert few.probability_alone == many.probability_alone == probability_above(PICKED, 0.0)
    assert few.expected_best == expected_best(2, (PICKED.ratio - 0.1) ** 2 / 2)


def test_one_run_is_picked_from_nothing() -> None:
    """There is nothing to deflate."""
    assert deflated_sharpe(PICKED, [PICKED.ratio]) is None


def test_moments_without_an_error_give_no_probability() -> None:
    """Where skewness outweighs all else the formula has no root."""
    assert probability_above(DailySharpe(1.0, 100, skewness=5.0, kurtosis=1.0), 0.0) is None
    assert deflated_sharpe(DailySharpe(1.0, 100, skewness=5.0, kurtosis=1.0), [1.0, 0.5]) is None


def test_the_daily_ratio_is_that_of_the_measures() -> None:
    """Times the root of the days a year it is the Sharpe ratio of the whole, with moments of the returns."""
    equity = np.array([1000.0, 1010, 1005, 1030, 1020, 1040])
    record = make_record(equity, start=1000)
    options = {"risk_free_rate": "0.02"}
    found = daily_sharpe(record, OrchestratorConfig(**options), Decimal(252))
    assert found is not None
    assert found.ratio * math.sqrt(252) == pytest.approx(
        float(measure(record, **options).aggregate.sharpe_ratio), rel=1e-12
    )
    returns = equity / np.array([1000, *equity[:-1]]) - 1
    standard = (returns - returns.mean()) / returns.std()
    assert found.n_returns == 6
    assert found.skewness == pytest.approx((standard**3).mean(), rel=1e-9)
    assert found.kurtosis == pytest.approx((standard**4).mean(), rel=1e-9)


@pytest.mark.parametrize("equity", [[1000.0], [1000, 1000, 1000], [1000, 500, -10, 20]], ids=["one", "even", "ruined"])
def test_what_has_no_ratio_has_none_a_day(equity: list[float]) -> None:
    """Too few returns, returns that never change, and ruin."""
    record = make_record(equity, start=1000)
    assert measure(record).aggregate.sharpe_ratio.is_nan()
    assert daily_sharpe(record, OrchestratorConfig(), Decimal(252)) is None
