"""How offers become objects, and what is wrong with their parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from strategy_orchestrator.errors import ConfigError, Fault, PluginError
from strategy_orchestrator.hooks.building import build
from strategy_orchestrator.hooks.kinds import RULES, Kind
from strategy_orchestrator.hooks.offers import Offer
from strategy_orchestrator.hooks.plugin import Plugin
from strategy_orchestrator.hooks.sources import CheckedSource

PLUGIN = Plugin("pack-odd", "1.0", "odd", "odd", "/site")


class Options(BaseModel):
    """Options that forbid nothing themselves."""

    fast: int = Field(default=10, ge=1)
    slow: int
    level: float = Field(default=0.5, alias="lambda")


class Named(BaseModel):
    """Options that can be given by name and by alias."""

    model_config = ConfigDict(populate_by_name=True)

    level: float = Field(default=0.5, alias="lambda")


class Open(BaseModel):
    """Options that take whatever is given."""

    model_config = ConfigDict(extra="allow")


class Raising(BaseModel):
    """Options whose check is broken."""

    fast: int = 1

    @field_validator("fast")
    @classmethod
    def _check(cls, value: int) -> int:
        return {}[value]  # type: ignore[no-any-return]


class Strategy:
    """A strategy that keeps its options."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def signals(self, panel: Any) -> Any:
        """Return the panel."""
        return panel


def offer(
    factory: Callable[..., Any] = Strategy, model: type[BaseModel] | None = None, kind: Kind = Kind.STRATEGY
) -> Offer:
    """Return an offer."""
    return Offer(kind, RULES[kind].spec("odd", factory, model), PLUGIN)


def built(model: type[BaseModel] | None, params: Mapping[str, object]) -> Any:
    """Return the options with which a strategy was made."""
    strategy: Any = build(offer(Strategy, model), params, "run.toml: strategy[1].params")
    return strategy.options


def test_a_factory_gets_the_checked_options_as_keywords() -> None:
    """By the names of the fields, with defaults."""
    assert built(Options, {"slow": 50, "lambda": 1}) == {"fast": 10, "slow": 50, "level": 1.0}
    assert built(Named, {"level": 2}) == {"level": 2.0}
    assert built(Open, {"anything": 1}) == {"anything": 1}
    assert built(None, {}) == {}


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Unknown with the nearest name, missing and out of bounds, each in its place."""
    with pytest.raises(ConfigError) as caught:
        built(Options, {"fest": 1, "fast": 0, "level": 1})
    assert str(caught.value).splitlines() == [
        (
            "run.toml: strategy[1].params.fest: no parameter is called 'fest'; known: 'fast', 'lambda', 'slow'. "
            "Did you mean 'fast'?"
        ),
        "run.toml: strategy[1].params.level: no parameter is called 'level'; known: 'fast', 'lambda', 'slow'.",
        "run.toml: strategy[1].params.fast: 0 was found; input should be greater than or equal to 1.",
        "run.toml: strategy[1].params.slow: the key is missing. Give it a value.",
    ]


def test_an_unknown_option_alone_is_refused() -> None:
    """Pydantic would pass it over."""
    with pytest.raises(ConfigError, match="no parameter is called 'x'"):
        built(Options, {"slow": 5, "x": 1})


def test_options_of_what_has_none_are_refused() -> None:
    """By the name of the offer."""
    with pytest.raises(ConfigError) as caught:
        built(None, {"fast": 1})
    assert str(caught.value) == (
        "run.toml: strategy[1].params.fast: strategy 'odd' (pack-odd 1.0) has no parameters. Leave it out."
    )


def test_without_a_place_the_offer_is_named() -> None:
    """Code that calls us has no file to point to."""
    with pytest.raises(ConfigError, match=r"^strategy 'odd' \(pack-odd 1\.0\)\.slow: the key is missing"):
        build(offer(model=Options), {}, "")


def test_a_model_that_raises_is_the_plug_in_s_fault() -> None:
    """As opposed to a value that it refuses."""
    with pytest.raises(
        PluginError, match=r"^strategy 'odd' \(pack-odd 1\.0\), parameters: KeyError: 5 \(.*test_building\.py, line "
    ):
        built(Raising, {"fast": 5})


def test_a_factory_that_raises_is_the_plug_in_s_fault() -> None:
    """Told with file and line."""
    with pytest.raises(PluginError, match=r"^strategy 'odd' \(pack-odd 1\.0\): ZeroDivisionError: .*py, line \d+\)"):
        build(offer(lambda: 1 / 0), {}, "")


def test_a_factory_may_refuse_options() -> None:
    """What it says about the user's options, as one of our errors, is not blamed on it."""

    def refuse() -> None:
        raise ConfigError(Fault("fast", "is above slow"))

    with pytest.raises(ConfigError, match="fast: is above slow"):
        build(offer(refuse), {}, "")


@pytest.mark.parametrize("kind", Kind)
def test_what_a_factory_returns_must_be_of_its_kind(kind: Kind) -> None:
    """An object without the methods of the kind is refused, and the methods are named."""
    with pytest.raises(PluginError) as caught:
        build(offer(lambda: 5, kind=kind), {}, "")
    methods = " or ".join(" and ".join(map(repr, form)) for form in RULES[kind].forms)
    assert f"its factory returned 5, which has not the methods of its kind, {methods}." in str(caught.value)


def test_a_data_source_is_wrapped() -> None:
    """So that what it loads is checked."""
    source = type("Source", (), {"load": lambda self: self})
    assert isinstance(build(offer(source, kind=Kind.DATA_SOURCE), {}, ""), CheckedSource)
