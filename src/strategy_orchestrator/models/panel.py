"""The prices of many symbols on one time axis, checked once and read-only for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import (
    AnyArray,
    BoolArray,
    FloatArray,
    IntArray,
    is_sealed,
    sealed,
    unsealed,
)
from strategy_orchestrator.clock import to_datetime, to_text
from strategy_orchestrator.errors import DataError, Fault, shortened
from strategy_orchestrator.models.bars import HistoricalDataBar, PanelBars
from strategy_orchestrator.models.quanta import as_floats, price_units
from strategy_orchestrator.models.times import FIRST_NS, times_ns
from strategy_orchestrator.models.traded import find_traded
from strategy_orchestrator.money import LIMIT, SCALE, round_steps
from strategy_orchestrator.threads import each_in_threads

PRICE_FIELDS: Final = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class DataWarning:
    """Say what is odd, though possible, about the bars of a symbol."""

    symbol: str
    timestamp_ns: int
    problem: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.symbol}, {to_text(self.timestamp_ns)}: {self.problem}"


@dataclass(frozen=True, eq=False)
class Panel:
    """Hold aligned bars of S symbols over T time steps.

    Make one with `from_arrays`, `from_bars`, `from_frame` or `load_panel`; they check every value. The arrays lie in
    memory that cannot be made writable.

    Attributes
    ----------
    timestamps_ns : ndarray
        int64, shape (T,), nanoseconds since 1970 UTC, strictly rising; closing times.
    symbols : tuple of str
        S names, sorted.
    open, high, low, close : ndarray
        float64, shape (T, S); NaN where a symbol has no bar.
    volume : ndarray
        float64, shape (T, S); NaN where a symbol has no bar or no volume is known.
    traded : ndarray
        bool, shape (T, S): whether the symbol has a bar.
    calendar : str or None
        Trading calendar that the source names, for instance "XNYS".
    warnings : tuple of DataWarning
        What the readers found odd.
    """

    timestamps_ns: IntArray
    symbols: tuple[str, ...]
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    traded: BoolArray
    calendar: str | None = None
    warnings: tuple[DataWarning, ...] = ()
    is_split_adjusted: bool = False
    is_dividend_adjusted: bool = False
    _units: Mapping[str, IntArray] = field(default_factory=dict, repr=False)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Seal the arrays again after a copy or a way to another process."""
        parts = {name: _kept(value) if isinstance(value, np.ndarray) else value for name, value in state.items()}
        parts["_units"] = {name: _kept(counts) for name, counts in state["_units"].items()}
        # The rounded prices are cached views of the old arrays.
        parts.pop("units", None)
        self.__dict__.update(parts)

    @property
    def n_bars(self) -> int:
        """Number of time steps, T."""
        return len(self.timestamps_ns)

    @property
    def n_symbols(self) -> int:
        """Number of symbols, S."""
        return len(self.symbols)

    @cached_property
    def timestamps(self) -> tuple[datetime, ...]:
        """The T closing times as aware datetimes, UTC."""
        return tuple(to_datetime(ns) for ns in self.timestamps_ns.tolist())

    @cached_property
    def units(self) -> PanelBars:
        """The prices as the kernel counts them: int64, shape (T, S), quanta, 0 where a symbol has no bar.

        Raises
        ------
        DataError
            If a price rounds to 0 quanta or does not fit 64 bits.
        """
        units = dict(zip(PRICE_FIELDS, each_in_threads(self._counted, PRICE_FIELDS, self.close.nbytes), strict=True))
        return PanelBars(
            self.symbols,
            self.timestamps_ns,
            **units,
            volume=self.volume,
            is_split_adjusted=self.is_split_adjusted,
            is_dividend_adjusted=self.is_dividend_adjusted,
        )

    def _counted(self, name: str) -> IntArray:
        return self._units[name] if name in self._units else self._round(name)

    def _round(self, name: str) -> IntArray:
        prices = getattr(self, name)
        units, kept = unsealed(prices.shape, np.int64)
        price_units(prices, out=units)
        if units.min(initial=1) <= 0:
            self._refuse_lost(name, units)
        return kept

    def _refuse_lost(self, name: str, units: IntArray) -> None:
        # Where a symbol has no bar 0 is right.
        lost = self.traded & (units <= 0)
        if lost.any():
            bar, column = (int(place) for place in np.argwhere(lost)[0])
            problem = "is less than half a quantum, 0.000001" if units[bar, column] == 0 else "does not fit 64 bits"
            value = getattr(self, name)[bar, column].item()
            where = f"{self.symbols[column]!r}, {to_text(self.timestamps_ns[bar].item())}, {name}"
            raise DataError(Fault(where, f"{value!r} {problem}", "Scale the prices of this symbol", value))

    def shared(self) -> Panel:
        """Return the same panel as its own object: whoever gets around its read-only attributes changes no other."""
        twin = object.__new__(Panel)
        twin.__dict__.update(self.__dict__, units=replace(self.units))
        return twin

    def until(self, n_bars: int) -> Panel:
        """Return the panel as it was after its first `n_bars` bars, without what was found odd later."""
        panel = self.between(0, n_bars)
        last = panel.timestamps_ns[-1] if panel.n_bars else FIRST_NS - 1
        return replace(panel, warnings=tuple(item for item in self.warnings if item.timestamp_ns <= last))

    def between(self, first: int, end: int) -> Panel:
        """Return the bars from `first` to before `end`, on their part of the time axis, with all warnings."""
        return self._take(lambda array: array[first:end])

    def select(self, symbols: Iterable[str]) -> Panel:
        """Return the panel of some of the symbols, on the same time axis.

        Raises
        ------
        DataError
            If a symbol is not in the panel.
        """
        wanted = sorted({symbols} if isinstance(symbols, str) else set(symbols))
        places = {name: place for place, name in enumerate(self.symbols)}
        missing = [name for name in wanted if name not in places]
        if missing or not wanted:
            listed = ", ".join(repr(name) for name in missing) or "an empty list"
            raise DataError(Fault("symbols", f"{listed} not in the data; there are {', '.join(self.symbols)}"))
        columns = [places[name] for name in wanted]
        chosen = self._take(lambda array: array[:, columns] if array.ndim > 1 else array)
        kept = tuple(item for item in self.warnings if item.symbol in set(wanted))
        return replace(chosen, symbols=tuple(wanted), warnings=kept)

    def _take(self, cut: Any) -> Panel:
        names = (*PRICE_FIELDS, "volume", "traded", "timestamps_ns")
        parts: dict[str, Any] = {name: sealed(cut(getattr(self, name))) for name in names}
        return replace(self, **parts, _units={name: sealed(cut(array)) for name, array in self._units.items()})

    @classmethod
    def from_arrays(  # noqa: PLR0913  # five arrays make the prices, each under its usual name
        cls,
        timestamps: Sequence[datetime] | AnyArray,
        symbols: Sequence[str],
        *,
        open: AnyArray,  # noqa: A002  # the field's name, as everybody writes it
        high: AnyArray,
        low: AnyArray,
        close: AnyArray,
        volume: AnyArray | None = None,
    ) -> Panel:
        """Check arrays and make a panel of them, symbols sorted by name.

        Parameters
        ----------
        timestamps : sequence of datetime, or ndarray of datetime64 or int64
            T closing times, strictly rising: aware datetimes, datetime64 in UTC or int64 nanoseconds since 1970.
        symbols : sequence of str
            S distinct names, in the order of the columns.
        open, high, low, close : array_like
            Float, shape (T, S); all four NaN where a symbol has no bar. A float32 stands for its shortest text.
        volume : array_like, optional
            Float, shape (T, S), not negative; NaN where not known.

        Raises
        ------
        DataError
            With one fault for each thing wrong, at most 20 and the number of the others.
        """
        times = times_ns(timestamps)
        names = tuple(symbols)
        shape = (len(times), len(names))
        given = {"open": open, "high": high, "low": low, "close": close}
        given["volume"] = np.full(shape, np.nan) if volume is None else volume
        arrays = {name: _columns(name, array, shape) for name, array in given.items()}
        traded = find_traded(arrays)
        faults = [*_axis_faults(times, names), *(_cell_faults(times, names, arrays) if traded is None else ())]
        if traded is None or faults:
            raise DataError(shortened(faults))
        return sealed_panel(times, names, arrays, traded)

    @classmethod
    def from_bars(cls, bars: Mapping[str, Sequence[HistoricalDataBar]]) -> Panel:
        """Align lists of bars, one list a symbol, in time order; their decimals are kept exactly.

        Raises
        ------
        DataError
            If a list is empty, holds something else than bars of its symbol, or is not in rising time order.
        """
        faults = [fault for symbol, items in bars.items() for fault in _list_faults(symbol, items)]
        if not bars:
            faults.append(Fault("historical_data", "there is no symbol; give at least one list of bars"))
        if faults:
            raise DataError(shortened(faults))
        stamps = {symbol: times_ns([bar.timestamp for bar in items]) for symbol, items in bars.items()}
        axis = np.unique(np.concatenate(list(stamps.values())))
        names = sorted(bars)
        floats = {name: np.full((len(axis), len(names)), np.nan) for name in (*PRICE_FIELDS, "volume")}
        units = {name: np.zeros((len(axis), len(names)), np.int64) for name in PRICE_FIELDS}
        for column, symbol in enumerate(names):
            places = np.searchsorted(axis, stamps[symbol])
            for name, array in floats.items():
                values = [getattr(bar, name) for bar in bars[symbol]]
                array[places, column] = [float(value) for value in values]
                if name in units:
                    units[name][places, column] = _price_counts(bars[symbol], name, values)
        panel = cls.from_arrays(axis, names, **floats)
        return replace(
            panel,
            _units={name: sealed(counts) for name, counts in units.items()},
            is_split_adjusted=all(bar.split_adjusted for items in bars.values() for bar in items),
            is_dividend_adjusted=all(bar.dividend_adjusted for items in bars.values() for bar in items),
        )

    @classmethod
    def from_frame(cls, frame: Any, *, symbol: str | None = None) -> Panel:
        """Read a pandas, polars or pyarrow frame: long (with a symbol column), wide or of one symbol.

        Parameters
        ----------
        frame : DataFrame or Table
            Columns for time, open, high, low, close and perhaps volume and symbol, in any usual case. Times without a
            zone are taken as UTC.
        symbol : str, optional
            Name of the instrument, for a frame without a symbol column.

        Raises
        ------
        DataError
            As `from_arrays`, by row and column; or if a column is missing.
        """
        # narwhals is loaded only by those who pass frames.
        from strategy_orchestrator.models.frames import panel_from_frame  # noqa: PLC0415

        return panel_from_frame(frame, symbol)


