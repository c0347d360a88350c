"""The commands of a console block, what they are said to print, and whether they did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PROMPT: Final = "$ "
_CONTINUED: Final = "> "
_STATUS: Final = re.compile(r"\s*# exit status (\d+)\s*")
_SET_UP: Final = re.compile(r"(pip install|pip uninstall|python3? -m venv|git clone|cd|source|tox|\.ci/run)\b|\. ")


@dataclass(frozen=True, slots=True)
class Command:
    """A command, as it stands after the prompt.

    Attributes
    ----------
    line : int
        Of the page, counted from 1.
    text : str
        What the shell gets; continued lines included.
    output : tuple of str
        What it is said to print, line by line; empty where the page does not say.
    status : int
        The exit status it must have.
    """

    line: int
    text: str
    output: tuple[str, ...] = ()
    status: int = 0

    @property
    def is_set_up(self) -> bool:
        """Whether it changes the environment itself, which a test must not."""
        return _SET_UP.match(self.text) is not None


def commands_of(text: str, first_line: int = 1) -> list[Command]:
    """Return the commands of a block.

    Raises
    ------
    ValueError
        If the block begins with something else than a command.
    """
    found: list[Command] = []
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(_PROMPT)]
    before = lines[: starts[0]] if starts else lines
    if any(line.strip() for line in before):
        raise ValueError(f"line {first_line}: a console block begins with a command, after '$ '")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        found.append(_command(lines[start:end], first_line + start))
    return found


def differences(expected: tuple[str, ...], found: str) -> list[str]:
    """Return what to show of an output that is not as expected, nothing if it is.

    A line `...` stands for any lines, none included; `...` inside a line stands for any characters. Spaces at the end
    of lines and empty lines at the end do not count.
    """
    lines = [line.rstrip() for line in found.rstrip().splitlines()]
    if not expected or _agree(tuple(line.rstrip() for line in expected), tuple(lines)):
        return []
    return ["expected:", *expected, "found:", *lines]


def _command(lines: list[str], number: int) -> Command:
    words = [lines[0].removeprefix(_PROMPT)]
    rest = lines[1:]
    while rest and rest[0].startswith(_CONTINUED) and words[-1].endswith("\\"):
        words.append(rest.pop(0).removeprefix(_CONTINUED))
    status = 0
    output = []
    for line in rest:
        marker = _STATUS.fullmatch(line)
        if marker is None:
            output.append(line)
        else:
            status = int(marker[1])
    while output and not output[-1].strip():
        output.pop()
    return Command(number, "\n".join(words), tuple(output), status)


def _agree(expected: tuple[str, ...], found: tuple[str, ...]) -> bool:
    if not expected:
        return not found
    if expected[0].strip() == "...":
        return any(_agree(expected[1:], found[skipped:]) for skipped in range(len(found) + 1))
    return bool(found) and _agrees(expected[0], found[0]) and _agree(expected[1:], found[1:])


def _agrees(expected: str, found: str) -> bool:
    parts = [re.escape(part) for part in expected.split("...")]
    return re.fullmatch(".*".join(parts), found) is not None
