"""How functions of the kernel are compiled.

`NUMBA_DISABLE_JIT=1` leaves every one of them plain Python with the same results.
"""

from __future__ import annotations

from typing import Any

import numba
from numba.core import types


def compiled(function: Any) -> Any:
    """Compile what the loop calls; nothing here divides by zero or raises."""
    dispatcher = numba.njit(
        nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    inner = getattr(dispatcher, "get_call_template", None)
    if inner is not None:
        # One version for all constants: numba would compile one for each that is passed.
        dispatcher.get_call_template = lambda args, kws: inner([types.unliteral(each) for each in args], kws)
    return dispatcher


def compiled_and_kept(function: Any) -> Any:
    """Compile the loop itself, and keep its machine code on the disk with all that it calls."""
    return numba.njit(nogil=True, error_model="numpy", _nrt=False, cache=True)(function)
