"""Strategies that do what they must not, next to others that must not notice."""

# ruff: noqa: SLF001, NPY002  # misbehaving begins there

from __future__ import annotations

import ctypes
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator import (
    ConflictResolver,
    HistoricalDataBar,
    OrchestratorResult,
    OrchestratorState,
    Panel,
    Position,
    RunError,
    Signal,
    Signals,
    StrategyError,
)
from strategy_orchestrator.testing import make_panel
from tests.unit.engine.portfolios import orchestrate, run

PRICES = make_panel(40, 2, seed=5)


class Rises:
    """Follow the last move bar by bar, and throw a coin now and then."""

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Enter after a rise."""
        coin = random.random() < 0.9 and np.random.random() < 0.9
        return coin and len(bars) > 1 and bars[-1].close > bars[-2].close

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Leave below the price that was paid."""
        return bars[-1].close < position.entry_price


class Averages:
    """Compare with a mean of the past, and throw a coin now and then."""

    def signals(self, panel: Panel) -> Signals:
        """Enter above it."""
        means = np.cumsum(panel.close, axis=0) / np.arange(1, panel.n_bars + 1)[:, None]
        coins = np.random.random(panel.close.shape) < 0.9
        return Signals((panel.close > means) & coins, panel.close < means * random.uniform(0.99, 1.0))


class Halves:
    """Hold what depends on volumes and integer prices."""

    def weights(self, panel: Panel) -> Any:
        """Weigh by the last digits."""
        return np.where(panel.units.close % 3 == 0, 0.4, np.where(panel.volume > 0, 0.1, 0.0))


def others() -> list[Any]:
    """Return well-behaved strategies of every form."""
    return [Rises(), Averages(), Halves()]


class Asked:
    """Do something at every question that is asked bar by bar."""

    def __init__(self, act: Callable[[Any], object], answer: object = None) -> None:
        self.act = act
        self.answer = True if answer is None else answer

    def should_enter(self, bars: Any) -> Any:
        """Act when some bars are there."""
        if len(bars) > 5:
            self.act(bars)
        return self.answer

    def should_exit(self, position: Any, bars: Any) -> Any:
        """Act, and leave."""
        del position
        return self.should_enter(bars)


class AskedOnce:
    """Do something when asked about the whole panel."""

    def __init__(self, act: Callable[[Any], object], answer: object = None) -> None:
        self.act = act
        self.answer = answer

    def signals(self, panel: Panel) -> Any:
        """Act."""
        traded = panel.traded.copy()
        self.act(panel)
        return Signals(traded, ~traded) if self.answer is None else self.answer


def fail(_: object) -> None:
    """Raise."""
    raise ZeroDivisionError


def recurse(thing: object) -> None:
    """Never come back."""
    recurse(thing)


def exhaust(_: object) -> None:
    """Ask for more memory than there is."""
    np.empty(2**61, np.int8)


def leave(_: object) -> None:
    """Ask to end the program."""
    raise SystemExit(0)


class Rude(BaseException):
    """No Exception, and nothing that can be printed."""

    def __str__(self) -> str:
        raise ValueError


def be_rude(_: object) -> None:
    """Raise what a handler of Exception does not catch."""
    raise Rude


def overwrite(array: Any) -> None:
    """Write to the memory of an array, whoever owns it."""
    ctypes.memset(array.ctypes.data, 0x3F, array.nbytes)


def write_in_place(panel: Panel) -> None:
    """Write."""
    panel.close[0, 0] = 1.0


def set_flags(panel: Panel) -> None:
    """Ask for write access."""
    panel.close.setflags(write=True)


def write_to_base(panel: Panel) -> None:
    """Write to the array that owns the memory."""
    base: Any = panel.close
    while base.base is not None:
        base = base.base
    np.frombuffer(base, np.float64)[0] = 1.0


def replace_arrays(panel: Panel) -> None:
    """Put other arrays in the place of those of the panel, and of its exact prices."""
    for name in ("close", "volume"):
        object.__setattr__(panel, name, panel.close * 2)
    object.__setattr__(panel.units, "close", panel.units.close * 2)
    panel._units["close"] = panel.units.close  # type: ignore[index]


def overwrite_panel(panel: Panel) -> None:
    """Write through addresses."""
    for array in (panel.close, panel.volume, panel.units.close, panel.timestamps_ns):
        overwrite(array)


def overwrite_bars(bars: Any) -> None:
    """Write through addresses behind a bar."""
    source = bars[-1]._source
    for array in (source.close, source.open, source.volume, source.timestamps_ns):
        overwrite(array)


def set_field(bars: Any) -> None:
    """Set a price."""
    bars[-1].close = bars[-1].close * 2


def move_bars(bars: Any) -> None:
    """Let every bar show the first one's prices."""
    for bar in bars:
        object.__setattr__(bar, "_bar", 0)


