"""An error is told in lines that can be read anywhere."""

from __future__ import annotations

import pytest

from strategy_orchestrator.errors import Fault


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202egnp", "\\u202egnp"),
        ("\ud800", "\\ud800"),
        ("\0", "\\x00"),
        ("Zürich, 東京", "Zürich, 東京"),
    ],
)
def test_a_fault_is_one_line_whatever_it_tells_of(name: str, shown: str) -> None:
    """Nothing moves the cursor, colors the screen or turns text around."""
    assert str(Fault(name, f"{name} is odd", f"Rename {name}")) == f"{shown}: {shown} is odd. Rename {shown}."


def test_a_fault_ends() -> None:
    """A name of a million letters is not told to its end."""
    line = str(Fault("x" * 10**6, "it is long"))
    assert (len(line), line[-4:]) == (2003, "x...")
