"""How many valuation days a year has, and how that is known."""

from __future__ import annotations

import warnings
from decimal import Decimal
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.clock import days_of
from strategy_orchestrator.errors import ConfigError, Fault, MissingExtraError, nearest, unknown_name
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.streams import Prices

DAYS_PER_YEAR: Final = 365.25
"""Calendar days in a year, on average."""
LEAST_DAYS: Final = 365
"""Calendar days below which a run covers less than one year."""

# Mean number of sessions from 2010 to 2024, rounded; 252 and 365 by custom.
_SESSIONS: Final = {
    **dict.fromkeys(("XNYS", "XNAS", "XASE", "ARCX", "BATS", "NYSE", "NASDAQ", "XMEX"), 252),
    **dict.fromkeys(("XTSE", "TSX", "XSWX", "SIX", "XSTO", "XHEL", "XOSL", "XSES", "XNZE"), 251),
    **dict.fromkeys(("XLON", "LSE", "XASX", "ASX"), 253),
    **dict.fromkeys(("XETR", "XFRA", "XMIL"), 254),
    **dict.fromkeys(("XPAR", "XAMS", "XBRU", "XLIS", "XMAD"), 256),
    **dict.fromkeys(("XCSE", "XJSE"), 250),
    **dict.fromkeys(("XTKS", "JPX", "XTAI"), 245),
    **dict.fromkeys(("XHKG", "HKEX", "XKRX", "XBOM", "XNSE"), 246),
    **dict.fromkeys(("XSHG", "XSHE", "SSE"), 243),
    **dict.fromkeys(("CMES", "CME", "us_futures"), 258),
    "BVMF": 248,
    "24/5": 261,
    "24/7": 365,
}
# Whole years in which every calendar of the library knows its sessions.
_FIRST_YEAR: Final = 2021
_LAST_YEAR: Final = 2024

_STEP: Final = Decimal("0.01")
_EPOCH: Final = np.datetime64(0, "D")
_WEEKDAYS_ONLY: Final = Decimal(252)
_EVERY_DAY: Final = Decimal(365)


def periods_per_year(config: OrchestratorConfig, panel: Prices) -> tuple[Decimal, str]:
    """Return the number of valuation days a year, and where it comes from.

    The first of these that there is: `config.periods_per_year`; the sessions per year of `config.calendar`; those of
    the calendar that the panel names; what the timestamps show.

    Returns
    -------
    Decimal
        Greater than 0.
    str
        Its source in words, for instance "given" or "calendar XNYS".

    Raises
    ------
    ConfigError
        If nobody knows the calendar.
    MissingExtraError
        If the calendar is not one of the usual ones and the optional library that may know it is not installed.
    """
    if config.periods_per_year is not None:
        return config.periods_per_year, "given"
    if config.calendar is not None:
        return _of_calendar(config.calendar, "calendar")
    if panel.calendar is not None:
        return _of_calendar(panel.calendar, "the data's calendar")
    days = days_of(panel.timestamps_ns)
    # Timestamps rise, so that equal days stand side by side.
    return _of_days(days[np.append(True, days[1:] != days[:-1])])


def _of_calendar(name: str, where: str) -> tuple[Decimal, str]:
    if name in _SESSIONS:
        return Decimal(_SESSIONS[name]), f"calendar {name}"
    library = _calendars(name, where)
    known = library.get_calendar_names()
    if name not in known:
        fault = unknown_name(where, "trading calendar", name, {*known, *_SESSIONS})
        raise ConfigError(fault)
    try:
        with warnings.catch_warnings():
            # The library's use of other libraries is no concern of the user's.
            warnings.simplefilter("ignore")
            calendar = library.get_calendar(name, start=f"{_FIRST_YEAR}-01-01", end=f"{_LAST_YEAR}-12-31")
        n_sessions = len(calendar.sessions)
    except (ValueError, NotImplementedError, library.errors.CalendarError) as error:
        problem = f"exchange_calendars cannot count the sessions of {name!r}: {' '.join(str(error).split())}"
        raise ConfigError(Fault(where, problem, "Give periods_per_year instead", name)) from error
    mean = Decimal(n_sessions) / (_LAST_YEAR - _FIRST_YEAR + 1)
    return mean.to_integral_value(), f"calendar {name}, mean of {_FIRST_YEAR} to {_LAST_YEAR}"


def _calendars(name: str, where: str) -> Any:
    # The one place that loads exchange_calendars, which brings pandas.
    try:
        import exchange_calendars  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        guess = nearest(name, _SESSIONS)
        hint = "" if guess is None else f" (nearest: {guess!r})"
        problem = f"no built-in calendar is called {name!r}{hint}; others need the optional library exchange_calendars"
        remedy = 'Run: pip install "strategy-orchestrator[calendars]"'
        raise MissingExtraError(Fault(where, problem, remedy, name)) from None
    return exchange_calendars


def _of_days(days: IntArray) -> tuple[Decimal, str]:
    span = int(days[-1] - days[0])
    if span >= LEAST_DAYS:
        found = f"{len(days):,} valuation days in {span + 1:,} calendar days"
        return _quantized((len(days) - 1) * DAYS_PER_YEAR / span), f"derived from the timestamps: {found}"
    return _of_few_days(days)


def _of_few_days(days: IntArray) -> tuple[Decimal, str]:
    dates = _EPOCH + days
    # Less than a year tells holidays badly, so the custom for daily prices is taken where they are daily.
    if np.is_busday(dates).all():
        gap, usual, seen = np.busday_count(dates[:-1], dates[1:]), _WEEKDAYS_ONLY, "from Monday to Friday only"
    else:
        gap, usual, seen = np.diff(days), _EVERY_DAY, "on weekends too"
    counted = f"derived from the timestamps: {len(days):,} valuation {'day' if len(days) == 1 else 'days'}"
    if len(days) == 1 or np.median(gap) == 1:
        return usual, f"{counted} {seen}"
    every = float(np.median(np.diff(days)))
    return _quantized(DAYS_PER_YEAR / every), f"{counted}, one in {every:g} calendar days"


def _quantized(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(_STEP)
