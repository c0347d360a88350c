"""What a run that fails says to the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator import OrchestratorConfig, Panel, SignalStrategy, StrategyError, StrategyOrchestrator


class Fails(SignalStrategy):
    """Raise when asked."""

    def signals(self, panel: Panel) -> Any:
        """Raise."""
        raise ValueError(panel.n_bars)


def fail(level: str) -> None:
    """Run a strategy that fails."""
    prices = np.full((2, 1), 10.0)
    times = np.array(["2024-01-02", "2024-01-03"], "datetime64[ns]")
    panel = Panel.from_arrays(times, ["A"], open=prices, high=prices, low=prices, close=prices)
    with pytest.raises(StrategyError):
        StrategyOrchestrator([(Fails(), 1)], OrchestratorConfig(logging_level=level)).run(panel, 100)


@contextmanager
def only(*handlers: logging.Handler) -> Iterator[None]:
    """Let the logger of the package have these handlers alone."""
    log = logging.getLogger("strategy_orchestrator")
    before, propagates = log.handlers[:], log.propagate
    log.handlers[:], log.propagate = handlers, False
    try:
        yield
    finally:
        log.handlers[:], log.propagate = before, propagates


def test_a_failure_is_not_printed_when_nobody_set_up_a_log(capfd: pytest.CaptureFixture[str]) -> None:
    """Python would print the traceback to standard error, beside what the caller makes of the exception."""
    with only():
        fail("INFO")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("level", "is_told"), [("ERROR", True), ("CRITICAL", False)])
def test_a_failure_goes_to_the_log_with_its_traceback(level: str, *, is_told: bool) -> None:
    """The level of the options governs it."""
    stream = io.StringIO()
    with only(logging.StreamHandler(stream)):
        fail(level)
    assert ("orchestrator.backtest_failed" in stream.getvalue()) is is_told
    assert ("Traceback" in stream.getvalue()) is is_told
