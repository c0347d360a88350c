"""The plug-in meets the contract that the core checks of every one."""

from __future__ import annotations

import pytest

from orchestrator_starter import plugin
from strategy_orchestrator.testing import Check, contract_checks

SHORT: dict[str, object] = {"fast": 3, "slow": 8}
QUICK: dict[str, object] = {"period": 5, "lower": 40.0, "upper": 60.0}
PARAMETERS: dict[str, dict[str, object]] = {
    "momentum": SHORT,
    "momentum-per-bar": SHORT,
    "rsi": QUICK,
    "rsi-per-bar": QUICK,
}


@pytest.mark.parametrize("check", contract_checks(plugin, parameters=PARAMETERS), ids=str)
def test_contract(check: Check) -> None:
    """One behavior each."""
    check()
