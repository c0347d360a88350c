"""How functions of the kernel are compiled, and where the machine code is kept.

`NUMBA_DISABLE_JIT=1` leaves every one of them plain Python with the same results.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numba
from numba.core import types

Function = TypeVar("Function", bound=Callable[..., Any])

# Nothing here divides by zero, raises, or keeps an array, so neither errors nor references have to be looked after.
_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "_nrt": False}
# Only the loop itself is called from Python. The others have no way in from there, which halves their compilation.
_INNER: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_SOURCES: Final = ("kernel/*.py", "models/records.py", "money.py")


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
    kept = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if kept is not None and hasattr(kept, "_source_stamp"):
        # numba looks at the file of the loop only: what is kept must not outlive a change to what the loop calls.
        kept._source_stamp = (kept._source_stamp, _digest())  # noqa: SLF001
    return dispatcher


def _digest() -> str:
    top = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(top.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_kept(dispatcher: Any) -> bool:
    """Tell whether nothing has to be compiled, as far as can be seen: there is machine code, or none is used."""
    if not hasattr(dispatcher, "signatures") or dispatcher.signatures:
        return True
    folder = dispatcher.stats.cache_path
    name = dispatcher.py_func.__qualname__
    return folder is not None and any(Path(folder).glob(f"*{name}-*.nbi"))
