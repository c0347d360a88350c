"""Both forms of the three strategies: alike on any panel, blind to the future, strict about their options."""

from __future__ import annotations

import copy
import importlib.util
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

import numpy as np
import pytest

from orchestrator_starter import (
    BuyAndHoldSignals,
    BuyAndHoldStrategy,
    DemoPrices,
    MomentumSignals,
    MomentumStrategy,
    RSISignals,
    RSIStrategy,
)
from strategy_orchestrator import ConfigError, HistoricalDataBar, IStrategy, Panel, SignalStrategy
from strategy_orchestrator.models.bars import BarHistory, PanelBar

START = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Forms:
    """The two forms of one strategy with one set of options."""

    per_bar: Callable[[], IStrategy]
    vectorized: Callable[[], SignalStrategy]


FORMS = {
    "buy-and-hold": Forms(BuyAndHoldStrategy, BuyAndHoldSignals),
    "momentum": Forms(lambda: MomentumStrategy(3, 8), lambda: MomentumSignals(3, 8)),
    "momentum-one-bar": Forms(lambda: MomentumStrategy(1, 2), lambda: MomentumSignals(1, 2)),
    "momentum-default": Forms(MomentumStrategy, MomentumSignals),
    "rsi": Forms(lambda: RSIStrategy(5, 40.0, 60.0), lambda: RSISignals(5, 40.0, 60.0)),
    "rsi-default": Forms(RSIStrategy, RSISignals),
}
every_strategy = pytest.mark.parametrize("forms", FORMS.values(), ids=FORMS)


def panel_of(closes: np.ndarray) -> Panel:
    """Make a panel of daily closes, float64, shape (T, S)."""
    times = [START + timedelta(days=day) for day in range(len(closes))]
    names = [f"S{column}" for column in range(closes.shape[1])]
    return Panel.from_arrays(times, names, open=closes, high=closes, low=closes, close=closes)


def random_panel(seed: int) -> Panel:
    """Make a panel with waves, late beginnings, early ends, gaps, and prices on a coarse grid so that averages tie."""
    generator = np.random.default_rng(seed)
    waves = np.rint(1.6 * np.sin(np.arange(160) / 9.0))[:, None]
    closes = 80.0 + np.cumsum(generator.integers(-2, 3, (160, 5)) + waves, axis=0) * 0.25
    closes[generator.random(closes.shape) < 0.15] = np.nan
    closes[:40, 1] = closes[120:, 2] = np.nan
    closes[:, 4] = np.nan
    closes[60:70, 4] = 51.3
    return panel_of(closes)


def histories(panel: Panel) -> dict[str, list[HistoricalDataBar]]:
    """Return the bars of each symbol, gaps left out."""
    return {
        symbol: [PanelBar(panel.units, int(bar), column) for bar in np.flatnonzero(panel.traded[:, column])]
        for column, symbol in enumerate(panel.symbols)
    }


def asked_bar_by_bar(strategy: IStrategy, panel: Panel) -> list[tuple[int, int, str]]:
    """Drive a per-bar strategy as the engine does; a position is held from the close that asked for it."""
    whole = histories(panel)
    growing = {symbol: BarHistory() for symbol in panel.symbols}
    held: dict[int, bool] = dict.fromkeys(range(panel.n_symbols), False)
    actions = []
    position: Any = None
    for bar in range(panel.n_bars):
        for column in np.flatnonzero(panel.traded[bar]).tolist():
            history = growing[panel.symbols[column]]
            list.append(history, whole[panel.symbols[column]][len(history)])
            if not held[column] and strategy.should_enter(history):
                actions.append((bar, column, "enter"))
                held[column] = True
            elif held[column] and strategy.should_exit(position, history):
                actions.append((bar, column, "exit"))
                held[column] = False
    return actions


