"""Sizers and cost models that break the contract are found out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing import check_cost_model, check_sizer, cost_model_checks, sizer_checks
from tests.unit.testing.builders import failing, refusal
from tests.unit.testing.cheaters import closes

Rule = Callable[[Panel], Any]


class Sizer:
    """Offers what a rule says."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def fractions(self, panel: Panel) -> Any:
        """Ask the rule."""
        return self.rule(panel)


class CostModel:
    """Charges what a rule says."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def costs(self, panel: Panel) -> Any:
        """Ask the rule."""
        return self.rule(panel)


def equal(panel: Panel) -> Any:
    """Offer the same everywhere."""
    return np.full(panel.traded.shape, 1 / panel.n_symbols)


def calm_yesterday(panel: Panel) -> Any:
    """Offer less after large moves, of which the last is yesterday's."""
    moves = closes(panel).ffill().pct_change(fill_method=None).abs().shift(1)
    return (0.5 / (1 + 100 * moves.fillna(0.0))).to_numpy()


def calm_today(panel: Panel) -> Any:
    """Offer less on days of large moves, which nobody knows at the open."""
    moves = closes(panel).ffill().pct_change(fill_method=None).abs()
    return (0.5 / (1 + 100 * moves.fillna(0.0))).to_numpy()


@pytest.mark.parametrize("rule", [equal, calm_yesterday])
def test_an_honest_sizer_passes(rule: Rule) -> None:
    """Nothing is said of it."""
    check_sizer(lambda: Sizer(rule), n_bars=40)


def test_a_sizer_that_uses_the_bar_of_the_fill_is_found() -> None:
    """An order that fills at the open cannot know the close."""
    found = failing(sizer_checks(lambda: Sizer(calm_today), n_bars=40))
    assert found == {f"perturbation-{label}" for label in ("daily", "gaps", "hourly")}
    error = refusal(sizer_checks(lambda: Sizer(calm_today)), "perturbation-daily")
    assert (error.symbol, error.bar) == ("S0", 1)
    assert "when what comes from bar 1 (2020-01-03) on is raised; it depends on bar 1 (2020-01-03)." in str(error)
    assert str(error).endswith("Row t may use bars before t only.")


FRACTIONS: dict[str, tuple[Rule, str]] = {
    "above one": (lambda panel: equal(panel) * 4, "'S0', bar 0 (2020-01-02): fractions is 1.33"),
    "negative": (lambda panel: -equal(panel), "fractions is -0.33"),
    "nan": (
        lambda panel: np.where(panel.traded, np.nan, 0.0),
        "fractions is nan; expected a number in [0, 1] at every",
    ),
    "one number": (
        lambda _: 0.5,
        "fractions is a float; expected an ndarray of float64",
    ),
}


@pytest.mark.parametrize("case", FRACTIONS)
def test_fractions_that_are_none_are_refused(case: str) -> None:
    """Between 0 and 1, one a bar and symbol."""
    rule, words = FRACTIONS[case]
    assert words in str(refusal(sizer_checks(lambda: Sizer(rule)), "answers-one-bar"))


def by_liquidity(panel: Panel) -> Any:
    """Charge more after days with little volume."""
    volume = np.vstack([np.full((1, panel.n_symbols), np.nan), panel.volume[:-1]])
    return Costs(slippage_pct=np.where(np.nan_to_num(volume) > 1e4, 0.001, 0.002))


HONEST: dict[str, Rule] = {
    "nothing": lambda _: Costs(),
    "numbers": lambda _: Costs(Decimal(1), Decimal("0.005"), Decimal("0.0001"), Decimal("0.0005")),
    "by symbol": lambda panel: Costs(
        [Decimal(place) for place in range(panel.n_symbols)], slippage_pct=np.linspace(0, 0.01, panel.n_symbols)
    ),
    "by symbol in a list": lambda panel: Costs(slippage_pct=[Decimal("0.001")] * panel.n_symbols),
    "by liquidity": by_liquidity,
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_cost_model_passes(name: str) -> None:
    """Nothing is said of it."""
    check_cost_model(lambda: CostModel(HONEST[name]), n_bars=40)


def mean_price(panel: Panel) -> Any:
    """Charge by the mean price of the sample."""
    means = np.nan_to_num([column[~np.isnan(column)].sum() / max(1, len(column)) for column in panel.close.T])
    return Costs(commission_per_share=[Decimal(str(round(float(mean) / 1000, 4))) for mean in means])


def first_price(panel: Panel) -> Any:
    """Charge by the first price of all."""
    return Costs(commission_per_trade=Decimal(str(round(float(np.nan_to_num(panel.close[0, 0])), 2))))


@pytest.mark.parametrize("rule", [mean_price, first_price])
def test_a_commission_that_depends_on_prices_is_found(rule: Rule) -> None:
    """It holds for all bars, the first included, so it knows none."""
    error = refusal(cost_model_checks(lambda: CostModel(rule)), "perturbation-daily")
    assert str(error).endswith("What holds for all bars may depend on none of them.")
    assert ("commission_per_share of 'S0' is 0." in str(error)) == (rule is mean_price)
    assert error.bar is None


def test_slippage_by_the_bar_of_the_fill_is_found() -> None:
    """Its range is known when it is over."""
    rule: Rule = lambda panel: Costs(slippage_pct=np.nan_to_num(1 - panel.low / panel.high) / 10)  # noqa: E731
    assert "Row t may use bars before t only" in str(
        refusal(cost_model_checks(lambda: CostModel(rule)), "perturbation-gaps")
    )


COSTS: dict[str, tuple[Rule, str]] = {
    "a number": (lambda _: 0.1, "costs returned a float. Return Costs(...)"),
    "a percentage": (lambda _: Costs(commission_pct=Decimal(1)), "commission_pct is 1; expected from 0 to below 1"),
    "negative": (lambda _: Costs(commission_per_trade=Decimal(-1)), "commission_per_trade is -1; expected 0 or more"),
    "digits": (
        lambda _: Costs(commission_per_share=Decimal("1e-7")),
        "commission_per_share: 1E-7 has more than 6 decimals",
    ),
    "text": (lambda _: Costs(commission_pct="low"), "commission_pct: 'low' is not a number"),  # type: ignore[arg-type]
    "too few": (
        lambda _: Costs(commission_per_share=[Decimal(1)]),
        "commission_per_share has 1 numbers for 3 symbols. Give one number, or one for each symbol of the panel",
    ),
    "slippage": (
        lambda panel: Costs(slippage_pct=panel.close),
        "slippage_pct is 98.83; expected a number in [0, 1) at every",
    ),
    "shape": (lambda panel: Costs(slippage_pct=panel.close[:, 0]), "slippage_pct has float64 and shape (1,); expected"),
}


@pytest.mark.parametrize("case", COSTS)
def test_costs_that_are_none_are_refused(case: str) -> None:
    """Fractions below 1, money of six decimals, one for all or one a symbol."""
    rule, words = COSTS[case]
    assert words in str(refusal(cost_model_checks(lambda: CostModel(rule)), "answers-one-bar"))


def test_signatures_are_looked_at() -> None:
    """Each has one method."""
    error = refusal(sizer_checks(type("Odd", (), {"fractions": lambda _: None})), "signature")
    assert "fractions() cannot be called as fractions(panel)" in str(error)
    shared = CostModel(lambda _: Costs())
    assert "the same object twice" in str(refusal(cost_model_checks(lambda: shared), "signature"))
