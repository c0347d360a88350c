"""Fragments of the changelog have the form that changelog.d/README.md asks for."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

KINDS = ("removed", "deprecated", "added", "changed", "fixed")
FOLDER = ROOT / "changelog.d"
FRAGMENTS = sorted(path for path in FOLDER.iterdir() if path.name != "README.md")


def test_fragments_are_named_by_subject_and_kind_and_made_of_sentences() -> None:
    """What is read by users are full sentences, under one of five headings."""
    for path in FRAGMENTS:
        assert re.fullmatch(rf"[a-z0-9-]+\.({'|'.join(KINDS)})\.md", path.name)
        text = path.read_text(encoding="utf-8").rstrip()
        assert re.match(r"[A-Z`\"]", text), path.name
        assert text.endswith((".", "```")), path.name


def test_the_readme_of_the_folder_names_all_kinds() -> None:
    """The five kinds are those of the README."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in text for kind in KINDS)
