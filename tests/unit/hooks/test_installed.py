"""Which plug-ins are found, by what installers left."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from strategy_orchestrator.hooks.installed import Installed, find_built_in, find_installed
from tests.unit.hooks.packs import Site


def found(site: Site) -> list[Installed]:
    """Return the plug-ins that are installed in a folder."""
    return [item for item in find_installed() if str(site.folder) in item.plugin.location]


def test_plug_ins_are_found_sorted_and_not_imported(site: Site) -> None:
    """Each entry point of the group is one, sorted by distribution and name, whatever the order on disk."""
    site.install("pack-b", "raise SystemExit", "two = pack_b:two.x\none = pack_b")
    site.install("Pack_A", "raise SystemExit", "point = pack_a [extra]", version="2.1")
    plugins = [item.plugin for item in found(site)]
    assert [(item.distribution, item.version, item.name, item.target) for item in plugins] == [
        ("pack-a", "2.1", "point", "pack_a"),
        ("pack-b", "1.0", "one", "pack_b"),
        ("pack-b", "1.0", "two", "pack_b:two.x"),
    ]
    assert {"pack_a", "pack_b"}.isdisjoint(sys.modules)


def test_other_distributions_are_none_of_ours(site: Site) -> None:
    """A distribution with entry points of other groups, or none, is passed over."""
    about = site.install("pack-other", "")
    (about / "entry_points.txt").write_text("[console_scripts]\nx = strategy_orchestrator_x:main\n")
    plain = site.install("pack-plain", "")
    (plain / "entry_points.txt").unlink()
    assert found(site) == []


def test_a_distribution_behind_another_of_its_name_is_hidden(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python imports the first on the path, only that one's plug-in is there."""
    site.install("pack-a", "", version="1.0")
    first = Site(tmp_path / "first")
    first.folder.mkdir()
    first.install("pack-a", "", version="2.0")
    monkeypatch.syspath_prepend(str(first.folder))
    versions = [item.plugin.version for item in find_installed() if item.plugin.distribution == "pack-a"]
    assert versions == ["2.0"]


def test_the_folder_of_an_editable_installation_is_told(site: Site) -> None:
    """What is installed editable comes from the folder of its project."""
    about = site.install("pack-a", "")
    (about / "direct_url.json").write_text(json.dumps({"url": "file:///srv/pack", "dir_info": {"editable": True}}))
    (item,) = (item for item in find_installed() if item.plugin.distribution == "pack-a")
    assert item.plugin.location == "/srv/pack"


@pytest.mark.parametrize(
    ("metadata", "versions", "is_compatible"),
    [
        ("", set(), True),
        ("Requires-Dist: strategy-orchestrator>=0.1\n", set(), True),
        ("Requires-Dist: strategy_orchestrator[api-1,pandas]>=0.1\n", {1}, True),
        ("Requires-Dist: Strategy.Orchestrator [API_2]\n", {2}, False),
        ("Requires-Dist: strategy-orchestrator[api-1,api-2]\n", {1, 2}, True),
        ("Requires-Dist: other[api-2]\n", set(), True),
    ],
)
def test_the_versions_of_the_contract_are_read_from_the_requirements(
    metadata: str,
    versions: set[int],
    is_compatible: bool,
    site: Site,
) -> None:
    """The extra `api-1` of our distribution names version 1."""
    site.install("pack-a", "", metadata=metadata)
    (item,) = found(site)
    assert item.api_versions == versions
    assert item.is_compatible is is_compatible


def test_an_entry_point_that_names_no_module_is_a_fault(site: Site) -> None:
    """What cannot be a module is told as it stands."""
    site.install("pack-a", "", "point = not a module!")
    (item,) = found(site)
    assert item.fault is not None
    assert str(item.fault).startswith("plug-in 'point' (pack-a 1.0): its entry point is 'not a module!'; expected ")


BROKEN = {
    "no text": ("entry_points.txt", b"[strategy_orchestrator]\n\xff = x\n"),
    "no entry points": ("entry_points.txt", b"[strategy_orchestrator]\nnothing\n"),
    "no metadata": ("METADATA", None),
    "no name": ("METADATA", b"Version: 1.0\n"),
    "no version": ("METADATA", b"Name: pack-a\n"),
    "no text in RECORD": ("RECORD", b"\xff"),
    "broken origin": ("direct_url.json", b"{"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_metadata_harm_their_own_plug_in_alone(case: str, site: Site) -> None:
    """Others are found, and the broken one is told with the folder."""
    site.install("pack-b", "")
    about = site.install("pack-a", "")
    file, content = BROKEN[case]
    if content is None:
        (about / file).unlink()
    else:
        (about / file).write_bytes(content)
    broken, fine = found(site)
    assert fine.plugin.distribution == "pack-b"
    assert fine.fault is None
    assert broken.plugin.distribution == "pack-a"
    assert broken.fault is not None
    assert "its metadata cannot be read: " in broken.fault.problem
    assert str(about) in broken.fault.problem


def test_what_is_recorded_is_read(site: Site) -> None:
    """Files that are gone included, for that is a difference."""
    about = site.install("pack-a", "x = 1")
    (about / "RECORD").write_text('pack_a.py,sha256=abc,5\n"a, b.py",,\n')
    (item,) = found(site)
    assert item.recorded == {"pack_a.py": "sha256=abc", "a, b.py": ""}
    assert item.folder == site.folder


def test_our_own_distribution_is_found() -> None:
    """Where it is installed."""
    item = find_built_in()
    assert item.folder is not None
    assert any("dist-info" in name for name in item.recorded)


def test_a_checkout_on_the_path_has_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without metadata there is none."""
    monkeypatch.setattr(sys, "path", [])
    assert (find_built_in().folder, find_built_in().recorded) == (None, {})
