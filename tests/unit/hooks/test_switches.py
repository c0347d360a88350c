"""Which plug-ins take part, and who decides."""

from __future__ import annotations

from typing import Any

import pytest

from strategy_orchestrator.errors import ConfigError
from strategy_orchestrator.hooks.plugin import BUILT_IN, Origin, Plugin
from strategy_orchestrator.hooks.switches import (
    ENVIRONMENT,
    OPTIONS,
    RUN_FILE,
    Switches,
    Wish,
    decided,
    wish_of_environment,
)

TREND = Plugin("pack-trend", "1.0", "trend", "pack_trend", "/site")
MINE = Plugin("mine", "", "Mine", "mine", "", Origin.OBJECT)

VERDICTS: dict[str, tuple[dict[str, Any], Plugin, str]] = {
    "no switch": ({}, TREND, ""),
    "blocked": ({"blocked": ("pack-trend",)}, TREND, "by blocked"),
    "another blocked": ({"blocked": ("other",)}, TREND, ""),
    "only it": ({"only": ("trend",)}, TREND, ""),
    "only others": ({"only": ("other",)}, TREND, "not among those of only"),
    "only none": ({"only": ()}, TREND, "not among those of only"),
    "no autoload": ({"autoload": False}, TREND, "autoload leaves installed plug-ins out"),
    "block beats only": ({"blocked": ("trend",), "only": ("trend",)}, TREND, "by blocked"),
    "the built-in one stays": ({"only": (), "autoload": False}, BUILT_IN, ""),
    "objects stay": ({"only": (), "autoload": False}, MINE, ""),
    "objects can be blocked": ({"blocked": ("mine",)}, MINE, "by blocked"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_a_verdict(case: str) -> None:
    """A plug-in takes part unless a switch says otherwise, and the switch is named."""
    switches, plugin, verdict = VERDICTS[case]
    assert Switches(**switches).verdict(plugin) == verdict


def test_each_switch_is_decided_by_the_first_place_that_sets_it() -> None:
    """Options come before the environment and this before the file; switches are decided one by one."""
    switches = decided(
        (OPTIONS, Wish(blocked=("a",))),
        (ENVIRONMENT, Wish(blocked=("b",), autoload=True)),
        (RUN_FILE, Wish(blocked=("c",), only=("d",), autoload=False)),
    )
    assert (switches.blocked, switches.only, switches.autoload) == (("a",), ("d",), True)
    places = [switches.place_of(switch) for switch in ("blocked", "only", "autoload")]
    assert places == ["--block", "plugins.only", "ORCHESTRATE_NO_AUTOLOAD"]


def test_nothing_said_means_that_all_take_part() -> None:
    """Without a wish the switches have their defaults."""
    assert decided((OPTIONS, Wish())) == Switches()


@pytest.mark.parametrize(
    ("environment", "wish"),
    [
        ({}, Wish()),
        ({"ORCHESTRATE_BLOCK": "", "ORCHESTRATE_ONLY": " ", "ORCHESTRATE_NO_AUTOLOAD": ""}, Wish()),
        ({"ORCHESTRATE_BLOCK": "a, b c"}, Wish(blocked=("a", "b", "c"))),
        ({"ORCHESTRATE_ONLY": "a"}, Wish(only=("a",))),
        ({"ORCHESTRATE_LISTEN": "a,b"}, Wish(listen=("a", "b"))),
        ({"ORCHESTRATE_NO_AUTOLOAD": "1"}, Wish(autoload=False)),
        ({"ORCHESTRATE_NO_AUTOLOAD": "Off"}, Wish(autoload=True)),
    ],
)
def test_the_environment_is_read(environment: dict[str, str], wish: Wish) -> None:
    """Lists are separated by commas or spaces; an empty variable says nothing."""
    assert wish_of_environment(environment) == wish


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless another is given."""
    monkeypatch.setenv("ORCHESTRATE_BLOCK", "here")
    assert wish_of_environment().blocked == ("here",)


def test_a_variable_that_is_neither_yes_nor_no_is_refused() -> None:
    """A value that could mean either is not guessed."""
    with pytest.raises(ConfigError, match="ORCHESTRATE_NO_AUTOLOAD: 'maybe' was found; expected 1 or 0"):
        wish_of_environment({"ORCHESTRATE_NO_AUTOLOAD": "maybe"})


def test_names_that_look_misspelt_are_refused_all_at_once() -> None:
    """A block of what is not installed is fine unless it looks like what is; allowing only what is not is refused."""
    switches = Switches(blocked=("not-here", "pack-trent"), only=("nobody",), places=OPTIONS)
    with pytest.raises(ConfigError) as caught:
        switches.check([TREND, BUILT_IN])
    assert str(caught.value).splitlines() == [
        "--block: no plug-in is called 'pack-trent'. Did you mean 'pack-trend'?",
        "--only: no plug-in is called 'nobody'. Installed: builtin, pack-trend, strategy-orchestrator, trend.",
    ]


@pytest.mark.parametrize("name", ["builtin", "strategy-orchestrator"])
def test_the_built_in_plug_in_cannot_be_blocked(name: str) -> None:
    """Nothing works without it."""
    with pytest.raises(ConfigError, match="is built in and cannot be blocked"):
        Switches(blocked=(name,)).check([BUILT_IN])


def test_right_names_pass() -> None:
    """Names of installed plug-ins are not refused."""
    Switches(blocked=("trend",), only=("pack-trend",)).check([TREND, BUILT_IN])
