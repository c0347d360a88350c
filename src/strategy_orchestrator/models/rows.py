"""Bars in rows, as files and frames hold them: column by column, one table after another.

How a table is read is the business of its reader, and `alignment` checks the rows and makes a panel of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Final, Protocol

import numpy as np

from strategy_orchestrator.arrays import BoolArray, FloatArray, IntArray
from strategy_orchestrator.models.columns import NUMBERS, PRICES, Layout
from strategy_orchestrator.models.quanta import nearest_units
from strategy_orchestrator.money import SCALE, round_steps

_NOT_WANTED: Final = -2


class Texts(Protocol):
    """What is written in the cells of a column; None where nothing is."""

    def __getitem__(self, row: int, /) -> str | None:
        """Return the text of one cell."""
        ...


@dataclass(frozen=True, slots=True)
class Cells:
    """Hold a column of numbers.

    Attributes
    ----------
    values : ndarray
        float64, shape (n,), the nearest to what is written; NaN where there is no number.
    is_empty : ndarray
        bool, shape (n,): whether nothing is written.
    texts : Texts or None
        What is written, when it says more than the floats do.
    """

    values: FloatArray
    is_empty: BoolArray
    texts: Texts | None = None

    def written(self, row: int) -> str:
        """Return a cell as it is written."""
        return repr(self.values[row].item()) if self.texts is None else str(self.texts[row])

    def exact(self, row: int) -> Decimal:
        """Return the number in a cell that holds one, as the decimal that is written."""
        return Decimal(self.written(row).strip())

    def units(self, rows: IntArray) -> IntArray:
        """Return the numbers of some rows, rounded half to even to quanta."""
        units, doubtful = nearest_units(self.values[rows])
        for place in doubtful.tolist():
            units[place] = round_steps(self.exact(int(rows[place])), SCALE)
        return units


@dataclass(frozen=True, slots=True)
class Moments:
    """Hold a column of times.

    Attributes
    ----------
    ns : ndarray
        int64, shape (n,), nanoseconds since 1970, UTC; arbitrary where there is a problem.
    problems : mapping
        What is wrong with the time of a row.
    is_aware : bool
        Whether the times have a zone. Times without one are taken as UTC.
    """

    ns: IntArray
    problems: Mapping[int, str] = field(default_factory=dict)
    is_aware: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Hold the bars of one table, or of one symbol of a wide table, in the order of its rows.

    Attributes
    ----------
    table : str
        What the table is called: "prices.csv".
    place : callable
        Names a row of it: "prices.csv, line 212".
    labels : mapping
        The name of the column of a field, as written; of "time" and "symbol" too.
    moments : Moments
        Shape (n_rows of the table,).
    cells : mapping of Cells
        Named by field: open, high, low, close, and volume and adj_close when there are such columns.
    names : tuple of str
        The symbols.
    codes : ndarray
        int64, shape (n,): index into `names`; -1 where there is no symbol.
    rows : ndarray
        int64, shape (n,): the rows of the table that hold bars.
    """

    table: str
    place: Callable[[int], str]
    labels: Mapping[str, str]
    moments: Moments
    cells: Mapping[str, Cells]
    names: tuple[str, ...]
    codes: IntArray
    rows: IntArray


class Table(Protocol):
    """A table that can be read column by column."""

    name: str

    def place(self, row: int) -> str:
        """Name a row for messages."""
        ...

    def rows(self) -> IntArray:
        """Return the rows that hold anything."""
        ...

    def cells(self, column: str) -> Cells:
        """Read a column of numbers."""
        ...

    def moments(self, column: str) -> Moments:
        """Read a column of times."""
        ...

    def symbols(self, column: str) -> tuple[tuple[str, ...], IntArray]:
        """Read a column of symbols: their names, and for each row the index into these, -1 where there is none."""
        ...


def read_blocks(table: Table, layout: Layout, symbol: str) -> list[Block]:
    """Read the bars of a table.

    Parameters
    ----------
    table : Table
        What to read.
    layout : Layout
        Where they are.
    symbol : str
        The name of the symbol when the table does not say it.
    """
    moments, rows = table.moments(layout.time), table.rows()
    if layout.is_wide:
        return [_wide_block(table, moments, rows, str(name), group, layout) for name, group in layout.groups.items()]
    group = layout.groups[None]
    labels = {"time": layout.time, **group}
    names: tuple[str, ...] = (symbol,)
    codes = np.zeros(len(rows), np.int64)
    if layout.symbol is not None:
        names, codes = table.symbols(layout.symbol)
        labels["symbol"], codes = layout.symbol, codes[rows]
    cells = {name: table.cells(column) for name, column in group.items()}
    return [Block(table.name, table.place, labels, moments, cells, names, codes, rows)]


def _wide_block(
    table: Table, moments: Moments, rows: IntArray, symbol: str, group: Mapping[str, str], layout: Layout
) -> Block:
    read = {column: table.cells(column) for column in set(group.values())}
    cells = {name: read[column] for name, column in group.items()}
    # A row without any number is a gap of this symbol.
    filled = rows[~np.logical_and.reduce([column.is_empty[rows] for column in read.values()])]
    labels = {"time": layout.time, **group}
    return Block(table.name, table.place, labels, moments, cells, (symbol,), np.zeros(len(filled), np.int64), filled)


