"""The side of vectorbt: one column for each strategy and symbol, each with money of its own."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks import worlds
from benchmarks.worlds import Size

CASH = 1e8
"""So much that no order is cut: the quantities are given."""


_ROUNDED = 1e-6
"""Ours rounds two commissions a trade to the sixth decimal, theirs none: it shows where little is at stake."""


class Crosses:
    """Signals by `MA`, then `from_signals`, equity and measures."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder, self.size = folder, size
        self.freq = pd.Timedelta(size.step_ns, "ns")
        index = pd.DatetimeIndex(worlds.times(size.n_bars, size.step_ns))
        (close,) = worlds.read(folder, "close")
        self.close = pd.DataFrame(close, index=index, columns=worlds.symbols(size.n_symbols))
        self.portfolio: Any = None
        self.inputs: tuple[Any, ...] = ()

    def run(self) -> dict[str, float]:
        """Take each stage by itself; the signals that are simulated are those that ours came to."""
        if not self.inputs:
            self.inputs = self._inputs()
        self.portfolio = None
        started = perf_counter()
        self.signals()
        signalled = perf_counter()
        self.portfolio = self.simulate()
        equity = self.portfolio.value(group_by=False)
        simulated = perf_counter()
        self.measure()
        ended = perf_counter()
        assert len(equity) == self.size.n_bars
        return {
            "signals": signalled - started,
            "simulation": simulated - signalled,
            "measures": ended - simulated,
            "whole": ended - started,
        }

    def signals(self) -> None:
        """Compute the crosses, as its manual does."""
        fast, slow = (list(each) for each in zip(*worlds.periods(self.size.n_strategies), strict=True))
        quick, lazy = vbt.MA.run(self.close, fast), vbt.MA.run(self.close, slow)
        entries, exits = quick.ma_crossed_above(lazy), quick.ma_crossed_below(lazy)
        assert entries.shape == exits.shape

    def simulate(self) -> Any:
        """Trade what is given."""
        close, open_, buys, sells, quantities = self.inputs
        return vbt.Portfolio.from_signals(
            close, buys, sells, size=quantities, price=open_, fees=worlds.COMMISSION, slippage=worlds.SLIPPAGE,
            init_cash=CASH, freq=self.freq,
        )  # fmt: skip

    def measure(self) -> None:
        """Take a few of the measures that ours takes."""
        for name in ("total_return", "sharpe_ratio", "sortino_ratio", "max_drawdown"):
            assert len(getattr(self.portfolio, name)())
        assert len(self.portfolio.trades.win_rate())

    def _inputs(self) -> tuple[Any, ...]:
        # Frames of the same index and columns, which is the form that it need not convert.
        buys, sells, quantities, open_ = worlds.read(self.folder, "buys", "sells", "quantities", "open")
        names = pd.RangeIndex(buys.shape[1])

        def framed(values: worlds.Array) -> pd.DataFrame:
            return pd.DataFrame(values, index=self.close.index, columns=names)

        tiled = (np.tile(each, (1, self.size.n_strategies)) for each in (self.close.to_numpy(), open_))
        return (*(framed(each) for each in tiled), framed(buys), framed(sells), framed(quantities))

    def outcome(self) -> dict[str, Any]:
        """Compare trades and equity with what ours kept."""
        columns, bars, pnl, equity = worlds.read(self.folder, "trade_columns", "trade_bars", "trade_pnl", "equity")
        trades = self.portfolio.trades.records
        closed = trades[trades["status"] == 1].sort_values(["col", "exit_idx"])
        assert np.array_equal(closed["col"], columns), "other trades"
        assert np.array_equal(np.stack([closed["entry_idx"], closed["exit_idx"]]), bars), "other bars"
        stake = closed["size"].to_numpy() * closed["entry_price"].to_numpy()
        apart = np.maximum(np.abs(closed["pnl"].to_numpy() - pnl) - _ROUNDED, 0) / np.maximum(stake, 1)
        gains = (self.portfolio.value().to_numpy() - CASH).reshape(
            self.size.n_bars, self.size.n_strategies, self.size.n_symbols
        )
        start = worlds.CASH_PER_CELL * self.size.n_symbols
        away = np.abs(gains.sum(axis=2) + start - equity) / start
        worst = max(float(apart.max(initial=0)), float(away.max()))
        assert worst < 1e-9, f"results differ by {worst}"
        return {"trades": len(closed), "differs_by": worst}


class Flips(Crosses):
    """As many orders as can be, by `from_orders`."""

    def signals(self) -> None:
        """Need none."""

    def measure(self) -> None:
        """Take none."""

    def simulate(self) -> Any:
        """Trade the quantities that are given."""
        close, open_, sizes = self.inputs
        return vbt.Portfolio.from_orders(
            close, sizes, price=open_, fees=worlds.BUSY_COMMISSION, slippage=worlds.BUSY_SLIPPAGE, init_cash=CASH,
            freq=self.freq,
        )  # fmt: skip

    def _inputs(self) -> tuple[Any, ...]:
        close, open_, _, sells, quantities = super()._inputs()
        # What was bought at the bar before is sold.
        held = quantities.shift(1, fill_value=0.0)
        sizes = quantities.where(~sells, -held).replace(0.0, np.nan)
        return close, open_, sizes


JOBS = {"crosses": Crosses, "flips": Flips}
