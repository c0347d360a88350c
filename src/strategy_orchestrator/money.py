"""Exact conversions between decimals and the integer counts that the kernel keeps.

Money, prices and quantities are counts of a quantum, 10⁻⁶. Fractions of a price (costs, stops) are counts of
10⁻¹², weights counts of 10⁻¹⁸. Nothing here loses a digit without saying so.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Final

from strategy_orchestrator.errors import Fault, InputError

SCALE: Final = 1_000_000
"""Quanta in one unit of money, of price or of quantity."""
FRACTION_SCALE: Final = 10**12
"""Steps in a fraction of 1 of a price: commission, slippage, stop, target."""
WEIGHT_SCALE: Final = 10**18
"""Steps in a weight of 1."""
LIMIT: Final = 2**63 - 1
"""The largest count that a ledger can hold."""

_SCALE_DIGITS: Final = 6
_MOST_DIGITS: Final = 60
_EXACT: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)


def to_exact(value: object, where: str) -> Decimal:
    """Return a number as the decimal that its shortest text says.

    Parameters
    ----------
    value : Decimal, int, float, str or numpy number
        A float stands for its shortest repr: 0.1 is one tenth.
    where : str
        Named in the error.

    Raises
    ------
    InputError
        If the value is no number, not finite, or has more than 60 digits before or after the point.
    """
    try:
        number = _by_shortest_text(value)
    except (InvalidOperation, TypeError, ValueError):
        raise InputError(Fault(where, f'{value!r} is not a number; write for instance "0.25"', value=value)) from None
    if not number.is_finite():
        raise InputError(Fault(where, f'{value!r} is not finite; write for instance "0.25"', value=value))
    exponent = int(number.as_tuple().exponent)
    if not (-_MOST_DIGITS <= exponent <= _MOST_DIGITS and number.adjusted() < _MOST_DIGITS):
        raise InputError(
            Fault(where, f"{value!r} has too many digits; at most {_MOST_DIGITS} on each side", value=value)
        )
    return number


def _by_shortest_text(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, str):
        return Decimal(value.strip())
    return Decimal(repr(float(value)))  # type: ignore[arg-type]  # anything with __float__, or it raises


def to_steps(value: Decimal, scale: int, where: str) -> int:
    """Return `value × scale` as an integer, exactly.

    Raises
    ------
    InputError
        If the value has more decimals than the scale, or the count does not fit 64 bits.
    """
    product = _EXACT.multiply(value, Decimal(scale))
    count = int(product)
    if product != count:
        digits = len(str(scale)) - 1
        raise InputError(Fault(where, f"{value} has more than {digits} decimals", "Round it", value))
    if abs(count) > LIMIT:
        most = to_decimal(LIMIT) if scale == SCALE else Decimal(LIMIT) / scale
        raise InputError(Fault(where, f"{value} is more than a ledger holds; the most is {most:f}", value=value))
    return count


def to_units(value: object, where: str) -> int:
    """Return money, a price or a quantity as quanta, exactly.

    Examples
    --------
    >>> to_units("12.5", "initial_capital")
    12500000
    """
    return to_steps(to_exact(value, where), SCALE, where)


def to_decimal(units: int) -> Decimal:
    """Return quanta as a decimal with six places.

    Examples
    --------
    >>> to_decimal(12_500_000)
    Decimal('12.500000')
    """
    return _EXACT.scaleb(Decimal(int(units)), -_SCALE_DIGITS)


def round_steps(value: Decimal, scale: int) -> int:
    """Return `value × scale` rounded half to even."""
    return int(_EXACT.multiply(value, Decimal(scale)).to_integral_value(ROUND_HALF_EVEN))


def round_down(value: Decimal, scale: int) -> int:
    """Return a value that is not negative, times `scale`, without what is less than one step."""
    return int(_EXACT.multiply(value, Decimal(scale)))


def sum_exactly(values: list[Decimal]) -> Decimal:
    """Add decimals without rounding, whatever the ambient context is."""
    total = Decimal(0)
    for value in values:
        total = _EXACT.add(total, value)
    return total


def multiply_exactly(left: Decimal, right: Decimal) -> Decimal:
    """Multiply decimals without rounding, whatever the ambient context is."""
    return _EXACT.multiply(left, right)


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros.

    Examples
    --------
    >>> plain(Decimal("1200.500000"))
    '1200.5'
    """
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
