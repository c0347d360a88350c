"""The result answers what users of other engines keep asking."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from strategy_orchestrator import OrchestratorResult, Panel
from tests.unit.engine.portfolios import START, Asked, Says, Weighs, make_panel, run

FLAT = make_panel(*["10"] * 4)


def explained(*strategies: Any, panel: Panel = FLAT, capital: object = 1000, **options: Any) -> list[str]:
    """Return why each strategy traded nothing."""
    result = run(list(strategies), panel, capital, **options)
    return [item.activity.explanation for item in result.strategy_results.values()]


def test_who_traded_needs_no_explanation() -> None:
    """An entry is enough."""
    assert explained(Says("E...")) == [""]


BELOW_LOT = "Of 1 signal, 1 blocked: its slot is worth less than one lot; the nearest was 'A' on 2024-01-02, where "
REASONS: dict[str, tuple[list[Any], dict[str, Any], str]] = {
    "no signal": ([Says("....")], {}, "It gave no signal in 4 bars."),
    "a slot smaller than a lot": (
        [Says("E...")],
        {"capital": 5},
        f"{BELOW_LOT}1 × 10 = 10 before commission stood against 5.",
    ),
    "large lots": (
        [Says("E...")],
        {"lot_size": 1000},
        f"{BELOW_LOT}1000 × 10 = 10000 before commission stood against 1000.",
    ),
    "a conflict": (
        [Says("S..."), Says("E...")],
        {},
        "Of 1 signal, 1 dropped in conflicts with other strategies.",
    ),
    "the end": ([Says("...E")], {}, "Of 1 signal, 1 still waiting for a bar when the data ended."),
    "both sides": (
        [Says("B.B.")],
        {},
        "It gave no signal but asked for a long and a short entry at once, 2 times, which is no intent.",
    ),
    "weights too small": (
        [Weighs("0.001 . 0 .")],
        {},
        "Its 2 target weights called for no position of at least one lot.",
    ),
    "a failure": (
        [Says("too long a word")],
        {"on_strategy_error": "quarantine"},
        "It failed on 2024-01-01, before its first signal.",
    ),
}


@pytest.mark.parametrize(("strategies", "options", "reason"), REASONS.values(), ids=REASONS)
def test_why_a_strategy_traded_nothing(strategies: list[Any], options: dict[str, Any], reason: str) -> None:
    """In one sentence, with the nearest miss where money was short."""
    assert explained(*strategies, **options)[-1] == reason


def test_signals_are_counted_by_what_became_of_them() -> None:
    """Signals, entries, cuts, blocks, drops, expiries."""
    panel = make_panel("10|10", "10|400", "10|10", "10|10", "10|10")
    strategies = [(Says("E....", "E..B."), "0.5"), (Says("S...C", "....S"), "0.5")]
    first, second = (item.activity for item in run(strategies, panel, 1000).strategy_results.values())
    assert (first.n_signals, first.n_entries, first.n_blocked, first.n_contradictions) == (2, 1, 1, 1)
    assert (second.n_signals, second.n_dropped_by_conflict, second.n_expired, second.n_entries) == (2, 1, 1, 0)


def walks(n_days: int, *, noise: float) -> Panel:
    """Return two symbols: the second moves with the first, apart from a noise."""
    rng = np.random.default_rng(3)
    common, own = rng.normal(0, 0.01, n_days), rng.normal(0, 0.01, n_days)
    moves = np.column_stack([common, (1 - noise) * common + noise * own])
    close = 1000 * np.exp(moves.cumsum(axis=0))
    times = [START + timedelta(days=day) for day in range(n_days)]
    return Panel.from_arrays(times, ["A", "B"], open=close, high=close, low=close, close=close)


def correlated(noise: float, n_days: int = 200) -> OrchestratorResult:
    """Run buy-and-hold of each symbol."""
    quiet, hold = "." * n_days, "E" + "." * (n_days - 1)
    return run([Says(hold, quiet), Says(quiet, hold)], walks(n_days, noise=noise), 10**6)


@pytest.mark.parametrize(("noise", "diversifying", "redundant"), [(1.0, 1, 0), (0.5, 0, 0), (0.1, 0, 1)])
def test_strategies_are_compared_by_their_returns(noise: float, diversifying: int, redundant: int) -> None:
    """Below 0.3 a pair diversifies, above 0.8 it is redundant."""
    result = correlated(noise)
    correlation = result.correlation
    (pair,) = correlation.pairs
    assert (pair.first, pair.second, pair.n_days, pair.is_weak) == ("Says_0", "Says_1", 200, False)
    assert (len(correlation.diversifying), len(correlation.redundant)) == (diversifying, redundant)
    assert correlation.between("Says_1", "Says_0") == pair.value
    curves = [[float(equity) for _, equity in item.equity_curve] for item in result.strategy_results.values()]
    returns = [np.diff(curve, prepend=500_000) / np.array([500_000, *curve[:-1]]) for curve in curves]
    assert float(pair.value) == pytest.approx(np.corrcoef(returns)[0, 1], abs=1e-9)


def test_few_common_days_are_marked() -> None:
    """Below thirty the correlation is weak."""
    assert correlated(0.5, 20).correlation.pairs[0].is_weak


def test_a_pair_that_is_none_has_no_correlation() -> None:
    """Asking for strangers is an error."""
    with pytest.raises(KeyError):
        correlated(0.5, 5).correlation.between("Says_0", "Says_9")


def test_profit_is_told_by_strategy_and_symbol() -> None:
    """Realized, of those that were traded."""
    result = run([Says("EX..", "...."), Asked("E.X.", "EX..")], make_panel("10|20", "10|20", "12|19", "13|19"), 1000)
    assert result.profit_by_symbol == {"Says_0": {"A": Decimal(50)}, "Asked_0": {"A": Decimal(75), "B": Decimal(-12)}}
    for name, item in result.strategy_results.items():
        assert sum(result.profit_by_symbol[name].values()) == sum(trade.pnl for trade in item.trades)


def test_the_cost_of_rebalancing_stands_apart() -> None:
    """What was moved, what was sold for it, and what that cost."""
    options: dict[str, Any] = {"rebalance_threshold": "0.1", "commission_pct": "0.001", "slippage_pct": "0.001"}
    result = run([Says("E..."), Says("....")], make_panel("10", "10", "20", "20"), 1000, **options)
    cost = result.rebalancing
    # 49 at 10.01 are 490.49 and 0.49049; 9.01951 are left. At 20: 989.01951 of 1489.01951, 244.509755 too much.
    # Short of 235.490245 of 980: 49 x 0.2403 = 11 of 49 go at 19.98.
    assert (cost.n_rebalances, cost.sold, cost.commission, cost.slippage) == (
        1, Decimal("219.78"), Decimal("0.21978"), Decimal("0.22"),
    )  # fmt: skip
    assert cost.transferred == Decimal("9.01951") + Decimal("219.78") - Decimal("0.21978")
    assert cost.turnover > 0


def test_without_rebalancing_it_costs_nothing() -> None:
    """Zero, not undefined."""
    cost = run([Says("E...")], FLAT).rebalancing
    assert {cost.n_rebalances, cost.transferred, cost.sold, cost.turnover} == {0}


def test_a_bar_of_lag_is_measured_beside_sharpe() -> None:
    """A strategy that knows tomorrow is worth nothing a bar later; both numbers stand side by side."""
    rng = np.random.default_rng(5)
    moves = rng.choice([-0.02, 0.02], 300)
    close = 1000 * np.cumprod(1 + moves)
    opening = np.concatenate([[1000.0], close[:-1]])
    times = [START + timedelta(days=day) for day in range(300)]
    high, low = np.maximum(opening, close), np.minimum(opening, close)
    columns = {"open": opening, "high": high, "low": low, "close": close}
    panel = Panel.from_arrays(times, ["A"], **{name: array[:, None] for name, array in columns.items()})
    # Enter at the close before a rise, leave at the close before a fall.
    word = "".join("E" if move > 0 else "X" for move in [*moves[1:], 0])
    metrics = run([Says(word)], panel, 10**6).strategy_results["Says_0"].metrics
    assert metrics.sharpe_ratio > 5
    assert abs(metrics.extra["sharpe_ratio_lagged"]) < metrics.sharpe_ratio / 3
    assert metrics.extra["sharpe_standard_error"] > 0
    assert metrics.extra["n_returns"] == 300


def test_what_is_not_defined_has_its_reason() -> None:
    """NaN in the measures, None in JSON, a sentence beside both."""
    metrics = run([Says("....")], FLAT).strategy_results["Says_0"].metrics
    assert metrics.sharpe_ratio.is_nan()
    assert metrics.undefined["sharpe_ratio"]
    assert format(metrics.sharpe_ratio, ".2f") == "NaN"
    for name, value in metrics.to_dict().items():
        assert not value.is_infinite()
        assert value.is_nan() == (name in metrics.undefined), name


def test_warnings_of_the_prices_are_handed_on() -> None:
    """A jump that looks like a split is told with the result, by symbol and day."""
    bars = make_panel("100", "101", "50", "51")
    frame = {"A": _frame(bars)}
    result = run([Says("....")], frame)
    (warning,) = result.data_warnings
    assert warning.startswith("A, 2024-01-03")
    assert result.strategy_results["Says_0"].data_warnings == result.data_warnings


def _frame(panel: Panel) -> Any:
    columns = {name: getattr(panel, name)[:, 0] for name in ("open", "high", "low", "close")}
    dates = [date(2024, 1, 1) + timedelta(days=day) for day in range(panel.n_bars)]
    return pl.DataFrame({"date": dates, **columns})
