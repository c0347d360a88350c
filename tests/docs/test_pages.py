"""Finding code blocks."""

from __future__ import annotations

import pytest

from tests.docs.pages import Block, blocks_of

TABLE = {
    "a fence with a language": ("Text\n```python\na = 1\n```\n", [Block(3, "python", "a = 1\n")]),
    "no language": ("```\nx\n```\n", [Block(2, "", "x\n")]),
    "nothing inside": ("```text\n```\n", [Block(2, "text", "")]),
    "words after the language": ("``` toml title=x\na = 1\n```\n", [Block(2, "toml", "a = 1\n")]),
    "tildes around backticks": ("~~~markdown\n```\n~~~\n", [Block(2, "markdown", "```\n")]),
    "a longer fence around a shorter": ("````text\n```\n````\n", [Block(2, "text", "```\n")]),
    "inside a list": ("- item\n\n  ```python\n  if a:\n      b\n\n  ```\n", [Block(4, "python", "if a:\n    b\n\n")]),
    "a reason not to run": ("<!-- no-test: slow -->\n\n```python\n```\n", [Block(4, "python", "", "slow")]),
    "a reason left out": ("<!-- no-test: -->\n```python\n```\n", [Block(3, "python", "", "")]),
    "a comment about something else": ("<!-- no-test: x -->\nText\n```python\n```\n", [Block(4, "python", "")]),
    "an output": ("<!-- output -->\n```text\n1\n```\n", [Block(3, "text", "1\n", is_output=True)]),
    "code in a line": ("Use ```a``` here.\n", []),
    "two blocks": ("```a\n```\n```b\n```\n", [Block(2, "a", ""), Block(4, "b", "")]),
}


@pytest.mark.parametrize(("text", "expected"), TABLE.values(), ids=TABLE.keys())
def test_blocks_are_found(text: str, expected: list[Block]) -> None:
    """Each block comes with its line, language, code and what the comment before it says."""
    assert blocks_of(text) == expected


def test_a_block_that_is_not_closed() -> None:
    """The line at which it begins is told."""
    with pytest.raises(ValueError, match="line 2: the block that begins here is not closed"):
        blocks_of("Text\n```python\na = 1\n")
