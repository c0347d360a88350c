"""A plug-in as it is named in lists and errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from strategy_orchestrator._version import __version__

CORE: Final = "strategy-orchestrator"
"""The distribution of the built-in plug-in."""
_SEPARATORS: Final = re.compile(r"[-_.]+")


class Origin(StrEnum):
    """How a plug-in came here."""

    BUILT_IN = "built-in"
    INSTALLED = "installed"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Plugin:
    """Say which plug-in is meant.

    Attributes
    ----------
    distribution : str
        Name of the distribution, lower-case with hyphens; of the module or class for an object handed in by code.
    version : str
        Of the distribution; empty when there is none.
    name : str
        Of the entry point.
    target : str
        What the entry point names: `module` or `module:object`.
    location : str
        The folder or file from which it comes.
    origin : Origin
        How it came here.
    """

    distribution: str
    version: str
    name: str
    target: str
    location: str
    origin: Origin = Origin.INSTALLED

    @property
    def owner(self) -> str:
        """Distribution and version, in a sentence."""
        return f"{self.distribution} {self.version}".rstrip()

    @property
    def where(self) -> str:
        """The plug-in, in errors."""
        return f"plug-in {self.name!r} ({self.owner})"

    @property
    def module(self) -> str:
        """The module that its entry point names."""
        return self.target.partition(":")[0]


BUILT_IN: Final = Plugin(
    CORE,
    __version__,
    "builtin",
    "strategy_orchestrator.builtin",
    str(Path(__file__).resolve().parent.parent),
    Origin.BUILT_IN,
)
"""The plug-in in the box."""


def normalized(name: str) -> str:
    """Return the name of a distribution as all spellings of it are compared.

    Examples
    --------
    >>> normalized("Orchestrator_Starter")
    'orchestrator-starter'
    """
    return _SEPARATORS.sub("-", name).lower()


def is_called(plugin: Plugin, name: str) -> bool:
    """Tell whether a switch that says `name` means a plug-in: its distribution, its entry point or both, `a:b`."""
    distribution, _, entry_point = name.rpartition(":")
    if distribution:
        return normalized(distribution) == plugin.distribution and entry_point == plugin.name
    return name == plugin.name or normalized(name) == plugin.distribution
