"""Panels and bars to test with: valid, made in a moment, and as awkward as real ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, TypeAlias

import numpy as np

from strategy_orchestrator.arrays import AnyArray, FloatArray, IntArray
from strategy_orchestrator.clock import NS_PER_DAY
from strategy_orchestrator.errors import ConfigError, DataError, Fault, unknown_name
from strategy_orchestrator.models.bars import HistoricalDataBar
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.money import to_exact

Spacing: TypeAlias = Literal["daily", "hourly"]

FIRST_DAY: Final = datetime(2020, 1, 2, tzinfo=UTC)
"""A Thursday, on which the panels begin."""

_HOURS: Final = 7
_FIRST_HOUR: Final = 15
_SPACINGS: Final = ("daily", "hourly")
_BASES: Final = (100.0, 25.0, 1_500.0, 0.75)
_TICKS: Final = 10_000
_STEP: Final = 0.02
_WAVE: Final = 0.012
_WAVE_BARS: Final = 17
_ABSENT: Final = "-"


def make_panel(
    n_bars: int = 80, n_symbols: int = 3, *, seed: int = 0, spacing: Spacing = "daily", gaps: bool = False
) -> Panel:
    """Make a panel of random walks with waves, on prices coarse enough to tie.

    Parameters
    ----------
    n_bars, n_symbols : int
        T and S, at least 1; the symbols are S0, S1, ...
    seed : int
        The same seed gives the same panel.
    spacing : {"daily", "hourly"}
        Monday to Friday at midnight UTC from 2020-01-02 on, or seven bars on each of these days.
    gaps : bool
        Make it awkward: S1 begins late; S2 ends early and misses bars here and there; S3 pauses, loses half its price
        overnight, does not move for a while and has no volumes; S4 and later again like S0 and later. S0 is whole.

    Raises
    ------
    ConfigError
        If a number is below 1 or the spacing is unknown.

    Examples
    --------
    >>> panel = make_panel(100, 4, gaps=True)
    >>> panel.symbols, panel.traded.sum(axis=0).tolist()
    (('S0', 'S1', 'S2', 'S3'), [100, 67, 64, 90])
    """
    faults = [
        Fault(f"make_panel.{name}", f"{count!r} is less than 1", value=count)
        for name, count in (("n_bars", n_bars), ("n_symbols", n_symbols))
        if count < 1
    ]
    if spacing not in _SPACINGS:
        faults.append(unknown_name("make_panel.spacing", "spacing", spacing, _SPACINGS))
    if faults:
        raise ConfigError(faults)
    generator = np.random.default_rng(seed)
    columns = [_walk(generator, n_bars, _BASES[place % len(_BASES)]) for place in range(n_symbols)]
    if gaps:
        columns = [_AWKWARD[place % len(_AWKWARD)](column, generator) for place, column in enumerate(columns)]
    digits = len(str(n_symbols - 1))
    names = [f"S{place:0{digits}d}" for place in range(n_symbols)]
    times = closing_times(n_bars, spacing)
    whole = {name: np.stack([column.arrays[name] for column in columns], axis=1) for name in columns[0].arrays}
    return Panel.from_arrays(times, names, **whole)


def closing_times(n_bars: int, spacing: Spacing = "daily") -> IntArray:
    """Return the closing times of a panel that `make_panel` makes.

    Returns
    -------
    ndarray
        int64, shape (n_bars,), nanoseconds since 1970 UTC.
    """
    per_day = 1 if spacing == "daily" else _HOURS
    places = np.arange(n_bars)
    days = np.busday_offset(np.datetime64(FIRST_DAY.date()), places // per_day).astype("datetime64[D]")
    times: IntArray = days.astype(np.int64) * NS_PER_DAY
    if spacing == "hourly":
        times = times + (_FIRST_HOUR + places % per_day) * (NS_PER_DAY // 24)
    return times


def make_bars(
    symbol: str, closes: Iterable[Decimal | float | str], *, start: datetime = FIRST_DAY
) -> list[HistoricalDataBar]:
    """Make daily bars of closes; each opens at the close before, the first at its own.

    Raises
    ------
    DataError
        If a close is no price.

    Examples
    --------
    >>> [bar.high for bar in make_bars("AAPL", [10, "9.5", 11])]
    [Decimal('10'), Decimal('10'), Decimal('11')]
    """
    bars = []
    before: Decimal | None = None
    for place, close in enumerate(closes):
        price = to_exact(close, f"closes[{place}]")
        opened = price if before is None else before
        high, low = max(opened, price), min(opened, price)
        bars.append(HistoricalDataBar(symbol, start + timedelta(days=place), opened, high, low, price, Decimal(1000)))
        before = price
    return bars


def panel_of_text(text: str) -> Panel:
    """Read a small panel as one writes it down.

    Parameters
    ----------
    text : str
        The first line names the symbols. Each of the others is a bar: its day, or moment in ISO 8601, and for each
        symbol its close, `open/high/low/close`, or `-` where it has no bar. Moments without a zone are UTC.

    Raises
    ------
    DataError
        If a line has another number of cells, or a cell is neither of these.

    Examples
    --------
    >>> panel = panel_of_text('''
    ...             AAPL            TSLA
    ... 2024-01-02  10              -
    ... 2024-01-03  10/12/9.5/11    200
    ... ''')
    >>> panel.close.tolist()
    [[10.0, nan], [11.0, 200.0]]
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not lines:
        raise DataError(Fault("panel_of_text", "the text is empty", "Name the symbols in the first line"))
    symbols, *rows = lines
    faults = [
        Fault(f"panel_of_text, bar {bar}", f"there are {len(row) - 1} cells for {len(symbols)} symbols")
        for bar, row in enumerate(rows)
        if len(row) != len(symbols) + 1
    ]
    if faults:
        raise DataError(faults)
    times = [_moment(row[0], bar) for bar, row in enumerate(rows)]
    cells = np.array([[_cell(cell, bar) for cell in row[1:]] for bar, row in enumerate(rows)], np.float64)
    cells = cells.reshape(len(rows), len(symbols), 4)
    opened, high, low, close = (cells[:, :, place] for place in range(4))
    return Panel.from_arrays(times, symbols, open=opened, high=high, low=low, close=close)