def sealed_panel(times: IntArray, names: tuple[str, ...], arrays: dict[str, FloatArray], traded: BoolArray) -> Panel:
    """Make a panel of checked arrays, symbols sorted by name; they are taken out of the dict one by one."""
    order = sorted(range(len(names)), key=names.__getitem__)
    if order != list(range(len(names))):
        arrays = {name: array[:, order] for name, array in arrays.items()}
        traded = traded[:, order]
    columns: dict[str, Any] = {name: sealed(arrays.pop(name)) for name in (*PRICE_FIELDS, "volume")}
    return Panel(sealed(times), tuple(names[place] for place in order), **columns, traded=sealed(traded))


def _kept(array: AnyArray) -> AnyArray:
    return array if is_sealed(array) else sealed(array)


def _price_counts(items: Sequence[HistoricalDataBar], name: str, prices: list[Decimal]) -> list[int]:
    counts = [round_steps(price, SCALE) for price in prices]
    if not 0 < min(counts) <= max(counts) <= LIMIT:
        place = next(place for place, count in enumerate(counts) if not 0 < count <= LIMIT)
        where = f"bar of {items[place].symbol!r} at {items[place].timestamp}, {name}"
        problem = f"{prices[place]} lies outside what a ledger counts, 0.000001 to {LIMIT // SCALE}"
        raise DataError(Fault(where, problem, value=prices[place]))
    return counts