@dataclass(frozen=True)
class Rows:
    """Hold the bars of all tables, one after another.

    Attributes
    ----------
    names : tuple of str
        The symbols, sorted.
    codes : ndarray
        int64, shape (n,), index into `names`; -1 where there is no symbol.
    times : ndarray
        int64, shape (n,), nanoseconds since 1970, UTC.
    """

    blocks: tuple[Block, ...]
    names: tuple[str, ...]
    codes: IntArray
    times: IntArray

    @cached_property
    def starts(self) -> IntArray:
        """Where each block begins: int64, shape (n_blocks + 1,), the last being n."""
        return np.cumsum([0, *(len(block.rows) for block in self.blocks)])

    @cached_property
    def numbers(self) -> Mapping[str, FloatArray]:
        """The columns of numbers by field: float64, shape (n,); NaN where there is none."""
        return {
            name: np.concatenate([_values(block, name) for block in self.blocks])
            for name in NUMBERS
            if name in PRICES or any(name in block.cells for block in self.blocks)
        }

    def among(self, names: tuple[str, ...]) -> Rows:
        """Return the same rows with all of these symbols, sorted, some of which may have none."""
        places = {name: place for place, name in enumerate(names)}
        lookup = np.array([*(places[name] for name in self.names), -1], np.int64)
        return replace(self, names=names, codes=lookup[self.codes])

    def origin(self, row: int) -> tuple[Block, int]:
        """Return the block that a row comes from, and the row of its table."""
        place = int(np.searchsorted(self.starts, row, side="right")) - 1
        return self.blocks[place], int(self.blocks[place].rows[row - self.starts[place]])

    def once(self, found: IntArray) -> IntArray:
        """Leave out rows of which another symbol of the same wide table tells already."""
        if len({id(block.moments) for block in self.blocks}) == len(self.blocks):
            return found
        first: dict[tuple[int, int], int] = {}
        for row in found.tolist():
            block, origin = self.origin(row)
            first.setdefault((id(block.moments), origin), row)
        return np.array(sorted(first.values()), np.int64)

    def where(self, row: int, name: str) -> str:
        """Name the cell of a field for messages."""
        block, origin = self.origin(row)
        return f"{block.place(origin)}, column {block.labels[name]!r}"

    def written(self, row: int, name: str) -> str:
        """Return a number as it is written."""
        block, origin = self.origin(row)
        return block.cells[name].written(origin)

    def exact(self, row: int, name: str) -> Decimal:
        """Return a number as the decimal that is written."""
        block, origin = self.origin(row)
        return block.cells[name].exact(origin)

    def empty(self, name: str) -> BoolArray:
        """Tell in which rows nothing is written for a field that their table has: bool, shape (n,)."""
        return np.concatenate([_is_empty(block, name) for block in self.blocks])

    def unreadable(self, name: str) -> BoolArray:
        """Tell in which rows something is written for a field that is no number: bool, shape (n,)."""
        return np.concatenate([_is_unreadable(block, name) for block in self.blocks])

    def units(self, name: str) -> IntArray | None:
        """Return prices as quanta, int64, shape (n,), rounded half to even; None when floats say them exactly."""
        if all(block.cells[name].texts is None for block in self.blocks):
            return None
        return np.concatenate([block.cells[name].units(block.rows) for block in self.blocks])


def _values(block: Block, name: str) -> FloatArray:
    cells = block.cells.get(name)
    return np.full(len(block.rows), np.nan) if cells is None else cells.values[block.rows]


def _is_empty(block: Block, name: str) -> BoolArray:
    cells = block.cells.get(name)
    return np.zeros(len(block.rows), np.bool_) if cells is None else cells.is_empty[block.rows]


def _is_unreadable(block: Block, name: str) -> BoolArray:
    return ~_is_empty(block, name) & (np.isnan(_values(block, name)) if name in block.cells else False)


def gathered(blocks: Sequence[Block], wanted: Sequence[str] | None = None) -> Rows:
    """Put blocks one after another.

    Parameters
    ----------
    blocks : sequence of Block
        At least one.
    wanted : sequence of str, optional
        The symbols whose bars are kept, with the rows that have no symbol; all unless given.
    """
    there = {name for block in blocks for name in block.names}
    names = tuple(sorted(there if wanted is None else there & set(wanted)))
    places = {name: place for place, name in enumerate(names)}
    kept, codes = [], []
    for block in blocks:
        # The last entry is met by -1, no symbol.
        lookup = np.array([*(places.get(name, _NOT_WANTED) for name in block.names), -1], np.int64)
        of_block = lookup[block.codes]
        chosen = slice(None) if wanted is None else of_block != _NOT_WANTED
        kept.append(replace(block, rows=block.rows[chosen], codes=block.codes[chosen]))
        codes.append(of_block[chosen])
    times = np.concatenate([block.moments.ns[block.rows] for block in kept])
    return Rows(tuple(kept), names, np.concatenate(codes), times)
