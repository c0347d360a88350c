"""How plug-ins are named."""

from __future__ import annotations

import pytest

from strategy_orchestrator.hooks.plugin import BUILT_IN, Origin, Plugin, is_called

TREND = Plugin("pack-trend", "1.0", "trend", "pack_trend:plugin", "/site")


@pytest.mark.parametrize("name", ["pack-trend", "Pack_Trend", "trend", "pack-trend:trend", "PACK.trend:trend"])
def test_a_plug_in_answers_to_its_names(name: str) -> None:
    """It is called by its distribution in any spelling, its entry point, or both."""
    assert is_called(TREND, name)


@pytest.mark.parametrize("name", ["", "pack", "Trend", "trend:pack-trend", "other:trend", "pack-trend:other"])
def test_a_plug_in_does_not_answer_to_others(name: str) -> None:
    """Part of a name, or that of somebody else, does not mean it."""
    assert not is_called(TREND, name)


def test_a_plug_in_is_told_with_its_distribution_and_version() -> None:
    """Errors name all three; an object handed in by code has no version."""
    assert TREND.where == "plug-in 'trend' (pack-trend 1.0)"
    assert TREND.module == "pack_trend"
    assert Plugin("mine", "", "Mine", "mine", "", Origin.OBJECT).where == "plug-in 'Mine' (mine)"
    assert BUILT_IN.owner.startswith("strategy-orchestrator ")
