"""A whole plug-in is checked by one call."""

from __future__ import annotations

import traceback
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field

from strategy_orchestrator.errors import ConfigError
from strategy_orchestrator.hooks.markers import hookimpl
from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.models.specs import CostModelSpec, MetricSpec, ResolverSpec, SizerSpec, StrategySpec
from strategy_orchestrator.testing import contract_checks
from tests.unit.testing.builders import refusal
from tests.unit.testing.cheaters import Entering, closes
from tests.unit.testing.test_pricing import CostModel, Sizer, equal
from tests.unit.testing.test_resolvers import Resolver


class Lookback(BaseModel):
    """Options of a strategy."""

    n_bars: int = Field(default=5, ge=2, le=100, description="Bars.")


def above(n_bars: int) -> Entering:
    """Enter above an average."""
    return Entering(lambda panel: closes(panel) > closes(panel).rolling(n_bars).mean())


class Pack:
    """Offers one thing of several kinds."""

    strategies: tuple[Any, ...] = (StrategySpec("above", above, Lookback, "Above the average."),)

    @hookimpl
    def orchestrator_strategies(self) -> list[StrategySpec]:
        """Offer strategies."""
        return list(self.strategies)

    @hookimpl
    def orchestrator_conflict_resolvers(self) -> list[ResolverSpec]:
        """Offer resolvers."""
        return [ResolverSpec("nobody", lambda: Resolver(lambda *_: ()), description="Drops all.")]

    @hookimpl
    def orchestrator_sizers(self) -> list[SizerSpec]:
        """Offer sizers."""
        return [SizerSpec("equal", lambda: Sizer(equal), description="Equal.")]

    @hookimpl
    def orchestrator_cost_models(self) -> list[CostModelSpec]:
        """Offer cost models."""
        return [CostModelSpec("free", lambda: CostModel(lambda _: Costs()), description="Free.")]

    @hookimpl
    def orchestrator_metrics(self) -> list[MetricSpec]:
        """Offer metrics."""
        return [MetricSpec("last", lambda: lambda equity, trades: float(equity[-1]) + len(trades), description="Last.")]


def pack_of(*strategies: Any) -> Pack:
    """Make a plug-in of these strategies."""
    pack = Pack()
    pack.strategies = strategies
    return pack


def test_all_that_is_offered_is_checked() -> None:
    """Each by its name."""
    checks = contract_checks(Pack(), n_bars=30)
    names = [check.name for check in checks]
    assert names[0] == "registration"
    for name in ("above-truncation-gaps", "nobody-survivors-draw", "equal-memory", "free-signature", "last-value-ruin"):
        assert name in names
    assert {name.partition("-")[0] for name in names[1:]} == {"above", "nobody", "equal", "free", "last"}
    for check in checks:
        check()


def test_parameters_are_used_and_validated() -> None:
    """What an offer is made with, by its name."""
    refusal_of = {check.name: check for check in contract_checks(Pack(), parameters={"above": {"n_bars": 1}})}
    with pytest.raises(AssertionError, match=r"strategy 'above', check 'declaration': parameters\.n_bars: 1 was found"):
        refusal_of["above-declaration"]()
    quiet = {check.name: check for check in contract_checks(Pack(), parameters={"above": {"n_bars": 100}})}
    with pytest.raises(AssertionError, match="it enters nowhere"):
        quiet["above-speaks"]()


def test_parameters_for_nobody_are_refused() -> None:
    """With the nearest name."""
    with pytest.raises(ConfigError, match=r"contract_checks\.parameters: no offer is called 'abvoe'; .*Did you mean"):
        contract_checks(Pack(), parameters={"abvoe": {}})


class Bare(BaseModel):
    """Options that are not described."""

    n_bars: int = Field(default=5, ge=1)


class Boundless(BaseModel):
    """Options without bounds."""

    n_bars: int = Field(default=5, description="Bars.")


class Half(BaseModel):
    """Options of which one may be no number."""

    n_bars: int | None = Field(default=None, description="Bars.")


class Needing(BaseModel):
    """Options that have no default."""

    n_bars: int = Field(ge=1, description="Bars.")


DECLARATIONS: dict[str, tuple[Any, str]] = {
    "description": (StrategySpec("x", above, Lookback), "it has no description. Say in one line what it does"),
    "described": (StrategySpec("x", above, Bare, "X."), "its parameter 'n_bars' has no description. Field("),
    "bound": (StrategySpec("x", above, Boundless, "X."), "its parameter 'n_bars' has no bound. Field(ge=..., le=...)"),
    "bound of a choice": (StrategySpec("x", above, Half, "X."), "its parameter 'n_bars' has no bound"),
    "default": (
        StrategySpec("x", above, Needing, "X."),
        "parameters.n_bars: the key is missing. Give it a value. Give contract_checks parameters={'x': {...}}",
    ),
}


@pytest.mark.parametrize("case", DECLARATIONS)
def test_a_declaration_that_says_too_little_is_refused(case: str) -> None:
    """Users read it in the list."""
    spec, words = DECLARATIONS[case]
    checks = {check.name: check for check in contract_checks(pack_of(spec))}
    with pytest.raises(AssertionError) as caught:
        checks["x-declaration"]()
    assert words in str(caught.value)
    assert ("x-signature" in checks) == (case != "default")


def test_flags_and_decimals_are_understood() -> None:
    """A flag needs no bound, a Decimal does."""

    class Options(BaseModel):
        is_quick: bool = Field(default=True, description="Flag.")
        share: Decimal = Field(default=Decimal(1), gt=0, description="Share.")
        name: str = Field(default="", description="Text.")

    spec = StrategySpec(
        "x", lambda is_quick, share, name: above(5 if is_quick and share and not name else 6), Options, "X."
    )
    check = next(each for each in contract_checks(pack_of(spec)) if each.name == "x-declaration")
    check()


def test_a_plug_in_that_cannot_be_registered_fails_one_check() -> None:
    """The tests are collected all the same."""
    checks = contract_checks(pack_of(StrategySpec("Not A Name", above, None, "X."), "more"))
    assert [check.name for check in checks] == ["registration"]
    error = refusal(checks, "registration")
    assert "plug-in 'Pack' (pack), check 'registration': hook 'orchestrator_strategies': item 1, 'Not A Name'" in str(
        error
    )
    assert ", and 2 more" in str(error)


def test_offers_that_change_are_found() -> None:
    """Hooks depend on the installation alone."""

    class Growing(Pack):
        """Offers more and more."""

        @hookimpl
        def orchestrator_strategies(self) -> list[StrategySpec]:
            """Offer one more."""
            self.strategies = (*self.strategies, StrategySpec(f"x{len(self.strategies)}", above, Lookback, "X."))
            return list(self.strategies[1:])

    error = refusal(contract_checks(Growing()), "registration")
    assert "its hooks offer x1, nobody, equal, free, last at first, and x1, x2, nobody" in str(error)


def test_a_report_shows_the_test_and_the_plug_in_only() -> None:
    """Our own lines would be in the way."""

    def broken(_: Any) -> Any:
        raise RuntimeError("a defect")

    checks = {check.name: check for check in contract_checks(pack_of(StrategySpec("x", lambda: Entering(broken))))}
    with pytest.raises(AssertionError) as caught:
        checks["x-answers-one-bar"]()
    files = {frame.filename.rsplit("/", 1)[-1] for frame in traceback.extract_tb(caught.value.__traceback__)}
    assert files == {"test_plugins.py", "trials.py"}
    assert isinstance(caught.value.__cause__, RuntimeError)
