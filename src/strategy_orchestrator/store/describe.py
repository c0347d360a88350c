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
from strategy_orchestrator.models.streams import Prices, chunks_of
from strategy_orchestrator.money import plain, to_decimal
from strategy_orchestrator.store.text import jsonable

FORMAT: Final = 1
"""Version of the folder's contents."""
LEDGERS: Final = ("cash", "used", "allocated", "contributed")
"""Fields of a sleeve at the end of a run."""

_N_COLUMNS: Final = 2 + len(PRICE_FIELDS)
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


def describe_prices(prices: Prices) -> dict[str, object]:
    """Return what the prices were, with one hash a symbol over its times, prices and volumes."""
    symbols = zip(prices.symbols, symbol_hashes(prices), strict=True)
    described = [{"symbol": name, "n_bars": n_bars, "sha256": digest} for name, (n_bars, digest) in symbols]
    return {**describe_axis(prices), "symbols": described}


def describe_axis(prices: Prices) -> dict[str, object]:
    """Return what is known of prices without reading them."""
    first, last = (to_datetime(prices.timestamps_ns[place]) for place in (0, -1))
    return {
        "first": jsonable(first),
        "last": jsonable(last),
        "n_bars": prices.n_bars,
        "calendar": prices.calendar,
        "is_split_adjusted": prices.is_split_adjusted,
        "is_dividend_adjusted": prices.is_dividend_adjusted,
        "timestamps_sha256": hashlib.sha256(little_endian(prices.timestamps_ns)).hexdigest(),
        "symbols": [{"symbol": name} for name in prices.symbols],
        "warnings": [str(warning) for warning in prices.warnings],
    }


def symbol_hashes(prices: Prices) -> Iterator[tuple[int, str]]:
    """Make number and SHA-256 of each symbol's own bars, the same whatever other symbols stand beside it.

    Hashed are the hashes of its times, of its opens, highs, lows and closes in quanta, and of its volumes, in this
    order; each of them of numbers of 64 bits, little-endian.
    """
    hashes = _Hashes(prices.n_symbols)
    for chunk in chunks_of(prices):
        hashes.take(chunk.own)
    return zip(hashes.n_bars, hashes.digests(), strict=True)


class _Hashes:
    def __init__(self, n_symbols: int) -> None:
        self.n_bars = [0] * n_symbols
        self._columns = [[hashlib.sha256() for _ in range(_N_COLUMNS)] for _ in range(n_symbols)]

    def take(self, panel: Panel) -> None:
        for place, columns in enumerate(self._columns):
            bars = np.flatnonzero(panel.traded[:, place])
            self.n_bars[place] += len(bars)
            volume = panel.volume[bars, place]
            prices = (getattr(panel.units, name)[bars, place] for name in PRICE_FIELDS)
            # NaN has many bit patterns.
            values = (panel.timestamps_ns[bars], *prices, np.where(np.isnan(volume), np.nan, volume))
            for column, array in zip(columns, values, strict=True):
                column.update(little_endian(array))

    def digests(self) -> Iterator[str]:
        for columns in self._columns:
            yield hashlib.sha256(b"".join(column.digest() for column in columns)).hexdigest()


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
