"""Functions of frames as strategies: what they are given, what they may return, what is refused."""

from __future__ import annotations

import copy
import functools
import pickle
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from orchestrator_frames import (
    FunctionSignals,
    FunctionWeights,
    from_function,
    signal_strategy,
    weight_strategy,
    weights_from_function,
)
from orchestrator_frames.frames import FrameKind
from strategy_orchestrator import (
    ConfigError,
    MissingExtraError,
    Panel,
    ProtectiveExits,
    SignalStrategy,
    StrategyError,
    WeightStrategy,
)

START = datetime(2021, 3, 1, 21, tzinfo=UTC)
GAP = float("nan")
KINDS: tuple[FrameKind, ...] = ("pandas", "polars")
RISING: Mapping[FrameKind, Callable[[Any], object]] = {
    "pandas": lambda frame: frame["close"] > frame["close"].rolling(2).mean(),
    "polars": lambda frame: frame["close"] > frame["close"].rolling_mean(2),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def panel_of(columns: Mapping[str, Sequence[float]]) -> Panel:
    """Make a panel of daily bars; highs lie one above the closes, lows one below."""
    close = np.array(list(columns.values())).T
    times = [START + timedelta(days=day) for day in range(len(close))]
    prices = {"open": close, "high": close + 1.0, "low": close - 1.0, "close": close}
    return Panel.from_arrays(times, list(columns), **prices, volume=close * 100.0)


PANEL = panel_of({"A": [10.0, GAP, 11.0, 10.0, 12.0], "B": [GAP, GAP, 5.0, 6.0, GAP], "C": [GAP] * 5})


def answering(kind: FrameKind, values: Sequence[object], **options: Any) -> Callable[[Any], object]:
    """Make a function that returns a Series of the first of these values, whatever the prices."""
    if kind == "polars":
        return lambda frame: pl.Series(values[: len(frame)], **options)
    return lambda frame: pd.Series(list(values[: len(frame)]), index=frame.index, **options)


@every_kind
def test_a_function_gets_the_bars_of_one_symbol_after_another(kind: FrameKind) -> None:
    """Gaps are left out, a symbol without a bar is not asked for, volumes that are not known are missing."""
    seen: list[Any] = []

    def look(frame: Any) -> object:
        seen.append(frame)
        return frame["close"] > 0.0

    panel = panel_of({"A": [10.0, GAP, 11.0], "B": [GAP, 5.0, GAP], "C": [GAP] * 3})
    from_function(look, frame=kind).signals(panel)
    first = seen[0].reset_index() if kind == "pandas" else seen[0]
    assert list(first.columns) == ["timestamp", "open", "high", "low", "close", "volume"]
    assert [list(first[name]) for name in ("open", "high", "low", "close", "volume")] == [
        [10.0, 11.0],
        [11.0, 12.0],
        [9.0, 10.0],
        [10.0, 11.0],
        [1000.0, 1100.0],
    ]
    assert list(first["timestamp"]) == [START, START + timedelta(days=2)]
    assert [len(frame) for frame in seen] == [2, 1]


@every_kind
def test_a_volume_that_is_not_known_is_missing(kind: FrameKind) -> None:
    """In pandas NaN, in polars null."""
    close = np.array([[10.0], [11.0]])
    times = [START, START + timedelta(days=1)]
    panel = Panel.from_arrays(times, ["A"], open=close, high=close, low=close, close=close)

    def without_volume(frame: Any) -> object:
        return frame["volume"].isna() if kind == "pandas" else frame["volume"].is_null()

    assert from_function(without_volume, frame=kind).signals(panel).entries.all()


@every_kind
def test_in_the_market_or_out(kind: FrameKind) -> None:
    """True enters, False leaves; where an average is not known yet nothing is said in polars, for there it is null."""
    signals = from_function(RISING[kind], frame=kind).signals(PANEL)
    assert np.argwhere(signals.entries).tolist() == [[2, 0], [3, 1], [4, 0]]
    silent = [] if kind == "polars" else [[0, 0], [2, 1]]
    assert sorted(np.argwhere(signals.exits).tolist()) == sorted([*silent, [3, 0]])
    assert (signals.short_entries, signals.short_exits) == (None, None)


@pytest.mark.parametrize(
    ("kind", "values", "options"),
    [
        ("pandas", [True, None, False, True], {"dtype": "boolean"}),
        ("pandas", [True, None, False, True], {"dtype": object}),
        ("pandas", [True, GAP, False, True], {"dtype": object}),
        ("polars", [True, None, False, True], {}),
    ],
)
def test_a_missing_value_says_nothing(kind: FrameKind, values: list[object], options: Any) -> None:
    """Null and NaN are neither in nor out, in whatever type they come."""
    signals = from_function(answering(kind, values, **options), frame=kind).signals(PANEL)
    assert np.flatnonzero(signals.entries[:, 0]).tolist() == [0, 4]
    assert np.flatnonzero(signals.exits[:, 0]).tolist() == [3]


@pytest.mark.parametrize("kind", KINDS)
def test_an_array_will_do(kind: FrameKind) -> None:
    """Arrays, and Series made of them with an index of their own, are taken in their order."""
    expected = from_function(answering(kind, [True, False, False, True]), frame=kind).signals(PANEL)
    for make in (np.array, pd.Series):
        wrapped = from_function(lambda frame, make=make: make([True, False, False, True][: len(frame)]), frame=kind)
        assert np.array_equal(wrapped.signals(PANEL).entries, expected.entries)


@every_kind
def test_a_frame_has_a_column_for_each_wish(kind: FrameKind) -> None:
    """What is left out is False; the short side exists once a symbol has it."""

    def on_both_sides(frame: Any) -> object:
        up, down = frame["close"] > 10.5, frame["close"] < 10.5
        if kind == "polars":
            return pl.DataFrame({"entries": up, "exits": down, "short_entries": down, "short_exits": up})
        return pd.DataFrame({"entries": up, "exits": down, "short_entries": down, "short_exits": up})

    signals = from_function(on_both_sides, frame=kind).signals(PANEL)
    assert signals.short_entries is not None
    assert signals.short_exits is not None
    assert np.argwhere(signals.entries).tolist() == [[2, 0], [4, 0]]
    assert np.array_equal(signals.exits, signals.short_entries)
    assert np.array_equal(signals.short_exits, signals.entries)
    assert np.argwhere(signals.exits).tolist() == [[0, 0], [2, 1], [3, 0], [3, 1]]


def test_a_frame_may_be_short_only() -> None:
    """Without long entries nothing is bought."""
    signals = from_function(lambda frame: pd.DataFrame({"short_entries": frame["close"] > 0.0})).signals(PANEL)
    assert not signals.entries.any()
    assert not signals.exits.any()
    assert signals.short_entries is not None
    assert np.array_equal(signals.short_entries, PANEL.traded)
    assert signals.short_exits is None


@every_kind
def test_target_weights_leave_alone_what_is_missing(kind: FrameKind) -> None:
    """Numbers are weights, null and NaN are none; whole numbers are numbers."""
    weights = weights_from_function(answering(kind, [0.5, None, -1.0, 0.0]), frame=kind).weights(PANEL)
    assert np.array_equal(weights[:, 0], [0.5, GAP, GAP, -1.0, 0.0], equal_nan=True)
    assert np.array_equal(weights[:, 1], [GAP, GAP, 0.5, GAP, GAP], equal_nan=True)
    assert np.isnan(weights[:, 2]).all()
    whole = weights_from_function(answering(kind, [1, -1, 0, 1]), frame=kind).weights(PANEL)
    assert np.array_equal(whole[:, 0], [1.0, GAP, -1.0, 0.0, 1.0], equal_nan=True)
    array = weights_from_function(lambda frame: np.ones(len(frame)), frame=kind).weights(PANEL)
    assert np.array_equal(array == 1.0, PANEL.traded)


def test_the_contract_is_kept_by_a_function_that_keeps_it() -> None:
    """The kit has nothing to say against averages of the past, and finds the mean of a whole column."""
    testing = pytest.importorskip("strategy_orchestrator.testing")
    for kind in KINDS:
        testing.check_strategy(lambda kind=kind: from_function(RISING[kind], frame=kind))
    testing.check_strategy(lambda: weights_from_function(lambda frame: frame["close"].pct_change().clip(-1.0, 1.0)))
    with pytest.raises(AssertionError, match=r"Row t may use bars up to t only\."):
        testing.check_strategy(lambda: from_function(lambda frame: frame["close"] > frame["close"].mean()))


@pytest.mark.parametrize("n_bars", [0, 1])
@every_kind
def test_a_panel_of_next_to_nothing_gets_an_answer(kind: FrameKind, n_bars: int) -> None:
    """Without a bar the function is not called."""
    assert from_function(RISING[kind], frame=kind).signals(PANEL.until(n_bars)).entries.shape == (n_bars, 3)
    weights = weights_from_function(answering(kind, [0.5]), frame=kind).weights(PANEL.until(n_bars))
    assert weights.shape == (n_bars, 3)


def test_a_function_cannot_spoil_the_panel() -> None:
    """Its frame has memory of its own."""

    def spoil(frame: Any) -> object:
        frame.loc[:, "close"] = 1.0
        return frame["close"] > 0.0

    from_function(spoil).signals(PANEL)
    assert PANEL.close[0, 0] == 10.0


def failing(frame: Any) -> object:
    """Ask for a column that is not there, from the fourth bar on."""
    return frame["clos"] if len(frame) < 4 else frame["close"] > 0.0


def test_a_function_that_raises_is_named_with_its_symbol_and_line() -> None:
    """What it raised is the cause."""
    with pytest.raises(StrategyError) as caught:
        from_function(failing).signals(PANEL)
    line = failing.__code__.co_firstlineno + 2
    assert str(caught.value) == (
        f"function 'failing', symbol 'B': KeyError: 'clos' ({__file__}, line {line}). Correct the function."
    )
    assert isinstance(caught.value.__cause__, KeyError)


def test_pandas_is_asked_for_by_name_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line to type is in the message."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"Run: pip install 'orchestrator-frames\[pandas\]', or use frame"):
        from_function(failing).signals(PANEL)


def above(frame: Any, level: float, *, factor: float = 1.0) -> object:
    """Tell where the close is above a level."""
    return frame["close"] > level * factor


def anything(frame: Any, **levels: float) -> object:
    """Tell where the close is above the sum of all levels."""
    return frame["close"] > sum(levels.values())


def test_arguments_are_handed_on() -> None:
    """By name, positional or not; a partial function has them already."""
    expected = [[2, 0], [4, 0]]
    for function, arguments in (
        (above, {"level": 5.25, "factor": 2.0}),
        (functools.partial(above, level=10.5), None),
        (anything, {"one": 10.0, "another": 0.5}),
    ):
        wrapped = from_function(function, arguments=arguments)
        assert np.argwhere(wrapped.signals(PANEL).entries).tolist() == expected


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        (
            above,
            {"levle": 1.0},
            "function 'above', arguments: no argument is called 'levle'; known: 'factor', 'level'.",
        ),
        (
            above,
            {},
            "it takes (frame: 'Any', level: 'float', *, factor: 'float' = 1.0) -> 'object': missing a required",
        ),
        (lambda: True, {}, "a lambda: it takes (): too many positional arguments."),
        ("above", {}, "function: a str was given; expected a function."),
    ],
)
def test_a_function_that_cannot_be_called_is_refused_at_once(function: Any, arguments: Any, words: str) -> None:
    """Names of arguments are checked before any bar is seen."""
    for make in (from_function, weights_from_function):
        with pytest.raises(ConfigError) as caught:
            make(function, arguments=arguments)
        assert words in str(caught.value)


