"""What the run stood on: warnings about the data, options, plug-ins, versions, hashes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.money import plain, to_decimal
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
from strategy_orchestrator.report.words import count, exact, money, percent

_MOST_WARNINGS: Final = 200
_MOST_SYMBOLS: Final = 500
_FILLS: Final = {
    "next_open": "Orders decided at the close of a bar fill at the open of the next one.",
    "close": "Orders fill at the close of the bar that decides them.",
}
_PROFITS: Final = {
    "compound": "Realized profit stays in the sleeve that made it.",
    "sweep": "Realized gains go to the reserve.",
}


def warning_section(result: OrchestratorResult) -> Section:
    """Return what the readers found odd about the prices."""
    warnings = result.data_warnings
    if not warnings:
        return Section("warnings", "Data warnings", paragraph(text("The prices gave no cause for a warning.")))
    more = len(warnings) - _MOST_WARNINGS
    note = (
        paragraph(text(f"And {count(more, 'more warning')}; run.json has all of them."), "note")
        if more > 0
        else NOTHING
    )
    listed = bullets([name(each) for each in warnings[:_MOST_WARNINGS]])
    return Section("warnings", "Data warnings", joined([listed, note]))


def assumption_section(result: OrchestratorResult, facts: Mapping[str, Any]) -> Section:
    """Return all that the numbers depend on.

    Parameters
    ----------
    facts : mapping
        The contents of `run.json`.
    """
    parts = [
        bullets([text(each) for each in _sentences(result)]),
        _options(result),
        _strategies(result, facts),
        _data(facts.get("data") or {}),
        _plugins(result),
        _versions(facts.get("versions") or {}),
        _identity(result, facts),
    ]
    return Section("assumptions", "Assumptions of the run", joined(parts))


def _sentences(result: OrchestratorResult) -> list[str]:
    config = result.config
    return [
        _FILLS[config.fill_at],
        _cost_line(config),
        _PROFITS[config.profit_policy],
        "Open positions were closed at the last close."
        if config.close_at_end
        else "Open positions were marked at the last close, not closed.",
        f"Periods per year: {exact(result.periods_per_year)}, {result.periods_source}.",
        f"Risk-free rate: {percent(config.risk_free_rate, 2)} a year.",
    ]


def _cost_line(config: OrchestratorConfig) -> str:
    if config.cost_model is not None:
        return f"What fills cost was decided by the cost model {config.resolved()['cost_model']}."
    return (
        f"A fill costs {plain(config.commission_per_trade)}, {plain(config.commission_per_share)} a unit of quantity "
        f"and {percent(config.commission_pct, 3)} of its value in commission, and "
        f"{percent(config.slippage_pct, 3)} of the price in slippage."
    )


def _options(result: OrchestratorResult) -> Html:
    usual = OrchestratorConfig().resolved()
    rows = [
        [label(text(option)), label(_value(value)), label(text("" if value == usual[option] else "yes"))]
        for option, value in result.config.resolved().items()
    ]
    heads = [label(text(title)) for title in ("Option", "Value", "Not the default")]
    return _folded("Options, as resolved", table("Options", heads, rows))


def _value(value: object) -> Html:
    if value is None:
        return text("none")
    if isinstance(value, Mapping | list | tuple):
        return name(json.dumps(value, ensure_ascii=False)) if value else text("none")
    return name({True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value)


def _strategies(result: OrchestratorResult, facts: Mapping[str, Any]) -> Html:
    record = result.record
    plans = ((facts.get("context") or {}).get("run_file") or {}).get("strategies") or []
    known = plans if len(plans) == len(record.strategy_ids) else [{}] * len(record.strategy_ids)
    rows = [
        [
            label(name(strategy)),
            number(percent(Decimal(record.weights[place]), 2)),
            number(money(to_decimal(int(record.initial_allocations[place])))),
            label(_value(plan.get("name"))),
            label(_value(plan.get("params"))),
            label(_value(plan.get("protective_exits"))),
        ]
        for place, (strategy, plan) in enumerate(zip(record.strategy_ids, known, strict=True))
    ]
    heads = [label(text("Strategy")), head("Weight"), head("Capital")]
    heads += [label(text(title)) for title in ("Uses", "Parameters", "Protective exits")]
    return _folded("Strategies and their parameters", table("Strategies", heads, rows[:_MOST_SYMBOLS]))


def _data(data: Mapping[str, Any]) -> Html:
    symbols = data.get("symbols") or []
    rows = [
        [label(name(each.get("symbol"))), number(f"{each.get('n_bars', 0):,}"), _hash(each.get("sha256"))]
        for each in symbols[:_MOST_SYMBOLS]
    ]
    heads = [label(text("Symbol")), head("Bars"), label(text("SHA-256 of times, prices and volumes"))]
    adjusted = [f"{word}s" for word in ("split", "dividend") if data.get(f"is_{word}_adjusted")]
    adjusted_for = f"adjusted for {' and '.join(adjusted)}" if adjusted else "not adjusted"
    said = f"Prices {adjusted_for}; calendar: {data.get('calendar') or 'none named'}."
    more = len(symbols) - _MOST_SYMBOLS
    note = (
        paragraph(text(f"And {count(more, 'more symbol')}; run.json has all of them."), "note") if more > 0 else NOTHING
    )
    parts = [paragraph(name(said)), table("Prices", heads, rows), note, _files(data.get("files") or [])]
    return _folded("Data and their hashes", joined(parts))


def _files(files: Sequence[Mapping[str, Any]]) -> Html:
    if not files:
        return NOTHING
    rows = [
        [label(name(each.get("path"))), number(f"{each.get('size') or 0:,}"), _hash(each.get("sha256"))]
        for each in files
    ]
    return table("Files", [label(text("File")), head("Bytes"), label(text("SHA-256"))], rows)


def _plugins(result: OrchestratorResult) -> Html:
    rows = [
        [
            label(name(each.get("distribution"))),
            label(name(each.get("version", ""))),
            label(name(each.get("name", ""))),
            _hash(each.get("hash", "")),
        ]
        for each in result.plugins
    ]
    heads = [label(text(title)) for title in ("Distribution", "Version", "Plug-in", "SHA-256 of its files")]
    return _folded("Plug-ins that took part", table("Plug-ins", heads, rows))


def _versions(versions: Mapping[str, Any]) -> Html:
    rows = [[label(name(library)), label(_value(version))] for library, version in versions.items()]
    return _folded("Versions", table("Versions", [label(text("What")), label(text("Version"))], rows))


def _identity(result: OrchestratorResult, facts: Mapping[str, Any]) -> Html:
    rows = [
        [label(text("Fingerprint of the ledgers")), _hash(result.fingerprint)],
        [label(text("Completed at")), label(text(facts.get("completed_at", "")))],
        [label(text("Seconds")), label(text(f"{result.execution_time_seconds:.2f}"))],
    ]
    return table("The run", [label(text("What")), label(text("Value"))], rows)


def _hash(digits: object) -> Cell:
    return label(element("code", text("" if digits is None else digits)))


def _folded(title: str, content: Html) -> Html:
    return element("details", joined([element("summary", text(title)), content]))
