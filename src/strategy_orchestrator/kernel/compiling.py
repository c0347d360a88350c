"""How functions of the kernel are compiled.

`NUMBA_DISABLE_JIT=1` leaves every one of them plain Python with the same results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numba
from numba.core import types

Function = TypeVar("Function", bound=Callable[..., Any])

# Nothing here divides by zero, raises, or keeps an array, so neither errors nor references have to be looked after.
_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "_nrt": False}
# Only the loop itself is called from Python. The others have no way in from there, which halves their compilation.
_INNER: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Function) -> Function:
    """Compile what the loop calls; the plain function is its `py_func`."""
    dispatcher: Any = numba.njit(**_OPTIONS, **_INNER)(function)
    template = getattr(dispatcher, "get_call_template", None)
    if template is not None:
        # One version for all constants: numba would compile one for each that is passed.
        dispatcher.get_call_template = lambda args, kws: template([types.unliteral(each) for each in args], kws)  # type: ignore[no-untyped-call]
    return dispatcher


def compiled_and_kept(function: Function) -> Function:
    """Compile the loop itself, and keep its machine code on the disk with all that it calls."""
    dispatcher: Any = numba.njit(**_OPTIONS, cache=True)(function)
    return dispatcher