def forge_history(bars: Any) -> None:
    """Change the list by the methods of a plain one."""
    list.append(bars, bars[0])
    list.__setitem__(bars, 0, bars[-1])
    list.reverse(bars)


def empty_history(bars: Any) -> None:
    """Take all bars away."""
    list.clear(bars)


def seed(_: object) -> None:
    """Set the generators of the process back."""
    random.seed(1)
    np.random.seed(1)


def look_at_the_clock(_: object) -> None:
    """Act by the time of day."""
    random.seed(time.time_ns())
    np.random.seed(time.time_ns() % 2**32)


FAILING: dict[str, Callable[[], Any]] = {
    "raising": lambda: Asked(fail),
    "raising at once": lambda: AskedOnce(fail),
    "recursing": lambda: Asked(recurse),
    "recursing at once": lambda: AskedOnce(recurse),
    "out of memory": lambda: Asked(exhaust),
    "out of memory at once": lambda: AskedOnce(exhaust),
    "leaving": lambda: Asked(leave),
    "leaving at once": lambda: AskedOnce(leave),
    "rude": lambda: Asked(be_rude),
    "other types": lambda: Asked(len, answer="yes"),
    "other types at once": lambda: AskedOnce(len_of, answer=[True]),
    "writing in place": lambda: AskedOnce(write_in_place),
    "asking for write access": lambda: AskedOnce(set_flags),
    "writing to the base": lambda: AskedOnce(write_to_base),
    "setting a field of a bar": lambda: Asked(set_field),
}
"""What cannot go on."""
GETTING_THROUGH: dict[str, Callable[[], Any]] = {
    "putting other arrays there": lambda: AskedOnce(replace_arrays),
    "overwriting a panel": lambda: AskedOnce(overwrite_panel),
    "overwriting bars": lambda: Asked(overwrite_bars),
    "moving bars": lambda: Asked(move_bars),
    "forging the history": lambda: Asked(forge_history),
    "taking all bars away": lambda: Asked(empty_history),
    "seeding": lambda: Asked(seed),
    "seeding at once": lambda: AskedOnce(seed),
    "by the clock": lambda: Asked(look_at_the_clock),
}
"""What nothing in the process can keep a strategy from."""


def len_of(panel: Panel) -> int:
    """Count."""
    return panel.n_bars


