"""Where profit came from, how strategies go together, and what was decided between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from numpy.typing import NDArray

from strategy_orchestrator.models.records import DecisionKind, Reason, RunRecord
from strategy_orchestrator.models.results import Activity, OrchestratorResult
from strategy_orchestrator.money import sum_exactly, to_decimal
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
from strategy_orchestrator.report.overview import MOST_ROWS
from strategy_orchestrator.report.performance import RESERVE
from strategy_orchestrator.report.section import Section, head
from strategy_orchestrator.report.words import ABSENT, count, moment, money, ratio, sign_of

_MOST_COLUMNS: Final = 10
_MOST_SYMBOLS: Final = 60
_MOST_CORRELATED: Final = 20
_MOST_PAIRS: Final = 20
_MOST_EVENTS: Final = 25
_OUTCOMES: Final = {1: "buyers won", -1: "sellers won", 0: "neither"}
_ELSEWHERE: Final = "decisions.parquet in the run folder has all of them."


def profit_section(result: OrchestratorResult) -> Section:
    """Return the realized profit by strategy and symbol."""
    by_strategy = result.profit_by_symbol
    columns = [*by_strategy][:_MOST_COLUMNS]
    others = [each for each in by_strategy if each not in set(columns)]
    totals = _totals(result)
    if not totals:
        return Section("profit", "Profit by strategy and symbol", paragraph(text("No trade was closed.")))
    ordered = sorted(totals, key=lambda symbol: (-totals[symbol], symbol))
    shown, rest = _kept(ordered, totals)

    def row(symbols: Sequence[str], first: Cell) -> list[Cell]:
        parts = [_profit(result, [each], symbols) for each in columns]
        parts += [_profit(result, others, symbols)] if others else []
        whole = sum_exactly([totals[symbol] for symbol in symbols])
        return [first, *(_amount(part) for part in parts), _amount(whole)]

    heads = [label(text("Symbol")), *(Cell(name(each), {"class": "number"}) for each in columns)]
    heads += [head(count(len(others), "other strategy", "other strategies"))] if others else []
    rows = [row([symbol], label(name(symbol))) for symbol in shown]
    if rest:
        rows.append(row(rest, label(text(count(len(rest), "other symbol")))))
    whole = row(ordered, label(text("All")))
    caption = "Realized profit, net of costs"
    return Section("profit", "Profit by strategy and symbol", table(caption, [*heads, head("All")], rows, whole))


def _totals(result: OrchestratorResult) -> dict[str, Decimal]:
    profits: dict[str, list[Decimal]] = {}
    for row in result.profit_by_symbol.values():
        for symbol, profit in row.items():
            profits.setdefault(symbol, []).append(profit)
    return {symbol: sum_exactly(values) for symbol, values in profits.items()}


def _kept(ordered: list[str], totals: dict[str, Decimal]) -> tuple[list[str], list[str]]:
    # Those that made or lost most.
    largest = set(sorted(ordered, key=lambda symbol: (-abs(totals[symbol]), symbol))[:_MOST_SYMBOLS])
    return [each for each in ordered if each in largest], [each for each in ordered if each not in largest]


def _profit(result: OrchestratorResult, strategies: Sequence[str], symbols: Sequence[str]) -> Decimal | None:
    rows = [result.profit_by_symbol[each] for each in strategies]
    found = [row[symbol] for row in rows for symbol in symbols if symbol in row]
    return sum_exactly(found) if found else None


def _amount(value: Decimal | None) -> Cell:
    return number("") if value is None else number(money(value), sign_of(value))


def correlation_section(result: OrchestratorResult) -> Section:
    """Return the correlation of the strategies' daily returns as a map, and what it says."""
    correlation = result.correlation
    if not correlation.pairs:
        words = "There is one strategy, so nothing goes together with anything."
        return Section("correlation", "Correlation", paragraph(text(words)))
    shown = [*result.strategy_results][:_MOST_CORRELATED]
    values = {(pair.first, pair.second): pair.value for pair in correlation.pairs}
    heads = [
        label(text("Strategy")),
        *(Cell(text(str(place)), {"class": "number"}) for place in range(1, len(shown) + 1)),
    ]
    rows = [
        [label(joined([text(f"{place}  "), name(first)], "")), *(_warmth(values, first, second) for second in shown)]
        for place, first in enumerate(shown, 1)
    ]
    note = left_out([*result.strategy_results], _MOST_CORRELATED)
    weak = sum(pair.is_weak for pair in correlation.pairs)
    said = [
        *_pairs(
            "Diversifying, below 0.3", [(pair.first, pair.second, pair.value) for pair in correlation.diversifying]
        ),
        *_pairs("Redundant, above 0.8", [(pair.first, pair.second, pair.value) for pair in correlation.redundant]),
        *([text(f"Weak: {count(weak, 'pair')} with fewer than 30 common days.")] if weak else []),
    ]
    parts = [table("Correlation of daily returns", heads, rows), bullets(said), paragraph(text(note), "note")]
    return Section("correlation", "Correlation", joined(parts if note else parts[:2]))


def _warmth(values: dict[tuple[str, str], Decimal], first: str, second: str) -> Cell:
    value = Decimal(1) if first == second else values.get((first, second), values.get((second, first), Decimal("NaN")))
    if not value.is_finite():
        return number(ABSENT, "heat")
    kind = "cold" if value < 0 else "warm"
    return Cell(
        text(ratio(value)), {"class": f"number heat {kind}", "style": f"--tint: {abs(value) * Decimal('0.7'):.2f}"}
    )


