"""The compiled kernel: it alone moves money, in whole quanta.

`advance` is the loop, `layout` its arrays, `making` makes them, `status` is what it answers. Of the modules behind it,
`checked` has the arithmetic, `books` the two kinds of fill, and `sizing`, `filling`, `protecting`, `closing`,
`deciding` and `rebalancing` have the steps of a bar. `curves` measures what came of them. All of that is plain Python;
`translating` lowers it, `lowered` has what that came to, and `machine` makes, keeps, loads and calls the machine code.
Nothing here knows plug-ins, files or decimals.

`NUMBA_DISABLE_JIT=1` runs the plain functions, `NUMBA_BOUNDSCHECK=1` compiles them with checks of every index, with the
same results.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.kernel import lowered
from strategy_orchestrator.kernel.advance import advance
from strategy_orchestrator.kernel.curves import SUMS, Rows, measure
from strategy_orchestrator.kernel.layout import Intents, Market, Records, State
from strategy_orchestrator.kernel.machine import Keeper, emit
from strategy_orchestrator.kernel.making import new_books, new_curves, new_intents

__all__ = ["advance", "is_compiled", "loop_over", "sums_of_curves"]

Loop = Callable[[int], int]


def loop_over(state: State, market: Market, intents: Intents) -> Loop:
    """Return the loop over these arrays: `advance` with all but its last argument, compiled unless switched off.

    What is done to the arrays shows; another array in the place of one needs another loop.
    """
    if _is_on("NUMBA_DISABLE_JIT"):
        return partial(advance, state, market, intents)
    if _is_on("NUMBA_BOUNDSCHECK"):
        return partial(_checked(advance), state, market, intents)
    return _KEEPER.machine().over(lowered.LOOP, [*state.books, *state.curves, *market, *intents])


def sums_of_curves(
    equity: FloatArray,
    gross: FloatArray,
    daily: FloatArray,
    growth: FloatArray,
    charges: FloatArray,
    risk_free: float,
) -> Records:
    """Find what measures of equity curves are made of, in one pass over each, compiled unless switched off.

    The arrays are those of `curves.Rows`, all of them contiguous; n curves, T bars, D valuation days.

    Returns
    -------
    ndarray
        `curves.SUMS`, shape (n,).
    """
    rows = Rows(equity, gross, daily, growth, charges, np.array([risk_free]), np.zeros(len(daily), SUMS))
    if _is_on("NUMBA_DISABLE_JIT"):
        measure(rows, len(daily))
    elif _is_on("NUMBA_BOUNDSCHECK"):
        _checked(measure)(rows, len(daily))
    else:
        _KEEPER.machine().over(lowered.CURVES, rows)(len(daily))
    return rows.sums


def is_compiled() -> bool:
    """Tell whether the loop can run at once; else its first call compiles it, which takes some seconds."""
    return _is_on("NUMBA_DISABLE_JIT") or _KEEPER.is_ready()


def _is_on(switch: str) -> bool:
    return os.environ.get(switch, "0") not in ("", "0")


@cache
def _checked(function: Callable[..., int]) -> Callable[..., int]:
    from strategy_orchestrator.kernel.translating import callable_from_python  # noqa: PLC0415

    return callable_from_python(function)


def _made() -> bytes:
    return emit(lowered.kept() or lower_kernel())


def lower_kernel() -> bytes:
    """Return the kernel as numba lowers it, bitcode of LLVM."""
    # numba takes its time to load, and most runs do without it.
    from strategy_orchestrator.kernel.translating import lower  # noqa: PLC0415

    prices, nothing = np.zeros((1, 1), np.int64), np.zeros(0, np.bool_)
    market = Market(prices, prices, prices, prices, slippage=prices, sizer=prices, scheduled=nothing)
    intents = new_intents(1, 1, np.zeros((1, 1, 1), np.int64))
    loop = (advance, (State(new_books(1, 1), new_curves(1, 1)), market, intents, 1))
    floats = np.zeros((1, 1))
    rows = Rows(floats, floats, floats, floats, floats, floats[0], np.zeros(1, SUMS))
    return lower({lowered.LOOP: loop, lowered.CURVES: (measure, (rows, 1))})


_KEEPER: Final = Keeper(_made)