def _moment(text: str, bar: int) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        problem = f"{text!r} is no day or moment in ISO 8601, such as 2024-01-02"
        raise DataError(Fault(f"panel_of_text, bar {bar}", problem, value=text)) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _cell(text: str, bar: int) -> Sequence[float]:
    if text == _ABSENT:
        return (np.nan,) * 4
    parts = text.split("/")
    try:
        numbers = tuple(float(part) for part in parts)
    except ValueError:
        numbers = ()
    if len(numbers) not in {1, 4}:
        problem = f"{text!r} is neither a close, nor open/high/low/close, nor {_ABSENT!r}"
        raise DataError(Fault(f"panel_of_text, bar {bar}", problem, value=text))
    return numbers * 4 if len(numbers) == 1 else numbers


@dataclass(frozen=True, slots=True)
class _Column:
    # The bars of one symbol: five float64 arrays of shape (T,) by name.
    arrays: dict[str, FloatArray]

    def without(self, missing: AnyArray) -> _Column:
        return _Column({name: np.where(missing, np.nan, values) for name, values in self.arrays.items()})

    def with_volume(self, volume: FloatArray) -> _Column:
        return _Column({**self.arrays, "volume": volume})


def _walk(generator: np.random.Generator, n_bars: int, base: float) -> _Column:
    wave = _WAVE * np.sin(np.arange(n_bars) * 2 * np.pi / _WAVE_BARS + generator.uniform(0, 2 * np.pi))
    close = base * np.exp(np.cumsum(generator.normal(0, _STEP, n_bars) + wave))
    opened = np.concatenate([[base], close[:-1]]) * np.exp(generator.normal(0, _STEP / 4, n_bars))
    high = np.maximum(opened, close) * (1 + np.abs(generator.normal(0, _STEP / 3, n_bars)))
    low = np.minimum(opened, close) / (1 + np.abs(generator.normal(0, _STEP / 3, n_bars)))
    tick = base / _TICKS
    prices = {"open": opened, "high": high, "low": low, "close": close}
    # The decimal that is nearest keeps the order of the four.
    arrays = {name: np.round(np.maximum(np.rint(values / tick), 1) * tick, 9) for name, values in prices.items()}
    volume = np.rint(generator.lognormal(10, 1, n_bars))
    volume[generator.random(n_bars) < 0.05] = 0.0  # noqa: PLR2004  # a bar in twenty without a trade
    return _Column({**arrays, "volume": volume})


def _begin_late(column: _Column, generator: np.random.Generator) -> _Column:
    del generator
    places = np.arange(len(column.arrays["close"]))
    return column.without(places < len(places) // 3)


def _end_early(column: _Column, generator: np.random.Generator) -> _Column:
    places = np.arange(len(column.arrays["close"]))
    return column.without((places >= len(places) - len(places) // 4) | (generator.random(len(places)) < 1 / 8))


def _pause_and_stand_still(column: _Column, generator: np.random.Generator) -> _Column:
    del generator
    n_bars = len(column.arrays["close"])
    places = np.arange(n_bars)
    halved = places >= n_bars // 2
    arrays = {name: np.where(halved, values / 2, values) for name, values in column.arrays.items()}
    still = (places >= n_bars * 3 // 5) & (places < n_bars * 3 // 5 + n_bars // 10)
    price = arrays["close"][n_bars * 3 // 5]
    arrays = {name: np.where(still, price, values) for name, values in arrays.items()}
    paused = (places >= n_bars // 4) & (places < n_bars // 4 + n_bars // 10)
    return _Column(arrays).without(paused).with_volume(np.full(n_bars, np.nan))


def _keep(column: _Column, generator: np.random.Generator) -> _Column:
    del generator
    return column


_AWKWARD: Final = (_keep, _begin_late, _end_early, _pause_and_stand_still)
