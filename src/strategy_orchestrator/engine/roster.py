"""The strategies of a run: their ids, weights and forms, checked when they are handed in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, Final

from strategy_orchestrator.errors import AllocationError, ConfigError, Fault
from strategy_orchestrator.models.allocation import checked_weights
from strategy_orchestrator.models.signals import ProtectiveExits
from strategy_orchestrator.models.strategies import IStrategy, SignalStrategy, WeightStrategy, lookback_of
from strategy_orchestrator.money import LIMIT, WEIGHT_SCALE, multiply_exactly, round_steps

_STEP: Final = Decimal("1e-18")


class Form(Enum):
    """How a strategy speaks."""

    PER_BAR = "should_enter and should_exit"
    SIGNALS = "signals"
    WEIGHTS = "weights"


_BASES: Final = {SignalStrategy: Form.SIGNALS, WeightStrategy: Form.WEIGHTS, IStrategy: Form.PER_BAR}
METHODS: Final = {
    Form.SIGNALS: ("signals",),
    Form.WEIGHTS: ("weights",),
    Form.PER_BAR: ("should_enter", "should_exit"),
}
"""By which methods a strategy of each form is asked."""


@dataclass(frozen=True, slots=True)
class Member:
    """One strategy of a run.

    Attributes
    ----------
    weight : Decimal
        Exact share of the capital.
    weight_steps : int
        The same in steps of 10⁻¹⁸, rounded half to even.
    votes : int
        What its signal counts in NET_SIGNAL; in the same proportion as the weights.
    lookback_bars : int or None
        Bars before the current one that it depends on; None when it does not say so.
    sizes_itself : bool
        Whether it has a method `position_size`.
    """

    strategy_id: str
    strategy: Any
    form: Form
    weight: Decimal
    weight_steps: int
    votes: int
    protective_exits: ProtectiveExits
    warmup_bars: int
    lookback_bars: int | None
    sizes_itself: bool


def roster_of(
    strategies: Sequence[Any], labels: Sequence[str | None], *, equal_weights: bool
) -> tuple[list[tuple[Any, Decimal]], list[Member]]:
    """Check strategies and weights.

    Parameters
    ----------
    strategies : sequence
        (strategy, weight) pairs; with equal weights strategies alone, or pairs whose weights are not given.
    labels : sequence of str or None
        In place of the class names; empty for none.

    Returns
    -------
    list of (strategy, weight)
        As checked.
    list of Member
        The same with all that a run needs.

    Raises
    ------
    AllocationError, ConfigError
        With one fault for each thing wrong.
    """
    objects, weights = _pairs(strategies, equal_weights=equal_weights)
    ids = _ids(objects, _labels(objects, labels))
    exact = checked_weights(weights, ids)
    faults = [fault for strategy, name in zip(objects, ids, strict=True) for fault in _faults(strategy, name)]
    faults += _doubles(objects, ids)
    if faults:
        raise ConfigError(faults)
    votes = _votes(exact)
    members = [
        Member(
            strategy_id=name,
            strategy=strategy,
            form=form,
            weight=weight,
            weight_steps=round_steps(weight, WEIGHT_SCALE),
            votes=vote,
            protective_exits=getattr(strategy, "protective_exits", None) or ProtectiveExits(),
            warmup_bars=int(getattr(strategy, "warmup_bars", 0) or 0),
            lookback_bars=lookback_of(strategy),
            sizes_itself=form is Form.PER_BAR and callable(getattr(strategy, "position_size", None)),
        )
        for name, strategy, weight, vote in zip(ids, objects, exact, votes, strict=True)
        if (form := form_of(strategy)) is not None
    ]
    return list(zip(objects, exact, strict=True)), members


def _pairs(strategies: Sequence[Any], *, equal_weights: bool) -> tuple[list[Any], list[object]]:
    if isinstance(strategies, str) or not isinstance(strategies, Iterable):
        raise AllocationError(Fault("strategies", f"{strategies!r} was found; expected a list of (strategy, weight)"))
    given = list(strategies)
    if not given:
        raise AllocationError(Fault("strategies", "the list is empty", "Give at least one strategy"))
    pairs = [item for item in given if isinstance(item, tuple | list)]
    if equal_weights:
        if pairs:
            problem = "weights are given although equal_weights is True"
            raise AllocationError(Fault("strategies", problem, "Leave one of the two out"))
        # Rounded down, so that the sum is at most 1; what is left is the reserve.
        share = multiply_exactly(Decimal(WEIGHT_SCALE // len(given)), _STEP)
        return given, [share] * len(given)
    faults = [
        Fault(f"strategies[{place}]", f"{item!r} was found; expected (strategy, weight)", "Or give equal_weights=True")
        for place, item in enumerate(given)
        if not (isinstance(item, tuple | list) and len(item) == 2)  # noqa: PLR2004  # a pair
    ]
    if faults:
        raise AllocationError(faults)
    return [item[0] for item in given], [item[1] for item in given]


def _labels(objects: list[Any], labels: Sequence[str | None]) -> list[str | None]:
    given = list(labels) or [None] * len(objects)
    if len(given) != len(objects):
        problem = f"there are {len(given)} labels for {len(objects)} strategies"
        raise ConfigError(Fault("labels", problem, "Give one for each, None for none"))
    chosen = [
        label if label is not None else getattr(strategy, "label", None)
        for label, strategy in zip(given, objects, strict=True)
    ]
    faults = [
        Fault(f"label of strategies[{place}]", f"{label!r} is no name", "Give text that is not empty", label)
        for place, label in enumerate(chosen)
        if label is not None and (not isinstance(label, str) or not label.strip())
    ]
    doubles = [label for label, number in Counter(chosen).items() if label is not None and number > 1]
    faults += [
        Fault("labels", f"{label!r} is the label of several strategies", "Give each its own") for label in doubles
    ]
    if faults:
        raise ConfigError(faults)
    return chosen


def _ids(objects: list[Any], labels: list[str | None]) -> list[str]:
    # No two are alike: the index follows the last underscore, and counts whatever has the same name before it.
    seen: Counter[str] = Counter()
    ids = []
    for strategy, label in zip(objects, labels, strict=True):
        owner = strategy if isinstance(strategy, type) else type(strategy)
        base = owner.__name__ if label is None else label
        ids.append(f"{base}_{seen[base]}")
        seen[base] += 1
    return ids


def form_of(strategy: Any) -> Form | None:
    """Return the form in which a strategy is asked, None for what is no strategy."""
    # The class says it; else the methods do. What is called like one may be anything: `signals` a list that a strategy
    # keeps for itself. Whoever has several forms is asked in the fastest one.
    for base, form in _BASES.items():
        if isinstance(strategy, base):
            return form
    for form, methods in METHODS.items():
        if all(callable(getattr(strategy, method, None)) for method in methods):
            return form
    return None


def _faults(strategy: Any, name: str) -> Iterable[Fault]:
    if isinstance(strategy, type):
        yield Fault(name, f"the class {strategy.__name__} was given", f"Give an object: {strategy.__name__}()")
        return
    if form_of(strategy) is None:
        methods = "should_enter and should_exit, signals, or weights"
        yield Fault(name, f"a {type(strategy).__name__} is no strategy", f"A strategy has the methods {methods}")
    exits = getattr(strategy, "protective_exits", None)
    if exits is not None and not isinstance(exits, ProtectiveExits):
        yield Fault(f"{name}.protective_exits", f"{exits!r} was found; expected ProtectiveExits or None")
    bars = getattr(strategy, "warmup_bars", 0)
    if bars is not None and (isinstance(bars, bool) or not isinstance(bars, int) or bars < 0):
        yield Fault(f"{name}.warmup_bars", f"{bars!r} was found; expected a whole number from 0 up")


def _doubles(objects: list[Any], ids: list[str]) -> Iterable[Fault]:
    # One object in two sleeves would share what it remembers.
    first: dict[int, str] = {}
    for strategy, name in zip(objects, ids, strict=True):
        owner = first.setdefault(id(strategy), name)
        if owner != name:
            yield Fault(name, f"it is the same object as {owner}", "Make one for each")


def _votes(weights: list[Decimal]) -> list[int]:
    # Whole numbers in the exact proportion of the weights, so that a tie is a tie; steps where they would not fit.
    exact = [Fraction(weight) for weight in weights]
    scale = math.lcm(*(weight.denominator for weight in exact))
    whole = [int(weight * scale) for weight in exact]
    divisor = math.gcd(*whole)
    votes = [vote // divisor for vote in whole]
    return votes if sum(votes) <= LIMIT else [round_steps(weight, WEIGHT_SCALE) for weight in weights]
