"""Saved sweeps: one folder a sweep.

======================  ================================================================================
file                    what
======================  ================================================================================
``sweep.json``          the grid, every run with its measures and fingerprint, hashes of the data
``sweep.parquet``       one row a run
``context.json``        when and by what it was made: run file, executor, versions
``seal.json``           SHA-256 and size of the others; written last
======================  ================================================================================

The first two are the same for the same input, whatever executor made the runs. What an interrupted sweep had is saved
without a seal, with the state INCOMPLETE.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.tables import MONEY, printable
from strategy_orchestrator.store.columns import parquet_bytes
from strategy_orchestrator.store.describe import FORMAT, describe_files, describe_prices, described_context, versions
from strategy_orchestrator.store.folder import put_in_place, staged
from strategy_orchestrator.store.save import files_of_context, wanted_folder
from strategy_orchestrator.store.seal import SEAL_FILE, seal_bytes
from strategy_orchestrator.store.text import json_bytes

SWEEP_FILE: Final = "sweep.json"
"""The file by which a folder is known to be a sweep's."""
SWEEP_TABLE: Final = "sweep.parquet"
CONTEXT_FILE: Final = "context.json"
SEALED_SWEEP_FILES: Final = (SWEEP_FILE, SWEEP_TABLE, CONTEXT_FILE)
"""The files that the seal of a sweep must name."""

_SWEEPS: Final = "sweeps"
_NAME_DIGITS: Final = 8
_PARAMS: Final = "params."
# A measure of a plug-in may be called like one of the other columns.
_TAKEN: Final = frozenset({"error", "final_equity", "fingerprint", "run"})


def save_sweep(
    folder: Path | str | None,
    sweep: Mapping[str, Any],
    panel: Panel | None,
    context: Mapping[str, object],
    *,
    is_complete: bool = True,
) -> Path:
    """Save a sweep, complete and sealed, or what there was of it without a seal.

    Parameters
    ----------
    folder : path or None
        The folder to make; `sweeps/<UTC time>-<fingerprint>` when None. Where something is there already, "-2", "-3",
        ... is added to the name.
    sweep : mapping
        As `SweepResult.to_dict` makes it.
    panel : Panel or None
        The prices; None where they are not at hand.
    context : mapping
        What else belongs to it: "files" names files to hash; all the rest is written to `context.json` as it is.

    Returns
    -------
    Path
        The folder that was made.

    Raises
    ------
    RunError
        If the disk refuses, naming the file.
    """
    now = datetime.now(UTC)
    mark = sweep["fingerprint"][:_NAME_DIGITS] if is_complete else "incomplete"
    wanted = wanted_folder(folder, Path(_SWEEPS) / f"{now:%Y%m%dT%H%M%SZ}-{mark}")
    state = "COMPLETED" if is_complete else "INCOMPLETE"
    described = {
        "format": FORMAT,
        "state": state,
        **sweep,
        "data": None if panel is None else describe_prices(panel),
    }
    made = {
        "format": FORMAT,
        "made_at": now,
        "versions": versions(),
        "files": describe_files(files_of_context(context)),
        "context": described_context(context),
    }
    with staged(wanted) as staging:
        staging.write(SWEEP_FILE, [json_bytes(described)])
        staging.write(SWEEP_TABLE, [parquet_bytes(sweep_frame(sweep))])
        staging.write(CONTEXT_FILE, [json_bytes(made)])
        if is_complete:
            staging.write(SEAL_FILE, [seal_bytes(staging.seals)])
        return put_in_place(staging, replaces=False)


def sweep_frame(sweep: Mapping[str, Any]) -> pl.DataFrame:
    """Return a sweep as a table, one row a run.

    Columns: run; `params.<name>` for each thing that varies (int64 or bool where all its values are such, float64 where
    all are numbers, be they written as text, else text); fingerprint; final_equity; the measures (float64, null where
    undefined); error.

    Parameters
    ----------
    sweep : mapping
        As `SweepResult.to_dict` makes it.
    """
    rows: Sequence[Mapping[str, Any]] = sweep["rows"]
    measures = dict.fromkeys(name for row in rows for name in row["measures"])
    columns = [pl.Series("run", [row["run"] for row in rows], dtype=pl.Int32)]
    columns += [_values(name, [row["params"][name] for row in rows]) for name in sweep["grid"]]
    columns.append(pl.Series("fingerprint", [row["fingerprint"] for row in rows], dtype=pl.String))
    equity = [None if row["final_equity"] is None else Decimal(row["final_equity"]) for row in rows]
    columns.append(pl.Series("final_equity", equity, dtype=MONEY))
    for name in measures:
        texts = [row["measures"].get(name) for row in rows]
        numbers = [None if text is None else float(text) for text in texts]
        column = f"measure.{name}" if name in _TAKEN else name
        columns.append(pl.Series(printable(column), numbers, dtype=pl.Float64))
    errors = [None if row["error"] is None else row["error"]["message"] for row in rows]
    columns.append(pl.Series("error", errors, dtype=pl.String))
    return pl.DataFrame(columns)


def _values(name: str, values: list[Any]) -> pl.Series:
    column = printable(f"{_PARAMS}{name}")
    kinds = {type(value) for value in values}
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values):
        return pl.Series(column, values, dtype=pl.Int64)
    if kinds == {bool}:
        return pl.Series(column, values, dtype=pl.Boolean)
    numbers = [_number(value) for value in values]
    if None not in numbers:
        return pl.Series(column, numbers, dtype=pl.Float64)
    return pl.Series(column, [value if isinstance(value, str) else repr(value) for value in values], dtype=pl.String)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
