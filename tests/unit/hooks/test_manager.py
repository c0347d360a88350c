"""The plug-ins of one run."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator import builtin
from strategy_orchestrator.errors import ConfigError, PluginError
from strategy_orchestrator.hooks import create_plugin_manager, hookimpl
from strategy_orchestrator.hooks.learnt import Status
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.specs import MetricSpec, RunInfo, StrategySpec
from tests.unit.hooks.packs import Site, pack

LISTENER = """
from strategy_orchestrator import hookimpl
heard = []

@hookimpl
def orchestrator_run_started(run):
    heard.append(run.strategy_ids)

@hookimpl
def orchestrator_run_completed():
    heard.append("completed")

@hookimpl
def orchestrator_decisions(decisions):
    heard.append(len(decisions))

@hookimpl
def orchestrator_run_failed(error):
    heard.append(str(error))
"""


class Hold:
    """A strategy."""

    def signals(self, panel: Any) -> Any:
        """Return the panel."""
        return panel


class Pack:
    """A plug-in that is an object."""

    __version__ = "7"

    def __init__(self, name: str = "mine") -> None:
        self.name = name

    @hookimpl
    def orchestrator_strategies(self) -> list[StrategySpec]:
        """Offer one strategy."""
        return [StrategySpec(self.name, Hold)]


def names(manager: Any, kind: str = "strategy") -> list[str]:
    """Return what is offered of a kind, without what is installed beside the tests."""
    return [name for name, offer in manager.offers(kind).items() if offer.distribution != "orchestrator-starter"]


def run_info() -> RunInfo:
    """Return what a run is about."""
    array = np.ones((1, 1))
    panel = Panel.from_arrays(np.array([0]), ["A"], open=array, high=array, low=array, close=array)
    return RunInfo(("Hold_0",), {"Hold_0": Decimal(1)}, Decimal(1), panel, OrchestratorConfig())


def test_what_is_offered_is_found_and_built(site: Site) -> None:
    """By its name, by its qualified name, and by both of a built-in one."""
    site.install("pack-trend", pack("trend"))
    manager = create_plugin_manager(only=["pack-trend"])
    offer = manager.find("strategy", "trend", "here")
    assert manager.find("strategy", "pack-trend:trend", "here") is offer
    assert type(manager.build(offer, {}, "here")).__name__ == "Trend"
    first = manager.find("resolver", "FIRST_WINS", "here")
    assert manager.find("resolver", "strategy-orchestrator:FIRST_WINS", "here") is first


def test_only_what_is_named_is_imported(site: Site) -> None:
    """Others are known from what was learnt of them."""
    site.install("pack-trend", pack("trend"))
    site.install("pack-other", pack("other"))
    manager = create_plugin_manager(blocked=["starter"])
    assert {"pack_trend", "pack_other"}.isdisjoint(sys.modules)
    manager.find("strategy", "trend", "here")
    assert "pack_trend" in sys.modules
    assert "pack_other" not in sys.modules


def test_built_in_things_need_no_look_at_plug_ins(site: Site) -> None:
    """By their qualified names they are found without knowing what else there is."""
    site.install("pack-slow", f"open({str(site.folder / 'ran')!r}, 'w')")
    create_plugin_manager().find("resolver", "Strategy_Orchestrator:FIRST_WINS", "here")
    assert not (site.folder / "ran").exists()


def test_a_run_that_does_not_name_a_broken_plug_in_is_untouched(site: Site) -> None:
    """Even if that would end the process."""
    site.install("pack-exit", "import os; os._exit(0)")
    site.install("pack-raise", "raise SystemExit(0)")
    site.install("pack-trend", pack("trend"))
    manager = create_plugin_manager(only=["pack-exit", "pack-raise", "pack-trend"])
    manager.find("strategy", "trend", "here")
    manager.run_started(run_info())
    assert [entry["distribution"] for entry in manager.used()] == ["pack-trend"]
    statuses = {entry.plugin.distribution: entry.status for entry in manager.entries}
    assert statuses["pack-exit"] is statuses["pack-raise"] is Status.BROKEN


def test_what_only_a_broken_plug_in_might_offer_is_told(site: Site) -> None:
    """The reason follows the unknown name."""
    site.install("pack-raise", f"raise SystemExit(0)\n{pack('odd')}")
    with pytest.raises(PluginError) as caught:
        create_plugin_manager(only=["pack-raise"]).find("strategy", "odd", "run.toml: strategy[1].use")
    unknown, reason = str(caught.value).splitlines()
    assert unknown.startswith("run.toml: strategy[1].use: no strategy is called 'odd'; known: none.")
    assert reason.startswith("plug-in 'raise' (pack-raise 1.0): it asked to end the program, SystemExit(0)")


def test_an_unknown_name_is_told_with_the_nearest(site: Site) -> None:
    """When no plug-in is broken it is wrong input."""
    site.install("pack-trend", pack("trend"))
    with pytest.raises(ConfigError, match=r"no strategy is called 'trent'; known: 'trend'\. Did you mean 'trend'\?"):
        create_plugin_manager(only=["pack-trend"]).find("strategy", "trent", "here")


def test_a_name_offered_twice_is_refused_unless_qualified(site: Site) -> None:
    """Neither wins, neither is lost."""
    site.install("pack-a", pack("trend"))
    site.install("pack-b", pack("trend"))
    manager = create_plugin_manager(only=["pack-a", "pack-b"])
    with pytest.raises(PluginError, match=r"'a' \(pack-a 1.0\) and by plug-in 'b' \(pack-b 1.0\)"):
        manager.find("strategy", "trend", "here")
    assert manager.find("strategy", "pack-b:trend", "here").distribution == "pack-b"
    assert names(manager) == ["pack-a:trend", "pack-b:trend"]


def test_a_built_in_name_cannot_be_taken_over() -> None:
    """A plug-in that offers it too is named, and the qualified names work."""

    class Taker:
        @hookimpl
        def orchestrator_metrics(self) -> list[MetricSpec]:
            return [MetricSpec("a", Hold), MetricSpec("b", Hold)]

        @hookimpl
        def orchestrator_strategies(self) -> list[StrategySpec]:
            return [StrategySpec("mine", Hold)]

    manager = create_plugin_manager([Taker(), Pack()], autoload=False)
    with pytest.raises(PluginError, match=r"'Pack' \(pack 7\) and by plug-in 'Taker' \(taker\)"):
        manager.find("strategy", "mine", "here")
    assert manager.find("strategy", "pack:mine", "here").version == "7"
    assert names(manager, "metric") == ["a", "b"]


def test_objects_and_modules_are_registered_by_code(site: Site) -> None:
    """Also when installed plug-ins are switched off, and several of one class."""
    site.write("odd", pack("trend"))
    odd = __import__("odd")
    manager = create_plugin_manager([odd, Pack(), Pack("second")], autoload=False)
    assert names(manager) == ["mine", "second", "trend"]
    own = [(entry.plugin.distribution, entry.plugin.name, entry.plugin.location) for entry in manager.entries[1:4]]
    here = str(Path(__file__))
    assert own == [("odd", "odd", odd.__file__), ("pack", "Pack", here), ("pack-2", "Pack-2", here)]


def test_an_object_can_be_blocked() -> None:
    """A block counts for all but the built-in plug-in."""
    manager = create_plugin_manager([Pack()], blocked=["pack"], autoload=False)
    assert names(manager) == []
    assert [(entry.plugin.name, entry.reason) for entry in manager.entries[1:2]] == [("Pack", "by blocked")]


@pytest.mark.parametrize("points", ["main = pack_trend", "main = pack_trend:inner.plugin"])
def test_a_plug_in_that_is_installed_and_handed_in_counts_once(site: Site, points: str) -> None:
    """Under the name, the version and the hash with which it is installed, and without being looked at again."""
    code = f"from types import SimpleNamespace\n{LISTENER}\n{pack('trend')}"
    site.install("pack-trend", f"{code}\nimport sys\ninner = SimpleNamespace(plugin=sys.modules[__name__])", points)
    module = __import__("pack_trend")
    manager = create_plugin_manager([module], only=["pack-trend"])
    assert manager.find("strategy", "trend", "here").distribution == "pack-trend"
    assert names(manager) == ["trend"]
    assert [entry.plugin.distribution for entry in manager.entries].count("pack-trend") == 1
    manager.run_started(run_info())
    assert module.heard == [("Hold_0",)]
    (used,) = manager.used()
    assert (used["distribution"], used["version"], len(used["hash"])) == ("pack-trend", "1.0", 64)


def test_what_is_in_the_box_may_be_handed_in() -> None:
    """It is there once."""
    manager = create_plugin_manager([builtin], autoload=False)
    assert manager.find("resolver", "FIRST_WINS", "here").distribution == "strategy-orchestrator"
    assert len(manager.entries) == 1 + sum(entry.status is Status.BLOCKED for entry in manager.entries)


def test_who_hands_in_what_is_installed_gets_it_unless_it_is_blocked(site: Site) -> None:
    """To load no installed plug-in is one thing, to block this one another."""
    site.install("pack-trend", pack("trend"))
    module = __import__("pack_trend")
    assert names(create_plugin_manager([module], autoload=False)) == ["trend"]
    manager = create_plugin_manager([module], blocked=["pack-trend"], autoload=False)
    assert names(manager) == []
    told = [(entry.status, entry.reason) for entry in manager.entries if entry.plugin.distribution == "pack-trend"]
    assert told == [(Status.BLOCKED, "by blocked")]
    with pytest.raises(ConfigError, match=r"These take no part: pack-trend 1\.0 \(by blocked\)"):
        manager.find("strategy", "trend", "here")


def test_an_object_twice_is_refused() -> None:
    """It would offer everything twice."""
    mine = Pack()
    with pytest.raises(PluginError, match=r"plug-in 'Pack-2' \(pack-2 7\): it is registered twice"):
        create_plugin_manager([mine, mine], autoload=False)


def test_an_object_that_is_not_in_order_is_refused_at_once() -> None:
    """Who hands it in hears of it."""
    with pytest.raises(PluginError, match="it has no hook"):
        create_plugin_manager([ModuleType("empty")], autoload=False)
    with pytest.raises(PluginError, match="None is no plug-in"):
        create_plugin_manager([None], autoload=False)


def test_managers_share_nothing() -> None:
    """What one was given the other does not know."""
    first = create_plugin_manager([Pack("first")], autoload=False)
    second = create_plugin_manager([Pack("second")], autoload=False)
    assert (names(first), names(second)) == (["first"], ["second"])
    first.find("strategy", "first", "here")
    assert (len(first.used()), len(second.used())) == (1, 1)


@pytest.mark.parametrize("order", [1, -1])
def test_nothing_depends_on_the_order_of_registration(order: int) -> None:
    """Names and events come sorted."""
    heard: list[str] = []

    class First:
        @hookimpl
        def orchestrator_run_failed(self) -> None:
            heard.append("first")

    class Second(First):
        @hookimpl
        def orchestrator_run_failed(self) -> None:
            heard.append("second")

    manager = create_plugin_manager([First(), Second()][::order], autoload=False)
    manager.run_failed(ValueError())
    assert heard == ["first", "second"]


def tell(manager: Any) -> None:
    """Tell a manager of a run from beginning to end."""
    result: Any = object()
    manager.run_started(run_info())
    manager.decisions([{}, {}])
    manager.run_completed(result)
    manager.run_failed(ValueError("x"))


def test_a_named_plug_in_hears_of_a_run(site: Site) -> None:
    """Each hook with what it asks for, and who hears takes part."""
    site.install("pack-ear", LISTENER)
    manager = create_plugin_manager(only=["pack-ear"], listen=["pack-ear"])
    assert manager.hears_decisions
    tell(manager)
    assert sys.modules["pack_ear"].heard == [("Hold_0",), 2, "completed", "x"]
    assert [item["distribution"] for item in manager.used()] == ["pack-ear"]


def test_a_plug_in_hears_of_a_run_that_uses_something_of_it(site: Site) -> None:
    """Whoever is named by what it offers is named."""
    site.install("pack-ear", LISTENER + pack("trend"))
    manager = create_plugin_manager(only=["pack-ear"])
    manager.find("strategy", "trend", "here")
    tell(manager)
    assert len(sys.modules["pack_ear"].heard) == 4


def test_a_plug_in_that_nobody_names_hears_nothing(site: Site) -> None:
    """It is not even imported, however much it would like to listen."""
    site.install("pack-ear", LISTENER)
    manager = create_plugin_manager(only=["pack-ear"])
    assert not manager.hears_decisions
    tell(manager)
    assert "pack_ear" not in sys.modules
    assert manager.used() == ()


def test_of_a_distribution_those_listen_that_can(site: Site) -> None:
    """One of its plug-ins may have nothing but strategies."""
    site.install("pack-ear", LISTENER, entry_points="ear = pack_ear\ntrend = pack_trend")
    site.write("pack_trend", pack("trend"))
    tell(create_plugin_manager(only=["pack-ear"], listen=["pack-ear"]))
    assert "pack_trend" not in sys.modules


CHANGING = """
import os
if not os.environ.get("ORCHESTRATE_WITHIN_LEARNER"):
    {here}
