"""Functions that a run file names: only where whoever starts the run allows it, and only what a module itself holds."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from orchestrator_frames import FunctionSignals, FunctionWeights
from orchestrator_frames.named import MODULES_VARIABLE, named_signals, named_weights
from orchestrator_frames.parameters import NamedFunctionParameters
from orchestrator_frames.plugin import orchestrator_strategies
from strategy_orchestrator import ConfigError, Panel

MODULE = """
from os import getcwd
import functools
from orchestrator_frames import signal_strategy, weight_strategy

constant = 5
cross_5 = functools.partial(print)

def above(frame, level=10.0):
    return frame["close"] > level

@signal_strategy(frame="polars", label="polar", warmup_bars=2)
def above_in_polars(frame, level=10.0):
    return frame["close"].cast(float) > level

@weight_strategy(frame="polars")
def half(frame):
    return frame["close"] * 0.0 + 0.5
"""
CLOSE = np.array([[9.0], [11.0], [13.0]])
PANEL = Panel.from_arrays(
    np.array(["2021-03-01", "2021-03-02", "2021-03-03"], "datetime64[ns]"),
    ["A"],
    open=CLOSE,
    high=CLOSE,
    low=CLOSE,
    close=CLOSE,
)


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put modules where Python finds them, allow them, and forget them afterwards."""
    folder = tmp_path / "site"
    (folder / "kept").mkdir(parents=True)
    (folder / "kept_signals.py").write_text(MODULE, encoding="utf-8")
    (folder / "kept" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "kept" / "inner.py").write_text(MODULE, encoding="utf-8")
    (folder / "broken_signals.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv(MODULES_VARIABLE, "kept_signals, kept.inner,broken_signals,no_such_signals,sys,made_by_hand")
    monkeypatch.setitem(sys.modules, "made_by_hand", types.ModuleType("made_by_hand"))
    yield folder
    for name in ("kept_signals", "kept", "kept.inner", "broken_signals"):
        sys.modules.pop(name, None)


def entered(strategy: FunctionSignals) -> list[int]:
    """Return the bars at which the only symbol is entered."""
    return np.flatnonzero(strategy.signals(PANEL).entries).tolist()


@pytest.mark.parametrize("module", ["kept_signals", "kept.inner"])
def test_a_function_of_an_allowed_module_becomes_a_strategy(module: str) -> None:
    """Plain functions get pandas frames unless polars is asked for; arguments are handed on."""
    assert entered(named_signals(f"{module}:above", None, {})) == [1, 2]
    assert entered(named_signals(f"{module}:above", "polars", {"level": 12.0})) == [2]
    assert named_signals(f"{module}:above", None, {}).label == "above"
    assert named_signals(f"{module}:above", None, {}).source.frame == "pandas"


def test_a_decorated_function_keeps_what_its_decorator_says() -> None:
    """Kind of frame, label and warm-up; arguments of the file come on top."""
    strategy = named_signals("kept_signals:above_in_polars", None, {"level": 12.0})
    assert (strategy.source.frame, strategy.label, strategy.warmup_bars) == ("polars", "polar", 2)
    assert entered(strategy) == [2]
    weights = named_weights("kept_signals:half", None, {})
    assert weights.weights(PANEL).ravel().tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "kept_signals:above",
            "the module 'kept_signals' is not among those that a run file may name. If you trust it",
        ),
        ("os:system", "start the run with ORCHESTRATE_FRAMES_MODULES=os in the environment."),
    ],
)
@pytest.mark.parametrize("allowed", [None, "", "kept", "kept_signals.py,KEPT_SIGNALS"])
def test_nothing_is_imported_that_is_not_allowed(
    name: str, words: str, allowed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable no module can be named; a package does not stand for what is in it."""
    monkeypatch.delenv(MODULES_VARIABLE)
    if allowed is not None:
        monkeypatch.setenv(MODULES_VARIABLE, allowed)
    with pytest.raises(ConfigError) as caught:
        named_signals(name, None, {})
    assert words in str(caught.value)
    assert "kept_signals" not in sys.modules


def test_a_module_in_the_current_folder_is_not_taken(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have come along with the run file; packages, too."""
    monkeypatch.chdir(installed)
    for name, module in (("kept_signals:above", "kept_signals"), ("kept.inner:above", "kept")):
        with pytest.raises(
            ConfigError, match=f"the module '{module}' lies in the current folder, which is not searched"
        ):
            named_signals(name, None, {})
        assert module not in sys.modules


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_signals:above", "no module 'no_such_signals' is installed. Install it: a path cannot be given."),
        ("made_by_hand:above", "no module 'made_by_hand' is installed"),
        ("broken_signals:above", "function 'broken_signals:above': it asked to end the program, SystemExit(0)"),
        (
            "kept_signals:abov",
            "no function of 'kept_signals' is called 'abov'; known: 'above', 'above_in_polars', 'half'.",
        ),
        ("kept_signals:getcwd", "no function of 'kept_signals' is called 'getcwd'"),
        ("kept_signals:signal_strategy", "no function of 'kept_signals' is called 'signal_strategy'"),
        ("kept_signals:constant", "no function of 'kept_signals' is called 'constant'"),
        ("kept_signals:cross_5", "no function of 'kept_signals' is called 'cross_5'"),
        ("sys:exit", "no function of 'sys' is called 'exit'"),
        ("kept_signals:half", "it makes target weights. Use the strategy 'function-weights' for it."),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(name: str, words: str) -> None:
    """Of a module only its own functions count."""
    with pytest.raises(ConfigError) as caught:
        named_signals(name, None, {})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_signals_are_no_weights() -> None:
    """The strategy that fits is named."""
    with pytest.raises(ConfigError, match=r"it makes signals\. Use the strategy 'function' for it\."):
        named_weights("kept_signals:above_in_polars", None, {})


def test_arguments_are_checked_when_the_run_file_is_read() -> None:
    """The nearest name is offered."""
    with pytest.raises(ConfigError, match=r"no argument is called 'levle'; known: 'level'\. Did you mean 'level'\?"):
        named_signals("kept_signals:above", None, {"levle": 1.0})


@pytest.mark.parametrize(
    "options",
    [
        {"function": "kept_signals"},
        {"function": "./kept_signals.py:above"},
        {"function": "/home/kept_signals:above"},
        {"function": "..kept:above"},
        {"function": "kept_signals:above.__globals__"},
        {"function": "kept_signals:above", "frame": "arrow"},
        {"function": "kept_signals:above", "arguments": {"level": [1.0]}},
        {"function": "kept_signals:above", "arguments": {"level": float("nan")}},
        {"function": "kept_signals:above", "path": "."},
        {},
    ],
)
def test_options_out_of_bounds_are_refused(options: Any) -> None:
    """A function is module:function, neither a path nor an attribute of an attribute."""
    with pytest.raises(ValidationError):
        NamedFunctionParameters.model_validate(options)


@pytest.mark.parametrize("value", [True, 3, 2.5, "text"])
def test_arguments_keep_their_types(value: object) -> None:
    """True stays True and 3 stays 3."""
    options = NamedFunctionParameters.model_validate({"function": "a:b", "arguments": {"x": value}})
    assert options.arguments == {"x": value}
    assert type(options.arguments["x"]) is type(value)
    assert options.frame is None


def test_the_plugin_offers_both_forms() -> None:
    """Each with described options."""
    specs = {spec.name: spec for spec in orchestrator_strategies()}
    assert sorted(specs) == ["function", "function-weights"]
    made = {
        name: spec.factory(**dict(NamedFunctionParameters(function=f"kept_signals:{function}")))
        for (name, spec), function in zip(sorted(specs.items()), ("above", "half"), strict=True)
    }
    assert isinstance(made["function"], FunctionSignals)
    assert isinstance(made["function-weights"], FunctionWeights)
    for spec in specs.values():
        assert spec.parameters is NamedFunctionParameters
        assert all(field.description for field in NamedFunctionParameters.model_fields.values())
