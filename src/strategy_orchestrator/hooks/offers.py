"""What a plug-in adds, once it was imported and found to be in order."""

from __future__ import annotations

from dataclasses import dataclass

import pluggy

from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.hooks.plugin import Plugin
from strategy_orchestrator.models.specs import Spec


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a plug-in offers under a name.

    Attributes
    ----------
    kind : Kind
        What it is.
    spec : Spec
        The declaration.
    plugin : Plugin
        Whose it is.
    """

    kind: Kind
    spec: Spec
    plugin: Plugin

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name

    @property
    def distribution(self) -> str:
        """The distribution that brings it."""
        return self.plugin.distribution

    @property
    def version(self) -> str:
        """The version of the distribution."""
        return self.plugin.version

    @property
    def qualified(self) -> str:
        """The name by which no other distribution's offer is meant."""
        return f"{self.distribution}:{self.name}"

    @property
    def where(self) -> str:
        """The offer, in errors."""
        return f"{self.kind.word} {self.name!r} ({self.plugin.owner})"


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """A plug-in that was imported and checked.

    Attributes
    ----------
    offers : tuple of Offer
        What it adds, in the order of the kinds, then of its lists.
    events : tuple of str
        The event hooks that it has.
    hooks : pluggy.PluginManager
        Calls these; it knows this plug-in alone.
    """

    plugin: Plugin
    offers: tuple[Offer, ...]
    events: tuple[str, ...]
    hooks: pluggy.PluginManager
