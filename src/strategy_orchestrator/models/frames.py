"""Read frames of pandas, polars and pyarrow into rows, column by column, through narwhals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import narwhals as nw
import narwhals.exceptions
import numpy as np

from strategy_orchestrator.arrays import AnyArray, IntArray
from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.models.alignment import panel_of_rows
from strategy_orchestrator.models.columns import field_of, find_layout, find_wide, pairs_of_levels
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.quanta import widened
from strategy_orchestrator.models.rows import Block, Cells, Moments, gathered, read_blocks
from strategy_orchestrator.models.times import is_outside, read_moment, scale_problem

_LEVELS: Final = 2
_NO_TIME: Final = "there is no time"
_EXPECTED: Final = "expected a frame of pandas or polars, or a table of pyarrow"


def panel_from_frame(frame: Any, symbol: str | None = None, where: str = "frame") -> Panel:
    """Read a frame into a panel.

    Parameters
    ----------
    frame : DataFrame, LazyFrame or Table
        Of pandas, polars or pyarrow; long, wide, or of one symbol, as `columns.find_layout` says. A pandas frame may
        have its times, or times and symbols, in the index, and (field, symbol) or (symbol, field) as columns.
    symbol : str, optional
        The name of the symbol, for a frame that does not say it.
    where : str
        What the frame is called in messages.

    Raises
    ------
    DataError
        With one fault for each thing wrong, at most 20 and the number of the others.
    """
    return panel_of_rows(gathered(blocks_of_frame(frame, symbol, where)))


def blocks_of_frame(frame: Any, symbol: object, where: str) -> list[Block]:
    """Read the bars of a frame; the rows are not checked.

    Raises
    ------
    DataError
        If it is no frame, has no rows, or lacks columns.
    """
    if symbol is not None and (not isinstance(symbol, str) or not symbol):
        raise DataError(Fault(where, f"{symbol!r} is no name of a symbol", "Give it as text", symbol))
    flat, pairs = _flattened(frame, where)
    blocks = blocks_of_table(FrameTable(_opened(flat, where), where), symbol, pairs)
    others = [name for block in blocks for name in block.names if symbol is not None and name != symbol]
    if others:
        problem = f"the frame holds {others[0]!r}; expected only {symbol!r}"
        raise DataError(Fault(where, problem, "Give each symbol its own frame, or all in one", others))
    return blocks


def is_frame(frame: object) -> bool:
    """Tell whether narwhals can read an object as a frame."""
    try:
        opened: object = nw.from_native(frame, pass_through=True)
    except nw.exceptions.DuplicateError:
        return True
    return isinstance(opened, nw.DataFrame | nw.LazyFrame)


def blocks_of_table(
    table: FrameTable, symbol: str | None, pairs: Sequence[tuple[str, str, str]] | None = None
) -> list[Block]:
    """Read the bars of a table; the rows are not checked.

    Parameters
    ----------
    table : FrameTable
        What to read.
    symbol : str or None
        The name of the symbol, should the table not say it.
    pairs : sequence of tuple of str, optional
        (symbol, field, column) of a table that is known to be wide.

    Raises
    ------
    DataError
        If it has no rows or lacks columns.
    """
    columns = table.frame.columns
    layout, faults = find_layout(columns) if pairs is None else find_wide(columns, pairs)
    if layout is not None and layout.symbol is None and not layout.is_wide and symbol is None:
        problem = "there is no column 'symbol', and no name of the symbol was given"
        faults.append(Fault("", problem, "Add the column, or give the frame by its symbol: {'AAPL': frame}"))
    if not len(table.rows()):
        faults.append(Fault("", "there are no rows", "Add a row for each bar"))
    if layout is None or faults:
        raise DataError([replace(fault, where=table.name) for fault in faults])
    return read_blocks(table, layout, symbol or "")


class FrameTable:
    """Read a frame column by column.

    Parameters
    ----------
    frame : narwhals.DataFrame
        The frame.
    name : str
        What it is called in messages.
    """

    def __init__(self, frame: nw.DataFrame[Any], name: str) -> None:
        self.frame = frame
        self.name = name

    def place(self, row: int) -> str:
        """Name a row by its position, from 0."""
        return f"{self.name}, row {row}"

    def rows(self) -> IntArray:
        """Return all rows."""
        return np.arange(len(self.frame), dtype=np.int64)

    def cells(self, column: str) -> Cells:
        """Read a column of numbers, or of text that says numbers."""
        series = self.frame[column]
        if series.dtype.is_numeric() and not isinstance(series.dtype, nw.Decimal):
            return _cells_of_numbers(series)
        return self.cells_of_text(series)

    def cells_of_text(self, series: nw.Series[Any]) -> Cells:
        """Read a column of text, decimals or other objects."""
        texts = [_text(value) for value in series.to_list()]
        values = np.array([_float(text) for text in texts], np.float64)
        return Cells(values, np.array([text is None for text in texts], np.bool_), texts)

    def moments(self, column: str) -> Moments:
        """Read a column of dates, times, text in ISO form, or integers that are days."""
        series = self.frame[column]
        if isinstance(series.dtype, nw.Date | nw.Datetime):
            return _moments_of_times(series)
        return self.moments_of_text(series)

    def moments_of_text(self, series: nw.Series[Any]) -> Moments:
        """Read a column of text or other objects as times."""
        return moments_of(series.to_list(), self.place)

    def symbols(self, column: str) -> tuple[tuple[str, ...], IntArray]:
        """Read a column of symbols; numbers stand for their text."""
        values = [value if _is_plain(value) else str(value) for value in self.frame[column].to_list()]
        found: dict[object, int] = {}
        codes = np.fromiter((found.setdefault(value, len(found)) for value in values), np.int64, len(values))
        names = [_text(value) or "" for value in found]
        distinct = {name: place for place, name in enumerate(dict.fromkeys(name for name in names if name))}
        return tuple(distinct), np.array([distinct.get(name, -1) for name in names], np.int64)[codes]


def _text(value: object) -> str | None:
    # NaN, NaT and NA are what the libraries write where nothing is.
    if value is None or _is_missing(value):
        return None
    text = str(value)
    return text if text.strip() else None


def _is_plain(value: Any) -> bool:
    # Lists and structs are neither times nor names.
    return isinstance(value, Hashable)


def _is_missing(value: object) -> bool:
    if isinstance(value, Decimal | str):
        return False
    try:
        return bool(value != value)  # noqa: PLR0124  # NaN, of whatever type
    except (TypeError, ValueError):
        # pandas.NA has no truth value.
        return True


def _float(text: str | None) -> float:
    try:
        return np.nan if text is None or "_" in text or not text.isascii() else float(text)
    except ValueError:
        return np.nan


def _cells_of_numbers(series: nw.Series[Any]) -> Cells:
    values = series.to_numpy()
    floats = widened(values) if values.dtype == np.float32 else values.astype(np.float64, copy=False)
    return Cells(floats, np.isnan(floats))


def _moments_of_times(series: nw.Series[Any]) -> Moments:
    times: AnyArray = series.to_numpy()
    missing = np.isnat(times)
    outside = is_outside(times) & ~missing
    problems = dict.fromkeys(np.flatnonzero(missing).tolist(), _NO_TIME)
    for row in np.flatnonzero(outside).tolist():
        problems[row] = f"{times[row]} does not lie within 1900 to 2199"
    ns = np.where(missing | outside, np.datetime64(0, "ns"), times).astype("datetime64[ns]").astype(np.int64)
    is_aware = isinstance(series.dtype, nw.Datetime) and series.dtype.time_zone is not None
    return with_scale(Moments(ns, problems, is_aware))


def with_scale(moments: Moments) -> Moments:
    """Add the problem that all times look like numbers read in a wrong unit, if they do."""
    problem = "" if moments.problems else scale_problem(moments.ns)
    return replace(moments, problems={0: problem}) if problem else moments


def moments_of(values: Sequence[object], place: Callable[[int], str]) -> Moments:
    """Read times one by one.

    Parameters
    ----------
    values : sequence
        Text in ISO form, dates, datetimes, or integers that are days.
    place : callable
        Names a row, for a time that has a zone where the first has none.
    """
    ns = np.zeros(len(values), np.int64)
    problems: dict[int, str] = {}
    known: dict[object, tuple[int, bool]] = {}
    first: tuple[int, bool] | None = None
    for row, value in enumerate(values):
        if _text(value) is None:
            problems[row] = _NO_TIME
            continue
        if not _is_plain(value):
            problems[row] = f"{value!r} is no time"
            continue
        try:
            # An int and a float are equal, and text is not; whatever is equal to a known time is read as it was.
            ns[row], is_aware = known.get(value) or known.setdefault(value, read_moment(value))
        except ValueError as error:
            problems[row] = str(error)
            continue
        first = first or (row, is_aware)
        if is_aware != first[1]:
            words = ("has a time zone", "has none") if is_aware else ("has no time zone", "has one")
            problems[row] = f"{value} {words[0]}, {place(first[0])} {words[1]}"
    return with_scale(Moments(ns, problems, first is not None and first[1]))


def _opened(frame: Any, where: str) -> nw.DataFrame[Any]:
    if not is_frame(frame):
        problem = f"an object of type {type(frame).__name__} is no frame; {_EXPECTED}"
        raise DataError(Fault(where, problem))
    # pyarrow calls them so, and does not mind twins.
    _refuse_twins(getattr(frame, "column_names", ()), where)
    opened = nw.from_native(frame)
    eager = opened.collect() if isinstance(opened, nw.LazyFrame) else opened
    _refuse_twins(eager.columns, where)
    return eager


def _refuse_twins(columns: Sequence[str], where: str) -> None:
    twins = [name for name, count in Counter(columns).items() if count > 1]
    if twins:
        listed = ", ".join(repr(name) for name in twins)
        raise DataError(Fault(where, f"more than one column is called {listed}", "Keep or rename one", twins))


def _flattened(frame: Any, where: str) -> tuple[Any, list[tuple[str, str, str]] | None]:
    # What only pandas has, made into plain columns: an index that says something, and columns of two levels.
    if not nw.dependencies.is_pandas_dataframe(frame):
        return frame, None
    if frame.columns.nlevels > _LEVELS:
        problem = f"the columns have {frame.columns.nlevels} levels; expected one, or two for fields and symbols"
        raise DataError(Fault(where, problem, "Drop the others with droplevel"))
    labels = [tuple(map(str, label if frame.columns.nlevels > 1 else (label,))) for label in frame.columns]
    names = [" ".join(part for part in label if part) for label in labels]
    _refuse_twins(names, where)
    flat = frame.set_axis(names, axis=1).reset_index(drop=True)
    known = {field_of(name) for name in names}
    for place in range(frame.index.nlevels):
        level = frame.index.get_level_values(place)
        name = _name_of_level(level, frame.index.nlevels)
        if name is not None and field_of(name) not in known:
            flat.insert(0, name, level.array)
    if frame.columns.nlevels == 1:
        return flat, None
    return flat, pairs_of_levels([(label[0], label[1]) for label in labels], names)


def _name_of_level(level: Any, n_levels: int) -> str | None:
    name = None if level.name is None else str(level.name)
    if name is not None and field_of(name) in {"time", "symbol"}:
        return name
    if level.dtype.kind == "M":
        return "timestamp"
    if name is None and level.dtype.kind == "O":
        return "timestamp" if n_levels == 1 else "symbol"
    return None
