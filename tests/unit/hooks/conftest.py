"""A folder for plug-ins that is on the path of modules during a test, and a cache of the test's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.hooks.packs import Site

_VARIABLES = (
    "ORCHESTRATE_BLOCK",
    "ORCHESTRATE_ONLY",
    "ORCHESTRATE_NO_AUTOLOAD",
    "ORCHESTRATE_LISTEN",
    "ORCHESTRATE_IMPORT_SECONDS",
)


@pytest.fixture(name="site")
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in _VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    yield Site(folder)
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]
