"""Options of plug-ins against their models."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import BaseModel, Field, ValidationError

from strategy_orchestrator.errors import ConfigError
from strategy_orchestrator.models.validation import ExactDecimal, Parameters, checked, with_seed


class Options(Parameters):
    """Options of nothing in particular."""

    lookback: int = Field(ge=2)
    share: ExactDecimal | None = Field(default=None, le=1)


@pytest.mark.parametrize(
    ("given", "exact"),
    [(0.1, Decimal("0.1")), ("0.10", Decimal("0.10")), (1, Decimal(1)), (Decimal("0.5"), Decimal("0.5")), (None, None)],
)
def test_an_exact_decimal_takes_any_number(given: object, exact: Decimal | None) -> None:
    """A float stands for its shortest text, though the model is strict."""
    options = checked(Options, "Thing", {"lookback": 5, "share": given})
    assert options == Options(lookback=5, share=exact)


def test_all_faults_are_reported_with_their_owner() -> None:
    """Unknown, missing, of the wrong type and out of bounds."""
    with pytest.raises(ConfigError) as caught:
        checked(Options, "Thing", {"share": 1.5, "lookbak": 5})
    assert str(caught.value).splitlines() == [
        "Thing.lookback: the key is missing. Give it a value.",
        "Thing.share: 1.5 was found; input should be less than or equal to 1.",
        "Thing.lookbak: no key is called 'lookbak'; known: 'lookback', 'share'. Did you mean 'lookback'?",
    ]
    with pytest.raises(ConfigError, match=r"Thing\.share: 'much' is not a number"):
        checked(Options, "Thing", {"lookback": 5, "share": "much"})
    with pytest.raises(ConfigError, match=r"Thing\.lookback: 5\.0 was found"):
        checked(Options, "Thing", {"lookback": 5.0})


def test_options_stay_as_they_were_checked() -> None:
    """A field cannot be set."""
    options = Options(lookback=5)
    with pytest.raises(ValidationError, match="frozen"):
        options.lookback = 1  # type: ignore[misc]


class Drawn(BaseModel):
    """Options of something that draws random numbers."""

    seed: int = 0


def test_the_seed_of_the_run_is_for_those_who_take_one() -> None:
    """A model with a field of that name gets it unless it is given; others are left alone."""
    assert with_seed({}, Drawn, 7) == {"seed": 7}
    assert with_seed({"seed": 1}, Drawn, 7) == {"seed": 1}
    assert with_seed({"a": 1}, BaseModel, 7) == {"a": 1}
    assert with_seed({}, None, 7) == {}
