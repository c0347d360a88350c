"""Signals on series so short that each number can be worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from orchestrator_technical import (
    MACD,
    ADXTrend,
    Aroon,
    BollingerReversion,
    CCITrend,
    ChandelierTrend,
    DonchianBreakout,
    EMACross,
    Halloween,
    KeltnerBreakout,
    ParabolicSAR,
    SMACross,
    StochasticReversal,
    TrendWithStops,
    TurnOfMonth,
    TwoBarRSI,
)
from strategy_orchestrator import Panel, ProtectiveExits, SignalStrategy
from strategy_orchestrator.arrays import BoolArray


@dataclass(frozen=True)
class Case:
    """A strategy, the closes it sees, and the bars at which it wants something.

    Highs lie `above` the closes, lows `below` them.
    """

    strategy: SignalStrategy
    close: list[float]
    entries: list[int]
    exits: list[int]
    short_entries: list[int] | None = None
    short_exits: list[int] | None = None
    above: float = 0.0
    below: float = 0.0


WAVE = [10.0, 11.0, 12.0, 11.0, 9.0, 8.0, 12.0]
PEAK = [9.5, 10.5, 11.5, 12.5, 13.5, 10.5, 9.5]

CASES = {
    # Averages of 2: 10.5 11.5 11.5 10 8.5 10 from bar 1; of 3: 11 11.33 10.67 9.33 9.67 from bar 2.
    "sma-cross": Case(SMACross(2, 3), WAVE, [2, 3, 6], [4, 5]),
    "sma-cross-short": Case(SMACross(2, 3, side="both"), WAVE, [2, 3, 6], [4, 5], [4, 5], [2, 3, 6]),
    # Only 11.5 is above 1.04 × 11; both 10 and 8.5 are below 0.96 × 10.67 = 10.24 and 0.96 × 9.33.
    "sma-cross-band": Case(SMACross(2, 3, 0.04), WAVE, [2], [4, 5]),
    # Of 2: 11.5 11.17 9.72 8.57 10.86 from bar 2; of 3: 11 11 10 9 10.5.
    "ema-cross": Case(EMACross(2, 3), WAVE, [2, 3, 6], [4, 5]),
    # The differences, 0.5 0.17 −0.28 −0.43 0.36 from bar 2; their average of 2, 0.33 −0.07 −0.31 0.14 from bar 3.
    "macd": Case(MACD(2, 3, 2), WAVE, [6], [3, 4, 5], above=1.0),
    # Six bars up by 1, three down: +DI alone first (ADX 100 from bar 3 on), then −DI the greater one.
    "adx-trend": Case(
        ADXTrend(2, 25.0, "both"),
        [10.5, 11.5, 12.5, 13.5, 14.5, 15.5, 14.5, 13.5, 12.5],
        *([3, 4, 5], [6, 7, 8], [6, 7, 8], [2, 3, 4, 5]),
        above=0.5,
        below=0.5,
    ),
    # The stop rises from 9 until the low of 8 meets it; then it is the highest high, 13.
    "parabolic-sar": Case(ParabolicSAR(), [9.5, 10.5, 11.5, 12.5, 8.5, 7.5], [1, 2, 3], [4, 5], above=0.5, below=0.5),
    # Averages of 2: 10 9.5 10 11.5 12 11 11.5. Bars 1 and 5 are on them; bar 4 is above, but not for the first time.
    "trend-with-stops": Case(
        TrendWithStops(2, side="both"),
        [10.0, 10.0, 9.0, 11.0, 12.0, 12.0, 10.0, 13.0],
        *([3, 7], [2, 6], [6], [3, 4, 7]),
    ),
    # Bar 2: below, then on the average at bar 3, then above: through it all the same.
    "trend-with-stops-rest": Case(TrendWithStops(2), [10.0, 9.0, 9.0, 11.0], [3], [1]),
    # Bar 2 is the highest of three and bar 0 the lowest; at bar 3 the low of bar 1 is met again.
    "aroon": Case(Aroon(2, 70.0, "both"), [10.0, 11.0, 12.0, 11.0, 10.0, 9.0], [2], [3, 4, 5], [3, 4, 5], [2]),
    # With two bars the index is 1 ÷ 0.015 = 66.7, 0 or −66.7.
    "cci-trend": Case(CCITrend(2, 60.0, "both"), [10.0, 12.0, 12.0, 11.0], [1], [2, 3], [3], [1, 2]),
    # Highs 10 11 12 13 14 11 10, lows one less. Bar 5: 10.5 is below the lows 12 and 13, and 11 of bar 2.
    "donchian-breakout": Case(
        DonchianBreakout(3, 2, "both"), PEAK, [3, 4], [5, 6], [5, 6], [2, 3, 4], above=0.5, below=0.5
    ),
    # Exponential averages 10 11 12 13 11.33 10.11 from bar 1; true ranges 1.5 1.5 1.5 2.5 2 from bar 2.
    "keltner-breakout": Case(
        KeltnerBreakout(2, 2, 0.3, "both"), PEAK, [2, 3, 4], [5, 6], [5, 6], [1, 2, 3, 4], above=0.5, below=0.5
    ),
    # Bar 5: 10.5 is below 14 − 2.5; bar 6: 9.5 is above 11 − 2. From below, 13 − 1 + 1.5 is never passed.
    "chandelier-trend": Case(ChandelierTrend(3, 2, 1.0, "both"), PEAK, [3, 4], [5], [5, 6], [], above=0.5, below=0.5),
    # Bar 3: middle 9, deviation 1.41. Bar 4: 10 is above 9, within 10.41. Bar 5: middle 9.67, deviation 2.05.
    "bollinger-reversion": Case(
        BollingerReversion(3, 1.0, "both"), [10.0, 10.0, 10.0, 7.0, 10.0, 12.0], [3], [4, 5], [5], [3]
    ),
    # Index 100 while it rises, 100 × 1 ÷ 1.5 = 66.7 at bar 5; 17 is above 16.25, below 17.5.
    "rsi-2": Case(TwoBarRSI(2, 70.0, 90.0, 4, 2), [10.0, 12.0, 14.0, 16.0, 18.0, 17.0], [5], [1, 2, 3, 4]),
    "rsi-2-short": Case(
        TwoBarRSI(2, 10.0, 30.0, 4, 2, "both"),
        [18.0, 16.0, 14.0, 12.0, 10.0, 11.0],
        *([], [5], [5], [1, 2, 3, 4]),
    ),
    # Raw %K 0 0 100 100 0 from bar 1; %K 0 50 100 50 from bar 2; %D 25 75 75 from bar 3.
    "stochastic-reversal": Case(
        StochasticReversal(2, 2, 30.0, 70.0, "both"), [10.0, 9.0, 8.0, 9.0, 10.0, 9.0], [3], [5], [5], [3]
    ),
}


def panel_of(case: Case) -> Panel:
    """Make a panel of one symbol, daily."""
    close = np.array(case.close)[:, None]
    times = [datetime(2021, 3, 1, tzinfo=UTC) + timedelta(days=day) for day in range(len(close))]
    return Panel.from_arrays(times, ["A"], open=close, high=close + case.above, low=close - case.below, close=close)


def bars_of(marks: BoolArray | None) -> list[int] | None:
    """Return where the only symbol is marked."""
    return None if marks is None else np.flatnonzero(marks[:, 0]).tolist()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_signals_come_where_they_were_worked_out(case: Case) -> None:
    """Entries, exits and their short counterparts are at the bars that the comment explains."""
    signals = case.strategy.signals(panel_of(case))
    assert bars_of(signals.entries) == case.entries
    assert bars_of(signals.exits) == case.exits
    assert bars_of(signals.short_entries) == case.short_entries
    assert bars_of(signals.short_exits) == case.short_exits


def days_of(strategy: SignalStrategy, first: str, last: str, *, weekdays: bool = True) -> tuple[list[str], list[str]]:
    """Return the days on which a strategy enters and on which it leaves, if there is a bar on every (week)day."""
    days = np.arange(first, np.datetime64(last) + 1, dtype="datetime64[D]")
    days = days[np.is_busday(days)] if weekdays else days
    close = np.full((len(days), 1), 10.0)
    times = days.astype("datetime64[ns]") + np.timedelta64(21, "h")
    signals = strategy.signals(Panel.from_arrays(times, ["A"], open=close, high=close, low=close, close=close))
    assert (signals.entries ^ signals.exits).all()
    entries, exits = (np.datetime_as_string(days[marks[:, 0]]) for marks in (signals.entries, signals.exits))
    return [day[5:] for day in entries.tolist()], [day[5:] for day in exits.tolist()]


@pytest.mark.parametrize(
    ("options", "entries"),
    [
        ((1, 3), ["01-28", "01-29", "02-01", "02-02"]),
        ((2, 0), ["01-27", "01-28"]),
        ((0, 1), ["01-29"]),
        ((0, 2), ["01-29", "02-01"]),
    ],
)
def test_the_turn_of_the_month_is_decided_a_day_ahead(options: tuple[int, int], entries: list[str]) -> None:
    """2021-01-29 is the last weekday of January: a position for it is asked for on the 28th."""
    found, exits = days_of(TurnOfMonth(*options), "2021-01-25", "2021-02-05")
    assert found == entries
    assert "02-03" in exits


def test_days_without_a_session_count_as_what_they_are() -> None:
    """On a Saturday that ends a month no weekday is to come; on a Sunday that begins one none has passed."""
    found, _ = days_of(TurnOfMonth(1, 1), "2020-10-28", "2020-11-03", weekdays=False)
    assert found == ["10-29", "10-30", "10-31", "11-01"]


@pytest.mark.parametrize(
    ("options", "months"),
    [
        ((11, 4), {1, 2, 3, 4, 11, 12}),
        ((2, 3), {2, 3}),
        ((5, 5), {5}),
    ],
)
def test_a_season_is_its_months(options: tuple[int, int], months: set[int]) -> None:
    """All days of the months and no other; the season may run over the end of the year."""
    entries, exits = days_of(Halloween(*options), "2021-01-01", "2021-12-31")
    assert {int(day[:2]) for day in entries} == months
    assert {int(day[:2]) for day in exits} == set(range(1, 13)) - months


def test_stops_are_handed_to_the_kernel() -> None:
    """Fractions arrive as they were written, what is none is omitted."""
    assert TrendWithStops().protective_exits == ProtectiveExits(stop_loss=Decimal("0.08"))
    strategy = TrendWithStops(50, 0.1, 0.2, 0.3, 20)
    assert strategy.protective_exits == ProtectiveExits(Decimal("0.1"), Decimal("0.3"), Decimal("0.2"), 20)
