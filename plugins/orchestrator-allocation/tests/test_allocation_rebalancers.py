"""What the rebalancers propose, and how they refuse what is out of bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from orchestrator_allocation import (
    CalendarRebalancer,
    HierarchicalRiskParityRebalancer,
    InverseVolatilityRebalancer,
    MinimumVarianceRebalancer,
    RiskParityRebalancer,
)
from strategy_orchestrator import BacktestState, ConfigError, OrchestratorState, Panel
from strategy_orchestrator.arrays import sealed

ESTIMATED = [
    InverseVolatilityRebalancer,
    RiskParityRebalancer,
    MinimumVarianceRebalancer,
    HierarchicalRiskParityRebalancer,
]
every_estimated = pytest.mark.parametrize("rebalancer", ESTIMATED)
START = datetime(2024, 1, 1, tzinfo=UTC)
WAVES = np.tile(np.array([[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]], np.float64).T, (5, 1))


def state_of(weights: Mapping[str, str], returns: Any = None) -> OrchestratorState:
    """Make a state of weights, with returns whose last row is that of the current bar."""
    whole = BacktestState(START, Decimal(0), Decimal(1000), Decimal(1000), Decimal(0), {})
    state = OrchestratorState(
        current_bar=0 if returns is None else len(returns),
        timestamp=START,
        weights={name: Decimal(weight) for name, weight in weights.items()},
        allocations={},
        strategy_states={},
        aggregate_state=whole,
        reserve=Decimal(0),
    )
    return state if returns is None else replace(state, sleeve_returns=sealed(np.asarray(returns, np.float64)))


def panel_of(n_bars: int) -> Panel:
    """Make daily bars from New Year on."""
    prices = np.full((n_bars, 1), 10.0)
    times = [START + timedelta(days=day) for day in range(n_bars)]
    return Panel.from_arrays(times, ["A"], open=prices, high=prices, low=prices, close=prices)


@pytest.mark.parametrize("rebalancer", [CalendarRebalancer, *ESTIMATED])
def test_all_propose_at_the_first_bar_of_a_period(rebalancer: Any) -> None:
    """Of sixty days from New Year the 1st of February is day 31."""
    assert np.flatnonzero(rebalancer().schedule(panel_of(60))).tolist() == [31]
    assert np.flatnonzero(rebalancer(period="weekly").schedule(panel_of(16))).tolist() == [7, 14]


def test_the_calendar_goes_back_to_the_configured_weights() -> None:
    """Of those that still trade."""
    state = state_of({"B_0": "0.25", "A_0": "0.5"})
    rebalancer = CalendarRebalancer(drift_tolerance=Decimal("0.05"))
    assert rebalancer.propose(state) == {"B_0": Decimal("0.25"), "A_0": Decimal("0.5")}
    assert rebalancer.drift_tolerance == Decimal("0.05")
    assert CalendarRebalancer().drift_tolerance is None


@every_estimated
def test_too_few_returns_leave_the_configured_weights(rebalancer: Any) -> None:
    """Exactly as they are, while no total is asked for."""
    weights = {"B_0": "0.333333333333333333", "A_0": "0.6"}
    assert rebalancer(lookback=20).propose(state_of(weights, WAVES[:19, :2] / 100)) == state_of(weights).weights


@every_estimated
def test_too_few_returns_leave_the_configured_shares_of_a_total(rebalancer: Any) -> None:
    """Weights of 0.2 and 0.6 are shares of a quarter and three quarters."""
    proposed = rebalancer(total_weight="0.4").propose(state_of({"A_0": "0.2", "B_0": "0.6"}))
    assert proposed == {"A_0": Decimal("0.1"), "B_0": Decimal("0.3")}


# A tenth of an equal share is set aside for each: 0.1 ÷ 3, and 0.9 is split by the estimator; the whole is 0.5.
BY_HAND = [
    (InverseVolatilityRebalancer, [4 / 7, 2 / 7, 1 / 7]),
    (RiskParityRebalancer, [4 / 7, 2 / 7, 1 / 7]),
    (MinimumVarianceRebalancer, [16 / 21, 4 / 21, 1 / 21]),
]


@pytest.mark.parametrize(("rebalancer", "shares"), BY_HAND)
def test_weights_by_hand(rebalancer: Any, shares: list[float]) -> None:
    """Standard deviations of 1, 2 and 4, uncorrelated; the configured weights add up to a half."""
    state = state_of({"A_0": "0.1", "B_0": "0.2", "C_0": "0.2"}, WAVES * [0.01, 0.02, 0.04])
    proposed = rebalancer(lookback=20).propose(state)
    expected = [0.5 * (0.1 / 3 + 0.9 * share) for share in shares]
    assert [float(proposed[name]) for name in ("A_0", "B_0", "C_0")] == pytest.approx(expected, abs=1e-4)
    assert sum(proposed.values()) == Decimal("0.5")


def test_only_the_lookback_counts() -> None:
    """What came before is not looked at."""
    returns = np.concatenate([np.full((7, 2), [0.5, -0.1]) * np.arange(7)[:, None], WAVES[:8, :2] * [0.01, 0.03]])
    weights = {"A_0": "0.5", "B_0": "0.5"}
    rebalancer = InverseVolatilityRebalancer(lookback=8)
    assert rebalancer.propose(state_of(weights, returns)) == rebalancer.propose(state_of(weights, returns[7:]))


@every_estimated
def test_a_sleeve_that_did_not_move_keeps_its_weight(rebalancer: Any) -> None:
    """The others split what is left, here equally."""
    returns = WAVES * [0.02, 0.0, 0.02]
    proposed = rebalancer(lookback=20).propose(state_of({"A_0": "0.1", "B_0": "0.2", "C_0": "0.5"}, returns))
    assert {name: float(weight) for name, weight in proposed.items()} == pytest.approx(
        {"A_0": 0.3, "B_0": 0.2, "C_0": 0.3}, abs=2e-6
    )
    assert sum(proposed.values()) == Decimal("0.8")


@every_estimated
@pytest.mark.parametrize("n_moving", [0, 1])
def test_fewer_than_two_that_move_leave_the_configured_shares(rebalancer: Any, n_moving: int) -> None:
    """There is nothing to compare."""
    returns = WAVES[:, :2] * ([0.02, 0.0] if n_moving else [0.0, 0.0])
    proposed = rebalancer(lookback=20).propose(state_of({"A_0": "0.3", "B_0": "0.6"}, returns))
    assert proposed == {"A_0": Decimal("0.2999997"), "B_0": Decimal("0.6000003")}


@every_estimated
@settings(max_examples=15)
@given(
    st.permutations(["A_0", "A_1", "B_0", "C_0"]),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
    st.decimals(Decimal("0.001"), Decimal(1), places=3),
    st.floats(0.01, 1.0),
)
def test_proposals_keep_the_contract_in_any_order(
    rebalancer: Any, names: list[str], n_sleeves: int, seed: int, total: Decimal, minimum: float
) -> None:
    """Each strategy gets at least its minimum, all together at most the total, whatever their order in the list."""
    generator = np.random.default_rng(seed)
    returns = generator.normal(0.0, 10.0 ** generator.uniform(-4, -1, n_sleeves), (30, n_sleeves))
    propose = rebalancer(lookback=30, total_weight=total, minimum_share=minimum).propose
    names = names[:n_sleeves]
    proposed = propose(state_of(dict.fromkeys(names, "0.25"), returns))
    assert set(proposed) == set(names)
    assert min(proposed.values()) >= total * (Decimal(minimum) / n_sleeves - Decimal("1e-6"))
    assert 0 <= total - sum(proposed.values()) < n_sleeves * Decimal("1e-18")
    order = np.argsort(names)
    assert propose(state_of(dict.fromkeys(sorted(names), "0.25"), returns[:, order])) == proposed


@every_estimated
def test_options_out_of_bounds_are_all_reported(rebalancer: Any) -> None:
    """One fault for each, that names the class, the option and what was found."""
    with pytest.raises(ConfigError) as caught:
        rebalancer(lookback=1, period="hourly", total_weight="1.5", minimum_share=0.0)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert lines[0].startswith(f"{rebalancer.__name__}.lookback: 1 was found; input should be greater than")
    assert "no value is called 'hourly'; known: 'daily', 'monthly'" in lines[1]


def test_a_drift_tolerance_out_of_bounds_is_refused() -> None:
    """It is a fraction, and a number."""
    with pytest.raises(ConfigError, match="less than or equal to 1"):
        CalendarRebalancer(drift_tolerance=Decimal(5))
    with pytest.raises(ConfigError, match="'often' is not a number"):
        CalendarRebalancer(drift_tolerance="often")  # type: ignore[arg-type]


@pytest.mark.parametrize("rebalancer", ESTIMATED[1:])
def test_an_unknown_covariance_is_refused(rebalancer: Any) -> None:
    """The known ones are named."""
    with pytest.raises(ConfigError, match="known: 'ledoit-wolf', 'sample'"):
        rebalancer(covariance="best")
