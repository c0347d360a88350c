"""The driver answers when the kernel pauses, and turns what goes wrong into words."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator import ConflictResolver, InvariantError, PluginError, Rebalancer, RunError, StrategyError
from strategy_orchestrator.arrays import BoolArray
from strategy_orchestrator.builtin.resolvers import CancelBoth, FirstWins, NetSignal
from strategy_orchestrator.engine import driving
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import Direction, Signal, SignalKind
from strategy_orchestrator.models.states import OrchestratorState
from tests.unit.engine.portfolios import Asked, Says, Weighs, equities, make_panel, orchestrate, run, told

FLAT = make_panel(*["10|10"] * 5)


class Resolves(ConflictResolver):
    """Answer as a function says, and keep what was asked."""

    def __init__(self, answer: Callable[[Sequence[Signal]], Any]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Sequence[Signal], OrchestratorState]] = []

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Any:
        """Answer."""
        self.asked.append((symbol, signals, state))
        return self.answer(signals)


def rivals() -> list[tuple[Any, str]]:
    """Return a buyer, a seller and a buyer of the second symbol, the last by weight."""
    return [
        (Says(".....", "E...."), "0.3"),
        (Says(".....", "S...."), "0.4"),
        (Weighs(". . . . .", "1 . . . ."), "0.2"),
    ]


def test_a_resolver_is_shown_every_signal() -> None:
    """Who says what, in the order of the list, with weights, kinds and the moment."""
    resolver = Resolves(lambda signals: signals[:1])
    run(rivals(), FLAT, conflict_resolution_mode=resolver)
    ((symbol, signals, state),) = resolver.asked
    assert symbol == "B"
    moment = FLAT.timestamps[0]
    assert signals == (
        Signal("Says_0", "B", Direction.LONG, SignalKind.ENTER, Decimal("0.3"), moment),
        Signal("Says_1", "B", Direction.SHORT, SignalKind.ENTER, Decimal("0.4"), moment),
        Signal("Weighs_0", "B", Direction.LONG, SignalKind.WEIGHT, Decimal("0.2"), moment),
    )
    assert (state.current_bar, state.timestamp, state.reserve) == (0, moment, Decimal(100))
    assert state.pending_signals == signals


def test_exits_and_reversals_are_told_as_such() -> None:
    """What a signal would do to the position is its kind."""
    resolver = Resolves(list)
    strategies = [(Says("EX..."), "0.3"), (Says("ES..."), "0.3"), (Says(".E..."), "0.3")]
    run(strategies, make_panel(*["10"] * 5), conflict_resolution_mode=resolver)
    ((_, signals, _),) = resolver.asked
    assert [(signal.kind, signal.direction) for signal in signals] == [
        (SignalKind.EXIT, Direction.SHORT),
        (SignalKind.REVERSE, Direction.SHORT),
        (SignalKind.ENTER, Direction.LONG),
    ]


SURVIVORS: dict[str, tuple[Callable[[Sequence[Signal]], Any], list[str]]] = {
    "none": (
        lambda _: (),
        ["0 conflict none -1 1", "0 dropped conflict 0 1 1", "0 dropped conflict 1 1 -1", "0 dropped conflict 2 1 1"],
    ),
    "one side": (
        lambda signals: [signal for signal in signals if signal.direction == Direction.SHORT],
        ["0 conflict none -1 1 -1", "0 dropped conflict 0 1 1", "0 dropped conflict 2 1 1"],
    ),
    "both sides": (lambda signals: [signals[1], signals[0]], ["0 conflict none -1 1", "0 dropped conflict 2 1 1"]),
    "all, by a generator": (lambda signals: (signal for signal in signals), ["0 conflict none -1 1"]),
    "an equal signal": (
        lambda signals: {replace(signals[2])},
        ["0 conflict none -1 1 1", "0 dropped conflict 0 1 1", "0 dropped conflict 1 1 -1"],
    ),
}


@pytest.mark.parametrize(("answer", "rows"), SURVIVORS.values(), ids=SURVIVORS)
def test_what_a_resolver_keeps_survives(answer: Callable[[Sequence[Signal]], Any], rows: list[str]) -> None:
    """Any subset, in any order, in any collection."""
    result = run(rivals(), FLAT, conflict_resolution_mode=Resolves(answer))
    assert told(result.record)[: len(rows)] == rows
    assert result.conflicts_detected == 1


def stranger(signals: Sequence[Signal]) -> list[Signal]:
    """Return a signal that nobody gave."""
    return [*signals, replace(signals[0], weight=Decimal("0.9"))]


class Mute:
    """Nothing that can be shown."""

    def __repr__(self) -> str:
        raise ZeroDivisionError


def leave(_: object) -> None:
    """Ask to end the program."""
    raise SystemExit(3)


MISBEHAVING: dict[str, tuple[Callable[[Sequence[Signal]], Any], str]] = {
    "a signal of its own": (stranger, "it returned Signal(strategy_id='Says_0', symbol='B', direction=<Direction.LONG"),
    "something else": (lambda _: [None], "it returned None, which is none of the 3 signals it was given"),
    "an array": (lambda _: [np.zeros(3)], "it returned array([0., 0., 0.]), which is none of the 3 signals"),
    "one twice, and an array": (
        lambda signals: [signals[1], signals[1], np.zeros(3)],
        "it returned the signal of 'Says_1' 2 times",
    ),
    "what cannot be shown": (lambda _: [Mute()], "it returned a Mute that cannot be shown, which is none of the 3"),
    "one twice": (lambda signals: [signals[1]] * 2, "it returned the signal of 'Says_1' 2 times"),
    "nothing": (lambda _: None, "resolve: TypeError: 'NoneType' object is not iterable"),
    "a number": (lambda _: 7, "resolve: TypeError: 'int' object is not iterable"),
    "an error": (lambda signals: signals[9], "resolve: IndexError: tuple index out of range"),
    "an error while it is read": (lambda signals: (1 // 0 for _ in signals), "resolve: ZeroDivisionError"),
    "an exit": (leave, "resolve: it asked to end the program, SystemExit(3)"),
}


@pytest.mark.parametrize(("answer", "problem"), MISBEHAVING.values(), ids=MISBEHAVING)
def test_a_resolver_that_misbehaves_is_named(answer: Callable[[Sequence[Signal]], Any], problem: str) -> None:
    """With the symbol and the bar; the run has failed and kept what it had."""
    portfolio = orchestrate(rivals(), conflict_resolution_mode=Resolves(answer))
    with pytest.raises(PluginError) as caught:
        portfolio.run(FLAT, 1000)
    assert str(caught.value).startswith("resolver Resolves, 'B', 2024-01-01 (bar 0)")
    assert problem in str(caught.value)
    assert portfolio.state == "FAILED"
    assert portfolio.record is not None
    assert told(portfolio.record, signals=True)[0] == "0 signal enter 0 1 1"


class CopiedFirstWins(FirstWins):
    """FIRST_WINS as a stranger would write it: another class, so the loop has to pause for it."""


class CopiedNetSignal(NetSignal):
    """NET_SIGNAL, asked for."""


class CopiedCancelBoth(CancelBoth):
    """CANCEL_BOTH, asked for."""


@pytest.mark.parametrize(
    ("mode", "copy"),
    [("FIRST_WINS", CopiedFirstWins), ("NET_SIGNAL", CopiedNetSignal), ("CANCEL_BOTH", CopiedCancelBoth)],
)
def test_a_resolver_that_copies_a_built_in_one_gives_the_same_bytes(mode: str, copy: type) -> None:
    """What the loop decides and what it asks for is decided alike."""
    says = ["EXS.CE.XSB", "SCE.XS.CEX", "E.X.E.X.E.", "..S...C.S."]
    weights = ("0.1", "0.2", "0.3", "0.4")
    strategies = [(Says(text, text[::-1]), weight) for text, weight in zip(says, weights, strict=True)]
    panel = make_panel(*[f"{10 + bar % 3}|{20 - bar % 4}" for bar in range(10)])
    built_in, asked = (run(strategies, panel, conflict_resolution_mode=each) for each in (mode, copy()))
    assert built_in.conflicts_detected > 3
    assert asked.fingerprint == built_in.fingerprint
    assert asked.to_dict()["conflicts"]["detected"] == built_in.to_dict()["conflicts"]["detected"]


class Proposes(Rebalancer):
    """Propose as a function says, at some bars."""

    def __init__(self, answer: Callable[[OrchestratorState], Any], *bars: int, tolerance: object = None) -> None:
        self.answer = answer
        self.bars = bars
        self.drift_tolerance = tolerance  # type: ignore[assignment]
        self.asked: list[int] = []

    def schedule(self, panel: Panel) -> BoolArray | None:
        """Return the bars."""
        return np.isin(np.arange(panel.n_bars), self.bars) if self.bars else None

    def propose(self, state: OrchestratorState) -> Any:
        """Answer."""
        self.asked.append(state.current_bar)
        return self.answer(state)


def test_a_rebalancer_is_asked_on_its_schedule() -> None:
    """Its weights decide what moves; what they leave goes to the reserve."""
    rebalancer = Proposes(lambda _: {"Says_0": Decimal("0.2"), "Says_1": Decimal("0.5")}, 1)
    result = run([(Says("....."), "0.5"), (Says("....."), "0.4")], make_panel(*["10"] * 5), rebalancer=rebalancer)
    assert told(result.record) == [
        "1 rebalance none -1 -1 0 0 0 1000",
        "2 transfer none 0 -1 0 0 0 -300",
        "2 transfer none 1 -1 0 0 0 100",
        "2 transfer none -1 -1 0 0 0 200",
    ]
    assert rebalancer.asked == [1]


def test_a_rebalancer_with_a_tolerance_is_asked_when_a_sleeve_drifts() -> None:
    """Without a schedule it acts by drift alone."""
    rebalancer = Proposes(lambda state: state.weights, tolerance=Decimal("0.1"))
    strategies = [(Says("E...."), "0.5"), (Says("....."), "0.5")]
    run(strategies, make_panel("10", "10", "13", "17", "17"), rebalancer=rebalancer)
    # 500 + 500; at 13 the first has 650 of 1150, at 17 850 of 1350.
    assert rebalancer.asked == [3]


@pytest.mark.parametrize(
    ("given", "asked"),
    # At 11.5 the share is 0.535, at 17 it is 0.63.
    [({}, [3]), ({"rebalance_threshold": "0.03"}, [3]), ({"rebalance_threshold": "0.9"}, [3])],
)
def test_the_tolerance_of_the_rebalancer_is_its_own(given: dict[str, Any], asked: list[int]) -> None:
    """A threshold among the options is for rebalancers that have none of their own."""
    rebalancer = Proposes(lambda state: state.weights, tolerance=0.1)
    strategies = [(Says("E...."), "0.5"), (Says("....."), "0.5")]
    run(strategies, make_panel("10", "10", "11.5", "17", "17"), rebalancer=rebalancer, **given)
    assert rebalancer.asked == asked


def test_a_threshold_serves_a_rebalancer_without_one() -> None:
    """With neither, a rebalancer without a schedule is never asked."""
    strategies = [(Says("E..."), "0.5"), (Says("...."), "0.5")]
    asked = []
    for options in ({}, {"rebalance_threshold": "0.05"}):
        rebalancer = Proposes(lambda state: state.weights)
        run(strategies, make_panel("10", "10", "17", "17"), rebalancer=rebalancer, **options)
        asked.append(rebalancer.asked)
    assert asked == [[], [2]]


@pytest.mark.parametrize(
    ("tolerance", "problem"),
    [(Decimal("1.1"), "its drift tolerance is 1.1; from 0 to 1 is allowed"), (-1, "its drift tolerance is -1; from 0")],
)
def test_a_tolerance_out_of_bounds_is_refused(tolerance: object, problem: str) -> None:
    """Before the run begins, in the words of whoever has it."""
    rebalancer = Proposes(lambda state: state.weights, tolerance=tolerance)
    with pytest.raises(PluginError) as caught:
        run([Says(".....", ".....")], FLAT, rebalancer=rebalancer)
    assert str(caught.value).startswith(f"rebalancer Proposes: {problem}")


def test_a_rebalancer_sees_the_returns_of_the_sleeves() -> None:
    """From close to close, without what was moved; read-only; NaN where a sleeve had nothing."""
    kept: list[Any] = []

    def propose(state: OrchestratorState) -> Any:
        kept.append(state.sleeve_returns)
        return {"Says_0": Decimal("0.5"), "Says_1": Decimal("0.4")}

    strategies = [(Says("E....."), "0.5"), (Says("......"), "0.5")]
    run(strategies, make_panel("10", "10", "12", "12", "15", "15"), rebalancer=Proposes(propose, 2, 4))
    assert [returns.shape for returns in kept] == [(2, 2), (4, 2)]
    assert kept[0].tolist() == [[0.0, 0.0], [0.2, 0.0]]
    # 600 gave what was more than 550 of 1100: 4 shares at 12, so 552 are left. 46 shares of 15 are 690, 0 in cash.
    assert kept[1][2].tolist() == [0.0, 0.0]
    assert kept[1][3].tolist() == pytest.approx([46 * 3 / 552, 0.0])
    with pytest.raises(ValueError, match="read-only"):
        kept[0][0, 0] = 1


def test_a_rebalancer_that_misbehaves_is_named_with_the_bar() -> None:
    """The error of its proposal says when it was asked."""
    rebalancer = Proposes(lambda _: {"Says_0": 2}, 3)
    with pytest.raises(PluginError, match=r"rebalancer Proposes, 2024-01-04 \(bar 3\): the weights sum to 2"):
        run([(Says(".....", "....."), "1")], FLAT, rebalancer=rebalancer)


def test_a_quarantined_strategy_is_not_proposed_for() -> None:
    """The state names those that still trade, and so must the proposal."""
    named: list[list[str]] = []

    def propose(state: OrchestratorState) -> Any:
        named.append(list(state.weights))
        return state.weights

    broken = SimpleNamespace(signals=lambda _: None)
    run(
        [(broken, "0.5"), (Says("...", "..."), "0.3")],
        make_panel("10|10", "10|10", "10|10"),
        rebalancer=Proposes(propose, 0, 1),
        on_strategy_error="quarantine",
    )
    assert named == [["Says_0"]] * 2


def test_sweeps_are_no_returns() -> None:
    """What is swept out of a sleeve at a bar was earned by it."""
    kept: list[Any] = []

    def propose(state: OrchestratorState) -> Any:
        kept.append(state.sleeve_returns.tolist())
        return state.weights

    panel, options = make_panel("10", "10", "12", "12"), {"profit_policy": "sweep"}
    run([(Says("EX.."), "1")], panel, rebalancer=Proposes(propose, 3), **options)
    assert kept == [[[0.0], [0.2], [0.0]]]


def test_a_vectorized_strategy_that_fails_is_quarantined_from_the_first_close() -> None:
    """Its sleeve stays what it was; the others are not touched."""
    broken = SimpleNamespace(weights=lambda panel: panel.nothing)
    portfolio = orchestrate([(broken, "0.5"), (Says("E..", "..."), "0.5")], on_strategy_error="quarantine")
    panel = make_panel("10|10", "10|10", "12|10")
    result = portfolio.run(panel, 1000)
    alone = run([(Says("E..", "..."), "1")], panel, 500)
    assert equities(result, "Says_0") == equities(alone, "Says_0")
    assert told(result.record)[0] == "0 quarantine none 0 -1 0 0 0 500"
    assert portfolio.engine is not None
    assert isinstance(portfolio.engine.failures["SimpleNamespace_0"], StrategyError)


def test_amounts_that_do_not_fit_are_told_with_their_owner() -> None:
    """Strategy, symbol and moment of the first amount beyond 64 bits."""
    with pytest.raises(RunError, match=r"strategy 'Says_0', 'A', 2024-01-03 \(bar 2\): an amount is beyond"):
        run([Says("E..")], make_panel("1", "1", "9000000000000"), 10**6)
    with pytest.raises(RunError, match=r"^2024-01-03 \(bar 2\): an amount is beyond what a ledger holds"):
        run([Says("E.."), Says("E..")], make_panel("1", "1", "10000000"), 10**6, close_at_end=False)


def test_a_price_of_less_than_a_quantum_is_told() -> None:
    """Slippage that leaves nothing is refused at the fill."""
    with pytest.raises(RunError, match="slippage leaves a fill price of less than one quantum"):
        run([Says("S.")], make_panel("0.000001", "0.000001"), 1, slippage_pct="0.6")


def test_a_broken_promise_is_our_defect() -> None:
    """Books that do not add up name both sides and ask for a report."""
    portfolio = orchestrate([Asked("...")])

    def spoil(_: Any, bars: list[Any]) -> bool:
        if len(bars) == 2:
            assert portfolio.engine is not None
            portfolio.engine._books.run["paid_away"] += 1_500_000  # noqa: SLF001
        return False

    portfolio.strategies[0][0].should_enter = spoil.__get__(portfolio)
    with pytest.raises(InvariantError) as caught:
        portfolio.run(make_panel("10", "10", "10"), 1000)
    assert str(caught.value) == (
        "2024-01-02 (bar 1): cash, reserve and what was paid away come to 1001.5, the capital is 1000; this is our "
        "defect. Report it."
    )


def test_progress_is_told_as_bars_of_all_bars() -> None:
    """At most about a hundred times, the last time when all is done."""
    seen: list[tuple[int, int]] = []
    panel = make_panel(*["10"] * 250)
    orchestrate([Says("." * 250)]).run(panel, 1000, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (2, 250)
    assert seen[-1] == (250, 250)
    assert len(seen) == 125


def test_without_a_listener_a_small_run_is_one_piece() -> None:
    """And a large one is cut, so that the user can stop it; either way the outcome is the same."""
    strategies = [(Says("EX.EX.EX.E"), "1")]
    panel = make_panel(*[str(10 + bar) for bar in range(10)])
    whole = run(strategies, panel).fingerprint
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driving, "_CELLS_AT_ONCE", 3)
        assert run(strategies, panel).fingerprint == whole


def test_a_run_leaves_nothing_behind() -> None:
    """Nothing of it refers to itself, so that its arrays are free once nobody has it any more."""
    gc.collect()
    gc.disable()
    try:
        portfolio, panel = orchestrate([Says("E.X."), Asked("E.X.")]), make_panel("1", "2", "3", "4")
        portfolio.run(panel, 1000)
        left = [weakref.ref(each) for each in (portfolio, portfolio.engine, panel)]
        del portfolio, panel
        assert [each() for each in left] == [None, None, None]
    finally:
        gc.enable()
