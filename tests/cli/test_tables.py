"""How a result looks."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from strategy_orchestrator.cli.tables import show_check, show_run
from tests.cli.summaries import metrics, strategy, summary

WIDTH = 80


def console(stream: io.StringIO) -> Console:
    """Return a console that writes plain text 80 characters wide."""
    return Console(file=stream, width=WIDTH, markup=False, highlight=False, emoji=False)


def shown(content: dict[str, Any]) -> list[str]:
    """Return what is printed of a summary, line by line."""
    stream = io.StringIO()
    show_run(content, "runs/one", console(stream))
    return stream.getvalue().splitlines()


def checked(**changes: Any) -> str:
    """Return what is printed after a check."""
    found: dict[str, Any] = {
        "file": "run.toml",
        "strategies": {"RSIStrategy_0": "rsi"},
        "symbols": ["AAPL", "IBM"],
        "bars": 1,
        "first": "2000-03-01T00:00:00+00:00",
        "last": "2000-03-01T16:00:00+00:00",
        "data_warnings": [],
    }
    stream = io.StringIO()
    show_check(found | changes, console(stream))
    return stream.getvalue()


def line_with(start: str, lines: list[str]) -> str:
    """Return the first line that begins so."""
    return next(line for line in lines if line.startswith(start))


def test_the_tables_fit_eighty_characters() -> None:
    """Three strategies with names of twenty letters stand in lines that do not wrap."""
    lines = shown(summary())
    rows = [line for line in lines if line.startswith(("BuyAndHoldStrategy_0 ", "portfolio ", "reserve "))]
    assert rows == [
        "BuyAndHoldStrategy_0 123.5% 6.4% 21.3%   0.41  45.1%  1,234 38.5%    73,740.48",
        "portfolio            123.5% 6.4% 21.3%   0.41  45.1%  1,234 38.5%   221,221.44",
        "BuyAndHoldStrategy_0           33.0%  41.2% 33,000.00       0   0       0",
        "reserve                         1.0%   0.5%  1,000.00                    ",
    ]


def test_the_lines_tell_what_happened() -> None:
    """Conflicts, blocks, rebalances, periods and the folder stand below the tables."""
    lines = shown(summary())
    assert lines[0] == "3 strategies over 5 symbols, 3,270 bars, 2000-03-01 to 2013-03-01, capital 100,000.00"
    assert lines[-9:] == [
        "",
        "Conflicts: 17 (FIRST_WINS): buyers won 10, sellers 4, neither 3; IBM 12, AAPL 5",
        "Capital blocks: 3 (no_cash 2, below_lot 1); entries cut to what could be paid: 25",
        "Rebalances: 2; moved 1,234.50, sold 1,000.00, cost 1.50, turnover 1.1% a year",
        "Data warning: AAPL, 2000-06-21: close falls to 0.505 of the bar before; a split of 2:1 is likely",
        "Periods per year: 252 (calendar XNYS)",
        "Time: 0.31 s, compile seconds 1.20 s, run seconds 0.02 s",
        f"Fingerprint: {'ab' * 32}",
        "Run folder: runs/one",
    ]


def test_correlated_pairs_are_named() -> None:
    """Pairs are told as diversifying or redundant, and as weak over few days."""
    lines = shown(summary())
    place = lines.index("Correlation of daily returns")
    assert lines[place + 1 : place + 4] == [
        "   0.91  BuyAndHoldStrategy_0, MomentumStrategy_0: redundant (above 0.8)",
        "   0.12  BuyAndHoldStrategy_0, RSIStrategy_0: diversifying (below 0.3); weak, 20 days only",
        "    n/a  MomentumStrategy_0, RSIStrategy_0",
    ]


def test_of_many_pairs_those_that_say_something_come_first() -> None:
    """More pairs than fit a screen are cut behind those that are diversifying or redundant, and counted."""
    pairs = [
        {"first": f"A{place}", "second": "B", "value": "0.5", "n_days": 99, "is_weak": False} for place in range(20)
    ]
    correlation = {"pairs": pairs, "diversifying": [], "redundant": [["A19", "B"]]}
    lines = shown(summary(correlation=correlation))
    place = lines.index("Correlation of daily returns")
    assert lines[place + 1] == "   0.50  A19, B: redundant (above 0.8)"
    assert "8 more pairs: --json shows all" in lines


def test_one_strategy_has_no_correlation() -> None:
    """Without pairs nothing is said of them."""
    empty: dict[str, list[Any]] = {"pairs": [], "diversifying": [], "redundant": []}
    assert "Correlation of daily returns" not in shown(summary(correlation=empty))


def test_undefined_measures_are_told_with_the_reason() -> None:
    """A measure that is null is n/a in the table and explained once for all it concerns."""
    undefined = metrics(cagr=None, undefined={"cagr": "the run is shorter than a year"})
    content = summary(strategies={"A_0": strategy(metrics=undefined), "B_0": strategy(metrics=undefined)})
    lines = shown(content)
    assert line_with("A_0", lines).split()[:3] == ["A_0", "123.5%", "n/a"]
    assert line_with("n/a", lines) == "n/a: cagr of A_0, B_0: the run is shorter than a year"


def test_why_a_strategy_traded_nothing_is_told() -> None:
    """The explanation of a strategy without trades is a line."""
    idle = strategy(activity={"n_signals": 0, "explanation": "it never gave a signal"})
    assert "No trade: A_0: it never gave a signal" in shown(summary(strategies={"A_0": idle}))


def test_ruin_and_quarantine_are_told() -> None:
    """A sleeve that was closed is named."""
    content = summary(strategies={"A_0": strategy(is_ruined=True), "B_0": strategy(is_quarantined=True)})
    lines = shown(content)
    assert line_with("Ruined: A_0", lines)
    assert line_with("Quarantined: B_0", lines)


def test_a_run_without_events_says_none() -> None:
    """No conflict, block or rebalance is told as none."""
    content = summary(
        conflicts={"mode": "NET_SIGNAL", "detected": 0, "dropped_by_strategy": {}},
        capital_limit={"blocked": 0, "blocked_by_strategy": {}, "cut": 0, "cut_by_strategy": {}},
        rebalancing={"n_rebalances": 0},
        data_warnings=[],
    )
    lines = shown(content)
    assert "Conflicts: none (NET_SIGNAL)" in lines
    assert "Capital blocks: none; entries cut to what could be paid: 0" in lines
    assert "Rebalances: none" in lines


def test_ruined_capital_has_no_shares() -> None:
    """Shares of an equity of zero or less are n/a."""
    whole = {**summary()["aggregate"], "final_equity": "-5"}
    assert line_with("reserve", shown(summary(aggregate=whole))).split()[:3] == ["reserve", "1.0%", "n/a"]


def test_a_name_cannot_color_the_screen() -> None:
    """Brackets are no markup and control characters are escaped."""
    lines = shown(summary(strategies={"[red]\x1b[31mA": strategy()}))
    assert line_with("[red]\\x1b[31mA ", lines)


def test_a_long_name_is_folded_and_no_number_is_lost() -> None:
    """A name that does not fit takes two lines; its numbers stay whole."""
    lines = shown(summary(strategies={"AverageReversionOfPairsStrategy_0": strategy()}))
    assert all(len(line) <= WIDTH for line in lines[1:8])
    assert any("73,740.48" in line for line in lines)


def test_many_data_warnings_are_cut_and_counted() -> None:
    """More warnings than fit a screen are counted."""
    lines = shown(summary(data_warnings=[f"A{place}" for place in range(13)]))
    assert sum(line.startswith("Data warning: ") for line in lines) == 12
    assert "1 more data warning: --json shows all" in lines


def test_a_check_names_what_was_found() -> None:
    """Strategies, symbols, bars and days of a checked file are printed."""
    assert checked(data_warnings=["odd"]).splitlines() == [
        "run.toml: no fault. 1 strategy, 2 symbols, 1 bar, 2000-03-01 to 2000-03-01T16:00:00+00:00.",
        "  RSIStrategy_0: rsi",
        "Data warning: odd",
    ]


def test_the_console_of_the_process_is_used(capsys: Any) -> None:
    """Without a console the tables go to standard output, without colors when it is no terminal."""
    show_run(summary(), "runs/one")
    text = capsys.readouterr().out
    assert "portfolio" in text
    assert "\x1b" not in text
