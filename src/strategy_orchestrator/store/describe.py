"""What `run.json` says about a run."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np

from strategy_orchestrator._version import __version__
from strategy_orchestrator.clock import to_datetime
from strategy_orchestrator.models.fingerprint import little_endian
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.models.records import RunRecord, Terms
from strategy_orchestrator.money import plain, to_decimal
from strategy_orchestrator.store.text import jsonable

FORMAT: Final = 1
"""Version of the folder's contents."""
LEDGERS: Final = ("cash", "used", "allocated", "contributed")
"""Fields of a sleeve at the end of a run."""

_LIBRARIES: Final = (
    "numpy",
    "numba",
    "polars",
    "narwhals",
    "pydantic",
    "pluggy",
    "click",
    "rich",
    "importlib-metadata",
)


def versions() -> dict[str, str | None]:
    """Return the versions of the package, Python and the libraries; None for one that is not installed."""
    libraries = {name: _version(name) for name in _LIBRARIES}
    return {"strategy-orchestrator": __version__, "python": platform.python_version(), **libraries}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def describe_panel(panel: Panel) -> dict[str, object]:
    """Return what the prices were, with one hash a symbol over its times, prices and volumes."""
    first, last = (to_datetime(panel.timestamps_ns[place]) for place in (0, -1))
    hashes = zip(panel.symbols, symbol_hashes(panel), panel.traded.sum(axis=0).tolist(), strict=True)
    return {
        "first": jsonable(first),
        "last": jsonable(last),
        "n_bars": panel.n_bars,
        "calendar": panel.calendar,
        "is_split_adjusted": panel.is_split_adjusted,
        "is_dividend_adjusted": panel.is_dividend_adjusted,
        "timestamps_sha256": hashlib.sha256(little_endian(panel.timestamps_ns)).hexdigest(),
        "symbols": [{"symbol": name, "n_bars": n_bars, "sha256": digest} for name, digest, n_bars in hashes],
        "warnings": [str(warning) for warning in panel.warnings],
    }


def symbol_hashes(panel: Panel) -> Iterator[str]:
    """Make the SHA-256 of each symbol's own bars: times, prices in quanta, volumes, little-endian.

    The same whatever other symbols stand beside it.
    """
    for place in range(panel.n_symbols):
        bars = np.flatnonzero(panel.traded[:, place])
        digest = hashlib.sha256(little_endian(panel.timestamps_ns[bars]))
        for name in PRICE_FIELDS:
            digest.update(little_endian(getattr(panel.units, name)[bars, place]))
        # NaN has many bit patterns.
        volume = panel.volume[bars, place]
        digest.update(little_endian(np.where(np.isnan(volume), np.nan, volume)))
        yield digest.hexdigest()


def describe_files(paths: Iterable[object]) -> list[dict[str, object]]:
    """Return path, size and SHA-256 of files; for one that cannot be read, why."""
    return [_describe_file(Path(str(path))) for path in paths]


def _describe_file(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return {"path": str(path), "size": file.tell(), "sha256": digest}
    except OSError as error:
        return {"path": str(path), "size": None, "sha256": None, "problem": error.strerror or str(error)}


def describe_record(record: RunRecord) -> dict[str, object]:
    """Return what a record holds beside its tables; money as decimal text."""
    sleeves = [{name: _money(row[name]) for name in LEDGERS} for row in record.sleeves]
    return {
        "strategy_ids": list(record.strategy_ids),
        "weights": list(record.weights),
        "initial_capital": _money(record.initial_capital),
        "initial_allocations": [_money(units) for units in record.initial_allocations.tolist()],
        "sleeves": sleeves,
        "n_bars": record.n_bars,
        "n_conflicts": record.n_conflicts,
        "n_blocks": record.n_blocks,
        "notes": dict(record.notes),
        "costs_sha256": None if record.terms is None else _costs_hash(record.terms, record.panel.n_symbols),
    }


def _costs_hash(terms: Terms, n_symbols: int) -> str:
    digest = hashlib.sha256()
    slippage = np.broadcast_to(terms.slippage, (len(terms.slippage), n_symbols))
    # What never changes is the same whether it is said once or for every bar.
    slippage = slippage[:1] if (slippage == slippage[:1]).all() else slippage
    for counts in (terms.lot, terms.per_trade, terms.per_share, terms.per_notional, slippage):
        digest.update(little_endian(counts))
    return digest.hexdigest()


def described_context(context: Mapping[str, object]) -> dict[str, Any]:
    """Return what the caller adds, without the files to hash."""
    return {str(key): jsonable(value) for key, value in context.items() if key != "files"}


def _money(units: int) -> str:
    return plain(to_decimal(units))
