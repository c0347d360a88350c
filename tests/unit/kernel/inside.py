"""Call the functions inside the kernel, compiled as the loop calls them; they have no way in from Python themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def inside(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls one of the kernel's; without compilation it is that itself."""

    def call(*args: Any) -> Any:
        return function(*args)

    entrance: Callable[..., Any] = numba.njit(error_model="numpy")(call)
    return entrance
