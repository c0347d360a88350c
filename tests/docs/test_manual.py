"""Every code block of README.md and docs runs, and its set-up commands are those that the checks use."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.console import Command, commands_of
from tests.docs.pages import ROOT, Block, blocks_of, name_of, pages
from tests.docs.running import PageRun
from tests.wheels.check_wheels import README_COMMAND

CHECK_COMMAND = "pip install tox && tox"
PAGES = pages()
NAMES = [name_of(page) for page in PAGES]


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page."""
    return blocks_of(page.read_text(encoding="utf-8"))


def set_up_commands(page: Path) -> list[Command]:
    """Return the commands of a page that are not run here."""
    found = [block for block in blocks(page) if block.language == "console" and block.skip_reason is None]
    return [each for block in found for each in commands_of(block.text, block.line) if each.is_set_up]


def environments() -> set[str]:
    """Return the names of the environments of tox."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "tox.ini", encoding="utf-8")
    return {name.removeprefix("testenv:") for name in settings.sections() if name.startswith("testenv:")}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever follows the page from top to bottom sees what it shows."""
    monkeypatch.chdir(tmp_path)
    PageRun(name_of(page), tmp_path).follow(blocks(page))


def test_blocks_that_are_not_run_say_why() -> None:
    """Each of them has a reason, so that it can go when the reason goes."""
    skipped = [(name_of(page), block.line, block.skip_reason) for page in PAGES for block in blocks(page)]
    assert [place for *place, reason in skipped if reason == ""] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_extras_and_environments_exist(page: Path) -> None:
    """An extra that a page installs, and an environment of tox that it runs, are there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for command in set_up_commands(page):
        for extras in re.findall(r"(?:strategy-orchestrator|\.)\[([\w,-]+)\]", command.text):
            assert set(extras.split(",")) <= set(project["optional-dependencies"]), (name_of(page), command)
        for names in re.findall(r"\btox\b.* -e ?([\w,-]+)", command.text):
            assert set(names.split(",")) <= environments(), (name_of(page), command)


def test_the_commands_of_the_readme_are_those_of_the_checks() -> None:
    """What a newcomer types first is what tests/wheels and .ci/run type."""
    assert f"{CHECK_COMMAND} " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert {README_COMMAND, CHECK_COMMAND} <= {command.text for command in set_up_commands(ROOT / "README.md")}


def test_contributing_names_environments_that_exist() -> None:
    """CONTRIBUTING.md tells how to run single parts."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"tox -e ([\w-]+)", text))
    assert named
    assert named <= environments()
