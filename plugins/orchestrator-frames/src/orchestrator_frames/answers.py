"""What a function may answer, checked and brought into arrays.

A missing value, null or NaN, is no answer: neither in nor out, no entry, no exit, no new weight. Averages that are not
yet full make such values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NoReturn

import narwhals as nw
import numpy as np

from strategy_orchestrator import StrategyError
from strategy_orchestrator.arrays import AnyArray, BoolArray, FloatArray
from strategy_orchestrator.errors import Fault, unknown_name

COLUMNS: Final = ("entries", "exits", "short_entries", "short_exits")

_SIGNALS: Final = "a bool Series, in the market or out, or a frame with columns of 'entries', 'exits' and so on"
_WEIGHTS: Final = "a Series of target weights"


def marks_of(answer: object, frame: Any, where: str) -> dict[str, BoolArray]:
    """Return the signals in an answer.

    Parameters
    ----------
    answer : Series, ndarray or DataFrame
        What the function returned: bool, in the market or out, or columns of `COLUMNS`, at least one.
    frame : DataFrame
        What the function was given, K rows.
    where : str
        Function and symbol, for errors.

    Returns
    -------
    dict of ndarray
        bool, shape (K,), by column; of a Series, `entries` and `exits`.

    Raises
    ------
    StrategyError
        If the answer is of another shape or type.
    """
    given = nw.from_native(answer, pass_through=True, allow_series=True)
    if isinstance(given, nw.DataFrame):
        _check_columns(given.columns, where)
        _check_rows(answer, len(given), frame, where)
        return {name: _flags(given[name], f"{where}, column {name!r}")[0] for name in given.columns}
    values = _series(given, answer, frame, where, _SIGNALS)
    is_in, is_known = _flags(values, where)
    return {"entries": is_in, "exits": is_known & ~is_in}


def weights_of(answer: object, frame: Any, where: str) -> FloatArray:
    """Return the target weights in an answer: float64, shape (K,), NaN where there is none.

    Raises
    ------
    StrategyError
        If the answer is not a Series or array of K numbers in [−1, 1].
    """
    given = nw.from_native(answer, pass_through=True, allow_series=True)
    values = _numbers(_series(given, answer, frame, where, _WEIGHTS), where)
    outside = np.flatnonzero(np.abs(values) > 1.0)
    if len(outside):
        place = int(outside[0])
        problem = f"the weight of bar {place} is {values[place].item()!r}; expected a share of the sleeve from -1 to 1"
        _refuse(where, problem, "Divide by the number of symbols, for each is asked by itself")
    return values


def _series(given: Any, answer: object, frame: Any, where: str, expected: str) -> nw.Series[Any] | AnyArray:
    if not isinstance(given, nw.Series) and not (isinstance(given, np.ndarray) and given.ndim == 1):
        _refuse(where, f"{_described(answer)} was returned; expected {expected}")
    _check_rows(answer, len(given), frame, where)
    return given


def _check_columns(names: Sequence[str], where: str) -> None:
    for name in names:
        if name not in COLUMNS:
            fault = unknown_name(where, "column", name, COLUMNS)
            raise StrategyError(
                Fault(fault.where, fault.problem, fault.remedy or "Return the columns of signals alone")
            )
    if not {"entries", "short_entries"} & set(names):
        _refuse(where, "a frame without 'entries' or 'short_entries' was returned", "Say when to enter")


def _check_rows(answer: object, n_rows: int, frame: Any, where: str) -> None:
    if n_rows != len(frame):
        problem = f"{n_rows} rows were returned; expected {len(frame)}, one for each bar of the symbol"
        _refuse(where, problem, "Keep the bars at which nothing is known yet")
    index, wanted = getattr(answer, "index", None), getattr(frame, "index", None)
    if index is None or wanted is None or index.equals(wanted):
        return
    # What was made of an array has the index 0, 1, 2, and is in order.
    if list(index) != list(range(n_rows)):
        _refuse(where, "the index of what was returned is not that of the frame", "Return the bars in their order")


def _flags(values: nw.Series[Any] | AnyArray, where: str) -> tuple[BoolArray, BoolArray]:
    # Where it is true, and where it is known.
    if isinstance(values, np.ndarray):
        array = values
    elif values.dtype == nw.Boolean:
        known = ~values.is_null().to_numpy().astype(np.bool_)
        return values.fill_null(value=False).to_numpy().astype(np.bool_) & known, known
    else:
        array = values.to_numpy()
    if array.dtype == np.bool_:
        return array, np.ones(len(array), np.bool_)
    missing = np.array([value is None or value != value for value in array.tolist()], np.bool_)  # noqa: PLR0124  # NaN
    if array.dtype != object or not all(isinstance(value, bool) for value in array[~missing].tolist()):
        _refuse(where, f"{_kind(values)} was returned; expected bool", "Compare, for instance close > average")
    flags = array.copy()
    flags[missing] = False
    return flags.astype(np.bool_), ~missing


def _numbers(values: nw.Series[Any] | AnyArray, where: str) -> FloatArray:
    is_number = values.dtype.kind in "iuf" if isinstance(values, np.ndarray) else values.dtype.is_numeric()
    if not is_number:
        remedy = "Signals are wrapped by from_function" if _is_bool(values) else ""
        _refuse(where, f"{_kind(values)} was returned; expected numbers", remedy)
    if isinstance(values, np.ndarray):
        return values.astype(np.float64)
    numbers: FloatArray = values.cast(nw.Float64).fill_null(value=np.nan).to_numpy().astype(np.float64)
    return numbers


def _is_bool(values: nw.Series[Any] | AnyArray) -> bool:
    return bool(values.dtype == np.bool_) if isinstance(values, np.ndarray) else values.dtype == nw.Boolean


def _kind(values: nw.Series[Any] | AnyArray) -> str:
    return f"an array of {values.dtype}" if isinstance(values, np.ndarray) else f"a Series of {values.dtype}"


def _described(answer: object) -> str:
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape}"
    return "nothing" if answer is None else f"a {type(answer).__name__}"


def _refuse(where: str, problem: str, remedy: str = "") -> NoReturn:
    raise StrategyError(Fault(where, problem, remedy))
