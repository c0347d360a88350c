"""The indicators of the technical pack in pandas, for all symbols of a frame at once."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import worlds
from benchmarks.worlds import Size


class Signals:
    """Averages, bands and channels in turn."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder, self.size = folder, size
        names = ("high", "low", "close")
        self.high, self.low, self.close = (pd.DataFrame(each) for each in worlds.read(folder, *names))

    def run(self) -> dict[str, float]:
        """Compute entries and exits of as many strategies as ours."""
        kinds = (self.averages, self.bands, self.channels)
        started = perf_counter()
        for place in range(self.size.n_strategies):
            entries, exits = kinds[place % len(kinds)]()
            assert entries.shape == exits.shape
        seconds = perf_counter() - started
        return {"signals": seconds, "whole": seconds}

    def averages(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Compare a fast with a slow average."""
        fast, slow = (self.close.rolling(period).mean() for period in (50, 200))
        return fast - slow > 1e-9 * slow, slow - fast > 1e-9 * slow

    def bands(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Compare the close with a band around its average."""
        rolling = self.close.rolling(20)
        middle, width = rolling.mean(), 2 * rolling.std(ddof=0)
        return self.close < middle - width, self.close > middle

    def channels(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Compare the close with the highest and the lowest of bars before."""
        top, bottom = self.high.rolling(20).max().shift(), self.low.rolling(10).min().shift()
        return self.close > top, self.close < bottom

    def outcome(self) -> dict[str, Any]:
        """Compare the averages' entries."""
        (expected,) = worlds.read(self.folder, "signals")
        differing = int(np.count_nonzero(self.averages()[0].to_numpy() != expected))
        assert differing == 0, f"{differing} signals differ"
        return {"differing": differing}


JOBS = {"signals": Signals}
