"""Rebalancers that break the contract are found out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing import check_rebalancer, rebalancer_checks
from tests.unit.testing.builders import failing, refusal
from tests.unit.testing.cheaters import last_of_month
from tests.unit.testing.honest import first_of_month

Propose = Callable[[Any], Any]


def configured(state: Any) -> Any:
    """Go back to the configured weights."""
    return state.weights


class Rebalancer:
    """Proposes what a rule says, when a share has drifted."""

    drift_tolerance: Any = Decimal("0.1")

    def __init__(self, rule: Propose = configured) -> None:
        self.rule = rule

    def propose(self, state: Any) -> Any:
        """Ask the rule."""
        return self.rule(state)


class Scheduled(Rebalancer):
    """Proposes by a calendar."""

    drift_tolerance = None

    def __init__(self, when: Callable[[Panel], Any], rule: Propose = configured) -> None:
        super().__init__(rule)
        self.when = when

    def schedule(self, panel: Panel) -> Any:
        """Ask the calendar."""
        return self.when(panel)


def inverse_volatility(state: Any) -> Mapping[str, Decimal]:
    """Weigh by the inverse of the deviation of returns, or equally while there are too few."""
    deviations = [0.01] * len(state.weights)
    if len(state.sleeve_returns) > 1:
        deviations = [max(float(value), 0.001) for value in state.sleeve_returns.std(axis=0)]
    total = sum(1 / value for value in deviations)
    shares = [Decimal(1 / value / total).quantize(Decimal("0.000001"), ROUND_DOWN) for value in deviations]
    return dict(zip(state.weights, shares, strict=True))


def monthly(panel: Panel) -> Any:
    """Act at the first bar of each month."""
    return first_of_month(panel)[:, 0]


HONEST: dict[str, Callable[[], Rebalancer]] = {
    "drift": Rebalancer,
    "inverse volatility": lambda: Scheduled(monthly, inverse_volatility),
    "by turnover so far": lambda: Scheduled(lambda panel: np.nan_to_num(panel.volume).sum(axis=1) > 0),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_rebalancer_passes(name: str) -> None:
    """Nothing is said of it."""
    check_rebalancer(HONEST[name], n_bars=50)


WEIGHTS: dict[str, tuple[Propose, str]] = {
    "list": (lambda state: list(state.weights.values()), "propose returned a list. Return a mapping of strategy ids"),
    "left out": (
        lambda _: {},
        "propose at bar 0: 'Calm_0' is left out. Name all in state.weights and no other: Calm",
    ),
    "unknown": (lambda state: {**state.weights, "X": Decimal("0.1")}, "propose at bar 0: 'X' is no strategy"),
    "zero": (lambda state: dict.fromkeys(state.weights, 0), "propose: weight of Calm_0: 0 is not greater than 0"),
    "nan": (lambda state: dict.fromkeys(state.weights, float("nan")), "propose: weight of Calm_0: nan is not finite"),
    "above one": (
        lambda state: {name: Decimal("0.25") + (Decimal("1e-18") if name == "Calm_0" else 0) for name in state.weights},
        "= 1.000000000000000001 is more than 1",
    ),
    "error": (lambda state: state.nothing, "propose, asked at bar 0, raised AttributeError"),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_weights_that_are_none_are_refused(case: str) -> None:
    """All strategies, each above 0, at most 1 together, to the last digit."""
    rule, words = WEIGHTS[case]
    assert words in str(refusal(rebalancer_checks(lambda: Rebalancer(rule)), "weights-first-bar"))


def test_a_division_by_a_sleeve_that_never_moves_is_found() -> None:
    """A strategy that has not traded has no deviation."""

    def naive(state: Any) -> Any:
        inverse = [1 / float(value) for value in state.sleeve_returns.std(axis=0)]
        return {name: value / sum(inverse) for name, value in zip(state.weights, inverse, strict=True)}

    assert "ZeroDivisionError" in str(refusal(rebalancer_checks(lambda: Rebalancer(naive)), "weights-long-history"))


def test_a_ruined_sleeve_has_no_weight() -> None:
    """It is in the states, and must not be proposed for."""
    error = refusal(
        rebalancer_checks(lambda: Rebalancer(lambda state: dict.fromkeys(state.strategy_states, "0.1"))),
        "weights-ruined-sleeve",
    )
    assert "'Idle_0' is no strategy. Name all in state.weights and no other: Calm_0, Wild_0, Wild_1." in str(error)


class Keeping:
    """Keeps the panel that it sees when asked for its schedule, and weighs by the price of tomorrow."""

    drift_tolerance = Decimal("0.2")

    def __init__(self) -> None:
        self.close = np.zeros(0)

    def schedule(self, panel: Panel) -> None:
        """Keep the closes."""
        self.close = panel.close[:, 0]

    def propose(self, state: Any) -> Any:
        """Look ahead."""
        bar = min(state.current_bar + 1, len(self.close) - 1)
        share = Decimal("0.2") if self.close[bar] > self.close[bar - 1] else Decimal("0.1")
        return dict.fromkeys(state.weights, share)


def test_a_proposal_that_looks_ahead_is_found() -> None:
    """The panel may be kept, but only its past may be used."""
    assert failing(rebalancer_checks(Keeping, n_bars=30)) == {"proposal-look-ahead"}
    error = refusal(rebalancer_checks(Keeping), "proposal-look-ahead")
    assert "the weight of 'Calm_0' is 0." in str(error)
    assert " when what comes later is " in str(error)


def test_a_schedule_that_looks_ahead_is_found() -> None:
    """The last bar of a month is known at the first of the next one."""
    checks = rebalancer_checks(lambda: Scheduled(lambda panel: last_of_month(panel)[:, 0]), n_bars=40)
    error = refusal(checks, "truncation-daily")
    assert (error.bar, error.symbol) == (21, None)
    assert "bar 21 (2020-01-31): schedule is True, but False when what comes from bar 22 " in str(error)
    # With the next bar ten days later an earlier one becomes the last of its month.
    assert refusal(checks, "perturbation-daily").bar == 13


class Counting(Rebalancer):
    """Gives less at every call."""

    def __init__(self) -> None:
        super().__init__(self.less)
        self.calls = 0

    def less(self, state: Any) -> Any:
        """Count."""
        self.calls += 1
        return dict.fromkeys(state.weights, Decimal("0.1") / self.calls)


class Drifting(Rebalancer):
    """Gives less once it has been asked at a late bar."""

    def __init__(self) -> None:
        super().__init__(self.less)
        self.latest = 0

    def less(self, state: Any) -> Any:
        """Remember the earliest bar."""
        self.latest = self.latest or state.current_bar
        return dict.fromkeys(state.weights, Decimal("0.1") / (1 + self.latest))


def test_a_rebalancer_that_remembers_is_found() -> None:
    """What it needs of the past is in the state."""
    assert "when it is asked again at bar 0" in str(refusal(rebalancer_checks(Counting), "proposal-determinism"))
    assert " of a run, after the bars before" in str(refusal(rebalancer_checks(Drifting), "proposal-memory"))


def test_a_rebalancer_that_changes_the_state_is_found() -> None:
    """It proposes; the kernel moves."""

    def spending(state: Any) -> Any:
        next(iter(state.allocations.values())).allocate(Decimal(1))
        return state.weights

    error = refusal(rebalancer_checks(lambda: Rebalancer(spending)), "proposal-mutation")
    assert "it changed state.allocations.Calm_0" in str(error)


def test_a_rebalancer_that_reads_a_file_is_found(tmp_path: Path) -> None:
    """It decides from what it is given."""
    path = tmp_path / "future.txt"
    path.write_text("0.1", encoding="utf-8")

    def reading(state: Any) -> Any:
        return dict.fromkeys(state.weights, path.read_text(encoding="utf-8"))

    assert failing(rebalancer_checks(lambda: Rebalancer(reading), n_bars=30)) == {"proposal-outside"}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            lambda panel: panel.traded,
            "schedule returned bool of shape (1, 3); expected an ndarray of bool and shape",
        ),
        (lambda panel: [True] * panel.n_bars, "schedule returned a list"),
        (lambda panel: np.ones(panel.n_bars), "schedule returned float64 of shape (1,)"),
    ],
)
def test_a_schedule_of_another_shape_is_refused(found: Callable[[Panel], Any], words: str) -> None:
    """One flag a bar."""
    assert words in str(refusal(rebalancer_checks(lambda: Scheduled(found)), "answers-one-bar"))


@pytest.mark.parametrize("tolerance", [Decimal("1.1"), -1, "much", float("nan")])
def test_a_tolerance_that_is_no_share_is_refused(tolerance: object) -> None:
    """Between 0 and 1."""
    kind = type("Odd", (Rebalancer,), {"drift_tolerance": tolerance})
    assert f"drift_tolerance is {tolerance!r}. Give a Decimal" in str(refusal(rebalancer_checks(kind), "signature"))


@pytest.mark.parametrize("when", [lambda _: None, lambda panel: panel.traded[:, 0] & False])
def test_a_rebalancer_that_never_acts_is_told(when: Callable[[Panel], Any]) -> None:
    """Without a tolerance and without a date, nothing would ever be proposed."""
    error = refusal(rebalancer_checks(lambda: Scheduled(when)), "acts")
    assert "it has no drift_tolerance and schedules none of 80 bars" in str(error)
