"""From files and frames to a checked panel."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from strategy_orchestrator.errors import ConfigError, DataError, Fault, nearest, shortened, unknown_name
from strategy_orchestrator.market.adjusting import adjusted_units
from strategy_orchestrator.market.checks import find_warnings
from strategy_orchestrator.market.files import find_files, stem
from strategy_orchestrator.market.given import at_symbol, no_prices
from strategy_orchestrator.market.tables import open_table, readable
from strategy_orchestrator.models.alignment import aligned, check_rows, exact_units, on_panel
from strategy_orchestrator.models.columns import PRICES
from strategy_orchestrator.models.frames import blocks_of_frame, blocks_of_table, is_frame
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.rows import Block, Rows, gathered
from strategy_orchestrator.money import SCALE

ADJUSTMENTS: Final = ("adj_close",)
"""The ways to adjust prices."""
_MOST_LISTED: Final = 12


def load_panel(
    path: str | Path | Sequence[str | Path], *, adjust: str | None = None, symbols: str | Iterable[str] | None = None
) -> Panel:
    """Load the prices in files.

    Parameters
    ----------
    path : str, Path, or sequence of these
        CSV (`.csv`, `.csv.gz`) or Parquet files: a file, a folder, a pattern such as `prices/*.csv`, or a list of
        these. The files are read as one table, in the order of their names or of the list. A file is long, wide, or
        of one symbol, as `Panel.from_frame` says; one without symbols is named by the file: `AAPL.csv`.
    adjust : {"adj_close"}, optional
        "adj_close" multiplies open, high, low and close by adjusted close ÷ close, exactly, rounded half to even to
        quanta; volumes stay as they are. Nothing is adjusted unless given.
    symbols : str or iterable of str, optional
        The symbols to load; what is wrong with others does not matter then. All unless given.

    Returns
    -------
    Panel
        Prices are the decimals that a CSV file says, rounded half to even to quanta. `warnings` tells what looks odd.

    Raises
    ------
    ConfigError
        If `adjust` or `symbols` are nothing that is known.
    DataError
        With one fault for each thing wrong, by file, line and column, at most 20 and the number of the others.
    """
    wanted = checked_options(adjust, symbols)
    files = find_files(path)
    blocks: list[Block] = []
    faults: list[Fault] = []
    for file in files:
        try:
            with readable(str(file)):
                blocks.extend(blocks_of_table(open_table(file), stem(file)))
        except DataError as error:
            faults.extend(error.faults)
    return _panel_of_blocks(blocks, faults, adjust, wanted)


def checked_options(adjust: str | None, symbols: str | Iterable[object] | None) -> tuple[str, ...] | None:
    """Return the names of the symbols that are wanted, None for all.

    Raises
    ------
    ConfigError
        If `adjust` or `symbols` are nothing that is known.
    """
    if adjust is not None and adjust not in ADJUSTMENTS:
        raise ConfigError(unknown_name("adjust", "adjustment", str(adjust), ADJUSTMENTS))
    return _names(symbols)


def _names(symbols: str | Iterable[object] | None) -> tuple[str, ...] | None:
    if symbols is None:
        return None
    names = (symbols,) if isinstance(symbols, str) else tuple(symbols)
    wrong = [name for name in names if not isinstance(name, str) or not name]
    if wrong or not names:
        problem = f"{wrong[0]!r} is no name of a symbol" if wrong else "the list is empty"
        raise ConfigError(Fault("symbols", problem, "Name at least one symbol, or leave symbols out", symbols))
    return tuple(map(str, names))


def panel_of_frames(frames: Mapping[Any, object]) -> Panel:
    """Return the panel of frames by symbol, or of one frame under None.

    Raises
    ------
    DataError
        If something else is among them, or with one fault for each thing wrong in them.
    """
    blocks: list[Block] = []
    faults: list[Fault] = []
    for name, frame in frames.items():
        try:
            with readable(at_symbol(name)):
                blocks.extend(_blocks_of(frame, name))
        except DataError as error:
            faults.extend(error.faults)
    return _panel_of_blocks(blocks, faults)


def _blocks_of(frame: object, name: str | None) -> list[Block]:
    if not is_frame(frame):
        raise DataError(no_prices(frame, name))
    return blocks_of_frame(frame, name, at_symbol(name))


def _panel_of_blocks(
    blocks: Sequence[Block], faults: Sequence[Fault], adjust: str | None = None, wanted: Sequence[str] | None = None
) -> Panel:
    if not blocks:
        raise DataError(shortened(list(faults)))
    found = [*faults, *missing_symbols({name for block in blocks for name in block.names}, wanted)]
    rows = gathered(blocks, wanted)
    panel = checked_panel(blocks, rows, found, adjust)
    return _with_warnings(panel, None if adjust else rows)


def checked_panel(blocks: Sequence[Block], rows: Rows, faults: Sequence[Fault], adjust: str | None) -> Panel:
    """Check rows and make a panel of them, adjusted if asked for, without a look at what is odd.

    Raises
    ------
    DataError
        With the faults that were found before and those of the rows.
    """
    found = [*faults, *([] if adjust is None else _unadjustable(blocks))]
    can_adjust = adjust is not None and "adj_close" in rows.numbers
    check_rows(rows, found, with_adjusted=can_adjust)
    if adjust is None:
        return aligned(rows, {name: rows.numbers[name] for name in PRICES}, exact_units(rows))
    units = adjusted_units(rows)
    panel = aligned(rows, {name: counts / SCALE for name, counts in units.items()}, units)
    return replace(panel, is_split_adjusted=True, is_dividend_adjusted=True)


def missing_symbols(known: Collection[str], wanted: Sequence[str] | None) -> list[Fault]:
    """Return a fault for each symbol that is wanted and not known."""
    missing = [] if wanted is None else [name for name in dict.fromkeys(wanted) if name not in known]
    listed = ", ".join(repr(name) for name in sorted(known)[:_MOST_LISTED])
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    guesses = {name: nearest(name, known) for name in missing}
    return [
        Fault("symbols", f"{name!r} is not in the data; there are {listed}{more}", _did_you_mean(guess), name)
        for name, guess in guesses.items()
    ]


def _did_you_mean(guess: str | None) -> str:
    return "" if guess is None else f"Did you mean {guess!r}?"


def _unadjustable(blocks: Sequence[Block]) -> list[Fault]:
    tables = dict.fromkeys(block.table for block in blocks if "adj_close" not in block.cells)
    problem = "there is no column 'adj_close', which adjust='adj_close' needs"
    return [Fault(table, problem, "Add the column, or load the prices without adjust") for table in tables]


def _with_warnings(panel: Panel, rows: Rows | None = None) -> Panel:
    has_factors = rows is not None and "adj_close" in rows.numbers
    factors = None
    if rows is not None and has_factors:
        factors = on_panel(rows, panel, rows.numbers["adj_close"] / rows.numbers["close"])
    return replace(panel, warnings=(*panel.warnings, *find_warnings(panel, factors)))
