"""The audit of a saved run: what is looked at, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from strategy_orchestrator.errors import DataError, Fault, InputError, OrchestratorError
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import DecisionKind as Kind, RunRecord
from strategy_orchestrator.store import SavedRun, check_seal, load_run, record_of
from strategy_orchestrator.store.folder import RUN_FILE
from strategy_orchestrator.verify.findings import Check, Finding, Place
from strategy_orchestrator.verify.ledger import Ledger
from strategy_orchestrator.verify.marks import odd_aggregate, odd_curves, odd_reserve
from strategy_orchestrator.verify.prices import Bars, odd_bars, odd_cost_rows
from strategy_orchestrator.verify.rows import order_of_time, silent_rows
from strategy_orchestrator.verify.writings import Writings, odd_costs, odd_start, odd_tables

_WRONG_SHAPE: Final = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit found.

    Attributes
    ----------
    folder : str
        The folder.
    findings : tuple of Finding
        The first of each kind, the earliest cause first; empty when everything adds up.
    counts : dict
        What was looked at: strategies, symbols, bars, fills, transfers, trades; empty when the files could not be read.
    fingerprint : str or None
        Of the run.
    """

    folder: str
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    fingerprint: str | None

    @property
    def is_verified(self) -> bool:
        """Whether everything adds up."""
        return not self.findings

    def faults(self) -> list[Fault]:
        """Return the findings as lines."""
        return [finding.fault(self.folder) for finding in self.findings]


def verify_run(folder: Path | str) -> Verdict:
    """Make every balance of a saved run again from its prices, fills and transfers.

    Raises
    ------
    InputError
        If there is no folder of a run.
    """
    path = Path(folder)
    if not (path / RUN_FILE).is_file():
        problem = f"there is no saved run; {RUN_FILE} is missing"
        raise InputError(Fault(str(path), problem, "Give the folder of a saved run"))
    faults = check_seal(path)
    if faults:
        return Verdict(str(path), tuple(_told(path, fault) for fault in faults), {}, None)
    try:
        saved = load_run(path)
        record = record_of(saved)
    except DataError as error:
        odd = _odd_rows(path)
        return Verdict(str(path), tuple(odd) or tuple(_told(path, fault) for fault in error.faults), {}, None)
    return Verdict(str(path), tuple(_audit(saved, record)), _counts(record), saved.fingerprint)


def _told(path: Path, fault: Fault) -> Finding:
    # Errors of reading name the file with its folder, which a finding has apart.
    file = fault.where.removeprefix(str(path)).lstrip("/\\")
    return Finding(file, fault.problem, seen=None if fault.value is None else str(fault.value))


def _odd_rows(path: Path) -> list[Finding]:
    # No panel can be made of bars that are none; the row is more useful than the panel's complaint.
    try:
        saved = load_run(path)
        symbols = [str(entry["symbol"]) for entry in saved.description["data"]["symbols"]]
        axis = saved.equity["timestamp"]
        return [*odd_bars(saved.prices, symbols, axis), *odd_cost_rows(saved.tables["costs"], symbols, len(axis))]
    except (*_WRONG_SHAPE, OrchestratorError):
        return []


def _audit(saved: SavedRun, record: RunRecord) -> Iterator[Finding]:
    try:
        config = OrchestratorConfig(**saved.description["config"])
    except (TypeError, InputError) as error:
        yield Place(RUN_FILE).is_wrong(f"the options are not options: {' '.join(str(error).split())}", "config")
        return
    if record.terms is None:
        problem = "it does not say what fills cost, so none can be counted again"
        why = "of prices that are streamed slippage by bar is not kept: run without stream to verify it"
        yield Place("costs.parquet").is_wrong(f"{problem}; {why}")
        return
    bars = Bars(record, config.fill_at)
    ledger = Ledger(record, config, bars)
    # Later checks lean on earlier ones: a walk needs rows in the order of time, marks need the walk.
    stages: tuple[tuple[Check, ...], ...] = (
        (lambda: _missing_rows(saved, record),),
        (lambda: odd_bars(saved.prices, record.panel.symbols, saved.equity["timestamp"]),),
        (lambda: order_of_time(record), lambda: odd_start(record), lambda: odd_costs(record, config)),
        (lambda: silent_rows(record), ledger.walk),
        (lambda: odd_curves(record, bars), lambda: odd_reserve(record), lambda: odd_aggregate(record, saved.equity)),
        (lambda: odd_tables(saved, record),),
    )
    found = 0
    for stage in stages:
        for check in stage:
            for finding in check():
                found += 1
                yield finding
        if found:
            break
    if not found:
        yield from _audit_writings(saved, record, config, ledger)


def _audit_writings(
    saved: SavedRun, record: RunRecord, config: OrchestratorConfig, ledger: Ledger
) -> Iterator[Finding]:
    writings = Writings(saved, record, config, ledger)
    for check in (writings.odd_record, writings.odd_measures, writings.odd_events):
        try:
            findings = list(check())
        except _WRONG_SHAPE as error:
            told = " ".join(str(error).split())
            findings = [Place(RUN_FILE).is_wrong(f"it is not as it was saved: {type(error).__name__}: {told}")]
        yield from findings[:1]


def _missing_rows(saved: SavedRun, record: RunRecord) -> Iterator[Finding]:
    for name in ("equity", "gross"):
        height = saved.tables[name].height
        if height != record.n_bars:
            yield Place(f"{name}.parquet").differs("rows", height, record.n_bars, "one a bar")


def _counts(record: RunRecord) -> dict[str, Any]:
    kinds = np.bincount(record.decisions["kind"], minlength=max(Kind) + 1).tolist()
    return {
        "strategies": len(record.strategy_ids),
        "symbols": record.panel.n_symbols,
        "bars": record.n_bars,
        "fills": kinds[Kind.ENTRY] + kinds[Kind.EXIT],
        "transfers": kinds[Kind.TRANSFER],
        "trades": len(record.trades),
    }