def _list_faults(symbol: str, items: Sequence[object]) -> Iterable[Fault]:
    if not len(items):
        yield Fault(f"bars of {symbol!r}", "the list is empty", "Leave the symbol out or give it bars")
    last = None
    for place, bar in enumerate(items):
        if not isinstance(bar, HistoricalDataBar):
            yield Fault(
                f"bars of {symbol!r}, bar {place}", f"a {type(bar).__name__} is no HistoricalDataBar", value=bar
            )
            continue
        if bar.symbol != symbol:
            yield Fault(f"bars of {symbol!r}, bar {place}", f"its symbol is {bar.symbol!r}", value=bar.symbol)
        time = bar.timestamp
        if last is not None and time <= last:
            word = "the same time as" if time == last else "earlier than"
            problem = f"{time} is {word} the bar before"
            yield Fault(f"bars of {symbol!r}, bar {place}", problem, "Sort the bars and drop doubles", time)
        last = time


def _columns(name: str, array: AnyArray, shape: tuple[int, int]) -> FloatArray:
    given = np.asarray(array)
    floats = as_floats(given)
    if floats is None:
        raise DataError(Fault(name, f"the array holds {given.dtype}; expected numbers"))
    if floats.shape != shape:
        raise DataError(Fault(name, f"the shape is {floats.shape}; expected {shape}, that is (T, S)"))
    return floats


