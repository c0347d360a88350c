"""Protective exits are checked when they are made."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from strategy_orchestrator import ConfigError, ProtectiveExits
from strategy_orchestrator.models.signals import Direction, SignalKind


def test_levels_are_exact_fractions() -> None:
    """Whatever number they come as; a target may be above 1."""
    given: dict[str, Any] = {"stop_loss": 0.05, "take_profit": "1.5", "trailing_stop": Decimal("0.1")}
    exits = ProtectiveExits(**given, max_holding_bars=3)
    assert (exits.stop_loss, exits.take_profit, exits.trailing_stop) == tuple(map(Decimal, ("0.05", "1.5", "0.1")))
    assert exits.max_holding_bars == 3


@pytest.mark.parametrize(
    ("given", "has_levels"), [({}, False), ({"max_holding_bars": 1}, False), ({"stop_loss": Decimal("0.1")}, True)]
)
def test_exits_know_whether_they_have_a_level(given: dict[str, Any], *, has_levels: bool) -> None:
    """A limit of time is none."""
    assert ProtectiveExits(**given).has_levels is has_levels


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "zero": ({"stop_loss": 0}, ["stop_loss: 0 is not between 0 and 1; 0.05 is 5 %"]),
    "all of the price": ({"stop_loss": 1}, ["stop_loss: 1 is not between 0 and 1"]),
    "a percentage": ({"trailing_stop": 5}, ["trailing_stop: 5 is not between 0 and 1"]),
    "a negative target": ({"take_profit": -0.1}, ["take_profit: -0.1 is not greater than 0"]),
    "NaN": ({"take_profit": float("nan")}, ["take_profit: nan is not finite"]),
    "too many decimals": ({"stop_loss": "1e-13"}, ["stop_loss: 1E-13 has more than 12 decimals"]),
    "no bars": ({"max_holding_bars": 0}, ["max_holding_bars: 0 is not a whole number from 1 up"]),
    "a yes": ({"max_holding_bars": True}, ["max_holding_bars: True is not a whole number from 1 up"]),
    "half a bar": ({"max_holding_bars": 1.5}, ["max_holding_bars: 1.5 is not a whole number from 1 up"]),
    "everything": (
        {"stop_loss": 2, "take_profit": "x", "trailing_stop": -1, "max_holding_bars": "3"},
        ["stop_loss: 2", "take_profit: 'x'", "trailing_stop: -1", "max_holding_bars: '3'"],
    ),
}


@pytest.mark.parametrize(("given", "problems"), WRONG.values(), ids=WRONG)
def test_exits_out_of_bounds_are_refused(given: dict[str, Any], problems: list[str]) -> None:
    """All at once, by field."""
    with pytest.raises(ConfigError) as caught:
        ProtectiveExits(**given)
    assert [str(fault).startswith(f"ProtectiveExits.{problem}") for fault, problem in
            zip(caught.value.faults, problems, strict=True)] == [True] * len(problems)  # fmt: skip


def test_directions_and_kinds_have_their_words() -> None:
    """As numbers where they are multiplied, as text where they are read."""
    assert [int(direction) for direction in Direction] == [1, -1]
    assert [kind.value for kind in SignalKind] == ["enter", "exit", "reverse", "weight"]
