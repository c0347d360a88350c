"""Which plug-ins take part: block some, allow only some, load none that is merely installed, have some listen.

Each switch is decided by the first of these that sets it: the argument of a function or the option of a command, the
environment, the run file. What the others say of that switch then does not count.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from strategy_orchestrator.errors import ConfigError, Fault, nearest
from strategy_orchestrator.hooks.plugin import Origin, Plugin, is_called

BLOCK_VARIABLE: Final = "ORCHESTRATE_BLOCK"
ONLY_VARIABLE: Final = "ORCHESTRATE_ONLY"
NO_AUTOLOAD_VARIABLE: Final = "ORCHESTRATE_NO_AUTOLOAD"
LISTEN_VARIABLE: Final = "ORCHESTRATE_LISTEN"

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What one place says of the switches; None for nothing.

    Attributes
    ----------
    blocked, only : tuple of str or None
        Names of plug-ins: a distribution, an entry point, or `distribution:entry-point`.
    autoload : bool or None
        Whether installed plug-ins are loaded.
    listen : tuple of str or None
        Names of installed plug-ins that are to hear of runs.
    """

    blocked: tuple[str, ...] | None = None
    only: tuple[str, ...] | None = None
    autoload: bool | None = None
    listen: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Switches:
    """The switches as decided, each with the place that decided it, for messages."""

    blocked: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    autoload: bool = True
    listen: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)

    def place_of(self, switch: str) -> str:
        """Return what decided a switch, in messages."""
        return self.places.get(switch, switch)

    def verdict(self, plugin: Plugin) -> str:
        """Return why a plug-in takes no part, or "" when it does."""
        if plugin.origin is Origin.BUILT_IN:
            return ""
        if any(is_called(plugin, name) for name in self.blocked):
            return f"by {self.place_of('blocked')}"
        if plugin.origin is Origin.OBJECT:
            return ""
        if not self.autoload:
            return f"{self.place_of('autoload')} leaves installed plug-ins out"
        if self.only is not None and not any(is_called(plugin, name) for name in self.only):
            return f"not among those of {self.place_of('only')}"
        return ""

    def check(self, plugins: Iterable[Plugin]) -> None:
        """Refuse names that look misspelt.

        Blocking what is not installed is fine, for a run file may be used on many machines; allowing only what is
        not installed, or wanting it to listen, is not.

        Raises
        ------
        ConfigError
            With one fault for each such name.
        """
        known = list(plugins)
        names = sorted({name for plugin in known for name in (plugin.distribution, plugin.name)})
        faults = []
        for switch, given in (("blocked", self.blocked), ("only", self.only or ()), ("listen", self.listen)):
            where = self.place_of(switch)
            for name in given:
                meant = [plugin for plugin in known if is_called(plugin, name)]
                guess = nearest(name, names)
                if any(plugin.origin is Origin.BUILT_IN for plugin in meant) and switch == "blocked":
                    faults.append(Fault(where, f"{name!r} is built in and cannot be blocked", value=name))
                elif not meant and (guess is not None or switch != "blocked"):
                    remedy = f"Did you mean {guess!r}?" if guess else f"Installed: {', '.join(names)}"
                    faults.append(Fault(where, f"no plug-in is called {name!r}", remedy, name))
        if faults:
            raise ConfigError(faults)


def wish_of_environment(environment: Mapping[str, str] | None = None) -> Wish:
    """Read the switches of the environment; an empty variable says nothing.

    Parameters
    ----------
    environment : mapping, optional
        That of the process by default.

    Raises
    ------
    ConfigError
        If ORCHESTRATE_NO_AUTOLOAD is neither yes nor no.
    """
    given = os.environ if environment is None else environment
    return Wish(
        _listed(given.get(BLOCK_VARIABLE, "")),
        _listed(given.get(ONLY_VARIABLE, "")),
        _autoload(given.get(NO_AUTOLOAD_VARIABLE, "")),
        _listed(given.get(LISTEN_VARIABLE, "")),
    )


def decided(*wishes: tuple[Mapping[str, str], Wish]) -> Switches:
    """Decide each switch by the first wish that says something of it.

    Parameters
    ----------
    wishes : tuple of (mapping, Wish)
        The first counts most; the mapping names the place of each switch in messages.
    """
    values: dict[str, object] = {}
    places: dict[str, str] = {}
    for names, wish in wishes:
        for switch in ("blocked", "only", "autoload", "listen"):
            value = getattr(wish, switch)
            if value is not None and switch not in values:
                values[switch] = value
                places[switch] = names[switch]
    return Switches(**values, places=places)  # type: ignore[arg-type]


ENVIRONMENT: Final = {
    "blocked": BLOCK_VARIABLE,
    "only": ONLY_VARIABLE,
    "autoload": NO_AUTOLOAD_VARIABLE,
    "listen": LISTEN_VARIABLE,
}
OPTIONS: Final = {"blocked": "--block", "only": "--only", "autoload": "--no-autoload", "listen": "--listen"}
RUN_FILE: Final = {
    "blocked": "plugins.block",
    "only": "plugins.only",
    "autoload": "plugins.autoload",
    "listen": "plugins.listen",
}
ARGUMENTS: Final = {"blocked": "blocked", "only": "only", "autoload": "autoload", "listen": "listen"}
"""What each place calls the switches."""


def _listed(text: str) -> tuple[str, ...] | None:
    return tuple(text.replace(",", " ").split()) or None


def _autoload(text: str) -> bool | None:
    word = text.strip().lower()
    if word in _YES or word in _NO:
        return word in _NO
    if word:
        problem = f"{text!r} was found; expected 1 or 0"
        raise ConfigError(Fault(NO_AUTOLOAD_VARIABLE, problem, "Write 1 to load no installed plug-in", text))
    return None
