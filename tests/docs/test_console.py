"""Reading console blocks and comparing outputs."""

from __future__ import annotations

import pytest

from tests.docs.console import Command, commands_of, differences

TABLE = {
    "one command": ("$ a b\n", [Command(1, "a b")]),
    "with its output": ("$ a\nx\n\ny\n\n", [Command(1, "a", ("x", "", "y"))]),
    "two commands": ("$ a\nx\n$ b\n", [Command(1, "a", ("x",)), Command(3, "b")]),
    "continued": ("$ a \\\n> b\nx\n", [Command(1, "a \\\nb", ("x",))]),
    "an output like a continuation": ("$ a\n> b\n", [Command(1, "a", ("> b",))]),
    "a failure": ("$ a\nx\n# exit status 2\n", [Command(1, "a", ("x",), 2)]),
    "nothing": ("", []),
}

SET_UP = ("pip install tox && tox", "tox -e lint", "git clone x", "cd x", ". .venv/bin/activate", ".ci/run")
ORDINARY = ("orchestrate demo", "python run.py", "cdx", "ls .")

EQUAL = (
    (("a",), "a  \n\n"),
    ((), "whatever"),
    (("...",), ""),
    (("...",), "a\nb\n"),
    (("a", "...", "d"), "a\nb\nc\nd\n"),
    (("a", "...", "b"), "a\nb\n"),
    (("took ... seconds (...)",), "took 1.5 seconds (fast)\n"),
    (("[a] *",), "[a] *\n"),
)
UNEQUAL = (
    (("a",), "b\n"),
    (("a",), ""),
    (("a", "b"), "a\n"),
    (("a",), "a\nb\n"),
    (("a", "...", "d"), "a\nb\n"),
    (("a...c",), "abd\n"),
    (("[a]",), "a\n"),
)


@pytest.mark.parametrize(("text", "expected"), TABLE.values(), ids=TABLE.keys())
def test_commands_are_found(text: str, expected: list[Command]) -> None:
    """Each command comes with its line, its output and its exit status."""
    assert commands_of(text) == expected


def test_a_block_without_a_command() -> None:
    """A console block that begins with output is a mistake of the page, told with its line."""
    with pytest.raises(ValueError, match="line 7: a console block begins with a command"):
        commands_of("x\n$ a\n", 7)


@pytest.mark.parametrize("text", SET_UP)
def test_what_changes_the_environment_is_set_up(text: str) -> None:
    """Such commands are not run by the tests of the pages."""
    assert Command(1, text).is_set_up


@pytest.mark.parametrize("text", ORDINARY)
def test_other_commands_are_run(text: str) -> None:
    """A command that only looks like a set-up command is run."""
    assert not Command(1, text).is_set_up


@pytest.mark.parametrize(("expected", "found"), EQUAL)
def test_outputs_that_agree(expected: tuple[str, ...], found: str) -> None:
    """Three dots stand for lines and characters; spaces at the end do not count."""
    assert differences(expected, found) == []


@pytest.mark.parametrize(("expected", "found"), UNEQUAL)
def test_outputs_that_differ(expected: tuple[str, ...], found: str) -> None:
    """Both are shown."""
    shown = differences(expected, found)
    assert shown[0] == "expected:"
    assert shown[1 : 1 + len(expected)] == list(expected)
