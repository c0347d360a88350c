"""What came of the run: key figures, a row a strategy, and how the measures are counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.money import to_decimal
from strategy_orchestrator.report.curves import left_out
from strategy_orchestrator.report.markup import (
    NOTHING,
    Cell,
    Html,
    bullets,
    element,
    joined,
    label,
    name,
    number,
    paragraph,
    table,
    text,
)
from strategy_orchestrator.report.section import Section, head
from strategy_orchestrator.report.words import ABSENT, count, exact, moment, money, percent, ratio, sign_of

PORTFOLIO: Final = "Portfolio"
MOST_ROWS: Final = 200
"""So many strategies have a row of their own."""

_OWN_EXTRA: Final = ("sharpe_ratio_lagged", "sharpe_standard_error", "n_returns", "max_drawdown_is_open")
_NAN: Final = Decimal("NaN")
_MEASURES: Final = (
    ("Return", "Last equity ÷ starting capital − 1."),
    ("CAGR", "(End ÷ start)^(365.25 ÷ calendar days) − 1; not defined below one year."),
    ("Volatility", "Sample standard deviation of the daily returns × √P, P being the periods per year."),
    ("Sharpe", "Mean(r − rf) ÷ std(r − rf) × √P (Sharpe 1994); its standard error is that of Lo (2002)."),
    ("One bar later", "The Sharpe ratio with every fill one bar later: how much hangs on speed."),
    ("Sortino", "(Mean(r) − rf) × P ÷ (√mean(min(r − rf, 0)²) × √P), over all n."),
    ("Calmar", "CAGR ÷ deepest drawdown."),
    ("Drawdown", "The deepest fall below the running peak, starting capital included, on valuation days."),
    ("Days", "Calendar days from the peak before the deepest drawdown to its recovery; + when that is not over."),
    ("Wins", "Winning ÷ all closed trades; those closed by the end of the data count."),
    ("Profit factor", "Gross profit ÷ gross loss, net of costs."),
    ("Exposure", "Mean over bars of gross market value ÷ equity."),
    ("Turnover", "(Bought + sold) ÷ mean equity, per year."),
)


def overview(result: OrchestratorResult) -> Section:
    """Return the first section."""
    shown = [*result.strategy_results][:MOST_ROWS]
    note = left_out([*result.strategy_results], MOST_ROWS)
    parts = [
        _key_figures(result),
        _table(result, shown),
        paragraph(text(note), "note") if note else NOTHING,
        _more_measures(result, shown),
        _further(result, shown),
        _without_end(result, shown),
        _undefined(result),
        _conventions(result),
    ]
    return Section("summary", "Summary", joined(parts))


def headline(result: OrchestratorResult) -> str:
    """Say in a line what was run."""
    record = result.record
    first, last = record.panel.timestamps[0], record.panel.timestamps[record.n_bars - 1]
    return (
        f"{count(len(record.strategy_ids), 'strategy', 'strategies')} over {count(record.panel.n_symbols, 'symbol')}, "
        f"{count(record.n_bars, 'bar')}, {moment(first)} to {moment(last)}"
    )


def _key_figures(result: OrchestratorResult) -> Html:
    metrics, (_, final) = result.aggregate_metrics, result.aggregate_equity_curve[-1]
    figures = (
        ("Final equity", money(final), ""),
        ("Return", percent(metrics.total_return), sign_of(metrics.total_return)),
        ("CAGR", percent(metrics.cagr), sign_of(metrics.cagr)),
        ("Sharpe", ratio(metrics.sharpe_ratio), ""),
        ("Max drawdown", percent(metrics.max_drawdown), ""),
        ("Volatility", percent(metrics.volatility), ""),
        ("Trades", f"{metrics.total_trades:,}", ""),
    )
    cards = [
        element("div", joined([element("dt", text(title)), element("dd", text(value), {"class": kind})], ""))
        for title, value, kind in figures
    ]
    return element("dl", joined(cards), {"class": "figures"})


def _rows(result: OrchestratorResult, shown: Sequence[str]) -> Iterator[tuple[Html, PerformanceMetrics, Decimal]]:
    for each in shown:
        item = result.strategy_results[each]
        marks = [word for word, is_so in (("ruined", item.is_ruined), ("quarantined", item.is_quarantined)) if is_so]
        badges = joined([element("span", text(word), {"class": "badge"}) for word in marks], " ")
        yield joined([name(each), badges], " ") if marks else name(each), item.metrics, item.final_equity
    yield text(PORTFOLIO), result.aggregate_metrics, result.aggregate_equity_curve[-1][1]


def _table(result: OrchestratorResult, shown: Sequence[str]) -> Html:
    titles = (
        "Return",
        "CAGR",
        "Volatility",
        "Sharpe",
        "Drawdown",
        "Days",
        "Trades",
        "Wins",
        "Exposure",
        "Final equity",
    )
    *rows, whole = [
        [
            label(owner),
            number(percent(metrics.total_return), sign_of(metrics.total_return)),
            number(percent(metrics.cagr), sign_of(metrics.cagr)),
            number(percent(metrics.volatility)),
            number(ratio(metrics.sharpe_ratio)),
            number(percent(metrics.max_drawdown)),
            number(f"{metrics.max_drawdown_duration_days:,}{'+' if _is_open(metrics) else ''}"),
            number(f"{metrics.total_trades:,}"),
            number(percent(metrics.win_rate)),
            number(percent(metrics.exposure)),
            number(money(final)),
        ]
        for owner, metrics, final in _rows(result, shown)
    ]
    return table("Strategies and portfolio", [label(text("Strategy")), *map(head, titles)], rows, whole)


def _is_open(metrics: PerformanceMetrics) -> bool:
    return metrics.extra.get("max_drawdown_is_open") == 1


def _more_measures(result: OrchestratorResult, shown: Sequence[str]) -> Html:
    titles = (
        "Sharpe",
        "Std. error",
        "One bar later",
        "Sortino",
        "Calmar",
        "Profit factor",
        "Mean win",
        "Mean loss",
        "Mean trade",
        "Turnover",
    )
    *rows, whole = [
        [
            label(owner),
            number(ratio(metrics.sharpe_ratio)),
            number(ratio(metrics.extra.get("sharpe_standard_error", _NAN))),
            number(ratio(metrics.extra.get("sharpe_ratio_lagged", _NAN))),
            number(ratio(metrics.sortino_ratio)),
            number(ratio(metrics.calmar_ratio)),
            number(ratio(metrics.profit_factor)),
            number(money(metrics.average_win)),
            number(money(metrics.average_loss)),
            number(money(metrics.expectancy)),
            number(percent(metrics.turnover)),
        ]
        for owner, metrics, _ in _rows(result, shown)
    ]
    heads = [label(text("Strategy")), *map(head, titles)]
    return _folded("More measures", table("More measures", heads, rows, whole))


def _further(result: OrchestratorResult, shown: Sequence[str]) -> Html:
    measures = [each for each in result.aggregate_metrics.extra if each not in _OWN_EXTRA]
    if not measures:
        return NOTHING
    *rows, whole = [
        [label(owner), *(number(ratio(metrics.extra.get(each, _NAN), 4)) for each in measures)]
        for owner, metrics, _ in _rows(result, shown)
    ]
    heads = [label(text("Strategy")), *(Cell(name(each), {"class": "number"}) for each in measures)]
    return table("Measures of plug-ins", heads, rows, whole)


def _without_end(result: OrchestratorResult, shown: Sequence[str]) -> Html:
    items = [(each, result.strategy_results[each]) for each in shown]
    changed = [
        (each, item)
        for each, item in items
        if item.metrics.total_trades != item.metrics_without_end_of_data.total_trades
    ]
    if not changed:
        return NOTHING
    rows = [
        [
            label(name(each)),
            number(f"{item.metrics.total_trades - own.total_trades:,}"),
            number(f"{own.total_trades:,}"),
            number(percent(own.win_rate)),
            number(ratio(own.profit_factor)),
            number(money(own.expectancy), sign_of(own.expectancy)),
        ]
        for each, item in changed
        for own in [item.metrics_without_end_of_data]
    ]
    titles = ("Closed by the end", "Own trades", "Wins", "Profit factor", "Mean profit")
    return _folded(
        "Without the trades that the end of the data closed",
        table("Trades that the strategies closed themselves", [label(text("Strategy")), *map(head, titles)], rows),
    )


def _undefined(result: OrchestratorResult) -> Html:
    # One line a reason, for the same measure is usually undefined for all.
    owners: dict[tuple[str, str], list[str]] = {}
    every = [*((each, item.metrics) for each, item in result.strategy_results.items())]
    for owner, metrics in [*every, (PORTFOLIO, result.aggregate_metrics)]:
        for measure, reason in metrics.undefined.items():
            owners.setdefault((measure, reason), []).append(owner)
    lines = [
        joined([text(f"{ABSENT}: {measure} of "), _some(names), text(f": {reason}")], "")
        for (measure, reason), names in owners.items()
    ]
    return bullets(lines, "note")


def _some(names: Sequence[str], most: int = 8) -> Html:
    more = [text(f"{len(names) - most:,} more")] if len(names) > most else []
    return joined([*map(name, names[:most]), *more], ", ")


def _conventions(result: OrchestratorResult) -> Html:
    periods = f"{exact(result.periods_per_year)} periods per year ({result.periods_source})"
    rate = f"risk-free rate {percent(result.config.risk_free_rate, 2)} a year"
    capital = f"starting capital {money(to_decimal(result.record.initial_capital))}"
    said = joined([text(f"{periods}, {rate}, {capital}.")], "")
    terms = [joined([element("dt", text(term)), element("dd", text(words))], "") for term, words in _MEASURES]
    return _folded(
        "How these are measured", joined([paragraph(said), element("dl", joined(terms), {"class": "terms"})])
    )


def _folded(title: str, content: Html) -> Html:
    return element("details", joined([element("summary", text(title)), content]))
