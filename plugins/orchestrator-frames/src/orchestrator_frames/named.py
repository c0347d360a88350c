"""Functions that a run file names.

To name a module is to run its code. A run file may come from somebody else, so it cannot name any: whoever starts the
run lists the modules in the environment variable `ORCHESTRATE_FRAMES_MODULES`, separated by commas, outside of the
file. A module is found where Python finds installed ones, never by a path, and never in the current folder, where a
file of the same name may have come along with the run file. Of the module only its own functions can be named, not what
it imports. `orchestrate plugins lock` does not cover such modules: leave the variable unset where a lock is to hold,
and offer the function from a wheel.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from orchestrator_frames.frames import FrameKind
from orchestrator_frames.functions import FrameFunction
from orchestrator_frames.strategies import FunctionSignals, FunctionStrategy, FunctionWeights
from strategy_orchestrator import ConfigError
from strategy_orchestrator.errors import Fault, unknown_name
from strategy_orchestrator.hooks.guard import guarded

MODULES_VARIABLE: Final = "ORCHESTRATE_FRAMES_MODULES"

Argument = bool | int | float | str
Made = TypeVar("Made", bound=FunctionStrategy)


def named_signals(function: str, frame: FrameKind | None, arguments: dict[str, Argument]) -> FunctionSignals:
    """Make signals of a named function.

    Parameters
    ----------
    function : str
        `module:function`; a plain function, or what `signal_strategy` made of one.
    frame : {"pandas", "polars"} or None
        The kind of frame; that of the decorator, or pandas, unless given.
    arguments : dict
        What the function takes besides, by name.

    Raises
    ------
    ConfigError
        If the module may not be named, cannot be imported, or has no such function, or the function does not take the
        arguments.
    """
    return _made(FunctionSignals, function, frame, arguments)


def named_weights(function: str, frame: FrameKind | None, arguments: dict[str, Argument]) -> FunctionWeights:
    """Make target weights of a named function; see `named_signals`."""
    return _made(FunctionWeights, function, frame, arguments)


def _made(form: type[Made], name: str, frame: FrameKind | None, arguments: dict[str, Argument]) -> Made:
    where = f"function {name!r}"
    found = _find(name, where)
    if isinstance(found, form):
        source = FrameFunction(
            found.source.function, frame or found.source.frame, {**found.source.arguments, **arguments}
        )
        return form(source, found.label, found.protective_exits, found.warmup_bars)
    if isinstance(found, FunctionStrategy):
        kinds = ("function", "function-weights")
        other = kinds[form is FunctionSignals]
        raise ConfigError(Fault(where, f"it makes {_form_word(found)}", f"Use the strategy {other!r} for it"))
    return form(FrameFunction(found, frame or "pandas", arguments))


def _form_word(strategy: FunctionStrategy) -> str:
    return "signals" if isinstance(strategy, FunctionSignals) else "target weights"


def _find(name: str, where: str) -> Any:
    module_name, _, function_name = name.partition(":")
    _check_allowed(module_name, where)
    _check_place(module_name, where)
    module = guarded(partial(importlib.import_module, module_name), where, "Correct the module", error=ConfigError)
    own = {key: value for key, value in vars(module).items() if _is_own(value, module_name)}
    if function_name not in own:
        raise ConfigError(unknown_name(where, f"function of {module_name!r}", function_name, own))
    return own[function_name]


def _is_own(value: object, module: str) -> bool:
    function = value.source.function if isinstance(value, FunctionStrategy) else value
    return inspect.isfunction(function) and function.__module__ == module


def _check_allowed(module: str, where: str) -> None:
    allowed = {part.strip() for part in os.environ.get(MODULES_VARIABLE, "").split(",")}
    if module not in allowed:
        problem = f"the module {module!r} is not among those that a run file may name"
        remedy = f"If you trust it, start the run with {MODULES_VARIABLE}={module} in the environment"
        raise ConfigError(Fault(where, problem, remedy, module))


def _check_place(module: str, where: str) -> None:
    top = module.partition(".")[0]
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise ConfigError(Fault(where, f"no module {top!r} is installed", "Install it: a path cannot be given", module))
    files = spec.submodule_search_locations or ([spec.origin] if spec.has_location and spec.origin else [])
    if any(Path(file).resolve().parent == Path.cwd() for file in files):
        problem = f"the module {top!r} lies in the current folder, which is not searched"
        raise ConfigError(Fault(where, problem, "Install it, or start the run in another folder", module))
