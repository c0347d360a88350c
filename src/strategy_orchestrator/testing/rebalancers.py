"""The checks of a rebalancer: when it acts, and what it proposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

import numpy as np

from strategy_orchestrator.errors import OrchestratorError
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.models.allocation import checked_weights
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.states import OrchestratorState
from strategy_orchestrator.money import to_exact
from strategy_orchestrator.testing.answers import Answers
from strategy_orchestrator.testing.asking import Course, Factory, Subject, check_factory, check_signature, described
from strategy_orchestrator.testing.findings import refuse_changes, refuse_reaching
from strategy_orchestrator.testing.futures import MANNERS, changed_from
from strategy_orchestrator.testing.panel_checks import question_of
from strategy_orchestrator.testing.panels import make_panel
from strategy_orchestrator.testing.portfolios import make_state
from strategy_orchestrator.testing.snapshots import taken_of
from strategy_orchestrator.testing.stage import USUAL_BARS, Stage
from strategy_orchestrator.testing.trials import Check, Trial, bar_text, run_all
from strategy_orchestrator.testing.watching import watched

_SLEEVES: Final = ("Calm_0", "Wild_0", "Wild_1", "Idle_0")
_BARS_ASKED: Final = 8


def check_rebalancer(factory: Factory, *, n_bars: int | None = None) -> None:
    """Run all checks of a rebalancer; the first that fails raises.

    Parameters
    ----------
    factory, n_bars
        As `rebalancer_checks` takes them.

    Raises
    ------
    ContractError
        In one line: rebalancer, check, bar, what was seen, what is expected.
    """
    run_all(rebalancer_checks(factory, n_bars=n_bars))


def rebalancer_checks(factory: Factory, *, n_bars: int | None = None, name: str = "") -> list[Check]:
    """Return the checks of a rebalancer, one behavior each.

    Its schedule may use bars up to each bar only; what it proposes depends on the state alone, and on the panel up to
    the current bar.

    Parameters
    ----------
    factory : callable
        Makes a new rebalancer each time.
    n_bars : int, optional
        Length of the panels and of the history of returns; 80 by default.
    name : str
        What to call it in errors; the name of its class by default.
    """
    subject, stage = Subject(Kind.REBALANCER, factory, name), Stage(n_bars)
    length = USUAL_BARS if n_bars is None else n_bars
    whole: dict[str, Callable[[Subject, int, str], None]] = {
        "signature": _signature,
        "acts": _acts,
        "proposal-determinism": _determinism,
        "proposal-memory": _memory,
        "proposal-mutation": _mutation,
        "proposal-outside": _outside,
        "proposal-look-ahead": _look_ahead,
    }
    checks = [Check(check, partial(run, subject, length, check)) for check, run in whole.items()]
    checks += [Check(f"weights-{case}", partial(_weights, subject, length, f"weights-{case}", case)) for case in _CASES]
    return [*checks, *question_of(subject, stage, _ask_schedule).checks()]


def _ask_schedule(course: Course, rebalancer: Any, panel: Panel) -> Answers:
    if not hasattr(rebalancer, "schedule"):
        return Answers({}, {})
    found = course.trial.call(rebalancer.schedule, panel, what=f"schedule, asked about {panel.n_bars} bars,")
    if found is None:
        found = np.zeros(panel.n_bars, np.bool_)
    if not isinstance(found, np.ndarray) or found.dtype != np.bool_ or found.shape != (panel.n_bars,):
        shown = f"{found.dtype} of shape {found.shape}" if isinstance(found, np.ndarray) else described(found)
        wanted = f"expected an ndarray of bool and shape ({panel.n_bars},), that is (T,), or None"
        raise course.trial.failed(f"schedule returned {shown}; {wanted}")
    return Answers({"schedule": found.copy()}, {})


def _signature(subject: Subject, length: int, check: str) -> None:
    del length
    with subject.begin(check) as course:
        made, trial = course.first, course.trial
        for method in ("propose", *(name for name in ("schedule",) if hasattr(made, name))):
            check_signature(trial, made, method)
        tolerance = getattr(made, "drift_tolerance", None)
        if tolerance is not None and not _is_share(tolerance):
            problem = f"drift_tolerance is {tolerance!r}"
            raise trial.failed(problem, "Give a Decimal between 0 and 1, 0.1 being ten percentage points, or None")
        check_factory(course)


def _is_share(value: object) -> bool:
    try:
        return 0 <= to_exact(value, "") <= 1
    except OrchestratorError:
        return False


def _acts(subject: Subject, length: int, check: str) -> None:
    with subject.begin(check) as course:
        if getattr(course.first, "drift_tolerance", None) is not None:
            return
        panel = make_panel(length)
        if not any(array.any() for array in _ask_schedule(course, course.first, panel).rows.values()):
            problem = f"it has no drift_tolerance and schedules none of {length} bars"
            raise course.trial.failed(problem, "Give n_bars, or a factory that acts more often")


def _returns(n_bars: int, n_sleeves: int) -> Any:
    # A calm sleeve, two wild ones that move alike, and one that has done nothing.
    generator = np.random.default_rng(7)
    market = generator.normal(0.0005, 0.02, n_bars)
    columns = [
        generator.normal(0.0003, 0.005, n_bars),
        market,
        market * 1.5 + generator.normal(0, 0.001, n_bars),
        np.zeros(n_bars),
    ]
    return np.stack([columns[place % len(columns)] for place in range(n_sleeves)], axis=1)


def state_at(bar: int, n_sleeves: int = len(_SLEEVES)) -> OrchestratorState:
    """Return the state of a portfolio at a bar of a run, the same for every call."""
    names = [f"{_SLEEVES[place % len(_SLEEVES)]}{place // len(_SLEEVES) or ''}" for place in range(n_sleeves)]
    past = _returns(bar, n_sleeves)
    equities = np.rint(10_000 * np.prod(1 + past, axis=0) * 100).astype(np.int64)
    money = {name: Decimal(int(cents)).scaleb(-2) for name, cents in zip(names, equities, strict=True)}
    return make_state(money, reserve=100, returns=past)


def _extinct(bar: int) -> OrchestratorState:
    # The last sleeve is ruined: it has a state but no weight.
    whole = state_at(bar)
    names = list(whole.weights)[:-1]
    money = {name: state.equity for name, state in whole.strategy_states.items()}
    weights = {name: whole.weights[name] for name in names}
    return make_state(money, weights=weights, reserve=0, returns=whole.sleeve_returns[:, :-1])


def _lopsided(bar: int) -> OrchestratorState:
    money = {"Large_0": Decimal(1_000_000), "Tiny_0": Decimal("0.000001")}
    weights = {"Large_0": "0.000001", "Tiny_0": "0.999999"}
    return make_state(money, weights=weights, returns=_returns(bar, 2))


_CASES: Final[Mapping[str, Callable[[int], OrchestratorState]]] = {
    "first-bar": lambda _: state_at(0),
    "second-bar": lambda _: state_at(1),
    "long-history": state_at,
    "one-sleeve": lambda bar: state_at(bar, 1),
    "many-sleeves": lambda bar: state_at(bar, 9),
    "ruined-sleeve": _extinct,
    "lopsided": _lopsided,
}


def _propose(course: Course, rebalancer: Any, state: OrchestratorState) -> dict[str, Decimal]:
    trial = course.trial
    found = trial.call(rebalancer.propose, state, what=f"propose, asked at bar {state.current_bar},")
    if not isinstance(found, Mapping):
        problem = f"propose returned {described(found)}"
        raise trial.failed(problem, "Return a mapping of strategy ids to weights")
    odd = [f"{name!r} is no strategy" for name in found if name not in state.weights]
    odd += [f"{name!r} is left out" for name in state.weights if name not in found]
    if odd:
        remedy = f"Name all in state.weights and no other: {', '.join(state.weights)}"
        raise trial.failed(f"propose at bar {state.current_bar}: {odd[0]}", remedy)
    return dict(zip(found, _exact(trial, found), strict=True))


def _exact(trial: Trial, found: Mapping[str, Any]) -> list[Decimal]:
    try:
        return checked_weights(list(found.values()), list(found))
    except OrchestratorError as error:
        raise trial.failed(f"propose: {error.faults[0]}", "Each is above 0, their sum at most 1, exactly") from None


def _prepared(course: Course, panel: Panel, rebalancer: Any) -> Any:
    _ask_schedule(course, rebalancer, panel)
    return rebalancer


def _bars_asked(length: int) -> list[int]:
    return sorted({*np.linspace(0, length - 1, _BARS_ASKED).astype(int).tolist()})


def _weights(subject: Subject, length: int, check: str, case: str) -> None:
    with subject.begin(check) as course:
        _propose(course, _prepared(course, make_panel(length), course.first), _CASES[case](length - 1))


def _refuse_other(course: Course, seen: Mapping[str, Decimal], other: Mapping[str, Decimal], when: str) -> None:
    for name, weight in seen.items():
        if weight != other[name]:
            problem = f"the weight of {name!r} is {weight} at first, but {other[name]} {when}"
            raise course.trial.failed(problem, "The same question must get the same answer")


def _determinism(subject: Subject, length: int, check: str) -> None:
    panel = make_panel(length)
    with subject.begin(check) as course:
        for bar in _bars_asked(length):
            one = _prepared(course, panel, course.fresh())
            first = _propose(course, one, state_at(bar))
            _refuse_other(course, first, _propose(course, one, state_at(bar)), f"when it is asked again at bar {bar}")
            other = _propose(course, _prepared(course, panel, course.fresh()), state_at(bar))
            _refuse_other(course, first, other, f"from a second one made alike, at bar {bar}")


def _memory(subject: Subject, length: int, check: str) -> None:
    panel = make_panel(length)
    with subject.begin(check) as course:
        used = _prepared(course, panel, course.first)
        for bar in _bars_asked(length):
            after = _propose(course, used, state_at(bar))
            fresh = _propose(course, _prepared(course, panel, course.fresh()), state_at(bar))
            _refuse_other(course, fresh, after, f"at bar {bar} of a run, after the bars before")


def _mutation(subject: Subject, length: int, check: str) -> None:
    panel = make_panel(length)
    with subject.begin(check) as course:
        rebalancer = _prepared(course, panel, course.first)
        state = state_at(length - 1)
        before = taken_of(state)
        _propose(course, rebalancer, state)
        refuse_changes(course.trial, before, "state")


def _outside(subject: Subject, length: int, check: str) -> None:
    with subject.begin(check) as course:
        rebalancer = _prepared(course, make_panel(length), course.first)
        state = state_at(length - 1)
        with watched(rebalancer) as found:
            _propose(course, rebalancer, state)
        refuse_reaching(course.trial, found)


def _look_ahead(subject: Subject, length: int, check: str) -> None:
    # A rebalancer sees the whole panel when it is asked for its schedule, and may have kept it.
    panel = make_panel(length)
    with subject.begin(check) as course:
        for bar in _bars_asked(length):
            whole = _propose(course, _prepared(course, panel, course.fresh()), state_at(bar))
            for manner in MANNERS:
                changed = changed_from(panel, bar + 1, manner)
                other = _propose(course, _prepared(course, changed, course.fresh()), state_at(bar))
                _refuse_other(course, whole, other, f"at {bar_text(panel, bar)} when what comes later is {manner.name}")
