"""Options are checked all at once, cannot be changed, and say what they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from strategy_orchestrator import ConfigError, OrchestratorConfig


def config(**options: Any) -> OrchestratorConfig:
    """Make options of whatever is given."""
    return OrchestratorConfig(**options)


def test_the_options_as_they_are() -> None:
    """What a run does when nothing is said."""
    made = config()
    assert {name: getattr(made, name) for name in OrchestratorConfig.model_fields} == {
        "conflict_resolution_mode": "FIRST_WINS",
        "rebalance_threshold": Decimal("0.10"),
        "logging_level": "INFO",
        "fill_at": "next_open",
        "commission_per_trade": 0,
        "commission_per_share": 0,
        "commission_pct": 0,
        "slippage_pct": 0,
        "cost_model": None,
        "sizer": None,
        "profit_policy": "compound",
        "lot_size": 1,
        "rebalancer": None,
        "close_at_end": True,
        "on_strategy_error": "stop",
        "strategy_time_limit": None,
        "risk_free_rate": 0,
        "periods_per_year": None,
        "calendar": None,
        "metrics": (),
        "seed": 0,
    }
    assert not made.is_rebalancing


@pytest.mark.parametrize("options", [{"rebalance_threshold": "0.10"}, {"rebalancer": "THRESHOLD"}])
def test_rebalancing_is_on_when_it_is_asked_for(options: Mapping[str, Any]) -> None:
    """By a rebalancer or a threshold, be it the one that is there anyway."""
    assert config(**options).is_rebalancing


@pytest.mark.parametrize("number", [0.001, "0.001", Decimal("0.001")])
def test_numbers_are_exact_whatever_they_come_as(number: Any) -> None:
    """A float stands for its shortest text."""
    assert config(commission_pct=number, slippage_pct=number).commission_pct == Decimal("0.001")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown option": ({"commission": 1}, "commission: no key is called 'commission'; known: "),
    "a threshold above 1": ({"rebalance_threshold": 1.01}, "rebalance_threshold: 1.01 is not between 0 and 1"),
    "an unknown level": ({"logging_level": "INFOS"}, "logging_level: no logging level is called 'INFOS'; known: "),
    "an unknown time": ({"fill_at": "open"}, "fill_at: "),
    "an unknown policy": ({"profit_policy": "keep"}, "profit_policy: "),
    "an unknown reaction": ({"on_strategy_error": "ignore"}, "on_strategy_error: "),
    "a negative commission": (
        {"commission_per_trade": -1},
        "commission_per_trade: -1 is negative; 0 or more is allowed",
    ),
    "too many decimals of money": ({"commission_per_share": "1e-7"}, "commission_per_share: 1E-7 has more than 6 dec"),
    "a fraction of 1": ({"slippage_pct": 1}, "slippage_pct: 1 is not from 0 to below 1. Write a fraction: 0.001 is"),
    "too many decimals of a fraction": ({"commission_pct": "1e-13"}, "commission_pct: 1E-13 has more than 12 decimals"),
    "a percentage as rate": ({"risk_free_rate": 2}, "risk_free_rate: 2 is above 1: is this a percentage? 0.02 is 2 %"),
    "a rate that takes all": ({"risk_free_rate": -1}, "risk_free_rate: -1 is not above -1"),
    "no periods": ({"periods_per_year": 0}, "periods_per_year: 0 is not greater than 0"),
    "a lot of nothing": ({"lot_size": 0}, "lot_size: 0 is not greater than 0"),
    "a lot of a symbol": ({"lot_size": {"A": "1e-7"}}, "lot_size: 1E-7 has more than 6 decimals"),
    "a negative lot of a symbol": ({"lot_size": {"A": -1}}, "lot_size: -1 for A is not greater than 0"),
    "no number": ({"lot_size": "many"}, "lot_size: 'many' is not a number"),
    "a measure twice": ({"metrics": ["a", "a"]}, "metrics: 'a' is there twice"),
    "a measure that is none": ({"metrics": [len]}, "metrics: <built-in function len> is no name"),
    "a measure without a name": ({"metrics": [""]}, "metrics: '' is no name"),
    "a negative seed": ({"seed": -1}, "seed: "),
    "a resolver that is none": (
        {"conflict_resolution_mode": 7},
        "conflict_resolution_mode: 7 is neither the name of a",
    ),
    "a rebalancer that is none": ({"rebalancer": object}, "rebalancer: <class 'object'> is neither the name of a reb"),
    "a cost model that is none": ({"cost_model": 0}, "cost_model: 0 is neither the name of a cost model nor an object"),
}


@pytest.mark.parametrize(("options", "problem"), WRONG.values(), ids=WRONG)
def test_an_option_out_of_bounds_is_refused(options: dict[str, Any], problem: str) -> None:
    """As `ValueError`, by its field, in full words."""
    with pytest.raises(ConfigError) as caught:
        config(**options)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).startswith(problem)


def test_all_faults_come_at_once() -> None:
    """One line for each."""
    with pytest.raises(ConfigError) as caught:
        config(fill_at="open", commission_pct=2, nothing=1)
    assert {str(fault).partition(":")[0] for fault in caught.value.faults} == {"fill_at", "commission_pct", "nothing"}


def test_the_nearest_name_is_told() -> None:
    """Of an option and of a value."""
    with pytest.raises(ConfigError, match=r"Did you mean 'slippage_pct'\?"):
        config(slipage_pct=0)
    with pytest.raises(ConfigError, match=r"Did you mean 'WARNING'\?"):
        config(logging_level="WARN")


def test_options_cannot_be_changed() -> None:
    """They are those of the run."""
    made: Any = config()
    with pytest.raises(ValueError, match="frozen"):
        made.fill_at = "close"


def test_objects_are_taken_by_their_methods() -> None:
    """A base class is not needed."""
    resolver = SimpleNamespace(resolve=lambda *_: ())
    made = config(conflict_resolution_mode=resolver, sizer=SimpleNamespace(fractions=len))
    assert made.conflict_resolution_mode is resolver


def test_options_resolve_to_what_json_can_hold() -> None:
    """Every one of them; numbers as text, objects by their class, lots by symbol."""
    made = config(lot_size={"A": "0.10"}, metrics=["a", "b"], rebalancer=SimpleNamespace(propose=len), seed=7)
    resolved = made.resolved()
    assert resolved.keys() == OrchestratorConfig.model_fields.keys()
    assert json.loads(json.dumps(resolved)) == resolved
    assert resolved["lot_size"] == {"A": "0.1"}
    assert (resolved["metrics"], resolved["seed"]) == (["a", "b"], 7)
    assert resolved["rebalancer"] == "types.SimpleNamespace"


def test_one_measure_needs_no_list() -> None:
    """Its name alone will do."""
    assert config(metrics="a").metrics == ("a",)
