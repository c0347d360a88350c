"""Which plug-ins a job loads."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from strategy_orchestrator.cli.choosing import chosen_plugins
from strategy_orchestrator.cli.messages import Job
from strategy_orchestrator.errors import ConfigError, PluginError
from strategy_orchestrator.hooks.lock import installed_now, write_lock
from strategy_orchestrator.hooks.switches import Switches, Wish
from strategy_orchestrator.run_file import PluginSwitches
from tests.unit.hooks.packs import Site, pack

VARIABLES = ("ORCHESTRATE_BLOCK", "ORCHESTRATE_ONLY", "ORCHESTRATE_NO_AUTOLOAD", "ORCHESTRATE_LISTEN")


@pytest.fixture(name="site")
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    site = Site(folder)
    site.install("pack-a", pack("a"))
    site.install("pack-b", pack("b"))
    yield site
    for name in ("pack_a", "pack_b"):
        sys.modules.pop(name, None)


def job(wish: Wish | None = None, lock: str | None = None) -> Job:
    """Return a job."""
    return Job("run", "run.toml", None, "id", False, wish or Wish(), lock)


def offered(wish: Wish | None = None, table: PluginSwitches | None = None) -> list[str]:
    """Return the strategies of the two packs that take part."""
    manager = chosen_plugins(job(wish), table or PluginSwitches())
    return [name for name in manager.offers("strategy") if name in {"a", "b"}]


def test_without_a_switch_all_take_part(site: Site) -> None:
    """Both are offered."""
    assert site.folder.is_dir()
    assert offered() == ["a", "b"]


def test_each_place_can_switch(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, before it the environment, before that the option."""
    assert site.folder.is_dir()
    table = PluginSwitches(block=("pack-a",))
    assert offered(table=table) == ["b"]
    monkeypatch.setenv("ORCHESTRATE_BLOCK", "pack-b")
    assert offered(table=table) == ["a"]
    assert offered(Wish(blocked=("pack-a", "pack-b")), table) == []
    assert offered(Wish(autoload=False)) == []
    assert offered(Wish(autoload=True), PluginSwitches(autoload=False)) == ["a"]
    assert offered(table=PluginSwitches(only=("pack-a",))) == ["a"]


def test_a_misspelt_switch_is_told_with_its_place(site: Site) -> None:
    """The file is named where it says so."""
    assert site.folder.is_dir()
    with pytest.raises(ConfigError, match=r"^run\.toml: plugins\.block: no plug-in is called 'pack_aa'\. Did you mean"):
        chosen_plugins(job(), PluginSwitches(block=("pack_aa",)))


@pytest.fixture(name="_own_environment")
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.mark.usefixtures("_own_environment")
def test_a_lock_is_kept_before_anything_is_imported(site: Site, tmp_path: Path) -> None:
    """A byte that differs is refused, and compiled files beside the sources are not looked at."""
    lock = tmp_path / "orchestrate.lock"
    only = Wish(only=("pack-a",))
    write_lock(lock, installed_now(Switches(only=("pack-a",))))
    path = site.folder / "pack_a.py"
    before = path.stat()
    evil = pack("a").replace("return True", "return 1/0 ")
    path.write_text(evil)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    sys.path_importer_cache.clear()
    cached = Path(importlib.util.cache_from_source(str(path)))
    assert not cached.exists()
    compile_to(path, cached)
    path.write_text(pack("a"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    manager = chosen_plugins(job(only, str(lock)), PluginSwitches())
    strategy = manager.build(manager.find("strategy", "a", ""), {}, "")
    assert strategy.should_enter([]) is True  # type: ignore[attr-defined]
    path.write_text(evil)
    with pytest.raises(PluginError, match=r"^pack-a 1\.0: pack_a\.py was changed since "):
        chosen_plugins(job(only, str(lock)), PluginSwitches())


def compile_to(path: Path, cached: Path) -> None:
    """Write the compiled file of a source."""
    py_compile.compile(str(path), str(cached))