""" + pack("trend")


DEAF = {
    "misspelt": (["pack-ea"], {}, "listen: no plug-in is called 'pack-ea'. Did you mean 'pack-ear'?"),
    "absent": (["nobody"], {}, "listen: no plug-in is called 'nobody'. Installed: "),
    "blocked": (
        ["pack-ear"],
        {"blocked": ["pack-ear"]},
        "listen: 'pack-ear': the plug-in takes no part: by blocked. Leave it out, or let it in.",
    ),
    "deaf": (["pack-deaf"], {}, "listen: 'pack-deaf': the plug-in has no hook that hears of runs. Leave it out."),
}


@pytest.mark.parametrize("case", DEAF)
def test_a_listener_that_cannot_listen_is_refused(case: str, site: Site) -> None:
    """Whoever names one wants it to hear."""
    listen, others, expected = DEAF[case]
    site.install("pack-ear", LISTENER)
    site.install("pack-deaf", pack("trend"))
    with pytest.raises(ConfigError) as caught:
        create_plugin_manager(listen=listen, **({"only": ["pack-ear", "pack-deaf"]} | others))  # type: ignore[arg-type]
    assert str(caught.value).startswith(expected)


def test_a_broken_listener_is_an_error_for_who_names_it(site: Site) -> None:
    """Whether it was known to be broken or shows it only here."""
    site.install("pack-two", "1 / 0")
    site.install("pack-three", CHANGING.format(here="1 / 0") + LISTENER)
    for name in ("pack-two", "pack-three"):
        with pytest.raises(PluginError, match="ZeroDivisionError"):
            create_plugin_manager(only=[name], listen=name)


def test_a_listener_that_raises_is_logged_and_the_run_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """In one line; the next ones are told."""
    heard = []

    class Bad:
        @hookimpl
        def orchestrator_run_failed(self) -> None:
            raise SystemExit(0)

    class Good:
        @hookimpl
        def orchestrator_run_failed(self, error: BaseException) -> None:
            heard.append(error)

    manager = create_plugin_manager([Bad(), Good()], autoload=False)
    with caplog.at_level(logging.ERROR):
        manager.run_failed(ValueError("x"))
    assert len(heard) == 1
    (record,) = caplog.records
    assert record.getMessage().startswith("plug-in 'Bad' (bad), hook 'orchestrator_run_failed': it asked to end the ")
    assert "\n" not in record.getMessage()


def test_a_plug_in_that_fails_only_here_is_told(site: Site) -> None:
    """What was learnt of it does not hide why it cannot be imported now, also the second time."""
    site.install("pack-two", CHANGING.format(here="1 / 0"))
    manager = create_plugin_manager(only=["pack-two"])
    for _ in range(2):
        with pytest.raises(PluginError, match=r"plug-in 'two' \(pack-two 1\.0\): ZeroDivisionError"):
            manager.find("strategy", "trend", "here")


def test_the_second_thing_that_a_plug_in_offers_is_found(site: Site) -> None:
    """Not the first instead."""
    second = "\n@hookimpl\ndef orchestrator_strategies():\n"
    second += "    return [StrategySpec(name, Trend) for name in ('one', 'two')]\n"
    site.install("pack-both", pack("trend") + second)
    assert create_plugin_manager(only=["pack-both"]).find("strategy", "two", "here").name == "two"


def test_a_plug_in_that_offers_something_else_here_is_told(site: Site) -> None:
    """It must offer the same wherever it is imported."""
    code = CHANGING.format(here="pass") + "\nif not os.environ.get('ORCHESTRATE_WITHIN_LEARNER'):\n"
    code += "    @hookimpl\n    def orchestrator_strategies(): return []\n"
    site.install("pack-two", code)
    with pytest.raises(PluginError, match="it offered the strategy 'trend' when it was looked at and does not now"):
        create_plugin_manager(only=["pack-two"]).find("strategy", "trend", "here")


def test_what_cannot_be_imported_here_is_left_out_and_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody named it, so nobody fails."""
    site.install("pack-two", CHANGING.format(here="1 / 0") + LISTENER)
    manager = create_plugin_manager(only=["pack-two"])
    with caplog.at_level(logging.ERROR):
        assert names(manager) == []
        manager.run_failed(ValueError())
    assert ["ZeroDivisionError" in record.getMessage() for record in caplog.records] == [True]


