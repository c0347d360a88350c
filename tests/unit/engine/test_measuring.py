"""A record becomes a result: trades to read, curves, measures with and without the end of the data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator import MetricSpec, PluginError, ProtectiveExits, hookimpl
from strategy_orchestrator.models.records import TRADE
from strategy_orchestrator.models.signals import Direction
from strategy_orchestrator.models.trades import Trade
from tests.unit.engine.portfolios import START, Asked, Says, Weighs, make_panel, run


def test_a_trade_has_all_that_it_was() -> None:
    """Prices with slippage, money of both sides, and the P&L that follows from them."""
    costs = {"commission_per_trade": "1", "commission_pct": "0.001", "slippage_pct": "0.01"}
    result = run([Says("EX.")], make_panel("10", "10", "12"), **costs)
    (trade,) = result.strategy_results["Says_0"].trades
    # In at 10.1: 98 shares, 989.8 and 1.9898. Out at 11.88: 1164.24 and 2.16424. Slippage 9.8 and 11.76.
    pnl = Decimal("1164.24") - Decimal("989.8") - Decimal("4.15404")
    assert trade == Trade(
        symbol="A",
        strategy_id="Says_0",
        direction=Direction.LONG,
        entry_date=START + timedelta(days=1),
        entry_price=Decimal("10.1"),
        exit_date=START + timedelta(days=2),
        exit_price=Decimal("11.88"),
        shares=Decimal(98),
        pnl=pnl,
        pnl_pct=(pnl / Decimal("991.7898")).quantize(Decimal("1e-12")),
        duration_days=1,
        exit_reason="strategy_signal",
        commission=Decimal("4.15404"),
        slippage=Decimal("21.56"),
        metadata={"entry_value": Decimal("989.8"), "exit_value": Decimal("1164.24")},
    )
    assert trade.recomputed_pnl() == trade.pnl


def test_a_short_trade_earns_when_prices_fall() -> None:
    """Its direction is the side of the position."""
    result = run([Says("SC.")], make_panel("10", "10", "8"))
    (trade,) = result.strategy_results["Says_0"].trades
    assert (trade.direction, trade.pnl, trade.pnl_pct) == (Direction.SHORT, Decimal(200), Decimal("0.2"))


REASONS: dict[str, tuple[Any, tuple[str, ...], dict[str, Any]]] = {
    "strategy_signal": (Says("EX.."), ("10", "10", "10", "10"), {}),
    "stop_loss": (Says("E...", exits=ProtectiveExits(stop_loss=Decimal("0.1"))), ("10", "10", "8", "8"), {}),
    "take_profit": (Says("E...", exits=ProtectiveExits(take_profit=Decimal("0.1"))), ("10", "10", "12", "12"), {}),
    "trailing_stop": (Says("E...", exits=ProtectiveExits(trailing_stop=Decimal("0.1"))), ("10", "10", "12", "9"), {}),
    "max_holding": (Says("E...", exits=ProtectiveExits(max_holding_bars=1)), ("10", "10", "10", "10"), {}),
    "end_of_data": (Says("E..."), ("10", "10", "10", "10"), {}),
    "ruin": (Says("S..."), ("10", "10", "25", "25"), {}),
    "quarantine": (SimpleNamespace(), ("10", "10", "10", "10"), {"on_strategy_error": "quarantine"}),
    "rebalance": (Says("E...", exits=None), ("10", "10", "20", "20"), {"rebalance_threshold": "0.1"}),
}


class FailsLate(Asked):
    """Enter, then fail."""

    def should_exit(self, position: Any, bars: Any) -> bool:
        """Fail."""
        raise ValueError(position, bars)


@pytest.mark.parametrize(("reason", "case"), REASONS.items(), ids=REASONS)
def test_every_reason_has_its_word(reason: str, case: tuple[Any, tuple[str, ...], dict[str, Any]]) -> None:
    """The exit of a trade says why."""
    strategy, prices, options = case
    strategy = FailsLate("E...") if reason == "quarantine" else strategy
    result = run([strategy, Says("....")], make_panel(*prices), **options)
    assert next(iter(result.strategy_results.values())).trades[0].exit_reason == reason


def test_a_sleeve_that_ended_says_how() -> None:
    """Ruin and quarantine are marks of the result."""
    strategies = [Says("S...", "...."), FailsLate("....", "E..."), Says("....", "....")]
    panel = make_panel("10|10", "10|10", "45|10", "45|10")
    results = run(strategies, panel, on_strategy_error="quarantine").strategy_results
    assert [(item.is_ruined, item.is_quarantined) for item in results.values()] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_curves_are_times_and_decimals() -> None:
    """One item a bar, of every sleeve and of the whole with its reserve."""
    panel = make_panel("10", "10", "12")
    result = run([(Says("E.."), "0.5")], panel)
    sleeve = result.strategy_results["Says_0"]
    assert list(sleeve.equity_curve) == list(zip(panel.timestamps, map(Decimal, (500, 500, 600)), strict=True))
    assert list(result.aggregate_equity_curve) == [(moment, equity + 500) for moment, equity in sleeve.equity_curve]
    assert (sleeve.initial_capital, sleeve.final_equity) == (Decimal(500), Decimal(600))


def test_measures_can_leave_out_what_the_end_closed() -> None:
    """Trades that the end of the data closed are counted, and left out beside."""
    result = run([Says("EXE.")], make_panel("10", "10", "12", "12"))
    sleeve = result.strategy_results["Says_0"]
    assert (sleeve.metrics.total_trades, sleeve.metrics_without_end_of_data.total_trades) == (2, 1)
    assert sleeve.metrics_without_end_of_data.winning_trades == 1
    assert sleeve.metrics.total_return == sleeve.metrics_without_end_of_data.total_return


def test_the_table_compares_what_the_results_hold() -> None:
    """One row a strategy, in their order, every measure of it and the money at both ends."""
    result = run([Says("EX."), Weighs("0.5 . .")], make_panel("10", "10", "12"))
    assert list(result.comparison_table) == list(result.strategy_results) == ["Says_0", "Weighs_0"]
    for name, row in result.comparison_table.items():
        item = result.strategy_results[name]
        assert row["total_return"] == item.metrics.total_return
        assert (row["initial_capital"], row["final_equity"]) == (item.initial_capital, item.final_equity)
        assert all(isinstance(value, Decimal) for value in row.values())
        assert {"sharpe_ratio", "sharpe_ratio_lagged", "max_drawdown", "win_rate", "exposure"} <= row.keys()
    assert format(result.comparison_table["Says_0"]["total_return"], ".2%") == "20.00%"


class Measures:
    """Offer one measure."""

    def __init__(self, measure: Callable[[Any, Any], Any]) -> None:
        self.measure = measure

    @hookimpl
    def orchestrator_metrics(self) -> list[MetricSpec]:
        """Offer it."""
        return [MetricSpec(name="own", factory=lambda: self.measure, description="A measure of a test.")]


def measured(measure: Callable[[Any, Any], Any]) -> Any:
    """Run two strategies with a measure."""
    strategies = [(Says("EXE."), "0.5"), (Says("...."), "0.25")]
    return run(strategies, make_panel("10", "10", "12", "12"), plugins=[Measures(measure)], metrics=["own"])


def test_a_measure_of_a_plugin_is_taken_of_every_curve() -> None:
    """Of each sleeve with its trades, of the whole with all, and once more without those that the end closed."""
    seen: list[tuple[list[float], int]] = []

    def measure(equity: Any, trades: Any) -> float:
        seen.append((equity.tolist(), len(trades)))
        assert trades.dtype == TRADE
        return float(equity[-1])

    result = measured(measure)
    # 50 at 10, out at 12; 50 again at 12 of 600, closed by the end of the data.
    first, second, whole = [500, 500, 600, 600], [250] * 4, [1000, 1000, 1100, 1100]
    assert seen == [(first, 2), (first, 1), (second, 0), (second, 0), (whole, 2), (whole, 1)]
    assert result.strategy_results["Says_0"].metrics.extra["own"] == Decimal(600)
    assert result.aggregate_metrics.extra["own"] == Decimal(1100)
    assert result.comparison_table["Says_1"]["own"] == Decimal(250)


def test_a_measure_that_is_not_defined_says_so() -> None:
    """NaN is a measure that is not there, with its reason."""
    metrics = measured(lambda _equity, _trades: float("nan")).aggregate_metrics
    assert metrics.extra["own"].is_nan()
    assert metrics.undefined["own"] == "the plug-in says that it is not defined here"


def leave(*_: Any) -> float:
    """Ask to end the program."""
    raise SystemExit(0)


def write(equity: Any, _: Any) -> float:
    """Write to the curve."""
    equity[0] = 0
    return 0.0


def write_trades(_: Any, trades: Any) -> float:
    """Write to the trades."""
    trades["pnl"] = 0
    return 0.0


WRONG: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "infinite": (lambda *_: np.inf, "it returned an infinite number (" + __file__),
    "text": (lambda *_: "high", "ValueError: could not convert string to float: 'high'"),
    "nothing": (lambda *_: None, "TypeError: float() argument must be"),
    "raising": (lambda equity, _: equity[99], "IndexError"),
    "leaving": (leave, "it asked to end the program, SystemExit(0)"),
    "writing": (write, "ValueError: assignment destination is read-only"),
    "writing trades": (write_trades, "ValueError: assignment destination is read-only"),
}


@pytest.mark.parametrize(("measure", "problem"), WRONG.values(), ids=WRONG)
def test_a_measure_that_misbehaves_is_named(measure: Callable[[Any, Any], Any], problem: str) -> None:
    """With whose curve it was."""
    with pytest.raises(PluginError) as caught:
        measured(measure)
    assert "Says_0" in caught.value.faults[0].where
    assert "'own'" in caught.value.faults[0].where
    assert problem in str(caught.value)


def test_exposure_is_computed_when_it_is_read() -> None:
    """Gross, net and what sleeves held against one another."""
    result = run(
        [
            Says("E..."),
            Says(".S.."),
        ],
        make_panel("10", "10", "10", "10"),
    )
    exposure = result.exposure
    assert exposure is result.exposure
    assert (exposure.gross // 10**6).tolist() == [0, 500, 1000, 0]
    assert (exposure.net // 10**6).tolist() == [0, 500, 0, 0]
    assert (exposure.crossed // 10**6).tolist() == [0, 0, 1000, 0]


def test_what_netting_would_have_saved_is_told() -> None:
    """A sale that meets another sleeve's purchase would have cost neither commission nor slippage."""
    # At the open of bar 2 one sells 49 and the other buys 49 at 10; both pay 0.1 for each share.
    everyone = SimpleNamespace(resolve=lambda _symbol, signals, _state: signals)
    options = {"commission_per_share": "0.1", "conflict_resolution_mode": everyone}
    result = run([Says("EX.."), Says(".E..")], make_panel("10", "10", "10", "10"), **options)
    assert result.exposure.netting_saving == Decimal("9.8")
