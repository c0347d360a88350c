"""Save a run, or what a failed run left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from strategy_orchestrator.models.events import (
    MODE_NOTE,
    backtest_completed,
    backtest_failed,
    backtest_started,
    events_of,
)
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.states import RunState
from strategy_orchestrator.models.streams import PanelStream, Prices
from strategy_orchestrator.models.summary import summary_of
from strategy_orchestrator.store.columns import parquet_bytes, tables_of, write_prices
from strategy_orchestrator.store.describe import (
    FORMAT,
    describe_axis,
    describe_files,
    describe_prices,
    describe_record,
    described_context,
    versions,
)
from strategy_orchestrator.store.failure import error_log
from strategy_orchestrator.store.folder import RUN_FILE, Staging, put_in_place, staged
from strategy_orchestrator.store.seal import SEAL_FILE, seal_bytes
from strategy_orchestrator.store.text import json_bytes, json_lines

ERROR_LOG: Final = "error-log.md"
"""The file that tells why a run failed."""

_RUNS: Final = "runs"
_NAME_DIGITS: Final = 8


def default_folder(moment: datetime, mark: str) -> Path:
    """Return where a run is saved unless somebody says where: `runs/<UTC time>-<mark>`.

    Parameters
    ----------
    moment : datetime
        Aware.
    mark : str
        Fingerprint, of which eight digits are used, or a word.
    """
    return Path(_RUNS) / f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{mark[:_NAME_DIGITS]}"


def save_run(
    folder: Path | str | None,
    result: OrchestratorResult,
    context: Mapping[str, object],
    *,
    replaces: bool = False,
) -> Path:
    """Save a run as a sealed folder, complete or not at all.

    Parameters
    ----------
    folder : path or None
        The folder to make; `default_folder` when None. Where something is there already, "-2", "-3", ... is added to
        the name. An empty folder is taken; in the working folder the run is saved under its default name.
    context : mapping
        What else belongs to the run: "files" names files to hash; all the rest is written to `run.json` as it is.
    replaces : bool
        Take the place of the run that is there.

    Returns
    -------
    Path
        The folder that was made.

    Raises
    ------
    RunError
        If the disk refuses, naming the file.
    InputError
        If `replaces` is asked for and something else than a run is there.
    """
    wanted = wanted_folder(folder, default_folder(result.completed_at, result.fingerprint))
    record = result.record
    mode = str(result.config.resolved()["conflict_resolution_mode"])
    description = {
        "format": FORMAT,
        "state": RunState.COMPLETED.value,
        "fingerprint": result.fingerprint,
        "completed_at": result.completed_at,
        "config": result.config,
        "versions": versions(),
        "plugins": result.plugins,
        "data": {**describe_prices(record.panel), "files": describe_files(files_of_context(context))},
        "record": describe_record(record),
        "summary": summary_of(result),
        "context": described_context(context),
    }
    with staged(wanted) as staging:
        _write_tables(staging, record, with_prices=True)
        told = chain([_started(record, mode)], events_of(record, mode=mode), [backtest_completed(result)])
        staging.write("events.jsonl", json_lines(told))
        staging.write(RUN_FILE, [json_bytes(description)])
        staging.write(SEAL_FILE, [seal_bytes(staging.seals)])
        return put_in_place(staging, replaces=replaces)


def save_failure(
    folder: Path | str | None,
    error: BaseException,
    record: RunRecord | None,
    context: Mapping[str, object],
) -> Path:
    """Save why a run failed and what it had, without a seal.

    Parameters
    ----------
    folder : path or None
        As in `save_run`; nothing is ever replaced.
    record : RunRecord or None
        What was decided and booked until then.
    context : mapping
        As in `save_run`; "config", "plugins", "strategy_id", "symbol" and "bar" are shown in the error log, "failed_at"
        (an aware datetime) is the time of the failure, now when it is missing.

    Returns
    -------
    Path
        The folder that was made; its `error-log.md` is for people.

    Raises
    ------
    RunError
        If the disk refuses, naming the file.
    """
    given = context.get("failed_at")
    moment = given if isinstance(given, datetime) else datetime.now(UTC)
    wanted = wanted_folder(folder, default_folder(moment, "failed"))
    panel = None if record is None else record.panel
    files = describe_files(files_of_context(context))
    failed = backtest_failed(error, panel, 0 if record is None else record.n_bars)
    description = {
        "format": FORMAT,
        "state": RunState.FAILED.value,
        "failed_at": moment,
        "error": {"type": type(error).__name__, "messages": str(error).splitlines()},
        "config": context.get("config"),
        "versions": versions(),
        "plugins": context.get("plugins", []),
        "data": {**_described(panel), "files": files},
        "record": None if record is None else describe_record(record),
        "context": described_context(context),
    }
    with staged(wanted) as staging:
        staging.write(ERROR_LOG, [error_log(error, record, context).encode()])
        told: Iterable[Mapping[str, object]] = [failed]
        if record is not None:
            _write_tables(staging, record, with_prices=isinstance(panel, Panel))
            told = chain([_started(record, record.notes.get(MODE_NOTE))], events_of(record), [failed])
        staging.write("events.jsonl", json_lines(told))
        staging.write(RUN_FILE, [json_bytes(description)])
        return put_in_place(staging, replaces=False)


def wanted_folder(folder: Path | str | None, otherwise: Path) -> Path:
    """Return the folder to make: the one that is named, `otherwise` when none is."""
    path = Path(otherwise if folder is None else folder).resolve()
    # To take the working folder would pull it from under whoever stands in it.
    return path / otherwise.name if path == Path.cwd() or not path.name else path


def _described(panel: Prices | None) -> dict[str, object]:
    # What is streamed may be what the run failed for, so it is not read again.
    if isinstance(panel, PanelStream):
        return describe_axis(panel)
    return {} if panel is None else describe_prices(panel)


def _write_tables(staging: Staging, record: RunRecord, *, with_prices: bool) -> None:
    for name, frame in tables_of(record).items():
        staging.write(f"{name}.parquet", [parquet_bytes(frame)])
    if with_prices:
        staging.take_in("prices.parquet", partial(write_prices, record.panel))


def _started(record: RunRecord, mode: str | None) -> dict[str, object]:
    allocations = dict(zip(record.strategy_ids, record.initial_allocations.tolist(), strict=True))
    return backtest_started(record.panel, allocations, record.initial_capital, mode)


def files_of_context(context: Mapping[str, object]) -> Iterable[object]:
    """Return the files that a context names to be hashed."""
    files = context.get("files", ())
    return files if isinstance(files, Iterable) and not isinstance(files, str | bytes) else (files,)
