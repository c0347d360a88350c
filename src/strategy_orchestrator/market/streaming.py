"""Prices larger than memory: read from Parquet chunk by chunk, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.errors import DataError, Fault, shortened
from strategy_orchestrator.market.checks import Watch
from strategy_orchestrator.market.files import PARQUET_ENDINGS, ending, find_files
from strategy_orchestrator.market.filling import Canvas
from strategy_orchestrator.market.loading import checked_options, checked_panel, missing_symbols
from strategy_orchestrator.market.timed import Slice, TimedFile, open_timed
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.rows import gathered
from strategy_orchestrator.models.streams import PanelStream, checked_chunk
from strategy_orchestrator.models.times import END_NS

_CELLS: Final = 1_000_000
"""Bars times symbols of a chunk, unless somebody says how many bars it shall have."""


def open_panel(
    path: str | Path | Sequence[str | Path],
    *,
    chunk_bars: int | None = None,
    adjust: str | None = None,
    symbols: str | Iterable[str] | None = None,
) -> PanelStream:
    """Open the prices in files of Parquet without loading them.

    Times and symbols are looked through at once, prices are read chunk by chunk when a run needs them. What is found
    odd about them is in the result of the run.

    Parameters
    ----------
    path : str, Path, or sequence of these
        Parquet files, as `load_panel` takes them: long, or one a symbol. The rows of each file are in the order of
        time. A row group is read whole, so a long file has small ones, of a million rows at most.
    chunk_bars : int, optional
        Bars of a chunk; as many as make a million prices of each kind unless given.
    adjust, symbols
        As `load_panel` takes them.

    Raises
    ------
    ConfigError
        If an option is nothing that is known.
    DataError
        If a file is no Parquet, lacks columns, or is not in the order of time, with one fault for each file.
    """
    wanted = checked_options(adjust, symbols)
    files, axis = _opened(find_files(path), wanted)
    known = {name for file in files for name in file.symbols}
    missing = missing_symbols(known, wanted)
    if missing:
        raise DataError(shortened(missing))
    names = tuple(sorted(known if wanted is None else known & set(wanted)))
    size = max(1, _CELLS // len(names)) if chunk_bars is None else checked_chunk(chunk_bars)
    chosen = [file for file in files if known & set(names) & set(file.symbols)]

    def read() -> Iterator[Panel]:
        return _panels(chosen, axis, names, size, adjust)

    return PanelStream(axis, names, read, watch=Watch, is_adjusted=adjust is not None)


def _opened(paths: Sequence[Path], wanted: Sequence[str] | None) -> tuple[list[TimedFile], IntArray]:
    faults: list[Fault] = []
    files: list[TimedFile] = []
    axis = np.zeros(0, np.int64)
    for path in paths:
        if ending(path) not in PARQUET_ENDINGS:
            faults.append(Fault(str(path), "only Parquet is streamed", "Convert it, or load it whole", str(path)))
            continue
        try:
            file, times = open_timed(path, wanted)
        except DataError as error:
            faults.extend(error.faults)
            continue
        files.append(file)
        # File by file, so that no more than the axis is kept of a thousand of them.
        axis = times if np.array_equal(times, axis) else np.union1d(axis, times)
    if faults:
        raise DataError(shortened(faults))
    return files, axis


def _panels(
    files: Sequence[TimedFile], axis: IntArray, names: tuple[str, ...], size: int, adjust: str | None
) -> Iterator[Panel]:
    rows = [0] * len(files)
    for first in range(0, len(axis), size):
        times = axis[first : first + size]
        end_ns = int(axis[first + size]) if first + size < len(axis) else END_NS
        slices = []
        for place, file in enumerate(files):
            part = file.read(rows[place], end_ns, len(times))
            if part is not None:
                rows[place] += len(part.times)
                slices.append(part)
        panel = None if adjust is not None else quick_panel(slices, times, names)
        yield _slow_panel(slices, names, adjust) if panel is None else panel


def quick_panel(slices: Sequence[Slice], times: IntArray, names: tuple[str, ...]) -> Panel | None:
    """Put plain rows into a panel; None when a row is not plain or breaks a rule."""
    if not all(part.file.is_plain for part in slices):
        return None
    canvas = Canvas(times, names)
    for part in slices:
        canvas.fill(part.frame, part.file.layout, np.searchsorted(times, part.times), part.file.symbols[0])
    return canvas.panel()


def _slow_panel(slices: Sequence[Slice], names: tuple[str, ...], adjust: str | None) -> Panel:
    blocks = [block for part in slices for block in part.blocks()]
    return checked_panel(blocks, gathered(blocks, names).among(names), (), adjust)
