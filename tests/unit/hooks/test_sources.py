"""Data sources of plug-ins are held to the rules of panels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.arrays import is_sealed
from strategy_orchestrator.errors import DataError, Fault, PluginError
from strategy_orchestrator.hooks.sources import CheckedSource
from strategy_orchestrator.market import load_panel
from strategy_orchestrator.models.contracts import DataSource
from strategy_orchestrator.models.panel import Panel

WHERE = "data source 'odd' (pack-odd 1.0)"


class Source(DataSource):
    """A source that does what the test wants."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load

    def load(self) -> Panel:
        """Return what it does."""
        panel: Panel = self._load()
        return panel


def panel(*times: int, symbols: tuple[str, ...] = ("A", "B")) -> Panel:
    """Return a panel of ones."""
    ones = np.ones((len(times), len(symbols)))
    return Panel.from_arrays(np.array(times), symbols, open=ones, high=ones, low=ones, close=ones)


def loaded(load: Callable[[], Any]) -> Panel:
    """Return what a source brings."""
    return CheckedSource(Source(load), WHERE).load()


def test_a_panel_passes_as_it_is() -> None:
    """It is not copied."""
    given = replace(panel(0, 1), calendar="XNYS")
    assert loaded(lambda: given) is given


def test_a_panel_that_can_be_written_to_is_sealed() -> None:
    """With all that it says."""
    given = panel(0, 1)
    found = loaded(lambda: replace(given, close=given.close.copy(), calendar="XNYS"))
    assert is_sealed(found.close)
    assert found.calendar == "XNYS"


FAULTS: dict[str, tuple[Callable[[], Any], str]] = {
    "it raises": (lambda: 1 / 0, "ZeroDivisionError: division by zero ("),
    "it exits": (lambda: exit(0), "it asked to end the program, SystemExit(0) ("),  # noqa: PLR1722  # as a plug-in may
    "no panel": (dict, "it returned {}; expected a Panel"),
    "unsorted times": (lambda: replace(panel(0, 1), timestamps_ns=np.array([1, 0])), ""),
    "unsorted symbols": (lambda: replace(panel(0), symbols=("B", "A")), "B, A are not sorted"),
    "wrong shape": (lambda: replace(panel(0, 1), close=np.ones((1, 2))), ""),
    "no arrays": (lambda: replace(panel(0), open=None), ""),
    "no times": (lambda: replace(panel(0), timestamps_ns=None), ""),
    "bars that a panel refuses": (lambda: panel(1, 0), ""),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_breaks_a_rule_is_the_plug_in_s_fault(case: str) -> None:
    """Named with distribution and version."""
    load, problem = FAULTS[case]
    with pytest.raises(PluginError) as caught:
        loaded(load)
    for line in str(caught.value).splitlines():
        assert line.startswith(WHERE)
        assert line.endswith("Report it to the authors of the plug-in.")
    assert problem in str(caught.value)


def test_the_line_of_the_plug_in_is_told() -> None:
    """Where it made the panel that is refused."""
    with pytest.raises(PluginError, match=r"test_sources\.py, line \d+\)"):
        loaded(lambda: panel(1, 0))


@pytest.mark.parametrize("answer", [lambda: replace(panel(0, 1), timestamps_ns=np.array([1, 0])), lambda: 5])
def test_the_place_of_who_returned_it_is_told(answer: Callable[[], Any]) -> None:
    """Where it raised nothing, too."""
    with pytest.raises(PluginError, match=r"test_sources\.py, line \d+\)"):
        loaded(answer)


def test_a_source_may_refuse_what_it_was_pointed_to() -> None:
    """Its own words about the user's data are not blamed on it."""

    def refuse() -> None:
        raise DataError(Fault("prices.db", "there is no such file"))

    with pytest.raises(DataError, match=r"^prices\.db: there is no such file\.$"):
        loaded(refuse)


def test_a_reader_that_a_source_calls_may_refuse_the_data(tmp_path: Path) -> None:
    """The file is wrong, not the plug-in."""
    with pytest.raises(DataError):
        loaded(lambda: load_panel(str(tmp_path / "none.csv")))
