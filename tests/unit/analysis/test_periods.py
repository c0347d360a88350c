"""Valuation days per year, and where the number comes from."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np
import pytest

from strategy_orchestrator.analysis import periods_per_year
from strategy_orchestrator.errors import ConfigError, MissingExtraError
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from tests.unit.analysis.builders import make_panel


def panel_on(days: Sequence[float], calendar: str | None = None) -> Panel:
    """Make a panel with bars on some days, counted from a Monday."""
    return make_panel(np.full((len(days), 1), 10.0), days=days, calendar=calendar)


def found(days: Sequence[float]) -> tuple[Decimal, str]:
    """Return what the timestamps alone say."""
    return periods_per_year(OrchestratorConfig(), panel_on(days))


# Sessions from 2010 to 2024 by exchange_calendars, a fifteenth of them.
SESSIONS: Final = {
    "XNYS": 252, "XTSE": 251, "XLON": 253, "XETR": 254, "XPAR": 256, "XCSE": 250, "XTKS": 245, "XHKG": 246, "XSHG": 243,
    "CMES": 258, "BVMF": 248, "24/5": 261, "24/7": 365,
}  # fmt: skip


@pytest.mark.parametrize(("name", "sessions"), SESSIONS.items())
def test_the_usual_calendars_are_known(name: str, sessions: int) -> None:
    """Their sessions per year need no library."""
    assert periods_per_year(OrchestratorConfig(calendar=name), panel_on([0])) == (sessions, f"calendar {name}")


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "long", reason="takes half a minute")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SESSIONS)
def test_they_are_those_of_the_library(name: str) -> None:
    """Counted over fifteen years, the rounded mean is the number that is known."""
    library = pytest.importorskip("exchange_calendars")
    calendar = library.get_calendar(name, start="2010-01-01", end="2024-12-31")
    assert round(len(calendar.sessions) / 15) == SESSIONS[name]


def test_a_given_number_wins_over_every_calendar() -> None:
    """The option is taken as it is."""
    config = OrchestratorConfig(periods_per_year=Decimal("12.5"), calendar="XNYS")
    assert periods_per_year(config, panel_on([0], "24/7")) == (Decimal("12.5"), "given")


def test_the_calendar_of_the_run_wins_over_that_of_the_data() -> None:
    """The run's calendar is taken first, then the one that the source names."""
    config = OrchestratorConfig(calendar="24/7")
    assert periods_per_year(config, panel_on([0], "XNYS")) == (Decimal(365), "calendar 24/7")
    assert periods_per_year(OrchestratorConfig(), panel_on([0], "XNYS")) == (Decimal(252), "calendar XNYS")


def test_a_rare_calendar_is_counted_by_the_library() -> None:
    """Calendars that are not built in come from exchange_calendars, over fixed years."""
    periods, source = periods_per_year(OrchestratorConfig(calendar="XWBO"), panel_on([0]))
    assert 245 <= periods <= 255
    assert source == "calendar XWBO, mean of 2021 to 2024"


def test_an_unknown_calendar_is_refused_with_the_nearest_name() -> None:
    """The message says which field is wrong and what was perhaps meant."""
    with pytest.raises(
        ConfigError, match=r"^calendar: no trading calendar is called 'XNYSE'; .*Did you mean 'XNYS'\?$"
    ):
        periods_per_year(OrchestratorConfig(calendar="XNYSE"), panel_on([0]))


def test_the_calendar_of_the_data_is_named_as_such_in_errors() -> None:
    """A wrong name in the data is not blamed on the options."""
    with pytest.raises(ConfigError, match=r"^the data's calendar: no trading calendar is called 'Mars'"):
        periods_per_year(OrchestratorConfig(), panel_on([0], "Mars"))


def test_a_calendar_that_the_library_cannot_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's complaint is passed on with a way out."""
    library = pytest.importorskip("exchange_calendars")

    def refuse(*_: object, **__: object) -> None:
        raise NotImplementedError("no holidays")

    monkeypatch.setattr(library, "get_calendar", refuse)
    expected = r"cannot count the sessions of 'XWBO': no holidays\. Give periods_per_year instead\.$"
    with pytest.raises(ConfigError, match=expected):
        periods_per_year(OrchestratorConfig(calendar="XWBO"), panel_on([0]))


@pytest.mark.parametrize(("name", "hint"), [("XNYSE", r" \(nearest: 'XNYS'\)"), ("Mars", "")])
def test_a_missing_library_is_asked_for_by_its_exact_line(
    monkeypatch: pytest.MonkeyPatch, name: str, hint: str
) -> None:
    """Without the extra, other calendars name the line that installs it; built-in ones need nothing."""
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    expected = (
        rf"^calendar: no built-in calendar is called '{name}'{hint}; others need the optional library "
        r'exchange_calendars\. Run: pip install "strategy-orchestrator\[calendars\]"\.$'
    )
    with pytest.raises(MissingExtraError, match=expected):
        periods_per_year(OrchestratorConfig(calendar=name), panel_on([0]))
    assert periods_per_year(OrchestratorConfig(calendar="XTKS"), panel_on([0]))[0] == 245


def test_years_of_weekdays_give_their_rate() -> None:
    """A year or more is counted: valuation days per 365.25 days."""
    weekdays = [day for day in range(7 * 104) if day % 7 < 5]
    periods, source = found(weekdays)
    assert periods == Decimal(repr(519 * 365.25 / 725)).quantize(Decimal("0.01"))
    assert source == "derived from the timestamps: 520 valuation days in 726 calendar days"


def test_years_of_monthly_bars_are_twelve() -> None:
    """The rule holds for other steps than days."""
    assert found([round(place * 365.25 / 12) for place in range(49)])[0] == Decimal("12.00")


@pytest.mark.parametrize(
    ("days", "expected", "words"),
    [
        ([0], 252, "1 valuation day from Monday to Friday only"),
        ([5], 365, "1 valuation day on weekends too"),
        ([0, 1, 2, 3, 4, 7, 8], 252, "7 valuation days from Monday to Friday only"),
        ([4, 7], 252, "2 valuation days from Monday to Friday only"),
        (list(range(10)), 365, "10 valuation days on weekends too"),
        ([0.25, 0.5, 1.25, 1.5], 252, "2 valuation days from Monday to Friday only"),
    ],
)
def test_a_few_days_follow_the_custom_of_their_weekdays(days: list[float], expected: int, words: str) -> None:
    """Daily bars of less than a year are taken for 252 or 365 days, and the source says why."""
    assert found(days) == (Decimal(expected), f"derived from the timestamps: {words}")


def test_a_few_weekly_bars_are_not_taken_for_daily_ones() -> None:
    """Fridays alone are weeks, though no weekend is among them."""
    periods, source = found([4, 11, 18, 25])
    assert periods == Decimal("52.18")
    assert source == "derived from the timestamps: 4 valuation days, one in 7 calendar days"