def test_a_function_that_does_not_tell_its_arguments_is_taken_as_it_is() -> None:
    """Some functions written in C have no signature."""
    assert from_function(max).label == "max"


def test_an_unknown_kind_of_frame_is_refused() -> None:
    """The nearest one is named."""
    with pytest.raises(
        ConfigError, match=r"no kind of frame is called 'panda'; known: 'pandas', 'polars'\. Did you mean"
    ):
        from_function(above, frame="panda")  # type: ignore[arg-type]  # what somebody might type


@pytest.mark.parametrize(
    ("function", "label", "expected"),
    [
        (failing, None, "failing"),
        (functools.partial(above, level=1.0), None, "above"),
        (lambda frame: frame["close"] > 1.0, None, None),
        (failing, "mine", "mine"),
    ],
)
def test_a_strategy_is_called_like_its_function(function: Any, label: str | None, expected: str | None) -> None:
    """A label replaces the name; a lambda has none."""
    assert from_function(function, label=label).label == expected
    assert weights_from_function(function, label=label).label == expected


STOPS = ProtectiveExits(stop_loss=Decimal("0.1"))


@signal_strategy(frame="polars", label="up", protective_exits=STOPS, warmup_bars=3)
def decorated(frame: Any) -> object:
    """Tell where the close is above 10.5."""
    return frame["close"] > 10.5


