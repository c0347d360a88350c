"""What became of the signals, and why a strategy traded nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.clock import to_text
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import DecisionKind, Reason, RunRecord
from strategy_orchestrator.models.results import Activity
from strategy_orchestrator.money import multiply_exactly, plain, to_decimal

_DROPS: Final = {
    Reason.CONFLICT: "dropped in conflicts with other strategies",
    Reason.QUARANTINE: "dropped when the strategy failed",
    Reason.RUIN: "dropped when its equity fell to zero or below",
}


def activities(record: RunRecord, config: OrchestratorConfig) -> list[Activity]:
    """Return for each strategy what became of its signals and, if it entered nothing, why.

    The order is that of the strategies.
    """
    rows, n_strategies = record.decisions, len(record.strategy_ids)
    owners = np.ascontiguousarray(rows["strategy"])
    # One count for each kind and strategy; the first column is of what belongs to none.
    cells = record.kinds.astype(np.int64) * (n_strategies + 1) + (owners + 1)
    table = np.bincount(cells, minlength=(max(DecisionKind) + 1) * (n_strategies + 1))
    counts = table.reshape(-1, n_strategies + 1)[:, 1:].tolist()
    drops = np.flatnonzero(record.kinds == DecisionKind.DROPPED)
    drops = drops[(rows["reason"][drops] == Reason.CONFLICT) & (owners[drops] >= 0)]
    dropped = np.bincount(owners[drops], minlength=n_strategies).tolist()
    return [
        Activity(
            strategy_id=name,
            n_signals=counts[DecisionKind.SIGNAL][place],
            n_entries=counts[DecisionKind.ENTRY][place],
            n_cut=counts[DecisionKind.CUT][place],
            n_blocked=counts[DecisionKind.BLOCKED][place],
            n_dropped_by_conflict=dropped[place],
            n_expired=counts[DecisionKind.EXPIRED][place],
            n_contradictions=counts[DecisionKind.CONTRADICTION][place],
            explanation=""
            if counts[DecisionKind.ENTRY][place]
            else _explanation(record, config, rows[owners == place]),
        )
        for place, name in enumerate(record.strategy_ids)
    ]


def _explanation(record: RunRecord, config: OrchestratorConfig, rows: NDArray[Any]) -> str:
    kinds = rows["kind"]
    signals = rows[kinds == DecisionKind.SIGNAL]
    if not len(signals):
        return _silence(record, rows)
    fates = ", ".join(_fates(record, config, rows))
    if fates:
        return f"Of {_count(len(signals), 'signal')}, {fates}."
    if (signals["reason"] == Reason.WEIGHT).all():
        return f"Its {_count(len(signals), 'target weight')} called for no position of at least one lot."
    return f"Its {_count(len(signals), 'signal')} had not come to a fill when the run stopped."


def _silence(record: RunRecord, rows: NDArray[Any]) -> str:
    n_contradictions = int(np.count_nonzero(rows["kind"] == DecisionKind.CONTRADICTION))
    if n_contradictions:
        times = _count(n_contradictions, "time")
        return f"It gave no signal but asked for a long and a short entry at once, {times}, which is no intent."
    failed = rows["bar"][rows["kind"] == DecisionKind.QUARANTINE]
    if len(failed):
        return f"It failed on {_date(record, int(failed[0]))}, before its first signal."
    return f"It gave no signal in {_count(record.n_bars, 'bar')}."


def _fates(record: RunRecord, config: OrchestratorConfig, rows: NDArray[Any]) -> Iterator[str]:
    kinds = rows["kind"]
    blocked = rows[kinds == DecisionKind.BLOCKED]
    if len(blocked):
        yield f"{len(blocked):,} blocked: {'; '.join(_blocks(record, config, blocked))}"
    drops = rows["reason"][kinds == DecisionKind.DROPPED]
    for reason, words in _DROPS.items():
        number = np.count_nonzero(drops == reason)
        if number:
            yield f"{number:,} {words}"
    n_expired = np.count_nonzero(kinds == DecisionKind.EXPIRED)
    if n_expired:
        yield f"{n_expired:,} still waiting for a bar when the data ended"


def _blocks(record: RunRecord, config: OrchestratorConfig, blocked: NDArray[Any]) -> Iterator[str]:
    for reason, words in (
        (Reason.BELOW_LOT, "its slot is worth less than one lot"),
        (Reason.CAPITAL, "its free capital pays for less than one lot"),
    ):
        rows = blocked[blocked["reason"] == reason]
        if len(rows):
            yield f"{words}; {_cheapest(record, config, rows)}"
    n_empty = int(np.count_nonzero(blocked["reason"] == Reason.NO_CASH))
    if n_empty:
        yield (
            "it had no free capital" if n_empty == len(blocked) else f"{_count(n_empty, 'time')} it had no free capital"
        )


def _cheapest(record: RunRecord, config: OrchestratorConfig, rows: NDArray[Any]) -> str:
    lots = [_lot(config, name) for name in record.panel.symbols]
    steps = np.array([float(lot) for lot in lots])
    # The nearest miss tells most about what would have been enough.
    row = rows[np.argmin(rows["price"] * steps[rows["symbol"]] - rows["amount"] * 1.0)]
    symbol, price = int(row["symbol"]), to_decimal(int(row["price"]))
    lot = lots[symbol]
    needed = multiply_exactly(price, lot)
    return (
        f"the nearest was {record.panel.symbols[symbol]!r} on {_date(record, int(row['bar']))}, where {plain(lot)} × "
        f"{plain(price)} = {plain(needed)} before commission stood against {plain(to_decimal(int(row['amount'])))}"
    )


def _lot(config: OrchestratorConfig, symbol: str) -> Decimal:
    lots = config.lot_size
    return lots.get(symbol, Decimal(1)) if isinstance(lots, dict) else lots


def _date(record: RunRecord, bar: int) -> str:
    return to_text(int(record.panel.timestamps_ns[bar]))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what if number == 1 else f'{what}s'}"
