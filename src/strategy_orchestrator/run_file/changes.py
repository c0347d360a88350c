"""Other values in places of a run file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """Put a value into a place.

    Attributes
    ----------
    path : tuple of str or int
        Keys of tables, and places in lists of tables from 0: ("strategy", 0, "params", "fast").
    value : object
        As TOML has it; fractions are Decimal.
    """

    path: tuple[str | int, ...]
    value: object

    @property
    def place(self) -> str:
        """The place as errors name it: `strategy[1].params.fast`."""
        parts = [f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in self.path]
        return "".join(parts).removeprefix(".")


def changed(tables: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """Return tables with another value in one place; the given ones stay as they are.

    Tables that are missing on the way are made.

    Examples
    --------
    >>> changed({"strategy": [{"use": "rsi"}]}, Change(("strategy", 0, "params", "period"), 14))
    {'strategy': [{'use': 'rsi', 'params': {'period': 14}}]}
    """
    made: dict[str, Any] = _with(tables, change.path, change.value)
    return made


def _with(content: Any, path: Sequence[str | int], value: object) -> Any:
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        return [_with(item, rest, value) if place == step else item for place, item in enumerate(content)]
    if not isinstance(content, Mapping):
        # Whoever reads the file says that there ought to be a table.
        return content
    return {**content, step: _with(content.get(step, {}), rest, value)}
