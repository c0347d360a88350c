"""The bars that a chunk needs from those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from strategy_orchestrator.arrays import AnyArray, IntArray, sealed
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel

_FIELDS = (*PRICE_FIELDS, "volume", "traded")
_TIMES = "timestamps_ns"


class Overlap:
    """Keep the last bars of a stream and put them before the next ones.

    Kept are the last rows of the time axis, and for a symbol with gaps in them its own bars before, until it has as
    many as are looked back on. So a strategy that counts rows and one that counts a symbol's own bars both find theirs.

    Parameters
    ----------
    n_bars : int
        How many bars are looked back on.
    """

    def __init__(self, n_bars: int) -> None:
        self._n_bars = n_bars
        self._rows: Panel | None = None
        self._older: dict[int, Mapping[str, AnyArray]] = {}
        self._is_shown = np.zeros(0, np.bool_)

    def joined(self, panel: Panel, held: IntArray | None = None) -> tuple[Panel, int]:
        """Return the bars kept and those of a panel as one, and how many rows come before the panel's.

        Parameters
        ----------
        held : ndarray, optional
            int64: columns of symbols whose older bars are needed even without a bar in the panel.
        """
        if not self._n_bars or self._rows is None:
            return panel, 0
        # A symbol without a bar in the panel decides nothing there.
        self._is_shown = np.asarray(np.any(panel.traded, axis=0))
        self._is_shown[[] if held is None else held] = True
        older = _as_panel(panel, {column: bars for column, bars in self._older.items() if self._is_shown[column]})
        return concatenated([older, self._rows, panel]), older.n_bars + self._rows.n_bars

    def keep(self, joined: Panel) -> None:
        """Keep what the next panel needs of what `joined` returned."""
        if not self._n_bars:
            return
        begin = max(0, joined.n_bars - self._n_bars)
        if begin:
            self._older = self._older_bars(joined, begin)
        self._rows = joined.between(begin, joined.n_bars)

    def _older_bars(self, joined: Panel, begin: int) -> dict[int, Mapping[str, AnyArray]]:
        lacking = self._n_bars - joined.traded[begin:].sum(axis=0)
        older: dict[int, Mapping[str, AnyArray]] = {}
        for column in np.flatnonzero(lacking).tolist():
            n_wanted = int(lacking[column])
            bars = _own_bars(joined, column, np.flatnonzero(joined.traded[:begin, column])[-n_wanted:])
            if column in self._older and not self._is_shown[column]:
                before = self._older[column]
                bars = {name: np.concatenate([before[name], values])[-n_wanted:] for name, values in bars.items()}
            if len(bars[_TIMES]):
                older[column] = bars
        return older


def concatenated(parts: Sequence[Panel]) -> Panel:
    """Return panels of the same symbols, one after another in time, as one; all else is that of the last."""
    last = parts[-1]
    fields: dict[str, Any] = {
        name: sealed(np.concatenate([getattr(part, name) for part in parts])) for name in (_TIMES, *_FIELDS)
    }
    units = {
        name: sealed(np.concatenate([part._units[name] for part in parts]))  # noqa: SLF001  # of our own
        for name in last._units  # noqa: SLF001
    }
    return replace(last, **fields, _units=units)


def _own_bars(panel: Panel, column: int, rows: AnyArray) -> dict[str, AnyArray]:
    bars = {name: getattr(panel, name)[rows, column] for name in _FIELDS}
    units = {_unit(name): counts[rows, column] for name, counts in panel._units.items()}  # noqa: SLF001
    return {_TIMES: panel.timestamps_ns[rows], **bars, **units}


def _as_panel(like: Panel, bars: Mapping[int, Mapping[str, AnyArray]]) -> Panel:
    # One row for each time at which one of the symbols has a bar that is needed.
    times = np.unique(np.concatenate([np.zeros(0, np.int64), *(own[_TIMES] for own in bars.values())]))

    def spread(name: str, dtype: Any, empty: float) -> AnyArray:
        cells = np.full((len(times), like.n_symbols), empty, dtype)
        for column, own in bars.items():
            cells[np.searchsorted(times, own[_TIMES]), column] = own[name]
        return cells

    floats = {name: spread(name, np.float64, np.nan) for name in (*PRICE_FIELDS, "volume")}
    units = {name: spread(_unit(name), np.int64, 0) for name in like._units}  # noqa: SLF001
    fields: dict[str, Any] = {**floats, "traded": spread("traded", np.bool_, 0), _TIMES: times}
    return replace(like, **fields, _units=units)


def _unit(name: str) -> str:
    return f"{name} units"
