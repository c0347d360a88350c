"""Names that are loaded when they are first used."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

PACKAGES = [f"strategy_orchestrator{part}" for part in ("", ".hooks", ".market", ".store")]
every_package = pytest.mark.parametrize("name", PACKAGES)


@every_package
def test_what_is_loaded_is_what_a_type_checker_is_told(name: str) -> None:
    """Each name from the module in which it lives."""
    package = importlib.import_module(name)
    tree = ast.parse(Path(str(package.__file__)).read_text(encoding="utf-8"))
    (told,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    names = set()
    for node in told.body:
        assert isinstance(node, ast.ImportFrom)
        for each in node.names:
            names.add(each.name)
            assert getattr(package, each.name) is getattr(importlib.import_module(str(node.module)), each.name)
    assert names == set(package.__all__) - {"__version__"}


@every_package
def test_other_names_are_refused(name: str) -> None:
    """As by any module."""
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'load_panels'"):
        importlib.import_module(name).load_panels  # noqa: B018
