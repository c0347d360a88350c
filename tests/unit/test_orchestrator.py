"""A portfolio is checked when it is made, goes through its states when it runs, and keeps what a failed run had."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from decimal import ROUND_UP, Decimal, localcontext
from typing import Any

import pytest

from strategy_orchestrator import (
    AllocationError,
    BacktestEngine,
    BacktestState,
    ConfigError,
    DataError,
    OrchestratorConfig,
    PluginError,
    RunError,
    Sizer,
    StrategyAllocation,
    StrategyError,
    StrategyOrchestrator,
    create_plugin_manager,
)
from strategy_orchestrator.errors import InputError
from strategy_orchestrator.models.states import RunState
from tests.unit.engine.portfolios import Asked, Says, bare_manager, make_panel, orchestrate, run, told

PANEL = make_panel("10", "11", "12")


def test_a_portfolio_shows_what_it_was_given() -> None:
    """Strategies with exact weights, ids, options; nothing has run."""
    first, second = Says("..."), Asked("...")
    portfolio = StrategyOrchestrator([(first, 0.1), (second, "0.25")], manager=bare_manager())
    assert portfolio.strategies == [(first, Decimal("0.1")), (second, Decimal("0.25"))]
    assert portfolio.strategy_ids == ("Says_0", "Asked_0")
    assert portfolio.weights == {"Says_0": Decimal("0.1"), "Asked_0": Decimal("0.25")}
    assert portfolio.config == OrchestratorConfig()
    assert portfolio.state is RunState.INITIAL
    assert (portfolio.engine, portfolio.record, portfolio.aggregate_state) == (None, None, None)
    assert (portfolio.results, portfolio.allocations) == ({}, {})


def test_a_portfolio_shows_what_it_did() -> None:
    """After a run: results, engine, record, and where the capital stands."""
    portfolio = orchestrate([(Says("E.."), "0.5")], close_at_end=False)
    result = portfolio.run(PANEL, Decimal("1000.0"))
    assert portfolio.state is RunState.COMPLETED
    assert portfolio.results is result.strategy_results
    assert isinstance(portfolio.engine, BacktestEngine)
    assert portfolio.record is not None
    assert portfolio.record.n_bars == 3
    assert isinstance(portfolio.aggregate_state, BacktestState)
    assert portfolio.aggregate_state.equity == result.aggregate_equity_curve[-1][1]
    (allocation,) = portfolio.allocations.values()
    assert isinstance(allocation, StrategyAllocation)
    assert (allocation.used_capital, allocation.available_capital) == (Decimal(495), Decimal(5))


REFUSED: dict[str, tuple[Callable[[], object], type[InputError], str]] = {
    "no strategies": (lambda: StrategyOrchestrator([]), AllocationError, "strategies: the list is empty"),
    "too much weight": (
        lambda: orchestrate([(Says("."), 0.1 + 0.2), (Says("."), 0.7)]),
        AllocationError,
        "weights: the sum 0.30000000000000004 + 0.7 = 1.00000000000000004 is more than 1",
    ),
    "options that are a dict": (
        lambda: StrategyOrchestrator([(Says("."), 1)], {"fill_at": "close"}),  # type: ignore[arg-type]
        ConfigError,
        "config: a dict was given; expected OrchestratorConfig",
    ),
    "an unknown option": (
        lambda: OrchestratorConfig(fill_when="close"),  # type: ignore[call-arg]
        ConfigError,
        "fill_when: ",
    ),
    "an unknown time of fills": (
        lambda: OrchestratorConfig(fill_at="nextopen"),  # type: ignore[arg-type]
        ConfigError,
        "fill_at: ",
    ),
    "a threshold above 1": (
        lambda: OrchestratorConfig(rebalance_threshold=Decimal("1.01")),
        ConfigError,
        "rebalance_threshold: 1.01 is not between 0 and 1",
    ),
    "a negative threshold": (
        lambda: OrchestratorConfig(rebalance_threshold=Decimal("-0.01")),
        ConfigError,
        "rebalance_threshold: -0.01 is not between 0 and 1",
    ),
    "a threshold that is NaN": (
        lambda: OrchestratorConfig(rebalance_threshold=Decimal("NaN")),
        ConfigError,
        "rebalance_threshold: Decimal('NaN') is not finite",
    ),
    "an unknown mode": (
        lambda: orchestrate([Says(".")], conflict_resolution_mode="FIRST_WIN"),
        ConfigError,
        "conflict_resolution_mode: no resolver is called 'FIRST_WIN'; known: 'CANCEL_BOTH', 'FIRST_WINS', ",
    ),
    "an unknown rebalancer": (
        lambda: orchestrate([Says(".")], rebalancer="TRESHOLD"),
        ConfigError,
        "rebalancer: no rebalancer is called 'TRESHOLD'; known: 'THRESHOLD'. Did you mean 'THRESHOLD'?",
    ),
    "an unknown sizer": (
        lambda: orchestrate([Says(".")], sizer="equal-slot"),
        ConfigError,
        "sizer: no sizer is called 'equal-slot'; ",
    ),
    "an unknown cost model": (
        lambda: orchestrate([Says(".")], cost_model="free"),
        ConfigError,
        "cost_model: no cost model is called 'free'; ",
    ),
    "an unknown measure": (
        lambda: orchestrate([Says(".")], metrics=["ulcer"]),
        ConfigError,
        "metrics: no metric is called 'ulcer'; known: none",
    ),
    "a sizer that is none": (
        lambda: OrchestratorConfig(sizer=7),
        ConfigError,
        "sizer: 7 is neither the name of a sizer nor an object with a method 'fractions'",
    ),
    "a cost beside a cost model": (
        lambda: orchestrate([Says(".")], cost_model=Costly(), slippage_pct="0"),
        ConfigError,
        "slippage_pct: slippage_pct is given beside a cost model, which decides what fills cost",
    ),
    "plug-ins beside a manager": (
        lambda: StrategyOrchestrator([(Says("."), 1)], plugins=[object()], manager=bare_manager()),
        ConfigError,
        "plugins: plugins are given beside a manager, which has its own",
    ),
}


class Costly:
    """A cost model that is never asked."""

    def costs(self, panel: Any) -> Any:
        """Fail."""
        raise AssertionError(panel)


@pytest.mark.parametrize(("make", "kind", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_breaks_a_rule_is_refused_at_once(
    make: Callable[[], object], kind: type[InputError], problem: str
) -> None:
    """When it is made, as `ValueError`, in one line that says what to do."""
    with pytest.raises(kind) as caught:
        make()
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).startswith(problem)


def test_the_nearest_name_is_told() -> None:
    """A mode with a slip of the pen is met by the one that was meant."""
    with pytest.raises(ConfigError, match=r"Did you mean 'NET_SIGNAL'\?"):
        orchestrate([Says(".")], conflict_resolution_mode="NET_SIGNALS")


class Watches(Asked):
    """Keep what a function sees at each bar."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.look: Callable[[], object] = lambda: None
        self.seen: list[Any] = []

    def should_enter(self, bars: Any) -> bool:
        """Look, then speak."""
        self.seen.append(self.look())
        return super().should_enter(bars)


