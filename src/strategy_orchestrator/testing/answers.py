"""What a plug-in answers about a panel, as arrays that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from strategy_orchestrator.arrays import AnyArray, BoolArray
from strategy_orchestrator.models.panel import Panel

_RELATIVE: Final = 1e-9
_ABSOLUTE: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was answered about one panel.

    Attributes
    ----------
    rows : mapping of ndarray
        By name; shape (T,) or (T, S), row t being the answer at bar t.
    fixed : mapping of ndarray
        By name; what holds for all bars, shape () or (S,).
    """

    rows: Mapping[str, AnyArray]
    fixed: Mapping[str, AnyArray]


Ask: TypeAlias = Callable[[Panel], Answers]
"""Asks a new object of the plug-in about a panel."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place in which two answers differ.

    Attributes
    ----------
    name : str
        Of the array.
    bar : int or None
        Its row; None for what holds for all bars.
    column : int or None
        Its symbol, where the array has one axis for them.
    seen, other : object
        The two values.
    """

    name: str
    bar: int | None
    column: int | None
    seen: Any
    other: Any

    @property
    def order(self) -> tuple[int, int, str]:
        """What makes one difference come before another: bar, then symbol, then name."""
        return (-1 if self.bar is None else self.bar, -1 if self.column is None else self.column, self.name)

    def value_in(self, answers: Answers) -> AnyArray:
        """Return what other answers have at this place, as an array of shape ()."""
        array = (answers.fixed if self.bar is None else answers.rows)[self.name]
        return np.asarray(array[tuple(index for index in (self.bar, self.column) if index is not None)])


def first_difference(seen: Answers, other: Answers, n_rows: int, *, exactly: bool) -> Difference | None:
    """Return the first place in which two answers differ within their first `n_rows` rows, None when they agree.

    Parameters
    ----------
    exactly : bool
        Whether floats must agree to the bit. Else they may differ by one part in 10⁹, for sums over arrays of another
        length may be taken in another order.
    """
    found = differences(seen, other, n_rows, exactly=exactly)
    return min(found, key=lambda difference: difference.order, default=None)


def differences(seen: Answers, other: Answers, n_rows: int, *, exactly: bool) -> list[Difference]:
    """Return the first place in each column of each array in which two answers differ, as `first_difference` does."""
    return [
        *_differences(seen.fixed, other.fixed, exactly=exactly),
        *_differences(_cut(seen, n_rows), _cut(other, n_rows), exactly=exactly, has_rows=True),
    ]


def _cut(answers: Answers, n_rows: int) -> dict[str, AnyArray]:
    return {name: values[:n_rows] for name, values in answers.rows.items()}


def _differences(
    seen: Mapping[str, AnyArray], other: Mapping[str, AnyArray], *, exactly: bool, has_rows: bool = False
) -> Iterator[Difference]:
    for name, values in seen.items():
        unequal = unlike(values, other[name], exactly=exactly)
        for place in _first_places(unequal, has_rows=has_rows):
            bar = place[0] if has_rows else None
            column = place[-1] if len(place) > has_rows else None
            yield Difference(name, bar, column, values[place].item(), other[name][place].item())


def _first_places(unequal: BoolArray, *, has_rows: bool) -> Iterator[tuple[int, ...]]:
    if not unequal.any():
        return
    if not has_rows or unequal.ndim == 1:
        yield tuple(int(index) for index in np.argwhere(unequal)[0])
        return
    first = unequal.argmax(axis=0)
    yield from ((int(first[column]), column) for column in np.flatnonzero(unequal.any(axis=0)).tolist())


def unlike(seen: AnyArray, other: AnyArray, *, exactly: bool) -> BoolArray:
    """Return bool of the same shape: where two arrays differ; NaN equals NaN."""
    if seen.dtype.kind != "f":
        return np.asarray(seen != other)
    if exactly:
        return np.asarray((seen != other) & ~(np.isnan(seen) & np.isnan(other)))
    return ~np.isclose(seen, other, rtol=_RELATIVE, atol=_ABSOLUTE, equal_nan=True)


def value_text(value: object) -> str:
    """Return a value as an error shows it."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
