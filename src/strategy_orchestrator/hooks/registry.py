"""Who offers what under which name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from strategy_orchestrator.errors import Fault, PluginError
from strategy_orchestrator.hooks.plugin import Plugin, normalized


class Named(Protocol):
    """Anything that a plug-in offers under a name."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def plugin(self) -> Plugin:
        """Whose it is."""


Item = TypeVar("Item", bound=Named)


def matching(items: Iterable[Item], name: str) -> list[Item]:
    """Return what answers to `name` or `distribution:name`."""
    distribution, _, plain = name.rpartition(":")
    owner = normalized(distribution)
    return [item for item in items if item.name == plain and (not distribution or item.plugin.distribution == owner)]


def the_only(items: list[Item], what: str, name: str, where: str) -> Item:
    """Return the one item of a list that is not empty.

    Raises
    ------
    PluginError
        If there are several, naming all owners.
    """
    if len(items) == 1:
        return items[0]
    owners = sorted({(item.plugin.distribution, item.plugin.owner, item.plugin.where) for item in items})
    distributions = sorted({distribution for distribution, _, _ in owners})
    told = " and by ".join(place for _, _, place in owners)
    plain = name.rpartition(":")[2]
    choices = " or ".join(repr(f"{distribution}:{plain}") for distribution in distributions)
    remedy = (
        f"Write {choices}, or block one of them"
        if len(distributions) > 1
        else f"Report it to the authors of {distributions[0]}, or block one of them by {_entry_points(items)}"
    )
    raise PluginError(Fault(where, f"the {what} {name!r} is offered by {told}", remedy, name))


def callable_names(items: Iterable[Item]) -> Iterator[tuple[str, Item]]:
    """Yield each item with a name that means it alone: qualified where the plain one is offered twice."""
    known = sorted(items, key=lambda item: (item.name, item.plugin.distribution, item.plugin.name))
    for item in known:
        is_alone = sum(other.name == item.name for other in known) == 1
        yield item.name if is_alone else f"{item.plugin.distribution}:{item.name}", item


def _entry_points(items: Iterable[Named]) -> str:
    return " or ".join(sorted({repr(f"{item.plugin.distribution}:{item.plugin.name}") for item in items}))
