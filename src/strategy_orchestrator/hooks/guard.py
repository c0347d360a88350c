"""The guard around the code of plug-ins: whatever it raises becomes one of our errors, in one line.

Besides `cli/__init__.py` this is the one place that catches everything.
"""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final, TypeVar

from strategy_orchestrator.errors import Fault, OrchestratorError, PluginError

Value = TypeVar("Value")

REMEDY: Final = "Report it to the authors of the plug-in"
"""What to do about a plug-in that misbehaves."""

_MOST_SHOWN: Final = 300
_PACKAGE: Final = str(Path(__file__).resolve().parent.parent)
_BUILTIN: Final = str(Path(_PACKAGE, "builtin"))
_STDLIB: Final = str(Path(os.__file__).resolve().parent)
_SITES: Final = ("site-packages", "dist-packages")
_MESSENGERS: Final = frozenset({"importlib_metadata", "pluggy", "pydantic", "pydantic_core"})


def guarded(
    call: Callable[[], Value],
    where: str | Callable[[], str],
    remedy: str = REMEDY,
    error: type[OrchestratorError] = PluginError,
    passing: tuple[type[BaseException], ...] = (KeyboardInterrupt,),
    value: object | Callable[[], object] = None,
) -> Value:
    """Call the code of a plug-in.

    Parameters
    ----------
    call : callable
        Calls it.
    where : str or callable
        Who is called and for what, for instance "resolver 'vote' (orchestrator-resolvers 0.1.0), 'AAPL', 2020-01-02";
        called when it is needed, where that is costly or known only then.
    remedy : str
        What to do when it raises.
    error : type
        What is raised then.
    passing : tuple of type
        What is let through as it is.
    value : object or callable
        The fault's `value`, called as `where` is.

    Raises
    ------
    OrchestratorError
        Of the type `error`, with what was raised as its cause, be it `SystemExit`.
    """
    try:
        return call()
    except passing:
        raise
    except BaseException as cause:  # a plug-in may raise anything, and must not end the program
        place = where if isinstance(where, str) else where()
        raise error(Fault(place, described(cause), remedy, value() if callable(value) else value)) from cause


def described(cause: BaseException) -> str:
    """Say in one line what was raised, and in which file and line of the plug-in."""
    if isinstance(cause, OrchestratorError):
        text = str(cause)
    elif isinstance(cause, SystemExit):
        text = f"it asked to end the program, SystemExit({_text(cause.code)})"
    else:
        text = f"{type(cause).__name__}: {_text(cause)}".removesuffix(": ")
    place = place_of(cause)
    return printable(text) + (f" ({place})" if place else "")


def place_of(cause: BaseException) -> str:
    """Return file and line of the plug-in from which an exception came, or "" when it was not in its code.

    That is the innermost frame in the package that was called first; frames of ours, of the standard library and of
    the libraries through which we call do not count.
    """
    if isinstance(cause, SyntaxError) and isinstance(cause.filename, str):
        return f"{cause.filename}, line {cause.lineno}"
    frames = [(frame, line) for frame, line in traceback.walk_tb(cause.__traceback__) if _is_foreign(frame)]
    if not frames:
        return ""
    package = _package(frames[0][0])
    frame, line = next(pair for pair in reversed(frames) if _package(pair[0]) == package)
    return f"{frame.f_code.co_filename}, line {line}"


def place_of_function(function: object) -> str:
    """Return " (file, line n)" of a function, or "" when it has no source."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    return "" if code is None else f" ({code.co_filename}, line {code.co_firstlineno})"


def one_line(text: str) -> str:
    """Return text as one line that a terminal shows as it is."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def is_foreign(file: str) -> bool:
    """Tell whether a file of code belongs to a plug-in, which the built-in one is too."""
    if file.startswith("<frozen "):
        return False
    if _is_in(file, _PACKAGE):
        return _is_in(file, _BUILTIN)
    return not _is_in(file, _STDLIB) or any(f"{os.sep}{site}{os.sep}" in file for site in _SITES)


def printable(text: str) -> str:
    """Return text as one line that a terminal shows as it is, and not too much of it."""
    line = one_line(text)
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}..."


def shown(value: object) -> str:
    """Return what a plug-in returned as an error shows it; how it is written may be code of the plug-in too."""
    try:
        return printable(repr(value))
    except BaseException:  # noqa: BLE001  # it may raise anything
        return f"a {type(value).__name__} that cannot be shown"


def _text(value: object) -> str:
    try:
        return str(value)
    except BaseException:  # noqa: BLE001  # the words of an exception are code of the plug-in too
        return "its message cannot be read"


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", frame.f_code.co_filename)).partition(".")[0]


def _is_foreign(frame: FrameType) -> bool:
    return _package(frame) not in _MESSENGERS and is_foreign(frame.f_code.co_filename)


def _is_in(file: str, folder: str) -> bool:
    return file.startswith(folder + os.sep)
