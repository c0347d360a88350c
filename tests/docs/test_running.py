"""Following a page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import blocks_of
from tests.docs.running import PageRun

Follow = Callable[[str], PageRun]


@pytest.fixture(name="follow")
def _follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Follow:
    def follow(text: str) -> PageRun:
        monkeypatch.chdir(tmp_path)
        run = PageRun("page.md", tmp_path)
        run.follow(blocks_of(text))
        return run

    return follow


def test_python_blocks_share_their_names(follow: Follow) -> None:
    """A later block uses what an earlier one made."""
    run = follow("```python\na = 1\n```\n```python\nb = a + 1\n```\n")
    assert run.module.__dict__["b"] == 2
    assert run.module.__name__ not in sys.modules


def test_a_traceback_points_at_the_page(follow: Follow) -> None:
    """An error carries the name of the page and the line in it."""
    with pytest.raises(ZeroDivisionError) as caught:
        follow("Text\n\n```python\na = 1\na / 0\n```\n")
    last = caught.traceback[-1]
    assert (str(last.path).rpartition("/")[2], last.lineno + 1) == ("page.md", 5)


def test_a_class_finds_its_module(follow: Follow) -> None:
    """Dataclasses with annotations kept as text can be made on a page."""
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    b: int\n"
    assert follow(f"```python\n{text}```\n").module.__dict__["A"](1).b == 1


def test_what_python_prints_is_compared(follow: Follow) -> None:
    """An output block is compared with what the Python block before it printed."""
    follow("```python\nprint(2)\n```\n<!-- output -->\n```text\n2\n```\n")
    with pytest.raises(AssertionError, match=r"(?s)page\.md, line 6: expected:\n3\nfound:\n2"):
        follow("```python\nprint(2)\n```\n<!-- output -->\n```text\n3\n```\n")


def test_commands_find_the_files_of_the_page(follow: Follow) -> None:
    """A TOML block that names its file is written for the commands after it."""
    follow("```toml\n# a/run.toml\nb = 1\n```\n```console\n$ tail -n 1 a/run.toml\nb = 1\n```\n")


def test_commands_run_with_the_interpreter_of_the_tests(follow: Follow) -> None:
    """The first commands on the path are those of the environment that runs the tests."""
    follow(f"```console\n$ python -c 'import sys; print(sys.prefix)'\n{sys.prefix}\n```\n")


def test_an_exit_status_that_is_not_expected(follow: Follow) -> None:
    """Page, line, command, status and output are told."""
    with pytest.raises(AssertionError, match=r"(?s)page\.md, line 2: echo a; exit 3\nexit status 3, expected 0\na"):
        follow("```console\n$ echo a; exit 3\n```\n")


def test_an_exit_status_that_is_expected(follow: Follow) -> None:
    """A command may fail where the page says so."""
    follow("```console\n$ echo a >&2; exit 3\na\n# exit status 3\n```\n")


def test_an_output_that_is_not_expected(follow: Follow) -> None:
    """What a command prints is compared where the page shows it."""
    with pytest.raises(AssertionError, match=r"page\.md, line 2: expected:"):
        follow("```console\n$ echo a\nb\n```\n")


def test_what_is_not_run(follow: Follow) -> None:
    """Blocks with a reason, set-up commands and text are left alone."""
    follow(
        "<!-- no-test: it fails -->\n```python\n1 / 0\n```\n"
        "```console\n$ pip install nothing-of-the-kind\n```\n"
        "```text\nfalse\n```\n"
    )


@pytest.mark.parametrize("text", ["```toml\na =\n```\n", "```json\n{\n```\n"])
def test_data_that_cannot_be_read(text: str, follow: Follow) -> None:
    """TOML and JSON blocks are parsed at least."""
    with pytest.raises(ValueError, match=r"line|Invalid"):
        follow(text)


def test_a_language_that_nobody_runs(follow: Follow) -> None:
    """A block that would go untested for its name alone is refused."""
    with pytest.raises(AssertionError, match=r"page\.md, line 2: no way to run 'bash'"):
        follow("```bash\nls\n```\n")


def test_a_python_block_that_names_its_file_is_written(follow: Follow) -> None:
    """It is a file of the reader, not run here."""
    run = follow("```python\n# pack/a.py\n1 / 0\n```\n")
    assert (run.folder / "pack" / "a.py").read_text(encoding="utf-8") == "# pack/a.py\n1 / 0\n"


PACK = """```toml
# pack/pyproject.toml
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "pack"
version = "1.0"
[tool.hatch.build.targets.wheel]
packages = ["src/pack"]
```
```python
# pack/src/pack/__init__.py
PLACE = "first"
```
```console
$ pip install {option}./pack
```
```python
# pack/src/pack/__init__.py
PLACE = "second"
```
```console
$ python -c "from importlib.metadata import version; from pack import PLACE; print(version('pack'), PLACE)"
1.0 {place}
```
"""


@pytest.mark.parametrize(("option", "place"), [("", "first"), ("--editable ", "second")])
def test_a_project_of_the_page_is_installed_for_the_page(option: str, place: str, follow: Follow) -> None:
    """Commands find it, changes included when it is editable; the tests do not."""
    follow(PACK.replace("{option}", option).replace("{place}", place))
    assert "pack" not in sys.modules
