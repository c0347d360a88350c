"""How parameters are described."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Optional, Union

import pytest
from pydantic import BaseModel, Field

from strategy_orchestrator.errors import PluginError
from strategy_orchestrator.hooks.describing import describe, parameters_of, type_text
from strategy_orchestrator.hooks.learnt import Parameter
from strategy_orchestrator.hooks.loading import load
from strategy_orchestrator.hooks.plugin import BUILT_IN
from strategy_orchestrator.hooks.registering import register


class Options(BaseModel):
    """Options of all sorts."""

    fast: int = Field(default=10, ge=1, le=100, multiple_of=5, description="Bars of the\nfast average.")
    needed: float = Field(gt=0, lt=1)
    threshold: Decimal = Field(default=Decimal("0.10"), decimal_places=6)
    names: list[str] | None = Field(default=None, min_length=1, max_length=3)
    window: Annotated[int, Field(ge=2)] | None = None
    mode: Literal["a", "b"] = "a"
    code: str = Field(default="x", pattern="^x", alias="class")
    made: list[int] = Field(default_factory=lambda: [1, 2])
    most: float = float("inf")


def test_each_field_is_described() -> None:
    """Name, type, bounds, default and description, in the order of the model."""
    assert parameters_of(Options) == (
        Parameter("fast", "int", (">= 1", "<= 100", "a multiple of 5"), False, 10, "Bars of the fast average."),
        Parameter("needed", "float", ("> 0", "< 1"), True, None, ""),
        Parameter("threshold", "Decimal", ("at most 6 decimals",), False, "0.10", ""),
        Parameter("names", "list[str] | None", ("length >= 1", "length <= 3"), False, None, ""),
        Parameter("window", "int | None", (">= 2",), False, None, ""),
        Parameter("mode", "'a' | 'b'", (), False, "a", ""),
        Parameter("class", "str", ("matches ^x",), False, "x", ""),
        Parameter("made", "list[int]", (), False, "[1, 2]", ""),
        Parameter("most", "float", (), False, "inf", ""),
    )


def test_what_has_no_model_has_no_parameters() -> None:
    """An empty tuple says so."""
    assert parameters_of(None) == ()


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (Optional[float], "float | None"),  # noqa: UP045  # as older packs write it
        (Union[int, str], "int | str"),  # noqa: UP007  # as UP045
        (dict[str, list[Decimal]], "dict[str, list[Decimal]]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Any, "any"),
        (Annotated[int, 5], "int"),
        (list, "list"),
        (Options, "Options"),
    ],
)
def test_a_type_is_written_short(annotation: Any, text: str) -> None:
    """As in Python, without modules."""
    assert type_text(annotation) == text


def test_the_built_in_plug_in_is_described() -> None:
    """Every addition has a line of description, and every parameter too."""
    learnt = describe(register(load(BUILT_IN), BUILT_IN))
    assert len(learnt.additions) == 10
    assert all(addition.description.endswith(".") for addition in learnt.additions)
    assert all(parameter.description for addition in learnt.additions for parameter in addition.parameters)


def test_a_default_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With whose it is."""
    registered = register(load(BUILT_IN), BUILT_IN)
    model = registered.offers[3].spec.parameters
    assert model is not None
    monkeypatch.setattr(model.model_fields["threshold"], "default_factory", lambda: {}["x"])
    monkeypatch.setattr(model.model_fields["threshold"], "default", Options.model_fields["needed"].default)
    with pytest.raises(PluginError, match=r"rebalancer 'THRESHOLD' .*: KeyError: 'x'"):
        describe(registered)
