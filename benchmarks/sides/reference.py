"""A bare loop that trades alike in floats: no record, no checks, no conflicts, no plug-ins, one file.

It is no peer: it shows what the machine can do, and how far the kernel is from it in the same run.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import numba
import numpy as np

from benchmarks import worlds
from benchmarks.worlds import Array, Size


@numba.njit(nogil=True)  # type: ignore[untyped-decorator]
def trade(
    prices: tuple[Array, Array], buys: Array, sells: Array, quantities: Array, rates: tuple[float, float], cash: float
) -> tuple[Array, int]:
    """Trade what was decided, at the open of the bar; return equity by bar and strategy, and the fills.

    Parameters
    ----------
    prices : tuple of ndarray
        Opens and closes, shape (T, S).
    buys, sells, quantities : ndarray
        Shape (T, N × S).
    rates : tuple of float
        Commission and slippage.
    """
    (opens, closes), (commission, slippage) = prices, rates
    n_bars, n_symbols = opens.shape
    n_strategies = buys.shape[1] // n_symbols
    equity, held = np.empty((n_bars, n_strategies)), np.zeros(buys.shape[1])
    money = np.full(n_strategies, cash)
    n_fills = 0
    for bar in range(n_bars):
        for strategy in range(n_strategies):
            value, first = 0.0, strategy * n_symbols
            for symbol in range(n_symbols):
                cell = first + symbol
                if sells[bar, cell] and held[cell] > 0:
                    money[strategy] += held[cell] * opens[bar, symbol] * (1 - slippage) * (1 - commission)
                    held[cell] = 0.0
                    n_fills += 1
                elif buys[bar, cell] and held[cell] == 0:
                    quantity = quantities[bar, cell]
                    money[strategy] -= quantity * opens[bar, symbol] * (1 + slippage) * (1 + commission)
                    held[cell] = quantity
                    n_fills += 1
                value += held[cell] * closes[bar, symbol]
            equity[bar, strategy] = money[strategy] + value
    return equity, n_fills


class Loop:
    """The loop over what ours came to."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder, self.size = folder, size
        self.inputs: tuple[Array, ...] = ()
        self.found: tuple[Array, int] | None = None

    def run(self) -> dict[str, float]:
        """Run it once."""
        if not self.inputs:
            self.inputs = worlds.read(self.folder, "open", "close", "buys", "sells", "quantities")
        cash = float(worlds.CASH_PER_CELL * self.size.n_symbols)
        started = perf_counter()
        opens, closes, *decided = self.inputs
        self.found = trade((opens, closes), *decided, (worlds.COMMISSION, worlds.SLIPPAGE), cash)
        seconds = perf_counter() - started
        return {"simulation": seconds, "whole": seconds}

    def outcome(self) -> dict[str, Any]:
        """Compare the equity with what ours kept."""
        assert self.found is not None
        (equity,) = worlds.read(self.folder, "equity")
        # Of the capital: a sleeve that has lost nearly all of it has few digits left.
        worst = float(np.abs(self.found[0] - equity).max()) / (worlds.CASH_PER_CELL * self.size.n_symbols)
        assert worst < 1e-9, f"results differ by {worst}"
        return {"fills": self.found[1], "differs_by": worst}


JOBS = {"crosses": Loop}
