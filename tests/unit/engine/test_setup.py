"""Options and capital become the arrays of the kernel, or are refused before the first bar."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from strategy_orchestrator import AllocationError, ConfigError, OrchestratorConfig, ProtectiveExits
from strategy_orchestrator.builtin.rebalancers import ThresholdRebalancer
from strategy_orchestrator.builtin.resolvers import FirstWins
from strategy_orchestrator.builtin.sizers import EqualSlots, FixedFraction
from strategy_orchestrator.engine import Parts, capital_units_of, roster_of
from strategy_orchestrator.engine.setup import allocations_of, books_of, market_of
from strategy_orchestrator.kernel import layout as at
from strategy_orchestrator.kernel.layout import Books
from strategy_orchestrator.models.streams import Chunk
from tests.unit.engine.portfolios import Asked, Says, Weighs, make_panel

PANEL = make_panel("10|20", "11|21")


def members_of(*weights: str) -> Any:
    """Return strategies with weights."""
    return roster_of([(Says(".", "."), weight) for weight in weights], (), equal_weights=False)[1]


def config_of(**options: Any) -> OrchestratorConfig:
    """Return options, numbers as text."""
    return OrchestratorConfig(**options)


def books(parts: Parts | None = None, **options: Any) -> Books:
    """Return the books of one strategy under some options."""
    config = OrchestratorConfig(**options)
    return books_of(PANEL, config, parts or Parts(FirstWins()), members_of("0.5"), 10**9)


@pytest.mark.parametrize("given", [Decimal(100000), "100000", 100_000, 100_000.0])
def test_capital_is_counted_in_quanta(given: object) -> None:
    """Whatever number it comes as."""
    assert capital_units_of(given) == 10**11


CAPITALS: dict[str, tuple[object, str]] = {
    "zero": (0, "initial_capital: 0 is not greater than 0"),
    "negative": (Decimal(-5), "initial_capital: -5 is not greater than 0"),
    "NaN": (float("nan"), "initial_capital: nan is not finite"),
    "text": ("much", "initial_capital: 'much' is not a number"),
    "seven decimals": ("0.0000001", "initial_capital: 1E-7 has more than 6 decimals"),
    "more than a ledger holds": (10**13, "initial_capital: 10000000000000 is more than a ledger holds; the most is 92"),
}


@pytest.mark.parametrize(("given", "problem"), CAPITALS.values(), ids=CAPITALS)
def test_capital_that_breaks_a_rule_is_refused(given: object, problem: str) -> None:
    """As an error of input, with the value as it was given."""
    with pytest.raises(AllocationError) as caught:
        capital_units_of(given)
    assert str(caught.value).startswith(problem)


def test_allocations_are_rounded_down() -> None:
    """What the floors leave is the reserve's, to the quantum."""
    members = members_of("0.333333333333333333", "0.333333333333333333", "0.1")
    assert allocations_of(members, 1_000_000_001).tolist() == [333_333_333, 333_333_333, 100_000_000]


def test_an_allocation_of_nothing_is_refused() -> None:
    """Every strategy that gets less than a quantum is named."""
    with pytest.raises(AllocationError) as caught:
        allocations_of(members_of("0.000001", "0.9", "0.0000001"), 999_999)
    assert [str(fault) for fault in caught.value.faults] == [
        "weight of Says_0: 0.000001 of 0.999999 is less than 0.000001.",
        "weight of Says_2: 0.0000001 of 0.999999 is less than 0.000001.",
    ]


OPTIONS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "as they are": (
        {},
        {
            "fills_at_close": 0, "stage": at.STAGE_TARGETS, "sweeps": 0, "closes_at_end": 1, "asks": 0,
            "resolution": at.FIRST_WINS, "rebalances": at.NEVER, "threshold": -1, "reserve": 500_000_000,
        },
    ),
    "fills at the close": ({"fill_at": "close"}, {"fills_at_close": 1, "stage": at.STAGE_PROTECT}),
    "swept": ({"profit_policy": "sweep"}, {"sweeps": 1}),
    "left open": ({"close_at_end": False}, {"closes_at_end": 0}),
    "a threshold": (
        {"rebalance_threshold": "0.25"}, {"rebalances": at.TO_WEIGHTS, "threshold": 25 * 10**16}
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "fields"), OPTIONS.values(), ids=OPTIONS)
def test_options_are_fields_of_the_run(options: dict[str, Any], fields: dict[str, int]) -> None:
    """Each where the kernel looks for it."""
    run = books(**options).run[0]
    assert {name: int(run[name]) for name in fields} == fields


