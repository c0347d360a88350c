"""Plug-ins compared with what their installer recorded."""

from __future__ import annotations

import site as python_site
import sys
from pathlib import Path

import pytest

from strategy_orchestrator.hooks.audit import Audited, audit_plugins, audit_start_files
from tests.unit.hooks.packs import Site


def audited(distribution: str) -> Audited:
    """Return what is found of a distribution."""
    (found,) = (item for item in audit_plugins() if item.name == distribution)
    return found


def install(site: Site) -> Path:
    """Install a package with three modules and return its folder."""
    package = site.folder / "pack_a"
    package.mkdir()
    paths = [package / f"{name}.py" for name in ("__init__", "one", "two")]
    for path in paths:
        path.write_text("raise SystemExit")
    about = site.install("pack-a", None, "a = pack_a.one")
    site.record(about, [*paths, about / "METADATA", about / "entry_points.txt"])
    return package


def test_what_is_as_recorded_is_told_so(site: Site) -> None:
    """With its entry points and one hash; nothing of it is imported."""
    install(site)
    found = audited("pack-a")
    assert found.is_as_recorded
    assert (found.version, found.location, found.entry_points) == ("1.0", str(site.folder), ("a = pack_a.one",))
    assert (found.n_files, len(found.sha256), found.is_editable) == (5, 64, False)
    assert "pack_a" not in sys.modules


def test_each_difference_is_told(site: Site) -> None:
    """Changed, missing and unrecorded files."""
    package = install(site)
    (package / "one.py").write_text("raise SystemExit ")
    (package / "two.py").unlink()
    (package / "extra.py").touch()
    found = audited("pack-a")
    assert (found.changed, found.missing, found.unrecorded) == (
        ("pack_a/one.py",),
        ("pack_a/two.py",),
        ("pack_a/extra.py",),
    )
    assert not found.is_as_recorded


def test_a_hash_that_is_too_weak_is_no_proof(site: Site) -> None:
    """A record by MD5 says nothing."""
    package = install(site)
    record = site.folder / "pack_a-1.0.dist-info" / "RECORD"
    lines = [f"{line.partition(',')[0]},md5=x,1" if "one" in line else line for line in record.read_text().splitlines()]
    record.write_text("\n".join(lines))
    assert package.is_dir()
    assert audited("pack-a").changed == ("pack_a/one.py",)


def test_what_is_recorded_nowhere_cannot_be_compared(site: Site) -> None:
    """An editable installation records metadata alone, and that is no fault."""
    install(site)
    about = site.folder / "pack_a-1.0.dist-info"
    site.record(about, [about / "METADATA"])
    found = audited("pack-a")
    assert found.is_editable
    assert found.is_as_recorded


def test_ours_is_audited_first() -> None:
    """The built-in plug-in is part of it."""
    assert audit_plugins()[0].name == "strategy-orchestrator"


def test_start_files_are_found(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their owner, and whether they run code."""
    about = site.install("pack-a", "")
    path = site.folder / "pack_a.pth"
    path.write_text("/somewhere\n")
    site.record(about, [path])
    (site.folder / "evil.pth").write_text("# nothing\nimport os; os.system('echo')\n")
    monkeypatch.setattr(python_site, "getsitepackages", lambda: [str(site.folder)])
    monkeypatch.setattr(python_site, "getusersitepackages", lambda: str(site.folder / "none"))
    evil, fine = audit_start_files()
    assert (Path(evil.path).name, evil.runs_code, evil.owner) == ("evil.pth", True, "")
    assert (Path(fine.path).name, fine.runs_code, fine.owner) == ("pack_a.pth", False, "pack-a")
