"""The examples in docstrings print what they show."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import strategy_orchestrator

FOLDER = Path(strategy_orchestrator.__path__[0])


def modules() -> list[str]:
    """Return the modules of the installed package that have examples."""
    paths = [path for path in FOLDER.rglob("*.py") if ">>> " in path.read_text(encoding="utf-8")]
    parts = [path.relative_to(FOLDER.parent).with_suffix("").parts for path in paths]
    return sorted(".".join(each).removesuffix(".__init__") for each in parts)


@pytest.mark.parametrize("name", modules())
def test_examples_of_a_module(name: str) -> None:
    """Each example is run with the names of its module; what it prints is compared."""
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    cases = doctest.DocTestFinder().find(importlib.import_module(name), name)
    for case in cases:
        runner.run(case, out=said.append)
    assert any(case.examples for case in cases)
    assert not said, "".join(said)
