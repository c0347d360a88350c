"""Which files make a plug-in, and their hashes."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from strategy_orchestrator.hooks.files import digest, files_of, package_files, sha256_of
from strategy_orchestrator.hooks.installed import Installed, find_installed
from strategy_orchestrator.hooks.plugin import Plugin
from tests.unit.hooks.packs import Site, recorded


def installed(distribution: str) -> list[Installed]:
    """Return the plug-ins of a distribution."""
    return [item for item in find_installed() if item.plugin.distribution == distribution]


def test_recorded_files_count_but_for_those_of_the_installer(site: Site) -> None:
    """RECORD itself, who installed it, and compiled caches differ from one machine to the next."""
    about = site.install("pack-a", "x = 1")
    (about / "INSTALLER").write_text("pip")
    script = site.folder.parent / "script"
    script.touch()
    cache = site.folder / "__pycache__" / "pack_a.cpython-311.pyc"
    cache.parent.mkdir()
    cache.touch()
    lines = (about / "RECORD").read_text() + f"{about.name}/INSTALLER,,\n../script,,\n__pycache__/{cache.name},,\n"
    (about / "RECORD").write_text(lines)
    files = files_of(installed("pack-a"))
    assert sorted(files.found) == [
        "pack_a-1.0.dist-info/METADATA",
        "pack_a-1.0.dist-info/entry_points.txt",
        "pack_a.py",
    ]
    assert files.recorded["pack_a.py"] == recorded(site.folder / "pack_a.py")
    assert files.hashes()["pack_a.py"] == hashlib.sha256(b"x = 1").hexdigest()


def test_files_beside_the_recorded_ones_count(site: Site) -> None:
    """What lies in a package can be imported, recorded or not."""
    package = site.folder / "pack_a"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "plugin.py").touch()
    about = site.install("pack-a", None, "a = pack_a.plugin")
    site.record(about, [package / "__init__.py", package / "plugin.py"])
    (package / "hidden.pyc").touch()
    files = files_of(installed("pack-a"))
    assert sorted(files.recorded) == ["pack_a/__init__.py", "pack_a/plugin.py"]
    assert sorted(files.found) == ["pack_a/__init__.py", "pack_a/hidden.pyc", "pack_a/plugin.py"]


def test_a_module_without_metadata_is_its_file(site: Site) -> None:
    """Where it lies on the path."""
    path = site.write("alone", "x = 1")
    files = files_of([Installed(Plugin("alone", "", "alone", "alone", ""))])
    assert (files.recorded, files.found) == ({}, {"alone.py": path})


def test_the_files_of_a_package_are_found_without_importing_it(site: Site) -> None:
    """Also in a namespace that it shares with others, whose files do not count."""
    for name in ("ours", "theirs"):
        folder = site.folder / "shared_space" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("raise SystemExit")
        (folder / "plugin.py").touch()
    names = [name for name, _ in package_files("shared_space.ours.plugin")]
    assert names == ["shared_space/ours/__init__.py", "shared_space/ours/plugin.py"]
    assert "shared_space" not in sys.modules
    assert len(list(package_files("shared_space.missing"))) == 4


def test_what_cannot_be_found_has_no_files(site: Site) -> None:
    """Neither a module that is not there nor one without a file."""
    assert str(site.folder) in sys.path
    assert list(package_files("nosuchthing")) == []
    assert list(package_files("sys")) == []


def test_one_hash_stands_for_all(tmp_path: Path) -> None:
    """Whatever their order; a name counts as much as a byte."""
    file = tmp_path / "a"
    file.write_bytes(b"x")
    hashes = {"a": sha256_of(file), "b": "1"}
    assert digest(hashes) == digest(dict(reversed(hashes.items())))
    assert digest(hashes) != digest({"a": hashes["a"], "c": "1"})
