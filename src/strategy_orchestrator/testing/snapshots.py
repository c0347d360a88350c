"""Whether what a plug-in was given is still what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

import numpy as np

from strategy_orchestrator.models.bars import PanelBars
from strategy_orchestrator.models.panel import Panel

_MISSING: Final = object()
_PARTS: Final = "#"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The contents of a thing at one moment, copied."""

    thing: Any
    contents: Mapping[str, object]

    def changes(self) -> list[str]:
        """Return the names of what is another thing now, or there no more, or new."""
        now = contents_of(self.thing)
        names = sorted(now.keys() | self.contents.keys())
        changed = [name for name in names if now.get(name, _MISSING) != self.contents.get(name, _MISSING)]
        # A part that is new or gone changes the list of parts as well.
        return [name for name in changed if not name.endswith(_PARTS)] or changed


def taken_of(thing: Any) -> Snapshot:
    """Copy the contents of a panel, a state, signals, arrays or a mapping or sequence of these."""
    if isinstance(thing, Panel):
        # They are made when first read, which is no change.
        _ = thing.units, thing.timestamps
    return Snapshot(thing, contents_of(thing))


def contents_of(thing: Any, name: str = "") -> dict[str, object]:
    """Return all that can be read from a thing, by path; arrays as their bytes."""
    if isinstance(thing, np.ndarray):
        return {name: (thing.dtype.str, thing.shape, thing.tobytes())}
    prefix = f"{name}." if name else ""
    parts: Mapping[str, Any]
    if isinstance(thing, Panel):
        parts = {key: value for key, value in vars(thing).items() if key != "timestamps"}
    elif isinstance(thing, Mapping):
        parts = {str(key): value for key, value in thing.items()}
    elif isinstance(thing, tuple | list):
        parts = {str(place): value for place, value in enumerate(thing)}
    elif isinstance(thing, PanelBars) or (is_dataclass(thing) and not isinstance(thing, type)):
        parts = {item.name: getattr(thing, item.name) for item in fields(thing)}
    else:
        return {name: _plain(thing)}
    found: dict[str, object] = {f"{name}{_PARTS}": tuple(parts)}
    for key, value in parts.items():
        found |= contents_of(value, f"{prefix}{key}")
    return found


def _plain(thing: Any) -> object:
    slots = getattr(type(thing), "__slots__", ())
    if isinstance(slots, tuple) and slots and not isinstance(thing, str | bytes):
        return tuple(getattr(thing, slot, None) for slot in slots)
    return thing
