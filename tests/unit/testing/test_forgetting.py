"""What classes and modules keep is put back."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from strategy_orchestrator.testing.forgetting import Past

KEPT: dict[str, int] = {"old": 1}
LISTED = [1, 2]
NAMED = {1}
CALLS = 0


@cache
def remembered(number: int) -> object:
    """Return an object, always the same one."""
    return object(), number


class Base:
    """Keeps a number."""

    number = 1


class Kind(Base):
    """Keeps a mapping."""

    known: dict[str, Any] = {}  # noqa: RUF012  # the mistake that is looked for


def test_all_is_as_it_was() -> None:
    """Names, contents, caches; of the class, its bases and the module."""
    past = Past.of(Kind())
    first = remembered(3)
    module = sys.modules[__name__]
    module.CALLS = 5  # type: ignore[attr-defined]
    module.NEW = 1  # type: ignore[attr-defined]
    KEPT["new"] = 2
    LISTED.append(3)
    NAMED.clear()
    Base.number = 2
    Kind.known["A"] = 1
    Kind.more = 1  # type: ignore[attr-defined]
    past.put_back()
    held = KEPT, LISTED, NAMED, CALLS
    assert held == ({"old": 1}, [1, 2], {1}, 0)
    assert not hasattr(module, "NEW")
    assert Base.number == 1
    assert Kind.known == {}
    assert not hasattr(Kind, "more")
    assert remembered(3) is not first


def test_a_name_that_was_taken_away_is_there_again() -> None:
    """What is missing is put back as well."""
    past = Past.of(Kind())
    del Kind.known
    past.put_back()
    assert Kind.known == {}