def _pairs(title: str, pairs: Sequence[tuple[str, str, Decimal]]) -> Iterator[Html]:
    if not pairs:
        return
    told = [
        joined([name(first), text(" and "), name(second), text(f" ({ratio(value)})")], "")
        for first, second, value in pairs[:_MOST_PAIRS]
    ]
    more = [text(f"{len(pairs) - _MOST_PAIRS:,} more")] if len(pairs) > _MOST_PAIRS else []
    yield joined([text(f"{title}: "), joined([*told, *more], ", ")], "")


def decision_section(result: OrchestratorResult) -> Section:
    """Return conflicts, blocks and transfers."""
    parts = [
        paragraph(text(_conflict_line(result))),
        _activity(result),
        _conflicts(result.record),
        paragraph(text(_block_line(result.record))),
        _transfers(result),
    ]
    return Section("decisions", "Conflicts, blocks and transfers", joined(parts))


def _conflict_line(result: OrchestratorResult) -> str:
    mode = result.config.resolved()["conflict_resolution_mode"]
    rows = _of_kind(result.record, DecisionKind.CONFLICT)
    if not len(rows):
        return f"No two strategies wanted opposite things on one symbol at one bar ({mode})."
    outcomes = Counter(rows["direction"].tolist())
    told = ", ".join(f"{words} {outcomes[sign]:,}" for sign, words in _OUTCOMES.items())
    return f"{count(len(rows), 'conflict')}, resolved by {mode}: {told}."


def _block_line(record: RunRecord) -> str:
    blocked = _of_kind(record, DecisionKind.BLOCKED)
    cut = count(len(_of_kind(record, DecisionKind.CUT)), "entry was", "entries were")
    reasons = Counter(Reason(int(reason)).name.lower().replace("_", " ") for reason in blocked["reason"].tolist())
    why = ", ".join(f"{reason} {n:,}" for reason, n in sorted(reasons.items()))
    told = f"{count(len(blocked), 'entry was', 'entries were')} blocked{f' ({why})' if why else ''}"
    return f"{told}; {cut} cut to what could be paid."


def _activity(result: OrchestratorResult) -> Html:
    shown = [*result.strategy_results.values()][:MOST_ROWS]
    titles = ("Signals", "Entries", "Cut", "Blocked", "Dropped", "Expired", "Contradictions")
    rows = [[label(name(item.strategy_id)), *map(number, _counts(item.activity))] for item in shown]
    silent = [
        joined([name(item.strategy_id), text(f" traded nothing: {item.activity.explanation}")], "")
        for item in shown
        if item.activity.explanation
    ]
    listed = table("What became of the signals", [label(text("Strategy")), *map(head, titles)], rows)
    return joined([listed, bullets(silent, "note")])


def _counts(activity: Activity) -> list[str]:
    numbers = (
        activity.n_signals,
        activity.n_entries,
        activity.n_cut,
        activity.n_blocked,
        activity.n_dropped_by_conflict,
        activity.n_expired,
        activity.n_contradictions,
    )
    return [f"{each:,}" for each in numbers]


def _conflicts(record: RunRecord) -> Html:
    rows = _of_kind(record, DecisionKind.CONFLICT)
    if not len(rows):
        return NOTHING
    dropped = _of_kind(record, DecisionKind.DROPPED)
    dropped = dropped[dropped["reason"] == Reason.CONFLICT]
    losers: dict[tuple[int, int], list[str]] = {}
    for bar, symbol, strategy in zip(*(dropped[each].tolist() for each in ("bar", "symbol", "strategy")), strict=True):
        losers.setdefault((bar, symbol), []).append(record.strategy_ids[strategy])
    listed = [
        [
            label(text(_day(record, row["bar"]))),
            label(name(record.panel.symbols[row["symbol"]])),
            label(text(_OUTCOMES[int(row["direction"])])),
            label(joined(map(name, losers.get((int(row["bar"]), int(row["symbol"])), [])), ", ")),
        ]
        for row in rows[:_MOST_EVENTS]
    ]
    heads = [label(text(title)) for title in ("Day", "Symbol", "Outcome", "Dropped")]
    return _folded("The conflicts", len(rows), table("Conflicts", heads, listed))


def _transfers(result: OrchestratorResult) -> Html:
    record = result.record
    rows = _of_kind(record, DecisionKind.TRANSFER)
    if not len(rows):
        return paragraph(text("No money moved between sleeves."))
    listed = [
        [
            label(text(_day(record, row["bar"]))),
            label(text(RESERVE) if row["strategy"] < 0 else name(record.strategy_ids[row["strategy"]])),
            _amount(to_decimal(int(row["amount"]))),
        ]
        for row in rows[:_MOST_EVENTS]
    ]
    heads = [label(text("Day")), label(text("Sleeve")), head("Received")]
    cost = result.rebalancing
    said = f"{count(cost.n_rebalances, 'rebalance')} moved {money(cost.transferred)} between sleeves."
    return joined([paragraph(text(said)), _folded("The transfers", len(rows), table("Transfers", heads, listed))])


def _of_kind(record: RunRecord, kind: DecisionKind) -> NDArray[Any]:
    rows: NDArray[Any] = record.decisions[record.decisions["kind"] == kind]
    return rows


def _day(record: RunRecord, bar: int) -> str:
    return moment(record.panel.timestamps[int(bar)])


def _folded(title: str, n_rows: int, listed: Html) -> Html:
    more = n_rows - _MOST_EVENTS
    note = paragraph(text(f"The first {_MOST_EVENTS} of {n_rows:,}; {_ELSEWHERE}"), "note") if more > 0 else NOTHING
    return element("details", joined([element("summary", text(title)), listed, note]))
