"""The arithmetic of one fill, in integers and fractions; nothing here knows a sleeve or a bar."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tests.reference.world import SCALE, World


def sign(value: int | Fraction) -> int:
    """Return -1, 0 or +1."""
    return (value > 0) - (value < 0)


def round_half_even(value: int | Fraction) -> int:
    """Return the nearest integer, the even one of two equally near."""
    return round(value)


def floor_to_lots(quantity: int | Fraction, lot: int) -> int:
    """Return the largest multiple of the lot that is not above a quantity, itself not negative."""
    assert quantity >= 0
    return int(quantity // lot) * lot


def money(quantity: int, price: int) -> int:
    """Return quantity x price, rounded half-even to the quantum; a negative quantity gives its negative."""
    whole, rest = divmod(quantity * price, SCALE)
    if 2 * rest > SCALE or (2 * rest == SCALE and whole % 2 == 1):
        whole += 1
    return whole


def slippage_of(world: World, bar: int, symbol: int) -> Fraction:
    """Return the slippage of a bar and symbol as a fraction of the price."""
    rate = world.slippage_pct
    return rate if isinstance(rate, Fraction) else rate[bar][symbol]


def price_of_fill(reference: int, direction: int, slippage: Fraction) -> int:
    """Return the reference price moved against the trader: up for a buy (+1), down for a sell (-1)."""
    price = round_half_even(reference * (1 + direction * slippage))
    assert price > 0, "a fill for nothing is outside of what the reference describes"
    return price


def commission_of(world: World, symbol: int, quantity: int, notional: int) -> int:
    """Return the commission of one fill: three parts, one rounding."""
    trade, share, rate = world.commission_per_trade, world.commission_per_share, world.commission_pct
    per_trade = trade if isinstance(trade, int) else trade[symbol]
    per_share = share if isinstance(share, Fraction) else share[symbol]
    per_cent = rate if isinstance(rate, Fraction) else rate[symbol]
    # Money a share, times millionths of a share, is millionths of money: no scale is missing.
    return round_half_even(per_trade + per_share * quantity + per_cent * notional)


def largest_entry(world: World, symbol: int, price: int, budget: int) -> int:
    """Return the largest quantity, in whole lots, with notional + commission within the budget."""
    lot = world.lots[symbol]

    def fits(n_lots: int) -> bool:
        notional = money(n_lots * lot, price)
        return notional + commission_of(world, symbol, n_lots * lot, notional) <= budget

    if budget < 0:
        return 0
    # A notional is at most half a quantum below quantity x price, so that this many lots never fit.
    fit, too_many = 0, (2 * budget + 1) * SCALE // (2 * lot * price) + 1
    while too_many - fit > 1:
        middle = (fit + too_many) // 2
        if fits(middle):
            fit = middle
        else:
            too_many = middle
    return fit * lot


def split(total: int, shares: Sequence[int]) -> list[int]:
    """Split money in proportion to shares, exactly.

    What the floors leave goes to the largest remainders, one unit each, the first of equals.
    """
    whole = sum(shares)
    parts = [total * share // whole for share in shares]
    remainders = [total * share % whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda index: (-remainders[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
