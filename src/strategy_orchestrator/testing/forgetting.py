"""Put back what a plug-in keeps in its classes and modules, so that every object is asked as in a new process."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Final

_ABSENT: Final = object()
_CONTAINERS: Final = (dict, list, set)


@dataclass(frozen=True, slots=True)
class Past:
    """What a class, its bases and their modules held at one moment.

    Looked at are the names that they hold, what lies in their dicts, lists and sets, and caches of functions, which are
    emptied. Of the bases those count that lie in the same top-level package.

    Attributes
    ----------
    names : tuple
        Each class or module with what it held by name.
    """

    names: tuple[tuple[type | ModuleType, Mapping[str, Any], Mapping[str, Any]], ...]

    @classmethod
    def of(cls, thing: object) -> Past:
        """Remember what the class of a thing, or the module of a function, and its surroundings hold now."""
        return cls(
            tuple(
                (home, held, {name: value.copy() for name, value in held.items() if type(value) in _CONTAINERS})
                for home in _homes(thing)
                for held in (dict(_held(home)),)
            )
        )

    def put_back(self) -> None:
        """Make all of it as it was."""
        for home, held, contents in self.names:
            now = dict(_held(home))
            for name in now.keys() - held.keys():
                delattr(home, name)
            for name, value in held.items():
                if now.get(name, _ABSENT) is not value:
                    setattr(home, name, value)
                if name in contents:
                    _refill(value, contents[name])
                elif callable(getattr(value, "cache_clear", None)):
                    value.cache_clear()


def module_of(thing: object) -> str:
    """Return the name of the module in which the class of a thing, or a function, is written."""
    home = thing if isinstance(thing, FunctionType) else type(thing)
    return str(home.__module__)


def _homes(thing: object) -> Iterator[type | ModuleType]:
    package = module_of(thing).partition(".")[0]
    if package in sys.stdlib_module_names:
        return
    kinds = [each for each in type(thing).__mro__ if each.__module__.partition(".")[0] == package]
    yield from kinds
    modules = dict.fromkeys([module_of(thing), *(each.__module__ for each in kinds)])
    yield from (sys.modules[name] for name in modules if name in sys.modules)


def _held(home: type | ModuleType) -> Iterator[tuple[str, Any]]:
    # Names with two underscores on each side belong to Python, which adds some when they are first asked for.
    return ((name, value) for name, value in vars(home).items() if not (name.startswith("__") and name.endswith("__")))


def _refill(container: Any, content: Any) -> None:
    if isinstance(container, list):
        container[:] = content
    else:
        container.clear()
        container.update(content)
