"""What vectorized strategies, sizers, cost models and rebalancers answer is checked before it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator import ConfigError, InputError, PluginError, Signals, StrategyError
from strategy_orchestrator.engine import asking
from strategy_orchestrator.errors import Fault
from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.models.contracts import Costs
from tests.unit.engine.portfolios import make_panel, orchestrate, run, told

PANEL = make_panel("10|20", "11|21", "12|22")
NOTHING = np.zeros((3, 2), np.bool_)
FULL = np.ones((3, 2), np.bool_)
WHOLE: Any = np.ones((3, 2), np.int64)


class Answers:
    """Answer as a function says, in every form of the contracts; the panel is handed on."""

    def __init__(self, answer: Callable[[Any], Any], method: str) -> None:
        setattr(self, method, answer)


def signaling(answer: Callable[[Any], Any]) -> Answers:
    """Return a strategy of signals."""
    return Answers(answer, "signals")


def weighing(answer: Callable[[Any], Any]) -> Answers:
    """Return a strategy of weights."""
    return Answers(answer, "weights")


def given_back(answer: Any, _: Any) -> Any:
    """Return the answer whatever the panel is."""
    return answer


WRONG_SIGNALS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "nothing": (lambda _: None, "its signals returned a NoneType; expected Signals(entries=, exits=)"),
    "an array": (lambda _: FULL, "its signals returned a ndarray; expected Signals(entries=, exits=)"),
    "numbers": (lambda _: Signals(WHOLE, NOTHING), "its entries are of type int64; expected bool"),
    "objects": (lambda _: Signals(FULL, NOTHING.astype(object)), "its exits are of type object; expected bool"),
    "a missing array": (lambda _: Signals(FULL, FULL, 3), "its short_entries are of type int64; expected bool"),  # type: ignore[arg-type]
    "without the warm-up": (
        lambda _: Signals(FULL[1:], NOTHING[1:]),
        "its entries are of shape (2, 2); expected (3, 2), that is (T, S). Keep the warm-up bars and",
    ),
    "of one symbol": (lambda _: Signals(FULL[:, 0], NOTHING), "its entries are of shape (3,); expected (3, 2)"),
    "raising": (lambda panel: panel.closes, "AttributeError: 'Panel' object has no attribute 'closes'"),
}


@pytest.mark.parametrize(("answer", "problem"), WRONG_SIGNALS.values(), ids=WRONG_SIGNALS)
def test_signals_that_are_none_end_the_run(answer: Callable[[Any], Any], problem: str) -> None:
    """The strategy is named, with what was expected."""
    with pytest.raises(StrategyError) as caught:
        run([signaling(answer)], PANEL)
    assert str(caught.value).startswith("strategy 'Answers_0'")
    assert problem in str(caught.value)
    assert caught.value.faults[0].value == "Answers_0"


LAYOUTS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "symbol after symbol": (np.asfortranarray, np.asfortranarray),
    "one of them": (np.asfortranarray, np.ascontiguousarray),
    "backwards": (lambda marks: marks[::-1].copy()[::-1], lambda marks: np.asfortranarray(marks[:, ::-1])[:, ::-1]),
    "apart": (lambda marks: np.repeat(marks, 2, axis=1)[:, ::2], lambda marks: np.repeat(marks, 2, axis=0)[::2]),
}


@pytest.mark.parametrize(("entries", "exits"), LAYOUTS.values(), ids=LAYOUTS)
def test_how_signals_lie_in_memory_makes_no_difference(
    entries: Callable[[Any], Any], exits: Callable[[Any], Any]
) -> None:
    """Row after row or not."""
    enters, leaves = np.array([[1, 0], [0, 1], [0, 0]], np.bool_), np.array([[0, 0], [1, 0], [0, 0]], np.bool_)
    plain, other = (
        run([signaling(partial(given_back, answer))], PANEL).record
        for answer in (Signals(enters, leaves), Signals(entries(enters), exits(leaves)))
    )
    assert len(told(plain)) > 3
    assert told(other, signals=True) == told(plain, signals=True)


WRONG_WEIGHTS: dict[str, tuple[Any, str]] = {
    "above 1": (np.full((3, 2), 1.0000001), "its weight for 'A', 2024-01-01 is 1.0000001; from -1 to 1 is allowed"),
    "infinite": (np.full((3, 2), -np.inf), "its weight for 'A', 2024-01-01 is -inf; from -1 to 1 is allowed"),
    "of one symbol": (np.zeros(3), "its weights are float64 of shape (3,); expected float64 of (3, 2), that is (T, S)"),
    "text": (np.full((3, 2), "a"), "its weights are <U1 of shape (3, 2); expected float64 of (3, 2), that is (T, S)"),
    "booleans": (FULL, "its weights are bool of shape (3, 2); expected float64"),
    "nothing": (None, "its weights are object of shape (); expected float64"),
}


@pytest.mark.parametrize(("answer", "problem"), WRONG_WEIGHTS.values(), ids=WRONG_WEIGHTS)
def test_weights_that_are_none_end_the_run(answer: Any, problem: str) -> None:
    """The first cell that is out of bounds is named."""
    with pytest.raises(StrategyError) as caught:
        run([weighing(lambda _: answer)], PANEL)
    assert str(caught.value).startswith(f"strategy 'Answers_0': {problem}")


def test_weights_of_any_number_are_taken() -> None:
    """Integers and narrow floats are numbers; a narrow float stands for its shortest text."""
    narrow = np.array([[0.1, np.nan], [np.nan, 0], [np.nan, np.nan]], np.float32)
    whole = np.array([[1, 0], [1, 0], [1, 0]], np.int8)
    for answer in (narrow, whole):
        result = run([weighing(partial(given_back, answer))], PANEL)
        assert told(result.record)[0].startswith("1 entry strategy_signal 0 0 1")


def test_a_narrow_weight_is_what_its_text_says() -> None:
    """A tenth in 32 bits is a tenth."""
    member = orchestrate([weighing(lambda _: np.full((3, 2), 0.1, np.float32))])._members[0]  # noqa: SLF001
    assert asking.ask_strategy(member, PANEL).tolist() == [[10**17] * 2] * 3


def test_a_strategy_reads_a_panel_that_it_cannot_spoil() -> None:
    """Arrays are read-only; what is done around that stays with the strategy that does it."""

    def spoil(panel: Any) -> Signals:
        object.__setattr__(panel, "close", panel.close * 0)
        return Signals(NOTHING, NOTHING)

    def write(panel: Any) -> None:
        panel.close[0, 0] = 1

    def read(panel: Any) -> Signals:
        seen.append(panel.close[0, 0])
        return Signals(NOTHING, NOTHING)

    seen: list[float] = []
    run([signaling(spoil), signaling(read)], PANEL)
    assert seen == [10.0]
    with pytest.raises(StrategyError, match="ValueError: assignment destination is read-only"):
        run([signaling(write)], PANEL)


def test_codes_are_bits() -> None:
    """Each kind of signal has its own."""
    marks = [np.zeros((3, 2), np.bool_) for _ in range(4)]
    for place, grid in enumerate(marks):
        grid[place % 3, place // 3] = True
    member = orchestrate([signaling(lambda _: Signals(*marks))])._members[0]  # noqa: SLF001
    assert asking.ask_strategy(member, PANEL).tolist() == [
        [at.ENTRY_BIT, at.SHORT_EXIT_BIT],
        [at.EXIT_BIT, 0],
        [at.SHORT_ENTRY_BIT, 0],
    ]


WRONG_SIZES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "above 1": (lambda _: FULL * 1.5, "its fraction for 'A', 2024-01-01 is 1.5; from 0 to 1 is allowed"),
    "negative": (lambda _: FULL * -0.1, "its fraction for 'A', 2024-01-01 is -0.1; from 0 to 1 is allowed"),
    "NaN": (lambda _: FULL * np.nan, "its fraction for 'A', 2024-01-01 is nan; from 0 to 1 is allowed"),
    "one number": (lambda _: 0.5, "it returned float64 of shape (); expected float64 of (3, 2), that is (T, S)"),
    "booleans": (lambda _: FULL, "it returned bool of shape (3, 2); expected float64 of (3, 2)"),
    "raising": (lambda _: 1 / 0, "fractions: ZeroDivisionError: division by zero"),
    "leaving": (lambda _: exit_now(), "fractions: it asked to end the program, SystemExit(1)"),
}


def exit_now() -> None:
    """Ask to end the program."""
    raise SystemExit(1)


@pytest.mark.parametrize(("answer", "problem"), WRONG_SIZES.values(), ids=WRONG_SIZES)
def test_a_sizer_that_misbehaves_is_named(answer: Callable[[Any], Any], problem: str) -> None:
    """By the class of the object that was given."""
    with pytest.raises(PluginError) as caught:
        run([signaling(lambda _: Signals(FULL, NOTHING))], PANEL, sizer=Answers(answer, "fractions"))
    assert str(caught.value).startswith("sizer Answers")
    assert problem in str(caught.value)


def test_a_sizer_offers_shares_of_what_is_allocated() -> None:
    """Half of the sleeve for the first symbol, nothing for the second."""
    half = np.array([[0.5, 0.0]] * 3)
    result = run([signaling(lambda _: Signals(FULL, NOTHING))], PANEL, sizer=Answers(lambda _: half, "fractions"))
    assert told(result.record)[:2] == [
        "1 entry strategy_signal 0 0 1 45 11 495",
        "1 blocked below_lot 0 1 1 0 21",
    ]


COSTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "nothing": (lambda _: None, "it returned a NoneType; expected Costs"),
    "a negative commission": (lambda _: Costs(Decimal(-1)), "commission_per_trade: -1 is negative; 0 or more"),
    "text": (lambda _: Costs(commission_per_share="x"), "commission_per_share: 'x' is not a number"),  # type: ignore[arg-type]
    "too many decimals": (lambda _: Costs(Decimal("1e-7")), "commission_per_trade: 1E-7 has more than 6 decimals"),
    "a fraction of 1": (lambda _: Costs(commission_pct=Decimal(1)), "commission_pct: a fraction is not below 1"),
    "one for three symbols": (lambda _: Costs([Decimal(1)]), "commission_per_trade: there are 1 values for 2 symbols"),
    "slippage of 1": (lambda _: Costs(slippage_pct=Decimal(1)), "slippage_pct: 1 is not below 1"),
    "slippage below 0": (lambda _: Costs(slippage_pct=np.full((3, 2), -0.1)), "slippage_pct: a fraction is not from 0"),
    "slippage that is NaN": (lambda _: Costs(slippage_pct=[np.nan, 0.1]), "slippage_pct: a fraction is not from 0"),
    "slippage that is text": (lambda _: Costs(slippage_pct=["x", 0.1]), "slippage_pct: something in it is no number"),
    "slippage of another shape": (
        lambda _: Costs(slippage_pct=np.zeros((2, 2))),
        "slippage_pct: the shape is (2, 2); expected (3, 2), that is (T, S), or (S,)",
    ),
    "raising": (lambda panel: panel.nothing, "costs: AttributeError: 'Panel' object has no attribute 'nothing'"),
}


@pytest.mark.parametrize(("answer", "problem"), COSTS.values(), ids=COSTS)
def test_a_cost_model_that_misbehaves_is_named(answer: Callable[[Any], Any], problem: str) -> None:
    """Each cost by its field."""
    with pytest.raises(PluginError) as caught:
        run([signaling(lambda _: Signals(FULL, NOTHING))], PANEL, cost_model=Answers(answer, "costs"))
    assert str(caught.value).startswith("cost model Answers")
    assert problem in str(caught.value)


def test_a_cost_model_may_refuse_what_it_was_given() -> None:
    """Its own error of input is that of the user, and says so."""

    def refuse(_: Any) -> Costs:
        raise ConfigError(Fault("spread", "there is no volume to take it from"))

    with pytest.raises(ConfigError, match="there is no volume"):
        run([signaling(lambda _: Signals(FULL, NOTHING))], PANEL, cost_model=Answers(refuse, "costs"))


def test_costs_can_differ_by_symbol_and_bar() -> None:
    """Commissions by symbol, slippage by bar and symbol or by symbol."""
    by_cell = Costs([Decimal(1), Decimal(2)], Decimal("0.01"), (Decimal("0.001"), Decimal(0)), np.full((3, 2), 0.1))
    commissions, slippage = asking.counted_costs(by_cell, PANEL, "model")
    assert commissions.tolist() == [[1_000_000, 10_000, 10**9], [2_000_000, 10_000, 0]]
    assert slippage.tolist() == [[10**11] * 2] * 3
    for narrow_or_not in ([0.1, Decimal("0.2")], np.array([0.1, 0.2], np.float32)):
        _, by_symbol = asking.counted_costs(Costs(slippage_pct=narrow_or_not), PANEL, "model")
        assert by_symbol.tolist() == [[10**11, 2 * 10**11]]


def test_options_are_blamed_for_what_they_cost() -> None:
    """Costs of the options are input."""
    with pytest.raises(InputError, match=r"config, commission_pct: a fraction is not below 1"):
        asking.counted_costs(Costs(commission_pct=Decimal(1)), PANEL, "config")


SCHEDULES: dict[str, tuple[Any, str]] = {
    "numbers": (np.ones(3), "its schedule is float64 of shape (3,); expected bool of (3,)"),
    "too short": (np.ones(2, np.bool_), "its schedule is bool of shape (2,); expected bool of (3,)"),
    "a word": ("monthly", "its schedule is <U7 of shape (); expected bool of (3,)"),
}


@pytest.mark.parametrize(("answer", "problem"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule_that_is_none_is_named(answer: Any, problem: str) -> None:
    """One boolean a bar, or None."""
    rebalancer = SimpleNamespace(schedule=lambda _: answer, propose=dict)
    with pytest.raises(PluginError) as caught:
        run([signaling(lambda _: Signals(FULL, NOTHING))], PANEL, rebalancer=rebalancer)
    assert str(caught.value).startswith(f"rebalancer SimpleNamespace: {problem}")


@pytest.mark.parametrize("rebalancer", [SimpleNamespace(), SimpleNamespace(schedule=lambda _: None)])
def test_no_schedule_is_none(rebalancer: object) -> None:
    """A rebalancer without one acts by its tolerance alone."""
    assert asking.ask_schedule(rebalancer, PANEL, "rebalancer").tolist() == []


STATE = SimpleNamespace(weights={"a": Decimal("0.5"), "b": Decimal("0.5")})
PROPOSALS: dict[str, tuple[Any, list[str]]] = {
    "nothing": (None, ["rebalancer, propose: TypeError: 'NoneType' object is not iterable"]),
    "no mapping": ([1, 2], ["rebalancer, propose: TypeError: cannot convert dictionary update sequence"]),
    "one missing": ({"a": "0.5"}, ["rebalancer: it proposes no weight for 'b'"]),
    "a stranger": ({"a": "0.5", "b": "0.1", "c": "0.1"}, ["rebalancer: it names 'c', which is no strategy of the run"]),
    "no text": ({"a": "0.5", "b": "0.1", 7: "0.1"}, ["rebalancer: it names 7, which is no strategy of the run"]),
    "zero": ({"a": 0, "b": 1}, ["rebalancer: the weight of 'a' is 0; it must be greater than 0"]),
    "negative": ({"a": -0.5, "b": 1}, ["rebalancer: the weight of 'a' is -0.5; it must be greater than 0"]),
    "NaN": ({"a": float("nan"), "b": 0.5}, ["rebalancer, weight of 'a': nan is not finite"]),
    "above 1": ({"a": 0.6, "b": 0.6}, ["rebalancer: the weights sum to 1.2; at most 1 is allowed"]),
    "a little above 1": (
        {"a": "0.5", "b": "0.5000000000000000000000000000000001"},
        ["rebalancer: the weights sum to 1.0000000000000000000000000000000001; at most 1 is allowed"],
    ),
    "much": ({"a": 0, "b": "x", "c": 1}, ["'b'", "it names 'c'", "the weight of 'a'"]),
}


@pytest.mark.parametrize(("answer", "problems"), PROPOSALS.values(), ids=PROPOSALS)
def test_a_proposal_that_breaks_a_rule_is_refused(answer: Any, problems: list[str]) -> None:
    """All that is wrong with it at once."""
    with pytest.raises(PluginError) as caught:
        asking.ask_proposal(SimpleNamespace(propose=lambda _: answer), STATE, "rebalancer")
    text = str(caught.value)
    assert len(text.splitlines()) == len(problems)
    assert all(problem in text for problem in problems)


@pytest.mark.parametrize(
    ("answer", "steps"),
    [
        ({"a": 0.1, "b": Decimal("0.9")}, [10**17, 9 * 10**17]),
        # Rounded down, so that no sum can come to more than 1.
        ({"a": Decimal(1) / 3, "b": "0.6666666666666666666"}, [333333333333333333, 666666666666666666]),
    ],
)
def test_a_proposal_is_counted_in_steps(answer: Mapping[str, Any], steps: list[int]) -> None:
    """Floats stand for their shortest text; what is below a step is left to the reserve."""
    proposed = asking.ask_proposal(SimpleNamespace(propose=lambda _: answer), STATE, "rebalancer")
    assert [proposed["a"], proposed["b"]] == steps


def test_a_proposal_is_added_up_exactly_whatever_the_context() -> None:
    """A sum that would round to 1 with few digits is more than 1."""
    with localcontext() as context:
        context.prec = 3
        rebalancer = SimpleNamespace(propose=lambda _: {"a": "0.5004", "b": "0.5004"})
        with pytest.raises(PluginError, match=r"the weights sum to 1\.0008; at most 1"):
            asking.ask_proposal(rebalancer, STATE, "rebalancer")


def test_an_answer_that_breaks_a_rule_is_told_with_its_place() -> None:
    """File and line of who gave it, and what to do."""

    def propose(_: object) -> dict[str, str]:
        return {"a": "0.9", "b": "0.9"}

    with pytest.raises(PluginError) as caught:
        asking.ask_proposal(SimpleNamespace(propose=propose), STATE, "rebalancer")
    line = propose.__code__.co_firstlineno
    assert str(caught.value) == (
        f"rebalancer: the weights sum to 1.8; at most 1 is allowed ({__file__}, line {line}). Report it to the authors "
        "of the plug-in."
    )


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask in threads, however few prices there are."""
    monkeypatch.setattr(asking, "_LEAST_CELLS", 0)
    monkeypatch.setattr(asking.os, "cpu_count", lambda: 2)


