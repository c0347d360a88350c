"""The names of a new plug-in: its distribution, its package, its class, and the name by which users call it."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from dataclasses import dataclass
from typing import Final

from strategy_orchestrator.errors import Fault, InputError

KINDS: Final = ("strategy", "resolver", "rebalancer", "source", "metric")
"""What a new plug-in can offer."""

_WHERE: Final = "NAME"
_DISTRIBUTION: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PREFIXES: Final = ("strategy-orchestrator-", "orchestrator-")
_TAKEN: Final = frozenset({"ConflictResolver", "DataSource", "SignalStrategy", "WeightStrategy"})
_MOST: Final = 80


@dataclass(frozen=True, slots=True)
class Names:
    """What a new plug-in is called.

    Attributes
    ----------
    distribution : str
        As given.
    package : str
        Its import package.
    thing : str
        What it offers, as users call it in run files.
    class_name : str
        The class of that.
    """

    distribution: str
    package: str
    thing: str
    class_name: str


def names_of(distribution: str, kind: str) -> Names:
    """Derive all names from that of the distribution.

    Parameters
    ----------
    distribution : str
        A name as package indexes take them: letters, digits, `-`, `_` and `.`, a letter or digit at both ends.
    kind : str
        One of `KINDS`.

    Raises
    ------
    InputError
        If that is no such name, or the package would be called like another one.

    Examples
    --------
    >>> names = names_of("orchestrator-week-end", "strategy")
    >>> names.package, names.thing, names.class_name
    ('orchestrator_week_end', 'week-end', 'WeekEndStrategy')
    """
    if not _DISTRIBUTION.fullmatch(distribution) or len(distribution) > _MOST:
        problem = (
            f"{distribution!r} is no name for a distribution; expected letters, digits, '-', '_' and '.', a letter or "
            f"digit at both ends, {_MOST} characters at most"
        )
        raise InputError(Fault(_WHERE, problem, _suggestion(distribution), distribution))
    plain = re.sub(r"[-_.]+", "-", distribution).lower()
    package = plain.replace("-", "_")
    problem = _package_problem(package)
    if problem:
        remedy = f"Did you mean 'orchestrator-{plain}'?"
        raise InputError(
            Fault(_WHERE, f"{distribution!r} makes a package {package!r}, {problem}", remedy, distribution)
        )
    thing = plain
    for prefix in _PREFIXES:
        thing = thing.removeprefix(prefix)
    return Names(distribution, package, thing, _class_name(thing, kind))


def _suggestion(name: str) -> str:
    # A name such as "my pack!" is meant as "my-pack".
    tidied = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:_MOST].strip("-_.")
    return f"Did you mean {tidied!r}?" if tidied else "For instance 'my-strategies'"


def _package_problem(package: str) -> str:
    if not package.isidentifier():
        return "which cannot be imported: it begins with a digit"
    if keyword.iskeyword(package):
        return "which is a word of Python"
    if package in sys.stdlib_module_names:
        return "which Python itself has"
    if importlib.util.find_spec(package) is not None:
        return "and a package of that name is installed"
    return ""


def _class_name(thing: str, kind: str) -> str:
    words = "".join(part.capitalize() for part in thing.split("-"))
    suffix = kind.capitalize()
    name = words if words.endswith(suffix) else words + suffix
    return f"My{name}" if name in _TAKEN or not name.isidentifier() else name