@weight_strategy(frame="polars", label="half", protective_exits=STOPS, warmup_bars=3)
def weighed(frame: Any) -> object:
    """Return one half for each bar."""
    return frame["close"] * 0.0 + 0.5


@pytest.mark.parametrize("strategy", [decorated, weighed])
def test_a_decorator_leaves_a_strategy(strategy: Any) -> None:
    """It has what was asked for, and can still be called with a frame."""
    assert (strategy.protective_exits, strategy.warmup_bars) == (STOPS, 3)
    frame = pl.DataFrame({"close": [10.0, 11.0]})
    assert list(strategy(frame)) == list(strategy.source.function(frame))
    assert isinstance(decorated, SignalStrategy)
    assert isinstance(weighed, WeightStrategy)
    assert decorated.label == "up"
    assert weighed.label == "half"


@pytest.mark.parametrize("strategy", [from_function(failing, label="mine"), weights_from_function(failing)])
def test_a_strategy_can_be_sent_to_another_process(strategy: Any) -> None:
    """A function goes by its name, what else it has goes along."""
    for twin in (pickle.loads(pickle.dumps(strategy)), copy.deepcopy(strategy)):  # noqa: S301  # our own bytes
        assert type(twin) is type(strategy)
        assert (twin.source.function, twin.label) == (failing, strategy.label)


def test_a_decorated_function_can_be_sent_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes by the name under which its module holds the strategy."""
    module = types.ModuleType("kept_signals")
    text = "from orchestrator_frames import signal_strategy\n@signal_strategy()\ndef up(frame): return frame.close > 1"
    exec(text, module.__dict__)  # noqa: S102  # a module as a file would make it
    monkeypatch.setitem(sys.modules, "kept_signals", module)
    strategy = module.__dict__["up"]
    assert pickle.loads(pickle.dumps(strategy)) is strategy  # noqa: S301  # our own bytes
    assert isinstance(strategy, FunctionSignals)


def test_both_forms_are_told_apart() -> None:
    """The engine asks signals of the one and weights of the other."""
    assert not hasattr(from_function(failing), "weights")
    assert not hasattr(weights_from_function(failing), "signals")
    assert isinstance(weights_from_function(failing), FunctionWeights)
