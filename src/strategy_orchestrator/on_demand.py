"""Names of a package that are loaded from their modules when they are first used.

Who asks for one name then pays for the libraries behind that name only. It imports nothing that takes time itself, for
the root of the package needs it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def loader_of(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return what a package has as its `__getattr__`.

    Parameters
    ----------
    package : str
        Full name of the package.
    homes : mapping
        By name, the module below the package in which it lives.

    Returns
    -------
    callable
        Raises `AttributeError` for names without a home.
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)  # so that it is asked once
        return value

    return load