def read_from_arrays(strategy: SignalStrategy, panel: Panel) -> list[tuple[int, int, str]]:
    """Read the same actions from the arrays of the vectorised form."""
    signals = strategy.signals(panel)
    held = dict.fromkeys(range(panel.n_symbols), False)
    actions = []
    for bar in range(panel.n_bars):
        for column in np.flatnonzero(panel.traded[bar]).tolist():
            if not held[column] and signals.entries[bar, column]:
                actions.append((bar, column, "enter"))
                held[column] = True
            elif held[column] and signals.exits[bar, column]:
                actions.append((bar, column, "exit"))
                held[column] = False
    return actions


@every_strategy
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_forms_decide_alike_at_every_bar(forms: Forms, seed: int) -> None:
    """Asked flat and asked in position, the per-bar form says what the arrays say, gaps or not."""
    panel = random_panel(seed)
    signals = forms.vectorized().signals(panel)
    strategy = forms.per_bar()
    position: Any = None
    for column, bars in enumerate(histories(panel).values()):
        rows = np.flatnonzero(panel.traded[:, column]).tolist()
        for place, row in enumerate(rows, start=1):
            assert strategy.should_enter(bars[:place]) == signals.entries[row, column]
            assert strategy.should_exit(position, bars[:place]) == signals.exits[row, column]


@every_strategy
def test_both_forms_act_alike_when_driven_as_the_engine_does(forms: Forms) -> None:
    """One growing history a symbol, asked in turn, leads to the same entries and exits."""
    panel = random_panel(4)
    actions = asked_bar_by_bar(forms.per_bar(), panel)
    assert actions == read_from_arrays(forms.vectorized(), panel)
    assert actions


@every_strategy
def test_signals_have_the_shape_of_the_panel_and_none_where_there_is_no_bar(forms: Forms) -> None:
    """The arrays are bool, (T, S), and silent in gaps."""
    panel = random_panel(5)
    signals = forms.vectorized().signals(panel)
    for array in (signals.entries, signals.exits):
        assert array.dtype == np.bool_
        assert array.shape == panel.traded.shape
        assert not (array & ~panel.traded).any()


@every_strategy
def test_signals_do_not_depend_on_later_bars(forms: Forms) -> None:
    """A panel cut short gives the same rows as the whole one."""
    panel = random_panel(6)
    whole = forms.vectorized().signals(panel)
    for n_bars in (1, 7, 60, 159):
        cut = forms.vectorized().signals(panel.until(n_bars))
        assert np.array_equal(cut.entries, whole.entries[:n_bars])
        assert np.array_equal(cut.exits, whole.exits[:n_bars])


@every_strategy
def test_one_object_can_be_used_for_one_run_after_another(forms: Forms) -> None:
    """What a strategy keeps of one panel does not show in the next."""
    strategy = forms.per_bar()
    for seed in (7, 8, 7):
        panel = random_panel(seed)
        assert asked_bar_by_bar(strategy, panel) == asked_bar_by_bar(forms.per_bar(), panel)


@every_strategy
def test_a_bar_seen_for_the_first_time_needs_no_call_before(forms: Forms) -> None:
    """A strategy first asked late in a history answers as one that was asked all along."""
    panel = random_panel(9)
    signals = forms.vectorized().signals(panel)
    bars = histories(panel)["S0"]
    assert forms.per_bar().should_enter(bars) == signals.entries[np.flatnonzero(panel.traded[:, 0])[-1], 0]


@pytest.mark.parametrize("strategy", [MomentumStrategy(3, 8), RSIStrategy(5, 40.0, 60.0)])
def test_copies_of_a_strategy_leave_its_memory_behind(strategy: Any) -> None:
    """A pickled or copied strategy carries its options, not the bars that it has seen."""
    bars = histories(random_panel(10))["S0"]
    unused = pickle.dumps(strategy)
    strategy.should_enter(bars)
    assert len(pickle.dumps(strategy)) == len(unused)
    for twin in (copy.deepcopy(strategy), pickle.loads(pickle.dumps(strategy))):  # noqa: S301  # our own bytes
        assert twin.parameters == strategy.parameters
        assert twin.should_enter(bars) == strategy.should_enter(bars)


