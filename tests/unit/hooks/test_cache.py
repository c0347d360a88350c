"""How long it is believed what was learnt of a plug-in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strategy_orchestrator.folders import cache_folder
from strategy_orchestrator.hooks.cache import Cache
from strategy_orchestrator.hooks.installed import Installed, find_installed
from strategy_orchestrator.hooks.learnt import Learnt, Status
from tests.unit.hooks.packs import Site, pack

LEARNT = Learnt(Status.ENABLED, events=("orchestrator_run_started",))


def installed(site: Site) -> list[Installed]:
    """Return the plug-ins of the one distribution in a folder."""
    return [item for item in find_installed() if item.plugin.location == str(site.folder)]


def remember(site: Site) -> None:
    """Keep something of the plug-in in a folder."""
    items = installed(site)
    Cache().remember(items, {item.plugin: LEARNT for item in items})


def is_known(site: Site) -> bool:
    """Tell whether it is still believed."""
    items = installed(site)
    recalled = Cache().recall(items)
    assert recalled in (None, {item.plugin: LEARNT for item in items})
    return recalled is not None


def upgrade(site: Site) -> None:
    """Install another version with the same code."""
    for path in (site.folder / "pack_a-1.0.dist-info").iterdir():
        path.unlink()
    (site.folder / "pack_a-1.0.dist-info").rmdir()
    site.install("pack-a", pack("trend"), version="1.1")


def touch(path: Path) -> None:
    """Change the time of a file."""
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


CHANGES: dict[str, Callable[[Site], object]] = {
    "another version": upgrade,
    "another RECORD": lambda site: (site.folder / "pack_a-1.0.dist-info" / "RECORD").write_text("x,,\n"),
    "an edited module": lambda site: touch(site.folder / "pack_a.py"),
    "another distribution": lambda site: (site.folder / "new-1.0.dist-info").mkdir(),
    "another module on the path": lambda site: site.write("nosuchthing", ""),
    "another entry point": lambda site: (site.folder / "pack_a-1.0.dist-info" / "entry_points.txt").write_text(
        "[strategy_orchestrator]\na = pack_a:x\n"
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_was_learnt_is_kept_until_something_changes(case: str, site: Site) -> None:
    """The next time it is known; after a change of what it may depend on it is not."""
    site.install("pack-a", pack("trend"))
    assert not is_known(site)
    remember(site)
    assert is_known(site)
    CHANGES[case](site)
    assert not is_known(site)


def test_a_module_of_a_package_counts(site: Site) -> None:
    """Also one that is not the entry point's own, and none that is compiled."""
    folder = site.folder / "pack_a"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "deep.py").touch()
    site.install("pack-a", None, "a = pack_a.plugin")
    remember(site)
    (folder / "__pycache__" / "deep.pyc").touch()
    assert is_known(site)
    touch(folder / "deep.py")
    assert not is_known(site)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"a": {}}'])
def test_a_file_that_cannot_be_read_is_passed_over(content: str, site: Site) -> None:
    """As if nothing were known."""
    site.install("pack-a", pack("trend"))
    remember(site)
    folder = cache_folder("plugins")
    assert folder is not None
    (file,) = folder.iterdir()
    file.write_text(content)
    assert not is_known(site)


def test_a_folder_that_cannot_be_written_is_no_error(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plug-in is looked at again the next time."""
    site.install("pack-a", pack("trend"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(site.folder / "pack_a.py"))
    remember(site)
    assert not is_known(site)


def test_a_file_is_whole_or_not_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it cannot be moved into place nothing of it stays."""
    site.install("pack-a", pack("trend"))

    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    remember(site)
    folder = cache_folder("plugins")
    assert folder is not None
    assert list(folder.iterdir()) == []


def test_old_files_of_a_distribution_are_removed(site: Site) -> None:
    """Eight are kept, and those of others with a longer name."""
    folder = cache_folder("plugins")
    assert folder is not None
    folder.mkdir(parents=True)
    other = folder / f"pack-a-more-{'0' * 32}.json"
    other.touch()
    path = site.install("pack-a", pack("trend")) / "RECORD"
    for number in range(12):
        path.write_text(f"x{number},,\n")
        remember(site)
    assert is_known(site)
    assert len(list(folder.iterdir())) == 8 + 1
    assert other.exists()


def test_without_a_home_nothing_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing fails."""
    site.install("pack-a", pack("trend"))
    monkeypatch.delenv("XDG_CACHE_HOME")

    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", homeless)
    remember(site)
    assert not is_known(site)