def test_the_threshold_of_the_rebalancer_comes_first() -> None:
    """THRESHOLD is a code of the loop, with the tolerance of the object."""
    run = books(Parts(FirstWins(), ThresholdRebalancer(Decimal("0.2"))), rebalance_threshold="0.7").run[0]
    assert (run["rebalances"], run["threshold"]) == (at.TO_WEIGHTS, 2 * 10**17)


def test_other_resolvers_and_rebalancers_are_paused_for() -> None:
    """Also those that derive from a built-in one: they may do as they like."""

    class Other(FirstWins):
        pass

    class OtherThreshold(ThresholdRebalancer):
        pass

    run = books(Parts(Other(), OtherThreshold())).run[0]
    assert (run["resolution"], run["rebalances"]) == (at.ASK_RESOLVER, at.ASK_REBALANCER)


def test_rules_of_strategies_are_counted() -> None:
    """Weights in steps of 10⁻¹⁸, levels in steps of 10⁻¹²; places of weights; who sizes itself and who is asked."""
    exits = ProtectiveExits(Decimal("0.05"), Decimal("1.5"), Decimal("0.1"), 7)
    sizes = Asked("..")
    sizes.position_size = lambda *_: 1  # type: ignore[attr-defined]
    strategies = [(Says("..", "..", exits=exits, warmup=3), "0.5"), (Weighs(". ."), "0.25"), (sizes, "0.125")]
    members = roster_of(strategies, (), equal_weights=False)[1]
    made = books_of(PANEL, OrchestratorConfig(), Parts(FirstWins()), members, 8_000_000)
    names = (
        "weight",
        "votes",
        "warmup",
        "stop_loss",
        "take_profit",
        "trailing_stop",
        "max_holding",
        "weights_place",
        "sizes",
    )
    rows = [[int(row[name]) for name in names] for row in made.strategies]
    assert rows == [
        [5 * 10**17, 4, 3, 5 * 10**10, 15 * 10**11, 10**11, 7, -1, 0],
        [25 * 10**16, 2, 0, 0, 0, 0, 0, 0, 0],
        [125 * 10**15, 1, 0, 0, 0, 0, 0, -1, 1],
    ]
    assert made.run[0]["asks"] == 1
    ledgers = [made.strategies["contributed"], *(made.sleeves[name] for name in ("cash", "allocated", "equity"))]
    assert all(ledger.tolist() == [4_000_000, 2_000_000, 1_000_000] for ledger in ledgers)


def test_costs_and_lots_are_terms_of_the_symbols() -> None:
    """One for all, or lots by symbol with 1 for the others."""
    config = config_of(
        commission_per_trade="1.5",
        commission_per_share="0.01",
        commission_pct="0.001",
        slippage_pct="0.0005",
        lot_size={"B": "0.1"},
    )
    market, terms = market_of(Chunk(PANEL, 0, 0), config, Parts(FirstWins()))
    assert terms.tolist() == [[1_000_000, 1_500_000, 10_000, 10**9], [100_000, 1_500_000, 10_000, 10**9]]
    assert market.slippage.tolist() == [[5 * 10**8]]
    assert market.scheduled.shape == (0,)


def test_lots_of_unknown_symbols_are_refused() -> None:
    """With the nearest name, all of them at once."""
    config = config_of(lot_size={"b": 1, "C": 1})
    with pytest.raises(ConfigError) as caught:
        market_of(Chunk(PANEL, 0, 0), config, Parts(FirstWins()))
    assert [str(fault) for fault in caught.value.faults] == [
        "lot_size.b: no symbol is called 'b'; known: 'A', 'B'. Did you mean 'B'?",
        "lot_size.C: no symbol is called 'C'; known: 'A', 'B'.",
    ]


@pytest.mark.parametrize("sizer", [None, EqualSlots()])
def test_equal_slots_need_no_array(sizer: object) -> None:
    """They are a code of the loop."""
    market, _ = market_of(Chunk(PANEL, 0, 0), OrchestratorConfig(), Parts(FirstWins(), sizer=sizer))
    assert market.sizer.shape == (0, 0)


def test_another_sizer_is_asked_once() -> None:
    """Its shares are counted in steps of 10⁻¹⁸."""
    market, _ = market_of(
        Chunk(PANEL, 0, 0), OrchestratorConfig(), Parts(FirstWins(), sizer=FixedFraction(Decimal("0.25")))
    )
    assert market.sizer.tolist() == [[25 * 10**16] * 2] * 2
