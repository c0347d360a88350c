"""How much an entry buys: what a budget pays for, and what a target weight asks for."""

from __future__ import annotations

from strategy_orchestrator.kernel.books import commission_of
from strategy_orchestrator.kernel.checked import (
    OVERFLOW,
    add,
    fits,
    multiply_divide,
    multiply_price,
    round_down,
    take_weight,
    value_at,
)
from strategy_orchestrator.kernel.compiled import compiled
from strategy_orchestrator.kernel.layout import (
    Record,
)
from strategy_orchestrator.money import FRACTION_SCALE, LIMIT, SCALE, WEIGHT_SCALE

# 10¹⁸ ÷ 10⁶: steps of a weight in one of what is below a quantum of money.
_STEPS_PER_PART = WEIGHT_SCALE // SCALE


@compiled
def cost_of(terms: Record, quantity: int, price: int) -> int:
    """Return what an entry costs, commission included; `OVERFLOW` if it does not fit."""
    notional = value_at(quantity, price)
    return OVERFLOW if notional == OVERFLOW else add(notional, commission_of(terms, quantity, notional))


@compiled
def is_paid(terms: Record, quantity: int, price: int, budget: int) -> bool:
    """Tell whether a budget pays for an entry, commission included."""
    cost = cost_of(terms, quantity, price)
    return cost != OVERFLOW and cost <= budget


@compiled
def largest_entry(terms: Record, price: int, budget: int) -> int:
    """Return the largest quantity, in whole lots, whose notional and commission fit a budget.

    `OVERFLOW` if that is more than a quantity can be.
    """
    lot = terms["lot"]
    most = round_down(LIMIT - 1, lot)
    # A guess in floats, which is mostly right; else it is set right by exact steps that double until they bracket it.
    rate = terms["per_notional"] / FRACTION_SCALE
    a_lot = (price * (1.0 + rate) + terms["per_share"]) * (lot / SCALE)
    low = min(max(int(min((budget - terms["per_trade"]) / a_lot, 9.0e18)), 0), most)
    cost = cost_of(terms, low * lot, price)
    if cost != OVERFLOW and cost <= budget and budget - cost < _least_of_a_lot(lot, price):
        return low * lot
    step = 1
    while low > 0 and not is_paid(terms, low * lot, price, budget):
        low = max(low - step, 0)
        step *= 2
    step, high = 1, low + 1
    while high <= most and is_paid(terms, high * lot, price, budget):
        low = high
        high = high + step if step <= most - high else most + 1
        step *= 2
    if high > most:
        return OVERFLOW
    while high - low > 1:
        middle = low + round_down(high - low, 2)
        if is_paid(terms, middle * lot, price, budget):
            low = middle
        else:
            high = middle
    return low * lot


@compiled
def _least_of_a_lot(lot: int, price: int) -> int:
    # What one lot more costs at least: of halves that are rounded to even the second may be a quantum nearer.
    whole, _ = multiply_price(lot, price)
    return LIMIT if whole == OVERFLOW else whole - 1


@compiled
def affordable(terms: Record, price: int, wanted: int, budget: int) -> int:
    """Return the wanted quantity, or the largest one that the budget pays for."""
    if budget <= 0 or is_paid(terms, wanted, price, budget):
        return wanted if budget > 0 else 0
    return largest_entry(terms, price, budget)


@compiled
def target_quantity(weight: int, equity: int, price: int, lot: int) -> int:
    """Return the signed quantity that a weight of an equity buys at a price, rounded toward zero to lots.

    `OVERFLOW` if it is more than a quantity can be.
    """
    if equity <= 0 or weight == 0:
        return 0
    money, rest = take_weight(equity, abs(weight))
    if money == OVERFLOW:
        return OVERFLOW
    # The floor of a floor is the floor: what is below a quantum of money may still complete one of quantity.
    part = round_down(rest, _STEPS_PER_PART)
    if fits(money, 2 * SCALE):
        quantity = round_down(money * SCALE + part, price)
    else:
        quantity, left = multiply_divide(money, SCALE, price)
        if quantity == OVERFLOW:
            return OVERFLOW
        quantity += round_down(left + part, price)
    quantity = round_down(quantity, lot) * lot
    return quantity if weight > 0 else -quantity
