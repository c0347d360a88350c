"""The kernel with some of its text changed: broken on purpose by tests, without its checks in a benchmark."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from strategy_orchestrator import kernel
from strategy_orchestrator.kernel.compiled import MARKED


def changed_functions(name: str, changes: Sequence[tuple[str, str]]) -> Iterator[tuple[ModuleType, str, FunctionType]]:
    """Run the changed text of a module, and yield where each of its functions is known and what takes its place.

    What is run marks its functions for the compiler, beside the real ones.

    Parameters
    ----------
    name : str
        Of the module, as in "closing".
    changes : sequence of tuple of str
        Texts that are there once, and what they become.

    Yields
    ------
    tuple
        A module of the kernel, the name of a function in it, and the changed function.

    Raises
    ------
    ValueError
        If a text is not there, or more than once.
    """
    modules = [kernel, *map(importlib.import_module, sorted({function.__module__ for function in MARKED}))]
    module = importlib.import_module(f"{kernel.__name__}.{name}")
    file = str(module.__file__)
    source = Path(file).read_text(encoding="utf-8")
    for text, instead in changes:
        if source.count(text) != 1:
            raise ValueError(f"kernel/{name}.py has this {source.count(text)} times, not once: {text}")
        source = source.replace(text, instead)
    made: dict[str, Any] = {"__name__": module.__name__, "__file__": file}
    exec(compile(source, file, "exec"), made)  # noqa: S102  # our own kernel
    for other in modules:
        for known, value in list(vars(other).items()):
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                yield other, known, made[value.__name__]
