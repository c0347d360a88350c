"""The strategies meet the contract that the core checks of every plug-in."""

from __future__ import annotations

import pytest

from orchestrator_starter import (
    BuyAndHoldSignals,
    BuyAndHoldStrategy,
    MomentumSignals,
    MomentumStrategy,
    RSISignals,
    RSIStrategy,
)
from strategy_orchestrator.testing import Check, named_checks, strategy_checks

STRATEGIES = {
    "buy-and-hold": BuyAndHoldSignals,
    "buy-and-hold-per-bar": BuyAndHoldStrategy,
    "momentum": lambda: MomentumSignals(3, 8),
    "momentum-per-bar": lambda: MomentumStrategy(3, 8),
    "rsi": lambda: RSISignals(5, 40.0, 60.0),
    "rsi-per-bar": lambda: RSIStrategy(5, 40.0, 60.0),
}


@pytest.mark.parametrize(
    "check",
    [check for name, factory in STRATEGIES.items() for check in named_checks(name, strategy_checks(factory))],
    ids=str,
)
def test_contract(check: Check) -> None:
    """One behavior each."""
    check()
