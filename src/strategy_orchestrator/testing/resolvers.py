"""The checks of a conflict resolver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.models.signals import Signal
from strategy_orchestrator.models.states import OrchestratorState
from strategy_orchestrator.testing.asking import Course, Factory, Subject, check_factory, check_signature, described
from strategy_orchestrator.testing.findings import refuse_changes, refuse_reaching
from strategy_orchestrator.testing.portfolios import make_signals, make_state
from strategy_orchestrator.testing.snapshots import taken_of
from strategy_orchestrator.testing.trials import Check, run_all
from strategy_orchestrator.testing.watching import watched


def check_resolver(factory: Factory) -> None:
    """Run all checks of a conflict resolver; the first that fails raises.

    Raises
    ------
    ContractError
        In one line: resolver, check, what was seen, what is expected.
    """
    run_all(resolver_checks(factory))


def resolver_checks(factory: Factory, *, name: str = "") -> list[Check]:
    """Return the checks of a conflict resolver, one behavior each.

    Parameters
    ----------
    factory : callable
        Makes a new resolver each time.
    name : str
        What to call it in errors; the name of its class by default.
    """
    subject = Subject(Kind.RESOLVER, factory, name)
    whole = {"signature": _signature, "determinism": _determinism, "memory": _memory, "mutation": _mutation}
    checks = [Check(check, partial(run, subject, check)) for check, run in {**whole, "outside": _outside}.items()]
    checks.extend(
        Check(f"survivors-{case}", partial(_survivors, subject, f"survivors-{case}", case)) for case in _CASES
    )
    return checks


_CASES: Final[Mapping[str, Callable[[], tuple[Signal, ...]]]] = {
    "two": lambda: make_signals([1, -1]),
    "two-of-unequal-weight": lambda: make_signals([1, -1], weights=["0.2", "0.8"]),
    "two-against-one": lambda: make_signals([1, -1, 1], weights=["0.2", "0.5", "0.2"]),
    "draw": lambda: make_signals([-1, 1, 1, -1]),
    "exit-against-entry": lambda: make_signals([-1, 1], kinds=["exit", "enter"]),
    "all-kinds": lambda: make_signals([1, -1, -1, 1], kinds=["enter", "exit", "reverse", "weight"]),
    "many": lambda: make_signals([1, -1] * 6),
    "smallest-weight": lambda: make_signals([1, -1], weights=["0.000000000000000001", "0.5"]),
}


def _state(signals: Sequence[Signal]) -> OrchestratorState:
    weights = {signal.strategy_id: signal.weight for signal in signals}
    return make_state(dict.fromkeys(weights, 1000), weights=weights, reserve=500, signals=signals)


def _ask(course: Course, resolver: Any, signals: tuple[Signal, ...], state: OrchestratorState) -> tuple[Signal, ...]:
    what = f"resolve, asked about {len(signals)} signals,"
    found = course.trial.call(resolver.resolve, signals[0].symbol, signals, state, what=what)
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise course.trial.failed(f"resolve returned {described(found)}", "Return a list of the signals that survive")
    for survivor in found:
        if not any(survivor == signal for signal in signals):
            shown = survivor if not isinstance(survivor, Signal) else f"a signal of {survivor.strategy_id!r}"
            problem = f"resolve returned {shown}, which is none of those that it was given"
            raise course.trial.failed(problem, "Return those that survive, as they are")
    twice = [signal.strategy_id for signal in signals if sum(signal == survivor for survivor in found) > 1]
    if twice:
        raise course.trial.failed(f"resolve returned the signal of {twice[0]!r} twice", "Return each once")
    # The order has no meaning.
    return tuple(signal for signal in signals if signal in found)


def _survivors(subject: Subject, check: str, case: str) -> None:
    signals = _CASES[case]()
    with subject.begin(check) as course:
        _ask(course, course.first, signals, _state(signals))


def _signature(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        check_signature(course.trial, course.first, "resolve")
        check_factory(course)


def _refuse_other(course: Course, seen: Sequence[Signal], other: Sequence[Signal], when: str) -> None:
    if seen != other:
        first, second = ([signal.strategy_id for signal in each] for each in (seen, other))
        problem = f"the signals of {first} survive at first, but those of {second} {when}"
        raise course.trial.failed(problem, "The same question must get the same answer")


def _determinism(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        for case in _CASES.values():
            signals = case()
            resolver = course.fresh()
            first = _ask(course, resolver, signals, _state(signals))
            _refuse_other(course, first, _ask(course, resolver, signals, _state(signals)), "when it is asked again")
            other = _ask(course, course.fresh(), signals, _state(signals))
            _refuse_other(course, first, other, "from a second one made alike")


def _memory(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        used = course.first
        for case in (*_CASES.values(), *_CASES.values()):
            signals = case()
            after = _ask(course, used, signals, _state(signals))
            fresh = _ask(course, course.fresh(), signals, _state(signals))
            _refuse_other(course, fresh, after, "after other conflicts")


def _mutation(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        for case in _CASES.values():
            signals = case()
            state = _state(signals)
            befores = {"signals": taken_of(signals), "state": taken_of(state)}
            _ask(course, course.first, signals, state)
            for what, before in befores.items():
                refuse_changes(course.trial, before, what)


def _outside(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        signals = _CASES["two"]()
        state = _state(signals)
        with watched(course.first) as found:
            _ask(course, course.first, signals, state)
        refuse_reaching(course.trial, found)