def test_momentum_reads_only_its_slow_lookback() -> None:
    """Bars older than the slow average do not change the answer."""
    bars = histories(panel_of(np.linspace(10.0, 90.0, 200)[:, None]))["S0"]
    strategy = MomentumStrategy(10, 50)
    assert strategy.should_enter(bars)
    assert strategy.should_enter(bars[-50:])
    assert not strategy.should_enter(bars[-49:])


@pytest.mark.parametrize("strategy", [MomentumStrategy, MomentumSignals])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fast": 50, "slow": 50}, "fast, 50, must be below slow, 50"),
        ({"fast": 0}, "fast: 0 was found; input should be greater than or equal to 1"),
        ({"slow": 10_001}, "slow: 10001 was found; input should be less than or equal to 10000"),
        ({"fast": 2.5}, "fast: 2.5 was found; input should be a valid integer"),
        ({"fast": True}, "fast: True was found; input should be a valid integer"),
    ],
)
def test_momentum_options_out_of_bounds_are_refused(strategy: Any, options: Any, words: str) -> None:
    """The error names class, option, value and bound."""
    with pytest.raises(ConfigError) as caught:
        strategy(**options)
    assert str(caught.value).startswith(strategy.__name__)
    assert words in str(caught.value)


@pytest.mark.parametrize("strategy", [RSIStrategy, RSISignals])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lower": 70, "upper": 70}, "lower, 70, must be below upper, 70"),
        ({"period": 1}, "period: 1 was found; input should be greater than or equal to 2"),
        ({"upper": 100.5}, "upper: 100.5 was found; input should be less than or equal to 100"),
        ({"lower": float("nan")}, "lower: nan was found; input should be a finite number"),
        ({"lower": "30"}, "lower: '30' was found; input should be a valid number"),
    ],
)
def test_rsi_options_out_of_bounds_are_refused(strategy: Any, options: Any, words: str) -> None:
    """The error names class, option, value and bound."""
    with pytest.raises(ConfigError) as caught:
        strategy(**options)
    assert str(caught.value).startswith(strategy.__name__)
    assert words in str(caught.value)


def test_all_options_out_of_bounds_are_reported_at_once() -> None:
    """One fault for each option."""
    with pytest.raises(ConfigError) as caught:
        RSIStrategy(period=0, lower=-1.0, upper=101.0)
    assert len(caught.value.faults) == 3


@pytest.mark.skipif(
    importlib.util.find_spec("strategy_orchestrator.orchestrator") is None, reason="needs the orchestrator"
)
@pytest.mark.parametrize(
    ("per_bar", "vectorized"),
    [(BuyAndHoldStrategy, BuyAndHoldSignals), (MomentumStrategy, MomentumSignals), (RSIStrategy, RSISignals)],
)
def test_both_forms_make_the_same_trades_on_the_real_prices(per_bar: Any, vectorized: Any) -> None:
    """Trades, equity and final equity of a run agree to the unit."""
    from strategy_orchestrator import StrategyOrchestrator  # noqa: PLC0415  # skipped where it does not exist

    panel = DemoPrices().load().until(1500)
    results = [
        StrategyOrchestrator(strategies=[(strategy(), Decimal("0.5"))]).run(panel, initial_capital=Decimal(100000))
        for strategy in (per_bar, vectorized)
    ]
    slow, fast = (next(iter(result.strategy_results.values())) for result in results)
    facts = attrgetter("symbol", "entry_date", "entry_price", "exit_date", "exit_price", "shares", "pnl", "exit_reason")
    assert slow.trades
    assert [facts(trade) for trade in slow.trades] == [facts(trade) for trade in fast.trades]
    assert list(slow.equity_curve) == list(fast.equity_curve)
    assert slow.final_equity == fast.final_equity
