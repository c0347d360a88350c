"""What the loop calls is marked here; nothing is compiled before somebody runs the loop as machine code.

A marked function stays plain Python, callable as it is. `translating` lowers all of them together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.money import LIMIT

Function = TypeVar("Function", bound=Callable[..., Any])

MARKED: Final[list[Callable[..., Any]]] = []
"""The functions of the kernel, those that are called before those that call them, but for forward references."""


def compiled(function: Function) -> Function:
    """Mark a function as one that is compiled with the loop."""
    MARKED.append(function)
    return function


def prefetch(array: IntArray, row: int, column: int) -> None:
    """Say that an element will soon be read; machine code then has it brought from memory meanwhile."""


def quotient(top: int, bottom: int) -> int:
    """Divide without what is less than 1; neither number is negative, and the second is not zero."""
    return top // bottom


def trailing_zeros(number: int) -> int:
    """Return how many of the lowest bits of an integer are zero; it is not zero itself."""
    return (int(number) & -int(number)).bit_length() - 1


def sum_or(left: int, right: int, otherwise: int) -> int:
    """Return a sum, or something else if it is beyond `LIMIT` on either side; none of the integers is."""
    if right > 0:
        return otherwise if left > LIMIT - right else left + right
    return otherwise if left < -LIMIT - right else left + right