def _axis_faults(times: IntArray, names: tuple[object, ...]) -> Iterable[Fault]:
    if not len(times) or not names:
        yield Fault("panel", f"there are {len(times)} bars of {len(names)} symbols; expected at least one of each")
    for bar in np.flatnonzero(np.diff(times) <= 0).tolist():
        now, before = to_text(times[bar + 1].item()), to_text(times[bar].item())
        yield Fault(f"timestamps[{bar + 1}]", f"{now} does not come after {before}", "Sort the bars and drop doubles")
    seen = set()
    for place, name in enumerate(names):
        if not isinstance(name, str) or not name:
            yield Fault(f"symbols[{place}]", f"{name!r} is no name", value=name)
        elif name in seen:
            yield Fault(f"symbols[{place}]", f"{name!r} is there twice", value=name)
        else:
            seen.add(name)


def _cell_faults(times: IntArray, names: tuple[str, ...], arrays: Mapping[str, FloatArray]) -> Iterable[Fault]:
    prices = [arrays[name] for name in PRICE_FIELDS]
    missing = [np.isnan(array) for array in prices]
    nowhere = np.logical_and.reduce(missing)
    rules: list[tuple[str, BoolArray, str]] = []
    for name, array, gap in zip(PRICE_FIELDS, prices, missing, strict=True):
        rules.append((name, gap & ~nowhere, "is missing though the bar has other prices"))
        rules.append((name, np.isinf(array), "is not finite"))
        rules.append((name, array <= 0, "is not a price; prices are greater than 0"))
    top = np.fmax(np.fmax(arrays["open"], arrays["close"]), arrays["low"])
    bottom = np.fmin(np.fmin(arrays["open"], arrays["close"]), arrays["high"])
    rules.append(("high", arrays["high"] < top, "is below another price of the bar"))
    rules.append(("low", arrays["low"] > bottom, "is above another price of the bar"))
    rules.append(("volume", (arrays["volume"] < 0) | np.isinf(arrays["volume"]), "is negative or not finite"))
    rules.append(("volume", nowhere & ~np.isnan(arrays["volume"]), "is there though the bar has no prices"))
    for name, broken, problem in rules:
        for bar, column in np.argwhere(broken).tolist():
            value = arrays[name][bar, column].item()
            where = f"{names[column]!r}, {to_text(times[bar].item())}, {name}"
            yield Fault(where, f"{value!r} {problem}", value=value)


def is_read_only(panel: Panel) -> bool:
    """Tell whether no array of a panel can be written to."""
    return all(is_sealed(getattr(panel, name)) for name in (*PRICE_FIELDS, "volume", "traded", "timestamps_ns"))
