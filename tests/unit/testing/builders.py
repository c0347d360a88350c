"""Run single checks and look at why they fail."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from strategy_orchestrator.errors import ContractError
from strategy_orchestrator.testing import Check


def refusal(checks: Sequence[Check], name: str) -> ContractError:
    """Return why a check fails."""
    check = next(each for each in checks if each.name == name)
    with pytest.raises(ContractError) as caught:
        check()
    assert "\n" not in str(caught.value)
    assert caught.value.check == name
    return caught.value


def fails(check: Check) -> bool:
    """Tell whether a check fails."""
    try:
        check()
    except ContractError:
        return True
    return False


def failing(checks: Sequence[Check]) -> set[str]:
    """Return the names of the checks that fail."""
    return {check.name for check in checks if fails(check)}
