"""What processors share comes back in order, and sees what the caller sees."""

from __future__ import annotations

import os
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


def test_much_work_is_shared_among_threads() -> None:
    """Two at least, where there are two processors."""
    if (os.cpu_count() or 1) == 1:
        pytest.skip("one processor")
    both = threading.Barrier(2, timeout=60)

    def met(_: int) -> int:
        both.wait()
        return threading.get_ident()

    assert len(set(each_in_threads(met, range(2), MUCH))) == 2


@pytest.mark.parametrize("n_bytes", [LITTLE, MUCH])
def test_what_is_raised_is_raised_here(n_bytes: int) -> None:
    """The first in the order of the items, and what comes long after it is not begun."""
    begun = []

    def work(item: int) -> float:
        begun.append(item)
        return [1, 2][item] / (1 - item)

    with pytest.raises(ZeroDivisionError):
        each_in_threads(work, range(1000), n_bytes)
    assert len(begun) < 1000
