"""Read saved runs back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.models.states import RunState
from strategy_orchestrator.store.columns import TABLES, read_table, schema_of
from strategy_orchestrator.store.describe import FORMAT
from strategy_orchestrator.store.folder import RUN_FILE
from strategy_orchestrator.store.seal import SEAL_FILE, check_seal
from strategy_orchestrator.store.text import read_json


@dataclass(frozen=True, slots=True, eq=False)
class SavedRun:
    """A run as it lies on the disk.

    Attributes
    ----------
    folder : Path
        Where it lies.
    is_sealed : bool
        Whether it is complete; False for a failed run.
    description : mapping
        The contents of `run.json`.
    tables : mapping
        Frames by name: trades, decisions, equity, gross, prices, costs; empty for a failed run that had nothing.
    """

    folder: Path
    is_sealed: bool
    description: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]

    @property
    def state(self) -> RunState:
        """COMPLETED or FAILED."""
        return RunState(self.description["state"])

    @property
    def fingerprint(self) -> str | None:
        """Fingerprint of the run; None when it failed."""
        return self.description.get("fingerprint")

    @property
    def summary(self) -> Mapping[str, Any]:
        """What `OrchestratorResult.to_dict` gave; empty when the run failed."""
        summary: Mapping[str, Any] = self.description.get("summary") or {}
        return summary

    @property
    def strategy_ids(self) -> tuple[str, ...]:
        """Ids in the order of the list; empty for a failed run that had nothing."""
        return tuple((self.description.get("record") or {}).get("strategy_ids", ()))

    @property
    def trades(self) -> pl.DataFrame:
        """The trades."""
        return self._table("trades")

    @property
    def decisions(self) -> pl.DataFrame:
        """Everything decided."""
        return self._table("decisions")

    @property
    def equity(self) -> pl.DataFrame:
        """Equity at every bar."""
        return self._table("equity")

    @property
    def prices(self) -> pl.DataFrame:
        """The prices in quanta."""
        return self._table("prices")

    def _table(self, name: str) -> pl.DataFrame:
        if name not in self.tables:
            raise DataError(Fault(str(self.folder), f"the run failed before it had any {name}"))
        return self.tables[name]


def load_run(folder: Path | str) -> SavedRun:
    """Read a run that `save_run` or `save_failure` wrote.

    Raises
    ------
    DataError
        In one line, if there is no run, its seal is missing or broken, or a file is not what was saved.
    """
    path = Path(folder)
    if not (path / RUN_FILE).is_file():
        problem = f"there is no saved run; {RUN_FILE} is missing"
        raise DataError(Fault(str(path), problem, "Give the folder of a saved run"))
    # A failed run has no seal that could vouch for it; every other one must have it.
    description = read_json(path / RUN_FILE)
    has_failed = description.get("state") == RunState.FAILED.value and not (path / SEAL_FILE).exists()
    if not has_failed:
        _check(path)
    _check_description(path / RUN_FILE, description, has_failed=has_failed)
    ids = (description["record"] or {"strategy_ids": []})["strategy_ids"]
    # A run over a stream that failed keeps no prices: they may be more than there is room for.
    lacks_prices = has_failed and not (path / "prices.parquet").exists()
    names = [name for name in TABLES if name != "prices" or not lacks_prices] if description["record"] else []
    tables = {name: read_table(path / f"{name}.parquet", schema_of(name, ids)) for name in names}
    return SavedRun(path, not has_failed, description, tables)


def _check(path: Path) -> None:
    faults = check_seal(path)
    if faults:
        more = f"; and {len(faults) - 1} more faults" if len(faults) > 1 else ""
        raise DataError(Fault(faults[0].where, f"{faults[0].problem}{more}", faults[0].remedy, faults[0].value))


def _check_description(path: Path, description: Mapping[str, Any], *, has_failed: bool) -> None:
    if description.get("format") != FORMAT:
        problem = f"the format is {description.get('format')!r}; expected {FORMAT}"
        raise DataError(Fault(str(path), problem, "Use the version that wrote it"))
    state, record = description.get("state"), description.get("record")
    if state != (RunState.FAILED if has_failed else RunState.COMPLETED).value:
        raise DataError(Fault(str(path), f"the state is {state!r}, which does not go with the seal"))
    if has_failed and record is None and "record" in description:
        return
    ids = record.get("strategy_ids") if isinstance(record, dict) else None
    if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
        raise DataError(Fault(str(path), "record.strategy_ids is no list of names"))
    if not has_failed and not (isinstance(description.get("fingerprint"), str) and description.get("summary")):
        raise DataError(Fault(str(path), "the fingerprint or the summary is missing"))
