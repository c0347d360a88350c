"""Names, and names that are offered twice."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from strategy_orchestrator.errors import PluginError
from strategy_orchestrator.hooks.plugin import Plugin
from strategy_orchestrator.hooks.registry import callable_names, matching, the_only


@dataclass(frozen=True)
class Item:
    """Something with a name and an owner."""

    name: str
    plugin: Plugin


def item(name: str, distribution: str, entry_point: str = "main") -> Item:
    """Return something that a distribution offers."""
    return Item(name, Plugin(distribution, "1.0", entry_point, "module", "/site"))


ITEMS = [item("rsi", "pack-a"), item("rsi", "pack-b"), item("trend", "pack-a")]


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("trend", [2]),
        ("rsi", [0, 1]),
        ("pack-b:rsi", [1]),
        ("Pack_B:rsi", [1]),
        ("pack-c:rsi", []),
        ("pack-a:", []),
        ("macd", []),
        ("", []),
    ],
)
def test_a_name_means_all_that_answer_to_it(name: str, places: list[int]) -> None:
    """Plain, or qualified by a distribution in any spelling."""
    assert matching(ITEMS, name) == [ITEMS[place] for place in places]


def test_what_is_offered_once_is_meant() -> None:
    """No question arises."""
    assert the_only(ITEMS[2:], "strategy", "trend", "here") is ITEMS[2]


@pytest.mark.parametrize("order", [1, -1])
def test_a_name_offered_twice_is_refused_with_both_owners(order: int) -> None:
    """Whatever the order, both are named, and how to mean one of them."""
    with pytest.raises(PluginError) as caught:
        the_only(ITEMS[:2][::order], "strategy", "rsi", "run.toml: strategy[1].use")
    assert str(caught.value) == (
        "run.toml: strategy[1].use: the strategy 'rsi' is offered by plug-in 'main' (pack-a 1.0) and by plug-in 'main' "
        "(pack-b 1.0). Write 'pack-a:rsi' or 'pack-b:rsi', or block one of them."
    )


def test_a_name_offered_twice_by_one_distribution_is_refused() -> None:
    """Only a switch helps there."""
    items = [item("rsi", "pack-a", "one"), item("rsi", "pack-a", "two")]
    with pytest.raises(PluginError, match="authors of pack-a, or block one of them by 'pack-a:one' or 'pack-a:two'"):
        the_only(items, "strategy", "rsi", "here")


def test_each_has_a_name_that_means_it_alone() -> None:
    """Qualified where it must be, sorted, whatever the order."""
    names = [(name, found.plugin.distribution) for name, found in callable_names(ITEMS[::-1])]
    assert names == [("pack-a:rsi", "pack-a"), ("pack-b:rsi", "pack-b"), ("trend", "pack-a")]
