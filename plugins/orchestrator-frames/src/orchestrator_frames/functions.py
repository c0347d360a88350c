"""A function together with the frame it wants and the arguments it gets."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

import numpy as np

from orchestrator_frames.frames import FrameKind, frame_of
from strategy_orchestrator import ConfigError, Panel, StrategyError
from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.errors import Fault, unknown_name
from strategy_orchestrator.hooks.guard import guarded

_NAMED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a function said of one symbol.

    Attributes
    ----------
    column : int
        The symbol.
    rows : ndarray
        int64, shape (K,): where its bars are on the panel's time axis.
    frame : DataFrame
        What the function was given.
    value : object
        What it returned.
    where : str
        Function and symbol, for errors.
    """

    column: int
    rows: IntArray
    frame: Any
    value: object
    where: str


@dataclass(frozen=True, eq=False)
class FrameFunction:
    """A function of a frame, checked for what it takes.

    Parameters
    ----------
    function : callable
        Takes a frame as its first argument.
    frame : {"pandas", "polars"}
        What kind.
    arguments : mapping
        What it takes besides, by name.

    Raises
    ------
    ConfigError
        If it is no function, or does not take the frame and the arguments.
    """

    function: Callable[..., object]
    frame: FrameKind
    arguments: Mapping[str, object]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ConfigError(Fault("function", f"a {type(self.function).__name__} was given; expected a function"))
        if self.frame not in get_args(FrameKind):
            raise ConfigError(
                unknown_name(f"{self.where}, frame", "kind of frame", str(self.frame), get_args(FrameKind))
            )
        _check_arguments(self)

    @property
    def name(self) -> str:
        """What the function is called; empty for a lambda."""
        function = self.function
        while isinstance(function, functools.partial):
            function = function.func
        name = str(getattr(function, "__name__", type(function).__name__))
        return "" if name == "<lambda>" else name

    @property
    def where(self) -> str:
        """The function in messages."""
        return f"function {self.name!r}" if self.name else "a lambda"

    def ask(self, panel: Panel) -> Iterator[Answer]:
        """Call the function for each symbol that has bars, with all of them.

        Raises
        ------
        StrategyError
            If the function raises, with what it raised as the cause.
        MissingExtraError
            If pandas is wanted and not installed.
        """
        for column, symbol in enumerate(panel.symbols):
            rows = np.flatnonzero(panel.traded[:, column])
            if not len(rows):
                continue
            frame = frame_of(panel, column, rows, self.frame)
            where = f"{self.where}, symbol {symbol!r}"
            # Not a lambda: the first line of a plug-in that the guard meets is to be the function's own.
            call = functools.partial(self.function, frame, **self.arguments)
            value = guarded(call, where, "Correct the function", error=StrategyError)
            yield Answer(column, rows, frame, value, where)


def _check_arguments(function: FrameFunction) -> None:
    try:
        signature = inspect.signature(function.function)
    except (TypeError, ValueError):
        # Some functions written in C do not tell.
        return
    places = list(signature.parameters.values())
    takes_any = any(place.kind is inspect.Parameter.VAR_KEYWORD for place in places)
    known = [place.name for place in places[1:] if place.kind in _NAMED]
    unknown = [] if takes_any else sorted(set(function.arguments) - set(known))
    if unknown:
        where = f"{function.where}, arguments"
        raise ConfigError([unknown_name(where, "argument", name, known) for name in unknown])
    try:
        signature.bind(None, **function.arguments)
    except TypeError as error:
        taken = f"it takes {signature}: {error}"
        raise ConfigError(Fault(function.where, taken, "It is called with a frame and the arguments")) from None
