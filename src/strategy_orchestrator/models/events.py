"""The record of a run as events: what a log, a JSONL file or an event hook is told.

Every event is a dict that JSON can hold, with at least `event` (its name), `timestamp` (close of the bar, ISO 8601,
UTC), `bar`, `strategy_id` and `symbol` (None where none is meant). Money, prices and quantities are decimals as text.
Times are those of the data, so the same run tells the same events.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Final

from strategy_orchestrator.errors import OrchestratorError, StrategyError
from strategy_orchestrator.models.decision_events import PREFIX, Book, Event, moment_text, money_text
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.streams import Prices
from strategy_orchestrator.money import plain

MODE_NOTE: Final = "conflict_resolution_mode"
"""Key of `RunRecord.notes` under which events look for the name of the resolver."""

_CHUNK_ROWS: Final = 65_536
_LEVELS: Final = {
    "strategy_signal": logging.DEBUG,
    "entry_filled": logging.DEBUG,
    "exit_filled": logging.DEBUG,
    "gain_swept": logging.DEBUG,
    "signal_contradicted": logging.WARNING,
    "conflict_detected": logging.WARNING,
    "capital_limit_hit": logging.WARNING,
    "sleeve_ruined": logging.ERROR,
    "strategy_quarantined": logging.ERROR,
    "backtest_failed": logging.ERROR,
}


def level_of(event: Mapping[str, object]) -> int:
    """Return the Python logging level of an event.

    Fills and signals are DEBUG; conflicts, contradictions and blocked entries WARNING; ruin, quarantine and failure
    ERROR; entries that were cut and everything else INFO.

    Examples
    --------
    >>> level_of({"event": "orchestrator.conflict_detected"}) == logging.WARNING
    True
    """
    if event.get("outcome") == "cut":
        return logging.INFO
    return _LEVELS.get(str(event["event"]).removeprefix(PREFIX), logging.INFO)


def events_of(record: RunRecord, start: int = 0, stop: int | None = None, mode: str | None = None) -> Iterator[Event]:
    """Tell the decisions of some rows of the record as events, in their order.

    A conflict is one event with the signals on both sides and what was dropped; the transfers of a rebalance are one
    event. Each belongs to the first of its rows, so ranges that follow one another tell everything once. A range
    should end with a bar: what comes later cannot be told with it.

    Parameters
    ----------
    start, stop : int
        Range of rows of `record.decisions`; to the end when `stop` is None.
    mode : str, optional
        Name of the resolver; taken from `record.notes` when None.
    """
    stop = len(record.decisions) if stop is None else min(stop, len(record.decisions))
    book = Book(record, record.notes.get(MODE_NOTE) if mode is None else mode)
    for first in range(start, stop, _CHUNK_ROWS):
        for row in book.rows(first, min(first + _CHUNK_ROWS, stop)):
            event = book.tell(row)
            if event is not None:
                yield event


def backtest_started(panel: Prices, allocations: Mapping[str, int], initial_capital: int, mode: str | None) -> Event:
    """Tell that a run begins.

    Parameters
    ----------
    allocations : mapping
        Quanta by strategy id, in the order of the list.
    initial_capital : int
        Quanta.
    mode : str or None
        Name of the resolver, when it is known.
    """
    return {
        "event": f"{PREFIX}backtest_started",
        "timestamp": moment_text(panel, 0),
        "bar": 0,
        "strategy_id": None,
        "symbol": None,
        "strategy_ids": list(allocations),
        "initial_capital": money_text(initial_capital),
        "allocations": {name: money_text(units) for name, units in allocations.items()},
        "reserve": money_text(initial_capital - sum(allocations.values())),
        "bars": panel.n_bars,
        "symbols": panel.n_symbols,
        "mode": mode,
    }


def backtest_completed(result: OrchestratorResult) -> Event:
    """Tell that a run came to its end."""
    record = result.record
    last = record.n_bars - 1
    finals = dict(zip(record.strategy_ids, record.equity[last].tolist(), strict=True))
    reserve = int(record.reserve[last])
    total_return = result.aggregate_metrics.total_return
    return {
        "event": f"{PREFIX}backtest_completed",
        "timestamp": moment_text(record.panel, last),
        "bar": last,
        "strategy_id": None,
        "symbol": None,
        "strategy_ids": list(record.strategy_ids),
        "initial_capital": money_text(record.initial_capital),
        "final_equity": money_text(sum(finals.values()) + reserve),
        "equity": {name: money_text(units) for name, units in finals.items()},
        "reserve": money_text(reserve),
        "total_return": plain(total_return) if total_return.is_finite() else None,
        "trades": len(record.trades),
        "conflicts_detected": result.conflicts_detected,
        "capital_limit_blocks": result.capital_limit_blocks,
        "fingerprint": result.fingerprint,
    }


def backtest_failed(error: BaseException, panel: Prices | None = None, n_bars: int = 0) -> Event:
    """Tell that a run failed.

    Parameters
    ----------
    panel : Panel, optional
        The prices, when they were known.
    n_bars : int
        Bars that were completed.
    """
    faults = error.faults if isinstance(error, OrchestratorError) else ()
    blamed = [fault.value for fault in faults if isinstance(error, StrategyError) and isinstance(fault.value, str)]
    return {
        "event": f"{PREFIX}backtest_failed",
        "timestamp": moment_text(panel, n_bars - 1) if panel is not None and n_bars else None,
        "bar": n_bars - 1 if n_bars else None,
        "strategy_id": blamed[0] if blamed else None,
        "symbol": None,
        "error": type(error).__name__,
        "messages": str(error).splitlines(),
    }