def test_a_renewed_manager_has_taken_part_in_nothing(site: Site) -> None:
    """It knows the same plug-ins, and imports none again."""
    site.install("pack-trend", pack("trend"))
    first = create_plugin_manager(only=["pack-trend"])
    offer = first.find("strategy", "trend", "here")
    second = first.renewed()
    assert second.used() == ()
    assert second.find("strategy", "trend", "here") is offer
    assert first.used() == second.used()


def test_what_was_built_is_known_by_its_owner(site: Site) -> None:
    """Errors about an object name the plug-in that offered it, however it came to the run."""
    site.install("pack-trend", pack("trend"))
    manager = create_plugin_manager(only=["pack-trend"])
    made = manager.build(manager.find("strategy", "trend", "here"), {}, "here")
    assert manager.owner_of(made) == "strategy 'trend' (pack-trend 1.0)"
    assert manager.owner_of(object()) is None
    assert manager.renewed().owner_of(made) is None


def test_who_took_part_is_told_with_version_and_hash(site: Site) -> None:
    """The hash changes with a byte of a file, and with nothing else."""
    site.install("pack-trend", pack("trend"))

    def used() -> tuple[Mapping[str, str], ...]:
        manager = create_plugin_manager([Pack()], only=["pack-trend"])
        manager.find("strategy", "trend", "here")
        manager.find("strategy", "mine", "here")
        manager.find("resolver", "FIRST_WINS", "here")
        return manager.used()

    first = used()
    told = [(item["distribution"], item["name"], item["version"]) for item in first]
    assert told[:2] == [("pack", "Pack", "7"), ("pack-trend", "trend", "1.0")]
    assert told[2][:2] == ("strategy-orchestrator", "builtin")
    assert {len(item["hash"]) for item in first} == {64}
    assert used() == first
    with (site.folder / "pack_trend.py").open("a") as stream:
        stream.write("#")
    second = used()
    assert second[1]["hash"] != first[1]["hash"]
    assert (second[0], second[2]) == (first[0], first[2])


def test_switches_come_from_arguments_then_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an argument says counts, and each switch by itself."""
    site.install("pack-a", pack("a"))
    site.install("pack-b", pack("b"))
    monkeypatch.setenv("ORCHESTRATE_BLOCK", "pack-a")
    monkeypatch.setenv("ORCHESTRATE_ONLY", "pack-a,pack-b")
    assert names(create_plugin_manager()) == ["b"]
    assert names(create_plugin_manager(blocked="pack-b")) == ["a"]
    assert names(create_plugin_manager(blocked=())) == ["a", "b"]
    assert names(create_plugin_manager(autoload=False)) == []
    assert create_plugin_manager().switches.place_of("only") == "ORCHESTRATE_ONLY"


def test_a_misspelt_switch_is_refused(site: Site) -> None:
    """Rather than letting in what was to be kept out."""
    site.install("pack-a", pack("a"))
    with pytest.raises(ConfigError, match=r"blocked: no plug-in is called 'pack-aa'\. Did you mean 'pack-a'\?"):
        create_plugin_manager(blocked=["pack-aa"])
