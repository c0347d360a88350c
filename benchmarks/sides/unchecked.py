"""The orchestrator without its checks: it shows what they take, and is nothing to run money with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from benchmarks.sides.orchestrator import Run
from benchmarks.worlds import Size
from scripts.changed_kernel import changed_functions
from strategy_orchestrator import kernel
from strategy_orchestrator.engine.tampering import PriceMark

_CHECK: Final = "    _check_fill(books, market, bar, strategy, symbol, reference)\n"
LEFT_OUT: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "books": (
        (f"{_CHECK}    notional = ", "    notional = "),
        (f'{_CHECK}    if bar < cell["entry_bar"]:', "    if False:"),
    ),
    "closing": (
        ("        _check_sleeve(books, strategy)\n", ""),
        ("        equity, gross = add(equity, its_equity), add(gross, its_gross)\n", ""),
        ('        money = add(money, sleeve["cash"])\n', ""),
        ('if money != run["capital"]:', "if False:"),
    ),
}
"""By module of the kernel, what is there and what takes its place."""


def leave_out() -> None:
    """Put kernel modules without checks in the place of the real ones."""
    for name, changes in LEFT_OUT.items():
        for module, known, function in changed_functions(name, changes):
            setattr(module, known, function)


class Unchecked(Run):
    """A run whose kernel looks at nothing twice, and whose prices nobody adds up."""

    def __init__(self, folder: Path, size: Size) -> None:
        super().__init__(folder, size)
        # Machine code is kept by what it was made of, and the sources are those of the real one; so is what lies beside
        # them.
        os.environ["NUMBA_CACHE_DIR"] = str(folder / "unchecked")
        kernel.lowered.PATH = folder / "nothing"
        leave_out()
        PriceMark.check = lambda _: None  # type: ignore[method-assign]
        PriceMark.of = classmethod(lambda cls, panel: cls(panel, {}))  # type: ignore[assignment, method-assign]


JOBS = {"crosses": Unchecked}