def test_a_run_is_running_until_it_is_done() -> None:
    """INITIAL, RUNNING, COMPLETED; in the middle the states of the bars that are done can be read."""
    strategy = Watches("...")
    portfolio = orchestrate([strategy])
    strategy.look = lambda: (portfolio.state, portfolio.aggregate_state and portfolio.aggregate_state.timestamp)
    portfolio.run(PANEL, 1000)
    assert strategy.seen == [(RunState.RUNNING, moment) for moment in (None, *PANEL.timestamps[:2])]


def test_a_running_portfolio_is_not_run_again() -> None:
    """A second run in the middle of the first is refused, and the first goes on."""
    strategy = Watches("...")
    portfolio = orchestrate([strategy])

    def again() -> str:
        with pytest.raises(RunError) as caught:
            portfolio.run(PANEL, 1000)
        return str(caught.value)

    strategy.look = again
    portfolio.run(PANEL, 1000)
    assert set(strategy.seen) == {"run: the orchestrator is running already. Make another one for a second run."}
    assert portfolio.state is RunState.COMPLETED


def test_bad_input_to_a_run_leaves_the_portfolio_as_it_was() -> None:
    """Capital and prices are looked at before anything begins."""
    portfolio = orchestrate([Says("...")])
    with pytest.raises(AllocationError, match="initial_capital: 0 is not greater than 0"):
        portfolio.run(PANEL, 0)
    with pytest.raises(DataError, match="historical_data"):
        portfolio.run({}, 1000)
    assert portfolio.state is RunState.INITIAL
    assert portfolio.run(PANEL, 1000).record.n_bars == 3


class FailsAt(Asked):
    """Fail at a bar."""

    def __init__(self, *texts: str, bar: int) -> None:
        super().__init__(*texts)
        self.bar: int | None = bar

    def should_enter(self, bars: Any) -> bool:
        """Fail or speak."""
        if len(bars) - 1 == self.bar:
            raise LookupError("nothing there")
        return super().should_enter(bars)


def test_a_failed_run_keeps_what_it_had() -> None:
    """Everything up to the bar that failed; the error is raised with its owner."""
    portfolio = orchestrate([FailsAt("....", bar=2), Says("E...")])
    with pytest.raises(StrategyError, match=r"'FailsAt_0', 'A', 2024-01-03 \(bar 2\), should_enter: LookupError"):
        portfolio.run(make_panel("10", "10", "12", "13"), 1000)
    assert portfolio.state is RunState.FAILED
    record = portfolio.record
    assert record is not None
    assert record.n_bars == 2
    assert record.equity[:2].sum(axis=1).tolist() == [10**9] * 2
    assert told(record) == ["1 entry strategy_signal 1 0 1 50 10 500"]
    assert portfolio.results == {}
    assert portfolio.aggregate_state is not None
    assert portfolio.aggregate_state.positions["Says_0/A"].shares == 50


