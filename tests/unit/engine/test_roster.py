"""Who takes part: ids, weights and forms, refused all at once where they break a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from strategy_orchestrator import ProtectiveExits, Signals
from strategy_orchestrator.engine.roster import Form, Member, roster_of
from strategy_orchestrator.errors import AllocationError, ConfigError, InputError
from strategy_orchestrator.money import LIMIT
from tests.unit.engine.portfolios import Asked, Says, Weighs


def members_of(strategies: Sequence[Any], labels: Sequence[str | None] = ()) -> list[Member]:
    """Return the members of (strategy, weight) pairs, or of strategies with equal weights."""
    equal = not isinstance(strategies[0], tuple)
    return roster_of(strategies, labels, equal_weights=equal)[1]


def ids_of(strategies: Sequence[Any], labels: Sequence[str | None] = ()) -> list[str]:
    """Return the ids."""
    return [member.strategy_id for member in members_of(strategies, labels)]


def weighted(*weights: object) -> list[tuple[Says, object]]:
    """Return strategies with weights."""
    return [(Says("."), weight) for weight in weights]


def test_ids_count_the_instances_of_a_class() -> None:
    """Class name and index among those of the class."""
    assert ids_of([Says("."), Asked("."), Says("."), Says(".")]) == ["Says_0", "Asked_0", "Says_1", "Says_2"]


def test_a_label_takes_the_place_of_the_class_name() -> None:
    """Given beside the strategies, or by the strategy itself; None leaves the class name."""
    own = Asked(".")
    own.label = "slow"  # type: ignore[attr-defined]
    assert ids_of([Says("."), own, Says(".")], ["fast", None, None]) == ["fast_0", "slow_0", "Says_0"]
    assert ids_of([own], ["given"]) == ["given_0"]


def test_a_label_can_be_the_name_of_a_class() -> None:
    """Who is called like another is counted with it."""
    assert ids_of([Asked("."), Says("."), Says(".")], ["Says", None, "Says_0"]) == ["Says_0", "Says_1", "Says_0_0"]


LABELS: dict[str, tuple[Sequence[Any], str]] = {
    "too few": (["a"], "labels: there are 1 labels for 3 strategies"),
    "twice": (["a", "a", None], "labels: 'a' is the label of several strategies"),
    "empty": (["", None, None], "label of strategies[0]: '' is no name"),
    "blank": ([None, "  ", None], "label of strategies[1]: ' ' is no name"),
    "not text": ([None, None, 7], "label of strategies[2]: 7 is no name"),
}


@pytest.mark.parametrize(("labels", "problem"), LABELS.values(), ids=LABELS)
def test_labels_that_name_nobody_or_two_are_refused(labels: Sequence[Any], problem: str) -> None:
    """Every sleeve has a name of its own."""
    with pytest.raises(ConfigError) as caught:
        ids_of([Asked("."), Says("."), Weighs(".")], labels)
    assert str(caught.value).startswith(problem)


WEIGHTS: dict[str, tuple[Sequence[object], list[str]]] = {
    "zero": ([0], ["weight of Says_0: 0 is not greater than 0"]),
    "negative": (["-0.1"], ["weight of Says_0: -0.1 is not greater than 0"]),
    "NaN": ([float("nan")], ["weight of Says_0: nan is not finite"]),
    "infinite": ([Decimal("Infinity")], ["weight of Says_0: Decimal('Infinity') is not finite"]),
    "text": (["half"], ["weight of Says_0: 'half' is not a number"]),
    "none": ([None], ["weight of Says_0: None is not a number"]),
    "a boolean": ([True], ["weight of Says_0: True is not a number"]),
    "several": ([0, "x", "0.5"], ["weight of Says_0: 0 is", "weight of Says_1: 'x' is"]),
    "10⁻¹⁸ too much": (["0.5", "0.500000000000000001"], ["weights: the sum 0.5 + 0.500000000000000001 = "]),
    "10⁻⁴⁰ too much": (["1", "1e-40"], ["weights: the sum 1 + 0.0000000000000000000000000000000000000001 = "]),
    "the noise of floats": ([0.1 + 0.2, 0.7], ["weights: the sum 0.30000000000000004 + 0.7 = 1.00000000000000004 "]),
}


@pytest.mark.parametrize(("weights", "problems"), WEIGHTS.values(), ids=WEIGHTS)
def test_weights_that_break_a_rule_are_refused(weights: Sequence[object], problems: list[str]) -> None:
    """All of them at once, as `ValueError`, in the words of the user."""
    with pytest.raises(AllocationError) as caught:
        members_of(weighted(*weights))
    assert isinstance(caught.value, ValueError)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(problems)
    assert all(line.startswith(problem) for line, problem in zip(lines, problems, strict=True))


@pytest.mark.parametrize("weights", [[0.1, 0.2, 0.7], ["0.33", "0.33", "0.34"], [1], [np.float64(0.5), Decimal("0.5")]])
def test_weights_up_to_one_are_exact(weights: Sequence[Any]) -> None:
    """A float stands for its shortest text, so that tenths are tenths and sum to 1."""
    members = members_of(weighted(*weights))
    assert sum(member.weight for member in members) == 1
    assert [member.weight for member in members] == [Decimal(str(weight)) for weight in weights]


@pytest.mark.parametrize("number", [1, 2, 3, 7, 11])
def test_equal_weights_leave_what_cannot_be_shared(number: int) -> None:
    """Each the same, rounded down, so that the sum is at most 1 and nearly that; whatever the ambient context is."""
    with localcontext() as context:
        context.prec = 5
        members = members_of([Says(".") for _ in range(number)])
    weights = {member.weight for member in members}
    assert len(weights) == 1
    assert 1 - Fraction(number, 10**18) < number * Fraction(weights.pop()) <= 1


STRATEGIES: dict[str, tuple[object, str]] = {
    "an empty list": ([], "strategies: the list is empty"),
    "text": ("Says", "strategies: 'Says' was found; expected a list of (strategy, weight)"),
    "no list": (7, "strategies: 7 was found; expected a list of (strategy, weight)"),
    "a strategy without a weight": ([(Says("."), "0.5"), 8], "strategies[1]: 8 was found; expected (strategy, weight)"),
    "a triple": ([(Says("."), "0.5", 1)], "strategies[0]: ("),
}


@pytest.mark.parametrize(("strategies", "problem"), STRATEGIES.values(), ids=STRATEGIES)
def test_what_is_no_list_of_strategies_is_refused(strategies: Any, problem: str) -> None:
    """At least one pair of strategy and weight."""
    with pytest.raises(AllocationError) as caught:
        roster_of(strategies, (), equal_weights=False)
    assert str(caught.value).startswith(problem)


def test_equal_weights_and_weights_contradict_each_other() -> None:
    """Whoever gives both has to leave one out."""
    with pytest.raises(AllocationError, match="weights are given although equal_weights is True"):
        roster_of(weighted("0.5"), (), equal_weights=True)


class WithBoth(Says):
    """A strategy of two forms."""

    def should_enter(self, bars: object) -> bool:
        """Stay out."""
        del bars
        return False

    def should_exit(self, position: object, bars: object) -> bool:
        """Stay in."""
        del position, bars
        return False


class WithoutBase:
    """A strategy by its method alone."""

    def signals(self, panel: Any) -> Signals:
        """Say nothing."""
        return Signals(entries=np.zeros_like(panel.traded), exits=np.zeros_like(panel.traded))


@pytest.mark.parametrize(
    ("strategy", "form"),
    [
        (Says("."), Form.SIGNALS),
        (Asked("."), Form.PER_BAR),
        (Weighs("."), Form.WEIGHTS),
        (WithoutBase(), Form.SIGNALS),
        (WithBoth("."), Form.SIGNALS),
    ],
)
def test_the_form_is_told_by_the_methods(strategy: object, form: Form) -> None:
    """Bases do not matter, and who has several forms is asked in the fastest."""
    assert members_of([strategy])[0].form is form


def changed(**attributes: object) -> Says:
    """Return a strategy with attributes."""
    strategy = Says(".")
    for name, value in attributes.items():
        setattr(strategy, name, value)
    return strategy


FAULTY: dict[str, tuple[Callable[[], object], str]] = {
    "a class": (lambda: Says, "Says_0: the class Says was given. Give an object: Says()."),
    "no strategy": (
        object,
        "object_0: a object is no strategy. A strategy has the methods should_enter",
    ),
    "exits of another kind": (
        lambda: changed(protective_exits={"stop_loss": 0.1}),
        "Says_0.protective_exits: {'stop_loss': 0.1} was found; expected ProtectiveExits or None",
    ),
    "a negative warm-up": (
        lambda: changed(warmup_bars=-1),
        "Says_0.warmup_bars: -1 was found; expected a whole",
    ),
    "half a bar": (lambda: changed(warmup_bars=1.5), "Says_0.warmup_bars: 1.5 was found; expected a whole number"),
    "a yes": (lambda: changed(warmup_bars=True), "Says_0.warmup_bars: True was found; expected a whole number"),
}


@pytest.mark.parametrize(("make", "problem"), FAULTY.values(), ids=FAULTY)
def test_what_is_no_strategy_is_refused(make: Callable[[], object], problem: str) -> None:
    """Before anything runs, with what would have been one."""
    with pytest.raises(ConfigError) as caught:
        members_of([(make(), "0.5")])
    assert str(caught.value).startswith(problem)


def test_all_faults_of_strategies_come_at_once() -> None:
    """Each on its own line, one for each."""
    with pytest.raises(InputError) as caught:
        members_of([(object(), "0.1"), (changed(warmup_bars=-1, protective_exits=1), "0.1"), (3, "0.1")])
    assert [fault.where for fault in caught.value.faults] == [
        "object_0",
        "Says_0.protective_exits",
        "Says_0.warmup_bars",
        "int_0",
    ]


def test_one_object_is_one_strategy() -> None:
    """Two sleeves of one object would share what it remembers."""
    strategy = Says(".")
    with pytest.raises(ConfigError, match=r"Says_1: it is the same object as Says_0\. Make one for each"):
        members_of([(strategy, "0.5"), (strategy, "0.5")])


def test_attributes_of_none_are_none() -> None:
    """Exits and warm-up that are None are as if they were not there."""
    (member,) = members_of([changed(protective_exits=None, warmup_bars=None)])
    assert (member.protective_exits, member.warmup_bars) == (ProtectiveExits(), 0)


def test_only_who_is_asked_bar_by_bar_sizes_itself() -> None:
    """A method `position_size` of another form is not one of the contract."""
    asked, vectorized = Asked("."), changed(position_size=lambda *_: 1)
    asked.position_size = lambda *_: 1  # type: ignore[attr-defined]
    assert [member.sizes_itself for member in members_of([asked, vectorized, Asked(".")])] == [True, False, False]


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_votes_are_in_the_proportion_of_the_weights(shares: list[int]) -> None:
    """Exactly, so that a tie of weights is a tie of votes."""
    weights = [Decimal(share) / 10**7 for share in shares]
    members = members_of(weighted(*weights))
    assert len({Fraction(member.votes) / Fraction(member.weight) for member in members}) == 1
    assert sum(member.votes for member in members) <= LIMIT


def test_votes_of_weights_with_too_many_digits_are_counted_in_steps() -> None:
    """Where whole numbers in the exact proportion do not fit, steps of 10⁻¹⁸ do."""
    members = members_of(weighted("0.1234567890123456789012345678901", "0.5"))
    assert [member.votes for member in members] == [123456789012345679, 500000000000000000]


def test_an_attribute_that_is_called_like_a_form_is_none() -> None:
    """A strategy asked bar by bar may keep its own signals and weights under these names, or be of no class of ours."""
    own, foreign = Asked("."), SimpleNamespace(should_enter=len, should_exit=len, signals=[], weights={})
    own.signals, own.weights = [], {}  # type: ignore[attr-defined]
    assert [member.form for member in members_of([own, foreign])] == [Form.PER_BAR, Form.PER_BAR]
