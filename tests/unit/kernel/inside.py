"""Call the functions inside the kernel, compiled as the loop calls them; they have no way in from Python themselves."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from strategy_orchestrator.kernel.translating import callable_from_python


def inside(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls one of the kernel's; without compilation it is that itself."""
    return function if os.environ.get("NUMBA_DISABLE_JIT") == "1" else callable_from_python(function)
