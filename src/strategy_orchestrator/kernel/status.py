"""What the loop answers when it stops, and the words for it."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Status(IntEnum):
    """Why the loop stopped.

    It goes on when it is called again, once it has been answered: at the bar, stage and place where it stopped.
    """

    RUNNING = 0
    DONE = 1
    """All bars of the chunk are done."""
    BUFFER_FULL = 2
    """Decisions or trades must be taken out of their buffers."""
    ASK_STRATEGIES = 3
    """Strategies that decide bar by bar are to be asked about the bar; quarantines can be commanded."""
    ASK_RESOLVER = 4
    """A resolver must say which signals on a symbol survive."""
    ASK_REBALANCER = 5
    """A rebalancer must propose weights."""
    ASK_SIZE = 6
    """A strategy must size its entry."""
    OVERFLOW = 7
    """An amount does not fit 64 bits."""
    PRICE_BELOW_QUANTUM = 8
    """Slippage or a level makes a fill price of less than one quantum."""
    MONEY_NOT_CONSERVED = 9
    """Cash, reserve and what was paid away do not add up to the capital."""
    OVERSPENT = 10
    """A sleeve uses more than is allocated to it."""
    CASH_APART = 11
    """Cash is not what is available plus what shorts brought and hold back."""
    RESERVE_NEGATIVE = 12
    """The reserve is below zero."""
    FILL_OUTSIDE_BAR = 13
    """The price of a fill, before slippage, is not one of its bar, or not the last known close where there is none."""
    LEFT_BEFORE_ENTERED = 14
    """A position is left at a bar before that of its entry."""


FAULTS: Final = {
    Status.OVERFLOW: "an amount is beyond what a ledger holds, about 9 × 10¹² in money, price or quantity",
    Status.PRICE_BELOW_QUANTUM: "slippage leaves a fill price of less than one quantum, 0.000001",
}
"""What is wrong with the input, by status."""

BROKEN: Final = {
    Status.MONEY_NOT_CONSERVED: "cash, reserve and what was paid away come to {found}, the capital is {expected}",
    Status.OVERSPENT: "the sleeve uses {found} of {expected} allocated",
    Status.CASH_APART: "the cash is {found}; available capital and shorts say {expected}",
    Status.RESERVE_NEGATIVE: "the reserve is {found}; at least {expected} is allowed",
    Status.FILL_OUTSIDE_BAR: "a fill at {found} lies outside its bar, whose nearest price is {expected}",
    Status.LEFT_BEFORE_ENTERED: "a position is left before the bar of its entry",
}
"""What is wrong with us, by status; `found` and `expected` are amounts."""
