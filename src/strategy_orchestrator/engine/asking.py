"""What vectorized strategies, sizers, cost models and rebalancers say about the whole panel, checked and counted."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray, BoolArray, FloatArray, IntArray
from strategy_orchestrator.clock import to_text
from strategy_orchestrator.engine.roster import Form, Member
from strategy_orchestrator.errors import Fault, InputError, OrchestratorError, PluginError, StrategyError
from strategy_orchestrator.hooks.guard import REMEDY, guarded, place_of_function, printable, shown
from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.quanta import as_floats, weight_steps
from strategy_orchestrator.models.signals import Signals
from strategy_orchestrator.money import FRACTION_SCALE, SCALE, WEIGHT_SCALE, round_down, sum_exactly, to_exact, to_steps

_BITS: Final = {
    "entries": at.ENTRY_BIT,
    "exits": at.EXIT_BIT,
    "short_entries": at.SHORT_ENTRY_BIT,
    "short_exits": at.SHORT_EXIT_BIT,
}
# Fewer cells are asked about before threads have started.
_LEAST_CELLS: Final = 200_000
_LEAST_THREADS: Final = 2
_STRATEGY_REMEDY: Final = "Correct the strategy; error-log.md has the traceback where the run was saved"


def ask_strategy(member: Member, panel: Panel) -> AnyArray:
    """Ask a vectorized strategy about all bars.

    Returns
    -------
    ndarray
        int8, shape (T, S): bits of `Intents.codes` for a strategy of signals; int64, shape (T, S): steps of 10⁻¹⁸ or
        `NO_WEIGHT` for one of weights.

    Raises
    ------
    StrategyError
        If it raises, or what it returns is not of the right type, shape or range.
    """
    where = f"strategy {member.strategy_id!r}"
    # Its own panel, so that whoever gets around the read-only attributes harms nobody else.
    own = panel.shared()
    if member.form is Form.SIGNALS:
        answer = _called(lambda: member.strategy.signals(own), f"{where}, signals", member)
        return _codes(answer, panel, member)
    answer = _called(lambda: member.strategy.weights(own), f"{where}, weights", member)
    return _weights(answer, panel, member)


def ask_strategies(
    members: Sequence[Member], panel: Panel, *, most_threads: int | None = None
) -> Iterator[AnyArray | StrategyError]:
    """Ask vectorized strategies, several at a time where the panel is large; each in its own decimal context.

    numpy, polars and compiled code let other threads work meanwhile.

    Parameters
    ----------
    most_threads : int, optional
        How many are asked at a time at most; as many as there are processors by default.

    Yields
    ------
    ndarray or StrategyError
        What `ask_strategy` returns or raises, in the order of the members.

    Raises
    ------
    StrategyError
        After the last, if one of several asked at a time drew from the generators that the whole process shares.
    """
    n_threads = min(len(members), most_threads or os.cpu_count() or 1)
    if n_threads < _LEAST_THREADS or panel.n_bars * panel.n_symbols < _LEAST_CELLS:
        yield from (_answer_of(member, panel) for member in members)
        return
    before = _shared_randomness()
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="strategies")
    try:
        asked = [pool.submit(copy_context().run, _answer_of, member, panel) for member in members]
        while asked:
            yield asked.pop(0).result()
    finally:
        # Who interrupts does not wait for those that have not begun.
        pool.shutdown(cancel_futures=True)
    if _shared_randomness() != before:
        names = ", ".join(repr(member.strategy_id) for member in members)
        problem = "one of them drew from random or np.random, which the whole process shares, while others were asked"
        remedy = "Draw from a generator of its own, np.random.default_rng(seed): else results depend on the moment"
        raise StrategyError(Fault(f"strategies {names}", problem, remedy))


def _shared_randomness() -> tuple[object, ...]:
    drawn: Any = np.random.get_state()  # noqa: NPY002  # it is looked at, not drawn from
    kind, words, *rest = drawn
    return random.getstate(), kind, words.tobytes(), *rest


def _answer_of(member: Member, panel: Panel) -> AnyArray | StrategyError:
    try:
        return ask_strategy(member, panel)
    except StrategyError as error:
        return error


def _called(call: Callable[[], Any], where: str, member: Member) -> Any:
    return guarded(call, where, _STRATEGY_REMEDY, StrategyError, value=member.strategy_id)


def _codes(answer: Any, panel: Panel, member: Member) -> AnyArray:
    if not isinstance(answer, Signals):
        found = printable(type(answer).__name__)
        raise _refused(member, f"its signals returned a {found}; expected Signals(entries=, exits=)")
    given = {name: getattr(answer, name) for name in _BITS}
    marks = {name: _marks(each, name, panel, member) for name, each in given.items() if each is not None}
    # Symbol after symbol in memory, as whoever works on one at a time leaves them: turned once, not each by itself.
    is_across = all(each.flags.f_contiguous for each in marks.values())
    codes = np.zeros((panel.n_bars, panel.n_symbols), np.int8, order="F" if is_across else "C")
    for name, each in marks.items():
        codes |= each.view(np.int8) * np.int8(_BITS[name])
    return np.ascontiguousarray(codes)


def _marks(given: Any, name: str, panel: Panel, member: Member) -> BoolArray:
    marks = np.asarray(given)
    shape = (panel.n_bars, panel.n_symbols)
    if marks.dtype != np.bool_:
        raise _refused(member, f"its {name} are of type {marks.dtype}; expected bool")
    if marks.shape != shape:
        remedy = "Keep the warm-up bars and fill them with False"
        raise _refused(member, f"its {name} are of shape {marks.shape}; expected {shape}, that is (T, S)", remedy)
    return marks


def _weights(answer: Any, panel: Panel, member: Member) -> IntArray:
    given = np.asarray(answer)
    shape = (panel.n_bars, panel.n_symbols)
    weights = _numbers(given, shape)
    if weights is None:
        problem = f"its weights are {given.dtype} of shape {given.shape}; expected float64 of {shape}, that is (T, S)"
        raise _refused(member, problem, "Keep the warm-up bars and fill them with NaN")
    silent = np.isnan(weights)
    outside = ~silent & ~(np.abs(weights) <= 1)
    if outside.any():
        bar, column = np.argwhere(outside)[0].tolist()
        place = f"{panel.symbols[column]!r}, {to_text(int(panel.timestamps_ns[bar]))}"
        problem = f"its weight for {place} is {weights[bar, column]}; from -1 to 1 is allowed, NaN leaves as it is"
        raise _refused(member, problem)
    steps = weight_steps(np.where(silent, 0, weights))
    steps[silent] = at.NO_WEIGHT
    return steps


def _numbers(values: AnyArray, shape: tuple[int, int]) -> FloatArray | None:
    # Neither booleans nor objects are numbers here; a narrow float stands for its shortest text.
    return as_floats(values) if values.dtype.kind in "fiu" and values.shape == shape else None


def _refused(member: Member, problem: str, remedy: str = "Correct the strategy") -> StrategyError:
    return StrategyError(Fault(f"strategy {member.strategy_id!r}", problem, remedy, member.strategy_id))


@contextmanager
def _answer_from(method: Any) -> Iterator[None]:
    # What is wrong with an answer is told with the place of who gave it, and what to do.
    try:
        yield
    except PluginError as error:
        place = place_of_function(method)
        raise PluginError(
            replace(fault, problem=f"{fault.problem}{place}", remedy=fault.remedy or REMEDY) for fault in error.faults
        ) from None


def ask_sizer(sizer: Any, panel: Panel, where: str) -> IntArray:
    """Return what a sizer offers: int64, shape (T, S), steps of 10⁻¹⁸ of the allocated capital.

    Raises
    ------
    PluginError
        If it raises, or a fraction is not in [0, 1].
    """
    given = np.asarray(guarded(lambda: sizer.fractions(panel.shared()), f"{where}, fractions"))
    with _answer_from(sizer.fractions):
        return weight_steps(_fractions(given, panel, where))


def _fractions(given: AnyArray, panel: Panel, where: str) -> FloatArray:
    shape = (panel.n_bars, panel.n_symbols)
    fractions = _numbers(given, shape)
    if fractions is None:
        problem = f"it returned {given.dtype} of shape {given.shape}; expected float64 of {shape}, that is (T, S)"
        raise PluginError(Fault(where, problem))
    outside = ~((fractions >= 0) & (fractions <= 1))
    if outside.any():
        bar, column = np.argwhere(outside)[0].tolist()
        place = f"{panel.symbols[column]!r}, {to_text(int(panel.timestamps_ns[bar]))}"
        raise PluginError(Fault(where, f"its fraction for {place} is {fractions[bar, column]}; from 0 to 1 is allowed"))
    return fractions


def ask_schedule(rebalancer: Any, panel: Panel, where: str) -> BoolArray:
    """Return the bars at whose close a rebalancer proposes: bool, shape (T,), or (0,) for none.

    Raises
    ------
    PluginError
        If it raises, or returns something else.
    """
    if not callable(getattr(rebalancer, "schedule", None)):
        return np.zeros(0, np.bool_)
    answer = guarded(lambda: rebalancer.schedule(panel.shared()), f"{where}, schedule")
    if answer is None:
        return np.zeros(0, np.bool_)
    scheduled = np.asarray(answer)
    if scheduled.dtype != np.bool_ or scheduled.shape != (panel.n_bars,):
        problem = f"its schedule is {scheduled.dtype} of shape {scheduled.shape}; expected bool of ({panel.n_bars},)"
        with _answer_from(rebalancer.schedule):
            raise PluginError(Fault(where, problem))
    return np.ascontiguousarray(scheduled)


def ask_costs(model: Any, panel: Panel, where: str) -> tuple[IntArray, IntArray]:
    """Return commissions and slippage as the kernel counts them.

    Returns
    -------
    ndarray
        int64, shape (S, 3): money a fill, money a unit of quantity (quanta), fraction of the notional (10⁻¹²).
    ndarray
        int64, shape (1 or T, 1 or S): slippage, steps of 10⁻¹².

    Raises
    ------
    PluginError
        If it raises, or a cost is not a number within its bounds.
    """
    costs = guarded(lambda: model.costs(panel.shared()), f"{where}, costs", passing=(KeyboardInterrupt, InputError))
    with _answer_from(model.costs):
        if not isinstance(costs, Costs):
            raise PluginError(Fault(where, f"it returned a {printable(type(costs).__name__)}; expected Costs"))
        try:
            return counted_costs(costs, panel, where)
        except InputError as error:
            raise PluginError(error.faults) from None


def counted_costs(costs: Costs, panel: Panel, where: str) -> tuple[IntArray, IntArray]:
    """Count costs, as `ask_costs` returns them.

    Raises
    ------
    InputError
        If a cost is not a number within its bounds.
    """
    scales = {"commission_per_trade": SCALE, "commission_per_share": SCALE, "commission_pct": FRACTION_SCALE}
    columns = [_per_symbol(getattr(costs, name), scale, panel, f"{where}, {name}") for name, scale in scales.items()]
    if max(columns[2], default=0) >= FRACTION_SCALE:
        raise InputError(Fault(f"{where}, commission_pct", "a fraction is not below 1", "0.001 is 0.1 %"))
    return np.array(columns, np.int64).T.copy(), _slippage(costs.slippage_pct, panel, f"{where}, slippage_pct")


def _per_symbol(given: Any, scale: int, panel: Panel, where: str) -> list[int]:
    if not isinstance(given, list | tuple | np.ndarray):
        return [_steps(given, scale, where)] * panel.n_symbols
    values = list(given)
    if len(values) != panel.n_symbols:
        raise InputError(Fault(where, f"there are {len(values)} values for {panel.n_symbols} symbols"))
    return [_steps(value, scale, where) for value in values]


def _steps(value: object, scale: int, where: str) -> int:
    steps = to_steps(to_exact(value, where), scale, where)
    if steps < 0:
        raise InputError(Fault(where, f"{value} is negative; 0 or more is allowed", value=value))
    return steps


def _slippage(given: Any, panel: Panel, where: str) -> IntArray:
    if isinstance(given, np.ndarray | list | tuple):
        rates = as_floats(np.asarray(given))
        if rates is None:
            raise InputError(Fault(where, "something in it is no number", "0.001 is 0.1 %"))
        rates = rates[None, :] if rates.ndim == 1 else rates
        if rates.shape not in {(1, panel.n_symbols), (panel.n_bars, panel.n_symbols)}:
            shape = (panel.n_bars, panel.n_symbols)
            raise InputError(Fault(where, f"the shape is {rates.shape}; expected {shape}, that is (T, S), or (S,)"))
        if not ((rates >= 0) & (rates < 1)).all():
            raise InputError(Fault(where, "a fraction is not from 0 to below 1", "0.001 is 0.1 %"))
        return np.rint(rates * FRACTION_SCALE).astype(np.int64)
    steps = _steps(given, FRACTION_SCALE, where)
    if steps >= FRACTION_SCALE:
        raise InputError(Fault(where, f"{given} is not below 1", "0.001 is 0.1 %", given))
    return np.array([[steps]], np.int64)


def ask_proposal(rebalancer: Any, state: Any, where: str) -> dict[str, int]:
    """Return the weights that a rebalancer proposes, steps of 10⁻¹⁸ by strategy id, rounded down.

    Raises
    ------
    PluginError
        If it raises, a weight is not greater than 0, the sum exceeds 1, or a strategy is unknown or missing.
    """
    # What the user wrote wrong in its options is the user's to mend, though a plug-in finds it late.
    answer = guarded(lambda: rebalancer.propose(state), f"{where}, propose", passing=(KeyboardInterrupt, InputError))
    proposed = guarded(lambda: dict(answer), f"{where}, propose")
    faults = [
        Fault(where, f"it names {shown(name)}, which is no strategy of the run")
        for name in proposed.keys() - state.weights.keys()
    ]
    faults += [Fault(where, f"it proposes no weight for {name!r}") for name in state.weights.keys() - proposed.keys()]
    exact: dict[str, Decimal] = {}
    for name, weight in proposed.items():
        try:
            exact[name] = to_exact(weight, f"{where}, weight of {name!r}")
        except OrchestratorError as error:
            faults.extend(error.faults)
            continue
        if exact[name] <= 0:
            faults.append(Fault(where, f"the weight of {name!r} is {weight}; it must be greater than 0"))
    total = sum_exactly(list(exact.values()))
    if not faults and total > 1:
        faults.append(Fault(where, f"the weights sum to {total}; at most 1 is allowed"))
    if faults:
        with _answer_from(rebalancer.propose):
            raise PluginError(sorted(faults, key=str))
    return {name: round_down(weight, WEIGHT_SCALE) for name, weight in exact.items()}
