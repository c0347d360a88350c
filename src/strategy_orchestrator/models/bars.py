"""One bar of one symbol, and the history of bars that a per-bar strategy reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NoReturn, SupportsIndex

from strategy_orchestrator.clock import to_datetime
from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.money import to_decimal, to_exact


@dataclass(frozen=True, slots=True, eq=False)
class HistoricalDataBar:
    """Hold the prices of one symbol over one time step, named by its closing time.

    Bars are equal when symbol, time, prices and volume are, whatever holds them.

    Parameters
    ----------
    symbol : str
        Not empty.
    timestamp : datetime
        Aware; any time zone.
    open, high, low, close : Decimal
        Greater than 0; low ≤ open, close ≤ high. Other numbers are converted, floats by their shortest repr.
    volume : Decimal
        Not negative. NaN where a source knows none.
    split_adjusted, dividend_adjusted : bool
        What the prices have been adjusted for.

    Raises
    ------
    DataError
        With one fault for each rule broken.
    """

    symbol: str
    timestamp: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = field(default=Decimal(0))
    split_adjusted: bool = False
    dividend_adjusted: bool = False

    def __post_init__(self) -> None:
        where = f"bar of {self.symbol!r} at {self.timestamp}"
        faults = [*self._convert(where), *_name_faults(where, self.symbol, self.timestamp)]
        if not faults:
            faults = price_faults(where, self.open, self.high, self.low, self.close, self.volume)
        if faults:
            raise DataError(faults)

    def _convert(self, where: str) -> Iterable[Fault]:
        for name in ("open", "high", "low", "close", "volume"):
            value = getattr(self, name)
            if name == "volume" and value != value:  # noqa: PLR0124  # NaN, of whatever type
                object.__setattr__(self, name, Decimal("NaN"))
                continue
            try:
                object.__setattr__(self, name, to_exact(value, f"{where}, {name}"))
            except ValueError as error:
                yield from getattr(error, "faults", ())

    def __eq__(self, other: object) -> bool:
        """Compare symbol, time, prices and volume."""
        if not isinstance(other, HistoricalDataBar):
            return NotImplemented
        return _identity(self) == _identity(other)

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(_identity(self))


def _identity(bar: HistoricalDataBar) -> tuple[object, ...]:
    # A panel keeps volumes as floats, and NaN would equal nothing.
    volume = None if bar.volume.is_nan() else float(bar.volume)
    return (bar.symbol, bar.timestamp, bar.open, bar.high, bar.low, bar.close, volume)


def _name_faults(where: str, symbol: object, timestamp: object) -> Iterable[Fault]:
    if not isinstance(symbol, str) or not symbol:
        yield Fault(where, "the symbol is empty or no text", value=symbol)
    if not isinstance(timestamp, datetime):
        yield Fault(where, "the timestamp is no datetime", value=timestamp)
    elif timestamp.utcoffset() is None:
        yield Fault(where, "the timestamp has no time zone", "Give it one, for instance tzinfo=timezone.utc")


def price_faults(
    where: str, open_: Decimal, high: Decimal, low: Decimal, close: Decimal, volume: Decimal
) -> list[Fault]:
    """List what is wrong with finite prices of one bar; a volume of NaN is one not known."""
    faults = [
        Fault(f"{where}, {name}", f"{price} is not a price; prices are greater than 0", value=price)
        for name, price in (("open", open_), ("high", high), ("low", low), ("close", close))
        if price <= 0
    ]
    if high < max(open_, close, low):
        faults.append(
            Fault(f"{where}, high", f"{high} is below {max(open_, close, low)}, another price of the bar", value=high)
        )
    if low > min(open_, close, high):
        faults.append(
            Fault(f"{where}, low", f"{low} is above {min(open_, close, high)}, another price of the bar", value=low)
        )
    if not volume.is_nan() and volume < 0:
        faults.append(Fault(f"{where}, volume", f"{volume} is negative", value=volume))
    return faults


class PanelBar(HistoricalDataBar):
    """A bar of a checked panel; its decimals are made when they are first read, and kept.

    Parameters
    ----------
    source : PanelBars
        Where the bar lies.
    bar, column : int
        Its place there.
    """

    __slots__ = ("_bar", "_column", "_source")

    _bar: int
    _column: int
    _source: PanelBars

    def __init__(self, source: PanelBars, bar: int, column: int) -> None:
        _set_source(self, source)
        _set_bar(self, bar)
        _set_column(self, column)

    def __getattr__(self, name: str) -> Any:
        """Fill a field that was not read before."""
        make = _FIELDS.get(name)
        if make is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        value = make(self._source, self._bar, self._column)
        object.__setattr__(self, name, value)
        return value

    def _values(self) -> tuple[object, ...]:
        return (self.symbol, self.timestamp, self.open, self.high, self.low, self.close, self.volume)

    def __repr__(self) -> str:
        values = ", ".join(str(value) for value in self._values())
        return f"HistoricalDataBar({values})"

    def __reduce__(self) -> tuple[type[HistoricalDataBar], tuple[object, ...]]:
        return HistoricalDataBar, (*self._values(), self.split_adjusted, self.dividend_adjusted)


def place_of(bar: PanelBar) -> tuple[int, int]:
    """Return bar and column at which a bar lies in its panel."""
    return bar._bar, bar._column  # noqa: SLF001  # no business of whoever is given bars


@dataclass(frozen=True, slots=True, eq=False)
class PanelBars:
    """The integer prices of a panel, as `PanelBar` reads them: int64, shape (T, S), quanta."""

    symbols: tuple[str, ...]
    timestamps_ns: Any
    open: Any
    high: Any
    low: Any
    close: Any
    volume: Any
    is_split_adjusted: bool = False
    is_dividend_adjusted: bool = False


# A bar is made for each symbol at each step: descriptors set a field in a third of the time of `object.__setattr__`.
_set_source = PanelBar.__dict__["_source"].__set__
_set_bar = PanelBar.__dict__["_bar"].__set__
_set_column = PanelBar.__dict__["_column"].__set__
_FIELDS: Final[dict[str, Callable[[PanelBars, int, int], object]]] = {
    "symbol": lambda source, _, column: source.symbols[column],
    "timestamp": lambda source, bar, _: to_datetime(source.timestamps_ns[bar]),
    "open": lambda source, bar, column: to_decimal(source.open[bar, column]),
    "high": lambda source, bar, column: to_decimal(source.high[bar, column]),
    "low": lambda source, bar, column: to_decimal(source.low[bar, column]),
    "close": lambda source, bar, column: to_decimal(source.close[bar, column]),
    "volume": lambda source, bar, column: Decimal(repr(float(source.volume[bar, column]))),
    "split_adjusted": lambda source, _bar, _column: source.is_split_adjusted,
    "dividend_adjusted": lambda source, _bar, _column: source.is_dividend_adjusted,
}


class BarHistory(list[HistoricalDataBar]):
    """The bars of one symbol up to the current one; a list that refuses to be changed.

    It is one growing sequence, shared by every strategy that looks at the symbol. Slices are plain lists.
    """

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the bar history is read-only: copy it first, for instance with list(bars)")

    append = extend = insert = remove = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self) -> tuple[type[list[HistoricalDataBar]], tuple[list[HistoricalDataBar]]]:
        """Copy, and travel to other processes, as a plain list."""
        return list, (list(self),)

    def pop(self, index: SupportsIndex = -1, /) -> NoReturn:
        """Refuse."""
        self._refuse(index)
