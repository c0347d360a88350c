"""Data sources that break the contract are found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.arrays import sealed
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing import check_source, make_panel, source_checks
from tests.unit.testing.builders import refusal

PANEL = make_panel(20, 3, gaps=True)


class Source:
    """Loads what a rule says."""

    def __init__(self, rule: Callable[[], Any]) -> None:
        self.rule = rule

    def load(self) -> Any:
        """Ask the rule."""
        return self.rule()


def test_an_honest_source_passes() -> None:
    """Nothing is said of it."""
    check_source(lambda: Source(lambda: replace(PANEL, calendar="XNYS")))


def with_cell(name: str, value: float) -> Panel:
    """Return a panel that nobody has checked, with another value at one place."""
    array = np.array(getattr(PANEL, name))
    array[5, 0] = value
    return replace(PANEL, **{name: sealed(array)})


PANELS: dict[str, tuple[Callable[[], Any], str]] = {
    "frame": (lambda: np.zeros(3), "load returned a numpy.ndarray. Return a Panel; Panel.from_arrays, from_bars, "),
    "error": (lambda: 1 / 0, "load raised ZeroDivisionError"),
    "unsorted": (
        lambda: replace(PANEL, timestamps_ns=sealed(PANEL.timestamps_ns[::-1])),
        "load: timestamps[1]: 2020-01-28 does not come after 2020-01-29. Sort the bars and drop doubles.",
    ),
    "negative": (lambda: with_cell("low", -1.0), "low: -1.0 is not a price"),
    "symbols": (
        lambda: replace(PANEL, symbols=PANEL.symbols[::-1]),
        "the panel's symbols are not sorted, or traded does not go with its prices. Make the panel with",
    ),
    "traded": (lambda: replace(PANEL, traded=sealed(~PANEL.traded)), "traded does not go with its prices"),
    "writable": (lambda: replace(PANEL, close=np.array(PANEL.close)), "the panel's arrays can be written to"),
    "calendar": (lambda: replace(PANEL, calendar=1), "the panel's calendar is 1"),
    "warnings": (lambda: replace(PANEL, warnings=("odd",)), "the panel's warnings are not all of DataWarning"),
}


@pytest.mark.parametrize("case", PANELS)
def test_a_panel_that_is_not_in_order_is_refused(case: str) -> None:
    """What a run would refuse is refused here, and more of it."""
    rule, words = PANELS[case]
    assert words in str(refusal(source_checks(lambda: Source(rule)), "panel"))


def test_prices_that_change_are_found() -> None:
    """Two loads give the same bars."""
    seeds = count()
    error = refusal(source_checks(lambda: Source(lambda: make_panel(seed=next(seeds)))), "determinism")
    assert "'S0', bar 0 (2020-01-02): " in str(error)
    lengths = count(5)
    error = refusal(source_checks(lambda: Source(lambda: make_panel(next(lengths), 2))), "determinism")
    assert "it loads 5 bars of S0, S1 at first, but 6 bars of S0, S1 when it is loaded again" in str(error)


def test_the_signature_is_looked_at() -> None:
    """`load` takes nothing."""
    kind = type("Odd", (), {"load": lambda _, path: path})
    assert "load(path) cannot be called as load()" in str(refusal(source_checks(kind), "signature"))
