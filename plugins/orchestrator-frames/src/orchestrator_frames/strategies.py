"""Strategies made of plain functions, and the ways to make them.

The function is called once for each symbol, with the whole history, before the first bar is traded. So it can look
ahead, and must not: what it says of a bar may depend on that bar and earlier ones only. `rolling`, `ewm`, `cumsum` and
`shift(1)` are safe; `shift(-1)`, centered windows, and the mean or the maximum of a whole column are not. The checks
of `strategy_orchestrator.testing` find a function that does.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from orchestrator_frames.answers import COLUMNS, marks_of, weights_of
from orchestrator_frames.frames import FrameKind
from orchestrator_frames.functions import FrameFunction
from strategy_orchestrator import Panel, ProtectiveExits, Signals, SignalStrategy, WeightStrategy
from strategy_orchestrator.arrays import BoolArray, FloatArray


class FunctionStrategy:
    """What strategies of both forms have in common.

    Parameters
    ----------
    source : FrameFunction
        The function, its frame and its arguments.
    label : str, optional
        Begins the strategy's id; the name of the function unless given.
    protective_exits : ProtectiveExits, optional
        Levels at which the kernel leaves by itself.
    warmup_bars : int
        Leading bars at which nothing is done.
    """

    def __init__(
        self,
        source: FrameFunction,
        label: str | None = None,
        protective_exits: ProtectiveExits | None = None,
        warmup_bars: int = 0,
    ) -> None:
        self.source = source
        self.label = label or source.name or None
        self.protective_exits = protective_exits
        self.warmup_bars = warmup_bars

    def __call__(self, frame: Any) -> object:
        """Call the function as it was written, with the arguments, for instance to look at what it says."""
        return self.source.function(frame, **self.source.arguments)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle a decorated function by its name, for under that name its module holds this and not the function."""
        module = str(getattr(self.source.function, "__module__", ""))
        name = str(getattr(self.source.function, "__name__", ""))
        # __main__ is another module in another process.
        if module != "__main__" and getattr(sys.modules.get(module), name, None) is self:
            return _load, (module, name)
        return super().__reduce_ex__(protocol)


class FunctionSignals(FunctionStrategy, SignalStrategy):
    """Signals from a function; `from_function` makes one."""

    def signals(self, panel: Panel) -> Signals:
        """Call the function for each symbol and align what it returns."""
        marks: dict[str, BoolArray] = {name: np.zeros(panel.traded.shape, np.bool_) for name in COLUMNS[:2]}
        for answer in self.source.ask(panel):
            for name, flags in marks_of(answer.value, answer.frame, answer.where).items():
                marks.setdefault(name, np.zeros(panel.traded.shape, np.bool_))[answer.rows, answer.column] = flags
        return Signals(**marks)


class FunctionWeights(FunctionStrategy, WeightStrategy):
    """Target weights from a function; `weights_from_function` makes one."""

    def weights(self, panel: Panel) -> FloatArray:
        """Call the function for each symbol and align what it returns."""
        weights = np.full(panel.traded.shape, np.nan)
        for answer in self.source.ask(panel):
            weights[answer.rows, answer.column] = weights_of(answer.value, answer.frame, answer.where)
        return weights


def from_function(
    function: Callable[..., object],
    *,
    frame: FrameKind = "pandas",
    arguments: Mapping[str, object] | None = None,
    label: str | None = None,
    protective_exits: ProtectiveExits | None = None,
    warmup_bars: int = 0,
) -> FunctionSignals:
    """Make a strategy of a function that says when to be in the market.

    Parameters
    ----------
    function : callable
        Called for each symbol with a frame of its bars (see `frame_of`) and the arguments. It returns a bool Series,
        in the market or out, or a frame with bool columns `entries`, `exits`, `short_entries` and `short_exits`, of
        which one of the entries must be there. It must not look ahead.
    frame : {"pandas", "polars"}
        The kind of frame.
    arguments : mapping, optional
        What the function takes besides, by name.
    label : str, optional
        Begins the strategy's id; the name of the function unless given.
    protective_exits : ProtectiveExits, optional
        Levels at which the kernel leaves by itself.
    warmup_bars : int
        Leading bars at which nothing is done.

    Raises
    ------
    ConfigError
        If it is no function, or does not take the frame and the arguments.

    Examples
    --------
    >>> def rising(frame, n_bars=1):
    ...     return frame["close"] > frame["close"].shift(n_bars)
    >>> from_function(rising, arguments={"n_bars": 5}).label
    'rising'
    """
    return FunctionSignals(FrameFunction(function, frame, dict(arguments or {})), label, protective_exits, warmup_bars)


def weights_from_function(
    function: Callable[..., object],
    *,
    frame: FrameKind = "pandas",
    arguments: Mapping[str, object] | None = None,
    label: str | None = None,
    protective_exits: ProtectiveExits | None = None,
    warmup_bars: int = 0,
) -> FunctionWeights:
    """Make a strategy of a function that says which share of the sleeve a symbol is to have.

    Parameters
    ----------
    function : callable
        Called for each symbol with a frame of its bars (see `frame_of`) and the arguments. It returns a Series of
        target weights from −1 to 1, missing where the position is to be left as it is. It must not look ahead.
    frame, arguments, label, protective_exits, warmup_bars
        As in `from_function`.

    Raises
    ------
    ConfigError
        If it is no function, or does not take the frame and the arguments.
    """
    return FunctionWeights(FrameFunction(function, frame, dict(arguments or {})), label, protective_exits, warmup_bars)


def signal_strategy(
    *,
    frame: FrameKind = "pandas",
    label: str | None = None,
    protective_exits: ProtectiveExits | None = None,
    warmup_bars: int = 0,
) -> Callable[[Callable[..., object]], FunctionSignals]:
    """Put the strategy that `from_function` makes in the place of the function below; it can still be called.

    Parameters
    ----------
    frame, label, protective_exits, warmup_bars
        As in `from_function`.
    """
    return lambda function: from_function(
        function, frame=frame, label=label, protective_exits=protective_exits, warmup_bars=warmup_bars
    )


def weight_strategy(
    *,
    frame: FrameKind = "pandas",
    label: str | None = None,
    protective_exits: ProtectiveExits | None = None,
    warmup_bars: int = 0,
) -> Callable[[Callable[..., object]], FunctionWeights]:
    """Put the strategy that `weights_from_function` makes in the place of the function below; it can still be called.

    Parameters
    ----------
    frame, label, protective_exits, warmup_bars
        As in `from_function`.
    """
    return lambda function: weights_from_function(
        function, frame=frame, label=label, protective_exits=protective_exits, warmup_bars=warmup_bars
    )


def _load(module: str, name: str) -> object:
    return getattr(importlib.import_module(module), name)
