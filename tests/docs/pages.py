"""The fenced code blocks of the pages of the manual, found without rendering them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

_FENCE: Final = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)")
_COMMENT: Final = re.compile(r"\s*<!--\s*(?P<words>.*?)\s*-->\s*")
_SKIP: Final = "no-test:"
_OUTPUT: Final = "output"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block.

    Attributes
    ----------
    line : int
        Of its first line of code, counted from 1.
    language : str
        The first word after the fence; empty without one.
    text : str
        The code, without the indentation of the fence.
    skip_reason : str or None
        Of `<!-- no-test: reason -->` before it; empty when no reason is given, None without such a comment.
    is_output : bool
        Whether `<!-- output -->` is before it: it shows what the Python block before it prints.
    """

    line: int
    language: str
    text: str
    skip_reason: str | None = None
    is_output: bool = False


def pages() -> list[Path]:
    """Return the pages whose code must run: README.md, all of docs, and the README.md of every plug-in."""
    readme = ROOT / "README.md"
    of_plugins = sorted(ROOT.glob("plugins/*/README.md"))
    return [*([readme] if readme.is_file() else []), *sorted((ROOT / "docs").rglob("*.md")), *of_plugins]


def name_of(page: Path) -> str:
    """Return the path of a page from the top of the project."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a page in their order.

    A comment belongs to a block if nothing but empty lines stand between the two.

    Raises
    ------
    ValueError
        If a block is not closed.
    """
    lines = text.splitlines()
    found = []
    comment = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        opening = _FENCE.fullmatch(line)
        if opening is None:
            remark = _COMMENT.fullmatch(line)
            if remark is not None:
                comment = remark["words"]
            elif line.strip():
                comment = ""
            continue
        end = _closing(lines, number, opening["fence"])
        code = [_without(opening["indent"], each) for each in lines[number:end]]
        found.append(_block(number + 1, opening["info"], code, comment))
        comment = ""
        number = end + 1
    return found


def _closing(lines: list[str], start: int, fence: str) -> int:
    for number in range(start, len(lines)):
        mark = lines[number].strip()
        if set(mark) == {fence[0]} and len(mark) >= len(fence):
            return number
    raise ValueError(f"line {start}: the block that begins here is not closed")


def _without(indent: str, line: str) -> str:
    return line.removeprefix(indent) if line.strip() else ""


def _block(line: int, info: str, code: list[str], comment: str) -> Block:
    words = info.split()
    reason = comment.removeprefix(_SKIP).strip() if comment.startswith(_SKIP) else None
    text = "".join(f"{each}\n" for each in code)
    return Block(line, words[0].lower() if words else "", text, reason, comment == _OUTPUT)
