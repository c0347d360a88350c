"""The orchestrator without its checks: it shows what they take, and is nothing to run money with."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from types import FunctionType
from typing import Final

from benchmarks.sides.orchestrator import Run
from benchmarks.worlds import Size
from strategy_orchestrator import kernel
from strategy_orchestrator.engine.tampering import PriceMark
from strategy_orchestrator.kernel.compiled import MARKED

LEFT_OUT: Final = (
    ("books", "    _check_fill(books, market, bar, strategy, symbol, reference)\n", ""),
    ("books", 'if bar < cell["entry_bar"]:', "if False:"),
    ("closing", "        _check_sleeve(books, strategy)\n", ""),
    ("closing", "        equity, gross = add(equity, its_equity), add(gross, its_gross)\n", ""),
    ("closing", '        money = add(money, sleeve["cash"])\n', ""),
    ("closing", 'if money != run["capital"]:', "if False:"),
)
"""By module of the kernel, what is there and what takes its place."""


def leave_out() -> None:
    """Put kernel modules without checks in the place of the real ones.

    Raises
    ------
    ValueError
        If a check is not where it was.
    """
    names = sorted({function.__module__ for function in MARKED})
    modules = [kernel, *map(importlib.import_module, names)]
    for name in sorted({module for module, *_ in LEFT_OUT}):
        module = importlib.import_module(f"{kernel.__name__}.{name}")
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for place, text, instead in LEFT_OUT:
            if place == name:
                if text not in source:
                    raise ValueError(f"kernel/{name}.py does not have this any more: {text}")
                source = source.replace(text, instead)
        changed: dict[str, object] = {"__name__": module.__name__, "__file__": module.__file__}
        exec(compile(source, str(module.__file__), "exec"), changed)  # noqa: S102  # our own kernel
        for other in modules:
            for called, value in list(vars(other).items()):
                if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                    setattr(other, called, changed[value.__name__])


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
