"""What is written of a run beside its ledgers: trades in full, measures, events, fingerprint."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Final

import numpy as np

from strategy_orchestrator.analysis import result_of
from strategy_orchestrator.analysis.metrics import RunMeasures
from strategy_orchestrator.errors import InputError
from strategy_orchestrator.kernel import sums_of_curves
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.events import backtest_completed, backtest_started, events_of
from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.records import DecisionKind as Kind, RunRecord
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.summary import summary_of
from strategy_orchestrator.money import multiply_exactly, round_down, to_decimal, to_exact
from strategy_orchestrator.store import SavedRun
from strategy_orchestrator.store.columns import tables_of
from strategy_orchestrator.store.describe import LEDGERS, describe_prices, describe_record
from strategy_orchestrator.store.folder import RUN_FILE
from strategy_orchestrator.store.text import json_lines, jsonable
from strategy_orchestrator.verify.findings import Finding, Place, first_difference, row_place
from strategy_orchestrator.verify.ledger import Ledger

EVENTS: Final = "events.jsonl"

_TOLERANCE: Final = Decimal("1e-9")
_NOTHING: Final = object()
_MEASURES: Final = ("metrics", "metrics_without_end_of_data", "comparison_table", "correlation", "rebalancing")
_EXACT: Final = (".initial_capital", ".final_equity", ".transferred", ".sold", ".commission", ".slippage")


def odd_tables(saved: SavedRun, record: RunRecord) -> Iterator[Finding]:
    """Find the first row of each table that is not what its ledgers, bars and times make of it."""
    owners = {"trades": record.trades, "decisions": record.decisions}
    tables = tables_of(record)
    for name in ("trades", "decisions", "gross", "costs"):
        seen, expected = saved.tables[name], tables[name]
        if seen.height != expected.height:
            yield Place(f"{name}.parquet").differs("rows", seen.height, expected.height)
            continue
        found = first_difference(seen, expected)
        if found is None:
            continue
        row, column, value, wanted = found
        where = Place(f"{name}.parquet", row)
        if name in owners:
            owner = owners[name][row]
            bar = int(owner["bar" if name == "decisions" else "exit_bar"])
            where = row_place(record, where.file, row, int(owner["strategy"]), int(owner["symbol"]), bar)
        elif name == "gross":
            where = Place(where.file, row, bar=row)
        else:
            where = Place(where.file, row, symbol=seen["symbol"][row], bar=seen["bar"][row])
        yield where.differs(column, value, wanted)


def odd_start(record: RunRecord) -> Iterator[Finding]:
    """Find the first allocation that is not its weight of the capital, rounded down."""
    capital = to_decimal(record.initial_capital)
    where = Place(RUN_FILE)
    total = Decimal(0)
    for place, (name, weight) in enumerate(zip(record.strategy_ids, record.weights, strict=True)):
        try:
            exact = to_exact(weight, "")
        except InputError as error:
            yield where.is_wrong(error.faults[0].problem, f"record.weights[{place}]", weight)
            return
        total += exact
        expected = to_decimal(round_down(multiply_exactly(exact, capital), 10**6)) if exact > 0 else Decimal(0)
        seen = to_decimal(int(record.initial_allocations[place]))
        if seen != expected or exact <= 0:
            because = f"{weight} of the capital, {capital.normalize():f}"
            field = f"record.initial_allocations[{place}], {name}"
            yield where.differs(field, f"{seen.normalize():f}", f"{expected.normalize():f}", because)
            return
    if total > 1:
        yield where.is_wrong(f"the weights sum to {total}; at most 1 is allowed", "record.weights", total)


def odd_costs(record: RunRecord, config: OrchestratorConfig) -> Iterator[Finding]:
    """Find the first cost that is not the one that the options say."""
    terms = record.terms
    assert terms is not None  # noqa: S101  # looked at before
    lots = config.lot_size
    for place, symbol in enumerate(record.panel.symbols):
        expected = {"lot": (terms.lot, lots.get(symbol, 1) if isinstance(lots, dict) else lots, 6)}
        if config.cost_model is None:
            expected |= {
                "per_trade": (terms.per_trade, config.commission_per_trade, 6),
                "per_share": (terms.per_share, config.commission_per_share, 6),
                "per_notional": (terms.per_notional, config.commission_pct, 12),
            }
        for name, (counts, option, digits) in expected.items():
            wanted = int(Decimal(option).scaleb(digits))
            if counts[place] != wanted:
                yield Place("costs.parquet", symbol=symbol).differs(name, int(counts[place]), wanted, "by the options")
                return
    wanted = int(config.slippage_pct.scaleb(12))
    if config.cost_model is None and (terms.slippage != wanted).any():
        column = int(np.argmax((terms.slippage != wanted).any(axis=0)))
        seen = terms.slippage[:, column]
        where = Place("costs.parquet", symbol=record.panel.symbols[column])
        yield where.differs("slippage", int(seen[seen != wanted][0]), wanted, "by the options")


class Writings:
    """What must be written of a run whose ledgers are right.

    Parameters
    ----------
    ledger : Ledger
        Walked to its end.
    """

    def __init__(self, saved: SavedRun, record: RunRecord, config: OrchestratorConfig, ledger: Ledger) -> None:
        self._saved = saved
        self._config = config
        kinds = record.decisions["kind"]
        sleeves = np.zeros(len(ledger.sleeves), record.sleeves.dtype)
        for name in LEDGERS:
            sleeves[name] = [getattr(sleeve, name) for sleeve in ledger.sleeves]
        self.record = replace(
            record,
            sleeves=sleeves,
            n_conflicts=int((kinds == Kind.CONFLICT).sum()),
            n_blocks=int((kinds == Kind.BLOCKED).sum()),
        )

    def odd_record(self) -> Iterator[Finding]:
        """Find the first thing in `run.json` about prices, ledgers and counts that is not so."""
        run = self._saved.description
        of_prices = {**describe_prices(self.record.panel), "warnings": run["data"]["warnings"]}
        for name, digest in _hashes(of_prices).items():
            if _hashes(run["data"]).get(name) != digest:
                problem = "the bars of this symbol are not those of the run: their SHA-256 is not the one in run.json"
                yield Place("prices.parquet", symbol=name).is_wrong(problem, "sha256", digest)
                return
        expected = describe_record(self.record)
        if run["record"]["costs_sha256"] != expected["costs_sha256"]:
            problem = "what fills cost is not what it was in the run: its SHA-256 is not the one in run.json"
            yield Place("costs.parquet").is_wrong(problem, "sha256", expected["costs_sha256"])
            return
        yield from _apart(run["record"], expected, "record")
        yield from _apart(run["data"], {**run["data"], **of_prices}, "data")
        yield from _apart(run["fingerprint"], fingerprint_of(self.record), "fingerprint")

    def odd_measures(self) -> Iterator[Finding]:
        """Find the first measure, count or repeated option in `run.json` that is not what the record makes it."""
        run = self._saved.description
        summary = summary_of(self._result())
        for owner in (summary, *summary["strategies"].values()):
            owner["data_warnings"] = run["data"]["warnings"]
        yield from _apart(run["summary"], summary, "summary")
        if "config" in run["context"]:
            yield from _apart(run["context"]["config"], run["config"], "context.config")

    def odd_events(self) -> Iterator[Finding]:
        """Find the first line of `events.jsonl` that does not tell what the rows do."""
        record = self.record
        mode = str(self._config.resolved()["conflict_resolution_mode"])
        allocations = dict(zip(record.strategy_ids, record.initial_allocations.tolist(), strict=True))
        started = backtest_started(record.panel, allocations, record.initial_capital, mode)
        told = chain([started], events_of(record, mode=mode), [backtest_completed(self._result())])
        expected = (line for part in json_lines(told) for line in part.splitlines())
        with Path(self._saved.folder, EVENTS).open("rb") as file:
            for number, (line, wanted) in enumerate(zip_longest(file, expected), start=1):
                if line is None or wanted is None or line.rstrip(b"\n") != wanted:
                    yield _odd_event(number, line, wanted)
                    return

    def _result(self) -> OrchestratorResult:
        run = self._saved.description
        timing = {str(name): to_exact(value, name) for name, value in dict(run["summary"]["timing"]).items()}
        return result_of(
            self.record,
            self._config,
            self._with_foreign,
            sums_of_curves=sums_of_curves,
            plugins=tuple(run["plugins"]),
            timing=timing,
            completed_at=datetime.fromisoformat(run["completed_at"]),
        )

    def _with_foreign(self, measures: RunMeasures) -> RunMeasures:
        # Measures of plug-ins cannot be taken again without them; they are believed, and must be the same everywhere.
        summary = self._saved.description["summary"]
        names = self._config.metrics
        strategies = [summary["strategies"][name] for name in self.record.strategy_ids]

        def add(metrics: PerformanceMetrics, written: Mapping[str, Any]) -> PerformanceMetrics:
            extra = {name: _number(written["extra"][name]) for name in names}
            why = {name: written["undefined"][name] for name in names if extra[name].is_nan()}
            return replace(metrics, extra={**metrics.extra, **extra}, undefined={**metrics.undefined, **why})

        without = "metrics_without_end_of_data"
        return replace(
            measures,
            sleeves=tuple(add(*pair) for pair in zip(measures.sleeves, _each(strategies, "metrics"), strict=True)),
            sleeves_without_end_of_data=tuple(
                add(*pair)
                for pair in zip(measures.sleeves_without_end_of_data, _each(strategies, without), strict=True)
            ),
            aggregate=add(measures.aggregate, summary["aggregate"]["metrics"]),
        )


def _each(strategies: list[dict[str, Any]], key: str) -> list[Any]:
    return [strategy[key] for strategy in strategies]


def _hashes(data: Mapping[str, Any]) -> dict[str, str]:
    return {str(symbol["symbol"]): str(symbol["sha256"]) for symbol in data["symbols"]}


def _number(text: str | None) -> Decimal:
    return Decimal("NaN") if text is None else to_exact(text, "")


def _odd_event(number: int, line: bytes | None, wanted: bytes | None) -> Finding:
    if line is None or wanted is None:
        problem = "the line is missing" if line is None else "no row tells this line"
        return Place(EVENTS, number).is_wrong(problem)
    expected = json.loads(wanted)
    place = Place(EVENTS, number, expected["strategy_id"], expected["symbol"], expected["bar"])
    try:
        seen = json.loads(line)
    except ValueError:
        return place.is_wrong("the line is not JSON")
    found = next(_apart(seen, expected, ""), None)
    if found is None or found.field is None:
        return place.is_wrong("the line is not written as it was saved")
    return place.differs(found.field, found.seen, found.expected, "by decisions.parquet and trades.parquet")


def _apart(seen: Any, expected: Any, where: str) -> Iterator[Finding]:
    # What is text to us is text in JSON: both sides are compared as they would be written.
    return _differing(seen, jsonable(expected), where)


def _differing(seen: Any, expected: Any, where: str) -> Iterator[Finding]:
    if isinstance(expected, dict) and isinstance(seen, dict):
        for key in dict.fromkeys([*expected, *seen]):
            name = f"{where}.{key}" if where else str(key)
            yield from _differing(seen.get(key, _NOTHING), expected.get(key, _NOTHING), name)
    elif isinstance(expected, list) and isinstance(seen, list) and len(seen) == len(expected):
        for number, pair in enumerate(zip(seen, expected, strict=True)):
            yield from _differing(*pair, f"{where}[{number}]")
    elif (type(seen) is not type(expected) or seen != expected) and not _is_near(seen, expected, where):
        told, wanted = ("nothing" if value is _NOTHING else json.dumps(value) for value in (seen, expected))
        yield Place(RUN_FILE).differs(where, told, wanted)


def _is_near(seen: Any, expected: Any, where: str) -> bool:
    # Measures are floats at heart, whose last digits differ between machines.
    if not any(f".{word}." in f".{where}." for word in _MEASURES) or where.endswith(_EXACT):
        return False
    try:
        numbers = Decimal(seen), Decimal(expected)
    except (InvalidOperation, TypeError, ValueError):
        return False
    if not all(number.is_finite() for number in numbers):
        return False
    return abs(numbers[0] - numbers[1]) <= _TOLERANCE * abs(numbers[1])
