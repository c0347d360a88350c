"""What is known of a plug-in without importing it here: nouns that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from strategy_orchestrator.errors import Fault
from strategy_orchestrator.hooks.plugin import Plugin


class Status(StrEnum):
    """Whether a plug-in can be used."""

    ENABLED = "enabled"
    BLOCKED = "blocked"
    BROKEN = "broken"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One option of what a plug-in adds.

    Attributes
    ----------
    type : str
        As it is written in Python.
    bounds : tuple of str
        What values it is confined to, each as one expression.
    is_required : bool
        Whether it has no default.
    default : str, int, float, bool or None
        The default; other values as text.
    """

    name: str
    type: str
    bounds: tuple[str, ...]
    is_required: bool
    default: str | int | float | bool | None
    description: str


@dataclass(frozen=True, slots=True)
class Addition:
    """One thing that a plug-in adds.

    Attributes
    ----------
    kind : str
        A value of `hooks.kinds.Kind`.
    """

    plugin: Plugin
    kind: str
    name: str
    description: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a plug-in turned out to be.

    Attributes
    ----------
    additions : tuple of Addition
        What it adds; empty unless it is enabled.
    events : tuple of str
        The event hooks that it has.
    faults : tuple of Fault
        Why it cannot be used; empty when it can.
    """

    status: Status
    additions: tuple[Addition, ...] = ()
    events: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def reason(self) -> str:
        """Why it cannot be used, in one line without its name."""
        return " ".join(str(Fault("", fault.problem, fault.remedy)) for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Entry:
    """A plug-in in the list of all.

    Attributes
    ----------
    reason : str
        Why it takes no part; empty when it does.
    """

    plugin: Plugin
    status: Status
    reason: str = ""
    additions: tuple[Addition, ...] = ()
    events: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def entry_of(plugin: Plugin, learnt: Learnt) -> Entry:
    """Return the line in the list of a plug-in that takes part, if it can."""
    return Entry(plugin, learnt.status, learnt.reason, learnt.additions, learnt.events, learnt.faults)


def document_of(learnt: Learnt) -> dict[str, Any]:
    """Return what was learnt as JSON can hold it."""
    document = asdict(learnt)
    for addition in document["additions"]:
        del addition["plugin"]
    for fault in document["faults"]:
        fault["value"] = None if fault["value"] is None else str(fault["value"])
    return document


def read_learnt(document: Mapping[str, Any], plugin: Plugin) -> Learnt:
    """Read what `document_of` wrote of a plug-in.

    Raises
    ------
    ValueError
        If it is something else.
    """
    try:
        return Learnt(
            Status(document["status"]),
            tuple(_addition(item, plugin) for item in document["additions"]),
            tuple(str(name) for name in document["events"]),
            tuple(
                Fault(**{name: item[name] for name in ("where", "problem", "remedy")}) for item in document["faults"]
            ),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{plugin.where}: unknown form") from error


def _addition(item: Mapping[str, Any], plugin: Plugin) -> Addition:
    kind, name, description = (str(item[key]) for key in ("kind", "name", "description"))
    parameters = (Parameter(**{**facts, "bounds": tuple(facts["bounds"])}) for facts in item["parameters"])
    return Addition(plugin, kind, name, description, tuple(parameters))