class Everybody(ConflictResolver):
    """Let every signal stand, so that strategies are nothing to one another."""

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Keep all."""
        del symbol, state
        return signals


def kept_apart(*strategies: Any) -> OrchestratorResult:
    """Run strategies, a fifth of the capital each, and go on without one that fails."""
    options: dict[str, Any] = {"on_strategy_error": "quarantine", "seed": 7, "conflict_resolution_mode": Everybody()}
    return run([(strategy, "0.2") for strategy in strategies], PRICES, 10_000, **options)


@pytest.fixture(name="alone", scope="module")
def _alone() -> OrchestratorResult:
    """Return the run of the others, without a culprit."""
    return kept_apart(*others())


@pytest.mark.parametrize("name", [*FAILING, *GETTING_THROUGH])
def test_the_others_are_what_they_are_without_the_culprit(name: str, alone: OrchestratorResult) -> None:
    """To the unit, wherever the culprit stands in the list."""
    culprit = {**FAILING, **GETTING_THROUGH}[name]
    for strategies in ([culprit(), *others()], [*others(), culprit()]):
        result = kept_apart(*strategies)
        for strategy, expected in alone.strategy_results.items():
            found = result.strategy_results[strategy]
            assert (found.equity_curve, found.trades) == (expected.equity_curve, expected.trades)
            assert not found.is_quarantined
        (own,) = result.strategy_results.keys() - alone.strategy_results.keys()
        assert result.strategy_results[own].is_quarantined == (name in FAILING)


def test_the_others_say_something(alone: OrchestratorResult) -> None:
    """Who trades nothing would notice nothing."""
    assert all(len(result.trades) > 3 for result in alone.strategy_results.values())


@pytest.mark.parametrize("name", FAILING)
def test_a_run_stops_unless_told_otherwise(name: str) -> None:
    """The culprit is named in one line."""
    culprit = FAILING[name]()
    with pytest.raises(StrategyError, match=rf"^strategy '{type(culprit).__name__}_0'") as caught:
        run([culprit, *others()], PRICES)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["overwriting a panel", "overwriting bars"])
def test_prices_that_were_written_to_fail_the_run(name: str) -> None:
    """Where strategies share memory, nothing is told of prices that nobody can vouch for."""
    prices = make_panel(40, 2, seed=5)
    with pytest.raises(RunError, match=r"^prices: .*in memory are not what they were when the run began"):
        run([GETTING_THROUGH[name]()], prices)


@pytest.mark.parametrize("act", [list.clear, lambda bars: list.append(bars, bars[0])], ids=["emptied", "longer"])
def test_a_history_that_was_changed_fails_the_run(act: Callable[[Any], object]) -> None:
    """Whoever stumbles over it is not blamed, and nothing is told of what came of it."""
    with pytest.raises(RunError, match=r"^the bars of 'S0', bar .*: the history that strategies share is not"):
        run([Asked(act), *others()], PRICES)


def test_the_process_goes_on_drawing_where_it_stood() -> None:
    """Strategies that are kept apart leave the generators of the process alone."""
    random.seed(3)
    np.random.seed(3)
    expected = random.random(), np.random.random()
    random.seed(3)
    np.random.seed(3)
    kept_apart(*others())
    assert (random.random(), np.random.random()) == expected


def test_random_numbers_of_a_strategy_follow_from_the_seed() -> None:
    """The same run draws the same, another seed draws others."""
    runs = [
        run([Rises(), Averages()], PRICES, 10_000, on_strategy_error="quarantine", seed=number) for number in (1, 1, 2)
    ]
    fingerprints = [each.fingerprint for each in runs]
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]


def test_a_size_is_asked_for_apart_too() -> None:
    """Whoever sizes itself draws from its own numbers."""

    class Sizes(Rises):
        def position_size(self, capital: Any, price: Any) -> int:
            """Draw a size."""
            del capital, price
            return random.randrange(1, 5)

    sizes = {trade.shares for trade in kept_apart(Sizes()).strategy_results["Sizes_0"].trades}
    assert len(sizes) > 1


def test_nobody_is_asked_nobody_draws() -> None:
    """The generators stay as they are where a warm-up takes the whole run."""
    kind = type("Late", (Rises,), {"warmup_bars": 99})
    assert kept_apart(kind()).strategy_results["Late_0"].trades == ()


class Slow:
    """Take its time over one question."""

    def __init__(self, question: str) -> None:
        self.question = question

    def _take(self, question: str) -> None:
        if question == self.question:
            time.sleep(0.03)

    def should_enter(self, bars: Any) -> bool:
        """Enter."""
        self._take("should_enter")
        return len(bars) > 2

    def should_exit(self, position: Any, bars: Any) -> bool:
        """Stay."""
        del position, bars
        self._take("should_exit")
        return False

    def position_size(self, capital: Any, price: Any) -> int:
        """Buy one."""
        del capital, price
        self._take("position_size")
        return 1


class SlowAtOnce:
    """Take its time over the whole panel."""

    def signals(self, panel: Panel) -> Signals:
        """Say nothing."""
        time.sleep(0.03)
        return Signals(panel.traded & False, panel.traded & False)


class SlowWeights:
    """Take its time over the whole panel."""

    def weights(self, panel: Panel) -> Any:
        """Say nothing."""
        time.sleep(0.03)
        return np.full(panel.traded.shape, np.nan)


SLOW: dict[str, Callable[[], Any]] = {
    "should_enter": lambda: Slow("should_enter"),
    "should_exit": lambda: Slow("should_exit"),
    "position_size": lambda: Slow("position_size"),
    "signals": SlowAtOnce,
    "weights": SlowWeights,
}


@pytest.mark.parametrize("question", SLOW)
def test_an_answer_that_comes_too_late_is_an_error(question: str) -> None:
    """With what was asked and how long it took."""
    with pytest.raises(
        StrategyError, match=rf"{question}: TimeoutError: it took 0\.\d+ seconds; strategy_time_limit is 0\.01"
    ):
        run([SLOW[question]()], PRICES, strategy_time_limit="0.01")


@pytest.mark.parametrize("question", SLOW)
def test_a_limit_that_is_kept_changes_nothing(question: str) -> None:
    """Nobody is slower than a minute."""
    prices = PRICES.until(6)
    limited, free = (run([SLOW[question]()], prices, **options) for options in ({"strategy_time_limit": 60}, {}))
    assert limited.fingerprint == free.fingerprint


def test_whoever_watches_is_told_of_every_question() -> None:
    """Before and after, with the numbers of strategy, question, bar and symbol."""
    told: list[tuple[int, ...] | str] = []

    class Watching:
        def begin(self, *numbers: int) -> None:
            """Keep."""
            told.append(numbers)

        def end(self) -> None:
            """Keep."""
            told.append("end")

    portfolio = orchestrate([SlowAtOnce(), Slow("")], strategy_time_limit=60)
    portfolio.watch = Watching()
    portfolio.run(PRICES.until(4).select(["S0"]), 1000)
    asked = [(1, 0, 0, 0), (1, 0, 1, 0), (1, 0, 2, 0), (1, 2, -1, -1), (1, 1, 3, 0)]
    assert told[::2] == [(0, 3, -1, -1), *asked]
    assert set(told[1::2]) == {"end"}
