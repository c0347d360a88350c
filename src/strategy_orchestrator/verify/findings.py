"""What does not add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from strategy_orchestrator.errors import Fault
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.tables import printable
from strategy_orchestrator.money import plain, to_decimal

Check = Callable[[], Iterator["Finding"]]
"""One thing to look at; the first that it yields is told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that does not add up.

    Attributes
    ----------
    file : str
        Name of the file in the folder.
    problem : str
        What is wrong there, with the value seen and the one expected.
    row : int or None
        Row of a table, or line of a text from 1 up; rows of tables are counted from 0 up.
    strategy_id, symbol : str or None
        Whose row it is.
    bar : int or None
        Index of the bar.
    field : str or None
        Column of a table, or place in a JSON document.
    seen, expected : str or None
        The two values.
    """

    file: str
    problem: str
    row: int | None = None
    strategy_id: str | None = None
    symbol: str | None = None
    bar: int | None = None
    field: str | None = None
    seen: str | None = None
    expected: str | None = None

    def fault(self, folder: str) -> Fault:
        """Return the finding as one line."""
        unit = "line" if self.file.endswith(".jsonl") else "row"
        parts = [
            f"{folder}/{self.file}" if self.file else folder,
            None if self.row is None else f"{unit} {self.row}",
            None if self.strategy_id is None else repr(self.strategy_id),
            None if self.symbol is None else repr(self.symbol),
            None if self.bar is None else f"bar {self.bar}",
            self.field,
        ]
        return Fault(", ".join(part for part in parts if part is not None), self.problem, value=self.seen)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands."""

    file: str
    row: int | None = None
    strategy_id: str | None = None
    symbol: str | None = None
    bar: int | None = None

    def differs(self, field: str, seen: object, expected: object, because: str = "") -> Finding:
        """Say that a value is not what it must be, and why that is what it must be."""
        seen, expected = printable(str(seen)), printable(str(expected))
        reason = f" ({because})" if because else ""
        problem = f"{seen} was found; {expected} is expected{reason}"
        return Finding(
            self.file, problem, self.row, self.strategy_id, self.symbol, self.bar, field, str(seen), str(expected)
        )

    def is_wrong(self, problem: str, field: str | None = None, seen: object = None) -> Finding:
        """Say what is wrong."""
        told = None if seen is None else str(seen)
        return Finding(self.file, problem, self.row, self.strategy_id, self.symbol, self.bar, field, told)


def money(units: int) -> str:
    """Write quanta as a decimal."""
    return plain(to_decimal(units))


def row_place(record: RunRecord, file: str, row: int, strategy: int, symbol: int, bar: int) -> Place:
    """Return the place of a row that is about a strategy and a symbol, -1 for none."""
    known = 0 <= symbol < record.panel.n_symbols
    return Place(
        file,
        row,
        record.strategy_ids[strategy] if strategy >= 0 else None,
        record.panel.symbols[symbol] if known else None,
        bar,
    )


def first_difference(seen: pl.DataFrame, expected: pl.DataFrame) -> tuple[int, str, object, object] | None:
    """Return row, column and both values of the first row in which two frames of one schema and height differ."""
    apart = seen.select(pl.col(name).ne_missing(expected[name]) for name in seen.columns)
    row = apart.select(pl.any_horizontal(pl.all()).arg_true().first()).item()
    if row is None:
        return None
    name = next(name for name in seen.columns if apart[name][row])
    return row, name, _written(seen[name], row), _written(expected[name], row)


def _written(column: pl.Series, row: int) -> object:
    # A Python time has no nanoseconds.
    return column.dt.to_string()[row] if column.dtype.is_temporal() else column[row]
