"""Metrics that break the contract are found out."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.testing import check_metric, metric_checks
from tests.unit.testing.builders import failing, refusal

Rule = Callable[[Any, Any], Any]


class Metric:
    """Measures as a rule says."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __call__(self, equity: Any, trades: Any) -> Any:
        """Ask the rule."""
        return self.rule(equity, trades)


def mean_profit(equity: Any, trades: Any) -> float:
    """Return the mean profit of a trade."""
    del equity
    return float(np.mean(trades["pnl"]) / 1e6) if len(trades) else math.nan


def gain_a_bar(equity: Any, trades: Any) -> np.floating[Any] | float:
    """Return what a bar brought."""
    del trades
    return (equity[-1] - equity[0]) / (len(equity) - 1) if len(equity) > 1 else math.nan


@pytest.mark.parametrize("rule", [mean_profit, gain_a_bar, lambda _, trades: len(trades)])
def test_an_honest_metric_passes(rule: Rule) -> None:
    """An object or a function."""
    check_metric(lambda: Metric(rule))
    check_metric(lambda: rule)


VALUES: dict[str, tuple[Rule, str, str]] = {
    "infinite": (
        lambda equity, trades: math.inf if not len(trades) else equity[0],
        "value-no-trades",
        "in the case 'no-trades' it is inf. Return NaN where it is not defined",
    ),
    "none": (lambda *_: None, "value-usual", "in the case 'usual' it is None. Return a float"),
    "flag": (lambda *_: True, "value-usual", "in the case 'usual' it is True"),
    "array": (lambda equity, _: equity, "value-one-bar", "in the case 'one-bar' it is array("),
    "division": (
        lambda equity, _: 1 / (len(equity) - 1),
        "value-one-bar",
        "the metric, asked about the case 'one-bar', raised ZeroDivisionError",
    ),
    "writing": (lambda equity, _: equity.sort(), "value-usual", "raised ValueError"),
    "never defined": (lambda *_: math.nan, "defined", "it is NaN in every case"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_value_that_is_none_is_refused(case: str) -> None:
    """A number, or NaN; never infinite."""
    rule, check, words = VALUES[case]
    assert words in str(refusal(metric_checks(lambda: Metric(rule)), check))


class Summing:
    """Adds up what it has seen."""

    def __init__(self) -> None:
        self.total = 0.0

    def __call__(self, equity: Any, trades: Any) -> float:
        """Remember."""
        del trades
        self.total += float(equity[-1])
        return self.total


def test_a_metric_that_remembers_is_found() -> None:
    """Strategies are measured one after another."""
    assert "after other cases" in str(refusal(metric_checks(Summing), "determinism"))


def test_a_metric_that_reads_a_file_is_found(tmp_path: Path) -> None:
    """It measures what it is given."""
    path = tmp_path / "value.txt"
    path.write_text("1", encoding="utf-8")
    found = failing(metric_checks(lambda: Metric(lambda *_: float(path.read_text(encoding="utf-8")))))
    assert found == {"outside"}


def test_the_signature_is_looked_at() -> None:
    """Equity and trades, by position."""
    kind = type("Odd", (), {"__call__": lambda _, equity: equity})
    assert "measure(equity) cannot be called as measure(equity, trades)" in str(
        refusal(metric_checks(kind), "signature")
    )
    check = next(each for each in metric_checks(lambda: max) if each.name == "signature")
    check()


def test_an_object_that_is_shared_is_found() -> None:
    """Functions may be shared, objects may not."""
    shared = Metric(mean_profit)
    assert "the same object twice" in str(refusal(metric_checks(lambda: shared), "signature"))
