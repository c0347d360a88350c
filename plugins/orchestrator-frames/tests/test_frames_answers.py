"""Answers that are refused, each in one line that says what was found and what is expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from orchestrator_frames import from_function, weights_from_function
from strategy_orchestrator import Panel, StrategyError

CLOSE = np.array([[10.0], [11.0], [10.0], [12.0]])
DAYS = np.array(["2021-03-01", "2021-03-02", "2021-03-03", "2021-03-04"], "datetime64[ns]")
PANEL = Panel.from_arrays(DAYS, ["A"], open=CLOSE, high=CLOSE, low=CLOSE, close=CLOSE)

WRONG_SIGNALS: dict[str, tuple[Callable[[Any], object], str]] = {
    "nothing": (lambda _: None, "nothing was returned; expected a bool Series, in the market or out, or a frame"),
    "one value": (lambda _: True, "a bool was returned; expected a bool Series"),
    "an expression": (lambda _: pl.col("close") > 1.0, "a Expr was returned; expected a bool Series"),
    "a table": (lambda _: np.ones((2, 2), np.bool_), "an array of shape (2, 2) was returned; expected a bool Series"),
    "numbers": (lambda frame: frame["close"], "a Series of Float64 was returned; expected bool. Compare"),
    "an array of numbers": (lambda frame: np.ones(len(frame)), "an array of float64 was returned; expected bool"),
    "numbers among objects": (
        lambda frame: pd.Series([True, 2, None, True][: len(frame)], index=frame.index, dtype=object),
        "a Series of Object was returned; expected bool",
    ),
    "too short": (lambda frame: (frame["close"] > 1.0)[1:], "3 rows were returned; expected 4, one for each bar"),
    "turned round": (lambda frame: (frame["close"] > 1.0)[::-1], "the index of what was returned is not that of"),
    "a short frame": (lambda _: pd.DataFrame({"entries": [True]}), "1 rows were returned; expected 4"),
    "a misspelt column": (
        lambda frame: pd.DataFrame({"entries": frame["close"] > 1.0, "exit": frame["close"] > 1.0}),
        "no column is called 'exit'; known: 'entries', 'exits', 'short_entries', 'short_exits'. Did you mean 'exits'?",
    ),
    "more than signals": (
        lambda frame: frame.assign(entries=frame["close"] > 1.0),
        "no column is called 'open'; known: 'entries', 'exits', 'short_entries', 'short_exits'. Return the columns of",
    ),
    "exits alone": (
        lambda frame: pd.DataFrame({"exits": frame["close"] > 1.0}),
        "a frame without 'entries' or 'short_entries' was returned. Say when to enter.",
    ),
    "numbers in a column": (
        lambda frame: pd.DataFrame({"entries": frame["close"]}),
        "symbol 'A', column 'entries': a Series of Float64 was returned; expected bool",
    ),
}
WRONG_WEIGHTS: dict[str, tuple[Callable[[Any], object], str]] = {
    "nothing": (lambda _: None, "nothing was returned; expected a Series of target weights"),
    "a frame": (lambda frame: frame, "a DataFrame was returned; expected a Series of target weights"),
    "bool": (
        lambda frame: frame["close"] > 1.0,
        "a Series of Boolean was returned; expected numbers. Signals are wrapped by from_function.",
    ),
    "an array of bool": (
        lambda frame: np.ones(len(frame), np.bool_),
        "an array of bool was returned; expected numbers. Signals are wrapped by from_function.",
    ),
    "text": (lambda frame: np.full(len(frame), "a"), "an array of <U1 was returned; expected numbers."),
    "too much": (
        lambda frame: frame["close"] / 10.0,
        "the weight of bar 1 is 1.1; expected a share of the sleeve from",
    ),
    "without end": (lambda frame: frame["close"] * -np.inf, "the weight of bar 0 is -inf; expected a share"),
}


@pytest.mark.parametrize(("function", "words"), WRONG_SIGNALS.values(), ids=WRONG_SIGNALS)
def test_what_is_no_signal_is_refused(function: Callable[[Any], object], words: str) -> None:
    """One line names function, symbol, what was found and what is expected."""
    with pytest.raises(StrategyError) as caught:
        from_function(function).signals(PANEL)
    assert str(caught.value).startswith("a lambda, symbol 'A'")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("function", "words"), WRONG_WEIGHTS.values(), ids=WRONG_WEIGHTS)
def test_what_is_no_weight_is_refused(function: Callable[[Any], object], words: str) -> None:
    """One line names function, symbol, what was found and what is expected."""
    with pytest.raises(StrategyError) as caught:
        weights_from_function(function).weights(PANEL)
    assert str(caught.value).startswith("a lambda, symbol 'A'")
    assert words in str(caught.value)
