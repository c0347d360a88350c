"""Measures of one equity curve beside those of empyrical-reloaded, quantstats and ffn."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest

from strategy_orchestrator import OrchestratorResult
from tests.peers.cases import CAPITAL, Marks, equity_of, marks_of, ours, peer, prices_of

empyrical, quantstats, ffn = peer("empyrical"), peer("quantstats.stats"), peer("ffn")
pytestmark = pytest.mark.filterwarnings("ignore")

PERIODS: Final = 252
RATE: Final = 0.03
PER_PERIOD: Final = math.expm1(math.log1p(RATE) / PERIODS)
EXACT: Final = 1e-12
Measure = Callable[[pd.Series, pd.Series], float]


def curve(seed: int) -> tuple[OrchestratorResult, pd.Series, pd.Series]:
    """Return a result of ours, its returns, and its equity with the starting capital before it."""
    prices = prices_of(seed, n_bars=400)
    marks = marks_of(seed, 400)
    result = ours(
        prices.panel, [Marks(*marks)], risk_free_rate=str(RATE), periods_per_year=PERIODS, slippage_pct="0.0002"
    )
    times = pd.DatetimeIndex([time.replace(tzinfo=None) for time in prices.times])
    equity = equity_of(result)
    returns = pd.Series(equity / np.concatenate([[CAPITAL], equity[:-1]]) - 1, times)
    whole = pd.Series(np.concatenate([[CAPITAL], equity]), times[:1].append(times))
    return result, returns, whole


SHARED: Final[dict[str, tuple[str, Measure]]] = {
    "empyrical total return": ("total_return", lambda returns, _: empyrical.cum_returns_final(returns)),
    "empyrical volatility": (
        "volatility",
        lambda returns, _: empyrical.annual_volatility(returns, annualization=PERIODS),
    ),
    "empyrical Sharpe": (
        "sharpe_ratio",
        lambda returns, _: empyrical.sharpe_ratio(returns, risk_free=PER_PERIOD, annualization=PERIODS),
    ),
    "empyrical Sortino": (
        "sortino_ratio",
        lambda returns, _: empyrical.sortino_ratio(returns, required_return=PER_PERIOD, annualization=PERIODS),
    ),
    "empyrical drawdown": ("max_drawdown", lambda returns, _: -empyrical.max_drawdown(returns)),
    "quantstats total return": ("total_return", lambda returns, _: quantstats.comp(returns)),
    "quantstats volatility": ("volatility", lambda returns, _: quantstats.volatility(returns, periods=PERIODS)),
    "quantstats Sharpe": ("sharpe_ratio", lambda returns, _: quantstats.sharpe(returns, rf=RATE, periods=PERIODS)),
    "quantstats Sortino": ("sortino_ratio", lambda returns, _: quantstats.sortino(returns, rf=RATE, periods=PERIODS)),
    "quantstats drawdown": ("max_drawdown", lambda returns, _: -quantstats.max_drawdown(returns)),
    "ffn total return": ("total_return", lambda _, equity: ffn.calc_total_return(equity)),
    "ffn Sharpe": ("sharpe_ratio", lambda returns, _: ffn.calc_sharpe(returns, rf=RATE, nperiods=PERIODS)),
    "ffn Sortino": ("sortino_ratio", lambda returns, _: ffn.calc_sortino_ratio(returns, rf=RATE, nperiods=PERIODS)),
    "ffn CAGR": ("cagr", lambda _, equity: ffn.calc_cagr(equity)),
    "ffn drawdown": ("max_drawdown", lambda _, equity: -ffn.calc_max_drawdown(equity)),
    "ffn Calmar": ("calmar_ratio", lambda _, equity: ffn.calc_calmar_ratio(equity)),
}


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("seed", range(3))
def test_measures_agree(name: str, seed: int) -> None:
    """Where the convention is the same, the number is the same to 1e-12."""
    result, returns, equity = curve(seed)
    ours_, theirs = SHARED[name]
    assert float(getattr(result.aggregate_metrics, ours_)) == pytest.approx(float(theirs(returns, equity)), rel=EXACT)


APART: Final[dict[str, tuple[str, Measure]]] = {
    "empyrical: CAGR": ("cagr", lambda returns, _: empyrical.cagr(returns, annualization=PERIODS)),
    "empyrical: Calmar": ("calmar_ratio", lambda returns, _: empyrical.calmar_ratio(returns, annualization=PERIODS)),
    "empyrical: annual return": (
        "annualized_return",
        lambda returns, _: empyrical.annual_return(returns, annualization=PERIODS),
    ),
    "quantstats: CAGR": ("cagr", lambda returns, _: quantstats.cagr(returns, periods=PERIODS)),
    "quantstats: win rate": ("win_rate", lambda returns, _: quantstats.win_rate(returns)),
    "quantstats: profit factor": ("profit_factor", lambda returns, _: quantstats.profit_factor(returns)),
}


@pytest.mark.parametrize("name", APART)
def test_other_conventions_are_other_numbers(name: str) -> None:
    """What the page on other engines says to be another convention is one."""
    result, returns, equity = curve(0)
    ours_, theirs = APART[name]
    found: Any = float(getattr(result.aggregate_metrics, ours_))
    assert found != pytest.approx(float(theirs(returns, equity)), rel=1e-6)
