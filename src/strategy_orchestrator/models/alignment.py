"""Check bars in rows, all rows at once, and align them to a panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import AnyArray, FloatArray, IntArray, sealed
from strategy_orchestrator.clock import to_text
from strategy_orchestrator.errors import MOST_FAULTS, DataError, Fault, shortened
from strategy_orchestrator.models.columns import PRICES
from strategy_orchestrator.models.panel import Panel, sealed_panel
from strategy_orchestrator.models.rows import Rows
from strategy_orchestrator.money import LIMIT, SCALE

_SPARSE_CELLS: Final = 10**8
_SPARSE_SHARE: Final = 1000
LEAST_PRICE: Final = 0.5 / SCALE
"""Prices are greater."""
MOST_PRICE: Final = float(LIMIT // SCALE)
"""Prices are less."""
_NO_SYMBOL: Final = ("the symbol is empty", "Name it, or leave the row out")
_MOST_SHOWN: Final = 60
_REMEDY: Final = "Correct the row, or leave the symbol out"


class Findings:
    """Collect the rows that break rules; only the first are put into words."""

    def __init__(self) -> None:
        self._parts: list[tuple[IntArray, Callable[[int], Fault]]] = []

    def add(self, rows: IntArray, tell: Callable[[int], Fault]) -> None:
        """Add the rows that break one rule, and who tells about one of them."""
        self._parts.append((rows, tell))

    def faults(self, others: Sequence[Fault] = ()) -> list[Fault]:
        """Return other faults and the first ones of the rows, in their order, with the number of those left out."""
        first = sorted(
            (row, place) for place, (rows, _) in enumerate(self._parts) for row in np.sort(rows)[:MOST_FAULTS].tolist()
        )
        shown = [self._parts[place][1](row) for row, place in first[: max(0, MOST_FAULTS - len(others))]]
        return shortened([*others, *shown], sum(len(rows) for rows, _ in self._parts) - len(shown))


def check_rows(rows: Rows, others: Sequence[Fault] = (), *, with_adjusted: bool = False) -> None:
    """Refuse rows that hold no bars in rising order.

    Parameters
    ----------
    rows : Rows
        What is checked.
    others : sequence of Fault
        What was found before, told first.
    with_adjusted : bool
        Whether the adjusted closes are needed too.

    Raises
    ------
    DataError
        With one fault for each thing wrong, at most 20 and the number of the others.
    """
    findings = Findings()
    _find_times(rows, findings)
    findings.add(np.flatnonzero(rows.codes < 0), lambda row: Fault(rows.where(row, "symbol"), *_NO_SYMBOL))
    for name in (*PRICES, "adj_close") if with_adjusted else PRICES:
        _find_prices(rows, name, findings)
    _find_ranges(rows, findings)
    _find_volumes(rows, findings)
    faults = findings.faults([*others, *_zone_faults(rows)])
    if faults:
        raise DataError(faults)


def _whose(rows: Rows, row: int) -> str:
    code = rows.codes[row]
    return repr(rows.names[code]) if code >= 0 else "a row without symbol"


def _find_prices(rows: Rows, name: str, findings: Findings) -> None:
    values = rows.numbers[name]

    def told(problem: str) -> Callable[[int], Fault]:
        def tell(row: int) -> Fault:
            written = rows.written(row, name)
            return Fault(rows.where(row, name), f"{written} for {_whose(rows, row)} {problem}", _REMEDY, written)

        return tell

    def tell_empty(row: int) -> Fault:
        problem = f"there is no price for {_whose(rows, row)}"
        return Fault(rows.where(row, name), problem, "Write the price, or leave the row out")

    findings.add(np.flatnonzero(rows.empty(name)), tell_empty)
    findings.add(np.flatnonzero(rows.unreadable(name)), lambda row: _not_a_number(rows, name, row))
    findings.add(np.flatnonzero(np.isinf(values)), told("is not finite"))
    findings.add(np.flatnonzero(values <= 0), told("is not a price; prices are greater than 0"))
    small = (values > 0) & (values <= LEAST_PRICE)
    findings.add(np.flatnonzero(small), told("is less than half a quantum, 0.000001, and would be counted as 0"))
    large = (values >= MOST_PRICE) & (values < np.inf)
    findings.add(np.flatnonzero(large), told(f"is more than a ledger counts, {LIMIT // SCALE}"))


def _not_a_number(rows: Rows, name: str, row: int) -> Fault:
    written = rows.written(row, name)
    shown = repr(written if len(written) <= _MOST_SHOWN else f"{written[:_MOST_SHOWN]}...")
    remedy = "Write the decimals after a point, and nothing between thousands: 1234.56" if "," in written else _REMEDY
    return Fault(rows.where(row, name), f"{shown} for {_whose(rows, row)} is not a number", remedy, written)


def _find_ranges(rows: Rows, findings: Findings) -> None:
    open_, high, low, close = (rows.numbers[name] for name in PRICES)
    top = np.fmax(np.fmax(open_, close), low)
    bottom = np.fmin(open_, close)

    def tell(row: int, name: str, word: str, most: FloatArray, rule: str) -> Fault:
        other = next(each for each in ("close", "open", "low") if rows.numbers[each][row] == most[row])
        written = rows.written(row, name)
        problem = f"{written} for {_whose(rows, row)} is {word} the {other}, {rows.written(row, other)}. A bar's {rule}"
        return Fault(rows.where(row, name), problem, _REMEDY, written)

    findings.add(
        np.flatnonzero(high < top),
        lambda row: tell(row, "high", "below", top, "high must be at least its open and close"),
    )
    findings.add(
        np.flatnonzero(low > bottom),
        lambda row: tell(row, "low", "above", bottom, "low must be at most its open and close"),
    )


def _find_volumes(rows: Rows, findings: Findings) -> None:
    values = rows.numbers.get("volume")
    if values is None:
        return

    def tell(row: int) -> Fault:
        written = rows.written(row, "volume")
        problem = f"{written} for {_whose(rows, row)} is no volume; volumes are finite and not negative"
        return Fault(rows.where(row, "volume"), problem, "Correct the row, or leave the cell empty", written)

    findings.add(np.flatnonzero(rows.unreadable("volume")), lambda row: _not_a_number(rows, "volume", row))
    findings.add(np.flatnonzero((values < 0) | np.isinf(values)), tell)


def _find_times(rows: Rows, findings: Findings) -> None:
    has_time = np.ones(len(rows.times), np.bool_)
    for start, block in zip(rows.starts.tolist(), rows.blocks, strict=False):
        if block.moments.problems:
            has_time[start : start + len(block.rows)] = ~np.isin(block.rows, [*block.moments.problems])

    def tell_problem(row: int) -> Fault:
        block, origin = rows.origin(row)
        return Fault(rows.where(row, "time"), block.moments.problems[origin], "Correct the row")

    findings.add(rows.once(np.flatnonzero(~has_time)), tell_problem)
    usable = np.flatnonzero(has_time & (rows.codes >= 0))
    order = usable[np.argsort(rows.codes[usable], kind="stable")]
    is_same = np.diff(rows.codes[order]) == 0
    late = is_same & (np.diff(rows.times[order]) <= 0)
    before = dict(zip(order[1:][late].tolist(), order[:-1][late].tolist(), strict=True))

    def tell_order(row: int) -> Fault:
        other = before[row]
        word = "the same time as" if rows.times[row] == rows.times[other] else "earlier than the bar before it, at"
        block, origin = rows.origin(other)
        problem = f"{to_text(rows.times[row].item())} for {_whose(rows, row)} is {word} {block.place(origin)}"
        return Fault(rows.where(row, "time"), problem, "Sort the rows by time, and keep one row a bar")

    findings.add(rows.once(np.array(list(before), np.int64)), tell_order)


def _zone_faults(rows: Rows) -> Iterator[Fault]:
    firsts = {block.moments.is_aware: block for block in rows.blocks if len(block.rows)}
    if len(firsts) > 1:
        aware, naive = (firsts[kind].place(int(firsts[kind].rows[0])) for kind in (True, False))
        problem = f"its time has a zone, that of {naive} has none"
        yield Fault(aware, problem, "Give all times a zone, or none, which means UTC")


def panel_of_rows(rows: Rows) -> Panel:
    """Check rows and make a panel of them.

    Raises
    ------
    DataError
        With the faults of the rows.
    """
    check_rows(rows)
    return aligned(rows, {name: rows.numbers[name] for name in PRICES}, exact_units(rows))


def exact_units(rows: Rows) -> dict[str, IntArray]:
    """Return the prices that are written more exactly than floats are, as quanta, by field."""
    counted = {name: rows.units(name) for name in PRICES}
    return {name: units for name, units in counted.items() if units is not None}


def aligned(rows: Rows, prices: Mapping[str, FloatArray], units: Mapping[str, IntArray]) -> Panel:
    """Make a panel of rows that have been checked.

    Parameters
    ----------
    rows : Rows
        The bars.
    prices : mapping of ndarray
        Named by field, open, high, low, close: float64, shape (n,).
    units : mapping of ndarray
        Named by field: int64, shape (n,), quanta, where these say more than the floats.

    Raises
    ------
    DataError
        If the bars would hardly fill the panel, which no memory then holds.
    """
    axis, bars = np.unique(rows.times, return_inverse=True)
    _refuse_sparse(len(axis), len(rows.names), len(bars))

    def spread(values: AnyArray, empty: float) -> AnyArray:
        cells = np.full((len(axis), len(rows.names)), empty, values.dtype)
        cells[bars, rows.codes] = values
        return cells

    volume = rows.numbers.get("volume", np.full(len(bars), np.nan))
    arrays = {name: spread(values, np.nan) for name, values in {**prices, "volume": volume}.items()}
    traded = spread(np.ones(len(bars), np.bool_), 0)
    panel = sealed_panel(axis, rows.names, arrays, traded)
    return replace(panel, _units={name: sealed(spread(counts, 0)) for name, counts in units.items()})


def on_panel(rows: Rows, panel: Panel, values: FloatArray) -> FloatArray:
    """Return a column of rows on the axes of their panel: float64, shape (T, S), NaN where there is no bar."""
    cells = np.full((panel.n_bars, panel.n_symbols), np.nan)
    cells[np.searchsorted(panel.timestamps_ns, rows.times), rows.codes] = values
    return cells


def _refuse_sparse(n_bars: int, n_symbols: int, n_rows: int) -> None:
    n_cells = n_bars * n_symbols
    if n_cells > _SPARSE_CELLS and n_cells > _SPARSE_SHARE * n_rows:
        needed = (
            f"{n_rows} bars of {n_symbols} symbols at {n_bars} times need {n_cells} cells, nearly all of them empty"
        )
        raise DataError(Fault("panel", needed, "Make sure that the columns of times and symbols are what they say"))
