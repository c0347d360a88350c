"""The measures by hand, and where they are not defined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from orchestrator_measures import metrics
from strategy_orchestrator import ConfigError
from strategy_orchestrator.models.records import TRADE

UNIT = 1_000_000
# Returns 0.1, -0.1, 0.2 and -0.25; drawdowns 0, 0, 0.1, 0 and 0.25.
EQUITY = (100.0, 110.0, 99.0, 118.8, 89.1)
TRADES = ((30.0, 100.0, 0.0), (-10.0, 99.0, 1.0), (0.0, 50.0, 0.0), (10.0, 190.0, 10.0))
NOTHING: tuple[tuple[float, float, float], ...] = ()


def trades_of(rows: Sequence[tuple[float, float, float]]) -> Any:
    """Make trades of profit, entry notional and entry commission."""
    table = np.zeros(len(rows), TRADE)
    for place, (pnl, notional, commission) in enumerate(rows):
        for name, money in (("pnl", pnl), ("entry_notional", notional), ("entry_commission", commission)):
            table[name][place] = round(money * UNIT)
    return table


def measured(metric: Any, equity: Sequence[float], trades: Sequence[tuple[float, float, float]] = NOTHING) -> float:
    """Take a measure."""
    value = metric(np.array(equity, np.float64), trades_of(trades))
    assert type(value) is float
    return value


# Trade returns 0.3, -0.1, 0 and 0.05: mean 0.0625, squared deviations 0.0863 in sum.
DEVIATION = ((0.2375**2 + 0.1625**2 + 0.0625**2 + 0.0125**2) / 3) ** 0.5
BY_HAND = {
    "ulcer-index": (metrics.ulcer_index(), ((0.1**2 + 0.25**2) / 5) ** 0.5),
    "pain-index": (metrics.pain_index(), 0.35 / 5),
    "recovery-factor": (metrics.recovery_factor(), -10.9 / 29.7),
    "omega": (metrics.omega(), 0.3 / 0.35),
    "omega above 5 %": (metrics.omega(0.05), (0.05 + 0.15) / (0.15 + 0.3)),
    "gain-to-pain": (metrics.gain_to_pain(), -0.05 / 0.35),
    # Of four sorted returns the quarter lies three quarters of the way from the first to the second.
    "tail-ratio": (metrics.tail_ratio(0.25), (0.1 + 0.25 * 0.1) / (0.1 + 0.25 * 0.15)),
    "expected-shortfall, one bar": (metrics.expected_shortfall(0.25), 0.25),
    "expected-shortfall, one and a half": (metrics.expected_shortfall(0.375), (0.25 + 0.5 * 0.1) / 1.5),
    "expected-shortfall, less than one": (metrics.expected_shortfall(), 0.25),
    "payoff-ratio": (metrics.payoff_ratio(), 20.0 / 10.0),
    "system-quality-number": (metrics.system_quality_number(), 0.0625 / DEVIATION * 4**0.5),
}
EVERY = {name: metric for name, (metric, _) in BY_HAND.items()}
UNDEFINED: dict[str, tuple[Any, Sequence[float], Sequence[tuple[float, float, float]]]] = {
    "no fall to recover from": (metrics.recovery_factor(), (1.0, 2.0), NOTHING),
    "no losses for omega": (metrics.omega(), (1.0, 2.0), NOTHING),
    "no pain": (metrics.gain_to_pain(), (1.0, 2.0), NOTHING),
    "no lower tail": (metrics.tail_ratio(), (1.0, 1.0, 1.0), NOTHING),
    "no losing trade": (metrics.payoff_ratio(), EQUITY, [(1.0, 1.0, 0.0)]),
    "no winning trade": (metrics.payoff_ratio(), EQUITY, [(-1.0, 1.0, 0.0)]),
    "one trade": (metrics.system_quality_number(), EQUITY, [(1.0, 1.0, 0.0)]),
    "trades alike": (metrics.system_quality_number(), EQUITY, [(0.1, 1.0, 0.0)] * 7),
    "trades that cost nothing": (metrics.system_quality_number(), EQUITY, [(0.1, 0.0, 0.0)] * 7),
}


@pytest.mark.parametrize(("metric", "expected"), BY_HAND.values(), ids=BY_HAND)
def test_by_hand(metric: Any, expected: float) -> None:
    """Five bars and four trades."""
    assert measured(metric, EQUITY, TRADES) == pytest.approx(expected)


@pytest.mark.parametrize("metric", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("equity", [(), (100.0,), (0.0, 0.0), (-5.0, 10.0)])
def test_nothing_follows_from_next_to_nothing(metric: Any, equity: Sequence[float]) -> None:
    """Without bars, returns, a positive start or trades there is no measure, but drawdowns of one bar are known."""
    value = measured(metric, equity)
    is_known = isinstance(metric, metrics.OfDrawdowns) and equity == (100.0,)
    assert value == 0.0 if is_known else math.isnan(value)


@pytest.mark.parametrize(("metric", "equity", "trades"), UNDEFINED.values(), ids=UNDEFINED)
def test_where_a_measure_is_not_defined(metric: Any, equity: Any, trades: Any) -> None:
    """It is NaN, not an infinity or an error."""
    assert math.isnan(measured(metric, equity, trades))


def test_a_hundred_trades_count_at_most() -> None:
    """More trades of the same kind do not make a system better."""
    few, many = (
        measured(metrics.system_quality_number(), EQUITY, [(2.0, 1.0, 0.0), (-1.0, 1.0, 0.0)] * pairs)
        for pairs in (50, 5_000)
    )
    assert few == pytest.approx(many, rel=0.01)


MONEY = st.integers(-(10**18), 10**18).map(lambda quanta: quanta / UNIT)


@given(
    st.lists(MONEY, max_size=30),
    st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0, 1e4), st.floats(0, 10)), max_size=20),
)
def test_no_curve_makes_an_infinity_or_an_error(equity: list[float], trades: list[tuple[float, float, float]]) -> None:
    """Any equity and any trades give a number or NaN."""
    for metric in EVERY.values():
        assert not math.isinf(measured(metric, equity, trades))


@given(st.lists(st.floats(1.0, 1e6), min_size=2, max_size=30), st.floats(0.5, 8.0))
def test_the_currency_does_not_matter(equity: list[float], rate: float) -> None:
    """Measures of the curve are ratios."""
    for metric in (metrics.ulcer_index(), metrics.pain_index(), metrics.expected_shortfall()):
        assert measured(metric, [rate * each for each in equity]) == pytest.approx(
            measured(metric, equity), rel=1e-9, abs=1e-9
        )


@pytest.mark.parametrize(
    ("factory", "options", "words"),
    [
        (metrics.omega, {"threshold": 2.0}, r"omega\.threshold: 2\.0 was found; .* less than or equal to 1"),
        (metrics.tail_ratio, {"tail": 0.5}, r"tail_ratio\.tail: 0\.5 was found; .* less than 0\.5"),
        (metrics.expected_shortfall, {"tail": math.nan}, "finite number"),
    ],
)
def test_options_out_of_bounds_are_refused(factory: Any, options: dict[str, float], words: str) -> None:
    """The error names measure, option, value and bound."""
    with pytest.raises(ConfigError, match=words):
        factory(**options)