def test_a_run_that_fails_before_its_first_bar_has_an_empty_record() -> None:
    """A vectorized strategy is asked before anything is booked."""
    portfolio = orchestrate([Says("only.two")])
    with pytest.raises(StrategyError):
        portfolio.run(make_panel(*["10"] * 9), 1000)
    assert portfolio.state is RunState.FAILED
    assert portfolio.record is not None
    assert (portfolio.record.n_bars, len(portfolio.record.decisions)) == (0, 0)
    assert portfolio.aggregate_state is not None
    assert (portfolio.aggregate_state.timestamp, portfolio.aggregate_state.equity) == (None, Decimal(1000))


def test_a_plugin_that_fails_before_the_run_fails_it() -> None:
    """What is asked about the panel belongs to the run."""

    class Broken(Sizer):
        def fractions(self, panel: Any) -> Any:
            return panel.nothing

    portfolio = orchestrate([Says("...")], sizer=Broken())
    with pytest.raises(PluginError, match="sizer Broken"):
        portfolio.run(PANEL, 1000)
    assert portfolio.state is RunState.FAILED
    assert portfolio.record is None


def test_after_a_failure_it_can_run_again() -> None:
    """Nothing of the failed run is left in the next one."""
    failing = FailsAt("...", bar=1)
    portfolio = orchestrate([Says("E.."), failing])
    with pytest.raises(StrategyError):
        portfolio.run(PANEL, 1000)
    failing.bar = None
    again = portfolio.run(PANEL, 1000)
    assert portfolio.state is RunState.COMPLETED
    assert again.fingerprint == run([Says("E.."), FailsAt("...", bar=9)], PANEL).fingerprint


def test_the_same_run_has_the_same_fingerprint() -> None:
    """Twice in a row, and by another portfolio; money changes it."""
    portfolio = orchestrate([Says("EX."), Asked(".E.")])
    first, second = portfolio.run(PANEL, 1000), portfolio.run(PANEL, 1000)
    other = run([Says("EX."), Asked(".E.")], PANEL)
    assert first.fingerprint == second.fingerprint == other.fingerprint
    assert len(first.fingerprint) == 64
    assert first.fingerprint != portfolio.run(PANEL, "1000.000001").fingerprint


PROGRAM = """
    import numpy as np
    from strategy_orchestrator import Panel, Signals, StrategyOrchestrator, create_plugin_manager

    class Crosses:
        def __init__(self, lag):
            self.lag = lag
        def signals(self, panel):
            moved = panel.close - np.roll(panel.close, self.lag, axis=0)
            return Signals(entries=moved > 0, exits=moved < 0, short_entries=moved < -1, short_exits=moved > 1)

    rng = np.random.default_rng(7)
    close = 500 + rng.normal(size=(300, 4)).cumsum(axis=0)
    open_ = close + rng.normal(size=close.shape) / 4
    high, low = np.maximum(open_, close) + 0.1, np.minimum(open_, close) - 0.1
    times = np.arange(300) * 86_400_000_000_000
    panel = Panel.from_arrays(times, list("ABCD"), open=open_, high=high, low=low, close=close)
    manager = create_plugin_manager(autoload=False)
    portfolio = StrategyOrchestrator([(Crosses(1), "0.3"), (Crosses(5), "0.7")], manager=manager)
    print(portfolio.run(panel, 100_000).fingerprint)
"""


def test_another_process_gives_the_same_fingerprint() -> None:
    """Whatever the seed of its hashes, and whether it is compiled."""
    program = textwrap.dedent(PROGRAM)
    answers = {answer_of(program, PYTHONHASHSEED="1"), answer_of(program, PYTHONHASHSEED="2", NUMBA_DISABLE_JIT="1")}
    assert len(answers) == 1
    assert len(answers.pop()) == 64


def answer_of(program: str, **environment: str) -> str:
    """Run a program in another process and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_decimal_context_of_the_program_is_no_matter() -> None:
    """A run under four digits, rounded up, is the same to the last digit of its trades and measures."""
    panel, options = make_panel("10.001", "11.009", "12.503", "9.876"), {"commission_pct": "0.00123"}
    results = [run([Says("EXE."), Asked(".E.X")], panel, "12345.678901", **options)]
    with localcontext() as context:
        context.prec, context.rounding = 4, ROUND_UP
        results.append(run([Says("EXE."), Asked(".E.X")], panel, "12345.678901", **options))
        read = [[str(trade) for trade in result.strategy_results["Says_0"].trades] for result in results]
        measured = [result.to_dict()["strategies"]["Says_0"]["metrics"] for result in results]
    assert read[0] == read[1]
    assert measured[0] == measured[1]
    assert results[0].fingerprint == results[1].fingerprint


def test_a_manager_can_serve_many_portfolios() -> None:
    """Two portfolios in one process share nothing else."""
    manager = create_plugin_manager(autoload=False)
    strategies = [(Says("E.."), "0.5")]
    one, two = (StrategyOrchestrator([(Says("E.."), "0.5")], manager=manager) for _ in range(2))
    assert one.run(PANEL, 1000).fingerprint == two.run(PANEL, 1000).fingerprint == run(strategies, PANEL).fingerprint