def first_and_last(panel: Any) -> Signals:
    """Enter at the first bar and leave at the last."""
    marks = np.zeros(panel.traded.shape, np.bool_)
    entries, exits = marks.copy(), marks.copy()
    entries[0], exits[-1] = True, True
    return Signals(entries, exits)


def draw(panel: Any) -> Signals:
    """Use the random numbers of the process."""
    np.random.random()  # noqa: NPY002  # as old code does
    return first_and_last(panel)


def test_threads_give_what_one_at_a_time_gives(threads: None) -> None:
    """In the order of the list, errors of single strategies among them."""
    del threads
    strategies = [signaling(first_and_last), signaling(lambda _: 7), weighing(lambda panel: panel.close * 0)]
    members = orchestrate(strategies)._members  # noqa: SLF001
    found, alone = (list(asking.ask_strategies(members, PANEL, most_threads=number)) for number in (2, 1))
    assert [str(each) for each in found] == [str(each) for each in alone]
    assert [type(each).__name__ for each in found] == ["ndarray", "StrategyError", "ndarray"]


def test_shared_random_numbers_are_refused_in_threads(threads: None) -> None:
    """What two strategies draw from one generator at a time depends on the moment; one at a time it does not."""
    del threads
    with pytest.raises(StrategyError, match=r"^strategies 'Answers_0', 'Answers_1': one of them drew from random or"):
        run([signaling(first_and_last), signaling(draw)], PANEL)
    run([signaling(first_and_last), signaling(draw)], PANEL, on_strategy_error="quarantine")
    run([signaling(draw)], PANEL)
