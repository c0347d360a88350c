"""Arithmetic of money that never wraps: products are exact whatever their size, and every rounding has a name.

Operands are int64 and not negative unless a function says otherwise. A result that does not fit 64 bits is `OVERFLOW`,
which no amount, price or quantity can be; callers look for it.
"""

from __future__ import annotations

from typing import Final

from strategy_orchestrator.kernel.compiled import compiled, quotient, sum_or
from strategy_orchestrator.money import FRACTION_SCALE, SCALE, WEIGHT_SCALE

OVERFLOW: Final = -(2**63)
"""In place of a result that does not fit."""

# Below 2⁶³ by more than the error of a product of two floats.
_MOST: Final = 9.2e18
_BITS: Final = 63
_MILLION: Final = 1_000_000
_BILLION: Final = 1_000_000_000


@compiled
def fits(left: int, right: int) -> bool:
    """Tell whether a product of two integers of any sign fits 64 bits."""
    return abs(float(left) * float(right)) < _MOST


@compiled
def add(left: int, right: int) -> int:
    """Add two integers of any sign; `OVERFLOW` if the sum does not fit or one of them is it already."""
    if left == OVERFLOW or right == OVERFLOW:
        return OVERFLOW
    return sum_or(left, right, OVERFLOW)


@compiled
def round_down(top: int, bottom: int) -> int:
    """Divide, without what is less than 1."""
    return quotient(top, bottom)


@compiled
def nearest_even(base: int, top: int, bottom: int) -> int:
    """Return `base + top ÷ bottom` rounded half to even, 0 ≤ top < bottom; the base has any sign."""
    # Without a branch, for there is no guessing which way it goes.
    rest = bottom - top
    return base + ((top > rest) | ((top == rest) & (base & 1 == 1)))


@compiled
def multiply_divide(left: int, right: int, bottom: int) -> tuple[int, int]:
    """Return quotient, rounded down, and remainder of `left × right ÷ bottom`; the quotient may be `OVERFLOW`."""
    if fits(left, right):
        product = left * right
        whole = round_down(product, bottom)
        return whole, product - whole * bottom
    if float(left) * float(right) / float(bottom) >= _MOST:
        return OVERFLOW, 0
    return _divide_wide(left, right, bottom)


@compiled
def _divide_wide(left: int, right: int, bottom: int) -> tuple[int, int]:
    # The product is never formed: it is built up from the bits of one factor, and what is divisible taken out at once.
    whole = round_down(left, bottom)
    part = left - whole * bottom
    more, rest = 0, 0
    for place in range(_BITS - 1, -1, -1):
        more *= 2
        if rest >= bottom - rest:
            rest -= bottom - rest
            more += 1
        else:
            rest += rest
        if (right >> place) & 1 == 1:
            if rest >= bottom - part:
                rest -= bottom - part
                more += 1
            else:
                rest += part
    return whole * right + more, rest


@compiled
def _multiply_by_steps(left: int, steps: int, root: int) -> tuple[int, int]:
    # left × steps ÷ root², exactly, by parts below root; no 128 bits are needed.
    if float(left) * float(steps) / (float(root) * float(root)) >= _MOST:
        return OVERFLOW, 0
    left_top, steps_top = round_down(left, root), round_down(steps, root)
    left_low, steps_low = left - left_top * root, steps - steps_top * root
    first, second = left_top * steps_low, left_low * steps_top
    first_top, second_top = round_down(first, root), round_down(second, root)
    carried = (first - first_top * root + second - second_top * root) * root + left_low * steps_low
    whole = root * root
    above = round_down(carried, whole)
    return left_top * steps_top + first_top + second_top + above, carried - above * whole


@compiled
def take_fraction(amount: int, steps: int) -> tuple[int, int]:
    """Return `amount × steps ÷ 10¹²`, rounded down, and the remainder in steps of 10⁻¹²."""
    if fits(amount, steps):
        product = amount * steps
        whole = round_down(product, FRACTION_SCALE)
        return whole, product - whole * FRACTION_SCALE
    return _multiply_by_steps(amount, steps, _MILLION)


@compiled
def take_weight(amount: int, steps: int) -> tuple[int, int]:
    """Return `amount × steps ÷ 10¹⁸`, rounded down, and the remainder in steps of 10⁻¹⁸; steps up to 9 × 10¹⁸."""
    return _multiply_by_steps(amount, steps, _BILLION)


@compiled
def weigh(amount: int, steps: int) -> int:
    """Return the share of an amount that a weight in steps of 10⁻¹⁸ is, rounded half to even."""
    whole, rest = take_weight(amount, steps)
    return whole if whole == OVERFLOW else nearest_even(whole, rest, WEIGHT_SCALE)


@compiled
def multiply_price(quantity: int, price: int) -> tuple[int, int]:
    """Return quantity × price in quanta, rounded down, and the remainder in millionths of a quantum."""
    if float(quantity) * float(price) >= _MOST * SCALE:
        return OVERFLOW, 0
    units = round_down(quantity, SCALE)
    part = quantity - units * SCALE
    value = units * price
    if part == 0:
        return value, 0
    price_units = round_down(price, SCALE)
    low = part * (price - price_units * SCALE)
    carried = round_down(low, SCALE)
    return value + part * price_units + carried, low - carried * SCALE


@compiled
def value_at(quantity: int, price: int) -> int:
    """Return what a quantity is worth at a price: quanta, rounded half to even; `OVERFLOW` if it does not fit."""
    whole, rest = multiply_price(quantity, price)
    return whole if rest == 0 else nearest_even(whole, rest, SCALE)


@compiled
def shift(price: int, sign: int, steps: int) -> int:
    """Return `price × (1 + sign × steps ÷ 10¹²)` rounded half to even; sign is 1 or -1."""
    if steps == 0:
        return price
    moved, rest = take_fraction(price, steps)
    return move(price, sign, moved, rest, FRACTION_SCALE)


@compiled
def move(base: int, sign: int, whole: int, top: int, bottom: int) -> int:
    """Return `base + sign × (whole + top ÷ bottom)` rounded half to even, 0 ≤ top < bottom; `OVERFLOW` passes."""
    if whole == OVERFLOW:
        return OVERFLOW
    if sign > 0:
        moved = add(base, whole)
        return moved if moved == OVERFLOW else nearest_even(moved, top, bottom)
    if top == 0:
        return base - whole
    return nearest_even(base - whole - 1, bottom - top, bottom)
