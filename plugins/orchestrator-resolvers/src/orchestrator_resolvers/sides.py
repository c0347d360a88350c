"""The two sides of a conflict, and what decides between them when nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from orchestrator_resolvers.parameters import Tie
from strategy_orchestrator import Direction, Signal
from strategy_orchestrator.money import sum_exactly


def on_side(signals: Sequence[Signal], direction: Direction | None) -> list[Signal]:
    """Return the signals in a direction; of none, no signal."""
    return [signal for signal in signals if signal.direction is direction]


def net_weight(signals: Sequence[Signal]) -> Decimal:
    """Return Σ direction × weight, exactly and in any order of the signals."""
    return sum_exactly(
        [signal.weight if signal.direction is Direction.LONG else signal.weight.copy_negate() for signal in signals]
    )


def side_of(number: Decimal | int) -> Direction | None:
    """Return the direction that a sign means; None for zero."""
    if number == 0:
        return None
    return Direction.LONG if number > 0 else Direction.SHORT


def the_one_side(signals: Sequence[Signal]) -> Direction | None:
    """Return the direction that all signals share, or None."""
    directions = {signal.direction for signal in signals}
    return directions.pop() if len(directions) == 1 else None


def tie_winner(signals: Sequence[Signal], tie: Tie) -> Direction | None:
    """Return the direction that wins a tie, or None.

    Parameters
    ----------
    signals : sequence of Signal
        All that are in conflict, for "net".
    tie : {"cancel", "net", "buy", "sell"}
        What decides; none of them looks at the order of the strategies.
    """
    if tie == "net":
        return side_of(net_weight(signals))
    return {"cancel": None, "buy": Direction.LONG, "sell": Direction.SHORT}[tie]
