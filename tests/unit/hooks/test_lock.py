"""A lock, and what differs from it."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from strategy_orchestrator.errors import InputError, PluginError
from strategy_orchestrator.hooks.lock import Locked, check_lock, installed_now, read_lock, write_lock
from strategy_orchestrator.hooks.switches import Switches
from tests.unit.hooks.packs import Site, pack

ONLY = Switches(only=("pack-a", "pack-b"))


@pytest.fixture(name="lock")
def _lock(site: Site, tmp_path: Path) -> Path:
    site.install("pack-a", f"open({str(tmp_path / 'ran')!r}, 'w')\n{pack('a')}")
    site.install("pack-b", pack("b"))
    lock = tmp_path / "orchestrate.lock"
    write_lock(lock, installed_now(ONLY))
    return lock


def about(site: Site, distribution: str) -> Path:
    """Return the metadata of a distribution."""
    return site.folder / f"{distribution.replace('-', '_')}-1.0.dist-info"


def test_a_lock_holds_every_file(lock: Path, site: Site) -> None:
    """It is TOML, ours is in it, and reading gives what was written."""
    tables = tomllib.loads(lock.read_text())["distribution"]
    assert [table["name"] for table in tables] == ["strategy-orchestrator", "pack-a", "pack-b"]
    assert sorted(tables[1]["files"]) == [
        "pack_a-1.0.dist-info/METADATA",
        "pack_a-1.0.dist-info/entry_points.txt",
        "pack_a.py",
    ]
    assert read_lock(lock) == installed_now(ONLY)
    check_lock(lock, ONLY)
    assert "pack_a" not in sys.modules
    assert str(site.folder) in sys.path


def test_names_of_all_sorts_are_kept(tmp_path: Path) -> None:
    """Quotes and characters of other scripts arrive."""
    item = Locked("a", "1", {"x": "y"}, {'é"\\ \x7f.py': "0"})
    write_lock(tmp_path / "lock", [item])
    assert read_lock(tmp_path / "lock") == [item]


def upgrade(site: Site) -> None:
    """Install another version."""
    shutil.rmtree(about(site, "pack-a"))
    site.install("pack-a", pack("a"), version="2.0")


DIFFERENCES: dict[str, tuple[Callable[[Site], object], list[str]]] = {
    "a byte": (
        lambda site: site.write("pack_a", pack("c")),
        ["pack-a 1.0: pack_a.py was changed since {lock} was written. "],
    ),
    "a file added": (
        lambda site: site.record(about(site, "pack-b"), [site.write("pack_b", pack("b")), site.write("extra", "")]),
        [
            "pack-b 1.0: extra.py was added since {lock} was written. ",
            "pack-b 1.0: pack_b-1.0.dist-info/METADATA was removed since {lock} was written. ",
            "pack-b 1.0: pack_b-1.0.dist-info/entry_points.txt was removed since {lock} was written. ",
        ],
    ),
    "another version": (upgrade, ["pack-a 2.0: {lock} has version 1.0. "]),
    "another entry point": (
        lambda site: (about(site, "pack-a") / "entry_points.txt").write_text("[strategy_orchestrator]\nz = pack_a\n"),
        [
            "pack-a 1.0: its entry points are z = pack_a; {lock} has a = pack_a. ",
            "pack-a 1.0: pack_a-1.0.dist-info/entry_points.txt was changed since {lock} was written. ",
        ],
    ),
    "one removed": (
        lambda site: shutil.rmtree(about(site, "pack-a")),
        ["pack-a 1.0: it is in {lock} and not installed. "],
    ),
}


@pytest.mark.parametrize("case", DIFFERENCES)
def test_a_difference_is_refused_before_anything_is_imported(case: str, lock: Path, site: Site) -> None:
    """Each is one line with the distribution, its version and what to do."""
    change, starts = DIFFERENCES[case]
    change(site)
    with pytest.raises(PluginError) as caught:
        check_lock(lock, ONLY)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(starts)
    remedy = "Install what was locked, or write the lock again: orchestrate plugins lock."
    assert lines == [f"{start.format(lock=lock)}{remedy}" for start in starts]
    assert not (lock.parent / "ran").exists()


def test_a_plug_in_that_is_not_in_the_lock_is_refused(lock: Path, site: Site) -> None:
    """Unless it takes no part."""
    site.install("pack-c", pack("c"))
    with pytest.raises(PluginError, match=r"^pack-c 1\.0: it is not in .*orchestrate\.lock\. .*--block pack-c\.$"):
        check_lock(lock, Switches(only=("pack-a", "pack-b", "pack-c")))
    check_lock(lock, ONLY)
    check_lock(lock, Switches(only=("pack-a",)))


def test_many_differences_are_counted(lock: Path, site: Site) -> None:
    """Five files are named."""
    site.record(about(site, "pack-a"), [site.write(f"extra{number}", "") for number in range(8)])
    site.write("pack_a", f"open({str(lock.parent / 'ran')!r}, 'w')\n{pack('a')}")
    with pytest.raises(PluginError) as caught:
        check_lock(lock, ONLY)
    lines = str(caught.value).splitlines()
    assert len(lines) == 6
    assert lines[-1].startswith(f"pack-a 1.0: 5 more files differ from {lock}. ")


BROKEN = {
    "no TOML": ("[", "this is no lock: "),
    "another format": ("format = 2", "this is no lock: its format is 2; expected 1"),
    "no format": ("x = 1", "this is no lock: 'format'"),
    "no tables": ("format = 1\ndistribution = 5", "this is no lock: "),
    "changed by hand": (
        'format = 1\n[[distribution]]\nname = "a"\nversion = "1"\nsha256 = "0"\nentry_points = {}\nfiles = {}',
        "this is no lock: the hash of a is not that of its files; somebody changed it by hand",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_is_no_lock_is_refused(case: str, tmp_path: Path) -> None:
    """With the way to make one."""
    text, start = BROKEN[case]
    (tmp_path / "lock").write_text(text)
    with pytest.raises(InputError) as caught:
        read_lock(tmp_path / "lock")
    assert str(caught.value).startswith(f"{tmp_path / 'lock'}: {start}")
    assert str(caught.value).endswith("Write one: orchestrate plugins lock.")


def test_a_missing_lock_is_told(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(InputError, match="lock: the lock cannot be read: No such file or directory"):
        read_lock(tmp_path / "lock")


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(InputError, match="the lock cannot be written: Is a directory"):
        write_lock(tmp_path, [])
