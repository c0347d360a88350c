"""The list of all plug-ins, of which none is imported here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.errors import ConfigError, Fault, PluginError
from strategy_orchestrator.hooks.catalog import Catalog, unknown
from strategy_orchestrator.hooks.learnt import Entry, Status
from strategy_orchestrator.hooks.switches import OPTIONS, Switches
from tests.unit.hooks.packs import Site, pack


def entries(site: Site, *, is_fresh: bool = False, **switches: Any) -> dict[str, Entry]:
    """Return the lines of the list that are about plug-ins in a folder, by distribution."""
    catalog = Catalog(Switches(**switches, places=OPTIONS), is_fresh=is_fresh)
    return {entry.plugin.distribution: entry for entry in catalog.entries if str(site.folder) in entry.plugin.location}


def test_each_plug_in_has_its_state(site: Site) -> None:
    """Enabled, blocked, broken and incompatible ones stand side by side, each with the reason."""
    site.install("pack-blocked", "open('ran', 'w')")
    site.install("pack-broken", "1 / 0")
    site.install("pack-fine", pack("trend"))
    site.install("pack-late", "open('ran', 'w')", metadata="Requires-Dist: strategy-orchestrator[api-2]\n")
    site.install("pack-later", pack("later") + "\norchestrator_api_version = 3")
    site.install("pack-odd", "open('ran', 'w')", "x = ?")
    found = entries(site, blocked=("pack-blocked", "starter"))
    assert {name: entry.status for name, entry in found.items()} == {
        "pack-blocked": Status.BLOCKED,
        "pack-broken": Status.BROKEN,
        "pack-fine": Status.ENABLED,
        "pack-late": Status.INCOMPATIBLE,
        "pack-later": Status.INCOMPATIBLE,
        "pack-odd": Status.BROKEN,
    }
    assert {name: len(entry.additions) for name, entry in found.items() if entry.additions} == {"pack-fine": 1}
    starts = {
        "pack-blocked": "by --block",
        "pack-broken": "ZeroDivisionError: division by zero (",
        "pack-fine": "",
        "pack-late": "it was written for version 2 of the contract with plug-ins; this is version 1. ",
        "pack-later": "it was written for version 3 of the contract with plug-ins; this is version 1. ",
        "pack-odd": "its entry point is '?'; expected ",
    }
    assert all(found[name].reason.startswith(start) for name, start in starts.items())
    assert not any(name.startswith("pack_") for name in sys.modules)
    assert not Path("ran").exists()


def test_what_was_learnt_is_not_learnt_again(site: Site, tmp_path: Path) -> None:
    """Until somebody asks for it."""
    count = tmp_path / "count"
    site.install("pack-a", f"open({str(count)!r}, 'a').write('x')\n{pack('trend')}")
    for _ in range(3):
        assert entries(site, only=("pack-a",))["pack-a"].status is Status.ENABLED
    assert count.read_text() == "x"
    entries(site, only=("pack-a",), is_fresh=True)
    assert count.read_text() == "xx"


def test_entry_points_of_one_name_are_told_apart(site: Site) -> None:
    """Also when they come from what was kept."""
    site.write("one", pack("one"))
    site.write("two", pack("two"))
    site.install("pack-a", None, "a = one\na = two")
    for _ in range(2):
        catalog = Catalog(Switches(only=("pack-a",)))
        names = [[addition.name for addition in entry.additions] for entry in catalog.entries if entry.additions]
        assert names == [["one"], ["two"]]


def test_the_built_in_plug_in_comes_first(site: Site) -> None:
    """It is learnt like the others."""
    site.install("a-pack", pack("trend"))
    first, *rest = Catalog(Switches(only=("a-pack",)), built_in=True).entries
    assert first.plugin.distribution == "strategy-orchestrator"
    assert {"FIRST_WINS", "csv"} <= {addition.name for addition in first.additions}
    assert [entry.plugin.distribution for entry in rest if entry.status is Status.ENABLED] == ["a-pack"]


FAULT = Fault("here", "no strategy is called 'x'; known: 'y'", "Did you mean 'y'?")


def test_a_name_that_nobody_can_answer_to_is_wrong_input(site: Site) -> None:
    """When all plug-ins could be asked."""
    site.install("pack-a", pack("trend"))
    error = unknown(FAULT, "other", entries(site, only=("pack-a",)).values())
    assert (type(error), str(error)) == (ConfigError, str(FAULT))


@pytest.mark.parametrize(
    ("name", "blamed"),
    [
        ("trend", ["pack-code", "pack-none"]),
        ("rise", ["pack-none"]),
        ("Pack_Code:rise", ["pack-code"]),
        ("pack-other:trend", []),
        ("pack-blocked:trend", []),
    ],
)
def test_a_broken_plug_in_that_may_offer_a_name_is_to_blame(name: str, blamed: list[str], site: Site) -> None:
    """By its distribution, by its code, or for want of code to look at."""
    site.install("pack-code", f"1 / 0\n{pack('trend')}")
    site.install("pack-none", None)
    site.install("pack-other", pack("other"))
    site.install("pack-blocked", pack("trend"))
    error = unknown(FAULT, name, entries(site, blocked=("pack-blocked", "starter")).values())
    first, *others = str(error).splitlines()
    assert [line.partition("(")[2].partition(" ")[0] for line in others] == blamed
    assert type(error) is (PluginError if blamed else ConfigError)
    assert ("pack-blocked 1.0 (by --block)" in first) == (":" not in name or "blocked" in name)


def test_many_plug_ins_that_take_no_part_are_counted(site: Site) -> None:
    """Those that seem to have the name come first; the others are to be seen in the list."""
    for name in ("a", "b", "c", "d"):
        site.install(f"pack-{name}", pack("trend" if name == "d" else "rise"))
    error = unknown(FAULT, "trend", entries(site, blocked=("pack-a", "pack-b", "pack-c", "pack-d", "starter")).values())
    told = ", ".join(f"pack-{name} 1.0 (by --block)" for name in "dab")
    assert str(error) == f"{FAULT} These take no part: {told} and 1 more, see orchestrate list-plugins."


def test_other_broken_plug_ins_are_mentioned(site: Site) -> None:
    """Nobody is sure, after all."""
    site.install("pack-a", "1 / 0")
    site.install("pack-b", pack("x"))
    error = unknown(FAULT, "trend", entries(site, blocked=("pack-b", "starter")).values())
    notes = "These take no part: pack-b 1.0 (by --block). These are broken: pack-a 1.0."
    assert (type(error), str(error)) == (ConfigError, f"{FAULT} {notes}")
