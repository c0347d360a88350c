"""What happens when a plug-in is imported, short of the end of the process."""

from __future__ import annotations

import sys

import pytest

from strategy_orchestrator.errors import PluginError
from strategy_orchestrator.hooks.loading import incompatible, load, remedy_for
from strategy_orchestrator.hooks.plugin import Origin, Plugin
from tests.unit.hooks.packs import Site


def plugin(target: str, origin: Origin = Origin.INSTALLED) -> Plugin:
    """Return the name of a plug-in."""
    return Plugin("pack-odd", "1.0", "odd", target, "/site", origin)


def test_an_entry_point_names_a_module_or_an_object_in_it(site: Site) -> None:
    """Both are returned as they are."""
    site.write("odd", "class Box:\n  inner = [5]\n")
    assert load(plugin("odd")) is sys.modules["odd"]
    assert load(plugin("odd:Box.inner")) == [5]


FAULTS = {
    "no module": (
        "nosuchodd",
        "",
        "its entry point names 'nosuchodd', and there is no module 'nosuchodd' (entry_points.txt in /site)",
    ),
    "no module in a package": (
        "json.nosuch:x",
        "",
        "its entry point names 'json.nosuch:x', and there is no module 'json.nosuch' (entry_points.txt in /site)",
    ),
    "no object": (
        "odd:missing",
        "",
        "its entry point names 'odd:missing', and 'odd' has no 'missing' (entry_points.txt in /site)",
    ),
    "a module that it needs is missing": (
        "odd",
        "\nimport nosuchthing",
        "ModuleNotFoundError: No module named 'nosuchthing' ({file}, line 2)",
    ),
    "it raises": ("odd", "1 / 0", "ZeroDivisionError: division by zero ({file}, line 1)"),
    "it exits": ("odd", "import sys\nsys.exit('bye')", "it asked to end the program, SystemExit(bye) ({file}, line 2)"),
    "its attribute raises": (
        "odd:box.inner",
        "class Box:\n  @property\n  def inner(self): raise OSError\nbox = Box()",
        "OSError ({file}, line 3)",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_goes_wrong_is_one_line(case: str, site: Site) -> None:
    """With distribution, version, file and line, cause and remedy."""
    target, code, problem = FAULTS[case]
    file = site.write("odd", code)
    with pytest.raises(PluginError) as caught:
        load(plugin(target))
    remedy = "Repair, upgrade or remove pack-odd, or block it: --block pack-odd."
    assert str(caught.value) == f"plug-in 'odd' (pack-odd 1.0): {problem.format(file=file)}. {remedy}"


def test_an_interrupt_from_the_keyboard_passes(site: Site) -> None:
    """Who presses Ctrl-C does not mean the plug-in."""
    site.write("odd", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load(plugin("odd"))


def test_who_wrote_the_code_can_correct_it() -> None:
    """An object handed in by code needs no installer, and no folder of metadata is told."""
    assert remedy_for(plugin("odd", Origin.OBJECT)) == "Correct the plug-in"
    with pytest.raises(PluginError, match=r"there is no module 'nosuchodd'\. Correct the plug-in"):
        load(plugin("nosuchodd", Origin.OBJECT))


def test_another_version_of_the_contract_is_told() -> None:
    """With both versions."""
    assert "written for version 2 of the contract with plug-ins; this is version 1." in str(
        incompatible(plugin("odd"), 2)
    )
