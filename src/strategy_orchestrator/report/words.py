"""Numbers and times as a reader likes them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

ABSENT: Final = "n/a"
"""What stands where a measure is not defined."""

_MINUS: Final = "−"
_HUNDRED: Final = 100


def percent(value: Decimal | float, places: int = 1) -> str:
    """Write a fraction as a percentage.

    Examples
    --------
    >>> percent(Decimal("-0.12345")), percent(Decimal("NaN"))
    ('−12.3 %', 'n/a')
    """
    return _signed(Decimal(value) * _HUNDRED, places, " %")


def money(value: Decimal | float) -> str:
    """Write money to the hundredth."""
    return _signed(Decimal(value), 2, "")


def ratio(value: Decimal | float, places: int = 2) -> str:
    """Write a number that has no unit."""
    return _signed(Decimal(value), places, "")


def exact(value: Decimal) -> str:
    """Write a number with all its digits, but no trailing zeros."""
    return f"{value.normalize():,f}" if value.is_finite() else ABSENT


def count(number: int, one: str, many: str = "") -> str:
    """Write a number of things.

    Examples
    --------
    >>> count(1, "day"), count(1200, "day")
    ('1 day', '1,200 days')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def moment(value: datetime) -> str:
    """Write a time in UTC; midnight is written as the day alone."""
    shown = value.isoformat(sep=" ").replace("+00:00", "")
    return shown.removesuffix(" 00:00:00")


def sign_of(value: Decimal | float) -> str:
    """Return the class of a gain or a loss; empty for neither."""
    if value != value or value == 0:  # noqa: PLR0124  # NaN
        return ""
    return "gain" if value > 0 else "loss"


def _signed(value: Decimal, places: int, unit: str) -> str:
    if not value.is_finite():
        return ABSENT
    shown = f"{value:,.{places}f}"
    # What rounds to zero has no sign.
    if shown.strip("-0.,") == "":
        shown = shown.removeprefix("-")
    return shown.replace("-", _MINUS) + unit
