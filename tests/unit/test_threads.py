"""What processors share comes back in order, and sees what the caller sees."""

from __future__ import annotations

import threading
from decimal import getcontext, localcontext

import numpy as np
import pytest

from strategy_orchestrator.threads import each_in_threads

LITTLE, MUCH = 1, 1 << 30


@pytest.mark.parametrize("n_bytes", [LITTLE, MUCH])
def test_results_come_in_the_order_of_the_items(n_bytes: int) -> None:
    """In threads or not; of nothing comes nothing."""
    assert each_in_threads(abs, range(-20, 0), n_bytes) == list(range(20, 0, -1))
    assert each_in_threads(abs, [], n_bytes) == []


@pytest.mark.parametrize("n_bytes", [LITTLE, MUCH])
def test_context_variables_are_those_of_the_caller(n_bytes: int) -> None:
    """The precision of decimals and numpy's handling of errors do not depend on the size."""
    with localcontext() as context, np.errstate(divide="raise"):
        context.prec = 7
        seen = each_in_threads(lambda _: (getcontext().prec, np.geterr()["divide"]), range(3), n_bytes)
    assert seen == [(7, "raise")] * 3


def test_little_work_starts_no_thread() -> None:
    """Threads take longer to start than they would save."""
    here = threading.get_ident()
    assert each_in_threads(lambda _: threading.get_ident(), range(2), LITTLE) == [here, here]
    assert here not in each_in_threads(lambda _: threading.get_ident(), range(2), MUCH)


@pytest.mark.parametrize("n_bytes", [LITTLE, MUCH])
def test_what_is_raised_is_raised_here(n_bytes: int) -> None:
    """The first in the order of the items."""
    with pytest.raises(ZeroDivisionError):
        each_in_threads(lambda item: 1 // item, [1, 0, 2], n_bytes)
