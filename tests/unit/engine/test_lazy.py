"""What is made when it is looked at is what it would have been, and as its plain kind."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal

import pytest

from strategy_orchestrator.engine.lazy import LazyLedger
from strategy_orchestrator.models.states import BacktestState

AMOUNTS = {"cash": Decimal(5), "equity": Decimal(7), "allocated_capital": Decimal(6), "used_capital": Decimal(1)}
PLAIN = BacktestState(timestamp=None, positions={}, **AMOUNTS)


def ledger(calls: list[str] | None = None) -> LazyLedger:
    """Return one that notes which of its amounts are made."""

    def make(name: str) -> Decimal:
        if calls is not None:
            calls.append(name)
        return AMOUNTS[name]

    return LazyLedger.of(None, {}, make)


def test_amounts_are_made_once_and_only_when_read() -> None:
    """Each by itself."""
    calls: list[str] = []
    lazy = ledger(calls)
    assert (lazy.timestamp, lazy.positions, calls) == (None, {}, [])
    assert (lazy.cash, lazy.equity, lazy.available_capital) == (5, 7, 5)
    assert calls == ["cash", "equity", "allocated_capital", "used_capital"]


def test_it_is_a_ledger_like_any() -> None:
    """Equal to the plain one from either side, and plain after a copy or a way to another process."""
    assert ledger() == PLAIN == ledger() == ledger()
    assert repr(ledger()) == repr(PLAIN)
    assert type(copy.copy(ledger())) is type(copy.deepcopy(ledger())) is BacktestState
    assert replace(ledger(), cash=Decimal(0)).cash == 0


def test_nothing_else_can_be_read_or_written() -> None:
    """Errors are those of the plain ledger."""
    with pytest.raises(AttributeError, match="'BacktestState' object has no attribute 'money'"):
        ledger().money  # noqa: B018
    with pytest.raises(AttributeError):
        ledger().cash = Decimal(1)  # type: ignore[misc]
