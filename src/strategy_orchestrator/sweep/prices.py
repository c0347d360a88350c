"""Prices laid down once, so that many processes share one copy of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.errors import Fault, RunError
from strategy_orchestrator.models.panel import PRICE_FIELDS, DataWarning, Panel

_ARRAYS: Final = ("timestamps_ns", *PRICE_FIELDS, "volume", "traded")


@dataclass(frozen=True, slots=True)
class KeptPrices:
    """A panel whose arrays lie in files, and can be opened in any process of this machine.

    Attributes
    ----------
    folder : str
        Where the files are.
    """

    folder: str
    symbols: tuple[str, ...]
    calendar: str | None
    warnings: tuple[DataWarning, ...]
    is_split_adjusted: bool
    is_dividend_adjusted: bool

    def panel(self) -> Panel:
        """Return the panel; its arrays are mapped, so that all processes share their memory.

        Raises
        ------
        RunError
            If the files are not there, as on another machine.
        """
        return _opened(self)


@contextmanager
def kept_prices(panel: Panel) -> Iterator[KeptPrices]:
    """Lay the arrays of a panel down in a passing folder, together with the prices that the kernel counts with.

    Raises
    ------
    RunError
        If the disk refuses.
    DataError
        If a price cannot be counted.
    """
    units = panel.units
    with tempfile.TemporaryDirectory(prefix="orchestrate-sweep-", ignore_cleanup_errors=True) as folder:
        try:
            for name in _ARRAYS:
                np.save(Path(folder, f"{name}.npy"), getattr(panel, name))
            for name in PRICE_FIELDS:
                np.save(Path(folder, f"{name}_units.npy"), getattr(units, name))
        except OSError as error:
            problem = f"the prices could not be laid down: {(error.strerror or str(error)).lower()}"
            remedy = "Make room there, or name another folder in the variable TMPDIR"
            raise RunError(Fault(folder, problem, remedy)) from error
        adjusted = panel.is_split_adjusted, panel.is_dividend_adjusted
        try:
            yield KeptPrices(folder, panel.symbols, panel.calendar, panel.warnings, *adjusted)
        finally:
            # What is mapped here can be removed on every system only when nothing holds it.
            _opened.cache_clear()


# Every run of a process asks for the prices; the folder tells one sweep from another.
@lru_cache(maxsize=1)
def _opened(kept: KeptPrices) -> Panel:
    return Panel(
        symbols=kept.symbols,
        calendar=kept.calendar,
        warnings=kept.warnings,
        is_split_adjusted=kept.is_split_adjusted,
        is_dividend_adjusted=kept.is_dividend_adjusted,
        _units={name: _mapped(kept.folder, f"{name}_units") for name in PRICE_FIELDS},
        **{name: _mapped(kept.folder, name) for name in _ARRAYS},
    )


def _mapped(folder: str, name: str) -> AnyArray:
    try:
        # As a plain array; the class of mapped ones has a type of its own.
        return np.asarray(np.load(Path(folder, f"{name}.npy"), mmap_mode="r"))
    except OSError as error:
        problem = f"the prices that the sweep laid down cannot be read: {(error.strerror or str(error)).lower()}"
        remedy = "Run it on one machine, or name a folder that all share in the variable TMPDIR"
        raise RunError(Fault(folder, problem, remedy)) from error
